"""WARC records (WARC 1.1, clauses 4 to 6) as a reader finds them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive.capture import Digest
from archive.errors import WarcFormatError
from archive.warc.fields import Fields, bare_id, every, first, parse_date, uri

VERSION = "WARC/1.1"
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
WARC_FIELDS = "application/warc-fields"
CAPTURE_TYPES = frozenset({"response", "revisit"})


@dataclass(frozen=True, slots=True)
class Loss:
    """Bytes that hold no readable record: ``length`` bytes of the file from ``offset`` on, and why.

    ``length`` is 0 where all of the file's bytes were read, but a part of what a gzip member holds is no record.
    """

    offset: int
    length: int
    reason: str

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``block`` is seekable: in memory, or spooled to disk when large.

    ``offset`` and ``length`` are the bytes of its gzip member in the file, or of the record itself when the file is
    not compressed. Where several records share a member, ``length`` is 0 and ``position`` counts them from 0: only
    the first can be read by its offset. ``fields`` are as stored, ``head`` is their bytes with the blank line,
    ``ending`` the line ends after the block. The accessors of mandatory fields raise WarcFormatError where the
    field is missing or malformed.
    """

    path: Path
    offset: int
    length: int
    version: str
    fields: Fields
    content_length: int
    block: BinaryIO
    position: int = 0
    head: bytes = b""
    ending: bytes = b"\r\n\r\n"

    def get(self, name: str) -> str | None:
        """The value of the first field of that name, whatever its case."""
        return first(self.fields, name)

    def get_all(self, name: str) -> list[str]:
        return every(self.fields, name)

    @property
    def end(self) -> int:
        """The byte after the record."""
        return self.offset + self.length

    @property
    def type(self) -> str:
        return self._mandatory("WARC-Type").lower()

    @property
    def record_id(self) -> str:
        """WARC-Record-ID without angle brackets."""
        return bare_id(self._mandatory("WARC-Record-ID"))

    @property
    def date(self) -> datetime:
        """WARC-Date in UTC, to the microsecond."""
        try:
            return parse_date(self._mandatory("WARC-Date"))
        except ValueError as error:
            raise WarcFormatError(self.path, self.offset, f"WARC-Date: {error}") from None

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI as a URI: wget's angle brackets taken off, characters that no URI holds percent-encoded."""
        value = self.get("WARC-Target-URI")
        return uri(bare_id(value)) if value else None

    @property
    def content_type(self) -> str | None:
        return self.get("Content-Type")

    @property
    def media_type(self) -> str | None:
        """Content-Type without parameters, lower case."""
        value = self.content_type
        return value.partition(";")[0].strip().lower() if value else None

    @property
    def concurrent_to(self) -> tuple[str, ...]:
        """The ids of WARC-Concurrent-To, without angle brackets."""
        return tuple(bare_id(value) for value in self.get_all("WARC-Concurrent-To"))

    @property
    def block_digest(self) -> Digest | None:
        """WARC-Block-Digest; None where it is missing or of an unknown algorithm."""
        return self._digest("WARC-Block-Digest")

    @property
    def payload_digest(self) -> Digest | None:
        """WARC-Payload-Digest; None where it is missing or of an unknown algorithm."""
        return self._digest("WARC-Payload-Digest")

    def _digest(self, name: str) -> Digest | None:
        try:
            return Digest.parse(self.get(name) or "")
        except ValueError:
            return None

    def _mandatory(self, name: str) -> str:
        value = self.get(name)
        if not value:
            raise WarcFormatError(self.path, self.offset, f"the record has no {name}")
        return value
