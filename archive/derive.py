"""From examinations, in the order of the archive, to documents, catalog and index. Live crawl and replay both end here."""

import hashlib
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from archive.catalog import Catalog
from archive.collection import Collection, final_name
from archive.continuations import following_page
from archive.document import document_name, is_document_name
from archive.entries import CaptureEntry, DocumentRow, Examination
from archive.extraction.version import EXTRACTOR, EXTRACTOR_VERSION
from archive.former import keep_former, keep_lost, place_former
from archive.indexing import update_index, write_whole_index
from archive.moves import finish_moves
from archive.originals import original_of
from archive.outcome import Article, Kind, Outcome
from archive.warc.disk import DISK, Disk, translated
from archive.warc.fields import uri
from archive.warc.reader import iter_captures

COMMIT_EVERY = 200
"""Captures in one transaction when an archive is derived again."""
SYNC_ALL_ABOVE = 32
"""From this many new documents on, one sync of all file systems is cheaper than an fsync of each."""
REDIRECT_LIMIT = 20
STAGING = ".extract"
COMPLETE = "complete"
"""The file in STAGING which says that all in it is whole and durable."""
DATABASE_SIDES = ("catalog.sqlite-wal", "catalog.sqlite-shm")
"""What SQLite keeps beside the catalog: it goes first, so that it is never read with another catalog."""
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

    def __init__(self, collection: Collection, catalog: Catalog, disk: Disk = DISK) -> None:
        self._collection, self._catalog, self._disk = collection, catalog, disk
        self._next_capture = catalog.capture_count()
        self._next_document = catalog.document_count()
        self._folder: Path | None = None

    def keep(self, batch: Sequence[Examined]) -> list[DocumentRow | None]:
        """Keep a batch durably: documents first, then one transaction. Returns each capture's new document, if any.

        All of it or nothing: DiskFull or another ArchiveError where the system refuses.
        """
        first = (self._next_capture, self._next_document)
        try:
            with self._catalog.transaction():
                rows = [self._add(examined) for examined in batch]
                self._sync([row for row in rows if row])
        except BaseException:
            self._next_capture, self._next_document = first
            self._folder = None
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
        self._note_continuation(row.id if row else document, entry.url, examined.examination.outcome)
        self._catalog.set_derived(entry.ref.file, examined.end)
        return row

    def _note_continuation(self, document: int | None, url: str, outcome: Outcome) -> None:
        following = None if document is None else following_page(url, outcome)
        if document is not None and following:
            self._catalog.continuations.set(document, following)

    def _resolve(self, entry: CaptureEntry, outcome: Outcome) -> tuple[Outcome, int | None]:
        """A revisit is what its original was; an article whose text this URL already has needs no second document."""
        if entry.type == "revisit":
            original = original_of(self._catalog, entry)
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
            url = uri(discovery.via)
            earlier = [row for row in self._catalog.captures_of(url) if row.entry.url == url]
            if not earlier:
                break
            discovery = earlier[-1].entry.discovery
        return url

    def _write(self, row: DocumentRow) -> None:
        path = self._collection.documents / row.name
        try:
            if path.parent != self._folder:
                self._enter(path.parent, path.name)
            descriptor = self._disk.create(path)
            try:
                self._disk.write_all(descriptor, row.article.text.encode(), 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise translated(error, path) from error

    def _enter(self, folder: Path, first: str) -> None:
        """Have ``folder`` ready for the document ``first`` and those after it: what it has of them was never committed."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if is_document_name(path.name) and path.name[:4] >= first[:4]:
                self._disk.remove(path)
        self._folder = folder

    def _sync(self, rows: Sequence[DocumentRow]) -> None:
        if len(rows) > SYNC_ALL_ABOVE:
            os.sync()
            return
        paths = [self._collection.documents / row.name for row in rows]
        folders = [*{path.parent for path in paths}, self._collection.documents] if paths else []
        for path in [*paths, *folders]:
            try:
                sync_path(path, self._disk)
            except OSError as error:
                raise translated(error, path) from error

    def update_index(self) -> None:
        """Bring ``indexes/index.cdxj`` up to the catalog."""
        update_index(self._collection.index_path, self._catalog, self._disk)

    def write_index(self) -> None:
        """Write ``indexes/index.cdxj`` anew from the catalog."""
        write_whole_index(self._collection.index_path, self._catalog, self._disk)


def text_digest(text: str) -> str:
    """SHA-256 of the document's bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def sync_path(path: Path, disk: Disk = DISK) -> None:
    """fsync a file or a directory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        disk.sync(descriptor)
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


class Follower(Protocol):
    """What else follows the archive. It may be behind the catalog, or know captures that the catalog has lost."""

    def reached(self, file: str) -> int:
        """Up to which byte of ``file`` it has followed; 0 where it knows nothing of it."""
        ...

    def follow(self, batch: Sequence[Examined]) -> None:
        """Take the captures of one file, the next in the order of the archive."""
        ...


def catch_up(
    collection: Collection,
    catalog: Catalog,
    examiner: Examiner,
    kept: Callable[[Sequence[Examined], Sequence[DocumentRow | None]], None] = lambda *_: None,
    follower: Follower | None = None,
) -> int:
    """Derive whatever the catalog does not know yet; ``kept`` hears of each batch. Returns how many captures that was.

    What ``follower`` has not reached is examined again for it, whether the catalog knows it or not.
    """
    derivation = Derivation(collection, catalog)
    total = 0
    for path in collection.warc_files():
        derived, followed = catalog.derived(final_name(path)), _reached(follower, path)
        for batch in _batches(examined_in_order(path, min(derived, followed), examiner)):
            fresh = [examined for examined in batch if examined.end > derived]
            if fresh:
                kept(fresh, derivation.keep(fresh))
            if follower and (behind := [examined for examined in batch if examined.end > followed]):
                follower.follow(behind)
            total += len(fresh)
    return total


def _reached(follower: Follower | None, path: Path) -> int:
    return follower.reached(final_name(path)) if follower else sys.maxsize


def _batches(examined: Iterator[Examined]) -> Iterator[list[Examined]]:
    while batch := list(islice(examined, COMMIT_EVERY)):
        yield batch


def derive_again(
    collection: Collection,
    examiner: Examiner,
    kept: Callable[..., None] = lambda *_: None,
    lost: Callable[[Path], None] = lambda _: None,
) -> int:
    """Derive documents, catalog and index from the WARCs alone, beside the old ones, then put them in their place.

    Interrupted before the end, it leaves the old ones as they were. Documents that another extractor made, and that
    changed, are kept (see `archive.former`). ``lost`` hears of each text whose record the archive does not give any more: it is
    kept in ``quarantine/documents/``.
    """
    finish_swap(collection)
    staging = Collection(collection.root / STAGING)
    for folder in (staging.documents, staging.indexes):
        folder.mkdir(parents=True)
    staging.archive = collection.archive
    with Catalog.open(staging.catalog_path) as catalog:
        total = catch_up(staging, catalog, examiner, kept)
        Derivation(staging, catalog).write_index()
    keep_former(collection, staging)
    for path in keep_lost(collection, staging):
        lost(path)
    os.sync()
    (staging.root / COMPLETE).touch(exist_ok=False)
    sync_path(staging.root)
    finish_swap(collection)
    return total


def finish_swap(collection: Collection) -> None:
    """Put what `derive_again` has derived whole in the place of the old, or throw away what it left half done.

    Killed anywhere, it does the rest when called again.
    """
    finish_moves(collection)
    staging = collection.root / STAGING
    if (staging / COMPLETE).exists():
        retired = staging / "retired"
        retired.mkdir(exist_ok=True)
        for name in (*DATABASE_SIDES, "catalog.sqlite", "documents", "indexes"):
            _exchange(collection.root / name, staging / name, retired / name)
        place_former(collection, Collection(staging))
        sync_path(collection.root)
        (staging / COMPLETE).unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _exchange(old: Path, new: Path, retired: Path) -> None:
    if old.exists() and not retired.exists() and (new.exists() or old.name in DATABASE_SIDES):
        old.rename(retired)
    if new.exists():
        new.rename(old)
