"""Budgets of address patterns: what keeps a crawl from a site that has no end, whatever its addresses look like.

Pages of one pattern are fetched as long as they are articles, or name articles that nothing named before. Calendars,
facets, search results and ever-deeper paths bring none: after a number of them the rest of their pattern is passed
over, in this run and those of the following days.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from crawler.frontier.targets import Target
from crawler.urls.identity import host_key

PATTERNS = 100_000
"""Patterns counted at a time; past it counting begins anew."""
ARTICLE_SHARE = 0.1
"""With this share of articles a pattern has no bound."""
LISTED_FACTOR = 10
"""A page that a sitemap or feed names is refused only after so many times the budget."""
FORGOTTEN_AFTER_S = 7 * 86_400.0
"""A pattern of which nothing new was fetched for so long may prove itself anew."""
LITERAL_PARTS = 1
MAX_PARTS = 6
"""Parts of a path that tell patterns apart."""

_NUMBER = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]+(?:[-_.+~]+[^\W\d_]+)*")


@dataclass(slots=True)
class _Count:
    fetched: int = 0
    articles: int = 0


class Kept(Protocol):
    """Where counts outlive a run: (pattern, pages fetched, articles)."""

    def keep_patterns(self, counts: Iterable[tuple[str, int, int]]) -> None: ...

    def patterns(self, age_s: float) -> Iterable[tuple[str, int, int]]:
        """Those kept within so many seconds."""
        ...


class PathBudgets:
    """Counts new pages and articles of each pattern; ``budget`` is how many pages may bring no article."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._counts: dict[str, _Count] = {}
        self._barren: set[str] = set()
        self._changed: set[str] = set()

    def recall(self, kept: Kept) -> None:
        """Take up what earlier runs counted. A long past weighs no more than the largest budget: sites change."""
        most = LISTED_FACTOR * self._budget
        for pattern, fetched, articles in kept.patterns(FORGOTTEN_AFTER_S):
            share = min(1.0, most / max(1, fetched))
            count = self._counts[pattern] = _Count(round(share * fetched), round(share * articles))
            self._mark(pattern, count)

    def keep(self, kept: Kept) -> None:
        """Hand over what was counted since the last time."""
        if self._changed:
            counts = [(pattern, self._counts[pattern]) for pattern in self._changed]
            kept.keep_patterns((pattern, count.fetched, count.articles) for pattern, count in counts)
            self._changed.clear()

    def spend(self, target: Target) -> bool:
        """Count a page that is to be fetched; False, and nothing counted, where its pattern is exhausted."""
        if self.is_exhausted(target):
            return False
        pattern = pattern_of(target.url)
        count = self._count(pattern)
        count.fetched += 1
        self._mark(pattern, count)
        return True

    def found(self, target: Target) -> None:
        """Count the article that a page proved to be, for its own pattern and for that of the page that named it first."""
        for url in filter(None, (target.url, target.discovery.via)):
            self._count(pattern_of(url)).articles += 1

    def is_exhausted(self, target: Target) -> bool:
        if not self._barren or target.kind != "page":
            return False
        pattern = pattern_of(target.url)
        if pattern not in self._barren:
            return False
        count = self._counts[pattern]
        budget = self._budget * (LISTED_FACTOR if target.discovery.hops.rstrip("R").endswith("M") else 1)
        return count.fetched - count.articles >= budget and count.articles < ARTICLE_SHARE * count.fetched

    def _mark(self, pattern: str, count: _Count) -> None:
        if count.fetched - count.articles >= self._budget:
            self._barren.add(pattern)

    def _count(self, pattern: str) -> _Count:
        if len(self._counts) >= PATTERNS:
            self._counts.clear()
            self._barren.clear()
            self._changed.clear()
        self._changed.add(pattern)
        return self._counts.setdefault(pattern, _Count())


def pattern_of(url: str) -> str:
    """The host, the first part of the path, the shapes of its others, and the names of the query's parameters.

    >>> pattern_of("https://a.example/calendar/2026/march-4?view=day&month=3")
    'a.example/calendar/0/a-0?month&view'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return host_key(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    shaped = [*map(_numbers, segments[:LITERAL_PARTS]), *map(_shape, segments[LITERAL_PARTS:MAX_PARTS])]
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    query = "?" + "&".join(names) if names else ""
    return f"{host_key(url)}/{'/'.join(shaped)}{query}"


def _numbers(segment: str) -> str:
    return _NUMBER.sub("0", segment)


def _shape(segment: str) -> str:
    return _WORDS.sub("a", _numbers(segment))
