"""Files that a writer left open: nothing whole is lost, and no kill between two steps matters."""

import errno
import os
from pathlib import Path

import pytest

from archive.errors import ArchiveError, CollectionLocked, DiskFull
from archive.warc.disk import Disk
from archive.warc.reader import iter_captures, iter_records
from archive.warc.records import Record
from archive.warc.recover import recover
from archive.warc.verify import verify_file
from tests.archive.warc_samples import FailingDisk, calls_of, exchange, sample, writer


def left_open(directory: Path, size: int | None = None) -> Path:
    """An ``.open`` file of two captures, cut to ``size`` bytes, whose writer is gone."""
    closed = sample(directory, exchange(), exchange("http://example.com/b"))
    path = closed.rename(closed.with_name(closed.name + ".open"))
    if size is not None:
        os.truncate(path, size)
    return path


def ends_of(path: Path) -> list[int]:
    return [found.end for found in iter_records(path) if isinstance(found, Record)]


def test_a_whole_file_is_closed_as_it_is(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    data = path.read_bytes()
    recovered = recover(path, tmp_path / "quarantine")
    assert recovered.path == path.with_suffix("")
    assert (recovered.end, recovered.tail, recovered.tail_length) == (len(data), None, 0)
    assert recovered.path.read_bytes() == data
    assert [each.name for each in tmp_path.iterdir()] == [recovered.path.name]


def test_every_cut_keeps_every_whole_record_and_loses_no_byte(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = left_open(tmp_path / "whole")
    data, ends = whole.read_bytes(), [0, *ends_of(whole)]
    for size in range(0, len(data), 7):
        folder = tmp_path / str(size)
        folder.mkdir()
        path = folder / whole.name
        path.write_bytes(data[:size])
        recovered = recover(path, folder / "quarantine")
        end = max(each for each in ends if each <= size)
        kept = recovered.path.read_bytes() if recovered.path else b""
        tail = recovered.tail.read_bytes() if recovered.tail else b""
        assert (recovered.end, recovered.tail_length) == (end, size - end)
        assert (kept, kept + tail) == (data[:end], data[:size])
        assert not path.exists()
        if recovered.path:
            assert [finding for finding in verify_file(recovered.path) if finding.severity == "error"] == []


def test_a_response_whose_companions_were_lost_stays_a_capture(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    last_response = ends_of(path)[4]
    os.truncate(path, last_response + 10)
    recovered = recover(path, tmp_path / "quarantine")
    assert recovered.path is not None
    assert len(list(iter_captures(recovered.path))) == 2


def test_the_tail_is_named_by_file_and_offset(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    end = ends_of(path)[-2]
    recovered = recover(path, tmp_path / "quarantine")  # whole: nothing to name
    assert recovered.tail is None
    assert recovered.path is not None
    path = recovered.path.rename(path)
    os.truncate(path, end + 5)
    recovered = recover(path, tmp_path / "quarantine")
    assert recovered.tail == tmp_path / "quarantine" / f"{path.name.removesuffix('.open')}.tail-{end}"


def test_damage_before_whole_records_stays_where_it_is(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    data = bytearray(path.read_bytes())
    data[ends_of(path)[0] + 40] ^= 0xFF
    path.write_bytes(data)
    recovered = recover(path, tmp_path / "quarantine")
    assert recovered.path is not None
    assert (recovered.path.read_bytes(), recovered.tail) == (data, None)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08", b"\0" * 5000])
def test_a_file_without_a_record_goes_to_quarantine_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "A-1.warc.gz.open"
    path.write_bytes(content)
    recovered = recover(path, tmp_path / "quarantine")
    assert (recovered.path, recovered.end, recovered.tail_length) == (None, 0, len(content))
    assert not path.exists()
    assert (recovered.tail.read_bytes() if recovered.tail else b"") == content


def test_a_file_at_work_is_left_alone(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        warc.write(exchange())
        (path,) = tmp_path.iterdir()
        data = path.read_bytes()
        with pytest.raises(CollectionLocked, match="a writer is at work on it"):
            recover(path, tmp_path / "quarantine")
        assert path.read_bytes() == data


def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    other = path.with_suffix("")
    other.write_bytes(b"other")
    with pytest.raises(ArchiveError, match="exists already"):
        recover(path, tmp_path / "quarantine")
    assert other.read_bytes() == b"other"
    assert path.exists()


def test_only_open_files_are_recovered(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not named"):
        recover(sample(tmp_path), tmp_path / "quarantine")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_stopped_at_any_step_it_does_the_rest_when_called_again(tmp_path: Path, error: int) -> None:
    def torn(name: str) -> Path:
        (tmp_path / name).mkdir()
        path = left_open(tmp_path / name)
        os.truncate(path, path.stat().st_size - 5)
        return path

    def act(disk: Disk, path: Path) -> None:
        recover(path, path.parent / "quarantine", disk)

    steps = calls_of(lambda disk: act(disk, torn("whole")))
    assert steps > 6
    for step in range(steps):
        path = torn(str(step))
        data, end = path.read_bytes(), ends_of(path)[-1]
        with pytest.raises(DiskFull if error == errno.ENOSPC else ArchiveError):
            act(FailingDisk(step, error), path)
        tail = path.parent / "quarantine" / f"{path.name.removesuffix('.open')}.tail-{end}"
        left = path if path.exists() else path.with_suffix("")
        assert left.read_bytes() == data or (left.read_bytes(), tail.read_bytes()) == (data[:end], data[end:])
        if path.exists():
            act(Disk(), path)
        assert (path.with_suffix("").read_bytes(), tail.read_bytes()) == (data[:end], data[end:])
        assert list(tail.parent.iterdir()) == [tail]
        assert not path.exists()
