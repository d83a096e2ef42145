"""Writing, reading and checking WARC files against warcio and FastWARC, over the same pages in one run.

    python -m bench.warc [PAGES]

PAGES is a directory of HTML files (.html or .html.gz); without one, pages are made up of seeded words and markup.
Prints the table of docs/warc.md. Rates are MB of uncompressed response records a second of processor time, the best of
ROUNDS; sizes are those of the response records' file. The commands are whole processes, started and ended, over a file
of COPIES times as many records.
"""

import gzip
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecord, WarcRecordType
from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.capture import Exchange
from archive.http import decode_payload
from archive.warc.exchange import records_of
from archive.warc.reader import iter_captures, iter_records
from archive.warc.records import Record
from archive.warc.serialise import gzip_member
from archive.warc.stored import StoredCapture
from archive.warc.verify import verify_file

ROUNDS = 5
COPIES = 20
COLUMNS = ("palmyra", "warcio", "FastWARC", "inflate alone")
MADE_PAGES = 300
SMALLEST, LARGEST = 20_000, 200_000
PAYLOAD_BYTES = 1 << 26
DATE = datetime(2026, 11, 22, tzinfo=UTC)
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Server", "bench")]


def main() -> None:
    pages = read_pages(Path(sys.argv[1])) if len(sys.argv) > 1 else list(made_pages())
    bodies = {"plain": pages, "gzip": [gzip.compress(page, 6, mtime=0) for page in pages]}
    for name, each in bodies.items():
        with tempfile.TemporaryDirectory() as folder:
            run(name, each, Path(folder))


def read_pages(folder: Path) -> list[bytes]:
    found = (
        gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()
        for p in sorted(folder.iterdir())
    )
    return [page for page in found if SMALLEST <= len(page) <= LARGEST]


