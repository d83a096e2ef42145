"""A collection with one thing wrong, whatever it is: `palmyra verify` names it, and finds nothing wrong before."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.conversion import write_conversions
from archive.document import document_name
from archive.outcome import Article
from archive.verify import verify_collection
from tests.archive.made_collection import Answer, make_collection
from tests.site.command import palmyra

FIRST = Article("First\n\nAll that was said.", "First", authors=("Ada",))
SECOND = Article("Second\n\nAnd what was not.", "Second")
ANSWERS = (
    Answer("https://n.example/1", b"<p>1", article=FIRST),
    Answer("https://n.example/2", b"<p>2", hours=1, article=SECOND),
    Answer("https://n.example/1", b"<p>1", hours=4, revisit_of=0),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Two WARC files, a revisit in the second of what is in the first, conversion records, and a former extraction."""
    collection = make_collection(tmp_path_factory.mktemp("whole") / "news", ANSWERS, a_file=2)
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        rows = list(catalog.documents())
    write_conversions(collection, rows)
    text = b"First\n\nWhat was said."
    folder = collection.former / "0001-trafilatura-1"
    name, digest = document_name(0, text.decode()), hashlib.sha256(text).hexdigest()
    (folder / "documents" / name).parent.mkdir(parents=True)
    (folder / "documents" / name).write_bytes(text)
    former = {"name": name, "text_digest": digest, "record_id": "a", "final_url": "b"}
    (folder / "changes.jsonl").write_text(
        json.dumps({"kind": "text", "former": former, "present": former}) + "\n"
    )
    counts = {"text": 1, "metadata": 0, "gone": 0, "new": 0, "same": 1}
    (folder / "extraction.json").write_text(
        json.dumps({"former": ["t 1"], "present": "t 2", "counts": counts})
    )
    apsw.Connection(str(collection.state_path)).execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    return collection


@pytest.fixture
def collection(whole: Collection, tmp_path: Path) -> Collection:
    shutil.copytree(whole.root, tmp_path / "news")
    return Collection(tmp_path / "news")


def codes(collection: Collection, severity: str = "error") -> set[str]:
    return {finding.code for finding in verify_collection(collection) if finding.severity == severity}


def test_with_nothing_wrong_nothing_is_found(whole: Collection) -> None:
    assert list(verify_collection(whole)) == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM warcs",
        "UPDATE warcs SET derived = 1",
        "UPDATE captures SET id = id + 1 WHERE id = 2",
        "UPDATE captures SET key = 'example)/'",
        "UPDATE captures SET document = NULL WHERE id = 0",
        "UPDATE captures SET document = 7 WHERE id = 2",
        "UPDATE documents SET id = 9 WHERE id = 1",
        "UPDATE documents SET capture = 1 WHERE id = 0",
        "UPDATE documents SET final_url = 'https://n.example/3'",
        "UPDATE documents SET file = 'other.warc.gz'",
        "UPDATE documents SET offset = offset + 1",
        "UPDATE documents SET record_id = 'urn:uuid:1'",
        "UPDATE documents SET payload_digest = NULL",
        "DELETE FROM documents WHERE id = 1",
        "DELETE FROM search WHERE rowid = 0",
        "INSERT INTO search (rowid, title, text) VALUES (5, 'a', 'b')",
        "DELETE FROM articles WHERE document = 1",
        "UPDATE articles SET article = 5",
        "DELETE FROM likeness",
        "UPDATE likeness SET cluster = 1 WHERE document = 0",
        "DELETE FROM addresses",
        "INSERT INTO addresses VALUES ('example,n)/3', 8)",
        "INSERT INTO bands VALUES (1, 8)",
    ],
)  # fmt: skip
def test_tables_that_disagree(collection: Collection, change: str) -> None:
    database = apsw.Connection(str(collection.catalog_path))
    database.execute(change)
    database.close()
    assert "catalog-inconsistent" in codes(collection)


@pytest.mark.parametrize("table", ["captures", "documents"])
def test_every_column_that_a_record_or_a_file_tells_of(whole: Collection, tmp_path: Path, table: str) -> None:
    known = {
        "captures": "url date type status mime payload_digest file offset length record_id truncated profile "
        "refers_to_url refers_to_date via hops source listed listed_title kind rights refers_to_id",
        "documents": "name file offset record_id date payload_digest text_digest characters authors tags sources",
    }
    missed = []
    for column in known[table].split():
        shutil.copytree(whole.root, tmp_path / column)
        changed = Collection(tmp_path / column)
        database = apsw.Connection(str(changed.catalog_path))
        value = f"{column} || '9'" if column in ("file", "record_id") else "'9'"
        numbers = ("status", "offset", "length", "characters")
        database.execute(f"UPDATE {table} SET {column} = {7 if column in numbers else value} WHERE id = 0")
        database.close()
        if not codes(changed):
            missed.append(column)
    assert missed == []


def test_a_damaged_page_of_the_catalog(collection: Collection) -> None:
    data = bytearray(collection.catalog_path.read_bytes())
    data[-2000:-1900] = bytes(range(100))
    data[4096 * 5 : 4096 * 5 + 40] = b"\xff" * 40
    collection.catalog_path.write_bytes(data)
    assert "catalog-damaged" in codes(collection)


