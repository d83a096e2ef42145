"""From what an examination found to what the frontier should fetch, and what it should not, with the reason in a word."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from archive.capture import Discovery
from archive.entries import Examination
from archive.outcome import Kind, Link, Relation
from archive.window import EVER, Span, Window
from crawler.discovery.alternates import (
    ALTERNATE,
    OTHER_LANGUAGE,
    addresses_without_amp,
    editions,
    same_language,
)
from crawler.discovery.dates import dated, freshness, numbered, outside
from crawler.discovery.paging import FURTHER, Known, further_page, further_parts, is_endless
from crawler.discovery.usual import usual_address
from crawler.frontier.targets import Target
from crawler.settings import Options
from crawler.sources.declared import Source
from crawler.urls.identity import Scope, is_trap, looks_like_article

REDIRECT_LIMIT = 10
ROBOTS_PRIORITY = 1000
SITEMAP_PRIORITY = 500
"""Of lists without a date."""
REQUISITE_PRIORITY = 450
"""Above every page's: a page is whole before the next of its host is begun."""
LISTED_PRIORITY = 300
"""Of what a list names; its freshness is added. A list with a date comes just before the pages of its time."""
LINK_PRIORITY = 100
LIKELY_BONUS = 99
"""Added to a link by how much its address looks like an article's."""

