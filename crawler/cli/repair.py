"""``palmyra repair``."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.cli.findings import finding_line
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.entries import CaptureRow
from archive.errors import CaptureNotFound, ConfigurationError
from archive.repair import Repaired, repair_collection
from archive.wacz import is_wacz
from archive.warc.mend import Mended, mended_name, salvage
from archive.warc.recover import Recovered
from archive.warc.verify import Finding, verify_files
from crawler.cli.deriving import deriving
from crawler.frontier.frontier import Frontier
from crawler.session.adoption import target_of
from crawler.session.tally import Tally
from crawler.settings import Options

FAILED = 1
SALVAGED = "salvaged-"
"""Put before the name of a file that is made beside a damaged one."""


def command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="WARC or ARC files to salvage instead of a collection."),
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where what is salvaged of FILEs goes (default: beside each)."),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Salvage torn and damaged files: every whole record into new ones. Nothing is ever deleted.

    In a collection a damaged WARC file is replaced by one of its whole records and lies in quarantine/ from then on;
    documents, index and catalog are derived again where they no longer fit, and the next crawl asks again for the
    addresses whose captures are lost. A FILE stays as it is, and what can be
    read of it goes to salvaged-FILE. Exit code 1 when something remains that cannot be mended; it is listed.

    Example: `palmyra repair --collection news`
    """
    if files:
        return _salvage_all(files, output, quiet=quiet, as_json=as_json)
    if output:
        raise typer.BadParameter("--output is for FILEs; a collection is mended in place")
    store = Collection.open_existing(collection)
    tally = Tally()
    with store.lock(), deriving(Options.load(), tally, quiet=quiet or as_json) as (pool, kept):
        repaired = repair_collection(store, pool, kept, partial(_ask_again, store))
    if as_json:
        sys.stdout.write(json.dumps(_as_dict(repaired)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _words(repaired, quiet=quiet))
    return _code(repaired.remaining)


def _ask_again(store: Collection, lost: Sequence[CaptureRow]) -> None:
    """Have the next crawl fetch again what is lost. Where the frontier is lost too, it knows none of it as fetched."""
    if not lost or not store.state_path.exists():
        return
    with Frontier(store.state_path) as frontier:
        for row in lost:
            frontier.renew(target_of(row.entry, row.kind))


def _salvage_all(files: Sequence[Path], output: Path | None, *, quiet: bool, as_json: bool) -> int:
    salvaged = [_salvage(path, output) for path in files]
    remaining = tuple(verify_files(each.path for each in salvaged if each.path))
    for each in salvaged:
        if as_json:
            sys.stdout.write(json.dumps(_mended(each)) + "\n")
        elif not quiet:
            sys.stdout.writelines(f"{line}\n" for line in _mended_words(each))
    if not as_json:
        sys.stdout.writelines(f"{line}\n" for line in _remaining_words(remaining, quiet=quiet))
    return FAILED if any(each.path is None for each in salvaged) else _code(remaining)


def _salvage(path: Path, output: Path | None) -> Mended:
    if not path.is_file():
        raise CaptureNotFound(f"{path}: no such file")
    if is_wacz(path):
        raise ConfigurationError(f"{path}: a WACZ; `palmyra import` takes what can be read of it")
    folder = output or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    return salvage(path, folder / (SALVAGED + mended_name(path.name)))


def _code(remaining: Sequence[Finding]) -> int:
    return FAILED if any(finding.severity == "error" for finding in remaining) else 0


def _words(repaired: Repaired, *, quiet: bool) -> list[str]:
    lines = [] if quiet else [_closed_words(each) for each in repaired.closed]
    for mended in () if quiet else repaired.mended:
        lines += _mended_words(mended)
    if not quiet:
        lines += [f"Moved to {path}" for path in repaired.set_aside]
    if repaired.captures is not None and not quiet:
        lines.append(f"Derived documents, index and catalog again from {repaired.captures} captures.")
    if repaired.lost and not quiet:
        lines.append(f"{repaired.lost} captures are lost; the next crawl asks for their addresses again.")
    lines += _remaining_words(repaired.remaining, quiet=quiet)
    if not lines and not quiet:
        lines.append("Nothing to mend: all whole.")
    return lines


def _closed_words(closed: Recovered) -> str:
    tail = f"; {closed.tail_length} torn bytes lie in {closed.tail}" if closed.tail else ""
    return f"Closed {closed.path or 'a file without a whole record'}{tail}"


def _mended_words(mended: Mended) -> list[str]:
    lost = Counter(loss.reason for loss in mended.losses)
    orphans = f", {mended.orphans} left out whose response is lost" if mended.orphans else ""
    lines = [
        f"{mended.path or mended.damaged}: {mended.records} whole records{orphans}; from {mended.damaged}"
    ]
    return lines + [f"  lost: {count} x {reason}" for reason, count in lost.most_common()]


def _remaining_words(remaining: Sequence[Finding], *, quiet: bool) -> list[str]:
    kept = [finding for finding in remaining if finding.severity == "error" or not quiet]
    return [f"remains: {finding_line(finding)}" for finding in kept]


def _as_dict(repaired: Repaired) -> dict[str, Any]:
    return {
        "closed": [{"path": _text(each.path), "tail": _text(each.tail)} for each in repaired.closed],
        "mended": [_mended(each) for each in repaired.mended],
        "set_aside": [str(path) for path in repaired.set_aside],
        "captures": repaired.captures,
        "lost": repaired.lost,
        "remaining": [
            {"severity": each.severity, "file": str(each.file), "offset": each.offset, "code": each.code}
            for each in repaired.remaining
        ],
    }


def _mended(mended: Mended) -> dict[str, Any]:
    losses = [{"offset": loss.offset, "length": loss.length, "reason": loss.reason} for loss in mended.losses]
    return {
        "path": _text(mended.path),
        "damaged": str(mended.damaged),
        "records": mended.records,
        "orphans": mended.orphans,
        "losses": losses,
    }


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
