"""catalog.sqlite: what is known of every capture and document. Derived: it can be deleted and made again."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.capture import CaptureRef, Discovery
from archive.cdxj import surt
from archive.continuations import Continuations
from archive.database import Database
from archive.duplicates import Duplicates
from archive.entries import CaptureEntry, CaptureRow, DocumentRow
from archive.errors import CaptureNotFound
from archive.likeness import Likeness
from archive.outcome import Article, Kind, Outcome
from archive.versions import Versions

SNIPPET_CHARACTERS = 160

CAPTURE_COLUMNS = (
    "id, url, date, type, status, mime, payload_digest, file, offset, length, record_id, truncated, profile, "
    "refers_to_url, refers_to_date, via, hops, source, listed, listed_title, kind, reason, title, canonical_url, "
    "rights, document, refers_to_id"
)
DOCUMENT_COLUMNS = (
    "id, capture, name, url, final_url, canonical_url, title, authors, published, modified, language, "
    "declared_language, site_name, section, tags, description, image, licence, free, sources, file, offset, "
    "record_id, date, payload_digest, text_digest, characters, extractor, extractor_version"
)


class Catalog:
    """The catalog at ``path``. Rows come in the order of the archive; ids count from 0.

    ``joins_pages`` asks exports for articles on several pages as one document each.
    """

    joins_pages = False

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._db = database
        self.versions = Versions(database)
        self.duplicates = Duplicates(database, self.versions)
        self.continuations = Continuations(database)

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open or, unless ``readonly``, make the catalog; CollectionError when it cannot be used."""
        return cls(Database.open(path, readonly=readonly))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it. Where the last checkpoint fails, the WAL stays, with all that was committed."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside are kept together or not at all; DiskFull or StorageError where the system refuses."""
        return self._db.transaction()

    # --- writing, in the order of the archive

    def add_capture(
        self, entry: CaptureEntry, outcome: Outcome, *, document: int | None, at: int | None = None
    ) -> int:
        """Add the next capture (or the one with id ``at``); returns its id."""
        number = self.capture_count() if at is None else at
        values = _capture_values(number, entry, outcome, document)
        self._db.insert("captures", f"{CAPTURE_COLUMNS}, key, evidence", values)
        return number

    def add_document(self, row: DocumentRow) -> None:
        """Add a document, its text to the search index, and what article and whose duplicate it is."""
        self._db.insert("documents", DOCUMENT_COLUMNS, _document_values(row))
        self._db.write(
            "INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)",
            (row.id, row.article.title, row.article.text),
        )
        likeness = Likeness.of(row.article.text)
        self.versions.add(row, likeness)
        self.duplicates.add(row.id, likeness)

    def set_derived(self, file: str, end: int) -> None:
        """Note that every capture of ``file`` before byte ``end`` is in the catalog."""
        self._db.write("INSERT OR REPLACE INTO warcs (file, derived) VALUES (?, ?)", (file, end))

    def set_indexed(self, captures: int, size: int) -> None:
        """Note that the index file of ``size`` bytes has the first ``captures`` captures."""
        self._db.write(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('indexed', ?)", (f"{captures} {size}",)
        )

    # --- reading

    def derived(self, file: str) -> int:
        """Up to which byte ``file`` is in the catalog; 0 where it is unknown."""
        return int(self._db.value("SELECT derived FROM warcs WHERE file = ?", (file,)) or 0)

    def derived_files(self) -> dict[str, int]:
        """Every WARC file that the catalog knows, with the byte up to which."""
        return {str(file): int(end) for file, end in self._db.rows("SELECT file, derived FROM warcs")}

    def indexed(self) -> tuple[int, int]:
        """How many captures the index file has, and its size in bytes; zeros where that is unknown."""
        captures, size = str(self._db.value("SELECT value FROM meta WHERE key = 'indexed'") or "0 0").split()
        return int(captures), int(size)

    def last_capture(self, file: str) -> CaptureRef | None:
        """The last capture that the catalog has of ``file``."""
        query = "SELECT offset, record_id FROM captures WHERE file = ? ORDER BY offset DESC LIMIT 1"
        for offset, record_id in self._db.rows(query, (file,)):
            return CaptureRef(file, offset, record_id)
        return None

    def capture_count(self) -> int:
        return int(self._db.value("SELECT coalesce(max(id) + 1, 0) FROM captures"))

    def document_count(self) -> int:
        return int(self._db.value("SELECT coalesce(max(id) + 1, 0) FROM documents"))

    def counts(self) -> dict[Kind, int]:
        """How many captures there are of each kind."""
        rows = self._db.rows("SELECT kind, count(*) FROM captures GROUP BY kind ORDER BY kind")
        return {Kind(str(kind)): int(count) for kind, count in rows}

    def statuses(self) -> dict[int | None, int]:
        """How many captures there are of each HTTP status; None stands for those without a status line."""
        rows = self._db.rows("SELECT status, count(*) FROM captures GROUP BY status ORDER BY status")
        return {status: int(count) for status, count in rows}

    def captures(self, *, start: int = 0) -> Iterator[CaptureRow]:
        """Captures from id ``start`` on, in the order of the archive."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE id >= ? ORDER BY id"
        return map(_capture_row, self._db.rows(query, (start,)))

    def captures_by_place(self) -> Iterator[CaptureRow]:
        """Every capture by the name of its file and its offset."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures ORDER BY file, offset"
        return map(_capture_row, self._db.rows(query))

    def captures_in(self, file: str) -> Iterator[CaptureRow]:
        """The captures of one WARC file by their offsets."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE file = ? ORDER BY offset"
        return map(_capture_row, self._db.rows(query, (file,)))

    def capture(self, number: int) -> CaptureRow:
        """The capture of that id; CaptureNotFound."""
        for row in self._db.rows(f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE id = ?", (number,)):
            return _capture_row(row)
        raise CaptureNotFound(f"no capture {number}; the last is {self.capture_count() - 1}")

    def captures_of(self, url: str) -> list[CaptureRow]:
        """Captures of the URL (of every URL with its SURT key), oldest first."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE key = ? ORDER BY date, id"
        return [_capture_row(row) for row in self._db.rows(query, (surt(url),))]

    def captures_by_key(self) -> Iterator[CaptureRow]:
        """Every capture that belongs into a CDXJ, in the order of its key and date."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures ORDER BY key, date, id"
        return map(_capture_row, self._db.rows(query))

    def original(self, payload_digest: str, url: str) -> CaptureRow | None:
        """The earliest whole response with that payload: of the same URL if there is one, else of any."""
        query = (
            f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE payload_digest = ? AND type = 'response' "
            "AND truncated IS NULL ORDER BY url <> ?, id LIMIT 1"
        )
        for row in self._db.rows(query, (payload_digest, url)):
            return _capture_row(row)
        return None

    def response_at(self, url: str, date: datetime) -> CaptureRow | None:
        """The response to which a revisit refers by URL and date (WARC 1.1, section 6.7)."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE key = ? AND url = ? AND date = ? AND type = 'response'"
        for row in self._db.rows(query, (surt(url), url, _date(date))):
            return _capture_row(row)
        return None

    def response_near(self, url: str, date: datetime) -> CaptureRow | None:
        """The first response of ``url`` within the second of ``date``: some writers cut fractions off references."""
        start = date.replace(microsecond=0)
        query = (
            f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE key = ? AND url = ? AND date BETWEEN ? AND ? "
            "AND type = 'response' ORDER BY date, id LIMIT 1"
        )
        for row in self._db.rows(
            query, (surt(url), url, _date(start), _date(start.replace(microsecond=999_999)))
        ):
            return _capture_row(row)
        return None

    def response_of_record(self, record_id: str) -> CaptureRow | None:
        """The response record of that id."""
        query = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE record_id = ? AND type = 'response' ORDER BY id LIMIT 1"
        for row in self._db.rows(query, (record_id,)):
            return _capture_row(row)
        return None

    def response_before(self, url: str, date: datetime) -> CaptureRow | None:
        """The last whole response of ``url`` with status 200 before ``date``."""
        query = (
            f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE key = ? AND url = ? AND date < ? AND status = 200 "
            "AND type = 'response' AND truncated IS NULL ORDER BY date DESC, id DESC LIMIT 1"
        )
        for row in self._db.rows(query, (surt(url), url, _date(date))):
            return _capture_row(row)
        return None

    def permits(self, row: DocumentRow) -> bool:  # noqa: ARG002 - views of the catalog say otherwise
        """Whether a document may go out."""
        return True

    def documents(
        self, *, start: int = 0, limit: int | None = None, newest_first: bool = False
    ) -> Iterator[DocumentRow]:
        """Documents in order of id, after ``start`` of them are passed over; by publication, newest first, on request."""
        order = "coalesce(published, date) DESC, id DESC" if newest_first else "id"
        query = f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY {order} LIMIT ? OFFSET ?"
        return map(_document_row, self._db.rows(query, (-1 if limit is None else limit, start)))

    def document(self, number: int) -> DocumentRow:
        """The document of that id; CaptureNotFound."""
        for row in self._db.rows(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?", (number,)):
            return _document_row(row)
        raise CaptureNotFound(f"no document {number}; `palmyra list` shows what there is")

    def document_of(self, final_url: str, text_digest: str) -> int | None:
        """The id of the document that already holds this text of this URL."""
        query = "SELECT id FROM documents WHERE final_url = ? AND text_digest = ? ORDER BY id LIMIT 1"
        found = self._db.value(query, (final_url, text_digest))
        return None if found is None else int(found)

    def search(self, query: str, limit: int = 20) -> Iterator[DocumentRow]:
        """Documents that hold every word of ``query``, best first (BM25). No query syntax: words are quoted."""
        words = re.findall(r"\w+", query)
        if not words:
            return
        terms = " ".join(f'"{word}"' for word in words)
        found = self._db.rows(
            "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?", (terms, limit)
        )
        for (number,) in list(found):
            yield self.document(int(number))


def snippet(text: str, query: str) -> str:
    """The part of ``text`` around the first word of ``query``: plain text on one line."""
    words = re.findall(r"\w+", query)
    match = re.search("|".join(map(re.escape, words)), text, re.IGNORECASE) if words else None
    start = max(0, (match.start() if match else 0) - SNIPPET_CHARACTERS // 2)
    part = " ".join(text[start : start + SNIPPET_CHARACTERS].split())
    return ("… " if start else "") + part + (" …" if start + SNIPPET_CHARACTERS < len(text) else "")


def _date(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _parse_date(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _json(values: Sequence[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _capture_values(
    number: int, entry: CaptureEntry, outcome: Outcome, document: int | None
) -> tuple[Any, ...]:
    ref, found = entry.ref, entry.discovery
    return (
        number, entry.url, _date(entry.date), entry.type, entry.status, entry.mime, entry.payload_digest,
        ref.file, ref.offset, entry.length, ref.record_id, entry.truncated, entry.profile,
        entry.refers_to_url, _date(entry.refers_to_date), found.via, found.hops, found.source, found.listed, found.title,
        outcome.kind, outcome.reason, outcome.title, outcome.canonical_url, _json(outcome.rights), document,
        entry.refers_to_id, surt(entry.url), _json(outcome.evidence),
    )  # fmt: skip


def _capture_row(row: Sequence[Any]) -> CaptureRow:
    (
        number, url, date, kind_of_record, status, mime, payload_digest, file, offset, length, record_id, truncated,
        profile, refers_to_url, refers_to_date, via, hops, source, listed, listed_title, kind, reason, title,
        canonical_url, rights, document, refers_to_id,
    ) = row  # fmt: skip
    entry = CaptureEntry(
        ref=CaptureRef(file, offset, record_id), length=length, url=url, date=_parse_date(date), type=kind_of_record,
        status=status, mime=mime, payload_digest=payload_digest, truncated=truncated, profile=profile,
        refers_to_url=refers_to_url, refers_to_date=_parse_date(refers_to_date) if refers_to_date else None,
        discovery=Discovery(via, hops, source, listed, listed_title), refers_to_id=refers_to_id,
    )  # fmt: skip
    return CaptureRow(
        number, entry, Kind(kind), reason, title, canonical_url, tuple(json.loads(rights)), document
    )


def _document_values(row: DocumentRow) -> tuple[Any, ...]:
    article = row.article
    free = None if article.free is None else int(article.free)
    return (
        row.id, row.capture, row.name, row.url, row.final_url, row.canonical_url, article.title, _json(article.authors),
        article.published, article.modified, article.language, article.declared_language, article.site_name,
        article.section, _json(article.tags), article.description, article.image, article.licence, free,
        _json(article.sources), row.ref.file, row.ref.offset, row.ref.record_id, _date(row.date), row.payload_digest,
        row.text_digest, row.characters, row.extractor, row.extractor_version,
    )  # fmt: skip


def _document_row(row: Sequence[Any]) -> DocumentRow:
    (
        number, capture, name, url, final_url, canonical_url, title, authors, published, modified, language,
        declared_language, site_name, section, tags, description, image, licence, free, sources, file, offset,
        record_id, date, payload_digest, text_digest, characters, extractor, extractor_version,
    ) = row  # fmt: skip
    article = Article(
        text="", title=title, authors=tuple(json.loads(authors)), published=published, modified=modified,
        language=language, declared_language=declared_language, site_name=site_name, section=section,
        tags=tuple(json.loads(tags)), description=description, image=image, licence=licence,
        free=None if free is None else bool(free), sources=tuple((k, v) for k, v in json.loads(sources)),
    )  # fmt: skip
    return DocumentRow(
        number, capture, name, url, final_url, canonical_url, CaptureRef(file, offset, record_id), _parse_date(date),
        payload_digest, text_digest, characters, article, extractor, extractor_version,
    )  # fmt: skip
