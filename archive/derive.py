"""From examinations, in the order of the archive, to documents, catalog and index. Live crawl and replay both end here."""

import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from archive.catalog import Catalog
from archive.cdxj import write_index
from archive.collection import Collection, final_name
from archive.document import document_name
from archive.entries import CaptureEntry, DocumentRow, Examination
from archive.extraction.version import EXTRACTOR, EXTRACTOR_VERSION
from archive.outcome import Article, Kind, Outcome
from archive.warc.reader import iter_captures

COMMIT_EVERY = 200
"""Captures in one transaction when an archive is derived again."""
SYNC_ALL_ABOVE = 32
"""From this many new documents on, one sync of all file systems is cheaper than an fsync of each."""
REDIRECT_LIMIT = 20
READ_AHEAD = 16
"""Captures under examination at a time: enough to keep the workers busy behind one slow page."""


class Examiner(Protocol):
    """Examines the capture at ``offset`` of the file ``path`` elsewhere (see `archive.extraction.pool`)."""

    def submit(self, path: Path, offset: int) -> "Future[Examination]": ...


@dataclass(frozen=True, slots=True)
class Examined:
    """An examination with the place it was read from: ``end`` is the byte after the capture's last record."""

    examination: Examination
    end: int


class Derivation:
    """Writes what examinations found. `add` them in the order of the archive, inside `Catalog.transaction` by `keep`."""

    def __init__(self, collection: Collection, catalog: Catalog) -> None:
        self._collection = collection
        self._catalog = catalog
        self._next_capture = catalog.capture_count()
        self._next_document = catalog.document_count()

    def keep(self, batch: Sequence[Examined]) -> list[DocumentRow | None]:
        """Keep a batch durably: documents first, then one transaction. Returns each capture's new document, if any."""
        first = (self._next_capture, self._next_document)
        try:
            with self._catalog.transaction():
                rows = [self._add(examined) for examined in batch]
                self._sync([row for row in rows if row])
        except BaseException:
            self._next_capture, self._next_document = first
            raise
        return rows

    def _add(self, examined: Examined) -> DocumentRow | None:
        entry, outcome = examined.examination.entry, examined.examination.outcome
        outcome, document = self._resolve(entry, outcome)
        article = outcome.article if document is None else None
        row = self._new_document(entry, outcome.canonical_url, article) if article else None
        self._catalog.add_capture(entry, outcome, document=row.id if row else document, at=self._next_capture)
        self._next_capture += 1
        if row:
            self._write(row)
            self._catalog.add_document(row)
            self._next_document += 1
        self._catalog.set_derived(entry.ref.file, examined.end)
        return row

    def _resolve(self, entry: CaptureEntry, outcome: Outcome) -> tuple[Outcome, int | None]:
        """A revisit is what its original was; an article whose text this URL already has needs no second document."""
        if entry.type == "revisit" and entry.refers_to_url and entry.refers_to_date:
            original = self._catalog.response_at(entry.refers_to_url, entry.refers_to_date)
            if original and outcome.kind is Kind.NOT_MODIFIED:
                same = replace(outcome, kind=original.kind, reason=outcome.reason, title=original.title)
                return same, original.document
        if outcome.article:
            return outcome, self._catalog.document_of(entry.url, text_digest(outcome.article.text))
        return outcome, None

    def _new_document(self, entry: CaptureEntry, canonical_url: str | None, article: Article) -> DocumentRow:
        return DocumentRow(
            id=self._next_document,
            capture=self._next_capture,
            name=document_name(self._next_document, article.text),
            url=self._asked_for(entry),
            final_url=entry.url,
            canonical_url=canonical_url,
            ref=entry.ref,
            date=entry.date,
            payload_digest=entry.payload_digest,
            text_digest=text_digest(article.text),
            characters=len(article.text),
            article=article,
            extractor=EXTRACTOR,
            extractor_version=EXTRACTOR_VERSION,
        )

    def _asked_for(self, entry: CaptureEntry) -> str:
        """The URL at the start of the chain of redirects that ended here."""
        url, discovery = entry.url, entry.discovery
        for _ in range(REDIRECT_LIMIT):
            if not discovery.hops.endswith("R") or not discovery.via:
                break
            url = discovery.via
            earlier = [row for row in self._catalog.captures_of(url) if row.entry.url == url]
            if not earlier:
                break
            discovery = earlier[-1].entry.discovery
        return url

    def _write(self, row: DocumentRow) -> None:
        path = self._collection.documents / row.name
        path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in path.parent.glob(f"{path.name[:4]}*"):
            leftover.unlink()  # of a transaction that was never committed
        path.write_bytes(row.article.text.encode())

    def _sync(self, rows: Sequence[DocumentRow]) -> None:
        if len(rows) > SYNC_ALL_ABOVE:
            os.sync()
            return
        paths = [self._collection.documents / row.name for row in rows]
        for path in [
            *paths,
            *{path.parent for path in paths},
            *([self._collection.documents] if paths else []),
        ]:
            sync_path(path)

    def write_index(self) -> None:
        """Write ``indexes/index.cdxj`` anew from the catalog."""
        write_index(self._collection.index_path, (row.entry for row in self._catalog.captures_by_key()))


