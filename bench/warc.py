"""Writing, reading and checking WARC files against warcio and FastWARC, over the same records in one run.

    python -m bench.warc [PAGES]

PAGES is a directory of HTML files (.html or .html.gz); without one, pages are made up of seeded words and markup.
Prints the tables of docs/warc.md. Rates are MB of uncompressed response records (for small records: thousands of
records) a second of processor time, the best of ROUNDS; sizes are those of the response records' file. The commands
are whole processes, started and ended, over a file of COPIES times as many records; ours uses all processors.
"C alone" is what the same decompression, compression and digests take without anything around them.
"""

import gzip
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import deflate
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
from archive.warc.serialise import WHOLE_LEVEL, gzip_member
from archive.warc.stored import StoredCapture
from archive.warc.verify import verify_file
from archive.warc.writer import warcinfo_record

ROUNDS = 5
COPIES = 10
COLUMNS = ("palmyra", "warcio", "FastWARC", "C alone")
MADE_PAGES = 300
SMALLEST, LARGEST = 20_000, 200_000
SMALL_RECORDS, SMALL_BYTES = 5_000, 1_000
LARGEST_HEAD = 1 << 10
PAYLOAD_BYTES = 1 << 26
DATE = datetime(2026, 11, 22, tzinfo=UTC)
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Server", "bench")]


@dataclass(frozen=True)
class Goal:
    """How many times the rate of each of the others is to be reached, over pages."""

    warcio: float | None = None
    fastwarc: float | None = None
    alone: float | None = None


WRITING, READING, CHECKING, NONE = (
    Goal(warcio=4, fastwarc=2),
    Goal(warcio=3, alone=0.5),
    Goal(warcio=2),
    Goal(),
)
MOST_BYTES = 1.1
"""Times the bytes of warcio's file."""


@dataclass(frozen=True)
class Load:
    """Responses with the unit that rates are told in: ``size`` of them all."""

    name: str
    heads: list[list[tuple[str, str]]]
    bodies: list[bytes]
    unit: str

    @property
    def responses(self) -> list[bytes]:
        return [wire_bytes(head) + body for head, body in zip(self.heads, self.bodies, strict=True)]

    @property
    def size(self) -> float:
        return len(self.bodies) / 1e3 if self.unit == "k/s" else sum(map(len, self.responses)) / 1e6


