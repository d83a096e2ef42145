"""The records of one exchange: response or revisit, request, metadata (WARC 1.1, clause 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from archive.capture import Digest, Exchange
from archive.errors import HttpFormatError
from archive.http import ResponseHead, entity_body, parse_response_head, read_head
from archive.warc.fields import Fields, format_date, uri
from archive.warc.metadata import FetchMetadata, serialise_metadata
from archive.warc.records import (
    HTTP_REQUEST,
    HTTP_RESPONSE,
    IDENTICAL_PAYLOAD,
    NOT_MODIFIED,
    WARC_FIELDS,
)
from archive.warc.serialise import NewRecord, digest_of, new_record_id, read_chunks, small_record

NOT_MODIFIED_BYTES = 1 << 18
"""A 304 larger than this is no ordinary one and is kept as a response."""


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier capture that a revisit refers to.

    ``payload_digest`` is its payload's. Without one it can only be what a 304 confirms.
    """

    url: str
    date: datetime
    record_id: str | None = None
    payload_digest: Digest | None = None


Seen = Callable[[Digest], Original | None]
"""Looks up an earlier capture of a payload by its digest."""


@dataclass(frozen=True, slots=True)
class CaptureRecords:
    """The records of a capture, in the order in which they are written; the first is the capture itself."""

    records: tuple[NewRecord, ...]
    type: str
    payload_digest: Digest | None


def records_of(
    exchange: Exchange,
    warcinfo_id: str,
    *,
    algorithm: str,
    original: Original | None = None,
    seen: Seen | None = None,
) -> CaptureRecords:
    """The records that keep ``exchange``.

    A 304 with an ``original`` becomes a server-not-modified revisit of it, without a block as Heritrix writes it: from
    one with a 304 in its block pywb replays the 304. Its bytes stand in the metadata record. A whole, non-empty payload whose digest is
    the original's, or that of what ``seen`` finds, becomes an identical-payload-digest revisit. A response without
    a byte is no HTTP message: then only request and metadata are kept, and the type is ``request``.
    """
    draft = _Draft(exchange, warcinfo_id, algorithm)
    if not exchange.response_length:
        request = draft.request(())
        return CaptureRecords((request, draft.metadata(request.record_id)), "request", None)
    head = _head(exchange)
    digest, size = _payload(exchange, head, algorithm) if head else (None, 0)
    profile, source = _revisited(exchange, head, digest if size else None, original, seen)
    not_modified = b""
    if profile == NOT_MODIFIED and source:
        digest = source.payload_digest
        not_modified = b"".join(read_chunks(exchange.response, exchange.response_length))
        capture = draft.revisit(b"", profile, source, digest)
    elif head and profile and source:
        block = b"".join(read_chunks(exchange.response, head.size))
        capture = draft.revisit(block, profile, source, digest)
    else:
        capture = draft.response(digest)
    companions = (draft.request((capture.record_id,)), draft.metadata(capture.record_id, not_modified))
    return CaptureRecords((capture, *companions), "revisit" if profile else "response", digest)


