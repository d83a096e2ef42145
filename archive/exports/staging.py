"""A destination that appears whole or not at all: written under a temporary name beside it, synced, then renamed."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveError, DiskFull

STANDARD_OUTPUT = Path("-")


class ExportError(ArchiveError):
    """The destination cannot be written, or the collection holds nothing to write."""

    exit_code = 4


@contextmanager
def staged_file(dest: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A new file that takes the name ``dest`` when the block ends without an error."""
    with _staging(dest, force=force) as part:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(dest, force=force)
        part.replace(dest)


@contextmanager
def staged_directory(dest: Path, *, force: bool, ours: Callable[[Path], bool]) -> Iterator[Path]:
    """A new directory that takes the name ``dest`` when the block ends without an error.

    An empty directory is replaced unasked, another by ``force`` where ``ours`` knows it for an earlier export.
    """
    force = (force and ours(dest)) or _is_empty(dest)
    with _staging(dest, force=force) as part:
        part.mkdir()
        yield part
        _refuse_existing(dest, force=force)
        retired = _beside(dest, "old")
        if dest.exists():
            dest.rename(retired)
        part.rename(dest)
        _discard(retired)


@contextmanager
def _staging(dest: Path, *, force: bool) -> Iterator[Path]:
    if not dest.name:
        raise ExportError(f"{dest}: give the export a name of its own")
    _refuse_existing(dest, force=force)
    part = _beside(dest, "part")
    try:
        yield part
        _sync_directory(dest.parent)
    except OSError as error:
        raise _translated(dest, error) from error
    finally:
        _discard(part)


def _refuse_existing(dest: Path, *, force: bool) -> None:
    if not force and dest.exists():
        words = "is a folder with other things in it" if dest.is_dir() else "exists already"
        raise ExportError(f"{dest}: {words}; name another destination, or give --force to replace an export")


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _beside(dest: Path, suffix: str) -> Path:
    return dest.with_name(f".{dest.name}.{os.getpid()}.{suffix}")


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _translated(dest: Path, error: OSError) -> ArchiveError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{dest}: no space left; free some and run the export again (nothing was kept of it)")
    return ExportError(f"{dest}: cannot be written: {error.strerror or error}")
