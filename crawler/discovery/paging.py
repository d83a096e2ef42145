"""Further pages: of feeds (RFC 5005, JSON Feed), of sections, of articles. Followed as long as they bring something.

The hop ``N`` leads to a further page. It adds no depth: a chain of pages ends by its own rules.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.entries import Examination
from archive.outcome import Kind, Link, Relation
from archive.parts import MAX_PARTS, continuation, is_whole
from archive.window import Span, Window
from crawler.discovery.dates import address_span, dated
from crawler.frontier.targets import Target
from crawler.urls.identity import looks_like_article
from crawler.urls.shape import ARTICLE_LIKE

FURTHER = "N"
MAX_PAGES = 100
"""Further pages in a row; more is a list without end."""
MAX_PAGES_BACK = 1000
"""Further pages in a row when articles of some time are looked for."""

_WORDPRESS_FEED = re.compile(r"/feed(?:/(?:rss2?|atom|rdf))?/?$")

Known = Callable[[str], bool]


def further_page(examination: Examination, parent: Target, window: Window, is_known: Known) -> Link | None:
    """The next page of a feed or a section, if what stands on this one makes it worth fetching.

    A page is worth it when this one names something new; with a ``window``, when this one does not lie wholly before
    it, and goes further back than the page before. Its ``date`` is that of the oldest entry here.
    """
    link = _named(examination, window)
    if link is None:
        return None
    entries = list(_entries(examination))
    spans = [span for span in map(dated, entries) if span]
    if not (window and spans):
        return link if any(not is_known(entry.url) for entry in entries) else None
    if window.since is not None and all(span.end < window.since for span in spans):
        return None
    oldest = min(spans, key=lambda span: span.start)
    before = Span.of(parent.discovery.listed) if parent.discovery.hops.endswith(FURTHER) else None
    if before and oldest.start >= before.start:
        return None
    return Link(link.url, link.relation, oldest.start.isoformat())


def _named(examination: Examination, window: Window) -> Link | None:
    outcome = examination.outcome
    if outcome.kind is Kind.LISTING:
        further = next((link for link in outcome.links if link.relation is Relation.FEED), None)
        return further or (_guessed(examination.entry.url) if window else None)
    if outcome.kind is Kind.SECTION and window:
        return next((link for link in outcome.links if link.relation is Relation.NEXT), None)
    return None


def _guessed(url: str) -> Link | None:
    """The page after ``url`` of a feed as WordPress serves it: its feeds name no next page, but have them."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if not (_WORDPRESS_FEED.search(parts.path) or "feed" in query):
        return None
    number = int(query["paged"]) if query.get("paged", "").isdecimal() else 1
    further = urlencode(query | {"paged": str(number + 1)})
    return Link(parts._replace(query=further).geturl(), Relation.FEED)


def _entries(examination: Examination) -> Iterable[Link]:
    outcome = examination.outcome
    if outcome.kind is Kind.LISTING:
        return (link for link in outcome.links if link.relation is Relation.LISTED)
    return (link for link in outcome.links if link.relation is Relation.LINK and _is_likely(link.url))


def _is_likely(url: str) -> bool:
    return address_span(url) is not None or looks_like_article(url) >= ARTICLE_LIKE


def is_endless(examination: Examination, parent: Target, window: Window) -> bool:
    """Whether so many pages in a row led here that the next is left."""
    hops = parent.discovery.hops
    most = MAX_PAGES_BACK if window else MAX_PAGES
    if examination.outcome.kind is Kind.ARTICLE:
        most = MAX_PARTS
    return len(hops) - len(hops.rstrip(FURTHER)) >= most


def further_parts(examination: Examination) -> tuple[Link, ...]:
    """Of an article on several pages: the next, and the whole on one page where that is its canonical address."""
    outcome, url = examination.outcome, examination.entry.url
    if outcome.kind is not Kind.ARTICLE:
        return ()
    canonical = outcome.canonical_url
    following = continuation(
        url, canonical, (link.url for link in outcome.links if link.relation is Relation.NEXT)
    )
    if following is None:
        return ()
    whole = (canonical,) if canonical and is_whole(canonical, url, following) else ()
    return tuple(Link(address, Relation.NEXT) for address in (following, *whole))
