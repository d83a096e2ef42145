"""The errors that the archive raises.

Each names what is wrong in one line that a person can act on; the command line prints that line and ends with
``exit_code``. Wrong calls raise ValueError or TypeError instead.
"""

from pathlib import Path
from typing import ClassVar


class ArchiveError(Exception):
    """Base of every error that input, a disk or another process can cause."""

    exit_code: ClassVar[int] = 1


class WarcFormatError(ArchiveError):
    """A WARC file breaks the standard at ``offset`` (bytes from the start of the file)."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(f"{path}: at byte {offset}: {reason}")
        self.path, self.offset, self.reason = path, offset, reason


class CdxjFormatError(ArchiveError):
    """A CDXJ file breaks its format at ``line`` (counted from 1)."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


class HttpFormatError(ArchiveError):
    """Bytes that are no HTTP/1.x message."""


class DigestMismatch(ArchiveError):
    """Stored bytes differ from the digest kept with them."""


class CaptureNotFound(ArchiveError):
    """No such capture or document in the collection."""


class CollectionError(ArchiveError):
    """A path that is no collection, or cannot become one."""

    exit_code = 4


class CatalogDamaged(CollectionError):
    """``catalog.sqlite`` cannot be read as a database. It is derived: another can be made from the WARCs."""


class CollectionLocked(CollectionError):
    """Another process is writing to the collection."""


class ConfigurationError(ArchiveError):
    """Something that a user wrote (a source, a seed, an option) cannot be used as it stands."""

    exit_code = 4


class StorageError(ArchiveError):
    """The system refuses what an archive needs: space, a write, an open file, memory. What is kept stays whole."""

    exit_code = 3


class DiskFull(StorageError):
    """No space (or no quota) left where the archive is written."""
