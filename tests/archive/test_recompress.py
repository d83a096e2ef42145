"""`palmyra recompress`: fewer bytes, the same records, and an index that fits; stopped anywhere, old or new."""

import errno
import shutil
import struct
from pathlib import Path

import pytest
import zstandard

from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import finish_swap
from archive.entries import CaptureRow, DocumentRow
from archive.errors import ArchiveError, DiskFull
from archive.moves import JOURNAL, finish_moves
from archive.recompress import recompress_file
from archive.warc.reader import iter_records
from archive.warc.records import Record
from tests.archive.warc_samples import FailingDisk, calls_of
from tests.site.collections import demo_exchanges, write_collection
from tests.site.command import palmyra


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("made") / "news", demo_exchanges())


@pytest.fixture
def collection(made: Collection, tmp_path: Path) -> Collection:
    return copy_of(made, tmp_path / "news")


def copy_of(made: Collection, root: Path) -> Collection:
    shutil.copytree(made.root, root)
    return Collection(root)


def records(collection: Collection) -> list[tuple[bytes, bytes]]:
    found = (each for path in collection.warc_files() for each in iter_records(path))
    return [(each.head, each.block.read()) for each in found if isinstance(each, Record)]


def rows(collection: Collection) -> tuple[list[CaptureRow], list[DocumentRow]]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return list(catalog.captures()), list(catalog.documents())


def sizes(collection: Collection) -> int:
    return sum(path.stat().st_size for path in collection.warc_files())


@pytest.mark.parametrize("flags", [[], ["--zstd"]], ids=["gzip", "zstd"])
def test_fewer_bytes_say_the_same(collection: Collection, flags: list[str]) -> None:
    before, size = records(collection), sizes(collection)
    result = palmyra("recompress", *flags, "--collection", collection.root)
    assert (result.code, result.error) == (0, "")
    assert records(collection) == before
    assert sizes(collection) < size
    assert palmyra("verify", "--collection", collection.root).code == 0
    known = rows(collection), collection.index_path.read_bytes()
    assert palmyra("extract", "--collection", collection.root, "--quiet").code == 0
    assert (rows(collection), collection.index_path.read_bytes()) == known
    assert palmyra("show", 0, "--html", "--collection", collection.root).code == 0


def test_a_second_time_there_is_nothing_to_do(collection: Collection) -> None:
    palmyra("recompress", "--collection", collection.root)
    before = [path.read_bytes() for path in collection.warc_files()]
    [result] = palmyra("recompress", "--json", "--collection", collection.root).json()
    assert result["why"] == "recompressed already"
    assert [path.read_bytes() for path in collection.warc_files()] == before


def test_zstandard_files_are_as_the_draft_says(collection: Collection) -> None:
    content = [head + block + b"\r\n\r\n" for head, block in records(collection)]
    palmyra("recompress", "--zstd", "--collection", collection.root)
    [path] = collection.warc_files()
    assert path.name.endswith(".warc.zst")
    data = path.read_bytes()
    magic, length = struct.unpack_from("<II", data)
    assert magic == 0x184D2A5D
    dictionary = zstandard.ZstdDecompressor().decompress(data[8 : 8 + length], 1 << 20)
    reader = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(dictionary))
    at, found = 8 + length, []
    while at < len(data):
        frame = reader.decompressobj()
        found.append(frame.decompress(data[at:]))
        at = len(data) - len(frame.unused_data)
    assert found == content


def test_a_damaged_file_is_told_and_left(collection: Collection) -> None:
    [path] = collection.warc_files()
    damaged = path.read_bytes()[:-9]
    path.write_bytes(damaged)
    result = palmyra("recompress", "--collection", collection.root)
    assert result.code == 1
    assert "repair the file first" in result.error
    assert path.read_bytes() == damaged
    assert list(collection.archive.iterdir()) == [path]


@pytest.mark.parametrize("zstd", [False, True], ids=["gzip", "zstd"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_stopped_at_any_step_the_next_start_finds_one_that_fits(
    made: Collection, tmp_path: Path, error: int, *, zstd: bool
) -> None:
    before = records(made)

    def act(collection: Collection, disk: FailingDisk) -> None:
        [path] = collection.warc_files()
        recompress_file(collection, path, zstd=zstd, disk=disk)

    steps = calls_of(lambda disk: act(copy_of(made, tmp_path / "all"), disk))  # type: ignore[arg-type]
    assert steps > 8
    for step in range(steps):
        collection = copy_of(made, tmp_path / str(step))
        with pytest.raises(DiskFull if error == errno.ENOSPC else ArchiveError):
            act(collection, FailingDisk(step, error, for_good=True))
        finish_swap(collection)
        assert records(collection) == before
        with Catalog.open(collection.catalog_path) as catalog:
            [size] = catalog.derived_files().values()
        [path] = collection.warc_files()
        assert size == path.stat().st_size
        assert not (collection.root / JOURNAL).exists()
        assert {each["code"] for each in palmyra("verify", "--json", "-c", collection.root).json()} <= {
            "index-line-unknown",
            "index-line-missing",
        }
        shutil.rmtree(collection.root)


def test_told_twice_the_catalog_stays_as_it_is(collection: Collection, tmp_path: Path) -> None:
    [path] = collection.warc_files()
    recompress_file(collection, path)
    once = rows(collection)
    finish_moves(collection)
    assert rows(collection) == once
