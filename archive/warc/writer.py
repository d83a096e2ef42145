"""Writing captures to WARC files (WARC 1.1, ISO 28500:2017)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.capture import DIGEST_ALGORITHMS, CaptureRef, Digest, Exchange
from archive.errors import ArchiveError
from archive.warc.disk import DISK, Disk
from archive.warc.exchange import Original, Seen, records_of
from archive.warc.fields import encode_value, format_date, serialise_fields
from archive.warc.files import WarcFile
from archive.warc.names import stamp_after, stamp_of, warc_name
from archive.warc.records import WARC_FIELDS
from archive.warc.serialise import NewRecord, gzip_member, new_record_id, small_record

NAME_TRIES = 1000

_NAME_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"

__all__ = ["Original", "WarcWriter", "Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """Where a capture was written.

    ``length`` is the first record's gzip member in bytes; ``end`` is the byte after the capture's last record;
    ``record_type`` is ``response``, ``revisit``, or ``request`` where no byte of a response came.
    """

    ref: CaptureRef
    length: int
    payload_digest: Digest | None
    record_type: str
    end: int


class WarcWriter:
    """Appends captures to files of its own in ``directory``, one gzip member a record.

    Files are PREFIX-YYYYMMDDHHMMSSmmm-SERIAL-HOST.warc.gz (annex C), with ``.open`` at the end and a lock while they
    are written. They begin with a warcinfo record of ``info``, are closed past ``max_size`` bytes or ``max_age``
    seconds, always between captures, and never overwrite one another. Names sort in the order of writing even when
    the clock is set back. Nothing is created before the first capture. For one thread.
    """

    def __init__(
        self,
        directory: Path,
        *,
        prefix: str,
        hostname: str,
        info: Mapping[str, str],
        max_size: int = 1_000_000_000,
        max_age: float | None = None,
        digest: str = "sha1",
        disk: Disk = DISK,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not _NAME_PART.fullmatch(prefix):
            raise ValueError(f"a WARC prefix is letters, digits, '.', '_' and '-': not {prefix!r}")
        if digest not in DIGEST_ALGORITHMS:
            raise ValueError(f"a digest is one of {', '.join(DIGEST_ALGORITHMS)}: not {digest!r}")
        self._directory = directory
        self._prefix = prefix
        self._hostname = hostname or "localhost"
        self._info = info
        self._max_size, self._max_age = max_size, max_age
        self._algorithm = digest
        self._disk = disk
        self._clock = clock
        self._file: WarcFile | None = None
        self._warcinfo_id = ""
        self._serial = 0
        self._stamp = stamp_after(directory)

    def write(
        self, exchange: Exchange, *, original: Original | None = None, seen: Seen | None = None
    ) -> Written:
        """Append the records of ``exchange`` as one: all of them, or on failure none.

        ``original`` is the capture whose validators the request carried; ``seen`` looks up a payload by its digest.
        `archive.warc.exchange.records_of` says when they make it a revisit. Written is not yet durable: `sync` makes
        it so. Raises DiskFull, or another ArchiveError.
        """
        file = self._current()
        capture = records_of(
            exchange, self._warcinfo_id, algorithm=self._algorithm, original=original, seen=seen
        )
        start = file.end
        ends = file.append(gzip_member(record.chunks()) for record in capture.records)
        ref = CaptureRef(file.final.name, start, capture.records[0].record_id)
        return Written(ref, ends[0] - start, capture.payload_digest, capture.type, ends[-1])

    def sync(self) -> None:
        """Make everything written durable."""
        if self._file:
            self._file.sync()

    def close(self) -> None:
        """Close the current file, if any; a later `write` begins another."""
        file, self._file = self._file, None
        if file:
            file.close()

    def leave(self) -> None:
        """Make everything durable and let go of the current file as it is, ``.open``: recovery closes it later."""
        file, self._file = self._file, None
        if file:
            file.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _current(self) -> WarcFile:
        """The file that the next capture goes to."""
        if self._file and self._is_full(self._file):
            self.close()
        if not self._file:
            self._file = self._begin()
        return self._file

    def _is_full(self, file: WarcFile) -> bool:
        return (
            file.broken
            or file.end >= self._max_size
            or (self._max_age is not None and file.age >= self._max_age)
        )

    def _begin(self) -> WarcFile:
        file = self._create()
        warcinfo = self._warcinfo(file.final.name)
        try:
            file.append([gzip_member(warcinfo.chunks())])
        except BaseException:
            file.abandon()
            raise
        self._warcinfo_id = warcinfo.record_id
        return file

    def _create(self) -> WarcFile:
        for _ in range(NAME_TRIES):
            if file := WarcFile.create(self._directory / self._next_name(), self._disk):
                return file
        raise ArchiveError(f"{self._directory}: no free name for a WARC file")

    def _next_name(self) -> str:
        self._stamp = max(self._stamp, stamp_of(self._clock()))
        self._serial += 1
        return warc_name(self._prefix, self._stamp, self._serial - 1, self._hostname)

    def _warcinfo(self, name: str) -> NewRecord:
        info = {"hostname": self._hostname} | dict(self._info)
        return warcinfo_record(name, info, self._clock(), self._algorithm)


def warcinfo_record(name: str, info: Mapping[str, str], date: datetime, algorithm: str = "sha1") -> NewRecord:
    """The record that the file ``name`` begins with (section 6.2)."""
    record_id = new_record_id()
    stated = {"software": "palmyra", "format": "WARC File Format 1.1", "conformsTo": _CONFORMS_TO} | dict(
        info
    )
    fields = (
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Date", format_date(date)),
        ("WARC-Filename", name),
        ("Content-Type", WARC_FIELDS),
    )
    block = serialise_fields((key, encode_value(value)) for key, value in stated.items())
    return small_record(record_id, fields, block, algorithm)
