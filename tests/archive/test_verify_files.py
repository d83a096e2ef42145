"""`palmyra verify FILE`: WARC files without a collection, and every part of a WACZ."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.collection import Collection
from archive.verify_files import verify_any
from tests.archive.warc_samples import sample
from tests.site.collections import article_exchanges, write_collection
from tests.site.command import palmyra

Entries = dict[str, bytes]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wacz")
    collection: Collection = write_collection(folder / "news", article_exchanges())
    assert palmyra("export", "wacz", folder / "news.wacz", "--collection", collection.root).code == 0
    return folder / "news.wacz"


def entries(path: Path) -> Entries:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, content: Entries, *, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def codes(path: Path) -> set[str]:
    return {finding.code for finding in verify_any([path]) if finding.severity == "error"}


def warc_of(content: Entries) -> str:
    return next(name for name in content if name.startswith("archive/"))


def index_of(content: Entries, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = gzip.decompress(content["indexes/index.cdx.gz"]).splitlines(keepends=True)
    content["indexes/index.cdx.gz"] = gzip.compress(b"".join(change(lines)), mtime=0)


def shifted(line: bytes) -> bytes:
    head, _, fields = line.partition(b"{")
    found = json.loads(b"{" + fields)
    return head + json.dumps(found | {"offset": str(int(found["offset"]) + 1)}).encode() + b"\n"


def stated(**changed: str) -> Callable[[Entries], None]:
    """Have the index say something else of its first capture that has that field."""

    def change(content: Entries) -> None:
        def lines(before: list[bytes]) -> list[bytes]:
            for number, line in enumerate(before):
                head, _, fields = line.partition(b"{")
                found = json.loads(b"{" + fields)
                if set(changed) <= set(found):
                    before[number] = head + json.dumps(found | changed).encode() + b"\n"
                    return before
            raise AssertionError(changed)

        index_of(content, lines)

    return change


def later(content: Entries) -> None:
    index_of(content, lambda lines: [lines[0].replace(b" 2026", b" 2027", 1), *lines[1:]])


def reverse_index(content: Entries) -> None:
    index_of(content, lambda lines: lines[::-1])


def shift_second_index(content: Entries) -> None:
    content["indexes/index.idx"] = content["indexes/index.idx"].replace(b'"offset": 0', b'"offset": 9')


def misname_in_second_index(content: Entries) -> None:
    content["indexes/index.idx"] = content["indexes/index.idx"].replace(b"example", b"exampel", 1)


def empty_second_index(content: Entries) -> None:
    content["indexes/index.idx"] = content["indexes/index.idx"].splitlines(keepends=True)[0]


def break_second_index(content: Entries) -> None:
    content["indexes/index.idx"] += b"no line\n"


def test_our_own_is_whole(package: Path) -> None:
    result = palmyra("verify", package)
    assert (result.code, result.lines) == (0, ["Checked 1 file: all whole."])


def flip_warc(content: Entries) -> None:
    data = bytearray(content[warc_of(content)])
    data[len(data) // 2] ^= 1
    content[warc_of(content)] = bytes(data)


def drop_pages(content: Entries) -> None:
    del content["pages/pages.jsonl"]


def drop_index(content: Entries) -> None:
    for name in [name for name in content if name.startswith("indexes/")]:
        del content[name]


def shift_index(content: Entries) -> None:
    index_of(content, lambda lines: [shifted(line) for line in lines])


def shorten_index(content: Entries) -> None:
    index_of(content, lambda lines: lines[1:])


def break_index(content: Entries) -> None:
    index_of(content, lambda lines: [b"no line\n", *lines])


def rename_warc(content: Entries) -> None:
    content["archive/other.warc.gz"] = content.pop(warc_of(content))


def break_pages(content: Entries) -> None:
    content["pages/pages.jsonl"] += b"{\n"


def change_description(content: Entries) -> None:
    content["datapackage.json"] = content["datapackage.json"].replace(b'"title"', b'"Title"')


def drop_description(content: Entries) -> None:
    del content["datapackage.json"]


def add_a_file(content: Entries) -> None:
    content["notes.txt"] = b"unlisted"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (flip_warc, "damaged"),
        (flip_warc, "wacz-hash"),
        (drop_pages, "wacz-missing"),
        (drop_index, "index-missing"),
        (shift_index, "index-line-unknown"),
        (shorten_index, "index-line-missing"),
        (break_index, "index-line"),
        (rename_warc, "index-line-unknown"),
        (reverse_index, "index-unsorted"),
        (later, "index-differs"),
        (stated(length="7"), "index-differs"),
        (stated(url="http://tamarisk.example/other"), "index-differs"),
        (stated(status="500"), "index-differs"),
        (stated(mime="warc/revisit"), "index-differs"),
        (stated(digest="A" * 32), "index-differs"),
        (stated(filename="no.warc.gz"), "index-line-unknown"),
        (shift_second_index, "index-differs"),
        (misname_in_second_index, "index-differs"),
        (empty_second_index, "index-line-missing"),
        (break_second_index, "index-line"),
        (break_pages, "wacz-pages"),
        (break_pages, "wacz-size"),
        (change_description, "wacz-hash"),
        (drop_description, "wacz-description"),
        (add_a_file, "wacz-unlisted"),
    ],
)
def test_every_fault_is_found(
    package: Path, tmp_path: Path, change: Callable[[Entries], None], code: str
) -> None:
    content = entries(package)
    change(content)
    assert code in codes(packed(tmp_path / "changed.wacz", content))


def test_hashes_where_older_versions_have_them(package: Path, tmp_path: Path) -> None:
    content = entries(package)
    description = json.loads(content["datapackage.json"])
    for resource in description["resources"]:
        hashing, _, value = resource.pop("hash").partition(":")
        resource |= {"hashing": hashing, "stats": {"hash": value, "bytes": resource.pop("bytes")}}
    content["datapackage.json"] = json.dumps(description).encode()
    del content["datapackage-digest.json"]
    path = packed(tmp_path / "old.wacz", content)
    assert list(verify_any([path])) == []
    break_pages(content)
    assert codes(packed(path, content)) == {"wacz-hash", "wacz-size", "wacz-pages"}


def test_warc_files_must_not_be_deflated(package: Path, tmp_path: Path) -> None:
    path = packed(tmp_path / "deflated.wacz", entries(package), method=zipfile.ZIP_DEFLATED)
    assert codes(path) == {"zip-compressed"}


def test_a_cut_zip_is_one_line(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.wacz"
    path.write_bytes(package.read_bytes()[:-100])
    result = palmyra("verify", path)
    assert (result.code, result.out) == (1, b"")
    assert result.error.startswith(f"palmyra: {path}: not a WACZ")


@pytest.mark.parametrize(("field", "what"), [(8, "method"), (14, "CRC"), (18, "size"), (22, "size")])
def test_the_two_headers_of_an_entry_have_to_agree(
    package: Path, tmp_path: Path, field: int, what: str
) -> None:
    data = bytearray(package.read_bytes())
    with zipfile.ZipFile(package) as archive:
        data[archive.getinfo("pages/pages.jsonl").header_offset + field] ^= 4
    path = tmp_path / "changed.wacz"
    path.write_bytes(data)
    [found] = [finding for finding in verify_any([path]) if finding.code == "zip-header"]
    assert what in found.message


class Unseekable(io.RawIOBase):
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def test_a_package_that_was_streamed_is_whole(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "streamed.wacz"
    with Unseekable(path) as out, zipfile.ZipFile(out, "w") as archive:  # type: ignore[arg-type]
        for name, data in entries(package).items():
            archive.writestr(name, data)
    assert list(verify_any([path])) == []


@pytest.mark.parametrize("step", range(7))
def test_a_flipped_byte_anywhere_is_found(package: Path, tmp_path: Path, step: int) -> None:
    data = bytearray(package.read_bytes())
    data[len(data) * (step + 1) // 9] ^= 0x10
    path = tmp_path / "flipped.wacz"
    path.write_bytes(data)
    assert palmyra("verify", path).code == 1


def test_files_together_may_name_each_others_records(tmp_path: Path) -> None:
    path = sample(tmp_path)
    assert palmyra("verify", path).lines == ["Checked 1 file: all whole."]
    assert palmyra("verify", path, path).code == 1  # every record id twice
    found, *_ = palmyra("verify", path, path, "--json").json()
    assert (found["code"], found["file"]) == ("duplicate-id", str(path))


def test_no_such_file(tmp_path: Path) -> None:
    result = palmyra("verify", tmp_path / "none.warc")
    assert (result.code, result.error) == (1, f"palmyra: {tmp_path / 'none.warc'}: no such file\n")
