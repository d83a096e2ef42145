"""The calls by which archives change on disk, in one place, so that tests can make each of them fail."""

import errno
import os
from pathlib import Path

from archive.errors import ArchiveError, DiskFull, StorageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = {
    errno.EIO: "the disk fails",
    errno.EROFS: "the disk is read-only",
    errno.EMFILE: "too many open files (see `ulimit -n`)",
    errno.ENFILE: "too many open files on this machine",
    errno.ENOMEM: "out of memory",
}
"""What no other try on this machine, as it is, would better."""


class Disk:
    """The file system. Every method may raise OSError."""

    def create(self, path: Path) -> int:
        """A descriptor of a new file; FileExistsError if there is one."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def write(self, descriptor: int, data: bytes | memoryview, offset: int) -> int:
        """How many bytes were written, which may be fewer than given."""
        return os.pwrite(descriptor, data, offset)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        source.rename(target)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def sync_directory(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def write_all(self, descriptor: int, data: bytes | bytearray, offset: int) -> int:
        """Write all of ``data`` at ``offset``; returns the byte after it."""
        rest = memoryview(data)
        while rest:
            written = self.write(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written
        return offset


DISK = Disk()


def translated(error: OSError, path: Path) -> ArchiveError:
    """What a failed call means to whoever runs the program: DiskFull, StorageError, or the system's own words."""
    if error.errno in _FULL:
        return DiskFull(f"{path}: no space left on the disk; free some, then go on: nothing kept is lost")
    if error.errno in _REFUSED:
        return StorageError(
            f"{path}: {_REFUSED[error.errno]}; put that right, then go on: nothing kept is lost"
        )
    return ArchiveError(f"{path}: {error.strerror or error}")
