"""Memory of a worker over many pages: ``python -m bench.worker_memory PAGES [LABELLED_DIR]``

The pages of LABELLED_DIR (laid out as bench.labelled says), or those of tests/pages, are written to a WARC file and examined
one after the other by the loop's own function, in this process, over and over until PAGES are done. Each row has the
resident memory after so many pages; the last line says by how much it grew over the second half. A worker of the
crawl is replaced after some thousand pages as well; here it is not.
"""

import argparse
import gc
import io
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from archive.capture import Exchange
from archive.extraction.worker import examine, warm_up
from archive.warc.writer import WarcWriter
from bench.labelled import read

ROWS = 20
TESTS = Path(__file__).parents[1] / "tests" / "pages"
REQUEST = b"GET / HTTP/1.1\r\nHost: news.example.org\r\n\r\n"


def pages(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    """URL and payload of each page."""
    if folder is not None:
        for page in read(folder):
            yield page.url, page.payload
        return
    for case in sorted(TESTS.glob("*/input.html")):
        yield f"https://news.example.org/{case.parent.name}.html", case.read_bytes()


def stored(directory: Path, folder: Path | None) -> list[tuple[str, int]]:
    """Where each page lies, once it is in a WARC file."""
    writer = WarcWriter(directory, prefix="bench", hostname="host", info={}, max_size=10**12, max_age=None)
    refs = []
    for url, payload in pages(folder):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(payload)}\r\n\r\n"
        raw = head.encode("ascii") + payload
        refs.append(writer.write(Exchange(url, REQUEST, io.BytesIO(raw), len(raw), datetime.now(UTC))).ref)
    writer.close()
    return [(str(directory / ref.file), ref.offset) for ref in refs]


def resident() -> int:
    """The memory that this process holds, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=int)
    parser.add_argument("labelled", type=Path, nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        places = stored(Path(place), options.labelled)
        gc.collect()
        warm_up()
        started, measured = time.process_time(), []
        for count, (path, offset) in enumerate(islice(cycle(places), options.pages), 1):
            examine(path, offset)
            if count % max(options.pages // ROWS, 1) == 0:
                measured.append(resident())
                ms = (time.process_time() - started) / count * 1000
                print(f"{count:9,} pages {measured[-1] / 1e6:8.1f} MB {ms:6.1f} ms a page", flush=True)
    half = measured[len(measured) // 2 :]
    print(f"the second half added {(half[-1] - half[0]) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
