"""The strict reading of the standard is one that finds faults, and docs/standard.md names tests that exist."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.warc.writer import Original
from tests.archive.warc_samples import DATE, exchange, members, writer
from tests.site.strict import faults

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "standard.md").read_text("utf-8"))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A response, a revisit of it, and a 304, each with its companions."""
    with writer(tmp_path) as warc:
        first = warc.write(exchange())
        original = Original("http://example.com/a", DATE, first.ref.record_id, first.payload_digest)
        warc.write(exchange(), original=original)
        warc.write(exchange(response=b"HTTP/1.1 304 Not Modified\r\n\r\n"), original=original)
    [path] = tmp_path.iterdir()
    return path


def test_what_we_write_has_no_fault(sample: Path) -> None:
    assert faults(sample) == []


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new, 1)


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, replaced(b"WARC-Filename: ", b"WARC-Filename: x")),
        (0, replaced(b"WARC-Type: warcinfo\r\n", b"WARC-Type: warcinfo\r\nWARC-Target-URI: http://a/\r\n")),
        (1, replaced(b"WARC/1.1", b"WARC/1.0")),
        (1, replaced(b"WARC-Date: ", b"WARC-Date:")),
        (1, replaced(b"Z\r\n", b"+00:00\r\n")),
        (1, replaced(b"<urn:uuid:", b"<urn:uid:")),
        (1, replaced(b"Content-Type: ", b"X: a\r\n b\r\nContent-Type: ")),
        (1, replaced(b"msgtype=response", b"msgtype=request")),
        (1, replaced(b"Content-Type: application", b"Type: application")),
        (1, replaced(b"WARC-Protocol", b"WARC-Identified-Payload-Type: text/html\r\nWARC-Protocol")),
        (1, replaced(b"WARC-Date:", b"WARC-Date: 2026-11-22T09:33:00.123456Z\r\nWARC-Date:")),
        (1, replaced(b"WARC-IP-Address: 192.0.2.7", b"WARC-IP-Address: 192.0.2.07")),
        (1, replaced(b"http://example.com/a\r\n", b"http://example.com/ a\r\n")),
        (1, replaced(b"WARC-Block-Digest: sha1:", b"WARC-Block-Digest: sha1:A")),
        (1, replaced(b"The council", b"The Council")),
        (1, lambda content: content + b"\r\n"),
        (1, lambda content: content[:-2]),
        (2, replaced(b"Concurrent-To: <urn:uuid:", b"Concurrent-To: <urn:uuid:0")),
        (2, replaced(b"2026-11-22T", b"2026-11-23T")),
        (3, replaced(b"WARC-Type: metadata", b"WARC-Type: metadata\r\nWARC-IP-Address: 192.0.2.7")),
        (3, replaced(b"Warcinfo-ID: <urn:uuid:", b"Warcinfo-ID: <urn:uuid:0")),
        (4, replaced(b"WARC-Truncated: length\r\n", b"")),
        (4, replaced(b"warc/1.1/revisit", b"warc/1.0/revisit")),
        (4, replaced(b"WARC-Refers-To-Date", b"X-Refers-To-Date")),
        (7, replaced(b"server-not-modified", b"not-modified")),
    ],
)
def test_the_judge_judges(sample: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    contents = [content for _, content in members(sample.read_bytes())]
    before = contents[number]
    contents[number] = change(before)
    assert contents[number] != before
    sample.write_bytes(b"".join(gzip.compress(content, mtime=0) for content in contents))
    assert faults(sample) != []


def test_the_tests_that_the_page_names_exist() -> None:
    assert len(NAMED) > 30
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []
