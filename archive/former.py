"""Documents of former extractors: what an extraction by another one changed, kept beside what is derived.

``former/0001-EXTRACTOR-VERSION/`` holds ``extraction.json`` (the two extractors, and how many documents changed how),
``changes.jsonl`` (a line for each that changed, with all that the catalog knew of it) and ``documents/`` (the former
texts, under the names they had). None of it is read to derive anything: it is there to be compared, and can be deleted.
"""

import hashlib
import json
import logging
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import apsw

from archive.collection import Collection
from archive.entries import DocumentRow
from archive.errors import ArchiveError
from archive.extraction.version import EXTRACTOR, EXTRACTOR_VERSION
from archive.warc.disk import DISK

logger = logging.getLogger(__name__)

CHANGES, EXTRACTION, DOCUMENTS = "changes.jsonl", "extraction.json", "documents"
METADATA = (
    "title", "authors", "published", "modified", "language", "declared_language", "site_name", "section", "tags",
    "description", "image", "licence", "free", "canonical_url",
)  # fmt: skip

JSON = ("authors", "tags", "sources")

OTHER_EXTRACTOR = "SELECT * FROM documents WHERE (extractor, extractor_version) <> (?, ?) ORDER BY id"
OF_CAPTURE = """
SELECT d.* FROM captures c LEFT JOIN documents d ON d.id = c.document
WHERE c.file = ? AND c.offset = ? AND c.record_id = ?
"""

Known = dict[str, Any]
"""A document as a catalog of whatever schema has it: values by the names of their columns."""


class Kind(StrEnum):
    """What another extractor did to a document."""

    TEXT = "text"
    METADATA = "metadata"
    GONE = "gone"
    """The capture has no document any more."""
    NEW = "new"
    """The capture, known before, had no document."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the document of one capture: ``former`` and ``present`` are its rows, where there is one."""

    kind: Kind
    former: Known | None
    present: Known | None

    @classmethod
    def of(cls, former: Known | None, present: Known | None) -> Self:
        if former is None or present is None:
            return cls(Kind.NEW if former is None else Kind.GONE, former, present)
        if former["text_digest"] != present["text_digest"]:
            return cls(Kind.TEXT, former, present)
        known = [name for name in METADATA if name in former and name in present]
        same = all(former[name] == present[name] for name in known)
        return cls(Kind.SAME if same else Kind.METADATA, former, present)

    @property
    def record(self) -> str:
        """The id of the record that both documents came from."""
        return str((self.former or self.present or {})["record_id"])

    @property
    def url(self) -> str:
        return str((self.former or self.present or {})["final_url"])