def test_a_catalog_of_another_schema_is_derived_again(collection: Collection) -> None:
    database = apsw.Connection(str(collection.catalog_path))
    database.execute("ALTER TABLE documents RENAME COLUMN capture TO captured")
    database.close()
    assert "catalog-damaged" in codes(collection)
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert codes(collection) == set()


def test_a_damaged_state_file(collection: Collection) -> None:
    data = bytearray(collection.state_path.read_bytes())
    data[100:140] = b"\xff" * 40
    collection.state_path.write_bytes(data)
    assert codes(collection) == {"state-damaged"}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap_lines(path: Path) -> None:
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([second, first, *rest]))


def drop_a_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def double_a_line(path: Path) -> None:
    first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([first, first, *rest]))


def replaced(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new, 1))

    return change


def renamed(path: Path) -> None:
    path.rename(path.with_name("other" + path.name))


INDEX, CATALOG = "indexes/index.cdxj", "catalog.sqlite"
WARC, DOCUMENT = "archive/*.warc.gz", "documents/*/*.txt"
FORMER, DERIVED = "former/*", "derived/*.warc.gz"


@pytest.mark.parametrize(
    ("pattern", "change", "code"),
    [
        (WARC, cut, "damaged"),
        (WARC, flip, "damaged"),
        (WARC, renamed, "no-such-capture"),
        (WARC, renamed, "not-in-catalog"),
        (WARC, Path.unlink, "no-such-capture"),
        (INDEX, swap_lines, "index-unsorted"),
        (INDEX, drop_a_line, "index-line-missing"),
        (INDEX, double_a_line, "index-line-unknown"),
        (INDEX, replaced(b'"length": "', b'"length": "1'), "index-line-unknown"),
        (INDEX, replaced(b'"offset": "', b'"offset": "1'), "index-line-missing"),
        (INDEX, replaced(b'"digest": "', b'"digest": "A'), "index-line-unknown"),
        (INDEX, replaced(b'"status": "200"', b'"status": "404"'), "index-line-unknown"),
        (INDEX, replaced(b" 2026", b" 2025"), "index-line-unknown"),
        (INDEX, replaced(b"-host.warc.gz", b"-hist.warc.gz"), "index-line-unknown"),
        (INDEX, cut, "index-line-unknown"),
        (INDEX, Path.unlink, "index-missing"),
        (DOCUMENT, replaced(b"said", b"Said"), "document-changed"),
        (DOCUMENT, cut, "document-changed"),
        (DOCUMENT, renamed, "document-missing"),
        (DOCUMENT, renamed, "document-unknown"),
        (DOCUMENT, Path.unlink, "document-missing"),
        (DERIVED, flip, "damaged"),
        (DERIVED, cut, "damaged"),
        (f"{FORMER}/documents/*/*.txt", flip, "former-changed"),
        (f"{FORMER}/documents/*/*.txt", renamed, "former-unknown"),
        (f"{FORMER}/changes.jsonl", drop_a_line, "former-damaged"),
        (f"{FORMER}/changes.jsonl", cut, "former-damaged"),
        (f"{FORMER}/changes.jsonl", Path.unlink, "former-damaged"),
        (f"{FORMER}/extraction.json", cut, "former-damaged"),
        (f"{FORMER}/extraction.json", replaced(b'"text": 1', b'"text": 2'), "former-damaged"),
        (CATALOG, Path.unlink, "catalog-missing"),
        (CATALOG, lambda path: path.write_bytes(b"no database"), "catalog-damaged"),
    ],
)  # fmt: skip
def test_files_that_are_not_what_they_were(
    collection: Collection, pattern: str, change: Callable[[Path], None], code: str
) -> None:
    change(min(collection.root.glob(pattern)))
    assert code in codes(collection)


def test_a_conversion_record_without_its_source(collection: Collection) -> None:
    max(collection.archive.iterdir()).unlink()
    min(collection.archive.iterdir()).unlink()
    found = [finding for finding in verify_collection(collection) if finding.code == "dangling"]
    assert {finding.file.parent.name for finding in found} == {"derived"}


def test_a_revisit_without_its_original(collection: Collection) -> None:
    min(collection.archive.iterdir()).unlink()
    assert palmyra("extract", "--collection", collection.root, "--quiet").code == 0
    [found] = [each for each in verify_collection(collection) if each.code == "revisit-unresolved"]
    assert found.severity == "warning"
    assert found.file == collection.warc_files()[0]


def test_a_revisit_of_another_payload(collection: Collection) -> None:
    database = apsw.Connection(str(collection.catalog_path))
    database.execute(
        "UPDATE captures SET payload_digest = 'sha1:' || substr(payload_digest, 7) || 'A' WHERE id = 0"
    )
    database.close()
    assert "revisit-differs" in codes(collection)


def test_what_nothing_reads_is_said(collection: Collection) -> None:
    (collection.archive / "notes.txt").write_text("mine")
    assert codes(collection) == set()
    assert codes(collection, "warning") == {"strange-file"}


def test_repair_takes_away_what_is_derived_and_wrong(collection: Collection) -> None:
    database = apsw.Connection(str(collection.catalog_path))
    database.execute("UPDATE captures SET kind = 'no kind at all' WHERE id = 0")
    database.execute("DELETE FROM search WHERE rowid = 0")
    database.close()
    assert palmyra("repair", "--collection", collection.root).code == 0
    assert palmyra("verify", "--collection", collection.root, "--quiet").code == 0
