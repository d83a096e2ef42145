"""`palmyra import`: what others wrote becomes part of a collection, byte for byte, behind what is there."""

import gzip
import re
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from archive.capture import Discovery, Exchange
from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import CaptureRow, DocumentRow
from archive.replay.snapshots import Snapshots
from archive.warc.fields import serialise_fields
from archive.warc.reader import iter_records, read_record
from archive.warc.records import Record
from tests.archive.made_collection import Answer, make_collection
from tests.archive.stored import response, store
from tests.archive.warc_samples import members
from tests.site.collections import BASE, FIRST_CAPTURE, article_exchanges, demo_exchanges, write_collection
from tests.site.command import palmyra

FILES = Path(__file__).parent / "warcs"
NAMES = sorted(path.name for path in FILES.iterdir() if path.suffix != ".md")
ARTICLES = len(article_exchanges())


def rows(collection: Collection) -> tuple[list[CaptureRow], list[DocumentRow]]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return list(catalog.captures()), list(catalog.documents())


def derived(collection: Collection) -> dict[str, bytes]:
    files = [collection.index_path, *collection.documents.rglob("*.txt")]
    return {str(path.relative_to(collection.root)): path.read_bytes() for path in files}


def blocks(path: Path) -> list[tuple[bytes, bytes]]:
    return [(each.head, each.block.read()) for each in iter_records(path) if isinstance(each, Record)]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file of all of the demo's articles, of another collection."""
    collection = write_collection(tmp_path_factory.mktemp("others") / "news", article_exchanges())
    [path] = collection.warc_files()
    return path


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """A collection with the demo's first two articles."""
    return write_collection(tmp_path / "news", demo_articles(2))


def demo_articles(count: int) -> list[Exchange]:
    return article_exchanges()[:count]


def test_documents_that_are_there_keep_their_numbers(collection: Collection, others: Path) -> None:
    before = derived(collection)
    result = palmyra("import", others, "--collection", collection.root)
    assert (result.code, result.error) == (0, "")
    after = derived(collection)
    kept = {name: data for name, data in before.items() if name.endswith(".txt")}
    assert kept.items() <= after.items()
    _, documents = rows(collection)
    assert [row.id for row in documents] == list(range(ARTICLES))
    assert palmyra("verify", "--collection", collection.root).code == 0


def test_derived_again_it_is_the_same(collection: Collection, others: Path) -> None:
    palmyra("import", others, FILES / "example.arc", "--collection", collection.root)
    known, files = rows(collection), derived(collection)
    assert palmyra("extract", "--collection", collection.root, "--quiet").code == 0
    assert (rows(collection), derived(collection)) == (known, files)


def test_members_and_provenance_are_kept(collection: Collection, others: Path) -> None:
    palmyra("import", others, "--collection", collection.root)
    imported = collection.warc_files()[-1]
    assert imported.name.startswith("import-")
    assert imported.name.endswith(f"-{others.name}")
    data = imported.read_bytes()
    (_, _), (second, _), *_ = members(data)
    assert data[second:] == others.read_bytes()
    info = read_record(imported, 0).block.read().decode()
    assert f"palmyra-imported-file: {others.name}\r\n" in info


@pytest.mark.parametrize("name", NAMES)
def test_every_record_of_any_writer_is_kept_byte_for_byte(tmp_path: Path, name: str) -> None:
    result = palmyra("import", FILES / name, "--collection", tmp_path / "news")
    is_damaged = "lost at byte" in result.out.decode()
    assert (result.code, "is damaged: " in result.error) == (int(is_damaged), is_damaged)
    collection = Collection(tmp_path / "news")
    [imported] = collection.warc_files()
    (_, *kept), given = blocks(imported), blocks(FILES / name)
    assert [block for _, block in kept] == [block for _, block in given]
    if not name.endswith((".arc", ".arc.gz")):
        for (head, _), (had, _) in zip(kept, given, strict=True):
            assert head.startswith(had.rstrip(b"\r\n"))
    assert len(list(members(imported.read_bytes()))) == len(given) + 1
    findings = palmyra("verify", "--collection", collection.root, "--json").json()
    structural = {"damaged", "shared-member", "no-record", "record-end", "not-in-catalog", "catalog-differs"}
    assert structural.isdisjoint(each["code"] for each in findings)