@dataclass(frozen=True, slots=True)
class Extraction:
    """An extraction that followed those of other extractors: theirs, its own, and how many documents did what."""

    path: Path
    former: tuple[str, ...]
    present: str
    counts: dict[Kind, int]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The extraction kept in a folder; ArchiveError where its description does not read."""
        try:
            known = json.loads((path / EXTRACTION).read_text("utf-8"))
            counts = {kind: int(known["counts"][kind]) for kind in Kind}
            return cls(path, tuple(known["former"]), known["present"], counts)
        except (OSError, ValueError, KeyError, TypeError):
            raise ArchiveError(f"{path / EXTRACTION}: missing or damaged; delete {path}") from None

    def changes(self) -> Iterator[Change]:
        """What changed, in the order of the former documents, then of the new ones."""
        with (self.path / CHANGES).open(encoding="utf-8") as lines:
            for line in lines:
                known = json.loads(line)
                yield Change(Kind(known["kind"]), known["former"], known["present"])

    def text(self, change: Change) -> str | None:
        """The former text, where it was kept: what had been altered or lost before could not be."""
        path = self.path / DOCUMENTS / str((change.former or {}).get("name", ""))
        return path.read_bytes().decode() if path.is_file() else None


def extractions(collection: Collection) -> list[Extraction]:
    """The extractions of which former documents are kept, the latest last."""
    return [Extraction.read(path) for path in sorted(collection.former.glob("[0-9]*"))]


def keep_former(collection: Collection, staging: Collection) -> None:
    """Put into ``staging`` what its documents replace in ``collection``, where another extractor made that.

    Nothing where nothing changed, or where the catalog of before cannot be read.
    """
    if not collection.catalog_path.exists():
        return
    try:
        with closing(_Rows(collection.catalog_path)) as old, closing(_Rows(staging.catalog_path)) as new:
            _keep(collection, staging, old, new)
    except (apsw.Error, KeyError) as error:
        shutil.rmtree(staging.former, ignore_errors=True)
        logger.warning("%s: cannot be read (%s): no former document is kept", collection.catalog_path, error)


def _keep(collection: Collection, staging: Collection, old: "_Rows", new: "_Rows") -> None:
    versions = dict.fromkeys(label(row) for row in old.by_other_extractors())
    if not versions:
        return
    number = len(list(collection.former.glob("[0-9]*"))) + 1
    folder = staging.former / f"{number:04d}-{_slug(next(iter(versions)))}"
    folder.mkdir(parents=True)
    counts: Counter[Kind] = Counter()
    with (folder / CHANGES).open("w", encoding="utf-8") as lines:
        for change in _changes(old, new):
            counts[change.kind] += 1
            if change.kind is not Kind.SAME:
                lines.write(json.dumps(asdict(change), ensure_ascii=False) + "\n")
            if change.former and change.kind in (Kind.TEXT, Kind.GONE):
                _keep_text(collection.documents, folder / DOCUMENTS, change.former)
    if counts.total() == counts[Kind.SAME]:
        shutil.rmtree(folder)
        return
    known = {"former": list(versions), "present": f"{EXTRACTOR} {EXTRACTOR_VERSION}"}
    known["counts"] = {kind: counts[kind] for kind in Kind}  # type: ignore[assignment]
    (folder / EXTRACTION).write_text(json.dumps(known, indent=1) + "\n", "utf-8")


def _changes(old: "_Rows", new: "_Rows") -> Iterator[Change]:
    for former in old.by_other_extractors():
        yield Change.of(former, _document(new.of_capture(former)))
    for present in new.documents():
        before = old.of_capture(present)
        if before and before["id"] is None:
            yield Change.of(None, present)


def _document(row: Known | None) -> Known | None:
    return row if row and row["id"] is not None else None


def _keep_text(documents: Path, kept: Path, row: Known) -> None:
    """Keep a former text as it is, if it is what the catalog says."""
    source, target = documents / row["name"], kept / row["name"]
    try:
        data = source.read_bytes()
    except OSError:
        return
    if hashlib.sha256(data).hexdigest() == row["text_digest"]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def keep_lost(collection: Collection, staging: Collection) -> list[Path]:
    """Copy the texts that ``staging`` lacks, also among the former ones, into ``quarantine/documents/``; returns the copies.

    Their records are lost: damaged, or in files that are not there any more.
    """
    derived = {
        path.name.rpartition("_")[2]
        for folder in (staging.documents, staging.former)
        for path in folder.rglob("*.txt")
    }
    kept = []
    for path in sorted(collection.documents.rglob("*.txt")):
        if path.name.rpartition("_")[2] not in derived:
            target = collection.quarantine / path.relative_to(collection.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            kept.append(target)
    return kept


def place_former(collection: Collection, staging: Collection) -> None:
    """Move what `keep_former` staged to where it stays. Killed anywhere, it does the rest when called again."""
    if staging.former.is_dir():
        collection.former.mkdir(exist_ok=True)
        for folder in sorted(staging.former.glob("[0-9]*")):
            folder.rename(collection.former / folder.name)
        DISK.sync_directory(collection.former)


def former_text(collection: Collection, row: DocumentRow) -> tuple[str, str] | None:
    """The last other text that another extractor made of a document's capture, after that extractor's name."""
    for extraction in reversed(extractions(collection)):
        for change in extraction.changes():
            if change.record == row.ref.record_id and (text := extraction.text(change)) is not None:
                return label(change.former or {}), text
    return None


def present_text(collection: Collection, extraction: Extraction, change: Change) -> str | None:
    """The text that ``extraction`` made: a document still, or kept when a later one replaced it."""
    name = str((change.present or {}).get("name", ""))
    later = [each.path / DOCUMENTS for each in extractions(collection) if each.path > extraction.path]
    for folder in (*later, collection.documents):
        if (folder / name).is_file():
            return (folder / name).read_bytes().decode()
    return None


def label(row: Known) -> str:
    """An extractor's name and version."""
    return f"{row['extractor']} {row['extractor_version']}"


def _slug(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", label)


class _Rows:
    """Documents of a catalog of whatever schema, so that those of an older program are kept too."""

    def __init__(self, path: Path) -> None:
        self._db = apsw.Connection(os.fspath(path), flags=apsw.SQLITE_OPEN_READONLY)

    def close(self) -> None:
        self._db.close()

    def documents(self) -> Iterator[Known]:
        return self._rows("SELECT * FROM documents ORDER BY id", ())

    def by_other_extractors(self) -> Iterator[Known]:
        return self._rows(OTHER_EXTRACTOR, (EXTRACTOR, EXTRACTOR_VERSION))

    def of_capture(self, document: Known) -> Known | None:
        """The document of the capture that ``document`` came from; values None where it has none, None if unknown."""
        place = (document["file"], document["offset"], document["record_id"])
        return next(self._rows(OF_CAPTURE, place), None)

    def _rows(self, query: str, values: tuple[Any, ...]) -> Iterator[Known]:
        cursor = self._db.cursor()
        for row in cursor.execute(query, values):
            names = [name for name, *_ in cursor.getdescription()]
            known = dict(zip(names, row, strict=True))
            yield known | {name: json.loads(known[name]) for name in JSON if known.get(name)}
