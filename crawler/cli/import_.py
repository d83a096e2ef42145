"""``palmyra import``."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.derive import Derivation, catch_up, finish_swap
from archive.errors import ArchiveError, StorageError
from archive.importing import Imported, Importer
from archive.recovery import close_leftovers
from crawler.cli.deriving import deriving, examined_words
from crawler.session.tally import Tally
from crawler.settings import Options

FAILED = 1


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="WARC, ARC or WACZ files.")],
    collection: CollectionOption = DEFAULT_COLLECTION,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Take WARC, ARC and WACZ files that any program wrote into a collection, and derive their documents.

    Each record is kept byte for byte, in a file of its own that says where it came from and comes behind all that is
    there: the collection's documents keep their numbers. What was imported before is noticed and left. What is damaged
    in a file is told and left out, and the exit code is 1.

    Example: `palmyra import wget.warc.gz crawl.wacz --collection news`
    """
    store, tally = Collection.create(collection), Tally()
    failures: list[ArchiveError] = []
    partly: list[Imported] = []
    with ExitStack() as stack:
        stack.enter_context(store.lock())
        finish_swap(store)
        catalog = stack.enter_context(Catalog.open(store.catalog_path))
        close_leftovers(store, catalog)
        for imported in _imported(Importer(store, catalog), files, failures):
            _say(imported, quiet=quiet, as_json=as_json)
            partly += [imported] if imported.losses else []
        pool, kept = stack.enter_context(deriving(Options.load(), tally, quiet=quiet or as_json))
        catch_up(store, catalog, pool, kept)
        Derivation(store, catalog).update_index()
    if as_json:
        sys.stdout.write(json.dumps(tally.as_dict()) + "\n")
    elif not quiet and tally.captures:
        sys.stdout.write(
            f"{examined_words(tally)}\nDerived {tally.documents} new documents in {collection}.\n"
        )
    for failure in failures:
        sys.stderr.write(f"palmyra: {failure}\n")
    for imported in partly:
        sys.stderr.write(f"palmyra: {_lost(imported)}\n")
    return FAILED if failures or partly else 0


def _lost(imported: Imported) -> str:
    size, first = sum(loss.length for loss in imported.losses), imported.losses[0]
    places = len(imported.losses)
    return (
        f"{imported.origin} is damaged: {size} bytes in {places} {'place' if places == 1 else 'places'} are left out"
        f" (the first at byte {first.offset}: {first.reason}); keep the file"
    )


def _imported(importer: Importer, files: Sequence[Path], failures: list[ArchiveError]) -> Iterator[Imported]:
    """One bad file costs itself; a disk that refuses ends it all."""
    for path in files:
        try:
            yield from importer.take(path)
        except StorageError:
            raise
        except ArchiveError as error:
            failures.append(error)


def _say(imported: Imported, *, quiet: bool, as_json: bool) -> None:
    losses = [
        {"offset": loss.offset, "length": loss.length, "reason": loss.reason} for loss in imported.losses
    ]
    if as_json:
        found = {
            "file": imported.origin,
            "path": str(imported.path),
            "records": imported.records,
            "there_already": imported.there_already,
            "losses": losses,
        }
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    elif imported.there_already and not quiet:
        sys.stdout.write(f"{imported.origin}: there already, in {imported.path}\n")
    elif not quiet:
        sys.stdout.write(f"{imported.origin}: {imported.records} records, in {imported.path}\n")
        sys.stdout.writelines(f"  lost at byte {loss.offset}: {loss.reason}\n" for loss in imported.losses)