def test_records_without_an_id_get_one(tmp_path: Path) -> None:
    ids = []
    for turn in "ab":
        palmyra("import", FILES / "link-extraction-test.warc", "--collection", tmp_path / turn)
        captures, _ = rows(Collection(tmp_path / turn))
        ids.append([row.entry.ref.record_id for row in captures])
    assert len(set(ids[0])) == len(ids[0]) > 0
    assert ids[0] == ids[1]


@pytest.mark.parametrize("again", ["the same file", "uncompressed", "renamed", "in a WACZ"])
def test_a_second_import_is_noticed(collection: Collection, others: Path, tmp_path: Path, again: str) -> None:
    palmyra("import", others, "--collection", collection.root)
    before = rows(collection), [path.name for path in collection.warc_files()]
    if again == "the same file":
        source = others
    elif again == "uncompressed":
        source = tmp_path / "plain.warc"
        source.write_bytes(gzip.decompress(others.read_bytes()))
    elif again == "renamed":
        source = shutil.copy(others, tmp_path / "other.warc.gz")
    else:
        source = tmp_path / "again.wacz"
        with zipfile.ZipFile(source, "w") as archive:
            archive.write(others, "archive/data.warc.gz")
    result = palmyra("import", source, "--collection", collection.root)
    assert result.code == 0
    assert "there already" in result.out.decode()
    assert (rows(collection), [path.name for path in collection.warc_files()]) == before


def test_what_the_collection_wrote_itself_is_noticed(collection: Collection, tmp_path: Path) -> None:
    assert palmyra("export", "wacz", tmp_path / "own.wacz", "--collection", collection.root).code == 0
    result = palmyra("import", tmp_path / "own.wacz", "--collection", collection.root)
    assert "there already" in result.out.decode()
    assert len(collection.warc_files()) == 1


def test_a_wacz_gives_its_documents(tmp_path: Path) -> None:
    source = write_collection(tmp_path / "source", demo_exchanges())
    assert palmyra("export", "wacz", tmp_path / "news.wacz", "--collection", source.root).code == 0
    assert palmyra("import", tmp_path / "news.wacz", "--collection", tmp_path / "news").code == 0
    taken = Collection(tmp_path / "news")
    assert {path.name for path in taken.documents.rglob("*.txt")} == {
        path.name for path in source.documents.rglob("*.txt")
    }
    assert [path.name for path in taken.root.iterdir() if path.name.startswith(".import")] == []


def revisit(target: Path, *fields: tuple[str, str]) -> Path:
    """A WARC file of one revisit record, as another crawler might write it."""
    head = (
        ("WARC-Type", "revisit"),
        ("WARC-Record-ID", "<urn:uuid:11111111-1111-4111-8111-111111111111>"),
        ("WARC-Date", f"{FIRST_CAPTURE + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"),
        ("Content-Length", "0"),
        *fields,
    )
    target.write_bytes(b"WARC/1.0\r\n" + serialise_fields(head) + b"\r\n\r\n\r\n")
    return target


UNCHANGED = ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/server-not-modified")


@pytest.mark.parametrize("by", ["second", "record id", "digest", "order"])
def test_a_revisit_finds_its_original_by_whatever_it_says(
    collection: Collection, tmp_path: Path, by: str
) -> None:
    captures, documents = rows(collection)
    original = captures[0].entry
    said = {
        "second": [
            ("WARC-Refers-To-Target-URI", original.url),
            ("WARC-Refers-To-Date", f"{original.date:%Y-%m-%dT%H:%M:%SZ}"),
        ],
        "record id": [("WARC-Refers-To", f"<{original.ref.record_id}>")],
        "digest": [("WARC-Payload-Digest", str(original.payload_digest))],
        "order": [],
    }[by]
    url = original.url if by == "order" else f"{BASE}/elsewhere"
    source = revisit(tmp_path / "r.warc", ("WARC-Target-URI", url), UNCHANGED, *said)
    assert palmyra("import", source, "--collection", collection.root).code == 0
    row = rows(collection)[0][-1]
    assert (row.entry.type, row.kind, row.document) == ("revisit", captures[0].kind, documents[0].id)
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        resource = Snapshots(collection, catalog).resource(row)
        with resource.body:
            assert resource.status == 200
            assert documents[0].article.title.encode() in resource.body.read()


