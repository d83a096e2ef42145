"""Closing a file that a dead writer left ``.open``: whole records stay, the torn tail goes to quarantine."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, CollectionLocked
from archive.warc.disk import DISK, Disk, translated
from archive.warc.files import OPEN_SUFFIX
from archive.warc.reader import iter_records
from archive.warc.records import Loss

COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of a file.

    ``path`` is its final name, None where it held no whole record and is gone; ``end`` is its size in bytes;
    ``tail`` is where the ``tail_length`` bytes behind it lie now, None if there were none.
    """

    path: Path | None
    end: int
    tail: Path | None = None
    tail_length: int = 0


def recover(path: Path, quarantine: Path, disk: Disk = DISK, *, start: int = 0) -> Recovered:
    """Close the file ``path``, which ends in ``.open``.

    ``start`` is the offset of a record that is known to be whole: what lies before it is not read again.

    Every whole record stays, also a response whose request and metadata records did not reach the disk: it is valid
    by itself. What lies behind the last whole record is copied to ``quarantine``, durably, before it is cut off.
    Killed anywhere, it does the rest when called again. CollectionLocked while a writer holds the file;
    ArchiveError or DiskFull where the system refuses.
    """
    if not path.name.endswith(OPEN_SUFFIX):
        raise ValueError(f"{path} is not named *{OPEN_SUFFIX}")
    try:
        with _locked(path) as descriptor:
            return _recover(path, descriptor, quarantine, disk, start)
    except OSError as error:
        raise translated(error, path) from error


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError:
        raise CollectionLocked(f"{path}: a writer is at work on it") from None
    finally:
        os.close(descriptor)


def _recover(path: Path, descriptor: int, quarantine: Path, disk: Disk, start: int) -> Recovered:
    size, end = os.fstat(descriptor).st_size, whole_end(path, start)
    tail = None
    if end < size:
        tail = _quarantine(path, descriptor, (end, size), quarantine, disk)
        disk.truncate(descriptor, end)
    disk.sync(descriptor)
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    if end == 0:
        disk.remove(path)
    elif final.exists():
        raise ArchiveError(f"{final}: exists already; {path.name} keeps its name")
    else:
        disk.rename(path, final)
    disk.sync_directory(path.parent)
    return Recovered(final if end else None, end, tail, size - end)


def whole_end(path: Path, start: int = 0) -> int:
    """The byte after the last whole record from ``start`` on: what lies before it and is damaged stays where it is."""
    records = (found for found in iter_records(path, start=start) if not isinstance(found, Loss))
    return max((record.end for record in records), default=start)


def _quarantine(path: Path, source: int, span: tuple[int, int], quarantine: Path, disk: Disk) -> Path:
    """Copy the bytes ``span`` of the file to a file of their own, durably, under its final name."""
    quarantine.mkdir(parents=True, exist_ok=True)
    disk.sync_directory(quarantine.parent)
    target = quarantine / f"{path.name.removesuffix(OPEN_SUFFIX)}.tail-{span[0]}"
    partial = target.with_name(target.name + ".part")
    with suppress(FileNotFoundError):
        disk.remove(partial)
    descriptor = disk.create(partial)
    try:
        for offset in range(span[0], span[1], COPY_BYTES):
            chunk = os.pread(source, min(COPY_BYTES, span[1] - offset), offset)
            disk.write_all(descriptor, chunk, offset - span[0])
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
    disk.replace(partial, target)
    disk.sync_directory(quarantine)
    return target
