"""From what an examination found to what the frontier should fetch, and what it should not, with the reason in a word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from archive.capture import Discovery
from archive.entries import Examination
from archive.outcome import Kind, Link, Relation
from crawler.frontier.targets import Target
from crawler.settings import Options
from crawler.sources.declared import Source
from crawler.urls.identity import Scope, is_trap, looks_like_article

REDIRECT_LIMIT = 10
ROBOTS_PRIORITY = 1000
SITEMAP_PRIORITY = 500
REQUISITE_PRIORITY = 450
"""Above every page's: a page is whole before the next of its host is begun."""
LISTED_PRIORITY = 300
LINK_PRIORITY = 100
NEWEST_BONUS = 99
"""Added to an entry dated today; a day takes one off, so that the newest come first."""

NESTING = {Relation.SITEMAP: 5, Relation.FEED: 100}
"""Lists in a row, each named by the one before: indexes of sitemaps, pages of a feed. More is a list without end."""

REQUISITE_LIMIT = 5
"""Requisites in a row, each named by the one before: style sheets that import each other."""
HOPS = {
    Relation.REDIRECT: "R",
    Relation.LISTED: "M",
    Relation.SITEMAP: "M",
    Relation.FEED: "M",
    Relation.REQUISITE: "E",
}
FOLLOWED = frozenset({Relation.LINK, Relation.REDIRECT, Relation.FEED, Relation.SITEMAP, Relation.LISTED})


@dataclass(frozen=True, slots=True)
class Skip:
    """A URL that is not fetched, and why."""

    url: str
    reason: str
    via: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a crawl follows: where, how deep (links from a seed or an entry), and for which source.

    With ``only_feeds`` it follows what feeds and sitemaps list, and no links. ``respect`` are the rights policies held.
    With ``requisites`` it follows what browsers load to show an article, wherever that is.
    """

    scope: Scope
    depth: int
    source: str | None = None
    only_feeds: bool = False
    respect: tuple[str, ...] = ()
    requisites: bool = False

    @classmethod
    def of(cls, source: Source, options: Options) -> Self:
        """What ``source`` says, and where it says nothing the options."""
        depth = options.depth if source.depth is None else source.depth
        respect = options.respect if source.respect is None else source.respect
        only_feeds = source.only_feeds or options.only_feeds
        requisites = source.requisites or options.requisites
        return cls(source.scope(), depth, source.name, only_feeds, respect, requisites)


def discovered(
    examination: Examination,
    parent: Target,
    rules: Rules,
    is_exhausted: Callable[[Target], bool] = lambda _: False,
) -> tuple[tuple[Target, ...], tuple[Skip, ...]]:
    """The targets that the capture of ``parent`` names, and the links passed over.

    ``is_exhausted`` tells pages that no budget is left for.
    """
    targets: list[Target] = []
    skips: list[Skip] = []
    today = examination.entry.date
    for link in examination.outcome.links:
        if not _is_followed(link, parent, rules):
            continue
        reason = _refusal(link, parent, rules)
        target = None if reason else _target(link, parent, rules, examination.entry.url, today)
        if target and not is_exhausted(target):
            targets.append(target)
        else:
            skips.append(Skip(link.url, reason or "pathBudget", examination.entry.url))
    targets.extend(_usual_addresses(examination, parent, rules))
    return tuple(targets), tuple(skips)


def _is_followed(link: Link, parent: Target, rules: Rules) -> bool:
    if parent.kind == "robots" and link.relation is Relation.REDIRECT:
        return False  # the prerequisites' matter
    if link.relation is Relation.REQUISITE:
        return rules.requisites and parent.discovery.hops.count("E") < REQUISITE_LIMIT
    return link.relation in FOLLOWED and (parent.kind != "requisite" or link.relation is Relation.REDIRECT)


def _endless(link: Link, parent: Target) -> str | None:
    """Why a chain of redirects or lists that ``link`` would go on is left."""
    hops = parent.discovery.hops
    if link.relation is Relation.REDIRECT and len(hops) - len(hops.rstrip("R")) >= REDIRECT_LIMIT:
        return "redirectLimit"
    lists = len(hops) - len(hops.rstrip("M"))
    return "trap" if link.relation in NESTING and lists >= NESTING[link.relation] else None


def _refusal(link: Link, parent: Target, rules: Rules) -> str | None:
    endless = _endless(link, parent)
    if endless:
        return endless
    if "requisite" in (parent.kind, link.relation):
        return None  # what a page needs to be shown may come from anywhere
    if link.relation is Relation.SITEMAP and parent.kind in ("robots", "sitemap"):
        return None  # a site may keep its sitemaps elsewhere; their entries must be in scope all the same
    outside = rules.scope.admits(link.url)
    if outside:
        return "redirectToExcluded" if link.relation is Relation.REDIRECT else outside
    if link.relation is Relation.LINK and (rules.only_feeds or parent.depth >= rules.depth):
        return "onlyFeeds" if rules.only_feeds else "depth"
    return "trap" if is_trap(link.url) else None


def _target(link: Link, parent: Target, rules: Rules, via: str, today: datetime) -> Target:
    discovery = Discovery(
        via=via,
        hops=parent.discovery.hops + HOPS.get(link.relation, "L"),
        source=rules.source or parent.source,
        listed=link.date,
        title=link.title,
    )
    kind, depth, priority = _place(link, parent, today)
    return Target(link.url, kind, depth, priority, discovery.source, discovery)


def _place(link: Link, parent: Target, today: datetime) -> tuple[str, int, int]:
    match link.relation:
        case Relation.REDIRECT:
            return parent.kind, parent.depth, parent.priority
        case Relation.SITEMAP:
            return "sitemap", parent.depth, SITEMAP_PRIORITY + _freshness(link.date, today)
        case Relation.FEED:
            return "feed", parent.depth, SITEMAP_PRIORITY
        case Relation.REQUISITE:
            return "requisite", parent.depth, REQUISITE_PRIORITY
        case Relation.LISTED:
            return "page", parent.depth, LISTED_PRIORITY + _freshness(link.date, today)
        case _:
            score = int(NEWEST_BONUS * looks_like_article(link.url))
            return "page", parent.depth + 1, LINK_PRIORITY + score - 10 * parent.depth


def _freshness(date: str | None, today: datetime) -> int:
    """NEWEST_BONUS for an entry of today, one less a day, 0 without a readable date."""
    try:
        given = datetime.fromisoformat(date or "")
    except ValueError:
        return 0
    age = today - (given if given.tzinfo else given.replace(tzinfo=UTC))
    return max(0, NEWEST_BONUS - max(0, age.days))


def _usual_addresses(examination: Examination, parent: Target, rules: Rules) -> Iterator[Target]:
    """Where robots.txt names no sitemap, the address that most sites use."""
    named = any(link.relation in (Relation.SITEMAP, Relation.REDIRECT) for link in examination.outcome.links)
    if parent.kind != "robots" or named or examination.outcome.kind not in (Kind.ROBOTS, Kind.HTTP_ERROR):
        return
    url = parent.url.removesuffix("/robots.txt") + "/sitemap.xml"
    if rules.scope.admits(url) is None:
        discovery = Discovery(
            via=examination.entry.url, hops=parent.discovery.hops + "I", source=parent.source
        )
        yield Target(url, "sitemap", parent.depth, SITEMAP_PRIORITY, parent.source, discovery)