def made_pages() -> Iterator[bytes]:
    """Pages whose words follow Zipf's law, with as much markup as text."""
    choose = random.Random(1)
    words = ["".join(choose.choices("etaoinshrdlu", k=choose.randint(2, 11))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for _ in range(MADE_PAGES):
        page = ["<!doctype html><html><head><title>News</title></head><body>"]
        size, wanted = 0, choose.randint(SMALLEST, LARGEST - 3000)
        while size < wanted:
            text = " ".join(choose.choices(words, weights, k=choose.randint(8, 60)))
            page.append(
                f'<div class="c-{choose.randint(1, 90)}" data-id="{choose.getrandbits(64):x}"><p>{text}.</p></div>'
            )
            size += len(page[-1])
        yield "\n".join(page).encode()


def run(name: str, bodies: list[bytes], folder: Path) -> None:
    coding = [("Content-Encoding", "gzip")] if name == "gzip" else []
    heads = [[*HEADERS, *coding, ("Content-Length", str(len(body)))] for body in bodies]
    responses = [wire_bytes(head) + body for head, body in zip(heads, bodies, strict=True)]
    size = sum(map(len, responses)) / 1e6
    ours, warcio, fastwarc = (folder / f"{each}.warc.gz" for each in ("ours", "warcio", "fastwarc"))
    print(f"\n{name} bodies: {len(bodies)} responses, {size:.1f} MB\n")
    print("| | palmyra | warcio | FastWARC | inflate alone | palmyra to warcio |\n|---|---|---|---|---|---|")
    row("write, two digests, MB/s", size, {
        "palmyra": lambda: write_ours(responses, ours),
        "warcio": lambda: write_warcio(heads, bodies, warcio),
        "FastWARC": lambda: write_fastwarc(responses, fastwarc),
    })  # fmt: skip
    sizes = [path.stat().st_size / 1e6 for path in (ours, warcio, fastwarc)]
    print("| size, MB |", *(f" {each:.2f} |" for each in sizes), f" | {sizes[0] / sizes[1]:.2f} |", sep="")
    row("read, payload decoded, MB/s", size, {
        "palmyra": lambda: read_ours(ours),
        "warcio": lambda: read_warcio(ours),
        "FastWARC": lambda: read_fastwarc(ours),
        "inflate alone": lambda: inflate(ours),
    })  # fmt: skip
    row("find captures, MB/s", size, {"palmyra": lambda: sum(1 for _ in iter_captures(ours))})
    row("verify, MB/s", size, {
        "palmyra": lambda: sum(1 for _ in verify_file(ours)),
        "warcio": lambda: check_warcio(ours),
    })  # fmt: skip
    many = folder / "many.warc.gz"
    write_ours(responses * COPIES, many)
    row("verify, the commands, MB/s", size * COPIES, {
        "palmyra": lambda: command("crawler.cli", "verify", "--quiet", many),
        "warcio": lambda: command("warcio.cli", "check", many),
    }, rounds=2)  # fmt: skip


def row(what: str, size: float, tasks: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> None:
    """A line of the table: MB a second of each, and how many times warcio's rate ours is."""
    best = {name: size / min(timed(task) for _ in range(rounds)) for name, task in tasks.items()}
    cells = [f" {best[name]:.0f} |" if name in best else " |" for name in COLUMNS]
    ratio = f" {best['palmyra'] / best['warcio']:.1f} |" if "warcio" in best else " |"
    print(f"| {what} |", *cells, ratio, sep="")


def command(module: str, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.DEVNULL, check=False
    )


def timed(task: Callable[[], object]) -> float:
    """Seconds of processor time, child processes included."""
    start = spent()
    task()
    return spent() - start


def spent() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def wire_bytes(head: list[tuple[str, str]]) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\n" + b"".join(f"{name}: {value}\r\n".encode() for name, value in head) + b"\r\n"
    )


def write_ours(responses: list[bytes], path: Path) -> None:
    """Response records alone, with both digests, as the others write them."""
    with path.open("wb") as file:
        for number, response in enumerate(responses):
            exchange = Exchange(
                url=f"http://example.com/{number}",
                request=b"",
                response=BytesIO(response),
                response_length=len(response),
                date=DATE,
            )
            record = records_of(exchange, "urn:uuid:0", algorithm="sha1").records[0]
            file.writelines(gzip_member(record.chunks()))


def write_warcio(heads: list[list[tuple[str, str]]], bodies: list[bytes], path: Path) -> None:
    with path.open("wb") as file:
        warc = WARCWriter(file, gzip=True)
        for number, (head, body) in enumerate(zip(heads, bodies, strict=True)):
            http = StatusAndHeaders("200 OK", head, protocol="HTTP/1.1")
            url = f"http://example.com/{number}"
            warc.write_record(
                warc.create_warc_record(url, "response", payload=BytesIO(body), http_headers=http)
            )


def write_fastwarc(responses: list[bytes], path: Path) -> None:
    with path.open("wb") as file:
        stream = GzipWriter(file)
        for number, response in enumerate(responses):
            record = WarcRecord()
            record.init_headers(record_type=WarcRecordType.response, record_urn=b"<urn:uuid:%d>" % number)
            record.headers["WARC-Target-URI"] = f"http://example.com/{number}"
            record.set_bytes_content(response)
            record.write(stream, checksum_data=True)
            stream.finish()


def read_ours(path: Path) -> None:
    for record in iter_records(path):
        if isinstance(record, Record):
            stored = StoredCapture(record)
            decode_payload(stored.http_head, stored.body(), limit=PAYLOAD_BYTES)


def read_warcio(path: Path) -> None:
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            record.content_stream().read()


def read_fastwarc(path: Path) -> None:
    with path.open("rb") as file:
        for record in FastIterator(file, auto_decode="none"):
            record.reader.read()


def check_warcio(path: Path) -> None:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests=True):
            record.content_stream().read()


def inflate(path: Path) -> None:
    data, offset = memoryview(path.read_bytes()), 0
    while offset < len(data):
        inflater = isal_zlib.decompressobj(31)
        inflater.decompress(data[offset : offset + LARGEST])
        offset = min(offset + LARGEST, len(data)) - len(inflater.unused_data)


if __name__ == "__main__":
    main()
