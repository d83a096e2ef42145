"""``palmyra run-due``."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.errors import CollectionLocked
from crawler.cli.crawling import crawl_and_report
from crawler.frontier.state import connect
from crawler.session.lanes import in_progress
from crawler.settings import Options
from crawler.sources.declared import Source, load_sources
from crawler.sources.schedule import Schedule, due_sources


def command(  # noqa: PLR0917 - a flag each
    sources_file: Annotated[
        Path, typer.Option("--sources", metavar="FILE", help="Where the sources are declared.")
    ] = Path("sources.toml"),
    collection: CollectionOption = DEFAULT_COLLECTION,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Crawl the declared sources that are due. Made for a crontab.

    A source is due when its `every` has passed since its last start, or when that crawl did not come to its end. In its
    quiet hours it waits; a crawl that they interrupt goes on after them.
    Sources that another run is still at are left to it; the others are crawled beside it.

    Example: `*/10 * * * *  cd ~/news && palmyra run-due --quiet`
    """
    options = Options.load(allow_private=allow_private or None)
    sources = load_sources(sources_file)
    store = Collection.create(collection)
    try:
        due = _left_alone(store, _due(store, sources), quiet=quiet or as_json)
        if as_json and (dry_run or not due):
            sys.stdout.write(json.dumps({"due": [source.name for source in due]}) + "\n")
            return 0
        if dry_run or not due:
            lines = [f"due: {source.name}" for source in due] or ([] if quiet else ["Nothing is due."])
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            return 0
        return crawl_and_report(options, collection, due, quiet=quiet, as_json=as_json)
    except CollectionLocked as locked:
        if not quiet:
            sys.stdout.write(f"Left to the run that is going on: {locked}\n")
        return 0


def _due(store: Collection, sources: Sequence[Source]) -> list[Source]:
    """What is due, and what an earlier run did not finish; nothing that has quiet hours now."""
    now = datetime.now(UTC)
    sources = [source for source in sources if not source.is_quiet(now)]
    with closing(connect(store.state_path)) as connection:
        schedule = Schedule(connection)
        due = due_sources(sources, schedule.last_starts(), now)
        unfinished = schedule.unfinished()
    return [*due, *(source for source in sources if source.name in unfinished and source not in due)]


def _left_alone(store: Collection, sources: Sequence[Source], *, quiet: bool) -> list[Source]:
    """``sources`` without those that another process is at, which it says."""
    busy = in_progress(store)
    for source in sources:
        if source.name in busy and not quiet:
            sys.stdout.write(f"{source.name} is left to {busy[source.name].holder()}\n")
    return [source for source in sources if source.name not in busy]
