"""``palmyra run-due``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from crawler.cli.crawling import crawl_and_report
from crawler.frontier import connect
from crawler.schedule import Schedule, due_sources
from crawler.settings import Options
from crawler.sources import load_sources


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

    A source is due when its `every` has passed since its last start. While one run goes on, a second leaves and says so.

    Example: `*/10 * * * *  cd ~/news && palmyra run-due --quiet`
    """
    options = Options.load(allow_private=allow_private or None)
    sources = load_sources(sources_file)
    store = Collection.create(collection)
    with connect(store.state_path) as connection:
        due = due_sources(sources, Schedule(connection).last_starts(), datetime.now(UTC))
    if dry_run or not due:
        sys.stdout.write(
            "".join(f"due: {source.name}\n" for source in due) or ("" if quiet else "Nothing is due.\n")
        )
        return 0
    return crawl_and_report(options, collection, due, quiet=quiet, as_json=as_json)
