"""``palmyra extract``."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.derive import Examined, derive_again
from archive.entries import DocumentRow
from archive.extraction.pool import WorkerPool
from archive.recovery import close_leftovers
from crawler.progress import progress_for
from crawler.settings import Options
from crawler.tally import Tally, counted
from crawler.urls import host_key


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
    pool = WorkerPool(
        options.workers,
        time_limit_s=options.worker_time_limit,
        memory_limit_bytes=options.worker_memory_limit,
    )

    def kept(batch: Sequence[Examined], rows: Sequence[DocumentRow | None]) -> None:
        for examined, row in zip(batch, rows, strict=True):
            entry = examined.examination.entry
            tally.add_capture(host_key(entry.url), entry.url, entry.length)
            tally.add_kept(examined.examination.outcome.kind, new_document=row is not None)

    with store.lock(), pool, progress_for(tally, quiet=quiet or as_json):
        close_leftovers(store)
        derive_again(store, pool, kept)
    if as_json:
        sys.stdout.write(json.dumps(tally.as_dict()) + "\n")
    elif not quiet:
        words = ", ".join(counted(count, kind) for kind, count in tally.kinds.most_common())
        sys.stdout.write(f"Examined {tally.captures} captures in {tally.seconds:.1f} s: {words}.\n")
        sys.stdout.write(f"Derived {tally.documents} documents, the index and the catalog in {collection}.\n")
    return 0
