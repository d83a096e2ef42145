"""`palmyra recompress`: fewer bytes, the same records, and an index that fits; stopped anywhere, old or new."""

import errno
import gzip
import io
import json
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
import zstandard
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import finish_swap
from archive.entries import CaptureRow, DocumentRow
from archive.errors import ArchiveError, DiskFull
from archive.moves import JOURNAL, finish_moves
from archive.recompress import recompress_file
from archive.replay.snapshots import Snapshots
from archive.warc.reader import iter_records
from archive.warc.records import Record
from tests.archive.warc_samples import FailingDisk, calls_of
from tests.site.collections import demo_exchanges, write_collection
from tests.site.command import palmyra


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("made") / "news", demo_exchanges())


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("few") / "news", demo_exchanges()[:12])


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
    few: Collection, tmp_path: Path, error: int, *, zstd: bool
) -> None:
    before = records(few)

    def act(collection: Collection, disk: FailingDisk) -> None:
        [path] = collection.warc_files()
        recompress_file(collection, path, zstd=zstd, disk=disk)

    steps = calls_of(lambda disk: act(copy_of(few, tmp_path / "all"), disk))  # type: ignore[arg-type]
    assert steps > 8
    for step in range(steps):
        collection = copy_of(few, tmp_path / str(step))
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


def bodies(collection: Collection) -> list[tuple[str, bytes]]:
    """What a browser is given of each capture."""
    found = []
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        for row in catalog.captures():
            with Snapshots(collection, catalog).resource(row).body as body:
                found.append((row.entry.url, body.read()))
    return found


def of_package(path: Path) -> list[tuple[str, bytes]]:
    """URL and block of every record that the index names, as warcio reads them."""
    found = []
    with zipfile.ZipFile(path) as package:
        for line in gzip.decompress(package.read("indexes/index.cdx.gz")).splitlines():
            fields = json.loads(line.split(b" ", 2)[2])
            warc = package.read(f"archive/{fields['filename']}")
            member = warc[int(fields["offset"]) :][: int(fields["length"])]
            record = next(iter(ArchiveIterator(io.BytesIO(member), no_record_parse=True)))
            found.append((record.rec_headers["WARC-Target-URI"], record.raw_stream.read()))
    return found


def test_zstandard_files_are_served_as_before(made: Collection, collection: Collection) -> None:
    assert palmyra("recompress", "--zstd", "--collection", collection.root).code == 0
    assert bodies(collection) == bodies(made)


def test_zstandard_files_are_exported_as_gzip(
    made: Collection, collection: Collection, tmp_path: Path
) -> None:
    assert palmyra("recompress", "--zstd", "--collection", collection.root).code == 0
    for name, each in (("before", made), ("after", collection)):
        result = palmyra("export", "wacz", tmp_path / f"{name}.wacz", "--collection", each.root)
        assert (result.code, result.error) == (0, "")
    assert palmyra("verify", tmp_path / "after.wacz").lines == ["Checked 1 file: all whole."]
    before, after = (of_package(tmp_path / f"{name}.wacz") for name in ("before", "after"))
    assert after == before
    assert len(after) == len(demo_exchanges())
    assert {path.name for path in tmp_path.iterdir()} == {"news", "before.wacz", "after.wacz"}


def test_an_arc_file_is_exported_as_warc(collection: Collection, tmp_path: Path) -> None:
    with gzip.open(collection.archive / "old.arc.gz", "wb") as file:
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>old"
        file.write(b"filedesc://old.arc 0.0.0.0 20080101000000 text/plain 8\n1 1 made\n")
        file.write(b"http://old.example/ 192.0.2.1 20080102000000 text/html %d\n" % len(body) + body + b"\n")
    (collection.archive / "old.warc.gz").write_bytes(collection.warc_files()[-1].read_bytes())
    assert palmyra("extract", "--collection", collection.root, "--quiet").code == 0
    assert palmyra("export", "wacz", tmp_path / "a.wacz", "--collection", collection.root).code == 0
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        assert {"archive/old.warc.gz", "archive/old.2.warc.gz"} < set(package.namelist())
        (tmp_path / "old.2.warc.gz").write_bytes(package.read("archive/old.2.warc.gz"))
    assert palmyra("verify", tmp_path / "old.2.warc.gz").code == 0
