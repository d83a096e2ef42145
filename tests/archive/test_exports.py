"""Exports read back by the programs that they are for: json, pyarrow, DuckDB, zipfile, warcio, py-wacz."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import CaptureNotFound, DigestMismatch, DiskFull
from archive.exports import FORMATS, ExportError, ExportSummary, writer
from archive.exports import export as checked_export
from archive.exports.fields import moment
from archive.exports.staging import staged_file
from archive.outcome import Article
from tests.archive.made_collection import Answer, make_collection, zipped
from tests.patience import PATIENCE_S
from tests.site.command import palmyra

FULL = Article(
    text="Titel\n\n- Anna\n\nText\u00a0mit „Zeichen“ und \u2028 Zeile.",
    title="Titel",
    authors=("Anna", "Bö"),
    published="2026-05-01T10:00:00.5+02:00",
    modified="2026-05",
    language="de",
    declared_language="de-AT",
    site_name="Blatt",
    section="Politik",
    tags=("a", "b, c"),
    description='Ein "Zitat"',
    image="https://n.example/i.png",
    licence="CC-BY-4.0",
    free=False,
    sources=(("title", "h1"), ("authors", "json-ld")),
)
BARE = Article(text="Bare\n\nx", title="Bare")
ANSWERS = (
    Answer("https://n.example/1", b"<p>1", article=FULL, rights=("noai", "tdm-reservation=1")),
    zipped(
        Answer(
            "https://n.example/2", b"<p>2" * 99, hours=1, article=BARE, reason="partly visible: 'Subscribe'"
        )
    ),
    Answer("https://n.example/robots.txt", b"User-agent: *", "text/plain", hours=2),
    Answer(
        "https://a.example/%C3%A9?b=1&a=2",
        b"<p>3",
        hours=3,
        article=Article("عنوان\n\nنص", "عنوان", language="ar"),
    ),
    Answer("https://n.example/1", b"<p>1", hours=4, revisit_of=0),
    Answer("https://n.example/1", b"<p>new", hours=4),
)
FIELDS = [
    "id", "name", "url", "final_url", "canonical_url", "title", "authors", "published", "published_at", "modified",
    "modified_at", "language", "declared_language", "site_name", "section", "tags", "description", "image", "licence",
    "free", "partly_visible", "rights", "sources", "captured_at", "capture", "warc_file", "warc_offset", "warc_record_id",
    "payload_digest", "text_digest", "extractor", "extractor_version", "article", "version", "cluster",
    "relation", "duplicate_of", "characters", "text",
]  # fmt: skip


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return make_collection(tmp_path_factory.mktemp("exported") / "news", ANSWERS, a_file=2)


def export(format_: str, collection: Collection, dest: Path, *, force: bool = False) -> ExportSummary:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return writer(format_)(collection, catalog, dest, force=force)


def content(path: Path) -> dict[str, bytes]:
    """The bytes of a file, or of every file below a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    assert files
    return {str(each.relative_to(path)): each.read_bytes() for each in files}


