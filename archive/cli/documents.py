"""Finding documents for the verbs: by id, name or URL, by filters; and their form as JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archive.catalog import Catalog
from archive.entries import DocumentRow
from archive.errors import CaptureNotFound
from archive.exports.fields import fields, utc_text
from archive.moments import parse_moment
from archive.window import EVER, Span, Window

_NAME = re.compile(r"(?:(?:\d{5}/)?\d{3}_)?(?P<digits>[0-9a-f]{4,16})(?:\.txt)?", re.IGNORECASE)
"""A document's name, or the first of its hex digits: at least four."""


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What `list` is asked for; ``window`` is the time of publication."""

    language: str | None = None
    site: str | None = None
    window: Window = EVER

    def admits(self, row: DocumentRow) -> bool:
        return self._admits_language(row) and self._admits_site(row) and self._admits_date(row)

    def _admits_language(self, row: DocumentRow) -> bool:
        wanted, found = (self.language or "").lower(), (row.article.language or "").lower()
        return not wanted or found == wanted or found.startswith(f"{wanted}-")

    def _admits_site(self, row: DocumentRow) -> bool:
        wanted, host = (self.site or "").lower(), host_of(row.final_url)
        return not wanted or host == wanted or host.endswith(f".{wanted}")

    def _admits_date(self, row: DocumentRow) -> bool:
        published = Span.of(row.article.published) or Span(row.date, row.date)
        return self.window.refusal(published) is None


def published_or_captured(row: DocumentRow) -> datetime:
    """When the article was published by its own account (UTC where it names no offset), else when it was captured."""
    return parse_moment(row.article.published) or row.date


def host_of(url: str) -> str:
    """The host of a URL in lower case; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def find_document(catalog: Catalog, wanted: str) -> DocumentRow:
    """The document of that id, name (or its first hex digits) or URL; CaptureNotFound says why there is none."""
    if "://" in wanted:
        return _latest_of_url(catalog, wanted)
    if wanted.isascii() and wanted.isdigit() and int(wanted) < catalog.document_count():
        return catalog.document(int(wanted))
    if name := _NAME.fullmatch(wanted):
        return _only_named(catalog, wanted, name["digits"].lower())
    raise CaptureNotFound(f"no document {wanted}; `palmyra list` shows what there is")


def _latest_of_url(catalog: Catalog, url: str) -> DocumentRow:
    for capture in reversed(catalog.captures_of(url)):
        if capture.document is not None:
            return catalog.document(capture.document)
    raise CaptureNotFound(f"no document of {url}; `palmyra list` shows what there is")


def _only_named(catalog: Catalog, wanted: str, digits: str) -> DocumentRow:
    found = [row for row in catalog.documents() if row.text_digest.startswith(digits)]
    if len(found) > 1 and len({row.text_digest for row in found}) > 1:
        ids = ", ".join(str(row.id) for row in found[:5])
        raise CaptureNotFound(f"{wanted} fits several documents ({ids}); give more digits, or an id")
    if not found:
        raise CaptureNotFound(f"no document {wanted}; `palmyra list` shows what there is")
    return found[0]


def matching(catalog: Catalog, wanted: DocumentFilter, *, newest_first: bool) -> Iterator[DocumentRow]:
    """The documents that the filter admits, in order of id or newest first."""
    return filter(wanted.admits, catalog.documents(newest_first=newest_first))


def document_json(catalog: Catalog, row: DocumentRow) -> str:
    """All that is known of a document, without its text: the keys of the JSON Lines export."""
    known = fields(row, "", catalog)
    del known["text"]
    return json.dumps(known, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
