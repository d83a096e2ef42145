"""Scrapy's side of a session: opens it, hands it what the wire recorded, and closes it with the spider."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.capture import Exchange
from archive.errors import ArchiveError
from archive.http import decode_payload
from crawler.frontier.targets import Lease, Settlement
from crawler.handlers import wire_of
from crawler.scheduling.robots import SIZE_LIMIT
from crawler.scheduling.scheduler import FrontierScheduler
from crawler.scheduling.turns import Answer
from crawler.session.commit import Recorded
from crawler.session.refusal import Postponed, Refused
from crawler.session.rest import Rest
from crawler.session.session import Session
from crawler.session.tally import Tally
from crawler.settings import PREFIX, Options
from crawler.wire import Fetched, WireError
from crawler.wire.errors import Interrupted

logger = logging.getLogger(__name__)


class Archiving:
    """The extension that every crawl of this project runs under; it is the download handler's recorder.

    The spider may bring an open session; otherwise one is opened as Scrapy's settings say.
    """

    def __init__(self, crawler: Crawler, session: Session, *, owned: bool) -> None:
        self._crawler, self._owned = crawler, owned
        self.session = session
        self._interrupted = False
        self._rest = Rest(session.sources, session.rest)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        given: Session | None = getattr(crawler.spider, "session", None)
        session = given or _session(crawler)
        extension = cls(crawler, session, owned=given is None)
        crawler.recorder = extension  # type: ignore[attr-defined]
        crawler.frontier = session.frontier  # type: ignore[attr-defined]
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.engine_stopped, signals.engine_stopped)
        return extension

    def spider_opened(self) -> None:
        scheduler = self._crawler.engine and self._crawler.engine.scheduler
        if not isinstance(scheduler, FrontierScheduler):
            raise TypeError(
                f"SCHEDULER has to be {FrontierScheduler.__qualname__}: nothing else acknowledges durably"
            )
        self.session.scheduler = self._scheduler = scheduler
        scheduler.on_drop = self.session.passed_over
        scheduler.on_error = self._failed
        scheduler.limit.on_reached = self.session.complete
        self.session.on_stop(asyncio.get_running_loop(), self._interrupt, self._abort)
        self._rest.begin()

    async def spider_closed(self) -> None:
        self._rest.end()
        await self.session.finish()

    def engine_stopped(self) -> None:
        if self._owned:
            self.session.close()

    def record(self, exchange: Exchange, request: Request) -> Recorded | None:  # noqa: ARG002
        """Store the exchange; tell the scheduler how its host answered (see `crawler.handlers.Recorder`)."""
        fetched: Fetched = request.meta["fetched"]
        lease: Lease | None = request.meta.get("lease")
        recorded = self.session.record(fetched, lease, request.meta.get("standing"))
        if lease:
            settlement = self._answered(fetched, lease)
            if recorded:
                self.session.answered(lease, settlement)
            else:
                self.session.frontier.settle([settlement])
        return recorded

    def _answered(self, fetched: Fetched, lease: Lease) -> Settlement:
        head = fetched.head
        settlement = self._scheduler.fetched(lease, _answer(fetched), problem=_problem(fetched.exchange))
        if lease.target.kind == "robots" and head:
            fetched.exchange.response.seek(head.size)
            payload = decode_payload(head, fetched.exchange.response, limit=SIZE_LIMIT + 1).data
            self._scheduler.robots_answered(lease, head.status, payload, _text(head.get(b"Location")))
        return settlement

    def failed(self, request: Request, error: Exception) -> None:
        """Nothing was captured: settle the lease by the cause."""
        lease: Lease | None = request.meta.get("lease")
        if lease is None:
            return
        if isinstance(error, Refused):
            self._scheduler.refuse(lease, error.reason)
        elif isinstance(error, Postponed):
            answer = _answer(error.fetched) if error.fetched else error.problem
            self._scheduler.postpone(lease, answer)
        elif isinstance(error, WireError) and not isinstance(error, Interrupted):
            settlement = self._scheduler.failed(lease, error.reason, retryable=error.passing)
            if settlement.state == "failed":
                self.session.counters.failed(lease.target.source)
                self.session.tally.add_failure(request.url, error.reason, str(error))
        elif isinstance(error, (Interrupted, ArchiveError, asyncio.CancelledError)):
            self._scheduler.release(lease)
        elif isinstance(
            error, (OSError, MemoryError)
        ):  # the system refuses, not the server: that is a WireError
            self._scheduler.release(lease)
            self.session.fail(error)
        else:
            logger.error("%s: %s", request.url, error, exc_info=error)
            self._scheduler.failed(lease, type(error).__name__, retryable=False)
            self.session.tally.add_failure(request.url, type(error).__name__, str(error))

    def _failed(self, error: Exception) -> None:
        self.session.fail(error)

    def _interrupt(self) -> None:
        """First: hand out nothing more, give what is in flight its grace. Again: give it up now."""
        grace = 0.0 if self._interrupted else self.session.options.stop_grace
        self._interrupted = True
        self.session.stop("interrupted")
        asyncio.get_running_loop().call_later(grace, self.session.give_up)

    def _abort(self) -> None:
        self._closing = asyncio.ensure_future(wire_of(self._crawler).close())


class FailureMiddleware:
    """Tells `Archiving` of requests that brought no capture; Scrapy then has nothing left to report."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> None:
        recorder: Any = self._crawler.recorder  # type: ignore[attr-defined]
        recorder.failed(request, exception)
        raise IgnoreRequest(str(exception)) from exception


def _session(crawler: Crawler) -> Session:
    options = Options.from_scrapy(crawler.settings)
    root = Path(crawler.settings.get(PREFIX + "COLLECTION"))
    sources = getattr(crawler.spider, "sources", ())
    return Session.open(options, root, sources, Tally())


def _answer(fetched: Fetched) -> Answer:
    head = fetched.head
    return Answer(
        status=head.status if head else None,
        first_byte_at=fetched.first_byte_at,
        finished_at=fetched.finished_at,
        retry_after=_text(head.get(b"Retry-After")) if head else None,
        received=fetched.exchange.response_length,
    )


def _problem(exchange: Exchange) -> str | None:
    """Why another try may bring more: cut short by the network, not by our own limit of size."""
    return f"truncated: {exchange.truncated}" if exchange.truncated not in (None, "length") else None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
