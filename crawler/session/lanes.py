"""Lanes: crawls into one collection beside each other, each in a collection of its own until it is joined.

Documents are numbered in the order of the archive, which two crawls at once would not have. So a crawl that finds its
collection in use opens a lane below it, ``lanes/STAMP-PID/``, with a copy of the frontier and WARC files of its own. When it has
ended, whoever holds the collection next puts the lane's files behind those that are there, as they are, and derives.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from archive.collection import Collection
from archive.conversion import FOLDER as CONVERSIONS
from archive.derive import sync_path
from archive.errors import ArchiveError, CollectionLocked
from archive.recovery import close_leftovers
from archive.warc.disk import DISK, translated
from archive.warc.names import renamed_after, stamp_after, stamp_of
from crawler.frontier import merging
from crawler.reports.skips import append_report

logger = logging.getLogger(__name__)


def enter(held: ExitStack, home: Collection, sources: Sequence[str]) -> Collection:
    """``home``, or a lane of it while another process holds that, locked until ``held`` is closed.

    CollectionLocked where another process crawls one of ``sources`` into ``home`` now.
    """
    with _admission(home):
        _require_free(home, sources)
        try:
            held.enter_context(home.lock(sources))
        except CollectionLocked:
            lane = _new_lane(home, sources)
            held.enter_context(lane.lock(sources))
        else:
            return home
    logger.warning(
        "%s is in use by %s; this crawl goes on beside it, and is joined when both have ended",
        home.root,
        home.holder(),
    )
    return lane


@contextmanager
def _admission(home: Collection) -> Iterator[None]:
    """One process at a time looks who else is there, and enters or joins."""
    descriptor = os.open(home.root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def in_progress(home: Collection) -> dict[str, Collection]:
    """The sources that processes crawl into ``home`` now, each with the collection that is locked for it."""
    return {name: place for place in (home, *_lanes(home)) for name in place.crawled()}


def _require_free(home: Collection, sources: Sequence[str]) -> None:
    busy = in_progress(home)
    if taken := [name for name in sources if name in busy]:
        raise CollectionLocked(
            f"{home.root}: {', '.join(taken)} in use by {busy[taken[0]].holder()}; wait for it, or stop it"
        )


def _new_lane(home: Collection, sources: Sequence[str]) -> Collection:
    """A lane with a copy of what the frontier of ``home`` knows."""
    lane = Collection.create(home.lanes / f"{stamp_of(datetime.now(UTC))}-{os.getpid()}")
    merging.copy_state(home.state_path, lane.state_path, sources)
    return lane


def ended(home: Collection) -> list[Collection]:
    """The lanes whose crawls have ended, however they did, in the order in which they began."""
    return [lane for lane in _lanes(home) if not lane.is_locked()]


def join(home: Collection) -> int:
    """Join what `ended`; returns how many lanes that were. ``home`` is to be locked; catalog and index follow by `catch_up`.

    Killed anywhere, it does the rest when called again.
    """
    with ExitStack() as held:
        with _admission(home):  # a lane in the making is not locked yet
            found = [lane for lane in ended(home) if _is_taken(held, lane)]
        for lane in found:
            _join(lane, home)
    return len(found)


def _is_taken(held: ExitStack, lane: Collection) -> bool:
    try:
        held.enter_context(lane.lock())
    except CollectionLocked:
        return False
    return True


def _lanes(home: Collection) -> list[Collection]:
    if not home.lanes.is_dir():
        return []
    return [Collection(path) for path in sorted(home.lanes.iterdir()) if path.is_dir()]


def _join(lane: Collection, home: Collection) -> None:
    if lane.archive.is_dir():
        close_leftovers(lane)
        ends = merging.join_state(lane.state_path, home.state_path, lane.root.name)
        for path in lane.warc_files():
            _move(path, home, ends.get(path.name, 0))
    append_report(lane.reports, home.reports)
    _move_all(lane.quarantine, home.quarantine / lane.root.name)
    _move_all(lane.root / CONVERSIONS, home.root / CONVERSIONS)
    _remove(lane)


def _move(path: Path, home: Collection, settled: int) -> None:
    """Put a WARC file, as it is, behind all that ``home`` has; its warcinfo record keeps the name that it had."""
    target = home.archive / renamed_after(path.name, stamp_after(home.archive))
    merging.note_watermark(home.state_path, target.name, settled)
    try:
        DISK.rename(path, target)
        DISK.sync_directory(home.archive)
    except OSError as error:
        raise translated(error, path) from error


def _move_all(folder: Path, target: Path) -> None:
    """Move what ``folder`` holds, if it is there, into ``target``."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        target.mkdir(parents=True, exist_ok=True)
        path.replace(target / path.name)


def _remove(lane: Collection) -> None:
    """Remove what is left: a catalog and documents, which are derived again, and a frontier that is joined."""
    if lane.archive.is_dir() and any(lane.archive.iterdir()):
        raise ArchiveError(
            f"{lane.archive}: holds files that are no WARC files; move them away, and start again"
        )
    shutil.rmtree(lane.root)
    sync_path(lane.root.parent)
    with suppress(OSError):
        lane.root.parent.rmdir()
