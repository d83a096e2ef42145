"""A collection: the directory that holds one archive and what is derived from it."""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from archive.entries import DocumentRow
from archive.errors import CaptureNotFound, CollectionError, CollectionLocked, StorageError
from archive.warc.disk import DISK, translated

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
OPEN_SUFFIX = ".open"
_STAMPED = re.compile(r"-(\d{17})-(\d{5,})-")


def final_name(path: Path) -> str:
    """The name that a WARC file has once it is closed."""
    return path.name.removesuffix(OPEN_SUFFIX)


def archive_order(name: str) -> tuple[str, str, str]:
    """The key that puts WARC files in the order of the archive.

    Files named by the convention of WARC 1.1, annex C, come by their time and serial, whatever their prefix;
    others come before them, by name.
    """
    stamp = _STAMPED.search(name)
    return (stamp[1], stamp[2].zfill(10), name) if stamp else ("", "", name)


def _make(folder: Path) -> None:
    """Make a folder and those above it, each durably in the one that holds it."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        DISK.sync_directory(folder.parent)


class Collection:
    """Paths of a collection below ``root``. Opening one reads nothing; `lock` is for whoever writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive = root / "archive"
        self.indexes = root / "indexes"
        self.documents = root / "documents"
        self.former = root / "former"
        self.quarantine = root / "quarantine"
        self.reports = root / "reports"
        self.lanes = root / "lanes"
        self.index_path = self.indexes / "index.cdxj"
        self.catalog_path = root / "catalog.sqlite"
        self.state_path = root / "state.sqlite"
        self.lock_path = root / ".lock"

    @classmethod
    def open_existing(cls, root: Path) -> Self:
        """The collection at ``root``; CollectionError where there is none."""
        collection = cls(root)
        if not root.exists():
            raise CollectionError(
                f"{root}: no such collection; `palmyra crawl URL --collection {root}` makes one"
            )
        if not collection.archive.is_dir():
            raise CollectionError(f"{root}: not a collection (it has no archive/ folder)")
        return collection

    @classmethod
    def create(cls, root: Path) -> Self:
        """The collection at ``root``, made if the directory is missing or empty; CollectionError otherwise."""
        collection = cls(root)
        try:
            if root.is_dir() and any(root.iterdir()) and not collection.archive.is_dir():
                raise CollectionError(
                    f"{root}: holds other files and no archive/; name a new or empty directory"
                )
            for folder in (collection.archive, collection.indexes, collection.documents):
                _make(folder)
        except (FileExistsError, NotADirectoryError):
            raise CollectionError(f"{root}: not a directory; name a directory for the collection") from None
        except OSError as error:
            if isinstance(refusal := translated(error, root), StorageError):
                raise refusal from error
            raise CollectionError(f"{root}: cannot be made a collection: {error.strerror}") from error
        return collection

    @contextmanager
    def lock(self, crawled: Sequence[str] = ()) -> Iterator[None]:
        """Hold the collection for writing; CollectionLocked says who else does.

        ``crawled`` are the names of the sources that the holder crawls: others see them by `crawled`.
        """
        try:
            descriptor = os.open(self.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CollectionError(f"{self.lock_path}: cannot be locked: {error.strerror}") from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CollectionLocked(
                    f"{self.root}: in use by {self.holder()}; wait for it, or stop it"
                ) from None
            os.ftruncate(descriptor, 0)
            since = datetime.now(UTC).isoformat(timespec="seconds")
            lines = f"process {os.getpid()} since {since}\n{json.dumps(list(crawled))}\n"
            os.pwrite(descriptor, lines.encode(), 0)
            yield
            os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def is_locked(self) -> bool:
        """Whether a process holds the collection now."""
        try:
            with self.lock_path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def holder(self) -> str:
        """The process that holds the collection, or was the last to, in words."""
        return self._lock_lines()[0] or "another process"

    def crawled(self) -> tuple[str, ...]:
        """The sources that the process crawls which holds the collection; none where nobody does."""
        names = self._lock_lines()[1] if self.is_locked() else ""
        return tuple(json.loads(names)) if names else ()

    def _lock_lines(self) -> tuple[str, str]:
        """What the holder wrote: itself, then the names of its sources; empty where it has not yet."""
        try:
            text = self.lock_path.read_text("utf-8", "replace")
        except OSError:
            text = ""
        who, _, names = text.partition("\n")
        return who, names if names.endswith("\n") else ""

    def warc_files(self) -> list[Path]:
        """Every WARC file, closed or open, in the order of the archive."""
        found = [p for p in self.archive.iterdir() if final_name(p).endswith(WARC_SUFFIXES)]
        return sorted(found, key=lambda path: archive_order(final_name(path)))

    def warc_path(self, file: str) -> Path:
        """Where the WARC file of that final name lies now; CaptureNotFound if nowhere."""
        for path in (self.archive / file, self.archive / (file + OPEN_SUFFIX)):
            if path.exists():
                return path
        raise CaptureNotFound(f"{self.archive / file}: no such WARC file in the collection")

    def document_text(self, row: DocumentRow) -> str:
        """A document's text; CaptureNotFound when its file is gone."""
        path = self.documents / row.name
        try:
            return path.read_bytes().decode()
        except FileNotFoundError:
            raise CaptureNotFound(f"{path}: missing; `palmyra extract` derives it again") from None
