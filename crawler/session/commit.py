"""Acknowledgement: captures are committed in the order of the archive, a group at a time.

First the WARC is fsynced, then the frontier learns in one transaction what is done and what was discovered, then
documents and catalog. Whatever happens between two steps, the next start finds the rest behind the watermarks.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice, takewhile

from archive.capture import CaptureRef
from archive.derive import Derivation, Examined
from archive.entries import DocumentRow, Examination
from archive.errors import ArchiveError
from crawler.frontier.targets import Lease

GROUP_TIME_S = 0.02
"""A group is committed this long after its first capture was ready: one fsync for all of them."""
GROUP_SIZE = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """A committed capture: what was found in it, and the document it brought, if it is a new one."""

    examination: Examination
    document: DocumentRow | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture in the WARC. ``kept`` is done when it is acknowledged: None if that is left to the next start."""

    ref: CaptureRef
    kept: "asyncio.Future[Kept | None]"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A capture under examination, in its place in the archive."""

    examination: "asyncio.Future[Examination]"
    end: int
    lease: Lease | None
    kept: "asyncio.Future[Kept | None]"


class Committer:
    """Commits captures in the order they were added.

    ``sync`` makes the WARC durable; ``settle`` tells the frontier; where one of them, an examination or the derivation
    fails, nothing that waits is acknowledged any more and ``failed`` hears why. ``kept`` hears of what is acknowledged.
    """

    def __init__(
        self,
        derivation: Derivation,
        sync: Callable[[], None],
        settle: Callable[[Sequence[tuple[Lease | None, Examined]]], None],
        failed: Callable[[Exception], object],
        kept: Callable[[Kept], None],
    ) -> None:
        self._derivation = derivation
        self._sync, self._settle, self._failed, self._kept = sync, settle, failed, kept
        self._waiting: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.left = 0
        """Captures in the archive that are left to the next start."""

    def add(
        self, examination: "Future[Examination]", end: int, lease: Lease | None
    ) -> "asyncio.Future[Kept | None]":
        """Queue the capture whose last record ends at byte ``end``; see `Recorded.kept`."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(asyncio.wrap_future(examination), end, lease, loop.create_future())
        if self._ended:
            self._leave(waiting)
            return waiting.kept
        self._waiting.append(waiting)
        waiting.examination.add_done_callback(self._ready)
        return waiting.kept

    async def drain(self) -> None:
        """Wait until everything added is committed or left."""
        while self._waiting:
            await asyncio.wait([self._waiting[-1].kept])

    def give_up(self) -> list[Lease]:
        """Commit what is examined, and leave the rest to the next start: it is in the archive. Returns its leases."""
        while not self._ended and self._waiting and self._waiting[0].examination.done():
            self._commit()
        leases = [waiting.lease for waiting in self._waiting if waiting.lease]
        self._end()
        return leases

    def _ready(self, _: "asyncio.Future[Examination]") -> None:
        if self._timer is None and self._waiting and self._waiting[0].examination.done():
            self._timer = asyncio.get_running_loop().call_later(GROUP_TIME_S, self._commit)

    def _commit(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        group = list(islice(takewhile(_is_examined, self._waiting), GROUP_SIZE))
        try:
            examined = [Examined(waiting.examination.result(), waiting.end) for waiting in group]
            self._sync()
            self._settle([(waiting.lease, each) for waiting, each in zip(group, examined, strict=True)])
            rows = self._derivation.keep(examined)
        except (
            Exception,
            asyncio.CancelledError,
        ) as error:  # whatever it is, nothing of this group is acknowledged
            self._end()
            self._failed(error if isinstance(error, Exception) else ArchiveError("examination was cancelled"))
            return
        for waiting, each, row in zip(group, examined, rows, strict=True):
            self._waiting.popleft()
            self._acknowledge(waiting, Kept(each.examination, row))
        if self._waiting:
            self._ready(self._waiting[0].examination)

    def _acknowledge(self, waiting: Waiting, kept: Kept) -> None:
        self._kept(kept)
        if not waiting.kept.done():
            waiting.kept.set_result(kept)

    def _end(self) -> None:
        self._ended = True
        while self._waiting:
            self._leave(self._waiting.popleft())

    def _leave(self, waiting: Waiting) -> None:
        self.left += 1
        waiting.examination.cancel()
        if not waiting.kept.done():
            waiting.kept.set_result(None)


def _is_examined(waiting: Waiting) -> bool:
    return waiting.examination.done()