def test_fractions_that_a_reference_lacks_do_not_matter(tmp_path: Path) -> None:
    page = demo_articles(1)[0]
    late = Exchange(
        page.url, page.request, page.response, page.response_length,
        FIRST_CAPTURE + timedelta(microseconds=654_321), discovery=Discovery(),
    )  # fmt: skip
    collection = write_collection(tmp_path / "news", [late])
    source = revisit(
        tmp_path / "r.warc",
        ("WARC-Target-URI", page.url),
        UNCHANGED,
        ("WARC-Refers-To-Target-URI", page.url),
        ("WARC-Refers-To-Date", f"{FIRST_CAPTURE:%Y-%m-%dT%H:%M:%SZ}"),
    )
    assert palmyra("import", source, "--collection", collection.root).code == 0
    assert rows(collection)[0][-1].document == 0


def test_one_bad_file_costs_itself(collection: Collection, others: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.warc.gz"
    empty.write_bytes(b"")
    noise = tmp_path / "noise.warc"
    noise.write_bytes(bytes(range(256)) * 20)
    packed = tmp_path / "packed.wacz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.txt", "no archive")
    missing = tmp_path / "missing.warc"
    result = palmyra("import", empty, noise, packed, missing, others, "--collection", collection.root)
    assert result.code == 1
    assert result.error.count("\n") == 4
    assert "Traceback" not in result.error
    assert len(rows(collection)[1]) == ARTICLES
    assert [path for path in collection.archive.iterdir() if path.name.startswith(".")] == []


def test_what_is_damaged_is_told_and_left_out(collection: Collection, others: Path, tmp_path: Path) -> None:
    data = bytearray(others.read_bytes())
    data[len(data) // 2] ^= 0xFF
    source = tmp_path / "damaged.warc.gz"
    source.write_bytes(data)
    result = palmyra("import", source, "--collection", collection.root, "--quiet")
    assert (result.code, result.out) == (1, b"")
    assert result.error.startswith(f"palmyra: {source.name} is damaged: ")
    assert result.error.count("\n") == 1
    again = palmyra("import", source, "--collection", collection.root)
    assert (again.code, again.error) == (0, "")
    assert "there already" in again.out.decode()
    assert palmyra("verify", collection.warc_files()[-1]).out.count(b"[damaged]") == 0


def test_a_file_without_a_stamp_comes_last_all_the_same(collection: Collection, tmp_path: Path) -> None:
    [(path, _)] = store(tmp_path, [(f"{BASE}/x", response(b"<p>x</p>"))])
    early = path.rename(tmp_path / "AAA.warc.gz")
    palmyra("import", early, "--collection", collection.root)
    assert rows(collection)[0][-1].entry.url == f"{BASE}/x"
    assert collection.warc_files()[-1].name.endswith("-AAA.warc.gz")


def test_fields_that_are_no_utf_8_do_no_harm(tmp_path: Path) -> None:
    source = tmp_path / "odd.warc"
    message = response(b"<p>odd</p>")
    source.write_bytes(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:\xff\xfe>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: http://example.com/\xe9\r\nWARC-Truncated: \xff\r\nWARC-Profile: \xfd\r\nWARC-Refers-To: \xfc\r\n"
        b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(message), message)
    )
    for _ in range(2):
        result = palmyra("import", source, "--collection", tmp_path / "news")
        assert (result.code, result.error) == (0, "")
    collection = Collection(tmp_path / "news")
    [row] = rows(collection)[0]
    assert row.entry.ref.record_id == "urn:x:??"
    codes = {each["code"] for each in palmyra("verify", "--json", "-c", collection.root).json()}
    assert "not-utf-8" in codes
    assert "catalog-differs" not in codes


