"""What the catalog must know when a WARC file is put in another's place: a journal, and what a start does about it."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.collection import Collection
from archive.database import Database
from archive.errors import CollectionError
from archive.warc.disk import DISK, Disk
from archive.warc.rewrite import partial_of

JOURNAL = ".recompress.json"


@dataclass(frozen=True, slots=True)
class Move:
    """A file's records in a new file: ``places`` gives new offset and length (bytes) by the old offset."""

    file: str
    target: str
    digest: str
    size: int
    places: Mapping[int, tuple[int, int]]


def write_journal(collection: Collection, move: Move, disk: Disk) -> None:
    path = collection.root / JOURNAL
    partial = partial_of(path)
    with suppress(FileNotFoundError):
        disk.remove(partial)
    text = {
        "file": move.file, "target": move.target, "digest": move.digest, "size": move.size,
        "places": [[old, new, length] for old, (new, length) in move.places.items()],
    }  # fmt: skip
    descriptor = disk.create(partial)
    try:
        disk.write_all(descriptor, json.dumps(text).encode(), 0)
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
    disk.replace(partial, path)
    disk.sync_directory(collection.root)


def finish_moves(collection: Collection, disk: Disk = DISK) -> None:
    """Let the catalog follow a file that was put in another's place; where that did not come to be, forget it.

    Killed anywhere, it does the rest when called again. The index is written anew by whoever updates it next.
    """
    journal = collection.root / JOURNAL
    move = _read_journal(journal)
    if move is None:
        return
    target = collection.archive / move.target
    if _is_in_place(target, move):
        if collection.catalog_path.exists():
            # One that cannot be opened is derived again.
            with suppress(CollectionError), closing(Database.open(collection.catalog_path)) as database:
                relocate(database, move)
        if move.file != move.target:
            with suppress(FileNotFoundError):
                disk.remove(collection.archive / move.file)
            disk.sync_directory(collection.archive)
    with suppress(FileNotFoundError):
        disk.remove(partial_of(target))
    disk.remove(journal)
    disk.sync_directory(collection.root)


def _read_journal(path: Path) -> Move | None:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    places = {old: (new, length) for old, new, length in found["places"]}
    return Move(found["file"], found["target"], found["digest"], found["size"], places)


def _is_in_place(target: Path, move: Move) -> bool:
    try:
        if target.stat().st_size != move.size:
            return False
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == move.digest
    except FileNotFoundError:
        return False


def relocate(database: Database, move: Move) -> None:
    """Tell the catalog where the captures of a file are now; told again, it changes nothing."""
    with database.transaction():
        if database.value("SELECT value FROM meta WHERE key = 'moved'") == move.digest:
            return
        # Old and new offsets overlap, and no two captures may have the same: by way of what no offset can be.
        database.write("UPDATE captures SET offset = -1 - offset WHERE file = ?", (move.file,))
        for old, (new, length) in move.places.items():
            database.write(
                "UPDATE captures SET file = ?, offset = ?, length = ? WHERE file = ? AND offset = ?",
                (move.target, new, length, move.file, -1 - old),
            )
        database.write(
            "UPDATE documents SET file = captures.file, offset = captures.offset FROM captures "
            "WHERE captures.id = documents.capture AND documents.file = ?",
            (move.file,),
        )
        database.write("DELETE FROM warcs WHERE file = ?", (move.file,))
        database.write("INSERT OR REPLACE INTO warcs (file, derived) VALUES (?, ?)", (move.target, move.size))
        database.write("DELETE FROM meta WHERE key = 'indexed'")
        database.write("INSERT OR REPLACE INTO meta (key, value) VALUES ('moved', ?)", (move.digest,))
