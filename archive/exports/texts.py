"""The texts that exports write: of documents, held against the digest that the catalog has of them, or of whole articles."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from archive.catalog import Catalog
from archive.collection import Collection
from archive.document import document_name
from archive.entries import DocumentRow
from archive.errors import DigestMismatch
from archive.parts import joined


def checked_text(collection: Collection, row: DocumentRow) -> str:
    """The document's text; CaptureNotFound when its file is gone, DigestMismatch when it was altered."""
    text = collection.document_text(row)
    if hashlib.sha256(text.encode()).hexdigest() != row.text_digest:
        path = collection.documents / row.name
        raise DigestMismatch(f"{path}: altered since it was derived; `palmyra extract` derives it again")
    return text


def exported(collection: Collection, catalog: Catalog) -> Iterator[tuple[DocumentRow, str]]:
    """Each document with its text; where the catalog joins pages, each article on several pages as one document.

    That has the first page's metadata; name, digest and length are those of the joined text. A page that may not
    go out is left out of it.
    """
    for row in catalog.documents():
        if not catalog.joins_pages:
            yield row, checked_text(collection, row)
        elif not catalog.continuations.is_later(row):
            yield joined_document(collection, catalog, row)


def joined_document(collection: Collection, catalog: Catalog, first: DocumentRow) -> tuple[DocumentRow, str]:
    """The article that begins with the document ``first``, as one document; unaltered where it has one page."""
    rows = [catalog.document(page) for page in catalog.continuations.pages_of(first)]
    if rows == [first]:
        return first, checked_text(collection, first)
    text = joined(
        [checked_text(collection, row) for row in rows if catalog.permits(row)]
        or [checked_text(collection, first)]
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    name = document_name(first.id, text)
    return replace(first, name=name, text_digest=digest, characters=len(text)), text
