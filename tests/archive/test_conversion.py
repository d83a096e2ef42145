"""Conversion records: each document once, in WARC files of their own, outside the index."""

from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.conversion import conversion, write_conversions
from archive.entries import DocumentRow
from archive.errors import CaptureNotFound
from archive.warc.reader import iter_records
from archive.warc.records import Record
from archive.warc.verify import verify_files
from tests.site.collections import article_exchanges, write_collection
from tests.site.command import palmyra


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return write_collection(tmp_path / "news", article_exchanges()[:3])


def documents(collection: Collection) -> list[DocumentRow]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return list(catalog.documents())


def records(*paths: Path) -> list[Record]:
    found = [each for path in paths for each in iter_records(path) if isinstance(each, Record)]
    return [each for each in found if each.type == "conversion"]


def test_extract_writes_each_document_once_however_often(collection: Collection) -> None:
    for _ in range(2):
        result = palmyra("extract", "--conversion-records", "--collection", collection.root, "--quiet")
        assert result.code == 0, result.error
    [path] = (collection.root / "derived").iterdir()
    rows = documents(collection)
    assert [each.block.read().decode() for each in records(path)] == [
        collection.document_text(row) for row in rows
    ]
    for record, row in zip(records(path), rows, strict=True):
        assert record.target_uri == row.final_url
        assert record.get("WARC-Refers-To") == f"<{row.ref.record_id}>"
        assert record.date == row.date
        assert record.media_type == "text/plain"


def test_they_are_valid_beside_what_they_were_made_from_and_in_no_index(collection: Collection) -> None:
    index = collection.index_path.read_bytes()
    paths = write_conversions(collection, documents(collection))
    assert list(verify_files([*collection.warc_files(), *paths])) == []
    assert palmyra("verify", "--collection", collection.root).code == 0
    assert collection.index_path.read_bytes() == index
    assert not set(paths) & set(collection.warc_files())


def test_the_same_document_gives_the_same_record(collection: Collection) -> None:
    [row, *_] = documents(collection)
    text = collection.document_text(row)
    once, twice = (b"".join(conversion(row, text, "urn:uuid:1").chunks()) for _ in range(2))
    assert once == twice


def test_large_ones_go_on_in_another_file(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.conversion.MAX_BYTES", 1)
    paths = write_conversions(collection, documents(collection))
    assert len(set(paths)) == 3
    assert len(records(*paths)) == 3


def test_a_missing_document_leaves_no_half_file(collection: Collection) -> None:
    rows = documents(collection)
    (collection.documents / rows[1].name).unlink()
    with pytest.raises(CaptureNotFound):
        write_conversions(collection, rows)
    assert list((collection.root / "derived").iterdir()) == []
