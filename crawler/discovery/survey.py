"""What a crawl of a source would find: its robots.txt, sitemaps and feeds looked at, by the rules of the crawl."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from archive.capture import Discovery
from archive.outcome import Kind
from crawler.discovery.discover import Rules, Skip, discovered
from crawler.discovery.scout import Scout, Seen
from crawler.frontier.targets import Target
from crawler.scheduling.requests import SEED_PRIORITY
from crawler.scheduling.robots import origin_of
from crawler.sources.declared import Seed, Source
from crawler.urls.identity import host_key, identity, looks_like_article, site_of
from crawler.urls.shape import ARTICLE_LIKE

LISTINGS = 25
"""Sitemaps and feeds looked at of one source."""
NAMED = 3
"""Sitemaps and feeds that a proposed entry names at most."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A target and what it answered."""

    target: Target
    seen: Seen

    @property
    def entries(self) -> int:
        """How many addresses it lists."""
        examination = self.seen.examination
        return len(examination.outcome.links) if examination else 0

    @property
    def lists(self) -> bool:
        examination = self.seen.examination
        return examination is not None and examination.outcome.kind is Kind.LISTING


@dataclass(slots=True)
class Survey:
    """What was looked at, and what a crawl would fetch next, the first first; ``unread`` lists were left for it."""

    source: Source
    looked: list[Looked] = field(default_factory=list)
    pages: list[Target] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    unread: int = 0

    def listings(self, kind: str) -> list[Looked]:
        """The sitemaps or feeds that proved to be such."""
        return [looked for looked in self.looked if looked.target.kind == kind and looked.lists]

    def likely_articles(self) -> list[Target]:
        """Pages that a list names, or that look like articles, the newest first."""
        return [page for page in self.pages if _is_likely(page)]


async def survey(scout: Scout, source: Source, rules: Rules, *, pages: bool) -> Survey:
    """Look at what ``source`` lists; with ``pages`` at its start pages too, else these are left to the crawl."""
    found = Survey(source)
    known: set[str] = set()
    await _follow(scout, found, rules, _starts(source), known, pages=pages)
    found.pages.sort(key=lambda page: -page.priority)
    return found


async def _follow(
    scout: Scout, found: Survey, rules: Rules, targets: Iterable[Target], known: set[str], *, pages: bool
) -> None:
    queue = deque(_new(targets, known))
    while queue:
        target = queue.popleft()
        if target.kind == "page" or (target.kind == "seed" and not pages):
            found.pages.append(target)
        elif len(found.looked) >= LISTINGS:
            found.unread += 1
        else:
            queue.extend(_new(await _looked_at(scout, found, rules, target, known), known))


async def _looked_at(
    scout: Scout, found: Survey, rules: Rules, target: Target, known: Container[str]
) -> Sequence[Target]:
    """What ``target`` names."""
    seen = await (scout.robots(target.url) if target.kind == "robots" else scout.look(target.url))
    found.looked.append(Looked(target, seen))
    if seen.examination is None:
        return ()
    targets, skips = discovered(seen.examination, target, rules, is_known=lambda url: identity(url) in known)
    found.skips += skips
    return targets


def _new(targets: Iterable[Target], known: set[str]) -> Iterator[Target]:
    for target in targets:
        name = identity(target.url)
        if name not in known:
            known.add(name)
            yield target


def _starts(source: Source) -> Iterator[Target]:
    origins = dict.fromkeys(origin_of(seed.url, host_key(seed.url)) for seed in source.seeds)
    discovery = Discovery(source=source.name)
    for origin in origins:
        yield Target(
            f"{origin}/robots.txt", "robots", source=source.name, discovery=replace(discovery, hops="P")
        )
    for seed in sorted(source.seeds, key=_pages_last):
        yield Target(seed.url, seed.kind, 0, SEED_PRIORITY, source.name, discovery)


def _pages_last(seed: Seed) -> bool:
    return seed.kind == "seed"


def _is_likely(page: Target) -> bool:
    return page.discovery.hops.endswith("M") or looks_like_article(page.url) >= ARTICLE_LIKE


def proposed(found: Survey) -> Source:
    """The entry for ``sources.toml``: where the site now begins, and the feeds and sitemaps that work."""
    start = next((each.seen.url for each in found.looked if each.target.kind == "seed"), found.source.url)
    feeds, sitemaps = (_working(found, kind) for kind in ("feed", "sitemap"))
    fields = {"name": site_of(start or found.source.name), "url": start, "feeds": feeds, "sitemaps": sitemaps}
    return Source.model_validate(fields)


def _working(found: Survey, kind: str) -> tuple[str, ...]:
    """Those that nothing else lists: what an index names is found by it."""
    top = [each for each in found.listings(kind) if not each.target.discovery.hops.endswith("MM")]
    return tuple(each.seen.url for each in top[:NAMED])
