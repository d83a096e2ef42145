"""The index: lines as pywb reads them, in order, found again, never half written."""

import errno
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import cdxj
from archive.capture import CaptureRef, Digest
from archive.cdxj import entry_line, iter_index, lookup, parse_line, surt, write_index
from archive.entries import CaptureEntry
from archive.errors import ArchiveError, CaptureNotFound, CdxjFormatError, DiskFull
from tests.archive.warc_samples import FailingDisk, calls_of

DATE = datetime(2026, 11, 22, 9, 33, 1, 999999, tzinfo=UTC)


def entry(url: str = "http://example.com/a", seconds: int = 0, **facts: object) -> CaptureEntry:
    values: dict[str, object] = {"status": 200, "mime": "text/html", "payload_digest": str(Digest.of(b"x"))}
    ref = CaptureRef("A-1.warc.gz", 333 + seconds, f"urn:uuid:{seconds}")
    return CaptureEntry(ref, 1043, url, DATE + timedelta(seconds=seconds), **(values | facts))  # type: ignore[arg-type]


def many() -> list[CaptureEntry]:
    entries = [entry(f"http://h{n % 40}.example/{n % 7}é", n) for n in range(1400)]
    random.Random(3).shuffle(entries)
    return entries


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdxj, "RUN_LINES", 100)


def test_a_line_to_the_letter() -> None:
    assert entry_line(entry("http://www.example.com/A?b=1&a=2")) == (
        'com,example)/a?a=2&b=1 20261122093301 {"url": "http://www.example.com/A?b=1&a=2", "mime": "text/html", '
        '"status": "200", "digest": "CH3K3DWFFIUYJK5K7V6DWULFAN4FYIDS", "length": "1043", "offset": "333", '
        '"filename": "A-1.warc.gz"}'
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"type": "revisit", "mime": "text/html"}, {"mime": "warc/revisit", "status": "200"}),
        ({"type": "revisit", "status": 304}, {"mime": "warc/revisit", "status": "304"}),
        (
            {"status": None, "mime": None, "payload_digest": None},
            {"mime": None, "status": None, "digest": None},
        ),
        ({"payload_digest": "sha256:" + "0a" * 32}, {"digest": "sha256:" + "0a" * 32}),
    ],
)
def test_what_a_line_says(facts: dict[str, object], expected: dict[str, str | None]) -> None:
    fields = json.loads(entry_line(entry(**facts)).split(" ", 2)[2])  # type: ignore[arg-type]
    assert {name: fields.get(name) for name in expected} == expected


@given(st.text(st.characters(), max_size=40), st.integers(0, 10**9))
def test_lines_come_back(path: str, seconds: int) -> None:
    given_entry = entry(f"http://example.com/{path}", seconds)
    line = entry_line(given_entry)
    assert line.isascii()
    assert "\n" not in line
    found = parse_line(line)
    assert (found.url, found.filename, found.offset) == (given_entry.url, "A-1.warc.gz", 333 + seconds)
    assert found.key == surt(given_entry.url)
    assert found.date == given_entry.date.replace(microsecond=0)


@pytest.mark.usefixtures("small_runs")
def test_an_index_is_sorted_bytewise_whatever_its_size(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    for entries in (many(), many()[:100], many()[:99], many()[:1], []):
        write_index(path, iter(entries))
        lines = path.read_bytes().splitlines()
        assert lines == sorted(entry_line(each).encode() for each in entries)
    assert [each.name for each in tmp_path.iterdir()] == ["index.cdxj"]


def test_every_capture_is_found_again(tmp_path: Path) -> None:
    path, entries = tmp_path / "index.cdxj", many()
    write_index(path, entries)
    for url in {each.url for each in entries}:
        expected = sorted(each.ref.offset for each in entries if each.url == url)
        assert [line.offset for line in lookup(path, url)] == expected
    for absent in (
        "http://a/",
        "http://zzz.zz/",
        "http://h1.example/",
        "http://h1.example/1é/x",
        "http://h1.example/1",
    ):
        assert lookup(path, absent) == []
    assert [line.key for line in iter_index(path)] == sorted(surt(each.url) for each in entries)


def test_an_empty_index_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "index.cdxj"
    write_index(path, [])
    assert (lookup(path, "http://a/"), list(iter_index(path))) == ([], [])
    write_index(path, [entry()])
    assert len(lookup(path, "http://example.com/a")) == 1


def test_pywb_sample_lines_are_read() -> None:
    line = parse_line(
        'com,example)/?example=1 20140103030341 {"url": "http://example.com?example=1", "mime": "warc/revisit", '
        '"digest": "B2LTWWPUOYAH7UIPQ7ZUPQ4VMBSVC36A", "length": "553", "offset": "1864", "filename": "example.warc.gz"}\n'
    )
    assert line.is_revisit
    assert line.key == surt(line.url)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "com,example)/ 20140103030341",
        "com,example)/ 2014 {}",
        'com,example)/ 20140103030341 {"url": "http://a/"',
        "com,example)/ 20140103030341 [1]",
        'com,example)/ 20140103030341 {"url": "http://a/", "filename": "a"}',
        'com,example)/ 20140103030341 {"url": "http://a/", "filename": "a", "offset": "-1"}',
        'com,example)/ 20149903030341 {"url": "http://a/", "filename": "a", "offset": "1"}',
        " CDX N b a m s k r M S V g",
    ],
)
def test_what_is_no_line(line: str) -> None:
    with pytest.raises(CdxjFormatError, match=r"index.cdxj:7: "):
        parse_line(line, path=Path("index.cdxj"), number=7)


@pytest.mark.parametrize("broken", [b"com,example)/b 20140103030341 {\n", b"com,example)/b \xff\n"])
def test_a_broken_index_names_its_line(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "index.cdxj"
    write_index(path, [entry(), entry("http://example.com/c")])
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + broken + second)
    for ask in (lambda: list(iter_index(path)), lambda: lookup(path, "http://example.com/b")):
        with pytest.raises(CdxjFormatError, match=r"index.cdxj:2: "):
            ask()
    assert len(lookup(path, "http://example.com/c")) == 1


def test_no_index(tmp_path: Path) -> None:
    for ask in (lambda: list(iter_index(tmp_path / "none")), lambda: lookup(tmp_path / "none", "http://a/")):
        with pytest.raises(CaptureNotFound, match="no such index"):
            ask()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_the_old_index_stays_when_the_new_one_fails(tmp_path: Path, error: int) -> None:
    path, new = tmp_path / "index.cdxj", [entry("http://example.com/new")]
    write_index(path, [entry()])
    old = path.read_bytes()
    steps = calls_of(lambda disk: write_index(tmp_path / "other.cdxj", new, disk))
    written = (tmp_path / "other.cdxj").read_bytes()
    for step in range(steps):
        with pytest.raises(DiskFull if error == errno.ENOSPC else ArchiveError):
            write_index(path, new, FailingDisk(step, error))
        assert path.read_bytes() == (written if step == steps - 1 else old)
    write_index(path, new)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["index.cdxj", "other.cdxj"]


def test_a_failing_source_leaves_the_old_index(tmp_path: Path) -> None:
    def failing() -> Iterator[CaptureEntry]:
        yield entry()
        raise CaptureNotFound("gone")

    path = tmp_path / "index.cdxj"
    write_index(path, [entry()])
    with pytest.raises(CaptureNotFound):
        write_index(path, failing())
    assert [each.name for each in tmp_path.iterdir()] == ["index.cdxj"]
