"""Where sites usually keep their sitemaps and feeds: asked for one after another, where nothing names any."""

from urllib.parse import urljoin

from archive.capture import Discovery
from archive.entries import Examination
from archive.outcome import Kind, Relation
from crawler.frontier.targets import Target

ON_THE_CHANCE = "I"
"""The hop of an address that nothing named."""
SITEMAPS = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/sitemap-index.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/wp-sitemap.xml",
)
FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
ELSEWHERE = frozenset("LME")
"""Hops by which a crawl comes to hosts that no user named."""
ANSWERED = frozenset((Kind.LISTING, Kind.REDIRECT, Kind.NOT_MODIFIED))
"""After these nothing more is tried; a redirect has the last word."""


def usual_address(examination: Examination, parent: Target, declared: frozenset[str]) -> Target | None:
    """The address to try after ``parent``: the first where it names none, the next where it was such a try in vain.

    ``declared`` are the kinds, of ``sitemap`` and ``feed``, that the source itself gives: for them nothing is tried.
    On hosts that links led to it is the first alone. A try counts once and for all: its failure is remembered, and is
    nobody's fault.
    """
    kind = _looked_for(examination, parent)
    if kind is None or kind in declared:
        return None
    addresses: tuple[str, ...] = SITEMAPS if kind == "sitemap" else FEEDS
    if not ELSEWHERE.isdisjoint(parent.discovery.hops):
        addresses = addresses[:1]
    tried = _place(parent.url, addresses) if parent.discovery.hops.endswith(ON_THE_CHANCE) else -1
    if tried + 1 >= len(addresses):
        return None
    hops = parent.discovery.hops.removesuffix(ON_THE_CHANCE) + ON_THE_CHANCE
    discovery = Discovery(via=examination.entry.url, hops=hops, source=parent.source)
    url = urljoin(parent.url, addresses[tried + 1])
    return Target(url, kind, parent.depth, source=parent.source, discovery=discovery)


def _looked_for(examination: Examination, parent: Target) -> str | None:
    kind, links = examination.outcome.kind, examination.outcome.links
    if parent.discovery.hops.endswith(ON_THE_CHANCE):
        return parent.kind if kind not in ANSWERED else None
    if parent.kind == "robots" and kind in (Kind.ROBOTS, Kind.HTTP_ERROR):
        named = any(link.relation in (Relation.SITEMAP, Relation.REDIRECT) for link in links)
        return None if named else "sitemap"
    if parent.kind == "seed" and kind in (Kind.SECTION, Kind.EMPTY):
        return None if any(link.relation is Relation.FEED for link in links) else "feed"
    return None


def _place(url: str, addresses: tuple[str, ...]) -> int:
    """Which of the addresses ``url`` is; past the last where it is none."""
    return next((at for at, address in enumerate(addresses) if url.endswith(address)), len(addresses))
