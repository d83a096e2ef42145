"""SQLite: what its errors mean to whoever runs the program, and a file held against its WAL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import apsw

from archive.errors import ArchiveError, DiskFull, StorageError

REFUSALS = (apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.NoMemError)

UNMARKED = ""
"""The mark of a file that no writer has marked: what the first one finds, and nobody after it."""


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
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:  # the last: its schema is another
        raise damaged(str(error)) from None
    except apsw.BusyError:
        raise ArchiveError(f"{path}: another process holds it; try again when that has ended") from None
    except apsw.Error as error:
        raise ArchiveError(f"{path}: {error}") from None


@contextmanager
def closed_on_error(connection: apsw.Connection) -> Iterator[None]:
    """Close ``connection`` where what is done inside fails: left to the garbage collector it would write at any later time."""
    try:
        yield
    except BaseException:
        with suppress(apsw.Error):  # what failed before says more
            connection.close()
        raise


def plan_once(connection: apsw.Connection) -> None:
    """Plan a statement when it is first run and not again for every value: by itself SQLite asks each LIMIT and each
    value held against a partial index whether another plan were better (its query planner stability guarantee)."""
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)


def begin_generation(connection: apsw.Connection, path: Path) -> None:
    """Note that a writer has opened the database, and hold its file against its WAL.

    A WAL belongs to the file as the last checkpoint left it; SQLite does not notice a file that someone has put back
    from an older copy, and reads a mixture. So each writer leaves a mark: the file has that of the WAL, or the one
    before. apsw.CorruptError where it has another. To be called before anything else is written, by the only writer.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS generation (former TEXT, mark TEXT NOT NULL)")
    known = connection.execute("SELECT former, mark FROM generation").fetchall()
    in_file = _mark_of_file(path)
    if known and in_file is not None and in_file not in [mark or UNMARKED for mark in known[0]]:
        raise apsw.CorruptError("it is older than what SQLite keeps beside it")
    if not _all_in_file(connection):
        return  # a reader holds a part of the WAL: the mark of before still holds
    with connection:
        connection.execute("DELETE FROM generation")
        former = known[0][1] if known else None
        connection.execute("INSERT INTO generation VALUES (?, ?)", (former, uuid4().hex))


def _all_in_file(connection: apsw.Connection) -> bool:
    try:
        frames, copied = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except apsw.BusyError:
        return False
    return bool(frames == copied)


def _mark_of_file(path: Path) -> str | None:
    """The mark in the file itself, its WAL left out: UNMARKED where there is none yet, None where a checkpoint was broken off."""
    file = apsw.Connection(
        f"{path.absolute().as_uri()}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    try:
        if not file.table_exists("main", "generation"):
            return UNMARKED
        return next((str(mark) for (mark,) in file.execute("SELECT mark FROM generation")), UNMARKED)
    except (apsw.SQLError, apsw.CorruptError, apsw.NotADBError):
        return None
    finally:
        file.close()
