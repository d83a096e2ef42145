"""Bringing a frontier up to what the archive holds: captures found behind the watermark, or a state file that was lost."""

from collections.abc import Callable

from archive.capture import Discovery
from archive.catalog import Catalog
from archive.entries import CaptureEntry, Examination
from archive.outcome import Kind
from crawler.discover import Rules, discovered
from crawler.frontier import Frontier
from crawler.policy import RETRIED_STATUSES
from crawler.targets import Settlement, Target

REBUILD_BATCH = 1000


def adopt(frontier: Frontier, examination: Examination, rules_of: Callable[[Target], Rules]) -> None:
    """Settle the capture's URL as fetched, with the links found in it; nothing is fetched again.

    An answer that asks for another try (429, 5xx, cut short) settles nothing: its URL stays as it is.
    """
    entry, kind = examination.entry, examination.outcome.kind
    target = target_of(entry, kind)
    lease = frontier.adopt(target)
    targets, skips = discovered(examination, lease.target, rules_of(lease.target))
    if entry.status in RETRIED_STATUSES or entry.truncated:
        frontier.release(lease)
        frontier.add(targets)
        return
    words = tuple((skip.reason, skip.url, skip.via) for skip in skips)
    frontier.settle([Settlement(lease.id, "done", discovered=targets, outcome=str(kind), skips=words)])


def rebuild(frontier: Frontier, catalog: Catalog) -> None:
    """Fill a new frontier from the catalog, so that what the archive holds is not fetched again."""
    for row in catalog.captures():
        if row.entry.status not in RETRIED_STATUSES and not row.entry.truncated:
            lease = frontier.adopt(target_of(row.entry, row.kind))
            frontier.settle([Settlement(lease.id, "done", outcome=str(row.kind))])


def target_of(entry: CaptureEntry, kind: Kind) -> Target:
    """The target that was fetched to make a capture, as far as its metadata record tells."""
    discovery: Discovery = entry.discovery
    return Target(
        entry.url, _target_kind(discovery, kind), discovery.hops.count("L"), 0, discovery.source, discovery
    )


def _target_kind(discovery: Discovery, kind: Kind) -> str:
    if kind is Kind.ROBOTS or discovery.hops.rstrip("R").endswith("P"):
        return "robots"
    if kind is Kind.LISTING:
        return "sitemap"
    return "page" if discovery.hops.rstrip("R") else "seed"
