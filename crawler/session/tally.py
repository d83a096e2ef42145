"""What a crawl has done so far, counted; read by the progress display and the summary at the end."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.filesize import decimal

from archive.outcome import Kind

KIND_WORDS = {
    Kind.ARTICLE: ("article", "articles"),
    Kind.SECTION: ("section page", "section pages"),
    Kind.CONSENT_WALL: ("consent wall", "consent walls"),
    Kind.PAYWALL: ("paywall", "paywalls"),
    Kind.BLOCKED: ("block page", "block pages"),
    Kind.SOFT_404: ("page that says it is gone", "pages that say they are gone"),
    Kind.MEDIA: ("media page", "media pages"),
    Kind.EMPTY: ("empty page", "empty pages"),
    Kind.LISTING: ("sitemap or feed", "sitemaps and feeds"),
    Kind.ROBOTS: ("robots.txt", "robots.txt"),
    Kind.REDIRECT: ("redirect", "redirects"),
    Kind.NOT_MODIFIED: ("unchanged answer", "unchanged answers"),
    Kind.HTTP_ERROR: ("error answer", "error answers"),
    Kind.OTHER: ("other resource", "other resources"),
    Kind.FAILED: ("page that could not be examined", "pages that could not be examined"),
}


@dataclass
class Tally:
    """Counters of one crawl. ``received`` is in bytes on the wire; times are of the monotonic clock, in seconds."""

    started: float = field(default_factory=time.monotonic)
    captures: int = 0
    documents: int = 0
    received: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    last: str = ""
    first_failure: str = ""
    reason: str = ""
    pending: int = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Captures a second since the start."""
        return self.captures / max(self.seconds, 0.001)

    def add_capture(self, host: str, url: str, received: int) -> None:
        self.captures += 1
        self.received += received
        self.hosts[host] += 1
        self.last = url

    def add_kept(self, kind: Kind, *, new_document: bool) -> None:
        self.kinds[kind] += 1
        self.documents += new_document

    def add_failure(self, url: str, reason: str, words: str) -> None:
        self.failed[reason] += 1
        self.first_failure = self.first_failure or f"{url}: {words}"

    def as_dict(self) -> dict[str, Any]:
        """The summary for programs."""
        return {
            "reason": self.reason,
            "captures": self.captures,
            "documents": self.documents,
            "bytes": self.received,
            "seconds": round(self.seconds, 3),
            "kinds": {str(kind): count for kind, count in sorted(self.kinds.items())},
            "hosts": dict(sorted(self.hosts.items())),
            "skipped": dict(sorted(self.skipped.items())),
            "failed": dict(sorted(self.failed.items())),
            "waiting": dict(sorted(self.waiting.items())),
            "pending": self.pending,
        }


def counted(count: int, kind: Kind) -> str:
    """``3 section pages``."""
    one, many = KIND_WORDS[kind]
    return f"{count} {one if count == 1 else many}"


def summary(tally: Tally) -> list[str]:
    """What was fetched, kept, skipped and why, in words; a line each."""
    fetched = (
        f"Fetched {_counted(tally.captures, 'resource')} ({decimal(tally.received)}) "
        f"from {_counted(len(tally.hosts), 'host')} in {tally.seconds:.1f} s"
    )
    lines = [f"{fetched}; kept {_counted(tally.documents, 'new document')}."]
    if tally.kinds:
        lines.append(
            "They were: " + ", ".join(counted(n, kind) for kind, n in tally.kinds.most_common()) + "."
        )
    if tally.skipped:
        lines.append("Not fetched: " + _reasons(tally.skipped) + ".")
    if tally.waiting:
        lines.append("Left for another run: " + _reasons(tally.waiting) + ".")
    if tally.failed:
        lines.append("Failed: " + _reasons(tally.failed) + f" (first: {tally.first_failure}).")
    return lines


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _reasons(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
