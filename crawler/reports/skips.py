"""``reports/skipped.jsonl``: every address that a crawl passed over, with the reason in a word.

One object a line: ``date`` (UTC), ``run``, ``source``, ``url``, ``reason``, ``via`` (the page that named it). It is a
report, not a record: appended to while a crawl runs, bounded, and never read by the program but to show it.
"""

import json
import shutil
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Any

from archive.entries import Examination
from archive.outcome import Kind
from archive.rights import refusal
from archive.warc.records import IDENTICAL_PAYLOAD
from crawler.discovery.discover import Skip
from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Target
from crawler.scheduling.requests import PAGE_KINDS

MAX_BYTES = 32_000_000
"""Past it the report becomes ``skipped.1.jsonl``, in place of the one before, and another is begun."""
REMEMBERED = 50_000
"""Addresses remembered so as not to name one again for the same reason; then they may be."""
NAME = "skipped.jsonl"
FORMER_NAME = "skipped.1.jsonl"

REASONS = {
    "outOfScope": "outside the hosts and paths of its source",
    "excluded": "its source excludes the path",
    "redirectToExcluded": "a redirect that leads out of scope",
    "redirectLimit": "too many redirects in a row",
    "depth": "more links from a seed than are followed",
    "onlyFeeds": "a link, where only feeds and sitemaps are followed",
    "beforeSince": "published before the time that is looked for (since)",
    "afterUntil": "published after the time that is looked for (until)",
    "publishedOutside": "fetched and archived: published outside the time looked for, as only the page told; no link followed",
    "otherLanguage": "in another language than its source declares: not fetched, or fetched and no link followed",
    "alternate": "another edition (AMP) of a page that is known",
    "trap": "an address of a kind that has no end: calendars, facets, ever deeper paths",
    "pathBudget": "its address pattern has had many pages and next to no article",
    "budget": "its host has had all that a run or a day may ask of it; it waits for the next",
    "robotsTxt": "robots.txt forbids it",
    "robotsUnreachable": "robots.txt could not be had, so nothing may be fetched; it waits for the next run",
    "noArchive": "the site asks not to be archived (noarchive)",
    "noAi": "the site reserves its pages from AI (noai)",
    "tdmReserved": "the site reserves its rights to text and data mining (TDMRep)",
    "aiAgents": "robots.txt forbids it to agents that gather text for AI",
    "invalidUrl": "no address that can be fetched",
    "processDied": "the process died while it was fetched, several times",
    "notHtml": "fetched and archived: no page but another kind of resource",
    "tooLarge": "fetched and archived in part: longer than one response may be",
    "duplicate": "fetched and archived: the same page is known under another address",
    "unreachable": "its host did not answer; it waits for the next run",
    "connectionFailed": "its host could not be connected to; it waits for the next run",
    "connectionRefused": "its host refused connections; it waits for the next run",
    "connectTimeout": "its host did not take connections in time; it waits for the next run",
    "dnsFailure": "the name of its host did not resolve; it waits for the next run",
    "emptyResponse": "its host ended connections without an answer; it waits for the next run",
    "proxyFailure": "the proxy did not connect to its host; it waits for the next run",
    "responseTimeout": "its host did not answer in time; it waits for the next run",
    "tlsFailure": "no encrypted connection to its host came about; it waits for the next run",
    "retryAfter": "its host asked for a long pause; it waits for the next run",
    "quietHours": "its source has quiet hours; it waits for the next run",
}
"""Each reason in words."""


def words_of(reason: str) -> str | None:
    """A reason in words; None for one that is not ours. What a host always answers is named by the status: ``status 429``."""
    if reason.startswith("status "):
        return "its host answered so again and again; it waits for the next run"
    return REASONS.get(reason)


class SkipReport:
    """Writes the report in ``folder``, for one run of a crawl. Nothing is made before the first skip."""

    def __init__(self, folder: Path, run: int) -> None:
        self._folder, self._run = folder, run
        self._file: BufferedWriter | None = None
        self._told: set[int] = set()

    def add(self, skips: Iterable[Skip], source: str | None) -> tuple[Skip, ...]:
        """Report those that this crawl has not yet named for that reason; returns them. May raise OSError."""
        fresh = tuple(skip for skip in skips if self._is_new(skip))
        if fresh:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            head = {"date": now, "run": self._run, "source": source}
            lines = [head | {"url": skip.url, "reason": skip.reason, "via": skip.via} for skip in fresh]
            self._write("".join(json.dumps(line) + "\n" for line in lines))
        return fresh

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _is_new(self, skip: Skip) -> bool:
        mark = hash((skip.url, skip.reason))
        if mark in self._told:
            return False
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told.add(mark)
        return True

    def _write(self, text: str) -> None:
        file = self._file or self._open()
        file.write(text.encode("ascii"))
        file.flush()
        if file.tell() > MAX_BYTES:
            self.close()
            (self._folder / NAME).replace(self._folder / FORMER_NAME)

    def _open(self) -> BufferedWriter:
        self._folder.mkdir(exist_ok=True)
        self._file = (self._folder / NAME).open("ab")
        return self._file


def kept_aside(examination: Examination, target: Target, respect: Collection[str] = ()) -> str | None:
    """Why a page that was fetched brings no document of its own, or none that goes out, in a word; None for any other.

    ``respect`` are the policies on what a page itself says of its rights (see `archive.rights`).
    """
    entry, kind = examination.entry, examination.outcome.kind
    if target.kind not in PAGE_KINDS:
        return None
    if entry.truncated == "length" and entry.type == "response":
        return "tooLarge"
    if kind is Kind.OTHER:
        return "notHtml"
    if reason := refusal(entry.url, examination.outcome.rights, (), respect):
        return reason
    elsewhere = entry.profile == IDENTICAL_PAYLOAD and entry.refers_to_url != entry.url
    return "duplicate" if elsewhere and kind is Kind.ARTICLE else None


def skipped_so_far(frontier: Frontier) -> Counter[str]:
    """How many addresses have been passed over without being fetched since the collection began, by reason."""
    passed = Counter(frontier.skips())
    for tally in frontier.counts():
        if tally.state in ("skipped", "quarantined"):
            passed[tally.reason or tally.state] += tally.count
    return passed


def append_report(folder: Path, target: Path) -> None:
    """Add the report in ``folder`` to the one in ``target``: of a crawl that was beside another."""
    for name in (FORMER_NAME, NAME):
        if (folder / name).exists():
            target.mkdir(exist_ok=True)
            with (target / NAME).open("ab") as report, (folder / name).open("rb") as lines:
                shutil.copyfileobj(lines, report)


def reported(folder: Path) -> Iterator[dict[str, Any]]:
    """The objects of the report in ``folder``, the oldest first; a line that a crash cut short is left out."""
    for name in (FORMER_NAME, NAME):
        try:
            with (folder / name).open(encoding="ascii") as lines:
                yield from filter(None, map(_object, lines))
        except (FileNotFoundError, UnicodeDecodeError):
            continue


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"url", "reason"} <= found.keys() else None


def counted_and_sampled(folder: Path, samples: int) -> tuple[Counter[str], dict[str, deque[dict[str, Any]]]]:
    """How many addresses the report names for each reason, and the last ``samples`` of them."""
    counts: Counter[str] = Counter()
    last: defaultdict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=samples))
    for skip in reported(folder):
        counts[skip["reason"]] += 1
        last[skip["reason"]].append(skip)
    return counts, dict(last)
