"""Acknowledgement: captures are committed in the order of the archive, a group at a time.

First the WARC is fsynced, then the frontier learns in one transaction what is done and what was discovered, then
documents and catalog. Whatever happens between two steps, the next start finds the rest behind the watermarks.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from archive.capture import CaptureRef
from archive.derive import Derivation, Examined
from archive.entries import DocumentRow, Examination
from crawler.targets import Lease

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
    """A capture in the WARC. ``kept`` is done when it is acknowledged."""

    ref: CaptureRef
    kept: "asyncio.Future[Kept]"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A capture under examination, in its place in the archive."""

    examination: "asyncio.Future[Examination]"
    end: int
    lease: Lease | None
    kept: "asyncio.Future[Kept]"


class Committer:
    """Commits captures in the order they were added.

    ``sync`` makes the WARC durable; ``settle`` tells the frontier; both raise ArchiveError when they cannot, which
    ends every waiting capture with that error and is handed to ``failed``. ``kept`` hears of what is acknowledged.
    """

    def __init__(
        self,
        derivation: Derivation,
        sync: Callable[[], None],
        settle: Callable[[Sequence[tuple[Lease | None, Examined]]], None],
        failed: Callable[[Exception], None],
        kept: Callable[[Kept], None],
    ) -> None:
        self._derivation = derivation
        self._sync, self._settle, self._failed, self._kept = sync, settle, failed, kept
        self._waiting: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    def add(
        self, examination: "Future[Examination]", end: int, lease: Lease | None
    ) -> "asyncio.Future[Kept]":
        """Queue the capture whose last record ends at byte ``end``; the result is done once it is acknowledged."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(asyncio.wrap_future(examination), end, lease, loop.create_future())
        waiting.kept.add_done_callback(_seen)
        if self._error:
            waiting.kept.set_exception(self._error)
            return waiting.kept
        self._waiting.append(waiting)
        waiting.examination.add_done_callback(self._ready)
        return waiting.kept

    async def drain(self) -> None:
        """Wait until everything added is committed or has failed."""
        while self._waiting:
            await asyncio.wait([self._waiting[-1].kept])

    def _ready(self, _: "asyncio.Future[Examination]") -> None:
        if self._timer is None and self._waiting and self._waiting[0].examination.done():
            self._timer = asyncio.get_running_loop().call_later(GROUP_TIME_S, self._commit)

    def _commit(self) -> None:
        self._timer = None
        group: list[Waiting] = []
        while self._waiting and self._waiting[0].examination.done() and len(group) < GROUP_SIZE:
            group.append(self._waiting.popleft())
        examined = [Examined(waiting.examination.result(), waiting.end) for waiting in group]
        try:
            self._sync()
            self._settle([(waiting.lease, each) for waiting, each in zip(group, examined, strict=True)])
            rows = self._derivation.keep(examined)
        except Exception as error:  # whatever it is, nothing of this group may be acknowledged
            self._abandon(group, error)
            return
        for waiting, each, row in zip(group, examined, rows, strict=True):
            kept = Kept(each.examination, row)
            self._kept(kept)
            if not waiting.kept.done():
                waiting.kept.set_result(kept)
        if self._waiting:
            self._ready(self._waiting[0].examination)

    def _abandon(self, group: Sequence[Waiting], error: Exception) -> None:
        self._error = error
        for waiting in [*group, *self._waiting]:
            if not waiting.kept.done():
                waiting.kept.set_exception(error)
        self._waiting.clear()
        self._failed(error)


def _seen(kept: "asyncio.Future[Kept]") -> None:
    """Mark the error as retrieved: `failed` has it, whether or not a spider waits."""
    if not kept.cancelled():
        kept.exception()
