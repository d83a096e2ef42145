"""``palmyra status``."""

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.filesize import decimal

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.status import ArchiveStatus, archive_status
from archive.collection import Collection
from crawler.cli.health import write_sources
from crawler.cli.skipped import write_skips
from crawler.frontier.frontier import Frontier
from crawler.session.lanes import ended, in_progress
from crawler.session.tally import counted

STATE_WORDS = {
    "pending": "to fetch",
    "waiting": "waiting for another try",
    "leased": "in flight",
    "done": "done",
    "failed": "failed",
    "skipped": "skipped",
    "quarantined": "set aside after killing the process",
}


@dataclass(frozen=True, slots=True)
class FrontierStatus:
    """Addresses by state; why some failed or were passed over; hosts that the last run gave up, and why."""

    states: dict[str, int]
    failed: dict[str, int]
    skipped: dict[str, int]
    given_up: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def command(
    collection: CollectionOption = DEFAULT_COLLECTION,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="Say what was passed over and why, with examples.")
    ] = False,
    sources: Annotated[
        bool, typer.Option("--sources", help="Say what each source brought, and what seems wrong with it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a collection holds, and what its crawl has still to do.

    It may be asked while a crawl runs. `--skipped` counts the addresses passed over since the collection began and
    shows the last ones of each reason; all of the last crawls are in `reports/skipped.jsonl`. `--sources` shows the last
    run of each source beside those before, and flags what a person should look at.

    Example: `palmyra status --collection news`
    """
    store = Collection.open_existing(collection)
    if skipped:
        known = frontier_status(store)
        write_skips(store, known.skipped if known else {}, as_json=as_json)
        return
    if sources:
        write_sources(store, as_json=as_json)
        return
    held = archive_status(store)
    frontier = frontier_status(store)
    if as_json:
        crawl = frontier.as_dict() if frontier else None
        now = {"crawled_now": sorted(in_progress(store)), "to_be_joined": len(ended(store))}
        sys.stdout.write(json.dumps(held.as_dict() | {"frontier": crawl} | now) + "\n")
    else:
        lines = [*_archive_lines(held), *_frontier_lines(frontier), *_crawl_lines(store)]
        sys.stdout.write("\n".join(lines) + "\n")


def _crawl_lines(collection: Collection) -> list[str]:
    lines = [
        f"crawled:    {name} now, by {place.holder()}"
        for name, place in sorted(in_progress(collection).items())
    ]
    if waiting := len(ended(collection)):
        crawls = "1 crawl" if waiting == 1 else f"{waiting} crawls"
        lines.append(f"beside:     {crawls} in lanes/, joined by the next `palmyra crawl` or `run-due`")
    return lines


def frontier_status(collection: Collection) -> FrontierStatus | None:
    """The frontier's figures; None in a collection that no crawl has written (or whose state was deleted)."""
    if not collection.state_path.exists():
        return None
    with Frontier(collection.state_path) as frontier:
        tallies, passed_over, given_up = frontier.counts(), frontier.skips(), dict(frontier.given_up())
    states, failed, skipped = Counter[str](), Counter[str](), Counter[str](passed_over)
    for tally in tallies:
        states[tally.state] += tally.count
        if tally.state in ("failed", "skipped"):
            (failed if tally.state == "failed" else skipped)[tally.reason or "unknown"] += tally.count
    return FrontierStatus(dict(sorted(states.items())), _most_common(failed), _most_common(skipped), given_up)


def _most_common(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())


def _archive_lines(held: ArchiveStatus) -> list[str]:
    files = (
        f"{held.warc_files} WARC {'file' if held.warc_files == 1 else 'files'}, {decimal(held.warc_bytes)}"
    )
    being_written = f" ({held.open_files} being written)" if held.open_files else ""
    kinds = sorted(held.kinds.items(), key=lambda pair: -pair[1])
    lines = [
        f"archive:    {files}{being_written}",
        f"captures:   {held.captures}: "
        + (", ".join(counted(count, kind) for kind, count in kinds) or "none"),
        "statuses:   " + (_listed(held.statuses) or "none"),
        f"documents:  {held.documents}",
    ]
    if held.quarantined:
        lines.append(f"quarantine: {held.quarantined} torn tails of WARC files, kept in quarantine/")
    return lines


def _frontier_lines(frontier: FrontierStatus | None) -> list[str]:
    if frontier is None:
        return ["frontier:   none"]
    states = {STATE_WORDS.get(state, state): count for state, count in frontier.states.items()}
    found = {"frontier": states, "failed": frontier.failed, "skipped": frontier.skipped}
    lines = [f"{name + ':':<12}{_listed(counts)}" for name, counts in found.items() if counts]
    if frontier.given_up:
        why = _most_common(Counter(frontier.given_up.values()))
        hosts = (f"{count} {'host' if count == 1 else 'hosts'} ({reason})" for reason, count in why.items())
        lines.append(f"{'waiting:':<12}what is left of {', '.join(hosts)}")
    return lines


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
