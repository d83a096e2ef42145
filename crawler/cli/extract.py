"""``palmyra extract``."""

import json
import sys
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.derive import derive_again
from archive.recovery import close_leftovers
from crawler.cli.deriving import deriving, examined_words
from crawler.settings import Options
from crawler.tally import Tally


def command(
    collection: CollectionOption = DEFAULT_COLLECTION,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that examine pages (default: one a core).")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Derive documents, index and catalog again from the WARC files alone.

    No network is used. The same archive gives the same documents under the same names, byte for byte.

    Example: `palmyra extract --collection news`
    """
    options = Options.load(workers=workers)
    store = Collection.open_existing(collection)
    tally = Tally()
    with store.lock(), deriving(options, tally, quiet=quiet or as_json) as (pool, kept):
        close_leftovers(store)
        derive_again(store, pool, kept)
    if as_json:
        sys.stdout.write(json.dumps(tally.as_dict()) + "\n")
    elif not quiet:
        sys.stdout.write(f"{examined_words(tally)}\n")
        sys.stdout.write(f"Derived {tally.documents} documents, the index and the catalog in {collection}.\n")
    return 0
