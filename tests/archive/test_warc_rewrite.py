"""Recompressing, importing and repairing copy records byte for byte, or not at all."""

import errno
import gzip
from pathlib import Path

import pytest

from archive.errors import ArchiveError, DiskFull, WarcFormatError
from archive.warc import rewrite as module
from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Loss, Record
from archive.warc.rewrite import recompress, rewrite
from archive.warc.verify import verify_file
from tests.archive.warc_samples import FailingDisk, calls_of, exchange, members, sample

FILES = Path(__file__).parent / "warcs"


def contents(path: Path) -> list[tuple[bytes, bytes]]:
    return [(found.head, found.block.read()) for found in iter_records(path) if isinstance(found, Record)]


def test_a_file_gets_smaller_and_says_the_same(tmp_path: Path) -> None:
    path = sample(tmp_path, *(exchange(f"http://example.com/{n}") for n in range(5)))
    before, offsets = gzip.decompress(path.read_bytes()), [span.offset for span in iter_captures(path)]
    result = recompress(path)
    assert gzip.decompress(path.read_bytes()) == before
    assert (result.records, result.losses) == (16, ())
    assert result.after == path.stat().st_size < result.before
    assert [result.offsets[offset] for offset in offsets] == [span.offset for span in iter_captures(path)]
    assert list(verify_file(path)) == []
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_large_record_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEST_WHOLE_BYTES", 100)
    path = sample(tmp_path)
    before = gzip.decompress(path.read_bytes())
    recompress(path)
    assert gzip.decompress(path.read_bytes()) == before
    assert len(list(members(path.read_bytes()))) == 4


def test_a_damaged_file_is_left_alone(tmp_path: Path) -> None:
    path = sample(tmp_path)
    data = path.read_bytes()[:-3]
    path.write_bytes(data)
    with pytest.raises(WarcFormatError, match="repair the file first"):
        recompress(path)
    assert path.read_bytes() == data
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir() if path.suffix != ".md"))
def test_whatever_can_be_read_can_be_taken_over(tmp_path: Path, name: str) -> None:
    target = tmp_path / "taken.warc.gz"
    result = rewrite(FILES / name, target)
    found = [each for each in iter_records(FILES / name) if isinstance(each, Record)]
    assert result.records == len(found)
    assert [record.block.read() for record in found] == [block for _, block in contents(target)]
    assert [each for each in iter_records(target) if isinstance(each, Loss)] == []
    assert len(list(members(target.read_bytes()))) == len(found)
    if not name.endswith((".arc", ".arc.gz")):
        assert [record.head for record in found] == [head for head, _ in contents(target)]


def test_an_arc_becomes_a_warc(tmp_path: Path) -> None:
    target = tmp_path / "taken.warc.gz"
    rewrite(FILES / "example.arc", target)
    (span,) = iter_captures(target)
    entry = read_capture(target, span.offset).entry(target.name)
    assert (entry.url, entry.status, entry.mime) == ("http://example.com/", 200, "text/html")
    assert [finding for finding in verify_file(target) if finding.severity == "error"] == []


def test_records_that_shared_a_member_get_one_each(tmp_path: Path) -> None:
    target = tmp_path / "taken.warc.gz"
    rewrite(FILES / "example-bad-non-chunked.warc.gz", target)
    assert len(list(iter_captures(target))) == 2


def test_what_is_torn_is_told(tmp_path: Path) -> None:
    path = sample(tmp_path, exchange(), exchange("http://example.com/b"))
    data = bytearray(path.read_bytes())
    (first, second) = iter_captures(path)
    data[first.offset + 50] ^= 0xFF
    path.write_bytes(data[:-5])
    result = rewrite(path, tmp_path / "salvaged.warc.gz")
    assert [loss.offset for loss in result.losses] == [
        first.offset,
        max(o for o, _ in members(bytes(data[second.offset :]))) + second.offset,
    ]
    assert result.records == 5


def test_a_target_is_never_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "there.warc.gz"
    target.write_bytes(b"there")
    with pytest.raises(ArchiveError, match="File exists"):
        rewrite(FILES / "example.warc", target)
    assert target.read_bytes() == b"there"


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_stopped_at_any_step_the_old_file_or_the_new_one_is_there(tmp_path: Path, error: int) -> None:
    path = sample(tmp_path)
    before, old = gzip.decompress(path.read_bytes()), path.read_bytes()
    other = tmp_path / "other.warc.gz"
    other.write_bytes(old)
    steps = calls_of(lambda disk: recompress(other, disk))
    for step in range(steps):
        with pytest.raises(DiskFull if error == errno.ENOSPC else ArchiveError):
            recompress(path, FailingDisk(step, error))
        assert path.read_bytes() == (other.read_bytes() if step == steps - 1 else old)
    recompress(path)
    assert gzip.decompress(path.read_bytes()) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([path.name, other.name])
