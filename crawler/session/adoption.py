"""Bringing a frontier up to what the archive holds: captures behind its watermarks, be they few or all of them."""

from collections.abc import Callable, Sequence

from archive.capture import Discovery
from archive.derive import Examined
from archive.entries import CaptureEntry, Examination
from archive.outcome import Kind
from crawler.discovery.discover import Rules, discovered
from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Settlement, Target
from crawler.scheduling.policy import RETRIED_STATUSES


class Adoption:
    """Has the frontier follow the archive (see `archive.derive.Follower`).

    A dead crawl leaves captures that it wrote and did not commit; a state file that is older than the archive, or new
    in place of one that was lost, lacks more. ``count`` says how many captures were adopted.
    """

    def __init__(
        self,
        frontier: Frontier,
        rules_of: Callable[[Target], Rules],
        recalled: Callable[[Examination], Examination],
    ) -> None:
        self._frontier, self._rules_of, self._recalled = frontier, rules_of, recalled
        self.count = 0

    def reached(self, file: str) -> int:
        return self._frontier.watermark(file) or 0

    def follow(self, batch: Sequence[Examined]) -> None:
        for examined in batch:
            adopt(self._frontier, self._recalled(examined.examination), self._rules_of)
        self._frontier.settle([], watermark=(batch[-1].examination.entry.ref.file, batch[-1].end))
        self.count += len(batch)


def adopt(frontier: Frontier, examination: Examination, rules_of: Callable[[Target], Rules]) -> None:
    """Settle the capture's URL as fetched, with the links found in it; nothing is fetched again.

    An answer that asks for another try (429, 5xx, cut short) settles nothing: its URL stays as it is.
    """
    entry, kind = examination.entry, examination.outcome.kind
    target = target_of(entry, kind)
    lease = frontier.adopt(target)
    targets, skips = discovered(examination, lease.target, rules_of(lease.target), is_known=frontier.knows)
    if entry.status in RETRIED_STATUSES or entry.truncated not in (None, "length"):
        frontier.release(lease)
        frontier.add(targets)
        return
    words = tuple((skip.reason, skip.url, skip.via) for skip in skips)
    frontier.settle([Settlement(lease.id, "done", discovered=targets, outcome=str(kind), skips=words)])


def target_of(entry: CaptureEntry, kind: Kind) -> Target:
    """The target that was fetched to make a capture, as far as its metadata record tells."""
    discovery: Discovery = entry.discovery
    return Target(
        entry.url, _target_kind(discovery, kind), discovery.hops.count("L"), 0, discovery.source, discovery
    )


def _target_kind(discovery: Discovery, kind: Kind) -> str:
    if kind is Kind.ROBOTS or discovery.hops.rstrip("R").endswith("P"):
        return "robots"
    if discovery.hops.rstrip("R").endswith("E"):
        return "requisite"
    if kind is Kind.LISTING:
        return "sitemap"
    return "page" if discovery.hops.rstrip("R") else "seed"
