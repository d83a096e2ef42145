"""`palmyra repair`: whole records are saved, the rest is kept aside, and what is derived fits again."""

import errno
import shutil
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import ArchiveError, DiskFull
from archive.repair import repair_collection
from archive.warc.mend import mend
from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Record
from archive.warc.verify import verify_file
from tests.archive.warc_samples import FailingDisk, calls_of, exchange, sample, uncompressed
from tests.site.collections import InlineExaminer, demo_exchanges, write_collection
from tests.site.command import palmyra

FILES = Path(__file__).parent / "warcs"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("whole") / "news", demo_exchanges())


@pytest.fixture
def collection(whole: Collection, tmp_path: Path) -> Collection:
    shutil.copytree(whole.root, tmp_path / "news")
    return Collection(tmp_path / "news")


def flip(path: Path, offset: int) -> bytes:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)
    return bytes(data)


def urls(collection: Collection) -> list[str]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return [row.entry.url for row in catalog.captures()]


def test_a_corrupt_capture_costs_itself_and_the_rest_is_whole(collection: Collection) -> None:
    before = urls(collection)
    [path] = collection.warc_files()
    span = list(iter_captures(path))[3]
    lost = read_capture(path, span.offset).record.target_uri
    damaged = flip(path, span.offset + 60)
    assert palmyra("verify", "--collection", collection.root).code == 1
    result = palmyra("repair", "--collection", collection.root)
    assert (result.code, result.error) == (0, "")
    assert urls(collection) == [url for url in before if url != lost]
    assert palmyra("verify", "--collection", collection.root).code == 0
    assert (collection.quarantine / path.name).read_bytes() == damaged
    assert palmyra("repair", "--collection", collection.root).lines == ["Nothing to mend: all whole."]


def test_a_torn_tail_is_cut_off_and_kept(collection: Collection) -> None:
    [path] = collection.warc_files()
    last = list(iter_captures(path))[-1]
    torn = path.read_bytes()[: last.offset + 30]
    path.write_bytes(torn)
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert path.read_bytes() == torn[: last.offset]
    assert (collection.quarantine / path.name).read_bytes() == torn


def test_an_open_file_is_closed(collection: Collection) -> None:
    [path] = collection.warc_files()
    path.rename(path.with_name(path.name + ".open"))
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert collection.warc_files() == [path]


@pytest.mark.parametrize("name", ["catalog.sqlite", "indexes/index.cdxj", "documents/00000"])
def test_what_is_derived_and_missing_is_derived_again(collection: Collection, name: str) -> None:
    documents = {path.name: path.read_bytes() for path in collection.documents.rglob("*.txt")}
    index = collection.index_path.read_bytes()
    missing = collection.root / name
    shutil.rmtree(missing) if missing.is_dir() else missing.unlink()
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert {path.name: path.read_bytes() for path in collection.documents.rglob("*.txt")} == documents
    assert collection.index_path.read_bytes() == index


def test_changed_and_strange_documents_are_kept_aside(collection: Collection) -> None:
    changed = min(collection.documents.rglob("*.txt"))
    text = changed.read_bytes()
    changed.write_bytes(b"something else")
    strange = collection.documents / "00000" / "mine.txt"
    strange.write_bytes(b"mine")
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert changed.read_bytes() == text
    aside = collection.quarantine / "documents" / "00000"
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == {
        changed.name: b"something else",
        "mine.txt": b"mine",
    }


def test_a_damaged_catalog_is_kept_aside(collection: Collection) -> None:
    collection.catalog_path.write_bytes(b"no database at all" * 100)
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert len(list(collection.quarantine.glob("catalog.sqlite.*"))) == 1
    assert palmyra("verify", "--collection", collection.root).code == 0


def test_what_cannot_be_mended_is_said(collection: Collection) -> None:
    shutil.copy(FILES / "example-wget-bad-target-uri.warc.gz", collection.archive / "wget.warc.gz")
    result = palmyra("repair", "--collection", collection.root)
    assert result.code == 1
    assert any("wget.warc.gz" in line and line.startswith("remains: error") for line in result.lines)
    [found] = palmyra("repair", "--collection", collection.root, "--json").json()
    assert found["mended"] == []
    assert found["remaining"]


def test_a_killed_repair_is_finished_by_the_next(collection: Collection, whole: Collection) -> None:
    [path] = collection.warc_files()
    flip(path, next(iter_captures(path)).offset + 40)
    mend(path, collection.quarantine)  # and then the power went
    assert len(collection.warc_files()) == 1
    with collection.lock():
        repaired = repair_collection(collection, InlineExaminer())
    assert repaired.remaining == ()
    assert repaired.captures == len(urls(whole)) - 1


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_stopped_at_any_step_nothing_is_lost(tmp_path: Path, error: int) -> None:
    path = sample(tmp_path, exchange(), exchange("http://example.com/b"))
    damaged = flip(path, next(iter_captures(path)).offset + 40)
    other = tmp_path / "other" / path.name
    other.parent.mkdir()
    other.write_bytes(damaged)
    steps = calls_of(lambda disk: mend(other, tmp_path / "aside", disk))
    for step in range(steps):
        with pytest.raises(DiskFull if error == errno.ENOSPC else ArchiveError):
            mend(path, tmp_path / "quarantine", FailingDisk(step, error))
        assert damaged in {each.read_bytes() for each in [path, *(tmp_path / "quarantine").glob("*")]}
        assert path.exists()
        if path.read_bytes() != damaged:
            path.write_bytes(damaged)
    mended = mend(path, tmp_path / "quarantine")
    assert mended.path == path
    assert list(verify_file(path)) == []


def test_a_plain_file_becomes_a_compressed_one(tmp_path: Path) -> None:
    compressed = sample(tmp_path)
    path = uncompressed(compressed)
    compressed.unlink()
    path.write_bytes(path.read_bytes()[:-50])
    mended = mend(path, tmp_path / "quarantine")
    assert mended.path == path.with_name(path.name + ".gz")
    assert not path.exists()
    assert mended.damaged.exists()


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir() if path.suffix != ".md"))
def test_files_of_others_are_salvaged_beside_them(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    shutil.copy(FILES / name, source)
    before = source.read_bytes()
    result = palmyra("repair", source)
    assert "Traceback" not in result.error
    [salvaged] = [path for path in tmp_path.iterdir() if path != source]
    assert source.read_bytes() == before
    blocks = [each.block.read() for each in iter_records(source) if isinstance(each, Record)]
    kept = [each.block.read() for each in iter_records(salvaged) if isinstance(each, Record)]
    assert kept == blocks
    assert not [f for f in verify_file(salvaged) if f.code in ("damaged", "shared-member", "no-record")]


def test_what_holds_no_record_salvages_nothing(tmp_path: Path) -> None:
    path = tmp_path / "nothing.warc.gz"
    path.write_bytes(b"no record at all\n" * 50)
    assert palmyra("repair", path).code == 1
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_missing_files_and_wrong_use_are_one_line(tmp_path: Path) -> None:
    result = palmyra("repair", tmp_path / "none.warc.gz")
    assert (result.code, result.error.count("\n")) == (1, 1)
    assert palmyra("repair", "--output", tmp_path).code == 2
