"""``palmyra show``: the text and what it was made from, exact to the byte."""

import gzip
from collections.abc import Callable

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import DocumentRow
from crawler.demo.articles import load_articles
from crawler.demo.site import build_site
from tests.site.collections import BASE, article_exchanges, write_collection
from tests.site.command import Result, palmyra

Show = Callable[..., Result]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("show") / "news", article_exchanges())


@pytest.fixture
def show(collection: Collection) -> Show:
    return lambda *arguments: palmyra("show", "--collection", collection.root, *arguments)


@pytest.fixture
def rows(collection: Collection) -> list[DocumentRow]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return list(catalog.documents())


def by_slug(rows: list[DocumentRow], slug: str) -> DocumentRow:
    return next(row for row in rows if slug in row.url)


def test_text_is_the_file_to_the_byte_by_every_name(
    show: Show, rows: list[DocumentRow], collection: Collection
) -> None:
    for row in rows:
        text = (collection.documents / row.name).read_bytes()
        file = row.name.partition("/")[2]
        digits = row.text_digest[:8]
        for name in (row.id, row.name, file, file.removesuffix(".txt"), digits, digits.upper(), row.url):
            assert show(name).out == text


@pytest.mark.parametrize("slug", ["library-that-opens", "council-votes", "town-clock"])
def test_html_is_the_page_without_its_codings(show: Show, rows: list[DocumentRow], slug: str) -> None:
    article = next(article for article in load_articles() if slug in article.slug)
    assert show(by_slug(rows, slug).id, "--html").out == build_site(BASE)[article.path].body


def test_headers_are_warc_fields_and_the_head_as_sent(show: Show, rows: list[DocumentRow]) -> None:
    row = by_slug(rows, "library-that-opens")
    out = show(row.id, "--headers").out
    fields, _, head = out.partition(b"\n\n")
    assert fields.startswith(b"WARC/1.1\n")
    assert f"WARC-Record-ID: <{row.ref.record_id}>".encode() in fields.splitlines()
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Encoding: gzip\r\n" in head
    assert head.endswith(b"\r\n\r\n")


def test_meta_names_the_record_that_the_text_came_from(
    show: Show, rows: list[DocumentRow], collection: Collection
) -> None:
    row = by_slug(rows, "tide-mill")
    lines = dict(line.split(":", 1) for line in show(row.id, "--meta").lines)
    assert lines["authors"].strip() == "Miriam Okafor, Tom Sedgwick"
    assert lines["text digest"].strip() == f"sha256:{row.text_digest}"
    assert lines["record"].strip() == f"archive/{row.ref.file} at byte {row.ref.offset}, {row.ref.record_id}"
    with (collection.archive / row.ref.file).open("rb") as file:
        file.seek(row.ref.offset)
        assert row.ref.record_id.encode() in gzip.GzipFile(fileobj=file).read(2000)


def test_json_is_one_object(show: Show) -> None:
    [found] = show(0, "--json").json()
    assert found["id"] == 0


@pytest.mark.parametrize(
    "wanted", ["99999", "-1x", "zzzz", "0123456789abcdef", f"{BASE}/nothing/", "http://[", ""]
)
def test_unknown_documents_are_one_line(show: Show, wanted: str) -> None:
    result = show("--", wanted)
    assert result.code == 1
    assert result.error.startswith("palmyra: no document")
    assert result.error.count("\n") == 1


def test_views_exclude_each_other(show: Show) -> None:
    assert show(0, "--html", "--headers").code == 2


def test_missing_text_says_how_to_get_it_back(
    collection: Collection, rows: list[DocumentRow], show: Show
) -> None:
    path = collection.documents / rows[0].name
    text = path.read_bytes()
    path.unlink()
    try:
        result = show(0)
    finally:
        path.write_bytes(text)
    assert (result.code, result.out) == (1, b"")
    assert "palmyra extract" in result.error
