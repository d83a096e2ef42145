"""Keeping the index file up to the catalog: whole lines put into their places, or all of it written anew."""

import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from archive.catalog import Catalog
from archive.cdxj import entry_line, first_at_least, write_index
from archive.warc.disk import DISK, Disk, translated

SPLICE_SHARE = 8
"""New captures up to this part of the old ones are spliced in; past it, sorting everything anew is as fast."""
COPY_BYTES = 1 << 22


def update_index(path: Path, catalog: Catalog, disk: Disk = DISK) -> None:
    """Bring the index at ``path`` up to the catalog, durably; nothing is done where it is.

    A file that is not as it was left is written anew. DiskFull or another ArchiveError where the system refuses; the
    old index is then as it was.
    """
    count = catalog.capture_count()
    have, size = catalog.indexed()
    if have == count and _is_left(path, size):
        return
    if not have or not _is_left(path, size) or count - have > have // SPLICE_SHARE:
        write_whole_index(path, catalog, disk)
        return
    fresh = sorted(f"{entry_line(row.entry)}\n".encode() for row in catalog.captures(start=have))
    _splice(path, fresh, disk)
    _note(path, catalog)


def write_whole_index(path: Path, catalog: Catalog, disk: Disk = DISK) -> None:
    """Write the index anew from the catalog. Errors as `update_index`."""
    write_index(path, (row.entry for row in catalog.captures_by_key()), disk)
    _note(path, catalog)


def _note(path: Path, catalog: Catalog) -> None:
    with catalog.transaction():
        catalog.set_indexed(catalog.capture_count(), path.stat().st_size)


def _is_left(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size > 0
    except FileNotFoundError:
        return False


def _splice(path: Path, lines: list[bytes], disk: Disk) -> None:
    """Put sorted lines into the sorted file: into a copy, which then takes its place."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with suppress(FileNotFoundError):
            disk.remove(partial)
        descriptor = disk.create(partial)
        try:
            _copy_with(path, lines, descriptor, disk)
            disk.sync(descriptor)
            disk.replace(partial, path)
        except BaseException:
            disk.remove(partial)
            raise
        finally:
            os.close(descriptor)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise translated(error, path) from error


def _copy_with(path: Path, lines: list[bytes], target: int, disk: Disk) -> None:
    written = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as old:
        places = [0, *(first_at_least(old, line) for line in lines), len(old)]
        for (start, end), line in zip(pairwise(places), [*lines, b""], strict=True):
            for part in _parts(old, start, end):
                written = disk.write_all(target, part, written)
            written = disk.write_all(target, line, written)


def _parts(old: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, COPY_BYTES):
        yield old[at : min(at + COPY_BYTES, end)]
