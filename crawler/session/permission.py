"""What sites say of their rights, asked before the first page of each origin and held where the policy says so."""

import asyncio
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from archive.capture import Discovery
from archive.extraction.site_rights import AI_PATH, TDMREP_PATH
from archive.rights import SITE_POLICIES, site_refusal
from crawler.frontier.targets import Lease
from crawler.handlers import wire_of
from crawler.scheduling.requests import PAGE_KINDS
from crawler.scheduling.robots import product_token
from crawler.session.refusal import Refused
from crawler.session.session import Session
from crawler.wire import WireError, WireRequest
from crawler.wire.errors import Interrupted

FILES = (TDMREP_PATH, AI_PATH)
MAX_BYTES = 1_000_000
TIMEOUT_S = 10.0


class PermissionMiddleware:
    """Holds back pages that ``tdmrep.json`` or ``ai.txt`` reserve, for sources whose policy respects that.

    The files are fetched within the lease of the first page of their origin, so that no page is asked for before they
    have answered, and recorded like everything else. They keep the spacing of the host.
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler, self._session = crawler, session
        self._site: dict[str, tuple[str, ...]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(crawler, recorder.session)

    async def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        if lease is None or lease.target.kind not in PAGE_KINDS:
            return
        respect = SITE_POLICIES.intersection(self._session.rules_of(lease.target).respect)
        if not respect:
            return
        reason = site_refusal(request.url, await self._signals(request, lease), respect)
        if reason:
            raise Refused(reason)

    async def _signals(self, request: Request, lease: Lease) -> tuple[str, ...]:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._site:
            found = [await self._ask(f"{origin}{path}", request, lease) for path in FILES]
            self._site[origin] = tuple(signal for signals in found for signal in signals)
        return self._site[origin]

    async def _ask(self, url: str, request: Request, lease: Lease) -> tuple[str, ...]:
        scheduler = self._session.scheduler
        if scheduler is None or not self._allowed(url, lease):
            return ()
        headers = [(name, value) for name in request.headers for value in request.headers.getlist(name)]
        asked = WireRequest(
            url, headers=headers, timeout_s=TIMEOUT_S, max_size=MAX_BYTES, proxy=self._session.options.proxy
        )
        found = lease.target.discovery
        try:
            fetched = await wire_of(self._crawler).fetch(
                asked, Discovery(via=request.url, hops=f"{found.hops}I", source=lease.target.source)
            )
        except Interrupted:
            raise
        except WireError:
            return ()
        with fetched.exchange.response:
            recorded = self._session.record(fetched, None)
        await asyncio.sleep(scheduler.politeness.delay(lease.host))
        kept = await recorded.kept if recorded else None
        return self._session.revisits.rights(kept.examination) if kept else ()

    def _allowed(self, url: str, lease: Lease) -> bool:
        """Whether robots.txt lets the file be fetched: its answer is known, or the page would not have been leased."""
        scheduler = self._session.scheduler
        if scheduler is None or not scheduler.policy.obeys(lease.target.source):
            return True
        rules = scheduler.prerequisites.rules(url)
        return rules is not None and rules.allows(url, product_token(scheduler.policy.user_agent))
