"""Memory that one large response costs: ``python -m bench.large [--megabytes N] [--smaller N]``

Crawls, by the command, a loopback server whose one page links to a response of each size, and samples the resident
memory of the crawl's process and of all its workers. Then `verify` and `extract` go over what was archived, sampled
alike. The last lines say by how much the larger response costs more than the smaller one, and whether it is whole.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from archive.collection import Collection
from archive.warc.reader import iter_captures, read_capture

PIECE = Random(1).randbytes(1 << 20)
"""A megabyte that no compressor makes smaller."""
SAMPLE_EVERY_S = 0.05
ROOT = Path(__file__).parents[1]


@dataclass
class Cost:
    """What a command took: seconds, and the most bytes resident in its process and in any one of its workers."""

    seconds: float = 0.0
    main: int = 0
    worker: int = 0


class _Handler(StreamRequestHandler):
    def handle(self) -> None:
        request = self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        size = int(self.server.size)  # type: ignore[attr-defined]
        path = request.split(b" ")[1]
        if path == b"/large":
            self._answer(b"200 OK", b"text/html", size, (PIECE for _ in range(size >> 20)))
        elif path == b"/":
            page = b'<!doctype html><title>Front</title><a href="/large">large</a>'
            self._answer(b"200 OK", b"text/html", len(page), [page])
        else:
            self._answer(b"404 Not Found", b"text/plain", 0, [])

    def _answer(
        self, status: bytes, media_type: bytes, size: int, pieces: "Iterator[bytes] | list[bytes]"
    ) -> None:
        fields = b"Content-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (media_type, size)
        self.wfile.write(b"HTTP/1.1 " + status + b"\r\n" + fields)
        for piece in pieces:
            self.wfile.write(piece)


class _Server(ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True
    size = 0


def watched(folder: Path, *arguments: object) -> Cost:
    """Run ``palmyra`` with these arguments, and sample its memory."""
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started, cost = time.monotonic(), Cost()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        cost.main = max(cost.main, resident(process.pid))
        cost.worker = max([cost.worker, *map(resident, below(process.pid))])
        time.sleep(SAMPLE_EVERY_S)
    cost.seconds = time.monotonic() - started
    if process.returncode:
        sys.exit(f"palmyra {arguments[0]} ended with {process.returncode}")
    return cost


def resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def below(pid: int) -> Iterator[int]:
    """The processes that a process started, and theirs."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from below(child)


def measured(size: int) -> dict[str, Cost]:
    """Costs by command, of a response of ``size`` bytes; it has to come back whole from the archive."""
    folder = Path(tempfile.mkdtemp(prefix="palmyra-large-"))
    try:
        (folder / "palmyra.toml").write_text(f"max_response_size = {size + 1000}\ntimeout = 600\n")
        with _Server(("127.0.0.1", 0), _Handler) as server:
            server.size = size
            Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_address[1]}/"
            flags = ("--collection", "news", "--allow-private", "--delay", "0", "--quiet")
            costs = {"crawl": watched(folder, "crawl", url, *flags)}
            server.shutdown()
        check(Collection(folder / "news"), size)
        for verb in ("verify", "extract"):
            costs[verb] = watched(folder, verb, "--collection", "news", "--quiet")
        return costs
    finally:
        shutil.rmtree(folder)


def check(collection: Collection, size: int) -> None:
    """Exit where the archive has not every byte that was sent."""
    wanted = hashlib.sha1(usedforsecurity=False)
    for _ in range(size >> 20):
        wanted.update(PIECE)
    for path in collection.warc_files():
        for span in iter_captures(path):
            capture = read_capture(path, span.offset)
            if (capture.record.target_uri or "").endswith("/large"):
                with capture.body() as body:
                    found = hashlib.file_digest(body, lambda: hashlib.sha1(usedforsecurity=False))
                if found.digest() == wanted.digest():
                    return
    sys.exit("the response did not come back whole")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--smaller", type=int, default=64)
    options = parser.parse_args()
    sizes = (options.smaller, options.megabytes)
    small, large = (measured(size << 20) for size in sizes)
    for size, costs in zip(sizes, (small, large), strict=True):
        for verb, cost in costs.items():
            print(
                f"{size:5} MiB, {verb:7}: {cost.seconds:5.1f} s, peak {cost.main / 1e6:4.0f} MB,"
                f" workers {cost.worker / 1e6:4.0f} MB"
            )
    for verb in small:
        more = large[verb].main - small[verb].main
        print(
            f"{verb}: {options.megabytes} MiB cost {more / 1e6:+.0f} MB more than {options.smaller} MiB; whole"
        )


if __name__ == "__main__":
    main()
