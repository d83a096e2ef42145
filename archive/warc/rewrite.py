"""Copying what can be read of any WARC or ARC file into a new one, one gzip member a record.

It is what recompressing, importing and repairing have in common. The source is only read.
"""

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import deflate

from archive.errors import DigestMismatch, WarcFormatError
from archive.warc.disk import DISK, Disk, translated
from archive.warc.fields import serialise_fields
from archive.warc.files import BUFFER_BYTES
from archive.warc.reader import iter_records
from archive.warc.records import Loss, Record
from archive.warc.scan import ENDING
from archive.warc.serialise import read_chunks

BEST_LEVEL = 12
"""libdeflate's: 4 % fewer bytes than zlib's level 9 makes, at 7 MB/s."""
BEST_WHOLE_BYTES = 64 << 20
"""libdeflate takes a record whole; a larger one goes through zlib."""
ARC_VERSION = "WARC/1.0"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was copied: how many records, where each that begins a member went, and what could not be read.

    ``offsets`` gives the new offset (bytes) of a record by its old one; ``before`` and ``after`` are the files' sizes.
    """

    records: int
    offsets: Mapping[int, int]
    losses: tuple[Loss, ...]
    before: int
    after: int


@dataclass(slots=True)
class _Copy:
    records: int = 0
    offsets: dict[int, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    end: int = 0


def recompress(path: Path, disk: Disk = DISK) -> Rewritten:
    """Put a closed file's records into fewer bytes, in its place. Their own bytes stay as they are.

    The new file is read back and compared before it takes the old one's name. WarcFormatError where any part of the
    file cannot be read: it is then left alone. Offsets change, so catalog and index have to follow.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with suppress(FileNotFoundError):
            disk.remove(partial)
        result = rewrite(path, partial, disk)
        if result.losses:
            loss = result.losses[0]
            raise WarcFormatError(path, loss.offset, f"{loss.reason}; repair the file first")
        disk.replace(partial, path)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise translated(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return result


def rewrite(source: Path, target: Path, disk: Disk = DISK) -> Rewritten:
    """Copy every readable record of ``source`` into the new file ``target``, durably.

    Heads and blocks are copied byte for byte; an ARC record gets the WARC head that says the same. DigestMismatch
    if the copy, read back, is not what was read; DiskFull or another ArchiveError where the system refuses. The
    target is then taken away.
    """
    try:
        descriptor = disk.create(target)
        try:
            copy = _Copy()
            _write(descriptor, _members(source, copy), disk)
            disk.sync(descriptor)
            _compare(target, copy)
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise translated(error, target) from error
    return Rewritten(copy.records, copy.offsets, tuple(copy.losses), source.stat().st_size, copy.end)


def _members(source: Path, copy: _Copy) -> Iterator[bytes]:
    for found in iter_records(source):
        if isinstance(found, Loss):
            copy.losses.append(found)
            continue
        if not found.position:
            copy.offsets[found.offset] = copy.end
        copy.records += 1
        _add(copy.digest, found)
        for chunk in _member(found):
            copy.end += len(chunk)
            yield chunk


def _compare(target: Path, copy: _Copy) -> None:
    digest = hashlib.sha256()
    for found in iter_records(target):
        if isinstance(found, Loss):
            raise DigestMismatch(f"{target}: the copy cannot be read at byte {found.offset}: {found.reason}")
        _add(digest, found)
    if digest.digest() != copy.digest.digest():
        raise DigestMismatch(f"{target}: the copy is not what was read")


def _add(digest: "hashlib._Hash", record: Record) -> None:
    head = _head(record)
    digest.update(b"%d %d " % (len(head), record.content_length) + head)
    for chunk in read_chunks(record.block, record.content_length):
        digest.update(chunk)


def _head(record: Record) -> bytes:
    if record.version.startswith("WARC/"):
        return record.head
    return f"{ARC_VERSION}\r\n".encode() + serialise_fields(record.fields) + b"\r\n"


def _member(record: Record) -> Iterator[bytes]:
    size = record.content_length
    chunks = (
        part for parts in ([_head(record)], read_chunks(record.block, size), [ENDING]) for part in parts
    )
    if size <= BEST_WHOLE_BYTES:
        yield bytes(deflate.gzip_compress(b"".join(chunks), BEST_LEVEL))
        return
    deflater = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield from map(deflater.compress, chunks)
    yield deflater.flush()


def _write(descriptor: int, chunks: Iterable[bytes], disk: Disk) -> None:
    buffer, offset = BytesIO(), 0
    for chunk in chunks:
        buffer.write(chunk)
        if buffer.tell() >= BUFFER_BYTES:
            offset = disk.write_all(descriptor, buffer.getvalue(), offset)
            buffer = BytesIO()
    disk.write_all(descriptor, buffer.getvalue(), offset)
