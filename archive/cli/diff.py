"""``palmyra diff``: what changed between two versions of an article, or any two documents."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.documents import find_document
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.terminal import on_one_line, write_out
from archive.cli.versions import versions_of
from archive.collection import Collection
from archive.difference import Change, differences, marked
from archive.entries import DocumentRow
from archive.errors import CaptureNotFound
from archive.exports.fields import utc_text

SIGNS = {"added": "+ ", "removed": "- ", "changed": "~ "}
_Document = Annotated[str, typer.Argument(metavar="ID", help="A document: its id, file name or URL.")]


def command(
    *,
    document: _Document,
    other: Annotated[
        str | None,
        typer.Argument(metavar="[ID2]", help="Another one to compare it with.", show_default=False),
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two documents, block by block.

    Of one ID: what changed in its article since the version before it (of a first version: until the next).
    `+` is a block that came, `-` one that went, `~` one that changed, with `[-what went-]` and `{+what came+}`; an
    edited headline and edited bylines stand first.

    Example: `palmyra diff 12`
    """
    store = Collection.open_existing(collection)
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        former, present = _pair(catalog, document, other)
    changes = differences(store.document_text(former), store.document_text(present))
    if as_json:
        sides = {"former": _side(former), "present": _side(present)}
        found = {"changes": [asdict(change) for change in changes]}
        sys.stdout.write(json.dumps(sides | found, ensure_ascii=False) + "\n")
    else:
        write_out("".join(f"{line}\n" for line in (*_heads(former, present), *change_lines(changes))))


def _pair(catalog: Catalog, document: str, other: str | None) -> tuple[DocumentRow, DocumentRow]:
    row = find_document(catalog, document)
    if other is not None:
        return row, find_document(catalog, other)
    versions = versions_of(catalog, row)
    documents = {version.number: version.document for version in reversed(versions)}
    number = next(version.number for version in versions if version.document == row.id)
    if len(documents) == 1:
        raise CaptureNotFound(
            f"document {row.id} is the only version of its article; name another to compare"
        )
    if number == 1:
        return row, catalog.document(documents[2])
    return catalog.document(documents[number - 1]), row


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """The changes for people, a sign before every line."""
    if not changes:
        yield "No difference."
    for change in changes:
        name = "" if change.part == "block" else f"{change.part}: "
        for line in _words(change).split("\n"):
            yield SIGNS[change.operation] + name + line


def _words(change: Change) -> str:
    if change.former is None or change.present is None:
        return change.former or change.present or ""
    return marked(change.former, change.present)


def _heads(former: DocumentRow, present: DocumentRow) -> Iterator[str]:
    for sign, row in (("---", former), ("+++", present)):
        yield f"{sign} document {row.id}, captured {utc_text(row.date)}, {on_one_line(row.final_url)}"


def _side(row: DocumentRow) -> dict[str, object]:
    return {
        "id": row.id,
        "url": row.final_url,
        "captured_at": utc_text(row.date),
        "text_digest": row.text_digest,
    }
