"""``palmyra show``."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from archive.catalog import Catalog
from archive.cli.documents import document_json, find_document, host_of
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.terminal import on_one_line, printable, write_bytes, write_out
from archive.cli.versions import version_cells, version_json, versions_of, versions_table
from archive.collection import Collection
from archive.duplicates import Member
from archive.entries import DocumentRow
from archive.exports.texts import joined_document
from archive.http import decode_payload
from archive.warc.reader import read_capture
from archive.warc.stored import StoredCapture

MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
"""Most bytes of a payload that ``--html`` decodes."""
MAX_LISTED = 8
"""Documents with the same text that ``--meta`` names besides the canonical one."""


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
    versions: Annotated[
        bool,
        typer.Option("--versions", help="Every version of its article, oldest first; * is the present one."),
    ] = False,
    join_pages: Annotated[
        bool, typer.Option("--join-pages", help="The whole text of an article on several pages.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a document: its text, or what it was made from.

    In a pipe or a file the output is exact to the byte; on a terminal control characters are replaced.

    Example: `palmyra show 12 --meta`
    """
    if meta + html + headers + versions + join_pages > 1:
        raise typer.BadParameter("--meta, --html, --headers, --versions and --join-pages exclude each other")
    store = Collection.open_existing(collection)
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        row = find_document(catalog, document)
        if versions:
            _show_versions(catalog, row, as_json=as_json)
        elif join_pages and not as_json:
            first = catalog.document(catalog.continuations.first_of(row))
            write_out(joined_document(store, catalog, first)[1])
        elif as_json:
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
    capture = catalog.capture(row.capture)
    known = {
        "title": article.title,
        "authors": ", ".join(article.authors),
        "published": article.published,
        "modified": article.modified,
        "language": article.language,
        "declared language": _unless_same(article.declared_language, article.language),
        "note": capture.reason,
        "site": article.site_name,
        "section": article.section,
        "tags": ", ".join(article.tags),
        "description": article.description,
        "url": row.url,
        "final url": row.final_url if row.final_url != row.url else None,
        "canonical url": row.canonical_url,
        "found in": capture.entry.discovery.via,
        "captured": row.date.isoformat(),
        "document": f"documents/{row.name}",
        "text digest": f"sha256:{row.text_digest}",
        "payload digest": row.payload_digest,
        "record": f"archive/{ref.file} at byte {ref.offset}, {ref.record_id}",
        "extractor": f"{row.extractor} {row.extractor_version}",
        **_standing(catalog, row),
    }
    width = max(map(len, known)) + 2
    return [f"{name + ':':<{width}}{on_one_line(value)}" for name, value in known.items() if value]


def _unless_same(declared: str | None, detected: str | None) -> str | None:
    """The page's declaration, where it says more or other than what was detected."""
    return declared if declared and declared.lower() != (detected or "").lower() else None


def _standing(catalog: Catalog, row: DocumentRow) -> dict[str, str]:
    """Its place among versions and duplicates; nothing where it has neither."""
    standing = catalog.duplicates.standing(row.id)
    known = {}
    if standing.versions > 1:
        known["version"] = f"{standing.version} of {standing.versions} (`palmyra show {row.id} --versions`)"
    members = catalog.duplicates.members(standing.cluster)
    if len(members) > 1:
        known["same text"] = f"{standing.relation}; cluster {standing.cluster}: {_listed(members)}"
    return known


def _listed(members: Sequence[Member]) -> str:
    first, *others = (f"{member.document} ({member.relation}, {host_of(member.url)})" for member in members)
    more = len(others) - MAX_LISTED
    return ", ".join([first, *others[:MAX_LISTED]]) + (f" and {more} more" if more > 0 else "")


def _show_versions(catalog: Catalog, row: DocumentRow, *, as_json: bool) -> None:
    versions = versions_of(catalog, row)
    article = catalog.versions.article_of(row.id)
    if as_json:
        sys.stdout.writelines(f"{version_json(article, version)}\n" for version in versions)
    elif sys.stdout.isatty():
        Console().print(versions_table(versions))
    else:
        sys.stdout.writelines("\t".join(cells) + "\n" for cells in version_cells(versions))


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
