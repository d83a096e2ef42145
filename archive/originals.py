"""The response that a revisit record stands for, by whatever its writer said of it."""

from archive.catalog import Catalog
from archive.entries import CaptureEntry, CaptureRow


def original_of(catalog: Catalog, entry: CaptureEntry) -> CaptureRow | None:
    """The original of a revisit (WARC 1.1, section 6.7); None where the catalog has none.

    By address and date, then by address and second (some writers cut the fraction off WARC-Refers-To-Date), by record
    id, by payload digest; a server-not-modified revisit without any of these is of the last whole capture before it.
    """
    return (
        _by_reference(catalog, entry)
        or (catalog.response_of_record(entry.refers_to_id) if entry.refers_to_id else None)
        or _by_payload(catalog, entry)
        or _by_order(catalog, entry)
    )


def _by_reference(catalog: Catalog, entry: CaptureEntry) -> CaptureRow | None:
    url, date = entry.refers_to_url, entry.refers_to_date
    if not url or not date:
        return None
    return catalog.response_at(url, date) or catalog.response_near(url, date)


def _by_payload(catalog: Catalog, entry: CaptureEntry) -> CaptureRow | None:
    if not entry.payload_digest:
        return None
    return catalog.original(entry.payload_digest, entry.refers_to_url or entry.url)


def _by_order(catalog: Catalog, entry: CaptureEntry) -> CaptureRow | None:
    if not (entry.profile or "").rstrip("/").endswith("server-not-modified"):
        return None
    return catalog.response_before(entry.url, entry.date)
