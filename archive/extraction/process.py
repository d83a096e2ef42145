"""The inside of a worker process: its limits, its tie to the parent, and its loop."""

import fcntl
import multiprocessing
import os
import resource
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from archive.collection import final_name
from archive.entries import Examination
from archive.errors import ArchiveError
from archive.outcome import Kind, Outcome
from archive.warc.reader import read_capture

PAGES_PER_WORKER = 2000
"""After which a worker is replaced, so that what libraries keep cannot add up."""
KEPT_SHARE = 0.5
"""A worker whose peak passed this share of its memory limit is replaced: its heap is in pieces."""

READY = "ready"
"""Sent once a worker can take pages."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker sends back for a page.

    ``examination`` is None where the archive itself could not be read. ``last`` says that the worker ends now.
    """

    examination: Examination | None
    last: bool


def serve(connection: Connection, memory_bytes: int, *, with_requisites: bool = False) -> None:
    """Examine what comes through ``connection``, one page at a time, until it closes or this worker is worn out."""
    _leave_signals_to_parent()
    _die_with_parent()
    from archive.extraction.worker import warm_up  # noqa: PLC0415  # heavy, and loaded by the fork server already

    warm_up()
    _limit_memory(memory_bytes)
    worn = _peak() + int(KEPT_SHARE * memory_bytes)
    connection.send(READY)
    with suppress(EOFError, OSError):  # the parent has closed its end
        for count in range(1, PAGES_PER_WORKER + 1):
            path, offset, url = connection.recv()
            examine = partial(_examine, path, offset, url, with_requisites=with_requisites)
            examination, short_of_memory = _examined(path, offset, examine, memory_bytes)
            last = short_of_memory or count == PAGES_PER_WORKER or _peak() > worn
            connection.send(Answer(examination, last))
            if last:
                break


def _examine(path: str, offset: int, url: str | None, *, with_requisites: bool) -> Examination:
    from archive.extraction.worker import examine  # noqa: PLC0415

    return examine(path, offset, url, with_requisites=with_requisites)


def _examined(
    path: str, offset: int, examine: Callable[[], Examination], memory_bytes: int
) -> tuple[Examination | None, bool]:
    try:
        return examine(), False
    except MemoryError:
        _lift_memory_limit()  # to say so takes some; this worker ends with the answer
        reason, short_of_memory = needed_more_than(memory_bytes), True
    except ArchiveError:
        return None, False
    except Exception as error:  # a fault of ours: it costs this page a reason, not the crawl
        reason, short_of_memory = f"examination failed: {type(error).__name__}: {error}", False
    return failed(Path(path), offset, reason), short_of_memory


def failed(path: Path, offset: int, reason: str) -> Examination:
    """The capture's entry, from its WARC and HTTP heads alone, with ``reason`` in place of what it holds."""
    return Examination(read_capture(path, offset).entry(final_name(path)), Outcome(Kind.FAILED, reason))


def needed_more_than(memory_bytes: int) -> str:
    unit, name = (10**9, "GB") if memory_bytes >= 10**9 else (10**6, "MB")
    return f"examination needed more than {memory_bytes / unit:g} {name}"


def _leave_signals_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _die_with_parent() -> None:
    """Have the kernel kill this process when the parent is gone, however busy it is.

    The sentinel is a pipe that the parent alone holds open. (PR_SET_PDEATHSIG would watch the fork server instead.)
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([sentinel], [], [], 0)[0]:
        os._exit(1)


def _limit_memory(memory_bytes: int) -> None:
    """Let the process hold ``memory_bytes`` more than it does now, and leave no core file."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
    limit = pages * resource.getpagesize() + memory_bytes
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(
        resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _lift_memory_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _peak() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
