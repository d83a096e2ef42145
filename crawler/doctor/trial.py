"""One page taken the whole way, to see whether the parts of this installation work together."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from archive.capture import Exchange
from archive.errors import ArchiveError
from archive.extraction.pool import WorkerPool
from archive.outcome import Kind, Outcome
from archive.warc.writer import WarcWriter

URL = "http://localhost/"
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>palmyra</h1><p>Nothing is wrong.</p>"
TIME_LIMIT_S = 30.0
MEMORY_LIMIT_BYTES = 500_000_000


class TrialError(ArchiveError):
    """The page was not examined."""


def examined_page(folder: Path) -> Outcome:
    """Write a page into a WARC file in ``folder`` and let a worker process examine it; TrialError, WorkerStartError."""
    exchange = Exchange(URL, REQUEST, BytesIO(RESPONSE), len(RESPONSE), datetime.now(UTC))
    with WarcWriter(folder, prefix="doctor", hostname="localhost", info={}) as writer:
        ref = writer.write(exchange).ref
    with WorkerPool(1, time_limit_s=TIME_LIMIT_S, memory_limit_bytes=MEMORY_LIMIT_BYTES) as pool:
        outcome = pool.submit(folder / ref.file, ref.offset).result().outcome
    if outcome.kind is Kind.FAILED:
        raise TrialError(outcome.reason)
    return outcome
