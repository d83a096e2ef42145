"""The power goes: of every file only what was synced is left, and of every directory only the names that were synced."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from archive.warc.disk import Disk


@dataclass(slots=True)
class Durable:
    """What is on the platter below ``root``.

    ``data`` by inode; ``names`` of each directory by its path. SQLite's own files are durable by name, as SQLite sees to.
    """

    root: Path
    data: dict[int, bytes] = field(default_factory=dict)
    names: dict[Path, dict[str, int]] = field(default_factory=dict)
    databases: dict[str, bytes] = field(default_factory=dict)
    on_sync: Callable[[], None] = lambda: None

    def synced(self, descriptor: int) -> None:
        place, status = Path(f"/proc/self/fd/{descriptor}").readlink(), os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self.names[place] = {entry.name: entry.inode() for entry in os.scandir(place)}
        else:
            self.data[status.st_ino] = Path(f"/proc/self/fd/{descriptor}").read_bytes()
        self.on_sync()

    def image(self, target: Path, tail: Callable[[bytes], bytes]) -> None:
        """Write what would be found after the power cut; ``tail`` makes what became of bytes that were not synced."""
        self._folder(self.root, target, tail)
        for name, data in self.databases.items():
            if target.is_dir():
                (target / name).write_bytes(data)

    def _folder(self, source: Path, target: Path, tail: Callable[[bytes], bytes]) -> None:
        target.mkdir()
        for name, inode in self.names.get(source, {}).items():
            path = source / name
            if path in self.names or path.is_dir():
                self._folder(path, target / name, tail)
            elif not name.startswith((".lock", "catalog.sqlite", "state.sqlite")):
                (target / name).write_bytes(self._content(path, inode, tail))

    def _content(self, path: Path, inode: int, tail: Callable[[bytes], bytes]) -> bytes:
        kept = self.data.get(inode, b"")
        now = path.read_bytes() if path.exists() and path.stat().st_ino == inode else b""
        return kept + tail(now[len(kept) :]) if now.startswith(kept) else kept


@contextmanager
def watched(durable: Durable) -> Iterator[Durable]:
    """Have ``durable`` see every sync of this process."""
    original = Disk.sync

    def sync(self: Disk, descriptor: int) -> None:
        original(self, descriptor)
        durable.synced(descriptor)

    Disk.sync = sync  # type: ignore[method-assign]
    vfs = _Vfs(durable)
    try:
        yield durable
    finally:
        vfs.unregister()
        Disk.sync = original  # type: ignore[method-assign]


class _Vfs(apsw.VFS):
    def __init__(self, durable: Durable) -> None:
        super().__init__("power", "unix", makedefault=True)
        self._durable = durable

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - apsw names it
        return _File(self._durable, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802 - apsw names it
        super().xDelete(name, sync)
        self._durable.databases.pop(Path(name).name, None)


class _File(apsw.VFSFile):
    def __init__(self, durable: Durable, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._durable = durable
        self._path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "")

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw names it
        super().xSync(flags)
        if self._path.is_file():
            self._durable.databases[self._path.name] = self._path.read_bytes()