def main() -> None:
    pages = read_pages(Path(sys.argv[1])) if len(sys.argv) > 1 else list(made_pages())
    for load in (
        load_of("pages sent plain", pages),
        load_of("pages sent in gzip", [gzip.compress(page, 6, mtime=0) for page in pages], coding="gzip"),
        load_of("small records", small_pages(pages), unit="k/s"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            run(load, Path(folder))


def load_of(name: str, bodies: list[bytes], *, coding: str = "", unit: str = "MB/s") -> Load:
    coded = [("Content-Encoding", coding)] if coding else []
    heads = [[*HEADERS, *coded, ("Content-Length", str(len(body)))] for body in bodies]
    return Load(name, heads, bodies, unit)


def small_pages(pages: list[bytes]) -> list[bytes]:
    """Pieces of pages, as long as requests, redirects and metadata are."""
    text = b"".join(pages)[: SMALL_RECORDS * SMALL_BYTES]
    return [text[at : at + SMALL_BYTES] for at in range(0, len(text), SMALL_BYTES)]


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


def run(load: Load, folder: Path) -> None:
    responses, unit = load.responses, load.unit
    ours, warcio, fastwarc = (folder / f"{each}.warc.gz" for each in ("ours", "warcio", "fastwarc"))
    megabytes = sum(map(len, responses)) / 1e6
    print(f"\n{load.name}: {len(responses)} responses, {megabytes:.1f} MB\n")
    writing, reading, checking = (WRITING, READING, CHECKING) if unit == "MB/s" else (NONE, NONE, NONE)
    print("| |", *(f" {name} |" for name in COLUMNS), " ratios | goal | |", sep="")
    print("|---" * (len(COLUMNS) + 4), "|", sep="")
    row(f"write, two digests, {unit}", load.size, writing, {
        "palmyra": lambda: write_ours(responses, ours),
        "warcio": lambda: write_warcio(load.heads, load.bodies, warcio),
        "FastWARC": lambda: write_fastwarc(responses, fastwarc),
        "C alone": lambda: digest_and_deflate(responses),
    })  # fmt: skip
    sizes(ours, warcio, fastwarc)
    row(f"read, payload decoded, {unit}", load.size, reading, {
        "palmyra": lambda: read_ours(ours),
        "warcio": lambda: read_warcio(ours),
        "FastWARC": lambda: read_fastwarc(ours),
        "C alone": lambda: inflate(ours, load),
    })  # fmt: skip
    row(f"find captures, {unit}", load.size, NONE, {"palmyra": lambda: sum(1 for _ in iter_captures(ours))})
    row(f"verify, {unit}", load.size, checking, {
        "palmyra": lambda: sum(1 for _ in verify_file(ours)),
        "warcio": lambda: check_warcio(ours),
        "C alone": lambda: inflate_and_digest(ours),
    })  # fmt: skip
    many = folder / "many.warc.gz"
    write_ours(responses * COPIES, many)
    commands: dict[str, Callable[[], object]] = {
        "palmyra": lambda: command("crawler.cli", "verify", "--quiet", many),
        "warcio": lambda: command("warcio.cli", "check", many),
    }
    row(f"verify, the commands, {unit}", load.size * COPIES, NONE, commands, rounds=2, clock=spent)
    row(
        f"the same by the clock, {unit}",
        load.size * COPIES,
        checking,
        commands,
        rounds=2,
        clock=time.perf_counter,
    )


def sizes(ours: Path, *others: Path) -> None:
    size, *other = (path.stat().st_size / 1e6 for path in (ours, *others))
    cells = [f" {each:.2f} |" for each in (size, *other)]
    verdict = "yes" if size <= MOST_BYTES * other[0] else "no"
    print("| size, MB |", *cells, f" | {size / other[0]:.2f} | at most {MOST_BYTES} | {verdict} |", sep="")


def row(
    what: str,
    size: float,
    goal: Goal,
    tasks: dict[str, Callable[[], object]],
    *,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """A line of the table: the rate of each, how many times the others' rates ours is, and whether that is the goal."""
    seconds = {name: [timed(task, clock)] for name, task in tasks.items()}
    for _ in range(rounds - 1):
        for name, task in tasks.items():
            seconds[name].append(timed(task, clock))
    best = {name: size / min(each) for name, each in seconds.items()}
    cells = [f" {best[name]:.{best[name] < 10:d}f} |" if name in best else " |" for name in COLUMNS]
    ratios = {name: best["palmyra"] / best[name] for name in COLUMNS[1:] if name in best}
    wanted = {name: times for name, times in zip(COLUMNS[1:], astuple(goal), strict=True) if times}
    verdict = "yes" if all(ratios[name] >= times for name, times in wanted.items()) else "no"
    print(
        f"| {what} |",
        *cells,
        f" {times_of(ratios)} | {times_of(wanted)} | {verdict * bool(wanted)} |",
        sep="",
    )


def times_of(ratios: dict[str, float]) -> str:
    return ", ".join(f"{times:.{1 + (times < 1)}f} × {name}" for name, times in ratios.items())


def command(module: str, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.DEVNULL, check=False
    )


def timed(task: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds that a task took."""
    start = clock()
    task()
    return clock() - start


def spent() -> float:
    """Seconds of processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wire_bytes(head: list[tuple[str, str]]) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\n" + b"".join(f"{name}: {value}\r\n".encode() for name, value in head) + b"\r\n"
    )


def write_ours(responses: list[bytes], path: Path) -> None:
    """A warcinfo record and response records alone, with both digests, as the others write them."""
    warcinfo = warcinfo_record(path.name, {}, DATE)
    with path.open("wb") as file:
        file.writelines(gzip_member(warcinfo.chunks()))
        for number, response in enumerate(responses):
            exchange = Exchange(
                url=f"http://example.com/{number}",
                request=b"",
                response=BytesIO(response),
                response_length=len(response),
                date=DATE,
            )
            record = records_of(exchange, warcinfo.record_id, algorithm="sha1").records[0]
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
        if isinstance(record, Record) and record.type == "response":
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


def digest_and_deflate(responses: list[bytes]) -> None:
    """What writing takes at least: two digests, and the compression of what is not compressed yet."""
    for response in responses:
        hashlib.sha1(response, usedforsecurity=False)
        hashlib.sha1(response, usedforsecurity=False)
        if b"Content-Encoding" in response[:LARGEST_HEAD]:
            isal_zlib.crc32(response)
        else:
            deflate.gzip_compress(response, WHOLE_LEVEL)


def inflate(path: Path, load: Load) -> None:
    """What reading takes at least: the file's gzip taken off, and then that of the payloads."""
    for _ in contents(path):
        pass
    for head, body in zip(load.heads, load.bodies, strict=True):
        if ("Content-Encoding", "gzip") in head:
            isal_zlib.decompress(body, 31)


def inflate_and_digest(path: Path) -> None:
    """What checking takes at least: the file's gzip taken off, and two digests."""
    for content in contents(path):
        hashlib.sha1(content, usedforsecurity=False)
        hashlib.sha1(content, usedforsecurity=False)


def contents(path: Path) -> Iterator[bytes]:
    data, offset = memoryview(path.read_bytes()), 0
    while offset < len(data):
        inflater = isal_zlib.decompressobj(31)
        yield inflater.decompress(data[offset : offset + LARGEST])
        offset = min(offset + LARGEST, len(data)) - len(inflater.unused_data)


if __name__ == "__main__":
    main()
