"""``palmyra verify``."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.findings import counted_findings, write_findings
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.verify_files import verify_any
from archive.warc.parallel import processes

FAILED = 1


def command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="WARC, ARC or WACZ files to check instead of a collection."),
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Check every byte that the collection keeps: WARC files, index, documents and catalog against each other.

    Gzip members, lengths, digests, record ids, dates and fields; every index line against its record and every record
    against its line; revisits against their originals; every document against its name and its record; the catalog's
    tables against each other; what is kept in derived/ and former/. Of FILEs, WARC or WACZ, the same as far as they go:
    a WACZ's hashes, and its index against its records. What only reading the pages again can tell (titles, authors,
    kinds) is not checked: `palmyra extract` derives it again. Exit code 1 when something is wrong, 0 with warnings alone.

    Example: `palmyra verify --collection news`
    """
    if files:
        verify, warcs, checked = partial(verify_any, files), files, _counted(len(files), "file")
    else:
        from archive.verify import verify_collection  # noqa: PLC0415  # takes longer to load than small files to check

        store = Collection.open_existing(collection)
        verify, warcs = partial(verify_collection, store), store.warc_files()
        counted = _counted(len(warcs), "WARC file")
        checked = f"{counted}, index, documents and catalog of {store.root}"
    with processes(warcs) as executor:
        counts = write_findings(verify(executor=executor), quiet=quiet, as_json=as_json)
    if not as_json and not quiet:
        sys.stdout.write(f"Checked {checked}: {counted_findings(counts)}.\n")
    return FAILED if counts["error"] else 0


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
