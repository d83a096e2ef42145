"""Parts of WARC files checked at the same time, in processes of their own."""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.warc.parts import PART_BYTES, Fact, Part, Span, check_part, joined, size_of, spans

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

AHEAD = 8
"""Parts in work or waiting for those before them."""


@contextmanager
def processes(paths: Iterable[Path]) -> Iterator["Executor | None"]:
    """As many processes as there are processors to run on; None where they would not pay.

    They are forked, so that they start at once; that asks for a system that can, and a process without other threads.
    """
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    size = sum(map(size_of, paths))
    if count == 1 or size < 2 * PART_BYTES or threading.active_count() > 1:
        yield None
        return
    import multiprocessing  # noqa: PLC0415  # these cost more than checking a small file
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    executor = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _ignore_interrupts)
    try:
        yield executor
    except BrokenProcessPool:
        raise ArchiveError("a process that checked WARC files was killed; is memory short?") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Control-C goes to all processes of a terminal: the first of them ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_parts(
    paths: Iterable[Path], executor: "Executor", part_bytes: int = PART_BYTES
) -> Iterator[tuple[Path, Iterator[Fact]]]:
    """The facts of each file, its parts checked by ``executor``. What is given of a file is to be used up first."""
    wanted = ((number, span) for number, path in enumerate(paths) for span in spans(path, part_bytes))
    checked = _checked(wanted, executor)
    for (_, path), parts in groupby(checked, key=lambda each: (each[0], each[1].path)):
        yield path, joined((span, part) for _, span, part in parts)


def _checked(wanted: Iterable[tuple[int, Span]], executor: "Executor") -> Iterator[tuple[int, Span, Part]]:
    """The parts in their order, a few of them ahead; each with its file's number."""
    ahead: deque[tuple[int, Span, Future[Part]]] = deque()
    for number, span in wanted:
        ahead.append((number, span, executor.submit(check_part, span)))
        if len(ahead) > AHEAD:
            yield _result(*ahead.popleft())
    while ahead:
        yield _result(*ahead.popleft())


def _result(number: int, span: Span, future: "Future[Part]") -> tuple[int, Span, Part]:
    return number, span, future.result()
