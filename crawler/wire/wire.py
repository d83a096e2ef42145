"""Exchanges over recorded connections."""

import asyncio
import ssl
import time
from pathlib import Path

from archive.capture import Discovery
from crawler.wire.attempt import Attempt, Fetched
from crawler.wire.channel import Channel
from crawler.wire.connect import Route, connect, proxy_of
from crawler.wire.errors import EmptyResponse, Interrupted
from crawler.wire.pool import IDLE_S, MAX_IDLE, Pool
from crawler.wire.request import WireRequest, request_bytes
from crawler.wire.target import target_of

CONNECT_TIMEOUT_S = 10.0
"""Longest time to get a connection, name look-up and TLS included, in seconds."""
UNFRAMED_QUIET_S = 5.0
"""How long more bytes are awaited once the framing of a response is broken, in seconds."""
CLOSE_S = 1.0
"""How long connections may take to end when the wire is closed, in seconds."""


class Wire:
    """A pool of recorded connections, one exchange at a time on each. Belongs to one event loop.

    A request that may be repeated (RFC 9110, section 9.2.2) goes over an idle connection where there is one. If the
    server has closed that connection before any byte of a response, the request is sent once more over a fresh one;
    the first try reached nobody and is not reported. Every other try that reached a server is an exchange of its own.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        verify: bool = True,
        tls: ssl.SSLContext | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        unframed_quiet_s: float = UNFRAMED_QUIET_S,
        idle_s: float = IDLE_S,
        max_idle: int = MAX_IDLE,
        spool_directory: Path | None = None,
    ) -> None:
        """``allow_private`` lifts the guard on addresses; ``tls`` stands in place of ``tls_context(verify=verify)``."""
        self._allow_private = allow_private
        self._tls = tls or tls_context(verify=verify)
        self._connect_timeout_s, self._unframed_quiet_s = connect_timeout_s, unframed_quiet_s
        self._spool_directory = spool_directory
        self._pool = Pool(idle_s, max_idle)
        self._open: set[Channel] = set()
        self._connecting: set[asyncio.Task[Channel]] = set()
        self._closed = False

    async def fetch(self, request: WireRequest, discovery: Discovery | None = None) -> Fetched:
        """Send ``request`` and record what comes back, however it ends.

        A response cut short (``truncated``: length, time, disconnect, or unspecified where its framing broke) is
        returned with the bytes that came. Raises a WireError when not one byte came, DiskFull when there is no room
        to spool. Cancelling closes the connection and drops what came.
        """
        attempt = self._attempt(request, discovery or Discovery())
        deadline = time.monotonic() + request.timeout_s
        idle = self._pool.take(attempt.route) if request.idempotent else None
        fetched = await self._carry_out(attempt, idle, deadline, new=False) if idle else None
        if fetched is None:
            channel = await self._connect(attempt.route, deadline)
            fetched = await self._carry_out(attempt, channel, deadline, new=True)
        if fetched is None:
            raise EmptyResponse(f"{attempt.target.origin.endpoint} ended the connection without an answer")
        return fetched

    async def close(self) -> None:
        """End all connections. Exchanges still under way raise Interrupted."""
        self._closed = True
        self._pool.close()
        for connecting in self._connecting:
            connecting.cancel()
        for channel in self._open:
            channel.abort()
        if self._open:
            await asyncio.wait([channel.closed for channel in self._open], timeout=CLOSE_S)

    def _attempt(self, request: WireRequest, discovery: Discovery) -> Attempt:
        target = target_of(request.url)
        route = Route(target.origin, proxy_of(request.proxy) if request.proxy else None)
        message = request_bytes(request, target)
        return Attempt(
            request, message, target, route, discovery, self._unframed_quiet_s, self._spool_directory
        )

    async def _connect(self, route: Route, deadline: float) -> Channel:
        self._refuse_when_closed()
        timeout_s = min(self._connect_timeout_s, max(0.0, deadline - time.monotonic()))
        opening = connect(route, tls=self._tls, allow_private=self._allow_private, timeout_s=timeout_s)
        connecting = asyncio.create_task(opening)
        self._connecting.add(connecting)
        connecting.add_done_callback(self._connected)
        try:
            return await connecting
        except asyncio.CancelledError:
            if connecting.cancelled() and not _is_cancelled():
                self._refuse_when_closed()
            raise

    def _connected(self, connecting: asyncio.Task[Channel]) -> None:
        self._connecting.discard(connecting)
        if connecting.cancelled() or connecting.exception():
            return
        channel = connecting.result()
        self._open.add(channel)
        channel.closed.add_done_callback(lambda _: self._open.discard(channel))

    async def _carry_out(
        self, attempt: Attempt, channel: Channel, deadline: float, *, new: bool
    ) -> Fetched | None:
        try:
            fetched = await attempt.over(channel, deadline, new=new)
        except BaseException:
            channel.abort()
            raise
        if fetched and fetched.reusable and not self._closed:
            self._pool.give(attempt.route, channel)
        else:
            channel.abort()
        if self._closed and fetched:
            fetched.exchange.response.close()
        self._refuse_when_closed()
        return fetched

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise Interrupted("the crawl is ending")


def _is_cancelled() -> bool:
    """Whether the caller itself is being cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def tls_context(*, verify: bool) -> ssl.SSLContext:
    """TLS for HTTP/1.1 alone; servers must prove who they are unless ``verify`` is False."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
