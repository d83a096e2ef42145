"""What a source asks of the requests to it: header fields, user agent, spacing, most pages; what was captured before; budgets."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.frontier.targets import Lease
from crawler.scheduling.requests import PAGE_KINDS
from crawler.session.refusal import Refused
from crawler.session.session import Session
from crawler.sources.declared import Source


class SourceMiddleware:
    """Dresses each request as its source says, before Scrapy fills in the defaults."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sources = _by_name(session.sources)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(recorder.session)

    def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        source = self._sources.get(lease.target.source or "") if lease else None
        if lease is None or source is None:
            return
        self._dress(request, source)
        scheduler = self._session.scheduler
        if source.delay is not None and scheduler:
            scheduler.politeness.set_delay(lease.host, source.delay)

    def _dress(self, request: Request, source: Source) -> None:
        for name, value in source.headers.items():
            request.headers[name] = value
        if source.user_agent:
            request.headers["User-Agent"] = source.user_agent


class ConditionalMiddleware:
    """Asks for what was captured before only if it has changed. robots.txt is always asked for whole: rules count anew."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(recorder.session)

    def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        if lease is None or lease.target.kind == "robots" or request.method != "GET":
            return
        standing = self._session.revisits.standing(request.url)
        if standing:
            request.meta["standing"] = standing
            for name, value in standing.fields().items():
                request.headers[name] = value


class BudgetMiddleware:
    """Passes over new pages whose address pattern is exhausted, and leaves a source that has had its most pages.

    Pages that are asked for again, as section pages are in every run, count once for their pattern
    (see `crawler.discovery.budgets`).
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sources = _by_name(session.sources)
        self._pages: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(recorder.session)

    def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        if lease is None or lease.target.kind not in PAGE_KINDS:
            return
        budgets, known = self._session.budgets, self._session.revisits.known
        if lease.target.kind == "page" and not known(request.url) and not budgets.spend(lease.target):
            raise Refused("pathBudget")
        source = self._sources.get(lease.target.source or "")
        if source and source.limit is not None:
            self._pages[source.name] += 1
            if self._pages[source.name] >= source.limit:
                self._session.leave(source.name)


def _by_name(sources: Sequence[Source]) -> dict[str, Source]:
    return {source.name: source for source in sources}