NESTING = {Relation.SITEMAP: 5, Relation.FEED: 5}
"""Lists in a row, each named by the one before: indexes of sitemaps. More is a list without end."""
REQUISITE_LIMIT = 5
"""Requisites in a row, each named by the one before: style sheets that import each other."""
HOPS = {
    Relation.REDIRECT: "R",
    Relation.LISTED: "M",
    Relation.SITEMAP: "M",
    Relation.FEED: "M",
    Relation.REQUISITE: "E",
    Relation.NEXT: FURTHER,
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
    With ``requisites`` it follows what browsers load to show an article, wherever that is. ``window`` is the time of
    publication looked for, ``language`` (BCP 47) the language; ``declared`` the kinds of seed that the source has.
    """

    scope: Scope
    depth: int
    source: str | None = None
    only_feeds: bool = False
    respect: tuple[str, ...] = ()
    requisites: bool = False
    window: Window = EVER
    language: str | None = None
    declared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, source: Source, options: Options) -> Self:
        """What ``source`` says, and where it says nothing the options; ConfigurationError where dates exclude each other."""
        since, until = source.since or options.since, source.until or options.until
        return cls(
            source.scope(),
            options.depth if source.depth is None else source.depth,
            source.name,
            source.only_feeds or options.only_feeds,
            options.respect if source.respect is None else source.respect,
            source.requisites or options.requisites,
            Window.stated(since, until, datetime.now(UTC)),
            source.language,
            frozenset(seed.kind for seed in source.seeds),
        )


def discovered(
    examination: Examination,
    parent: Target,
    rules: Rules,
    is_exhausted: Callable[[Target], bool] = lambda _: False,
    is_known: Known = lambda _: False,
) -> tuple[tuple[Target, ...], tuple[Skip, ...]]:
    """The targets that the capture of ``parent`` names, those of a list with the newest first, and the links passed over.

    ``is_exhausted`` tells pages that no budget is left for, ``is_known`` addresses that the crawl knows already.
    """
    targets: list[Target] = []
    skips: list[Skip] = []
    here = _Here(examination, parent, rules, is_known)
    for link, span in here.followed():
        reason = here.refusal(link)
        target = None if reason else here.target(link, span)
        if target and not is_exhausted(target):
            targets.append(target)
        else:
            skips.append(Skip(link.url, reason or "pathBudget", examination.entry.url))
    on_the_chance = usual_address(examination, parent, rules.declared)
    if on_the_chance and rules.scope.admits(on_the_chance.url) is None:
        targets.append(replace(on_the_chance, priority=SITEMAP_PRIORITY))
    return tuple(targets), tuple(skips)


def left_aside(examination: Examination, rules: Rules) -> str | None:
    """Why the links of an article are not followed, in a word: it was published outside the window, or in another language."""
    article = examination.outcome.article
    if article is None:
        return None
    if rules.window.refusal(Span.of(article.published)):
        return "publishedOutside"
    spoken = article.language or article.declared_language
    other = rules.language and spoken and not same_language(rules.language, spoken)
    return OTHER_LANGUAGE if other else None


class _Here:
    """An examined capture as the place from which a crawl goes on."""

    def __init__(self, examination: Examination, parent: Target, rules: Rules, is_known: Known) -> None:
        self._examination, self._parent, self._rules, self._is_known = examination, parent, rules, is_known
        self._url, self._outcome = examination.entry.url, examination.outcome
        self._is_list = self._outcome.kind is Kind.LISTING
        self._counted = numbered(self._outcome.links) if self._is_list else frozenset()
        self._editions = editions(self._outcome.links)
        self._is_left_aside = left_aside(examination, rules) is not None
        self._newest = min(filter(None, (examination.entry.date, rules.window.until)))

    def followed(self) -> list[tuple[Link, Span | None]]:
        """The links to be followed with their dates: those of a list by date, then further pages."""
        further = self._further()
        pages = {link.url for link in further}
        found = [
            (link, dated(link, self._counted))
            for link in self._ordinary()
            if link.url not in pages and self._is_followed(link)
        ]
        if self._is_list:
            found.sort(key=_newest_first)
        return [*found, *((link, Span.of(link.date)) for link in further)]

    def _ordinary(self) -> Iterator[Link]:
        """The links; a next page is one, a translation into the language looked for, and the page behind an AMP page."""
        for link in self._outcome.links:
            yield replace(link, relation=Relation.LINK) if self._is_link(link) else link

    def _is_link(self, link: Link) -> bool:
        match link.relation:
            case Relation.NEXT:
                return True
            case Relation.CANONICAL:
                return link.url in addresses_without_amp(self._url)
            case Relation.ALTERNATE:
                wanted = self._rules.language if link.language and not self._is_list else None
                return wanted is not None and same_language(wanted, link.language or "")
        return False

    def _further(self) -> list[Link]:
        parent, rules = self._parent, self._rules
        found = list(further_parts(self._examination))
        if self._is_list or not (rules.only_feeds or parent.depth >= rules.depth):
            page = further_page(self._examination, parent, rules.window, self._is_known)
            found += [replace(page, relation=Relation.NEXT)] if page else []
        return found

    def _is_followed(self, link: Link) -> bool:
        parent = self._parent
        if parent.kind == "robots" and link.relation is Relation.REDIRECT:
            return False  # the prerequisites' matter
        if link.relation is Relation.REQUISITE:
            return self._rules.requisites and parent.discovery.hops.count("E") < REQUISITE_LIMIT
        if link.relation is Relation.FEED and self._is_list:
            return False  # its next page, or the one before: followed as such, if at all
        if link.relation is Relation.LINK and self._is_left_aside:
            return False
        return link.relation in FOLLOWED and (
            parent.kind != "requisite" or link.relation is Relation.REDIRECT
        )

    def refusal(self, link: Link) -> str | None:
        """Why ``link`` is not fetched, in a word."""
        endless = self._endless(link)
        if endless or "requisite" in (self._parent.kind, link.relation):
            return endless  # what a page needs to be shown may come from anywhere
        if link.relation is Relation.SITEMAP and self._parent.kind in ("robots", "sitemap"):
            # a site may keep its sitemaps elsewhere; their entries must be in scope all the same
            return outside(link, self._rules.window, self._counted)
        out_of_scope = self._rules.scope.admits(link.url)
        if out_of_scope:
            return "redirectToExcluded" if link.relation is Relation.REDIRECT else out_of_scope
        return self._too_deep(link) or ("trap" if is_trap(link.url) else None) or self._unwanted(link)

    def _endless(self, link: Link) -> str | None:
        """Why a chain of redirects or lists that ``link`` would go on is left."""
        hops = self._parent.discovery.hops
        if link.relation is Relation.REDIRECT and len(hops) - len(hops.rstrip("R")) >= REDIRECT_LIMIT:
            return "redirectLimit"
        if link.relation is Relation.NEXT and is_endless(self._examination, self._parent, self._rules.window):
            return "trap"
        lists = len(hops) - len(hops.rstrip("M"))
        return "trap" if link.relation in NESTING and lists >= NESTING[link.relation] else None

    def _too_deep(self, link: Link) -> str | None:
        if link.relation is not Relation.LINK:
            return None
        if self._rules.only_feeds:
            return "onlyFeeds"
        return "depth" if self._parent.depth >= self._rules.depth else None

    def _unwanted(self, link: Link) -> str | None:
        """Why a page that could be fetched is not what is looked for: its date, its language, another edition."""
        reason = outside(link, self._rules.window, self._counted)
        if reason or link.relation not in (Relation.LINK, Relation.LISTED):
            return reason
        language = link.language or self._editions.get(link.url)
        if language and self._rules.language and not same_language(language, self._rules.language):
            return OTHER_LANGUAGE
        return ALTERNATE if self._is_amp(link) else None

    def _is_amp(self, link: Link) -> bool:
        if not self._is_list and link.url in self._editions and self._editions[link.url] is None:
            return True
        return any(url == self._url or self._is_known(url) for url in addresses_without_amp(link.url))

    def target(self, link: Link, span: Span | None) -> Target:
        parent = self._parent
        discovery = Discovery(
            via=self._url,
            hops=parent.discovery.hops + HOPS.get(link.relation, "L"),
            source=self._rules.source or parent.source,
            listed=link.date,
            title=link.title,
        )
        kind, depth, priority = self._place(link, span)
        return Target(link.url, kind, depth, priority, discovery.source, discovery)

    def _place(self, link: Link, span: Span | None) -> tuple[str, int, int]:
        parent = self._parent
        fresh = freshness(span, self._newest)
        match link.relation:
            case Relation.REDIRECT:
                return parent.kind, parent.depth, parent.priority
            case Relation.SITEMAP | Relation.FEED:
                return (
                    link.relation.value,
                    parent.depth,
                    LISTED_PRIORITY + 1 + fresh if fresh else SITEMAP_PRIORITY,
                )
            case Relation.REQUISITE:
                return "requisite", parent.depth, REQUISITE_PRIORITY
            case Relation.LISTED:
                return "page", parent.depth, LISTED_PRIORITY + fresh
            case Relation.NEXT:
                return self._place_of_further(fresh)
            case _:
                score = int(LIKELY_BONUS * looks_like_article(link.url))
                return "page", parent.depth + 1, LINK_PRIORITY + score - 10 * parent.depth

    def _place_of_further(self, fresh: int) -> tuple[str, int, int]:
        """An article is made whole at once; the next page of a list waits for what the one before names."""
        parent = self._parent
        if self._is_list:
            return "feed", parent.depth, LISTED_PRIORITY + fresh if fresh else SITEMAP_PRIORITY
        if self._outcome.kind is Kind.ARTICLE:
            return "page", parent.depth, parent.priority
        return "page", parent.depth, LINK_PRIORITY - 10 * parent.depth


def _newest_first(found: tuple[Link, Span | None]) -> float:
    span = found[1]
    return -span.start.timestamp() if span else math.inf
