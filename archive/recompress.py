"""Putting the WARC files of a collection into fewer bytes, index and catalog following.

A file's new form is written beside it, read back and compared. A journal then says where each record goes, the new
form takes the old one's place, and the catalog follows (see `archive.moves`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.collection import OPEN_SUFFIX, Collection
from archive.moves import Move, finish_moves, write_journal
from archive.warc.disk import DISK, Disk, translated
from archive.warc.names import SUFFIX
from archive.warc.rewrite import Rewritten, partial_of, rewrite_whole
from archive.warc.zstd import ZSTD_SUFFIX, Zstd

_SMALLEST_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
"""What gzip members begin with that `archive.warc.rewrite.smallest` made: by libdeflate at a high level."""


@dataclass(frozen=True, slots=True)
class Recompressed:
    """What became of a file: ``path`` is its name now, ``before`` and ``after`` its sizes in bytes.

    ``why`` says why it stays as it was; it is None for a file that got smaller.
    """

    path: Path
    before: int
    after: int
    why: str | None = None


def recompress_collection(
    collection: Collection, *, zstd: bool = False, disk: Disk = DISK
) -> Iterator[Recompressed]:
    """Recompress every closed file, one after the other; to be called locked, with the catalog closed.

    Raises WarcFormatError for a damaged file, which is left as it is: go on with the next by calling again.
    """
    finish_moves(collection)
    for path in collection.warc_files():
        if not path.name.endswith(OPEN_SUFFIX):
            yield recompress_file(collection, path, zstd=zstd, disk=disk)


def recompress_file(
    collection: Collection, path: Path, *, zstd: bool = False, disk: Disk = DISK
) -> Recompressed:
    """Recompress one closed file of the collection. Errors as `recompress_collection`."""
    before = path.stat().st_size
    if path.name.endswith(ZSTD_SUFFIX) or (not zstd and _is_smallest(path)):
        return Recompressed(path, before, before, "recompressed already")
    target = path.with_name(_target_name(path.name, zstd=zstd))
    if target != path and target.exists():
        return Recompressed(path, before, before, f"{target.name} is there already")
    partial = partial_of(target)
    try:
        result = _rewritten(path, partial, disk, zstd=zstd)
        if result.after >= before:
            return Recompressed(path, before, before, "it would get no smaller")
        move = _move(path, target, partial, result)
        write_journal(collection, move, disk)
        disk.replace(partial, target)
        disk.sync_directory(target.parent)
        finish_moves(collection, disk)
    except OSError as error:
        raise translated(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return Recompressed(target, before, result.after)


def _is_smallest(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SMALLEST_HEADER)) == _SMALLEST_HEADER


def _target_name(name: str, *, zstd: bool) -> str:
    for suffix in (".warc.gz", ".arc.gz", ".warc", ".arc"):
        if name.endswith(suffix):
            return name.removesuffix(suffix) + (ZSTD_SUFFIX if zstd else SUFFIX)
    return name


def _rewritten(path: Path, partial: Path, disk: Disk, *, zstd: bool) -> Rewritten:
    if not zstd:
        return rewrite_whole(path, partial, disk)
    manner = Zstd.trained_on(path)
    return rewrite_whole(path, partial, disk, member=manner.frame, lead=manner.lead)


def _move(path: Path, target: Path, partial: Path, result: Rewritten) -> Move:
    with partial.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    places = {old: (new, result.lengths[new]) for old, new in result.offsets.items()}
    return Move(path.name, target.name, digest, result.after, places)
