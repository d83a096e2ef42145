"""Reading WARC files that anyone wrote, whole, growing or damaged: .warc, .warc.gz, .warc.zst, and ARC."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from archive.errors import ArchiveError, CaptureNotFound, WarcFormatError
from archive.warc.cursor import Head
from archive.warc.fields import Fields, bare_id, every, first
from archive.warc.members import Window, skippable_length
from archive.warc.records import CAPTURE_TYPES, Loss, Record
from archive.warc.scan import Choice, Scan
from archive.warc.stored import StoredCapture

OPEN_SUFFIX = ".open"


class CaptureSpan(NamedTuple):
    """Where a capture lies in its file, in bytes: from its response or revisit record to after its last record."""

    offset: int
    end: int


def iter_records(path: Path, *, start: int = 0, end: int | None = None) -> Iterator[Record | Loss]:
    """Records that begin in ``start`` <= offset < ``end`` in the order of the file, and what could not be read.

    ``start`` is the offset of a record. Each record was read whole, its gzip member's CRC checked, before it is
    given; a torn or corrupt one is a Loss and costs that one only. CaptureNotFound if there is no such file.
    """
    with _window(path) as window:
        yield from Scan(window).found(start, end)


def read_record(path: Path, offset: int) -> Record:
    """The record at ``offset``; CaptureNotFound where the file does not reach, WarcFormatError where it is damaged."""
    with _window(path) as window:
        return _record_at(window, offset)


def read_capture(path: Path, offset: int) -> StoredCapture:
    """The response or revisit record at ``offset`` and the records right after it that name it in Concurrent-To.

    CaptureNotFound where no such record begins at ``offset``; WarcFormatError where it is damaged.
    """
    with _window(path) as window:
        record = _record_at(window, offset)
        if record.type not in CAPTURE_TYPES:
            raise CaptureNotFound(f"{path}: at byte {offset}: a {record.type} record, not a capture")
        group = list(_companions(window, record)) if record.length else []
    return StoredCapture(
        record,
        request=next((found for found in group if found.type == "request"), None),
        metadata=next((found for found in group if found.type == "metadata"), None),
    )


def iter_captures(path: Path, *, start: int = 0) -> Iterator[CaptureSpan]:
    """Where each capture lies, in the order of the file, blocks unread.

    Left out is what cannot be read back by its offset or be indexed: damaged records, records that share a gzip
    member with others, and those without valid WARC-Record-ID, WARC-Date or WARC-Target-URI. In a file that is being
    written, the last capture may lack records that are still to come.
    """
    capture: Record | None = None
    end = start
    with _window(path) as window:
        for found in Scan(window, lambda _: Choice.PASS).found(start):
            if capture and isinstance(found, Record) and _belongs(found.fields, capture.record_id):
                end = found.end
                continue
            if capture:
                yield CaptureSpan(capture.offset, end)
            capture, end = _capture(found), found.end
    if capture:
        yield CaptureSpan(capture.offset, end)


def next_record(path: Path, offset: int, stop: int | None) -> int | None:
    """The first byte from ``offset`` on and before ``stop`` where a record can be read; None where there is none."""
    with _window(path) as window:
        return Scan(window).start_before(stop, offset)


def after_skippable(path: Path, offset: int) -> int:
    """The byte after the skippable Zstandard frames at ``offset``, a dictionary among them; ``offset`` without any."""
    with _window(path) as window:
        while length := skippable_length(window, offset):
            offset += length
    return offset


def _belongs(fields: Fields, record_id: str) -> bool:
    return record_id in (bare_id(value) for value in every(fields, "WARC-Concurrent-To"))


def _capture(found: Record | Loss) -> Record | None:
    """``found``, if it is a capture that can be indexed and read back."""
    if isinstance(found, Loss) or not found.length:
        return None
    try:
        complete = found.type in CAPTURE_TYPES and found.record_id and found.date and found.target_uri
    except WarcFormatError:
        return None
    return found if complete else None


def _companions(window: Window, record: Record) -> Iterator[Record]:
    def choose(head: Head) -> Choice:
        if not _belongs(head.fields, record.record_id):
            return Choice.STOP
        return Choice.KEEP if first(head.fields, "WARC-Type") in ("request", "metadata") else Choice.PASS

    for found in Scan(window, choose).found(record.end):
        if isinstance(found, Loss):
            return
        yield found


def _record_at(window: Window, offset: int) -> Record:
    found = next(Scan(window).found(offset), None)
    if found is None:
        raise CaptureNotFound(f"{window.path}: the file ends before byte {offset}")
    if isinstance(found, Loss):
        raise WarcFormatError(window.path, offset, found.reason)
    return found


@contextmanager
def _window(path: Path) -> Iterator[Window]:
    """The file, by whichever of its names it has now: a writer takes ``.open`` off when it closes the file."""
    other = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    if other == path:
        other = path.with_name(path.name + OPEN_SUFFIX)
    descriptor = _open(path, other)
    try:
        yield Window(path, descriptor)
    finally:
        os.close(descriptor)


def _open(*paths: Path) -> int:
    for path in paths:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error
    raise CaptureNotFound(f"{paths[0]}: no such WARC file")
