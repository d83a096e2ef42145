"""The SQLite database under the catalog: opened with its schema, written in transactions, its errors as ours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import apsw

from archive.errors import CatalogDamaged, CollectionError
from archive.sqlite import REFUSALS, begin_generation, closed_on_error, plan_once, translated

SCHEMA_VERSION = 4
BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 16 * 1024
"""The page cache of one connection: full after some thousand pages of a crawl, and constant from then on."""


class Database:
    """The database at ``path``, with the tables of ``schema.sql``."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open or, unless ``readonly``, make the database; CollectionError when it cannot be used."""
        if readonly and not path.exists():
            raise CollectionError(f"{path}: missing; `palmyra extract` derives it again")
        flags = (
            apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        with translated(path, partial(_damaged, path)):
            try:
                connection = apsw.Connection(str(path), flags=flags)
            except apsw.CantOpenError:
                raise CollectionError(
                    f"{path}: cannot be opened; check that it is readable and its folder writable"
                ) from None
            with closed_on_error(connection):
                _prepare(path, connection, readonly=readonly)
        return cls(path, connection)

    def close(self) -> None:
        """Close it. Where the last checkpoint fails, the WAL stays, with all that was committed."""
        with suppress(apsw.FullError, *REFUSALS):
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together or not at all; DiskFull or StorageError where the system refuses."""
        self.write("BEGIN IMMEDIATE")
        try:
            yield
            self.write("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                with suppress(apsw.Error):  # what failed before says more
                    self._connection.execute("ROLLBACK")
            raise

    def write(self, statement: str, values: Sequence[Any] = ()) -> None:
        with translated(self.path, partial(_damaged, self.path)):
            self._connection.execute(statement, values)

    def insert(self, table: str, columns: str, values: Sequence[Any]) -> None:
        """Insert one row; ``columns`` are their names with commas between."""
        marks = ", ".join("?" * len(values))
        self.write(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        with translated(self.path, partial(_damaged, self.path)):
            yield from self._connection.execute(query, values)

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        for row in self.rows(query, values):
            return row[0]
        return None


def _prepare(path: Path, connection: apsw.Connection, *, readonly: bool) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    plan_once(connection)
    if not readonly:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")
    connection.pragma("cache_size", -CACHE_KIB)
    version = connection.pragma("user_version")
    if version == 0 and not readonly:
        with connection:
            connection.execute(files("archive").joinpath("schema.sql").read_text("utf-8"))
            connection.pragma("user_version", SCHEMA_VERSION)
    elif version != SCHEMA_VERSION:
        raise CollectionError(
            f"{path}: made by another version of palmyra (schema {version}, this one reads {SCHEMA_VERSION}); "
            "`palmyra extract` derives it again"
        )
    if not readonly:
        begin_generation(connection, path)


def _damaged(path: Path, words: str) -> CatalogDamaged:
    return CatalogDamaged(f"{path}: damaged ({words}); delete it: `palmyra extract` derives it again")
