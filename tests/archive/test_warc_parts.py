"""Files checked part by part: whatever the parts, what is found is what one pass finds."""

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from archive.warc.parallel import in_parts, processes
from archive.warc.parts import PART_BYTES, Fact, check_part, facts_of, joined, spans
from archive.warc.reader import iter_captures
from archive.warc.verify import verify_files
from tests.archive.warc_samples import exchange, members, sample


def coded(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def in_parts_of(path: Path, part_bytes: int) -> list[Fact]:
    return list(joined((span, check_part(span)) for span in spans(path, part_bytes)))


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """Pages, and between them one whose payload is a WARC file, stored as it is."""
    for folder in ("inner", "outer"):
        (tmp_path / folder).mkdir()
    inner = sample(tmp_path / "inner", exchange(response=coded(noise(15_000)))).read_bytes()
    pages = [exchange(f"http://example.com/{number}") for number in range(4)]
    return sample(tmp_path / "outer", *pages[:2], exchange(response=coded(inner)), *pages[2:])


def as_it_is(_: Path, data: bytes) -> bytes:
    return data


def torn(path: Path, data: bytes) -> bytes:
    """Without some bytes of the second capture, and without the last."""
    middle = list(iter_captures(path))[1].offset + 200
    return data[:middle] + data[middle + 50 : -3]


def flipped(path: Path, data: bytes) -> bytes:
    middle = list(iter_captures(path))[2].offset + 9000
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def padded(path: Path, data: bytes) -> bytes:
    start = list(iter_captures(path))[1].offset
    return data[:start] + b"\0" * 700 + data[start:] + b"rubbish"


def headless(_: Path, data: bytes) -> bytes:
    return b"rubbish" * 100 + data


def one_member(_: Path, data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data), mtime=0)


def member_of_many_between(_: Path, data: bytes) -> bytes:
    contents = [content for _, content in members(data)]
    alone = [gzip.compress(content, mtime=0) for content in contents]
    many = gzip.compress(b"".join(contents[2:8]), mtime=0)
    return b"".join([*alone[:4], many, *alone[4:]])


def plain(_: Path, data: bytes) -> bytes:
    return gzip.decompress(data)


def only_rubbish(_: Path, data: bytes) -> bytes:
    return data[:3] + noise(len(data))


@pytest.mark.parametrize(
    "change",
    [as_it_is, torn, flipped, padded, headless, one_member, member_of_many_between, plain, only_rubbish],
)
def test_parts_tell_what_one_pass_tells(warc: Path, change: Callable[[Path, bytes], bytes]) -> None:
    warc.write_bytes(change(warc, warc.read_bytes()))
    size, whole = warc.stat().st_size, list(facts_of(warc))
    for part_bytes in (97, 300, 1000, 4099, size // 2, size - 1, size, size + 1):
        assert in_parts_of(warc, part_bytes) == whole


def test_a_part_within_a_record_looks_no_further_than_its_end(tmp_path: Path) -> None:
    path = sample(tmp_path, exchange(response=coded(noise(2_000_000))), exchange("http://example.com/b"))
    parts = [(span, check_part(span)) for span in spans(path, 100_000)]
    assert [part.reached.offset for span, part in parts[1:-1]] == [span.stop for span, _ in parts[1:-1]]
    assert list(joined(iter(parts))) == list(facts_of(path))


def test_an_empty_file_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.touch()
    assert in_parts_of(path, 100) == list(facts_of(path))
    assert len(in_parts_of(path, 100)) == 1


def test_several_files_one_of_them_twice_keep_their_order(warc: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.warc.gz"
    other.write_bytes(torn(warc, warc.read_bytes()))
    paths = [warc, other, other, warc]
    with ThreadPoolExecutor(2) as executor:
        found = [(path, list(facts)) for path, facts in in_parts(paths, executor, 500)]
    assert found == [(path, list(facts_of(path))) for path in paths]


def test_processes_are_not_asked_for_what_is_small(warc: Path) -> None:
    with processes([warc]) as executor:
        assert executor is None


@pytest.fixture
def large(tmp_path: Path) -> Path:
    body = noise(1_000_000)
    size = 2 * PART_BYTES // len(body) + 2
    path = sample(tmp_path, *(exchange(f"http://example.com/{n}", coded(body)) for n in range(size)))
    data = bytearray(path.read_bytes())
    data[-900_000] ^= 1
    path.write_bytes(data)
    return path


def test_the_command_finds_in_processes_what_one_pass_finds(large: Path) -> None:
    command = [sys.executable, "-m", "crawler.cli", "verify", "--json", str(large)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [asdict(finding) | {"file": str(finding.file)} for finding in verify_files([large])]
    assert [{key: line[key] for key in expected[0]} for line in found if "code" in line] == expected
    assert "damaged" in {each["code"] for each in expected}
    assert (done.returncode, done.stderr) == (1, "")
