"""``palmyra export``: the collection's documents, or the whole of it, for other programs."""

import json
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.exports import FORMATS, STANDARD_OUTPUT, ExportError, ExportSummary, export
from archive.permitted import PermittedCatalog
from archive.rights import POLICIES

Respected = StrEnum("Respected", {name: name for name in POLICIES})  # type: ignore[misc]
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
    respect: Annotated[
        list[Respected] | None,
        typer.Option(
            "--respect",
            metavar="noarchive|noai|tdm",
            help="Leave out documents that their site asks to; may be given several times. Not for wacz.",
        ),
    ] = None,
    join_pages: Annotated[
        bool,
        typer.Option("--join-pages", help="Articles on several pages as one document each. Not for wacz."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace DEST where it exists.")] = False,
    json_: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    opened = Collection.open_existing(collection)
    if (respect or join_pages) and format_ == "wacz":
        raise ExportError(
            "a WACZ holds whole WARC files: --respect and --join-pages are for txt, jsonl and parquet"
        )
    if dest == STANDARD_OUTPUT and format_ != "jsonl":
        raise ExportError(f"{format_} cannot be written to standard output, only jsonl can: name a file")
    with PermittedCatalog.open(opened.catalog_path, readonly=True) as catalog:
        catalog.joins_pages = join_pages
        catalog.respect = frozenset(str(policy) for policy in respect or ())
        summary = export(str(format_), opened, catalog, dest, force=force)
        summary = replace(summary, refused=tuple(sorted(catalog.refused.items())))
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
    lines += [f"left out {count:,} documents: {reason}" for reason, count in summary.refused]
    lines += [f"left out {file}: {reason}" for file, reason in summary.left_out]
    return "\n".join(lines)
