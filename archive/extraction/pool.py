"""Worker processes that can be killed, each on a pipe of its own: one page's end is no other page's.

pebble's pool, which this replaces, measures time limits by the wall clock, which jumps, and breaks for good when an
idle worker dies.
"""

import atexit
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.entries import Examination
from archive.errors import ArchiveError
from archive.extraction.process import READY, Answer, failed, serve

START_LIMIT_S = 60.0
"""For a worker to start: the first one waits for imports and tables, some seconds on a slow machine."""
MAX_STARTS = 3
"""Attempts to start a worker before the pool gives up: then the installation is broken, not a page."""
MAX_TRIES = 2
"""For a page whose worker died by neither limit: the second death is taken for the page's own doing."""
END_LIMIT_S = 2.0
"""For a worker to end by itself before it is killed."""

_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOADED = "archive.extraction.preload"


class WorkerStartError(ArchiveError):
    """No worker process could be started."""


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    offset: int
    future: "Future[Examination]"
    url: str | None


class WorkerPool:
    """Examines captures in ``processes`` other processes.

    A page that takes longer than ``time_limit_s`` (wall time), needs more than ``memory_limit_bytes`` beyond what an
    idle worker holds, or brings its worker down costs itself a reason (``Kind.FAILED``) and no other page anything.
    ``with_requisites`` has them look for what browsers load to show an article (see `archive.extraction.requisites`).
    Safe to use beside threads and event loops: workers are forked from a server process, never from this one.
    """

    def __init__(
        self, processes: int, *, time_limit_s: float, memory_limit_bytes: int, with_requisites: bool = False
    ) -> None:
        if processes < 1:
            raise ValueError("a pool needs at least one process")
        _CONTEXT.set_forkserver_preload([_PRELOADED])
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        start = partial(_Worker, memory_limit_bytes, with_requisites=with_requisites)
        self._slots = [_Slot(self._tasks, self._closed, time_limit_s, start) for _ in range(processes)]
        for slot in self._slots:
            slot.start()
        atexit.register(self.close)

    def submit(self, path: Path, offset: int, url: str | None = None) -> "Future[Examination]":
        """Examine the capture at byte ``offset`` of the WARC file ``path``, as fetched from ``url`` if that is given.

        May be called from any thread.

        The future fails only where the archive cannot be read there (CaptureNotFound, WarcFormatError) or no worker
        starts (WorkerStartError); it is cancelled when the pool is closed first. Its callbacks run in another thread.
        """
        if self._closed.is_set():
            raise ValueError("the pool is closed")
        future: Future[Examination] = Future()
        self._tasks.put(_Task(path, offset, future, url))
        return future

    def close(self) -> None:
        """End the workers. What is still waiting or under examination is cancelled. Returns when all have ended."""
        atexit.unregister(self.close)
        self._closed.set()
        with suppress(queue.Empty):
            while True:
                if task := self._tasks.get_nowait():
                    task.future.cancel()
                    task.future.set_running_or_notify_cancel()  # wakes those who wait for it
        for slot in self._slots:
            slot.stop()
            self._tasks.put(None)
        for slot in self._slots:
            slot.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Slot(threading.Thread):
    """Keeps one worker alive and gives it one page at a time."""

    def __init__(
        self,
        tasks: "queue.SimpleQueue[_Task | None]",
        closed: threading.Event,
        time_limit_s: float,
        start: "Callable[[], _Worker]",
    ) -> None:
        super().__init__(name="examination", daemon=True)
        self._tasks, self._closed = tasks, closed
        self._time_limit_s, self._start_worker = time_limit_s, start
        self._worker: _Worker | None = None

    def run(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._do(task)
        if self._worker:
            self._worker.end()

    def stop(self) -> None:
        """Kill the worker if it is busy, after the pool was marked as closed. Called from another thread."""
        if (worker := self._worker) and worker.busy:
            worker.kill()

    def _do(self, task: _Task) -> None:
        try:
            examination = self._examined(task)
        except Exception as error:
            if task.future.set_running_or_notify_cancel():
                task.future.set_exception(error)
            return
        if examination is None:
            task.future.cancel()
        if task.future.set_running_or_notify_cancel() and examination:
            task.future.set_result(examination)

    def _examined(self, task: _Task) -> Examination | None:
        """None when the page was given up, or the pool closed, meanwhile."""
        loss = _Loss("never begun", by_limit=False)
        for _ in range(MAX_TRIES):
            worker = self._ready()
            if worker is None or task.future.cancelled():
                return None
            answer = worker.ask(task, self._time_limit_s, self._closed)
            if isinstance(answer, Answer):
                return answer.examination or failed(task.path, task.offset, "not read")
            loss = answer
            if loss.by_limit:
                break
        return None if self._closed.is_set() else failed(task.path, task.offset, loss.reason)

    def _ready(self) -> "_Worker | None":
        """A worker that waits for a page; None once the pool is closed."""
        if self._worker and self._worker.usable():
            return self._worker
        for _ in range(MAX_STARTS):
            if self._worker:
                self._worker.end()
                self._worker = None
            if self._closed.is_set():
                return None
            self._worker = self._start_worker()
            if self._worker.started(self._closed):
                return self._worker
        raise WorkerStartError("worker processes do not start; `palmyra doctor` looks for the reason")


@dataclass(frozen=True, slots=True)
class _Loss:
    """Why a worker gave no answer; ``by_limit`` when it would give none the next time either."""

    reason: str
    by_limit: bool


class _Worker:
    """The parent's end of one worker process. ``busy`` unless it waits for a page."""

    def __init__(self, memory_limit_bytes: int, *, with_requisites: bool) -> None:
        self.busy = True
        self._retired = False
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=serve,
            args=(theirs, memory_limit_bytes),
            kwargs={"with_requisites": with_requisites},
            daemon=True,
        )
        with theirs:
            self._process.start()

    def started(self, closed: threading.Event) -> bool:
        """Wait until it can take a page; False where it ended instead, took too long or is not wanted any more."""
        ready = not closed.is_set() and self._received(START_LIMIT_S) == READY
        self.busy = not ready
        return ready

    def usable(self) -> bool:
        return not self.busy and not self._retired and self._process.is_alive()

    def ask(self, task: _Task, time_limit_s: float, closed: threading.Event) -> Answer | _Loss:
        """Have it examine ``task``. After a loss it is not usable any more."""
        self.busy = True
        if closed.is_set():
            return _Loss("closed", by_limit=True)
        with suppress(OSError):
            self._connection.send((str(task.path), task.offset, task.url))
        answer = self._received(time_limit_s)
        if isinstance(answer, Answer):
            self.busy, self._retired = False, answer.last
            return answer
        if answer is _TIMED_OUT:
            return _Loss(f"examination took more than {time_limit_s:g} s", by_limit=True)
        self._process.join(END_LIMIT_S)
        return _Loss(f"worker died ({_end(self._process.exitcode)})", by_limit=False)

    def _received(self, time_limit_s: float) -> object:
        try:
            return self._connection.recv() if self._connection.poll(time_limit_s) else _TIMED_OUT
        except (EOFError, OSError):
            return None

    def kill(self) -> None:
        with suppress(ValueError):  # it ended and was given back meanwhile
            self._process.kill()

    def end(self) -> None:
        """End the process, by its own way out where it is idle, and give back what it held."""
        if self.busy:
            self.kill()
        self._connection.close()
        self._process.join(END_LIMIT_S)
        self._process.kill()
        self._process.join()
        self._process.close()


_TIMED_OUT = object()


def _end(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    return signal.strsignal(-exit_code) or f"signal {-exit_code}"
