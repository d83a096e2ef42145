"""What SQLite's errors mean to whoever runs the program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from archive.errors import ArchiveError, DiskFull, StorageError

REFUSALS = (apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.NoMemError)


@contextmanager
def translated(path: Path, damaged: Callable[[str], ArchiveError]) -> Iterator[None]:
    """SQLite's errors about the database at ``path`` as ours: DiskFull, StorageError, ``damaged``, or ArchiveError."""
    try:
        yield
    except apsw.FullError:
        raise DiskFull(f"{path}: no space left; free some, then go on: nothing kept is lost") from None
    except REFUSALS as error:
        raise StorageError(
            f"{path}: cannot be read or written ({error}); put that right, then go on: nothing kept is lost"
        ) from None
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise damaged(str(error)) from None
    except apsw.BusyError:
        raise ArchiveError(f"{path}: another process holds it; try again when that has ended") from None
    except apsw.Error as error:
        raise ArchiveError(f"{path}: {error}") from None
