"""Copying what can be read of any WARC or ARC file into a new one, one member a record.

It is what recompressing, importing and repairing have in common. The source is only read.
"""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import deflate
from isal import isal_zlib

from archive.errors import DigestMismatch, WarcFormatError
from archive.warc.disk import DISK, Disk, translated
from archive.warc.fields import serialise_fields
from archive.warc.files import BUFFER_BYTES
from archive.warc.members import CHUNK_BYTES, GZIP_MAGIC
from archive.warc.reader import iter_records
from archive.warc.records import Loss, Record
from archive.warc.scan import ENDING
from archive.warc.serialise import gzip_member, read_chunks

BEST_LEVEL = 12
"""libdeflate's: 4 % fewer bytes than zlib's level 9 makes, at 7 MB/s."""
BEST_WHOLE_BYTES = 64 << 20
"""libdeflate takes a record whole; a larger one goes through zlib."""
ARC_VERSION = "WARC/1.0"
_GZIP_WINDOW_BITS = 31


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was copied: how many records, where each that begins a member went, and what could not be read.

    ``offsets`` gives the new offset (bytes) of a record by its old one, ``lengths`` the bytes of each new member by
    its offset; ``before`` and ``after`` are the files' sizes.
    """

    records: int
    offsets: Mapping[int, int]
    lengths: Mapping[int, int]
    losses: tuple[Loss, ...]
    before: int
    after: int


Member = Callable[[Record], Iterable[bytes]]
"""Makes a record one member of a file."""
Adapt = Callable[[Record], Record | None]
"""Gives a record as it is to be copied; None leaves it out."""


@dataclass(slots=True)
class _Copy:
    end: int = 0
    records: int = 0
    offsets: dict[int, int] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def smallest(record: Record) -> Iterator[bytes]:
    """One gzip member, in as few bytes as it takes."""
    if record.content_length <= BEST_WHOLE_BYTES:
        yield bytes(deflate.gzip_compress(b"".join(record_chunks(record)), BEST_LEVEL))
        return
    deflater = zlib.compressobj(9, zlib.DEFLATED, _GZIP_WINDOW_BITS)
    yield from map(deflater.compress, record_chunks(record))
    yield deflater.flush()


def as_stored(record: Record) -> Iterator[bytes]:
    """The gzip member that holds the record, byte for byte; another one where it has none of its own, or not a whole one."""
    if record.length and record.ending == ENDING and _is_one_member(record):
        yield from _stored(record)
    else:
        yield from gzip_member(record_chunks(record))


def record_chunks(record: Record) -> Iterator[bytes]:
    """The bytes of a record: head and block as they are, the standard's line ends behind them."""
    yield _head(record)
    yield from read_chunks(record.block, record.content_length)
    yield ENDING


def record_length(record: Record) -> int:
    """How many bytes `record_chunks` gives."""
    return len(_head(record)) + record.content_length + len(ENDING)


def rewrite(
    source: Path,
    target: Path,
    disk: Disk = DISK,
    *,
    member: Member = smallest,
    lead: bytes = b"",
    adapt: Adapt = lambda record: record,
) -> Rewritten:
    """Copy every readable record of ``source`` into the new file ``target``, durably, behind the bytes ``lead``.

    Heads and blocks are copied byte for byte; an ARC record gets the WARC head that says the same. DigestMismatch
    if the copy, read back, is not what was read; DiskFull or another ArchiveError where the system refuses. The
    target is then taken away.
    """
    try:
        descriptor = disk.create(target)
        try:
            copy = _Copy(len(lead))
            _write(descriptor, _members(source, copy, lead, member, adapt), disk)
            disk.sync(descriptor)
            _compare(target, copy, len(lead))
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise translated(error, target) from error
    size = source.stat().st_size
    return Rewritten(copy.records, copy.offsets, copy.lengths, tuple(copy.losses), size, copy.end)


def recompress(path: Path, disk: Disk = DISK) -> Rewritten:
    """Put a closed file's records into fewer bytes, in its place. Their own bytes stay as they are.

    The new file is read back and compared before it takes the old one's name. WarcFormatError where any part of the
    file cannot be read: it is then left alone. Offsets change, so catalog and index have to follow.
    """
    partial = partial_of(path)
    try:
        result = rewrite_whole(path, partial, disk)
        disk.replace(partial, path)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise translated(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return result


def rewrite_whole(
    path: Path, partial: Path, disk: Disk = DISK, *, member: Member = smallest, lead: bytes = b""
) -> Rewritten:
    """`rewrite`, over what an earlier try may have left; WarcFormatError where any part of ``path`` cannot be read."""
    with suppress(FileNotFoundError):
        disk.remove(partial)
    result = rewrite(path, partial, disk, member=member, lead=lead)
    if result.losses:
        partial.unlink()
        loss = result.losses[0]
        raise WarcFormatError(path, loss.offset, f"{loss.reason}; repair the file first")
    return result


def partial_of(path: Path) -> Path:
    """Where what is to become ``path`` is written."""
    return path.with_name(f".{path.name}.part")


def _members(source: Path, copy: _Copy, lead: bytes, member: Member, adapt: Adapt) -> Iterator[bytes]:
    yield lead
    for found in iter_records(source):
        if isinstance(found, Loss):
            copy.losses.append(found)
        elif (record := adapt(found)) is not None:
            yield from _counted(record, copy, member)


def _counted(record: Record, copy: _Copy, member: Member) -> Iterator[bytes]:
    start = copy.end
    if not record.position:
        copy.offsets[record.offset] = start
    copy.records += 1
    _add(copy.digest, record)
    for chunk in member(record):
        copy.end += len(chunk)
        yield chunk
    copy.lengths[start] = copy.end - start


def _compare(target: Path, copy: _Copy, start: int) -> None:
    digest = hashlib.sha256()
    for found in iter_records(target, start=start):
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


def _is_one_member(record: Record) -> bool:
    """Whether the record's bytes in its file are one gzip member: some writers let a record go on in the next."""
    inflater, started = isal_zlib.decompressobj(_GZIP_WINDOW_BITS), False
    for chunk in _stored(record):
        if inflater.eof or not (started or chunk.startswith(GZIP_MAGIC)):
            return False
        started = True
        while chunk and not inflater.eof:
            inflater.decompress(chunk, CHUNK_BYTES)
            chunk = inflater.unconsumed_tail  # noqa: PLW2901
    return bool(inflater.eof) and not inflater.unused_data


def _stored(record: Record) -> Iterator[bytes]:
    with record.path.open("rb") as file:
        file.seek(record.offset)
        yield from iter(lambda: file.read(min(CHUNK_BYTES, record.end - file.tell())), b"")


def _write(descriptor: int, chunks: Iterable[bytes], disk: Disk) -> None:
    buffer, offset = bytearray(), 0
    for chunk in chunks:
        buffer += chunk
        if len(buffer) >= BUFFER_BYTES:
            offset = disk.write_all(descriptor, buffer, offset)
            buffer = bytearray()
    disk.write_all(descriptor, buffer, offset)
