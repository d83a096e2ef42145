"""The disk fails at any call of the writer: what was written before stays readable, and nothing is half there."""

import errno
from pathlib import Path

import pytest

from archive.errors import ArchiveError, DiskFull
from archive.warc.disk import Disk
from archive.warc.reader import iter_captures, iter_records
from archive.warc.records import Loss
from archive.warc.recover import recover
from archive.warc.verify import verify_file
from archive.warc.writer import Written
from tests.archive.warc_samples import FailingDisk, calls_of, exchange, writer

URLS = [f"http://example.com/{number}" for number in range(4)]


def crawl(directory: Path, disk: Disk) -> tuple[list[Written], list[ArchiveError]]:
    """Write, sync and close as a crawl does that goes on after each error."""
    written: list[Written] = []
    errors: list[ArchiveError] = []
    warc = writer(directory, disk=disk, max_size=2500)
    for url in URLS:
        try:
            written.append(warc.write(exchange(url)))
            warc.sync()
        except ArchiveError as error:
            errors.append(error)
    try:
        warc.close()
    except ArchiveError as error:
        errors.append(error)
    return written, errors


def recovered(directory: Path) -> None:
    for path in directory.glob("*.open"):
        recover(path, directory / "quarantine")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_every_call_fails_in_turn(tmp_path: Path, error: int, for_good: bool) -> None:
    (tmp_path / "whole").mkdir()
    steps = calls_of(lambda disk: crawl(tmp_path / "whole", disk))
    assert steps > 20
    full = error in (errno.ENOSPC, errno.EDQUOT)
    for step in range(steps):
        folder = tmp_path / f"{step}"
        folder.mkdir()
        written, errors = crawl(folder, FailingDisk(step, error, for_good=for_good))
        assert errors
        assert all(isinstance(each, DiskFull) == full for each in errors if "takes no more" not in str(each))
        recovered(folder)
        found = {}
        for path in folder.glob("*.warc.gz"):
            assert not [each for each in iter_records(path) if isinstance(each, Loss)]
            assert [each for each in verify_file(path) if each.severity == "error"] == []
            found[path.name] = [span.offset for span in iter_captures(path)]
        for each in written:
            assert each.ref.offset in found[each.ref.file], (
                f"step {step}: {each.ref} was written, and is gone"
            )


def test_a_full_disk_leaves_the_file_at_its_last_whole_record(tmp_path: Path) -> None:
    disk = FailingDisk(1 << 60)
    warc = writer(tmp_path, disk=disk)
    first = warc.write(exchange())
    disk._allowed = disk.calls + 1
    with pytest.raises(DiskFull, match="no space left on the disk"):
        warc.write(exchange())
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size == first.end
    assert warc.write(exchange()).ref.offset == first.end
    warc.close()


def test_a_file_whose_sync_failed_is_written_no_more(tmp_path: Path) -> None:
    disk = FailingDisk(1 << 60)
    warc = writer(tmp_path, disk=disk)
    first = warc.write(exchange())
    disk._allowed = disk.calls
    with pytest.raises(ArchiveError):
        warc.sync()
    assert warc.write(exchange()).ref.file > first.ref.file
    warc.close()
    assert {path.name for path in tmp_path.iterdir() if path.name.endswith(".open")} == {
        first.ref.file + ".open"
    }


def test_a_missing_directory_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    warc = writer(folder)
    folder.rmdir()
    with pytest.raises(ArchiveError, match=r"No such file or directory"):
        warc.write(exchange())


def test_a_response_file_that_is_too_short_leaves_nothing_behind(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        first = warc.write(exchange())
        with pytest.raises(ValueError, match="shorter than was said"):
            warc.write(exchange(response_length=5000))
        assert warc.write(exchange()).ref.offset == first.end
