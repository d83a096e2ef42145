"""One WARC file while it is written: locked, named ``.open``, always cut back to its last whole record."""

import fcntl
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from archive.errors import ArchiveError
from archive.warc.disk import DISK, Disk, translated

OPEN_SUFFIX = ".open"
BUFFER_BYTES = 1 << 20
"""Bytes gathered before they are written: captures below this size reach the file by one call."""


class WarcFile:
    """A file that one process appends to. ``end`` is the byte after its last whole append."""

    def __init__(self, path: Path, descriptor: int, disk: Disk) -> None:
        self.path = path
        self.end = 0
        self._descriptor = descriptor
        self._disk = disk
        self._created = time.monotonic()
        self.broken = False

    @classmethod
    def create(cls, final: Path, disk: Disk = DISK) -> Self | None:
        """A new file that will be ``final`` once closed, locked and in its directory durably; None if the name is taken.

        DiskFull or another ArchiveError where the system refuses.
        """
        path = final.with_name(final.name + OPEN_SUFFIX)
        if final.exists():
            return None
        try:
            descriptor = disk.create(path)
        except FileExistsError:
            return None
        except OSError as error:
            raise translated(error, path) from error
        try:
            if not _locked(descriptor, path):
                os.close(descriptor)
                return None
            disk.sync_directory(path.parent)
        except OSError as error:
            os.close(descriptor)
            raise translated(error, path) from error
        return cls(path, descriptor, disk)

    @property
    def final(self) -> Path:
        return self.path.with_name(self.path.name.removesuffix(OPEN_SUFFIX))

    @property
    def age(self) -> float:
        """Seconds since it was created."""
        return time.monotonic() - self._created

    def append(self, members: Iterable[Iterable[bytes]]) -> list[int]:
        """Append the members as one; returns the byte after each.

        On any failure the file is cut back to where it was. DiskFull or another ArchiveError where the system
        refuses; if it cannot even be cut back, it is ``broken`` and takes no more.
        """
        if self.broken:
            raise ArchiveError(f"{self.path}: an earlier write failed; the file takes no more")
        try:
            ends = self._append(members)
        except BaseException as error:
            self._cut_back()
            if isinstance(error, OSError):
                raise translated(error, self.path) from error
            raise
        self.end = ends[-1] if ends else self.end
        return ends

    def _append(self, members: Iterable[Iterable[bytes]]) -> list[int]:
        ends: list[int] = []
        buffer, written = bytearray(), self.end
        for member in members:
            for chunk in member:
                buffer += chunk
                if len(buffer) >= BUFFER_BYTES:
                    written = self._disk.write_all(self._descriptor, buffer, written)
                    buffer = bytearray()
            ends.append(written + len(buffer))
        self._disk.write_all(self._descriptor, buffer, written)
        return ends

    def _cut_back(self) -> None:
        try:
            self._disk.truncate(self._descriptor, self.end)
        except OSError:
            self.broken = True

    def sync(self) -> None:
        """fsync. After a failure the kernel may have dropped what was written, so the file is ``broken``."""
        try:
            self._disk.sync(self._descriptor)
        except OSError as error:
            self.broken = True
            raise translated(error, self.path) from error

    def close(self) -> None:
        """fsync, take ``.open`` off the name, make the new name durable, let go of the lock.

        On failure, and where the file is ``broken``, the name keeps ``.open`` and recovery closes the file later.
        """
        try:
            if self.broken:
                return
            self.sync()
            if self.final.exists():
                raise ArchiveError(f"{self.final}: exists already; {self.path.name} keeps its name")
            self._disk.rename(self.path, self.final)
            self._disk.sync_directory(self.path.parent)
        except OSError as error:
            raise translated(error, self.path) from error
        finally:
            with suppress(OSError):
                os.close(self._descriptor)

    def leave(self) -> None:
        """fsync and let go of the file; the name keeps ``.open``."""
        try:
            if not self.broken:
                self.sync()
        finally:
            with suppress(OSError):
                os.close(self._descriptor)

    def discard(self) -> None:
        """Take the file away, whatever is in it: it can be made again."""
        with suppress(OSError):
            self._disk.remove(self.path)
        with suppress(OSError):
            os.close(self._descriptor)

    def abandon(self) -> None:
        """Let go of the file as it is; one without a record is taken away."""
        with suppress(OSError):
            if not self.end:
                self._disk.remove(self.path)
        with suppress(OSError):
            os.close(self._descriptor)


def _locked(descriptor: int, path: Path) -> bool:
    """Lock the file; False if recovery took it for a leftover in the instant between its creation and the lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
