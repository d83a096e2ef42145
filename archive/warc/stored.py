"""A capture as it lies in the archive."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import BinaryIO

from archive.capture import CaptureRef, Discovery
from archive.entries import CaptureEntry
from archive.errors import HttpFormatError
from archive.http import ResponseHead, parse_response_head, read_head
from archive.warc.cursor import HEAD_BYTES
from archive.warc.fields import bare_id, parse_date, storable, uri
from archive.warc.metadata import FetchMetadata, parse_metadata
from archive.warc.records import Record


@dataclass(frozen=True)
class StoredCapture:
    """A response or revisit record with the request and metadata records of the same exchange."""

    record: Record
    request: Record | None = None
    metadata: Record | None = None

    @cached_property
    def http_head(self) -> ResponseHead:
        """The response's head; HttpFormatError where there is none.

        That of a server-not-modified revisit without a block is the 304 that its metadata record keeps.
        """
        message = self.message()
        message.seek(0)
        return parse_response_head(read_head(message))

    def body(self) -> BinaryIO:
        """The message, standing after its head: its body as it was sent. HttpFormatError as `http_head`."""
        message = self.message()
        message.seek(self.http_head.size)
        return message

    def message(self) -> BinaryIO:
        """The response as it was sent, as far as it was kept: the block, or the 304 that the metadata record keeps."""
        kept = b"" if self.record.content_length else self.fetch_metadata.response
        return BytesIO(kept) if kept else self.record.block

    @cached_property
    def fetch_metadata(self) -> FetchMetadata:
        """What the metadata record says; defaults where there is none."""
        if not self.metadata:
            return FetchMetadata()
        self.metadata.block.seek(0)
        return parse_metadata(self.metadata.block.read(HEAD_BYTES))

    @property
    def discovery(self) -> Discovery:
        """How the URL came to be fetched, from the metadata record."""
        return self.fetch_metadata.discovery

    def entry(self, file_name: str) -> CaptureEntry:
        """What the index says of it; ``file_name`` is the WARC file's final name. WarcFormatError if a mandatory
        field is missing."""
        record = self.record
        status, mime = self._http_facts()
        digest = record.payload_digest
        return CaptureEntry(
            ref=CaptureRef(file_name, record.offset, storable(record.record_id)),
            length=record.length,
            url=record.target_uri or "",
            date=record.date,
            type=record.type,
            status=status,
            mime=mime,
            payload_digest=str(digest) if digest else None,
            truncated=_stated(record, "WARC-Truncated"),
            profile=_stated(record, "WARC-Profile"),
            refers_to_url=_uri(record),
            refers_to_date=_refers_to_date(record),
            discovery=self.discovery,
            refers_to_id=bare_id(_stated(record, "WARC-Refers-To") or "") or None,
        )

    def _http_facts(self) -> tuple[int | None, str | None]:
        try:
            head = self.http_head
        except HttpFormatError:
            return None, None
        value = head.get(b"Content-Type")
        media_type = (value or b"").decode("latin-1").partition(";")[0].strip().lower()
        return head.status, media_type or None


def _stated(record: Record, name: str) -> str | None:
    value = record.get(name)
    return None if value is None else storable(value)


def _uri(record: Record) -> str | None:
    value = record.get("WARC-Refers-To-Target-URI")
    return uri(bare_id(value)) if value else None


def _refers_to_date(record: Record) -> datetime | None:
    try:
        return parse_date(record.get("WARC-Refers-To-Date") or "")
    except ValueError:
        return None
