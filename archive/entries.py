"""What the catalog knows: one entry a capture, one a document. All of it is derived from the WARCs alone."""

from dataclasses import dataclass, field
from datetime import datetime

from archive.capture import CaptureRef, Discovery
from archive.outcome import Article, Kind, Outcome


@dataclass(frozen=True, slots=True)
class CaptureEntry:
    """A response or revisit record as the index sees it.

    ``length`` is the gzip member's size in bytes; ``date`` is the WARC-Date (UTC); ``status`` is None where the block
    holds no HTTP status line; ``mime`` is the media type without parameters, lower case; ``payload_digest`` is in its
    labelled form; ``refers_to_url``, ``refers_to_date`` and ``refers_to_id`` (a record id) are a revisit's original.
    """

    ref: CaptureRef
    length: int
    url: str
    date: datetime
    type: str = "response"
    status: int | None = None
    mime: str | None = None
    payload_digest: str | None = None
    truncated: str | None = None
    profile: str | None = None
    refers_to_url: str | None = None
    refers_to_date: datetime | None = None
    discovery: Discovery = field(default_factory=Discovery)
    refers_to_id: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """A stored capture and what a worker found in it."""

    entry: CaptureEntry
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture in the catalog. ``id`` counts from 0 in the order of the archive; ``document`` is a document's id."""

    id: int
    entry: CaptureEntry
    kind: Kind
    reason: str
    title: str | None
    canonical_url: str | None
    rights: tuple[str, ...]
    document: int | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in the catalog.

    ``id`` is its ordinal in the collection, counted from 0; ``name`` is its path below ``documents/``;
    ``url`` is the address first asked for, ``final_url`` the one that answered after redirects;
    ``text_digest`` is the SHA-256 of the document's bytes in hex. ``article.text`` is empty here: the text is the file.
    """

    id: int
    capture: int
    name: str
    url: str
    final_url: str
    canonical_url: str | None
    ref: CaptureRef
    date: datetime
    payload_digest: str | None
    text_digest: str
    characters: int
    article: Article
    extractor: str
    extractor_version: str
