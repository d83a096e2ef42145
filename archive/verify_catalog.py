"""The catalog held against itself: whole as a database, and each of its tables in agreement with the others."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import apsw

from archive.collection import Collection
from archive.database import Database
from archive.surt import surt
from archive.warc.verify import Finding

MOST_OF_A_KIND = 100
"""Rows that are reported for one check; a table that is off as a whole would name all it has."""

CHECKS = {
    "its capture is another one, or there is none": """
        SELECT d.id FROM documents d LEFT JOIN captures c ON c.id = d.capture WHERE c.id IS NULL
        OR (d.file, d.offset, d.record_id, d.date, d.final_url) <> (c.file, c.offset, c.record_id, c.date, c.url)
        OR d.payload_digest IS NOT c.payload_digest OR c.document IS NOT d.id
    """,
    "a capture names it, and there is none": """
        SELECT document FROM captures WHERE document IS NOT NULL AND document NOT IN (SELECT id FROM documents)
    """,
    "it is missing in the full-text search, or is there and nowhere else": """
        SELECT id FROM documents WHERE id NOT IN (SELECT id FROM search_docsize)
        UNION ALL SELECT id FROM search_docsize WHERE id NOT IN (SELECT id FROM documents)
    """,
    "it belongs to no article, or to one that does not begin with its first document": """
        SELECT d.id FROM documents d LEFT JOIN articles a ON a.document = d.id
        LEFT JOIN articles f ON f.document = a.article WHERE f.article IS NOT a.article OR f.article IS NULL OR f.article > d.id
    """,
    "it has no cluster of duplicates, or one that does not begin with its first document": """
        SELECT d.id FROM documents d LEFT JOIN likeness l ON l.document = d.id
        LEFT JOIN likeness f ON f.document = l.cluster WHERE f.cluster IS NOT l.cluster OR f.cluster IS NULL OR f.cluster > d.id
    """,
    "no address leads to it, or one does and it is nowhere else": """
        SELECT id FROM documents WHERE id NOT IN (SELECT document FROM addresses)
        UNION ALL SELECT document FROM addresses WHERE document NOT IN (SELECT id FROM documents)
    """,
    "it has an article, a likeness or bands, and is nowhere else": """
        SELECT document FROM (
            SELECT document FROM articles UNION SELECT document FROM likeness UNION SELECT document FROM bands
        ) WHERE document NOT IN (SELECT id FROM documents)
    """,
}
"""What is wrong with a document, and the query that finds the ids of those of which it is true."""

GAPS = "SELECT count(*), coalesce(max(id) + 1, 0), coalesce(min(id), 0) FROM {}"
BEHIND = """
SELECT c.file, max(c.offset), coalesce(w.derived, 0) FROM captures c LEFT JOIN warcs w ON w.file = c.file
GROUP BY c.file HAVING max(c.offset) >= coalesce(w.derived, 0)
"""


def verify_catalog(collection: Collection) -> Iterator[Finding]:
    """Everything in which the catalog is not whole. CollectionError where it cannot be read at all."""
    path = collection.catalog_path
    yield from verify_database(path, "catalog-damaged")
    with closing(Database.open(path, readonly=True)) as database:
        for table in ("captures", "documents"):
            for count, end, start in database.rows(GAPS.format(table)):
                if (count, start) != (end, 0):
                    yield _wrong(path, f"{end - start} {table} by their ids, {count} by their number")
        for file, offset, derived in database.rows(BEHIND):
            message = f"has a capture at byte {offset} of {file}, of which it knows {derived} bytes only"
            yield _wrong(path, message)
        for message, query in CHECKS.items():
            for (number,) in islice(database.rows(query), MOST_OF_A_KIND):
                yield _wrong(path, f"document {number}: {message}")
        for number, url, key in database.rows("SELECT id, url, key FROM captures"):
            if surt(url) != key:
                yield _wrong(path, f"capture {number}: its key is {key!r}, which is not that of {url}")


def verify_database(path: Path, code: str) -> Iterator[Finding]:
    """What SQLite finds wrong with a file of its own."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            found = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(10)")]
    except apsw.Error as error:
        found = [str(error)]
    for line in found:
        if line != "ok":
            yield Finding(path, 0, code, f"damaged: {line}")


def _wrong(path: Path, message: str) -> Finding:
    return Finding(path, 0, "catalog-inconsistent", message)
