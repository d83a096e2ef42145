"""``palmyra diff``: what changed between two versions of an article, or any two documents."""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.changes import change_lines
from archive.cli.documents import find_document
from archive.cli.former import SAMPLE, report
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.terminal import on_one_line, write_out
from archive.cli.versions import versions_of
from archive.collection import Collection
from archive.difference import Change, differences
from archive.entries import DocumentRow
from archive.errors import CaptureNotFound
from archive.exports.fields import utc_text
from archive.former import former_text


def command(
    *,
    document: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A document: its id, file name or URL.", show_default=False),
    ] = None,
    other: Annotated[
        str | None,
        typer.Argument(metavar="[ID2]", help="Another one to compare it with.", show_default=False),
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    extractor: Annotated[
        bool, typer.Option("--extractor", help="What a newer extractor changed: in all documents, or in ID.")
    ] = False,
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="With --extractor: documents to show the changes of.")
    ] = SAMPLE,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two documents, block by block.

    Of one ID: what changed in its article since the version before it (of a first version: until the next).
    `+` is a block that came, `-` one that went, `~` one that changed, with `[-what went-]` and `{+what came+}`; an
    edited headline and edited bylines stand first.

    `palmyra extract` keeps what another extractor made and what has changed since; `--extractor` counts that, and shows
    the changes of some documents.

    Example: `palmyra diff 12`, `palmyra diff 12 40`, `palmyra diff --extractor`
    """
    store = Collection.open_existing(collection)
    if document is None and extractor:
        report(store, sample, as_json=as_json)
        return
    if document is None or (extractor and other is not None):
        raise typer.BadParameter("name one document or two; with --extractor none or one")
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        row = find_document(catalog, document)
        sides = _by_extractor(store, row) if extractor else _sides(store, *_pair(catalog, row, other))
    changes = differences(sides[0].text, sides[1].text)
    if as_json:
        sys.stdout.write(_json(sides, changes) + "\n")
    else:
        write_out("".join(f"{line}\n" for line in (*_heads(sides), *change_lines(changes))))


@dataclass(frozen=True, slots=True)
class Side:
    """One of two documents that are compared: its name for people, what programs are told of it, its text."""

    words: str
    known: dict[str, object]
    text: str


Sides = tuple[Side, Side]


def _sides(store: Collection, former: DocumentRow, present: DocumentRow) -> Sides:
    return _side(store, former), _side(store, present)


def _side(store: Collection, row: DocumentRow) -> Side:
    words = f"document {row.id}, captured {utc_text(row.date)}, {on_one_line(row.final_url)}"
    return Side(words, {"id": row.id} | _capture(row, row.text_digest), store.document_text(row))


def _capture(row: DocumentRow, text_digest: str) -> dict[str, object]:
    return {"url": row.final_url, "captured_at": utc_text(row.date), "text_digest": text_digest}


def _by_extractor(store: Collection, row: DocumentRow) -> Sides:
    """What another extractor had made of a document's capture, and the document."""
    found = former_text(store, row)
    if found is None:
        raise CaptureNotFound(f"document {row.id}: no other text of its capture by another extractor is kept")
    extractor, text = found
    known = _capture(row, hashlib.sha256(text.encode()).hexdigest())
    present = _side(store, row)
    return (
        Side(f"by {extractor}", known | {"extractor": extractor}, text),
        Side(
            f"{present.words}, by {extractor_of(row)}",
            present.known | {"extractor": extractor_of(row)},
            present.text,
        ),
    )


def extractor_of(row: DocumentRow) -> str:
    return f"{row.extractor} {row.extractor_version}"


def _pair(catalog: Catalog, row: DocumentRow, other: str | None) -> tuple[DocumentRow, DocumentRow]:
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


def _heads(sides: Sides) -> Iterator[str]:
    for sign, side in zip(("---", "+++"), sides, strict=True):
        yield f"{sign} {side.words}"


def _json(sides: Sides, changes: Sequence[Change]) -> str:
    known = {"former": sides[0].known, "present": sides[1].known}
    return json.dumps(known | {"changes": [asdict(change) for change in changes]}, ensure_ascii=False)
