"""Records as gzip members: what is compressed already is stored in them, and every reader takes both alike."""

import gzip
import hashlib
import json
import random
import shutil
import subprocess
from pathlib import Path

import deflate
import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator

from archive.warc.reader import iter_captures, iter_records
from archive.warc.records import Loss, Record
from archive.warc.serialise import MOST_STORED, PROBE_BYTES, gzip_member
from archive.warc.verify import verify_file
from tests.archive.warc_samples import PAGE, exchange, sample

ROOT = Path(__file__).parent.parent.parent
HEADS = b"WARC/1.1\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"
ENDING = b"\r\n\r\n"


def noise(size: int) -> bytes:
    """Bytes that do not compress."""
    return random.Random(size).randbytes(size)


def coded(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def member(*chunks: bytes) -> bytes:
    return b"".join(gzip_member(chunks))


@pytest.mark.parametrize("heads", [HEADS, b"", b"no blank line", HEADS[:33]])
@pytest.mark.parametrize(
    "size", [0, 3 * PROBE_BYTES, MOST_STORED - 4, MOST_STORED, MOST_STORED + 1, 3 * MOST_STORED, 1 << 20]
)
def test_every_inflater_gives_the_record_back(heads: bytes, size: int) -> None:
    chunks = (heads, noise(size), ENDING)
    data, content = member(*chunks), b"".join(chunks)
    assert gzip.decompress(data) == content
    assert isal_zlib.decompress(data, 31) == content
    assert bytes(deflate.gzip_decompress(data)) == content


def test_a_coded_payload_is_stored_as_it_is_behind_compressed_heads() -> None:
    body = noise(100_000)
    data = member(HEADS, body, ENDING)
    assert body[:MOST_STORED] in data
    assert HEADS not in data
    assert len(data) < len(body) + len(HEADS) + 50


@pytest.mark.parametrize(
    "text",
    [
        "Новости дня: совет собрался в понедельник. ".encode() * 900,
        "今日のニュース、議会は月曜日に開かれた。".encode("utf-16") * 900,
        gzip.compress(noise(30_000)).hex().encode(),
        b"\0\1\2\3" * 9000,
    ],
)
def test_what_compresses_is_compressed(text: bytes) -> None:
    assert len(member(HEADS, text, ENDING)) < 0.7 * len(text)


def test_the_same_content_gives_the_same_bytes_however_it_comes() -> None:
    body = noise(70_000)
    assert member(HEADS, body, ENDING) == member(HEADS + body[:10], body[10:], ENDING)


@pytest.mark.parametrize("size", [20_000, MOST_STORED, 200_000])
def test_other_readers_read_stored_payloads(tmp_path: Path, size: int) -> None:
    body = gzip.compress(noise(size), mtime=0)
    path = sample(
        tmp_path, exchange(response=coded(body)), exchange(response=coded(gzip.compress(PAGE, mtime=0)))
    )
    assert body[:1000] in path.read_bytes()
    with path.open("rb") as file:
        of_warcio = [
            record.content_stream().read()
            for record in ArchiveIterator(file, check_digests="raise")
            if record.rec_type == "response"
        ]
    with path.open("rb") as file:
        of_fastwarc = [
            record.reader.read()
            for record in FastIterator(file, record_types=WarcRecordType.response, parse_http=False)
            if record.verify_block_digest(consume=False)
        ]
    assert of_warcio == [noise(size), PAGE]
    assert of_fastwarc == [coded(body), coded(gzip.compress(PAGE, mtime=0))]
    ours = [
        record for record in iter_records(path) if isinstance(record, Record) and record.type == "response"
    ]
    assert [record.block.read() for record in ours] == of_fastwarc
    assert list(verify_file(path)) == []


def test_warcio_js_reads_stored_payloads(tmp_path: Path) -> None:
    modules, script = ROOT / ".venv-node" / "node_modules", ROOT / "tests" / "site" / "read_warc.mjs"
    node = shutil.which("node")
    if node is None or not modules.is_dir():
        pytest.skip("warcio.js is not installed: `make test` does it where there is npm")
    path = sample(tmp_path, exchange(response=coded(noise(200_000))))
    done = subprocess.run([node, script, modules, path], capture_output=True, text=True, check=True)
    theirs = [json.loads(line)["block"] for line in done.stdout.splitlines()]
    ours = [record.block.read() for record in iter_records(path) if isinstance(record, Record)]
    assert theirs == [hashlib.sha1(block).hexdigest() for block in ours]


def test_a_stored_payload_that_is_a_warc_file_is_one_payload(tmp_path: Path) -> None:
    inner = sample(tmp_path, exchange(response=coded(noise(20_000)))).read_bytes()
    outer = tmp_path / "outer"
    outer.mkdir()
    path = sample(outer, exchange(response=coded(inner)))
    assert inner in path.read_bytes()
    assert len(list(iter_captures(path))) == 1
    assert list(verify_file(path)) == []


def read(path: Path, start: int) -> list[bytes | Loss]:
    return [
        each if isinstance(each, Loss) else each.head + each.block.read()
        for each in iter_records(path, start=start)
    ]


def test_no_flip_changes_a_stored_payload_unseen(tmp_path: Path) -> None:
    path = sample(tmp_path, exchange(response=coded(noise(3 * PROBE_BYTES))))
    (span,) = iter_captures(path)
    end = next(record.end for record in iter_records(path, start=span.offset))
    good, records, harmless = path.read_bytes(), read(path, span.offset), 0
    heads = range(span.offset, span.offset + 600)
    for at in [*heads, *range(heads.stop, end - 40, 97), *range(end - 40, end)]:
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :])
        first, *others = read(path, span.offset)
        assert isinstance(first, Loss) or first == records[0]
        assert others == records[1:]
        harmless += first == records[0]
    assert (
        harmless < 12
    )  # gzip's header has time, level and system; bits before a stored block fill up a byte


def test_a_cut_stored_payload_costs_its_record_alone(tmp_path: Path) -> None:
    path = sample(tmp_path, exchange(), exchange(response=coded(noise(2 * MOST_STORED))))
    first, second = iter_captures(path)
    good = path.read_bytes()
    for at in range(second.offset + 1, second.offset + 2 * MOST_STORED, 3001):
        path.write_bytes(good[:at])
        *whole, torn = iter_records(path)
        assert [each.offset for each in whole][1] == first.offset
        assert len(whole) == 4
        assert isinstance(torn, Loss)
        assert (torn.offset, torn.end) == (second.offset, at)
