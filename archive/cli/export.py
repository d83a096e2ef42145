"""``palmyra export``: the collection's documents, or the whole of it, for other programs."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.exports import FORMATS, STANDARD_OUTPUT, ExportSummary, export

ExportFormat = StrEnum("ExportFormat", {name: name for name in FORMATS})  # type: ignore[misc]


def command(
    format_: Annotated[
        ExportFormat,
        typer.Argument(metavar="FORMAT", help="txt, jsonl, parquet or wacz.", show_default=False),
    ],
    dest: Annotated[
        Path,
        typer.Argument(metavar="DEST", help="The file to write; for txt the folder.", show_default=False),
    ],
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace DEST where it exists.")] = False,
    json_: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    opened = Collection.open_existing(collection)
    with Catalog.open(opened.catalog_path, readonly=True) as catalog:
        summary = export(str(format_), opened, catalog, dest, force=force)
    if not quiet:
        typer.echo(_summary_line(summary, as_json=json_), err=dest == STANDARD_OUTPUT)


def _help() -> str:
    formats = "\n".join(f"- `{name}`: {words}" for name, words in FORMATS.items())
    return f"""Write the collection for other programs.

{formats}

DEST appears whole or not at all; what exists is replaced only with `--force`.

Example: `palmyra export parquet news.parquet`
"""


command.__doc__ = _help()


def _summary_line(summary: ExportSummary, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(summary.as_json(), ensure_ascii=False)
    captures = "" if summary.captures is None else f", {summary.captures:,} captures"
    lines = [f"{summary.path}: {summary.documents:,} documents{captures}, {summary.bytes:,} bytes"]
    lines += [f"left out {file}: {reason}" for file, reason in summary.left_out]
    return "\n".join(lines)
