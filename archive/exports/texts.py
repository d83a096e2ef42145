"""The text of a document, held against the digest that the catalog has of it."""

import hashlib

from archive.collection import Collection
from archive.entries import DocumentRow
from archive.errors import DigestMismatch


def checked_text(collection: Collection, row: DocumentRow) -> str:
    """The document's text; CaptureNotFound when its file is gone, DigestMismatch when it was altered."""
    text = collection.document_text(row)
    if hashlib.sha256(text.encode()).hexdigest() != row.text_digest:
        path = collection.documents / row.name
        raise DigestMismatch(f"{path}: altered since it was derived; `palmyra extract` derives it again")
    return text
