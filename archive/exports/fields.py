"""The fields of a document in tables: the same names, in the same order, in JSON Lines and Parquet."""

from datetime import UTC, datetime
from typing import Any

from archive.catalog import Catalog
from archive.entries import CaptureRow, DocumentRow
from archive.outcome import PARTLY_VISIBLE

SCHEMA_VERSION = 3


def fields(row: DocumentRow, text: str, catalog: Catalog) -> dict[str, Any]:
    """One document with all that the catalog knows of it.

    ``published`` and ``modified`` are as the page states them (ISO 8601, as far as given); ``published_at`` and
    ``modified_at`` are the same moments in UTC, None unless the page gives a time and an offset.
    ``partly_visible`` is whether a wall cuts the text off, by what the page shows, or any page of those that are joined;
    ``free`` is what the page says of itself.
    ``warc_*`` name the record that the text came from; ``payload_digest`` is that record's, ``text_digest`` the
    SHA-256 of the text's UTF-8 bytes in hex. ``article`` is the id of its article's first document, ``version`` its
    number in it; ``cluster`` the id of the first document with this text or nearly this text, ``relation`` what it is
    to the canonical one of them, ``duplicate_of`` that one's id where it is another.
    """
    article, ref = row.article, row.ref
    capture, standing = catalog.capture(row.capture), catalog.duplicates.standing(row.id)
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "final_url": row.final_url,
        "canonical_url": row.canonical_url,
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published,
        "published_at": moment(article.published),
        "modified": article.modified,
        "modified_at": moment(article.modified),
        "language": article.language,
        "declared_language": article.declared_language,
        "site_name": article.site_name,
        "section": article.section,
        "tags": list(article.tags),
        "description": article.description,
        "image": article.image,
        "licence": article.licence,
        "free": article.free,
        "partly_visible": any(
            reason.startswith(PARTLY_VISIBLE) for reason in _reasons(row, capture, catalog)
        ),
        "rights": list(capture.rights),
        "sources": dict(article.sources),
        "captured_at": row.date,
        "capture": row.capture,
        "warc_file": ref.file,
        "warc_offset": ref.offset,
        "warc_record_id": ref.record_id,
        "payload_digest": row.payload_digest,
        "text_digest": row.text_digest,
        "extractor": row.extractor,
        "extractor_version": row.extractor_version,
        "article": standing.article,
        "version": standing.version,
        "cluster": standing.cluster,
        "relation": standing.relation.value,
        "duplicate_of": standing.duplicate_of,
        "characters": row.characters,
        "text": text,
    }


def _reasons(row: DocumentRow, capture: CaptureRow, catalog: Catalog) -> list[str]:
    """Of the document's own capture, or of those of all pages that are joined in it."""
    if not catalog.joins_pages:
        return [capture.reason]
    pages = map(catalog.document, catalog.continuations.pages_of(row))
    return [catalog.capture(page.capture).reason for page in pages]


def moment(stated: str | None) -> datetime | None:
    """The moment in UTC that an ISO 8601 text names; None where it lacks date, time or offset."""
    if not stated or "T" not in stated.replace(" ", "T"):
        return None
    try:
        parsed = datetime.fromisoformat(stated)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def utc_text(when: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; fractions of a second only where there are any."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
