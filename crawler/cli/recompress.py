"""``palmyra recompress``."""

import json
import sys
from contextlib import closing
from typing import Annotated

import typer
from rich.filesize import decimal

from archive.catalog import Catalog
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection, final_name
from archive.derive import Derivation, finish_swap
from archive.errors import WarcFormatError
from archive.recompress import Recompressed, recompress_file
from archive.recovery import close_leftovers
from crawler.frontier.frontier import Frontier

FAILED = 1


def command(
    collection: CollectionOption = DEFAULT_COLLECTION,
    zstd: Annotated[
        bool,
        typer.Option(
            "--zstd",
            help="Into .warc.zst with a dictionary (IIPC's draft). warcio and pywb cannot read it (FastWARC can); `palmyra "
            "export wacz` gives them gzip again.",
        ),
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Put the closed WARC files into fewer bytes; index and catalog follow.

    A crawl compresses fast; this compresses well, at some MB a second. Records stay as they are, byte for byte: the new
    file is read back and compared before it takes the old one's place. A damaged file is told and left.

    Example: `palmyra recompress --collection news`
    """
    store = Collection.open_existing(collection)
    before = after = 0
    failures: list[str] = []
    with store.lock():
        finish_swap(store)
        close_leftovers(store)
        for path in store.warc_files():
            try:
                result = recompress_file(store, path, zstd=zstd)
            except WarcFormatError as error:
                failures.append(str(error))
                continue
            before, after = before + result.before, after + result.after
            _follow(store, result)
            _say(result, quiet=quiet, as_json=as_json)
        if store.catalog_path.exists():
            with Catalog.open(store.catalog_path) as catalog:
                Derivation(store, catalog).update_index()
    if not (quiet or as_json):
        sys.stdout.write(f"{decimal(before)} are {decimal(after)} now.\n")
    sys.stderr.writelines(f"palmyra: {failure}\n" for failure in failures)
    return FAILED if failures else 0


def _follow(store: Collection, result: Recompressed) -> None:
    """Tell the frontier that it knows the file under its new name too."""
    if result.why is None and store.state_path.exists():
        with closing(Frontier(store.state_path)) as frontier:
            frontier.settle([], watermark=(final_name(result.path), result.after))


def _say(result: Recompressed, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        found = {"path": str(result.path), "before": result.before, "after": result.after, "why": result.why}
        sys.stdout.write(json.dumps(found) + "\n")
    elif not quiet:
        words = result.why or f"{decimal(result.before)} to {decimal(result.after)}"
        sys.stdout.write(f"{result.path.name}: {words}\n")
