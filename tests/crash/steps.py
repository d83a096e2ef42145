"""A crawl without a network: the real session, committer, workers and databases over pages made here.

The workers are those of all crawls of a process: to start one takes longer than a crawl.
"""

import asyncio
import io
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from archive.capture import Exchange
from archive.catalog import Catalog
from archive.collection import Collection
from archive.extraction.pool import WorkerPool
from archive.http import parse_response_head
from archive.verify import verify_collection
from crawler.frontier.targets import Lease, Settlement
from crawler.session import opening
from crawler.session.session import Session
from crawler.session.tally import Tally
from crawler.settings import Options
from crawler.sources.declared import source_for_seeds
from crawler.wire import Fetched
from tests.crash.site import Answer, pages_of

BASE = "http://gazette.example"
OPTIONS = Options(workers=1, min_free=0)


@dataclass(slots=True)
class Scheduler:
    """What a session asks of its scheduler, where nothing is scheduled."""

    stopped: str | None = None

    def stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason

    def fail(self, error: Exception) -> None:
        self.stop(type(error).__name__)


@dataclass(slots=True)
class Steps:
    """What a crawl of ``articles`` articles into ``root`` was told, over all its starts.

    ``acknowledged`` are the URLs whose capture was kept, ``fetched`` all that were asked for, in order.
    """

    root: Path
    articles: int = 3
    options: Options = OPTIONS
    acknowledged: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)

    def run(
        self, stop_after: int | None = None, before_end: Callable[[], None] = lambda: None
    ) -> Exception | None:
        """Crawl until nothing is left or ``stop_after`` fetches; then close. Returns what ended it early, if something did.

        ``before_end`` is called with all open, for whoever wants to take a copy as a killed process would leave it.
        """
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "WorkerPool", lambda *_, **__: nullcontext(_workers()))
            return asyncio.run(self._run(stop_after, before_end))

    async def _run(self, stop_after: int | None, before_end: Callable[[], None]) -> Exception | None:
        sources = [source_for_seeds([f"{BASE}/"])]
        session = Session.open(self.options, self.root, sources, Tally())
        session.scheduler = scheduler = cast("Any", Scheduler())
        try:
            await self._fetch(session, stop_after)
            if session.frontier.pending():
                scheduler.stop("interrupted")
            before_end()
            await session.finish()
        finally:
            session.close()
        return session.error

    async def _fetch(self, session: Session, stop_after: int | None) -> None:
        done = 0
        host = urlsplit(BASE).netloc
        while session.error is None and done != stop_after and (lease := session.frontier.lease(host)):
            done += 1
            self.fetched.append(lease.target.url)
            recorded = session.record(self._fetched(lease), lease)
            session.answered(lease, Settlement(lease.id, "done"))
            if recorded and await recorded.kept:
                self.acknowledged.add(lease.target.url)

    def _fetched(self, lease: Lease) -> Fetched:
        path = urlsplit(lease.target.url).path
        answer = pages_of("Gazette", self.articles).get(path, Answer(404, "<p>Not found.</p>"))
        response = _response(answer)
        now = time.monotonic()
        exchange = Exchange(
            url=lease.target.url,
            request=f"GET {path} HTTP/1.1\r\nHost: gazette.example\r\n\r\n".encode(),
            response=io.BytesIO(response),
            response_length=len(response),
            date=datetime.now(UTC),
            discovery=lease.target.discovery,
        )
        return Fetched(exchange, parse_response_head(response), None, False, True, now, now, now)

    @property
    def captured(self) -> Counter[str]:
        """How often each URL is in the catalog."""
        with Catalog.open(Collection(self.root).catalog_path, readonly=True) as catalog:
            return Counter(row.entry.url for row in catalog.captures())

    @property
    def faults(self) -> list[str]:
        """What is wrong now that a start has come to its end."""
        found = [f"{f.file.name}:{f.offset} {f.message}" for f in verify_collection(Collection(self.root))]
        return found + [
            f"not in the archive: {url}" for url in sorted(self.acknowledged - self.captured.keys())
        ]


@cache
def _workers() -> WorkerPool:
    return WorkerPool(
        OPTIONS.workers,
        time_limit_s=OPTIONS.worker_time_limit,
        memory_limit_bytes=OPTIONS.worker_memory_limit,
    )


def _response(answer: Answer) -> bytes:
    body = answer.body.replace("{base}", BASE).encode()
    location = f"Location: {answer.location}\r\n" if answer.location else ""
    head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.kind}\r\n{location}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
