"""Mending a damaged WARC file: every whole record into a new file, the damaged one kept aside."""

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError
from archive.warc.disk import DISK, Disk, translated
from archive.warc.fields import bare_id
from archive.warc.names import SUFFIX
from archive.warc.reader import iter_records
from archive.warc.records import Loss, Record
from archive.warc.rewrite import Rewritten, as_stored, partial_of, rewrite
from archive.warc.verify import verify_file

MENDABLE = frozenset({"damaged", "shared-member", "record-end", "no-record"})
"""Codes of findings that a new file of the whole records does not have any more."""

_WARC_SUFFIX = re.compile(r"\.w?arc(?:\.gz|\.zst)?$")


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of a file that was damaged.

    ``path`` is the new file, None where no record could be read; ``damaged`` is where the old one lies now.
    ``records`` were copied; ``orphans`` were left out: requests and metadata whose response is lost.
    """

    path: Path | None
    damaged: Path
    records: int
    orphans: int
    losses: tuple[Loss, ...]


def needs_mending(path: Path) -> bool:
    """Whether writing the file anew takes away something of what is wrong with it."""
    return any(finding.code in MENDABLE for finding in verify_file(path))


def salvage(path: Path, target: Path, disk: Disk = DISK) -> Mended:
    """Copy the whole records of ``path`` into the new file ``target``; ``path`` stays as it is."""
    result, orphans = _rewritten(path, target, disk)
    if not result.records:
        target.unlink()
    return Mended(target if result.records else None, path, result.records, orphans, result.losses)


def mend(path: Path, quarantine: Path, disk: Disk = DISK) -> Mended:
    """Put a file of the whole records of ``path`` in its place; the damaged one goes to ``quarantine``, whole.

    Killed anywhere, it does the rest when called again. A file that is not .warc.gz becomes one.
    """
    final = path.with_name(mended_name(path.name))
    partial = partial_of(final)
    try:
        with suppress(FileNotFoundError):
            disk.remove(partial)
        result, orphans = _rewritten(path, partial, disk)
        damaged = _kept(path, quarantine, disk)
        if result.records:
            _put(partial, final, disk, replaces=final == path)
        if final != path or not result.records:
            disk.remove(path)  # its other name is in quarantine
        disk.sync_directory(path.parent)
    except OSError as error:
        raise translated(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return Mended(final if result.records else None, damaged, result.records, orphans, result.losses)


def mended_name(name: str) -> str:
    return without_suffix(name) + SUFFIX


def without_suffix(name: str) -> str:
    """A file's name without what says that it is a WARC or ARC file."""
    return _WARC_SUFFIX.sub("", name)


def _rewritten(path: Path, target: Path, disk: Disk) -> tuple[Rewritten, int]:
    orphans = _Orphans(path)
    result = rewrite(path, target, disk, member=as_stored, adapt=orphans.adapt)
    return result, orphans.count


class _Orphans:
    """Leaves out requests and metadata for what was lost: they name a record that the file does not hold any more."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._ids: set[str] = set()
        self._lost = False
        for found in iter_records(path):
            if isinstance(found, Record):
                self._ids.add(bare_id(found.get("WARC-Record-ID") or ""))
            else:
                self._lost = True

    def adapt(self, record: Record) -> Record | None:
        named = record.concurrent_to
        kind = (record.get("WARC-Type") or "").lower()
        if self._lost and kind in ("request", "metadata") and named and self._ids.isdisjoint(named):
            self.count += 1
            return None
        return record


def _put(partial: Path, final: Path, disk: Disk, *, replaces: bool) -> None:
    if not replaces and final.exists() and not _same_bytes(partial, final):
        raise ArchiveError(f"{final}: exists already, and is not what was salvaged; move one of them away")
    disk.replace(partial, final)


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while chunk := a.read(1 << 20):
            if chunk != b.read(len(chunk)):
                return False
    return True


def _kept(path: Path, quarantine: Path, disk: Disk) -> Path:
    """Give the file another name in ``quarantine``, durably; a copy where the disk knows no second names."""
    quarantine.mkdir(parents=True, exist_ok=True)
    target = _free_name(quarantine / path.name, path)
    if not target.exists():
        try:
            os.link(path, target)
        except OSError:
            shutil.copy2(path, target)
            _sync(target, disk)
    disk.sync_directory(quarantine)
    disk.sync_directory(quarantine.parent)
    return target


def _free_name(path: Path, of: Path) -> Path:
    """``path``, or that with a number where another file than ``of`` has the name."""
    target, count = path, 1
    while target.exists() and not target.samefile(of):
        count += 1
        target = path.with_name(f"{path.name}.{count}")
    return target


def _sync(path: Path, disk: Disk) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
