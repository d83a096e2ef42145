"""What a start does about what a dead process left: open or cut WARC files, damaged databases, orphan documents."""

from datetime import UTC, datetime
from pathlib import Path

from archive.catalog import Catalog
from archive.collection import OPEN_SUFFIX, Collection, final_name
from archive.derive import sync_path
from archive.document import FOLDER_SIZE, document_name
from archive.entries import CaptureRow
from archive.errors import ArchiveError, CaptureNotFound
from archive.warc.reader import read_record
from archive.warc.recover import Recovered, recover


def set_aside(collection: Collection, database: Path) -> Path:
    """Move a database file, and what SQLite keeps beside it, into ``quarantine/``; returns its new place."""
    collection.quarantine.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    target = collection.quarantine / f"{database.name}.{stamp}"
    for suffix in ("-wal", "-shm", ""):
        side = database.with_name(database.name + suffix)
        if side.exists():
            side.rename(target.with_name(target.name + suffix))
    sync_path(collection.root)
    return target


def lost_captures(collection: Collection, catalog: Catalog) -> list[CaptureRow] | None:
    """What the catalog has behind the end of files that someone, or a disk that lied, cut; None where none is cut.

    Files that are not there at all are left out: they may be kept elsewhere.
    """
    lost: list[CaptureRow] | None = None
    for file, derived in catalog.derived_files().items():
        try:
            path = collection.warc_path(file)
        except CaptureNotFound:
            continue
        size = path.stat().st_size
        if size < derived:
            behind = (
                row for row in catalog.captures_in(file) if row.entry.ref.offset + row.entry.length > size
            )
            lost = [*(lost or []), *behind]
            _reopen(path)
    return lost


def _reopen(path: Path) -> None:
    """Let `close_leftovers` look at the file again."""
    if not path.name.endswith(OPEN_SUFFIX):
        path.rename(path.with_name(path.name + OPEN_SUFFIX))


def close_leftovers(collection: Collection, catalog: Catalog | None = None) -> list[Recovered]:
    """Close every ``.open`` file nobody writes to: whole members stay, torn tails go to ``quarantine/``.

    Only what lies behind the last capture in ``catalog`` is read, where that capture proves to be where it says.
    """
    return [
        recover(path, collection.quarantine, start=_known_whole(path, catalog) if catalog else 0)
        for path in collection.warc_files()
        if path.name.endswith(OPEN_SUFFIX)
    ]


def _known_whole(path: Path, catalog: Catalog) -> int:
    """The offset of the last capture that the catalog has of the file, or 0: it may be of another time, or of another file."""
    last = catalog.last_capture(final_name(path))
    try:
        return last.offset if last and read_record(path, last.offset).record_id == last.record_id else 0
    except ArchiveError:
        return 0


def remove_orphans(collection: Collection, catalog: Catalog) -> list[Path]:
    """Move documents behind the catalog's last one into ``quarantine/``; returns where they lie now.

    A dead process wrote them and never committed. To be called when the catalog has all that the archive holds.
    """
    count = catalog.document_count()
    moved = []
    for folder in sorted(collection.documents.iterdir()):
        if folder.is_dir() and folder.name >= f"{count // FOLDER_SIZE:05d}":
            moved += [
                _to_quarantine(collection, path)
                for path in sorted(folder.iterdir())
                if f"{folder.name}/{path.name}" >= _first_name(count)
            ]
    return moved


def _first_name(ordinal: int) -> str:
    """What the names of the document ``ordinal`` and of those after it are not less than."""
    return document_name(ordinal, "")[: -len("_0123456789abcdef.txt")]


def _to_quarantine(collection: Collection, path: Path) -> Path:
    target = collection.quarantine / "documents" / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(target)
