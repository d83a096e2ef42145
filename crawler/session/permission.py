"""What sites say of their rights in files: asked before the first page of each origin, and held where a policy says so."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from archive.capture import Discovery
from archive.extraction.site_rights import AI_PATH, ROBOTS_PATH, TDMREP_PATH, robots_signals
from archive.permitted import signals_of
from archive.rights import SITE_POLICIES, site_refusal
from crawler.frontier.targets import Lease
from crawler.handlers import wire_of
from crawler.scheduling.requests import PAGE_KINDS
from crawler.scheduling.scheduler import FrontierScheduler
from crawler.session.refusal import Postponed, Refused
from crawler.session.session import Session
from crawler.wire import WireError, WireRequest
from crawler.wire.errors import Interrupted

FILES = (TDMREP_PATH, AI_PATH)
VALID = timedelta(hours=24)
"""A file is asked for again after that time, as robots.txt is; so is one that was not there."""
MAX_BYTES = 1_000_000
TIMEOUT_S = 10.0
CONDITIONAL = frozenset({b"If-None-Match", b"If-Modified-Since"})


class PermissionMiddleware:
    """Asks each origin for ``tdmrep.json`` and ``ai.txt``, so that the catalog has what they say, whatever the policy.

    Each is fetched in place of the first page of its origin, which then waits for its host's next turn: no page is asked
    for before they have answered, and they keep the host's spacing and budgets. They are recorded like everything
    else. Pages that they reserve, or the rules of robots.txt for AI's agents, are held back where the policy of their
    source respects that.
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler, self._session = crawler, session
        self._files: dict[str, tuple[str, ...]] = {}
        self._asked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(crawler, recorder.session)

    async def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        scheduler = self._session.scheduler
        if scheduler is None or lease is None or lease.target.kind not in PAGE_KINDS:
            return
        respect = SITE_POLICIES.intersection(self._session.rules_of(lease.target).respect)
        if not respect and not self._session.options.rights_files:
            return
        signals = await self._signals(request, lease, scheduler, wait=bool(respect))
        if "aiagents" in respect:
            signals += self._rules_for_agents(request.url, scheduler)
        if reason := site_refusal(request.url, signals, respect):
            raise Refused(reason)

    async def _signals(
        self, request: Request, lease: Lease, scheduler: FrontierScheduler, *, wait: bool
    ) -> tuple[str, ...]:
        """What the files of the origin say, as far as it is known without ``wait``; Postponed where one had to be fetched."""
        parts = urlsplit(request.url)
        found: tuple[str, ...] = ()
        for path in FILES:
            url = f"{parts.scheme}://{parts.netloc}{path}"
            if url not in self._files and (wait or url not in self._asked):
                self._recall(url, lease, scheduler)
            if url not in self._files and url not in self._asked:
                raise await self._ask(url, request, lease, wait=wait)
            found += self._files.get(url, ())
        return found

    def _rules_for_agents(self, url: str, scheduler: FrontierScheduler) -> tuple[str, ...]:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}{ROBOTS_PATH}"
        if place not in self._files:
            self._files[place] = robots_signals(scheduler.prerequisites.text(url))
        return self._files[place]

    def _recall(self, url: str, lease: Lease, scheduler: FrontierScheduler) -> None:
        """Take what the file at ``url`` said within a day from the catalog; nothing where it must not be asked for."""
        catalog = self._session.catalog
        rows = [row for row in catalog.captures_of(url) if row.entry.url == url]
        if rows and datetime.now(UTC) - rows[-1].entry.date < VALID:
            self._files[url] = signals_of(catalog, rows[-1])
        elif not _allowed(url, lease, scheduler):
            self._files[url] = ()

    async def _ask(self, url: str, request: Request, lease: Lease, *, wait: bool) -> Postponed:
        """Fetch the file at ``url``, ``wait`` until it is examined, and say how its host answered."""
        self._asked.add(url)
        standing = self._session.revisits.standing(url)
        found = lease.target.discovery
        place = Discovery(via=request.url, hops=f"{found.hops}I", source=lease.target.source)
        try:
            asked = self._request(url, request, standing.fields() if standing else {})
            fetched = await wire_of(self._crawler).fetch(asked, place)
        except Interrupted:
            raise
        except WireError as error:
            return Postponed(None, error.reason)
        with fetched.exchange.response:
            recorded = self._session.record(fetched, None, standing)
        kept = await recorded.kept if recorded and wait else None
        if kept:
            self._files[url] = self._session.revisits.rights(kept.examination)
        return Postponed(fetched)

    def _request(self, url: str, page: Request, validators: dict[str, bytes]) -> WireRequest:
        """The request for a file, with the header fields of one for a page."""
        names = [name for name in page.headers if name not in CONDITIONAL]
        headers = [(name, value) for name in names for value in page.headers.getlist(name)]
        headers += [(name.encode("ascii"), value) for name, value in validators.items()]
        proxy = self._session.options.proxy
        return WireRequest(url, headers=headers, timeout_s=TIMEOUT_S, max_size=MAX_BYTES, proxy=proxy)


def _allowed(url: str, lease: Lease, scheduler: FrontierScheduler) -> bool:
    """Whether robots.txt lets the file be fetched: its answer is known, or the page would not have been leased."""
    if not scheduler.policy.obeys(lease.target.source):
        return True
    rules = scheduler.prerequisites.rules(url)
    return rules is not None and rules.allows(url, scheduler.policy.token(lease.target.source))
