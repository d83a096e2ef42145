"""The window of dates at the time of the request: what an earlier crawl left pending may lie outside of it now."""

from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler

from archive.outcome import Link, Relation
from crawler.discovery.dates import outside
from crawler.frontier.targets import Lease, Target
from crawler.session.refusal import Refused
from crawler.session.session import Session

RELATIONS = {"page": Relation.LISTED, "sitemap": Relation.SITEMAP}


class WindowMiddleware:
    """Passes over pages and sitemaps that lie outside the window of their source; another run may ask for them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder: Any = crawler.recorder  # type: ignore[attr-defined]
        return cls(recorder.session)

    def process_request(self, request: Request) -> None:
        lease: Lease | None = request.meta.get("lease")
        if lease is None or not _was_found(lease.target):
            return
        target, found = lease.target, lease.target.discovery
        link = Link(target.url, RELATIONS[target.kind], found.listed, found.title)
        reason = outside(link, self._session.rules_of(target).window)
        if reason and not self._is_recheck(target):
            raise Refused(reason)

    def _is_recheck(self, target: Target) -> bool:
        """Whether an article that the archive has is fetched again, to catch edits: its age counts, not the window."""
        return target.kind == "page" and self._session.revisits.known(target.url)


def _was_found(target: Target) -> bool:
    """Whether a list or page named the target: what a user declares, and what continues a page, is fetched in any case."""
    return target.kind in RELATIONS and target.discovery.hops.endswith(("M", "L"))
