"""``palmyra extract``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.former import count_lines
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.conversion import write_conversions_again
from archive.derive import derive_again
from archive.former import extractions
from archive.recovery import close_leftovers
from crawler.cli.deriving import deriving, examined_words
from crawler.session.tally import Tally
from crawler.settings import Options

FAILED = 1


def command(
    collection: CollectionOption = DEFAULT_COLLECTION,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that examine pages (default: one a core).")
    ] = None,
    conversion_records: Annotated[
        bool,
        typer.Option(
            "--conversion-records", help="Keep the texts as WARC conversion records too, in DIR/derived."
        ),
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Derive documents, index and catalog again from the WARC files alone.

    No network is used. The same archive gives the same documents under the same names, byte for byte. Where another
    version of the extractor made the documents that are there, those that change are kept in `former/`. Texts whose record
    is damaged or gone are kept in `quarantine/`, and the exit code is 1.

    Example: `palmyra extract --collection news`
    """
    options = Options.load(workers=workers)
    store = Collection.open_existing(collection)
    tally = Tally()
    with store.lock(), deriving(options, tally, quiet=quiet or as_json) as (pool, kept):
        close_leftovers(store)
        before = len(extractions(store))
        lost: list[Path] = []
        derive_again(store, pool, kept, lost.append)
        changed = extractions(store)[before:]
        if conversion_records:
            with Catalog.open(store.catalog_path, readonly=True) as catalog:
                write_conversions_again(store, catalog.documents())
    if as_json:
        reports = {each.path.name: each.counts for each in changed}
        sys.stdout.write(json.dumps(tally.as_dict() | {"former": reports}) + "\n")
    elif not quiet:
        sys.stdout.write(f"{examined_words(tally)}\n")
        sys.stdout.write(f"Derived {tally.documents} documents, the index and the catalog in {collection}.\n")
        for extraction in changed:
            sys.stdout.writelines(f"{line}\n" for line in count_lines(store, extraction))
            sys.stdout.write("`palmyra diff --extractor` shows what changed.\n")
    if lost:
        sys.stderr.write(
            f"palmyra: {len(lost)} earlier texts have no record in {store.archive} any more; they are kept in "
            f"{store.quarantine / 'documents'}, and `palmyra verify` says what is damaged\n"
        )
        return FAILED
    return 0
