"""``state.sqlite``: the only state of a collection that cannot be derived from its WARCs.

apsw brings an SQLite of its own: CPython's may be a release whose WAL mode corrupts a file that two connections use
(3.7.0 to 3.51.2, the WAL-reset bug), which is what a crawl beside ``status`` is.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

import apsw

from archive.errors import ArchiveError, DiskFull, StorageError
from archive.sqlite import REFUSALS, begin_generation, closed_on_error, plan_once

SCHEMA_VERSION = 1
APPLICATION_ID = 0x504C4D59
"""``PLMY``: marks the file as ours in SQLite's header."""
BUSY_TIMEOUT_MS = 10_000
"""How long a transaction waits for another process's."""
CACHE_KIB = 8 * 1024
"""The page cache of one connection: with it memory stays constant whatever the file holds."""
CHECKPOINT_PAGES = 4_000
"""The WAL is copied back past this many pages (16 MB): fewer, longer pauses than SQLite's 1,000."""

SCHEMA = """
CREATE TABLE host(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    given_up TEXT                  -- why nothing more is asked of it in this run
);
CREATE TABLE target(
    id INTEGER PRIMARY KEY,        -- in the order first seen
    identity BLOB NOT NULL UNIQUE, -- digest of the URL's identity
    url TEXT NOT NULL,
    host INTEGER NOT NULL REFERENCES host,
    kind TEXT NOT NULL,
    depth INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    source TEXT, via TEXT, hops TEXT NOT NULL, listed TEXT, title TEXT,
    request TEXT,
    state TEXT NOT NULL,           -- pending, waiting; done, failed, skipped, quarantined
    failures INTEGER NOT NULL DEFAULT 0,
    due REAL,                      -- of a waiting one, Unix time
    reason TEXT, outcome TEXT
);
CREATE INDEX target_pending ON target(host, priority DESC, id, source) WHERE state = 'pending';
CREATE INDEX target_waiting ON target(due, source) WHERE state = 'waiting';
CREATE INDEX target_ended ON target(state, outcome, reason)
    WHERE state IN ('done', 'failed', 'skipped', 'quarantined');
CREATE INDEX target_recurring ON target(kind) WHERE kind <> 'page';
CREATE TABLE lease(                -- a pending target in flight, or one that was when its process died
    target INTEGER PRIMARY KEY REFERENCES target,
    host INTEGER NOT NULL,
    times INTEGER NOT NULL         -- tries that began and were neither settled nor released
);
CREATE TABLE robots(origin TEXT PRIMARY KEY, status INTEGER NOT NULL, payload BLOB NOT NULL, answered REAL NOT NULL)
    WITHOUT ROWID;
CREATE TABLE watermark(file TEXT PRIMARY KEY, end INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE run(id INTEGER PRIMARY KEY, sources TEXT, started TEXT NOT NULL, finished TEXT, reason TEXT);
CREATE TABLE skip(reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE skip_sample(id INTEGER PRIMARY KEY, reason TEXT NOT NULL, url TEXT NOT NULL, via TEXT);
CREATE INDEX skip_sample_reason ON skip_sample(reason);
CREATE TABLE schedule(source TEXT PRIMARY KEY, started TEXT, finished TEXT) WITHOUT ROWID;
"""


class StateError(ArchiveError):
    """``state.sqlite`` cannot be used: damaged, of a newer version, no database, not writable."""

    exit_code = 4


class StateDamaged(StateError):
    """``state.sqlite`` cannot be read as a database. A new one learns from the WARCs what they tell."""


class Database:
    """``state.sqlite`` as one process uses it: one connection, one lock, errors as StateError or DiskFull."""

    def __init__(self, path: Path) -> None:
        self._path, self.lock = path, RLock()
        self.connection = connect(path)
        self._guard = _Guard(path, self.lock)

    def close(self) -> None:
        """Close it. Where the last checkpoint fails, the WAL stays, with all that was committed."""
        with suppress(apsw.FullError, *REFUSALS):
            self.connection.close()

    def claim(self) -> None:
        """StateDamaged where the file and its WAL do not belong together. For the only writer, before it writes."""
        with self.reading():
            begin_generation(self.connection, self._path)

    def reading(self) -> "_Guard":
        return self._guard

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._guard, transaction(self.connection):
            yield

    def execute(self, statement: str, *values: Any) -> None:
        self.connection.execute(statement, values)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, values).fetchall()

    def first(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(statement, *values)), None)

    def changes(self) -> int:
        """How many rows the last statement changed."""
        return self.connection.changes()


def connect(path: Path) -> apsw.Connection:
    """Open ``state.sqlite``, made if need be, in WAL mode; raises StateError or DiskFull.

    ``synchronous`` is NORMAL: a killed process loses no committed transaction, and a power cut at most takes the file back
    to an older transaction. That costs nothing acknowledged: captures are fsynced before they are settled here, and
    recovery examines what lies in the archive behind the watermark. FULL would add an fsync to every lease.
    """
    with translated(path):
        connection = apsw.Connection(str(path))
        with closed_on_error(connection):
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            _configure(connection)
            _migrate(connection, path)
    return connection


def _configure(connection: apsw.Connection) -> None:
    plan_once(connection)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "normal")
    connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
    connection.pragma("cache_size", -CACHE_KIB)


def _migrate(connection: apsw.Connection, path: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
    if tables and connection.pragma("application_id") != APPLICATION_ID:
        raise StateError(f"{path}: a database of another program")
    version = connection.pragma("user_version")
    if version > SCHEMA_VERSION:
        raise StateError(
            f"{path}: written by a newer palmyra (state version {version}, known: {SCHEMA_VERSION}); upgrade"
        )
    if version == SCHEMA_VERSION:
        return
    with transaction(connection):
        if connection.pragma("user_version") == 0:  # still, now that no other process can be at it
            connection.execute(SCHEMA)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", SCHEMA_VERSION)


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """One write transaction: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, with the file's name."""
    try:
        yield
    except apsw.Error as error:
        raise _translation(error, path) from None


class _Guard:
    """``translated`` under a lock, to be entered again and again: it is, some times for each request."""

    def __init__(self, path: Path, lock: RLock) -> None:
        self._path, self._lock = path, lock

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        if isinstance(error, apsw.Error):
            raise _translation(error, self._path) from None


def _translation(error: apsw.Error, path: Path) -> ArchiveError:
    match error:
        case apsw.FullError():
            return DiskFull(f"{path}: no space left; free some and start again")
        case apsw.BusyError():
            return StateError(f"{path}: another process has held it for {BUSY_TIMEOUT_MS // 1000} s")
        case apsw.NotADBError() | apsw.CorruptError():
            return StateDamaged(f"{path}: damaged ({error}); what it knew is taken from the WARCs")
        case apsw.IOError() | apsw.ReadOnlyError() | apsw.NoMemError():
            return StorageError(
                f"{path}: cannot be read or written ({error}); put that right, then go on: nothing kept is lost"
            )
    return StateError(f"{path}: {error}")