def package(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            file.writestr(entry, data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "archive\\data.warc.gz",
        "my crawl/archive/data.warc.gz",
        "archive/DATA.WARC.GZ",
        "archive/2026/11/data.warc.gz",
        "data.warc.gz",
        "archive/../../data.warc.gz",
    ],
)
def test_packages_as_other_systems_make_them(tmp_path: Path, others: Path, name: str) -> None:
    source = package(tmp_path / "a.wacz", {"datapackage.json": b"{}", name: others.read_bytes()})
    collection = Collection(tmp_path / "into" / "news")
    result = palmyra("import", source, "--collection", collection.root)
    assert (result.code, result.error) == (0, "")
    assert len(rows(collection)[1]) == ARTICLES
    assert blocks(collection.warc_files()[0])[1:] == blocks(others)
    assert {path.name for path in (tmp_path / "into").iterdir()} == {"news"}


@pytest.mark.parametrize("lost", [30, 2000])
def test_a_package_without_its_end_gives_what_it_has(tmp_path: Path, others: Path, lost: int) -> None:
    source = package(tmp_path / "a.wacz", {"archive/data.warc.gz": others.read_bytes()})
    source.write_bytes(source.read_bytes()[:-lost])
    collection = Collection(tmp_path / "news")
    result = palmyra("import", source, "--collection", collection.root)
    assert (result.code, result.error.count("\n")) == (1, 1)
    kept = blocks(collection.warc_files()[0])[1:]
    assert kept == blocks(others)[: len(kept)]
    assert len(kept) > 3 * (ARTICLES - 2)
    assert any("lost at byte" in line for line in result.lines)
    assert palmyra("verify", "--collection", collection.root).code == 0


def test_a_package_of_which_nothing_can_be_read_is_one_line(tmp_path: Path) -> None:
    source = tmp_path / "a.wacz"
    source.write_bytes(b"PK\x03\x04" + bytes(500))
    result = palmyra("import", source, "--collection", tmp_path / "news")
    assert (result.code, result.error.count("\n")) == (1, 1)
    assert "not a WACZ" in result.error


@pytest.mark.parametrize("version", [b"0.17", b"0.18", b"1.0", b"1.1"])
def test_versions_of_the_format_one_member_for_all_and_no_digests(
    tmp_path: Path, version: bytes, others: Path
) -> None:
    plain = gzip.decompress(others.read_bytes()).replace(b"WARC/1.1\r\n", b"WARC/" + version + b"\r\n")
    source = tmp_path / "old.warc.gz"
    source.write_bytes(gzip.compress(re.sub(rb"WARC-(Block|Payload)-Digest: [^\r]*\r\n", b"", plain)))
    collection = Collection(tmp_path / "news")
    result = palmyra("import", source, "--collection", collection.root)
    assert (result.code, result.error) == (0, "")
    assert len(rows(collection)[1]) == ARTICLES
    assert palmyra("verify", "--collection", collection.root).code == 0


@pytest.mark.parametrize("first", ["original", "revisit"])
def test_a_revisit_that_is_imported_before_its_original(tmp_path: Path, first: str) -> None:
    made = make_collection(
        tmp_path / "made",
        [
            Answer("https://n.example/1", b"<p>1"),
            Answer("https://n.example/1", b"<p>1", hours=4, revisit_of=0),
        ],
        a_file=1,
    )
    files = made.warc_files() if first == "original" else made.warc_files()[::-1]
    collection = Collection(tmp_path / "news")
    assert palmyra("import", *files, "--collection", collection.root).code == 0
    assert palmyra("verify", "--collection", collection.root).lines[-1].endswith("all whole.")
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        found = [Snapshots(collection, catalog).resource(row) for row in catalog.captures()]
        assert [each.body.read() for each in found] == [b"<p>1"] * 2
