"""Deriving in front of a person: workers, progress, what to say at the end. Shared by `extract`, `import` and `repair`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from archive.derive import Examined
from archive.entries import DocumentRow
from archive.extraction.pool import WorkerPool
from crawler.cli.progress import progress_for
from crawler.session.tally import Tally, counted
from crawler.settings import Options
from crawler.urls.identity import host_key

Kept = Callable[[Sequence[Examined], Sequence[DocumentRow | None]], None]


@contextmanager
def deriving(options: Options, tally: Tally, *, quiet: bool) -> Iterator[tuple[WorkerPool, Kept]]:
    """Workers, and what to call with each batch that was kept; ``tally`` is shown unless ``quiet``."""
    pool = WorkerPool(
        options.workers,
        time_limit_s=options.worker_time_limit,
        memory_limit_bytes=options.worker_memory_limit,
    )

    def kept(batch: Sequence[Examined], rows: Sequence[DocumentRow | None]) -> None:
        for examined, row in zip(batch, rows, strict=True):
            entry = examined.examination.entry
            tally.add_capture(host_key(entry.url), entry.url, entry.length)
            tally.add_kept(examined.examination.outcome.kind, new_document=row is not None)

    with pool, progress_for(tally, quiet=quiet):
        yield pool, kept


def examined_words(tally: Tally) -> str:
    kinds = ", ".join(counted(count, kind) for kind, count in tally.kinds.most_common())
    return f"Examined {tally.captures} captures in {tally.seconds:.1f} s: {kinds}."
