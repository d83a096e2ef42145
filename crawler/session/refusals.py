"""What the system refuses a crawl, as an error with a line to act on."""

from pathlib import Path

import apsw

from archive import sqlite
from archive.errors import ArchiveError, CatalogDamaged, StorageError
from archive.warc.disk import translated


def reported(error: Exception, root: Path) -> Exception:
    """``error`` as an ArchiveError where the system is at its root; another one as it is."""
    if isinstance(error, MemoryError):
        return StorageError(f"{root}: out of memory; crawl with fewer workers or sources, or free some")
    if isinstance(error, OSError):
        return translated(error, Path(error.filename or root))
    if isinstance(error, apsw.Error):
        try:
            with sqlite.translated(root, CatalogDamaged):
                raise error
        except ArchiveError as known:
            return known
    return error
