"""Makes the n-th call to the disk fail, for everything in this process: archive files, documents, index, SQLite."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import apsw

from archive.warc.disk import Disk

CALLS = ("create", "write", "truncate", "sync", "rename", "replace", "remove")
STILL_WORK_WHEN_FULL = frozenset({"truncate", "rename", "replace", "remove", "sync"})
VFS = "faults"


@dataclass(slots=True)
class Faults:
    """Fails call number ``step`` (from 0) with ``error``; ENOSPC goes on for as long as the disk is full.

    ``calls`` has the name of every call that was made; below ``root`` only, as far as a call names a path.
    """

    step: int | None = None
    error: int = errno.EIO
    calls: list[str] = field(default_factory=list)

    def meet(self, name: str) -> None:
        """OSError where this call is to fail."""
        self.calls.append(name)
        now = len(self.calls) - 1
        if self.step is None or now < self.step:
            return
        full = self.error == errno.ENOSPC
        if (full and name.rsplit(maxsplit=1)[-1] not in STILL_WORK_WHEN_FULL) or (
            not full and now == self.step
        ):
            raise OSError(self.error, "made to fail")


@contextmanager
def failing(faults: Faults) -> Iterator[Faults]:
    """Put ``faults`` under every call of `Disk`, and under SQLite's files but their shared memory.

    Every database has to be closed at the end: one that is left open is closed, and written to, by whichever later
    test happens to collect the garbage.
    """
    originals = {name: getattr(Disk, name) for name in CALLS}
    for name, original in originals.items():
        setattr(Disk, name, _failing(faults, name, original))
    vfs = _Vfs(faults)
    try:
        yield faults
    finally:
        vfs.unregister()
        for name, original in originals.items():
            setattr(Disk, name, original)
    assert [left.filename for left in apsw.connections() if left.open_vfs == VFS] == [], faults.step


def _failing(faults: Faults, name: str, original: Any) -> Any:
    def call(self: Disk, *arguments: Any) -> Any:
        faults.meet(f"disk {name}")
        return original(self, *arguments)

    return call


class _Vfs(apsw.VFS):
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        super().__init__(VFS, "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - apsw names it
        return _File(self._faults, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802 - apsw names it
        _translated(partial(self._faults.meet, "sqlite remove"))
        super().xDelete(name, sync)


class _File(apsw.VFSFile):
    def __init__(self, faults: Faults, name: Any, flags: list[int]) -> None:
        _translated(partial(faults.meet, "sqlite create"))
        super().__init__("unix", name, flags)
        self._faults = faults

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw names it
        _translated(partial(self._faults.meet, "sqlite write"))
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw names it
        _translated(partial(self._faults.meet, "sqlite sync"))
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - apsw names it
        _translated(partial(self._faults.meet, "sqlite truncate"))
        super().xTruncate(size)


def _translated(call: partial[None]) -> None:
    try:
        call()
    except OSError as error:
        kind = apsw.FullError if error.errno == errno.ENOSPC else apsw.IOError
        raise kind(str(error)) from None


def tree(root: Path) -> dict[str, bytes]:
    """Every file below ``root`` and its bytes."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
