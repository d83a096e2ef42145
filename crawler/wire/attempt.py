"""One request over one connection, and the recording of what came back."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.capture import Discovery, Exchange
from archive.http import ResponseHead
from crawler.wire.channel import Channel, cipher_suite_of, protocols_of
from crawler.wire.connect import Route
from crawler.wire.errors import ProxyFailure, ResponseTimeout
from crawler.wire.recording import Recording
from crawler.wire.request import WireRequest, through_proxy
from crawler.wire.target import Target

HTTP_0_9 = (0, 9)
PROXY_AUTHENTICATION_REQUIRED = 407


@dataclass(frozen=True, slots=True)
class Fetched:
    """An exchange, and what it took. Times are in seconds of ``time.monotonic``.

    ``head`` is the final response's, None where there is no status line; ``problem`` says in words what is wrong with
    the framing; ``reusable`` that the connection can carry another exchange; ``latency_s`` is the time from request to
    first byte. The exchange's ``response`` is the caller's to close.
    """

    exchange: Exchange
    head: ResponseHead | None
    problem: str | None
    new_connection: bool
    reusable: bool
    sent_at: float
    first_byte_at: float
    finished_at: float

    @property
    def latency_s(self) -> float:
        return self.first_byte_at - self.sent_at


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is asked for, and how.

    ``message`` is the request as the origin sees it; ``quiet_s`` (seconds) is how long more bytes are awaited once a
    response's framing is broken.
    """

    request: WireRequest
    message: bytes
    target: Target
    route: Route
    discovery: Discovery
    quiet_s: float
    spool_directory: Path | None

    async def over(self, channel: Channel, deadline: float, *, new: bool) -> Fetched | None:
        """Send the request over ``channel`` and record until the response ends or ``deadline`` (monotonic) passes.

        None when the connection ended without a byte. Raises ResponseTimeout when none came in time, ProxyFailure
        when it is the proxy that answers, asking for credentials.
        """
        recording = Recording(self.request.method, self.request.max_size, self.spool_directory)
        try:
            sent_at, date = time.monotonic(), datetime.now(UTC)
            channel.expect()
            channel.write(self._on_the_wire())
            await self._record(recording, channel, deadline)
            self._refuse_proxys_own(recording)
            if recording.started:
                exchange = self._exchange(recording, channel, date, time.monotonic() - sent_at)
                return _fetched(exchange, recording, channel, sent_at, new=new)
        except BaseException:
            recording.close()
            raise
        recording.close()
        return None

    def _on_the_wire(self) -> bytes:
        if self.route.proxy and self.route.forwards:
            return through_proxy(self.message, self.target, self.route.proxy.authorization)
        return self.message

    async def _record(self, recording: Recording, channel: Channel, deadline: float) -> None:
        while not recording.done:
            broken = recording.framing.problem is not None
            limit = min(deadline, time.monotonic() + self.quiet_s) if broken else deadline
            try:
                async with asyncio.timeout(limit - time.monotonic()):
                    data = await channel.read()
            except TimeoutError:
                if not recording.started:
                    raise self._no_answer() from None
                recording.cut("time" if limit == deadline else "unspecified")
                return
            if data:
                recording.receive(data)
            else:
                recording.end(clean=channel.error is None)

    def _refuse_proxys_own(self, recording: Recording) -> None:
        """407 is never the origin's answer (RFC 9110, section 15.5.8): it does not belong in its record."""
        head = recording.framing.head
        if self.route.forwards and head and head.status == PROXY_AUTHENTICATION_REQUIRED:
            raise ProxyFailure("the proxy asks for a user name and password, or refuses those given")

    def _no_answer(self) -> ResponseTimeout:
        return ResponseTimeout(
            f"{self.target.origin.endpoint}: no answer within {self.request.timeout_s:g} s"
        )

    def _exchange(self, recording: Recording, channel: Channel, date: datetime, seconds: float) -> Exchange:
        head = recording.framing.head
        recording.file.seek(0)
        return Exchange(
            url=self.target.url,
            request=self.message,
            response=recording.file,
            response_length=recording.length,
            date=date,
            ip=None if self.route.proxy else channel.peer,
            protocols=protocols_of(channel, head.version if head else HTTP_0_9),
            cipher_suite=cipher_suite_of(channel),
            truncated=recording.truncated,
            interim=recording.interim,
            fetch_time_ms=round(seconds * 1000),
            discovery=self.discovery,
        )


def _fetched(
    exchange: Exchange, recording: Recording, channel: Channel, sent_at: float, *, new: bool
) -> Fetched:
    finished_at = time.monotonic()
    return Fetched(
        exchange=exchange,
        head=recording.framing.head,
        problem=recording.framing.problem,
        new_connection=new,
        reusable=recording.reusable,
        sent_at=sent_at,
        first_byte_at=channel.first_byte_at or finished_at,
        finished_at=finished_at,
    )