class TestAnyFormat:
    @pytest.fixture(params=list(FORMATS))
    def format_(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_the_summary_counts(self, format_: str, collection: Collection, tmp_path: Path) -> None:
        summary = export(format_, collection, tmp_path / "out")
        assert (summary.format, summary.path, summary.documents) == (format_, tmp_path / "out", 3)
        files = [path for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")) if path.is_file()]
        assert summary.bytes == sum(path.stat().st_size for path in files)

    def test_nothing_is_left_beside_it(self, format_: str, collection: Collection, tmp_path: Path) -> None:
        export(format_, collection, tmp_path / "out")
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_what_exists_is_kept(self, format_: str, collection: Collection, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        with pytest.raises(ExportError, match=r"exists already.*--force"):
            export(format_, collection, tmp_path / "out")
        assert (tmp_path / "out").read_text() == "mine"

    def test_force_replaces(self, format_: str, collection: Collection, tmp_path: Path) -> None:
        for _ in range(2):
            export(format_, collection, tmp_path / "out", force=True)
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_the_same_collection_gives_the_same_bytes(
        self, format_: str, collection: Collection, tmp_path: Path
    ) -> None:
        for name in ("a", "b"):
            export(format_, collection, tmp_path / name)
        assert content(tmp_path / "a") == content(tmp_path / "b")

    def test_no_folder_is_one_line(self, format_: str, collection: Collection, tmp_path: Path) -> None:
        with pytest.raises(ExportError, match="cannot be written: No such file or directory"):
            export(format_, collection, tmp_path / "missing" / "out")

    def test_a_failure_leaves_what_was_there(self, format_: str, tmp_path: Path) -> None:
        made = make_collection(tmp_path / "c", ANSWERS)
        export(format_, made, tmp_path / "out")
        before = content(tmp_path / "out")
        next(made.documents.rglob("*.txt")).write_text("altered")
        with pytest.raises(DigestMismatch, match=r"altered.*palmyra extract"):
            export(format_, made, tmp_path / "out", force=True)
        assert content(tmp_path / "out") == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "out"]

    def test_a_document_that_is_gone_is_named(self, format_: str, tmp_path: Path) -> None:
        broken = make_collection(tmp_path / "c", ANSWERS)
        next(broken.documents.rglob("*.txt")).unlink()
        with pytest.raises(CaptureNotFound, match="missing"):
            export(format_, broken, tmp_path / "out")


def test_a_full_disk_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    """/dev/full refuses every byte as a full disk does."""
    with pytest.raises(DiskFull, match="no space left"), staged_file(tmp_path / "out", force=False):
        Path("/dev/full").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_other_format() -> None:
    with pytest.raises(ValueError, match="txt, jsonl, parquet, wacz"):
        writer("csv")


class TestDestinations:
    def test_an_empty_folder_may_become_the_tree(self, collection: Collection, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        assert export("txt", collection, tmp_path / "out").documents == 3
        assert len(list((tmp_path / "out").rglob("*.txt"))) == 3

    def test_force_never_replaces_a_folder_of_other_things(
        self, collection: Collection, tmp_path: Path
    ) -> None:
        for name in ("letter.txt", "00000/000_0123456789abcdef.txt"):
            path = tmp_path / "home" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("mine")
        for format_ in FORMATS:
            with pytest.raises(ExportError):
                export(format_, collection, tmp_path / "home", force=True)
        assert (tmp_path / "home" / "letter.txt").read_text() == "mine"

    @pytest.mark.parametrize("dest", [".", "/", ""])
    def test_a_destination_needs_a_name(self, collection: Collection, dest: str) -> None:
        for format_ in FORMATS:
            with pytest.raises(ExportError, match="name of its own"):
                export(format_, collection, Path(dest), force=True)

    @pytest.mark.parametrize(
        "own", ["archive/x.wacz", "documents", "catalog.sqlite", "../news/indexes/index.cdxj"]
    )
    def test_the_collection_is_not_written_over(self, collection: Collection, own: str) -> None:
        with (
            Catalog.open(collection.catalog_path, readonly=True) as catalog,
            pytest.raises(ExportError, match="part of the collection itself"),
        ):
            checked_export("txt", collection, catalog, collection.root / own, force=True)


def test_txt_copies_the_tree(collection: Collection, tmp_path: Path) -> None:
    export("txt", collection, tmp_path / "out")
    tree = {
        path.relative_to(tmp_path / "out"): path.read_bytes() for path in (tmp_path / "out").rglob("*.txt")
    }
    assert tree == {
        path.relative_to(collection.documents): path.read_bytes()
        for path in collection.documents.rglob("*.txt")
    }
    assert len(tree) == 3


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


class TestJsonLines:
    @pytest.fixture
    def out(self, collection: Collection, tmp_path: Path) -> Path:
        export("jsonl", collection, tmp_path / "out.jsonl")
        return tmp_path / "out.jsonl"

    def test_every_field_in_a_fixed_order(self, out: Path) -> None:
        assert [list(line) for line in lines(out)] == [FIELDS] * 3

    def test_the_values(self, out: Path) -> None:
        line = lines(out)[0]
        assert line | {"name": "", "warc_file": "", "warc_offset": 0, "warc_record_id": ""} == {
            "id": 0, "name": "", "url": "https://n.example/1", "final_url": "https://n.example/1",
            "canonical_url": None, "title": "Titel", "authors": ["Anna", "Bö"],
            "published": "2026-05-01T10:00:00.5+02:00", "published_at": "2026-05-01T08:00:00.500000Z",
            "modified": "2026-05", "modified_at": None, "language": "de", "declared_language": "de-AT",
            "site_name": "Blatt", "section": "Politik", "tags": ["a", "b, c"], "description": 'Ein "Zitat"',
            "image": "https://n.example/i.png", "licence": "CC-BY-4.0", "free": False, "partly_visible": False,
            "rights": ["noai", "tdm-reservation=1"], "sources": {"title": "h1", "authors": "json-ld"},
            "captured_at": "2026-05-01T12:00:00.250000Z", "capture": 0, "warc_file": "", "warc_offset": 0,
            "warc_record_id": "", "payload_digest": "sha1:" + line["payload_digest"].removeprefix("sha1:"),
            "text_digest": hashlib.sha256(FULL.text.encode()).hexdigest(), "extractor": "trafilatura",
            "extractor_version": "2.3.1", "article": 0, "version": 1, "cluster": 0, "relation": "canonical",
            "duplicate_of": None, "characters": len(FULL.text), "text": FULL.text,
        }  # fmt: skip

    def test_each_names_its_record(self, out: Path, collection: Collection) -> None:
        for line in lines(out):
            with (collection.archive / str(line["warc_file"])).open("rb") as file:
                file.seek(int(str(line["warc_offset"])))
                record = next(iter(ArchiveIterator(file)))
            assert record.rec_headers["WARC-Record-ID"] == f"<{line['warc_record_id']}>"
            assert record.rec_headers["WARC-Payload-Digest"] == line["payload_digest"]

    def test_what_is_cut_off_is_told(self, out: Path) -> None:
        assert [line["partly_visible"] for line in lines(out)] == [False, True, False]

    def test_text_stays_readable(self, out: Path) -> None:
        data = out.read_bytes()
        assert "„Zeichen“".encode() in data
        assert data.endswith(b"}\n")
        assert data.count(b"\n") == 3


class TestParquet:
    @pytest.fixture
    def out(self, collection: Collection, tmp_path: Path) -> Path:
        export("parquet", collection, tmp_path / "out.parquet")
        return tmp_path / "out.parquet"

    def test_its_types(self, out: Path) -> None:
        schema = pq.read_schema(out)
        assert schema.names == FIELDS
        assert schema.field("published_at").type == pa.timestamp("us", tz="UTC")
        assert schema.field("tags").type.value_type == pa.string()
        assert schema.field("free").type == pa.bool_()
        assert not schema.field("text").nullable
        assert schema.metadata[b"palmyra.table"] == b"documents"

    def test_it_says_what_json_says(self, out: Path, collection: Collection, tmp_path: Path) -> None:
        export("jsonl", collection, tmp_path / "out.jsonl")
        rows = pq.read_table(out).to_pylist()
        plain = json.loads(json.dumps(rows, default=lambda value: value.isoformat().replace("+00:00", "Z")))
        for row in plain:
            row["sources"] = dict(row["sources"])
        assert plain == lines(tmp_path / "out.jsonl")

    def test_duckdb_reads_it(self, out: Path) -> None:
        query = (
            "SELECT count(*), max(published_at AT TIME ZONE 'UTC'), sum(length(text)) FROM read_parquet(?)"
        )
        with duckdb.connect() as database:
            count, newest, characters = database.execute(query, [str(out)]).fetchall()[0]
        assert (count, newest) == (3, datetime(2026, 5, 1, 8, 0, 0, 500_000))  # noqa: DTZ001
        assert characters == len(FULL.text) + len(BARE.text) + len("عنوان\n\nنص")

    def test_zstd_and_row_groups(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("archive.exports.parquet.GROUP_ROWS", 10)
        export("parquet", many(tmp_path / "c", 25), tmp_path / "out")
        table = pq.ParquetFile(tmp_path / "out")
        assert [table.metadata.row_group(n).num_rows for n in range(table.num_row_groups)] == [10, 10, 5]
        assert table.metadata.row_group(0).column(0).compression == "ZSTD"
        table.close()

    def test_no_document_is_an_empty_table(self, tmp_path: Path) -> None:
        export("parquet", make_collection(tmp_path / "c", ANSWERS[2:3]), tmp_path / "out")
        assert pq.read_table(tmp_path / "out").num_rows == 0


def many(root: Path, count: int) -> Collection:
    article = [Article(f"T{n}\n\n{'x' * 1000}{n}", f"T{n}") for n in range(count)]
    return make_collection(
        root, [Answer(f"https://n.example/{n}", b"<p>x", hours=n, article=article[n]) for n in range(count)]
    )


class TestWacz:
    @pytest.fixture
    def out(self, collection: Collection, tmp_path: Path) -> Path:
        export("wacz", collection, tmp_path / "out.wacz")
        return tmp_path / "out.wacz"

    def test_py_wacz_finds_it_valid(self, out: Path) -> None:
        command = [sys.executable, "-m", "wacz", "validate", "-f", str(out)]
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        assert "Validation succeeded" in found.stdout, found.stdout + found.stderr

    def test_its_files(self, out: Path, collection: Collection) -> None:
        with zipfile.ZipFile(out) as package:
            assert package.testzip() is None
            stored = {info.filename: info.compress_type == zipfile.ZIP_STORED for info in package.infolist()}
        warcs = [f"archive/{path.name}" for path in collection.warc_files()]
        assert len(warcs) == 3
        assert stored == dict.fromkeys([*warcs, "indexes/index.cdx.gz"], True) | dict.fromkeys(
            ["indexes/index.idx", "pages/pages.jsonl", "datapackage.json", "datapackage-digest.json"], False
        )

    def test_every_resource_has_its_hash_and_size(self, out: Path) -> None:
        with zipfile.ZipFile(out) as package:
            description = json.loads(package.read("datapackage.json"))
            names = set(package.namelist()) - {"datapackage.json", "datapackage-digest.json"}
            assert {resource["path"] for resource in description["resources"]} == names
            for resource in description["resources"]:
                data = package.read(resource["path"])
                assert resource["bytes"] == len(data)
                assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            digest = json.loads(package.read("datapackage-digest.json"))
            assert digest["hash"] == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
        assert (description["profile"], description["wacz_version"]) == ("data-package", "1.1.1")
        assert description["created"] == "2026-05-01T16:00:00Z"

    def test_every_index_line_lands_on_its_record(self, out: Path) -> None:
        with zipfile.ZipFile(out) as package:
            entries = index(package)
            for _, stamp, fields in entries:
                warc = package.read(f"archive/{fields['filename']}")
                member = warc[int(fields["offset"]) :][: int(fields["length"])]
                assert gzip.decompress(member)
                record = next(iter(ArchiveIterator(io.BytesIO(member))))
                assert record.rec_headers["WARC-Target-URI"] == fields["url"]
                assert record.rec_headers["WARC-Payload-Digest"].removeprefix("sha1:") == fields["digest"]
                assert record.rec_headers["WARC-Date"][:19].translate({45: None, 58: None, 84: None}) == stamp
        assert [key for key, _, _ in entries] == sorted(key for key, _, _ in entries)
        assert len(entries) == len(ANSWERS)

    def test_every_page_is_in_the_index(self, out: Path) -> None:
        with zipfile.ZipFile(out) as package:
            indexed = {(fields["url"], stamp) for _, stamp, fields in index(package)}
            head, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
        assert (head["format"], head["id"]) == ("json-pages-1.0", "pages")
        assert [page["title"] for page in pages] == ["Titel", "Bare", "عنوان"]
        for page in pages:
            assert (page["url"], page["ts"].translate({45: None, 58: None, 84: None, 90: None})) in indexed
        assert pages[0]["text"] == FULL.text

    def test_a_long_index_is_cut_into_members(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("archive.exports.zipnum.LINES_IN_A_MEMBER", 10)
        export("wacz", many(tmp_path / "c", 25), tmp_path / "out")
        with zipfile.ZipFile(tmp_path / "out") as package:
            assert len(package.read("indexes/index.idx").splitlines()) == 1 + 3
            entries = index(package)
            whole = gzip.decompress(package.read("indexes/index.cdx.gz")).splitlines()
        assert len(entries) == 25
        assert whole == sorted(whole)

    def test_a_file_still_open_is_left_out_and_said(self, tmp_path: Path) -> None:
        made = make_collection(tmp_path / "c", ANSWERS, a_file=2)
        last = made.warc_files()[-1]
        last.rename(last.with_name(last.name + ".open"))
        summary = export("wacz", made, tmp_path / "out")
        assert [file for file, _ in summary.left_out] == [last.name + ".open"]
        assert (summary.documents, summary.captures) == (3, 4)
        with zipfile.ZipFile(tmp_path / "out") as package:
            assert last.name not in {fields["filename"] for _, _, fields in index(package)}
            assert last.name not in {Path(name).name for name in package.namelist()}

    def test_no_closed_file_is_an_error(self, tmp_path: Path) -> None:
        made = make_collection(tmp_path / "c", ANSWERS)
        for path in made.warc_files():
            path.rename(path.with_name(path.name + ".open"))
        with pytest.raises(ExportError, match="no closed"):
            export("wacz", made, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def index(package: zipfile.ZipFile) -> list[tuple[str, str, dict[str, str]]]:
    """The CDXJ lines, read as wabac reads them: member by member, by the offsets of the second index."""
    head, *members = package.read("indexes/index.idx").decode().splitlines()
    assert json.loads(head.removeprefix("!meta 0 ")) == {
        "format": "cdxj-gzip-1.0",
        "filename": "index.cdx.gz",
    }
    data, entries = package.read("indexes/index.cdx.gz"), []
    for line in members:
        key, stamp, stated = line.split(" ", 2)
        place = json.loads(stated)
        member = data[place["offset"] :][: place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        found = [entry.split(" ", 2) for entry in gzip.decompress(member).decode().splitlines()]
        assert found[0][:2] == [key, stamp]
        entries += [(entry[0], entry[1], json.loads(entry[2])) for entry in found]
    return entries


@pytest.mark.parametrize("format_", ["jsonl", "txt"])
def test_memory_does_not_grow_with_the_collection(format_: str, tmp_path: Path) -> None:
    peaks = []
    for count in (20, 400):
        made = many(tmp_path / str(count), count)
        with Catalog.open(made.catalog_path, readonly=True) as catalog:
            tracemalloc.start()
            writer(format_)(made, catalog, tmp_path / f"out{count}")
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T10:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01 10:00:00+00:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00", None),
        ("2026-05-01", None),
        ("2026-05", None),
        ("2026", None),
        ("soon", None),
        ("T", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(stated: str | None, expected: datetime | None) -> None:
    assert moment(stated) == expected


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = "import sys, typer; from archive.cli.export import command; app = typer.Typer(); app.command()(command); app()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
        env=os.environ,
    )


class TestCommand:
    def test_standard_output_gets_the_lines_alone(self, collection: Collection) -> None:
        done = run("jsonl", "-", "--collection", str(collection.root))
        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [0, 1, 2]
        assert b"3 documents" in done.stderr

    @pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"jsonl"}))
    def test_standard_output_is_for_lines_alone(
        self, name: str, collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        done = palmyra("export", name, "-", "-c", collection.root)
        assert (done.code, done.out) == (ExportError.exit_code, b"")
        assert f"{name} cannot be written to standard output" in done.error
        assert list(tmp_path.glob("-")) == []

    def test_a_summary_for_programs(self, collection: Collection, tmp_path: Path) -> None:
        done = run("wacz", str(tmp_path / "o.wacz"), "--collection", str(collection.root), "--json")
        assert json.loads(done.stdout) == {
            "format": "wacz", "path": str(tmp_path / "o.wacz"), "documents": 3, "captures": 6,
            "bytes": (tmp_path / "o.wacz").stat().st_size, "left_out": [], "refused": {},
        }  # fmt: skip

    def test_help_tells_the_formats_apart(self) -> None:
        text = run("--help").stdout.decode()
        for name in FORMATS:
            assert name in text
        assert "palmyra export parquet" in text
