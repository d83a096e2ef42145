"""``palmyra show``."""

import sys
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.documents import document_json, find_document
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.terminal import on_one_line, printable, write_bytes, write_out
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.http import decode_payload
from archive.warc.reader import read_capture
from archive.warc.stored import StoredCapture

MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
"""Most bytes of a payload that ``--html`` decodes."""


def command(
    *,
    document: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A document: its id, its file name (or first four hex digits), or its URL."
        ),
    ],
    collection: CollectionOption = DEFAULT_COLLECTION,
    meta: Annotated[
        bool, typer.Option("--meta", help="What is known of it, and the record it came from.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="The page as captured, its codings undone.")] = False,
    headers: Annotated[
        bool, typer.Option("--headers", help="The WARC fields and the HTTP head as stored.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a document: its text, or what it was made from.

    In a pipe or a file the output is exact to the byte; on a terminal control characters are replaced.

    Example: `palmyra show 12 --meta`
    """
    if meta + html + headers > 1:
        raise typer.BadParameter("--meta, --html and --headers exclude each other")
    store = Collection.open_existing(collection)
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        row = find_document(catalog, document)
        if as_json:
            sys.stdout.write(document_json(catalog, row) + "\n")
        elif meta:
            sys.stdout.write("\n".join(metadata_lines(catalog, row)) + "\n")
        elif html or headers:
            _show_capture(read_capture(store.warc_path(row.ref.file), row.ref.offset), html=html)
        else:
            write_out(store.document_text(row))


def metadata_lines(catalog: Catalog, row: DocumentRow) -> list[str]:
    """What is known of a document, a line each; what the page does not state is left out."""
    article, ref = row.article, row.ref
    discovery = catalog.capture(row.capture).entry.discovery
    known = {
        "title": article.title,
        "authors": ", ".join(article.authors),
        "published": article.published,
        "modified": article.modified,
        "language": article.language,
        "site": article.site_name,
        "section": article.section,
        "tags": ", ".join(article.tags),
        "description": article.description,
        "url": row.url,
        "final url": row.final_url if row.final_url != row.url else None,
        "canonical url": row.canonical_url,
        "found in": discovery.via,
        "captured": row.date.isoformat(),
        "document": f"documents/{row.name}",
        "text digest": f"sha256:{row.text_digest}",
        "payload digest": row.payload_digest,
        "record": f"archive/{ref.file} at byte {ref.offset}, {ref.record_id}",
        "extractor": f"{row.extractor} {row.extractor_version}",
    }
    width = max(map(len, known)) + 2
    return [f"{name + ':':<{width}}{on_one_line(value)}" for name, value in known.items() if value]


def _show_capture(capture: StoredCapture, *, html: bool) -> None:
    head = capture.http_head
    if html:
        write_bytes(decode_payload(head, capture.body(), limit=MAX_PAYLOAD_BYTES).data)
        return
    message = capture.message()
    message.seek(0)
    stored = message.read(head.size)
    fields = "".join(f"{name}: {value}\n" for name, value in capture.record.fields)
    write_out(printable(f"{capture.record.version}\n{fields}\n"))
    if sys.stdout.isatty():
        write_out(stored.decode("latin-1").replace("\r\n", "\n"))
    else:
        write_bytes(stored)
