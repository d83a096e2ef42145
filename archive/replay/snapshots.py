"""Captures with their payload: revisits resolved, codings off, ready to be served."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import CaptureRow
from archive.errors import CaptureNotFound, HttpFormatError
from archive.http import ResponseHead, decode_payload, entity_body
from archive.originals import original_of
from archive.warc.reader import read_capture
from archive.warc.stored import StoredCapture

DECODED_LIMIT = 64 << 20
"""Longest payload that is served after content codings are off, in bytes."""
SPOOL_BYTES = 8 << 20
"""A body longer than this waits on disk."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a capture answered. ``body`` stands at its first byte; ``problem`` says what is wrong with it, if anything."""

    row: CaptureRow
    head: ResponseHead
    body: BinaryIO
    length: int
    problem: str | None = None

    @property
    def status(self) -> int:
        return self.head.status

    def start(self, size: int) -> bytes:
        """The first bytes, ``body`` left where it stands."""
        data = self.body.read(min(size, self.length))
        self.body.seek(-len(data), 1)
        return data

    def field(self, name: bytes) -> str | None:
        value = self.head.get(name)
        return None if value is None else value.decode("latin-1")


class Snapshots:
    """The captures of a collection as resources."""

    def __init__(self, collection: Collection, catalog: Catalog) -> None:
        self._collection = collection
        self._catalog = catalog

    def resource(self, row: CaptureRow) -> Resource:
        """The capture's answer; CaptureNotFound for a revisit whose original the collection does not hold,
        HttpFormatError where the record holds no HTTP response.

        An identical-payload-digest revisit has its own head and its original's payload; a server-not-modified one
        shows its original as it was (WARC 1.1, section 6.7.2).
        """
        stored = self._stored(row)
        if row.entry.type != "revisit":
            return _resource(row, stored.http_head, stored)
        original = self._stored(self._original(row))
        return _resource(row, _revisit_head(stored) or original.http_head, original)

    def _stored(self, row: CaptureRow) -> StoredCapture:
        return read_capture(self._collection.warc_path(row.entry.ref.file), row.entry.ref.offset)

    def _original(self, row: CaptureRow) -> CaptureRow:
        found = original_of(self._catalog, row.entry)
        if found is None:
            raise CaptureNotFound(
                f"{row.entry.url}: unchanged since a capture that this collection does not hold"
            )
        return found


def _revisit_head(stored: StoredCapture) -> ResponseHead | None:
    """The head that an identical-payload-digest revisit keeps; None where it keeps none, or is a 304."""
    with stored.record.block:
        try:
            head = stored.http_head
        except HttpFormatError:
            return None
    return None if head.status == 304 else head


def _resource(row: CaptureRow, head: ResponseHead, stored: StoredCapture) -> Resource:
    """``stored``'s own head rules the decoding: a revisit's may name other codings than its original was sent with."""
    sent, block = stored.http_head, stored.record.block
    body = stored.body()
    if sent.tokens(b"Content-Encoding") + sent.tokens(b"Transfer-Encoding") == ():
        return Resource(row, head, body, stored.record.content_length - sent.size)
    with block:
        if sent.tokens(b"Content-Encoding"):
            payload = decode_payload(sent, body, limit=DECODED_LIMIT)
            return Resource(row, head, BytesIO(payload.data), len(payload.data), payload.problem)
        spool = _spooled(entity_body(sent, body))
    return Resource(row, head, spool, _length(spool))


def _spooled(pieces: Iterable[bytes | memoryview]) -> BinaryIO:
    spool = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115
    for piece in pieces:
        spool.write(piece)
    return cast("BinaryIO", spool)


def _length(body: BinaryIO) -> int:
    length = body.tell()
    body.seek(0)
    return length