def text_digest(text: str) -> str:
    """SHA-256 of the document's bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def sync_path(path: Path) -> None:
    """fsync a file or a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def examined_in_order(path: Path, start: int, examiner: Examiner) -> Iterator[Examined]:
    """The captures of one file from byte ``start`` on, examined READ_AHEAD at a time, in their order."""
    waiting: deque[tuple[Future[Examination], int]] = deque()
    for offset, end in iter_captures(path, start=start):
        waiting.append((examiner.submit(path, offset), end))
        if len(waiting) >= READ_AHEAD:
            examination, done_to = waiting.popleft()
            yield Examined(examination.result(), done_to)
    for examination, done_to in waiting:
        yield Examined(examination.result(), done_to)


def catch_up(
    collection: Collection,
    catalog: Catalog,
    examiner: Examiner,
    kept: Callable[[Sequence[Examined], Sequence[DocumentRow | None]], None] = lambda *_: None,
) -> int:
    """Derive whatever the catalog does not know yet; ``kept`` hears of each batch. Returns how many captures that was."""
    derivation = Derivation(collection, catalog)
    total = 0
    for path in collection.warc_files():
        batch: list[Examined] = []
        for examined in examined_in_order(path, catalog.derived(final_name(path)), examiner):
            batch.append(examined)
            total += 1
            if len(batch) >= COMMIT_EVERY:
                kept(batch, derivation.keep(batch))
                batch = []
        if batch:
            kept(batch, derivation.keep(batch))
    return total


def derive_again(
    collection: Collection, examiner: Examiner, kept: Callable[..., None] = lambda *_: None
) -> int:
    """Derive documents, catalog and index from the WARCs alone, beside the old ones, then put them in their place.

    Interrupted before the end, it leaves the old ones as they were.
    """
    staging = Collection(collection.root / ".extract")
    shutil.rmtree(staging.root, ignore_errors=True)
    for folder in (staging.documents, staging.indexes):
        folder.mkdir(parents=True)
    staging.archive = collection.archive
    with Catalog.open(staging.catalog_path) as catalog:
        total = catch_up(staging, catalog, examiner, kept)
        Derivation(staging, catalog).write_index()
    _swap(staging, collection)
    return total


def _swap(staging: Collection, collection: Collection) -> None:
    retired = staging.root / "retired"
    retired.mkdir()
    for name in ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm", "documents", "indexes"):
        old, new = collection.root / name, staging.root / name
        if old.exists():
            old.rename(retired / name)
        if new.exists():
            new.rename(old)
    sync_path(collection.root)
    shutil.rmtree(staging.root)
