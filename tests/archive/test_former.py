"""Keeping what another extractor made: what is kept, what is not, and a process that dies over it."""

from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path

import apsw
import pytest

from archive.collection import Collection
from archive.derive import COMPLETE, STAGING, derive_again, finish_swap
from archive.entries import Examination
from archive.former import Change, Kind, extractions
from tests.site.collections import InlineExaminer, article_exchanges, write_collection

FIRST_CAPTURE = 1_000
"""Bytes: no second capture begins before."""
ROW = {
    "text_digest": "a",
    "title": "T",
    "authors": ["A"],
    "record_id": "urn:1",
    "final_url": "http://a.example/",
}


class Dying(InlineExaminer):
    """Fails at the second capture."""

    def submit(self, path: Path, offset: int) -> "Future[Examination]":
        if offset > FIRST_CAPTURE:
            raise InterruptedError
        return super().submit(path, offset)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """A collection of three documents, as another extractor left it: one text differs from what is derived now."""
    made = write_collection(tmp_path / "news", article_exchanges()[:3])
    database = apsw.Connection(str(made.catalog_path))
    [(name,)] = database.execute("SELECT name FROM documents WHERE id = 1")
    other = b"Another title\n\nAnother text."
    (made.documents / name).write_bytes(other)
    database.execute("UPDATE documents SET text_digest = ? WHERE id = 1", (sha256(other).hexdigest(),))
    database.execute("UPDATE documents SET extractor_version = '0'")
    database.close()
    return made


@pytest.mark.parametrize(
    ("former", "present", "kind"),
    [
        (ROW, ROW, Kind.SAME),
        (ROW, ROW | {"text_digest": "b", "title": "U"}, Kind.TEXT),
        (ROW, ROW | {"authors": []}, Kind.METADATA),
        (ROW, ROW | {"id": 7, "extractor_version": "2"}, Kind.SAME),
        (ROW, ROW | {"a column of another schema": 1}, Kind.SAME),
        (ROW, None, Kind.GONE),
        (None, ROW, Kind.NEW),
    ],
)
def test_kinds_of_change(
    former: dict[str, object] | None, present: dict[str, object] | None, kind: Kind
) -> None:
    change = Change.of(former, present)
    assert (change.kind, change.record, change.url) == (kind, "urn:1", "http://a.example/")


def test_the_former_text_is_kept_with_its_row(collection: Collection) -> None:
    derive_again(collection, InlineExaminer())
    [extraction] = extractions(collection)
    assert extraction.former == ("palmyra 0",)
    assert extraction.counts == {Kind.TEXT: 1, Kind.METADATA: 0, Kind.GONE: 0, Kind.NEW: 0, Kind.SAME: 2}
    [change] = extraction.changes()
    assert extraction.text(change) == "Another title\n\nAnother text."
    assert change.former is not None
    assert change.present is not None
    assert change.former["record_id"] == change.present["record_id"]
    assert isinstance(change.former["authors"], list)


def test_a_text_that_was_altered_is_not_kept_as_the_former_one(collection: Collection) -> None:
    [path] = (collection.documents / "00000").glob("001_*.txt")
    path.write_text("altered")
    derive_again(collection, InlineExaminer())
    [extraction] = extractions(collection)
    [change] = extraction.changes()
    assert extraction.text(change) is None


def test_a_catalog_of_an_older_schema_is_read_as_far_as_it_goes(collection: Collection) -> None:
    database = apsw.Connection(str(collection.catalog_path))
    for table in ("articles", "addresses", "likeness", "bands"):
        database.execute(f"DROP TABLE {table}")
    database.execute("ALTER TABLE documents DROP COLUMN section")
    database.pragma("user_version", 1)
    database.close()
    derive_again(collection, InlineExaminer())
    assert extractions(collection)[0].counts[Kind.TEXT] == 1


def test_what_is_kept_comes_with_the_swap_or_not_at_all(collection: Collection) -> None:
    with pytest.raises(InterruptedError):
        derive_again(collection, Dying())
    finish_swap(collection)
    assert not collection.former.exists()
    staged = collection.root / STAGING
    (staged / "former" / "0001-a").mkdir(parents=True)
    (staged / "former" / "0002-b").mkdir()
    collection.former.mkdir()
    (staged / "former" / "0001-a").rename(
        collection.former / "0001-a"
    )  # as far as a process that died had come
    (staged / COMPLETE).touch()
    finish_swap(collection)
    assert [path.name for path in sorted(collection.former.iterdir())] == ["0001-a", "0002-b"]
    assert not staged.exists()


def test_texts_of_records_that_are_gone_are_kept_in_quarantine(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "news", article_exchanges())
    derive_again(collection, InlineExaminer())
    texts = {path.name: path.read_bytes() for path in collection.documents.rglob("*.txt")}
    [archive] = collection.warc_files()
    archive.rename(tmp_path / archive.name)
    lost: list[Path] = []
    derive_again(collection, InlineExaminer(), lost=lost.append)
    assert list(collection.documents.rglob("*.txt")) == []
    assert {path.name: path.read_bytes() for path in lost} == texts
    assert all(path.is_relative_to(collection.quarantine / "documents") for path in lost)
