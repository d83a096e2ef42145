"""The values of the frontier: what is to be fetched, the right to fetch it, and what became of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from archive.capture import Discovery

TargetKind = Literal["seed", "robots", "sitemap", "feed", "page", "requisite"]
State = Literal["done", "failed", "retry", "skipped", "quarantined"]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL to fetch. ``priority``: higher first. ``request`` is a spider's own request as JSON, if it was one."""

    url: str
    kind: str = "page"
    depth: int = 0
    priority: int = 0
    source: str | None = None
    discovery: Discovery = field(default_factory=Discovery)
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to fetch ``target`` now. ``tries`` counts this one; ``failures`` those that ended in a retry."""

    id: int
    target: Target
    host: str
    tries: int = 1
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a lease.

    ``due`` (Unix time) is when a ``retry`` may start; ``outcome`` is the Kind that examination found; ``skips`` are
    (reason, URL, via) of what the resource names and the crawl passes over.
    """

    lease_id: int
    state: State
    reason: str | None = None
    due: float | None = None
    discovered: tuple[Target, ...] = ()
    outcome: str | None = None
    skips: tuple[tuple[str, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many targets are in a state, by outcome and reason."""

    state: str
    outcome: str | None
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the crawl. ``resumed`` says that it goes on with one that did not end."""

    id: int
    started: datetime
    resumed: bool


def storable(target: Target) -> Target:
    """``target`` without lone surrogates, which JSON can bring and UTF-8 cannot hold."""
    found = target.discovery
    texts = (target.url, found.via, found.listed, found.title)
    if all(text is None or text.isascii() or encodable(text) == text for text in texts):
        return target
    via, listed, title = (text and encodable(text) for text in texts[1:])
    discovery = replace(found, via=via, listed=listed, title=title)
    return replace(target, url=encodable(target.url), discovery=discovery)


def encodable(text: str) -> str:
    """``text`` as UTF-8 can hold it."""
    return text.encode("utf-8", "replace").decode()


def row_of(target: Target) -> tuple[str | int | None, ...]:
    """The columns of a target in the state file, from ``kind`` on."""
    found = target.discovery
    place = (target.kind, target.depth, target.priority, target.source)
    return (*place, found.via, found.hops, found.listed, found.title, target.request)


def lease_of(row: tuple[Any, ...], host: str, times: int) -> Lease:
    """The lease of a row of the state file; ``times`` is how often it has been leased without being settled."""
    id_, url, kind, depth, priority, source, via, hops, listed, title, request, failures = row
    discovery = Discovery(via, hops, source, listed, title)
    target = Target(url, kind, depth, priority, source, discovery, request)
    return Lease(id_, target, host, failures + times, failures)