@dataclass(frozen=True, slots=True)
class _Draft:
    exchange: Exchange
    warcinfo_id: str
    algorithm: str

    def response(self, payload: Digest | None) -> NewRecord:
        record_id, exchange = new_record_id(), self.exchange
        block = read_chunks(exchange.response, exchange.response_length)
        fields = (
            *self._fields("response", record_id, HTTP_RESPONSE),
            *self._connection(),
            *((("WARC-Payload-Digest", str(payload)),) if payload else ()),
            *((("WARC-Truncated", exchange.truncated),) if exchange.truncated else ()),
            ("WARC-Block-Digest", str(digest_of(block, self.algorithm))),
        )
        return NewRecord(record_id, fields, exchange.response, exchange.response_length)

    def revisit(self, block: bytes, profile: str, original: Original, payload: Digest | None) -> NewRecord:
        """The response cut to ``block`` (section 6.7)."""
        record_id, exchange = new_record_id(), self.exchange
        cut = exchange.truncated or ("length" if exchange.response_length > len(block) else None)
        fields = (
            *self._fields("revisit", record_id, HTTP_RESPONSE if block else None),
            *self._connection(),
            ("WARC-Profile", profile),
            *((("WARC-Refers-To", f"<{uri(original.record_id)}>"),) if original.record_id else ()),
            ("WARC-Refers-To-Target-URI", uri(original.url)),
            ("WARC-Refers-To-Date", format_date(original.date)),
            *((("WARC-Payload-Digest", str(payload)),) if payload else ()),
            *((("WARC-Truncated", cut),) if cut else ()),
        )
        return small_record(record_id, fields, block, self.algorithm)

    def request(self, concurrent_to: tuple[str, ...]) -> NewRecord:
        record_id = new_record_id()
        fields = (*self._fields("request", record_id, HTTP_REQUEST, *concurrent_to), *self._connection())
        return small_record(record_id, fields, self.exchange.request, self.algorithm)

    def metadata(self, concurrent_to: str, response: bytes = b"") -> NewRecord:
        record_id, exchange = new_record_id(), self.exchange
        found = FetchMetadata(exchange.discovery, exchange.fetch_time_ms, exchange.interim, response)
        block = serialise_metadata(found)
        fields = self._fields("metadata", record_id, WARC_FIELDS, concurrent_to)
        return small_record(record_id, fields, block, self.algorithm)

    def _fields(self, kind: str, record_id: str, content_type: str | None, *concurrent_to: str) -> Fields:
        return (
            ("WARC-Type", kind),
            ("WARC-Record-ID", f"<{record_id}>"),
            ("WARC-Warcinfo-ID", f"<{self.warcinfo_id}>"),
            *(("WARC-Concurrent-To", f"<{other}>") for other in concurrent_to),
            ("WARC-Target-URI", uri(self.exchange.url)),
            ("WARC-Date", format_date(self.exchange.date)),
            *((("Content-Type", content_type),) if content_type else ()),
        )

    def _connection(self) -> Fields:
        """Where and how the exchange took place (section 5.10; IIPC's WARC-Protocol and WARC-Cipher-Suite)."""
        exchange = self.exchange
        return (
            *((("WARC-IP-Address", exchange.ip),) if exchange.ip else ()),
            *(("WARC-Protocol", protocol) for protocol in exchange.protocols),
            *((("WARC-Cipher-Suite", exchange.cipher_suite),) if exchange.cipher_suite else ()),
        )


def payload_digest(exchange: Exchange, algorithm: str = "sha1") -> Digest | None:
    """The digest of the entity body (WARC 1.1, section 5.9); None where the response has no HTTP head."""
    head = _head(exchange) if exchange.response_length else None
    return _payload(exchange, head, algorithm)[0] if head else None


def _head(exchange: Exchange) -> ResponseHead | None:
    exchange.response.seek(0)
    try:
        return parse_response_head(read_head(exchange.response, exchange.response_length))
    except HttpFormatError:
        return None


def _payload(exchange: Exchange, head: ResponseHead, algorithm: str) -> tuple[Digest, int]:
    """Digest and size (bytes) of the entity body: transfer coding taken off, content coding left on."""
    size = 0

    def counted(chunk: bytes | memoryview) -> bytes | memoryview:
        nonlocal size
        size += len(chunk)
        return chunk

    exchange.response.seek(head.size)
    digest = digest_of(map(counted, entity_body(head, exchange.response)), algorithm)
    return digest, size


def _revisited(
    exchange: Exchange,
    head: ResponseHead | None,
    digest: Digest | None,
    original: Original | None,
    seen: Seen | None,
) -> tuple[str, Original] | tuple[None, None]:
    """The revisit profile that fits and the original; ``digest`` is None where there is no payload."""
    if head and head.status == 304 and original and exchange.response_length <= NOT_MODIFIED_BYTES:
        return NOT_MODIFIED, original
    if digest is None or exchange.truncated:
        return None, None
    if original and original.payload_digest == digest:
        return IDENTICAL_PAYLOAD, original
    found = seen(digest) if seen else None
    return (IDENTICAL_PAYLOAD, found) if found else (None, None)
