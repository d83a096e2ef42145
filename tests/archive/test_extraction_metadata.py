"""What a page says of its article, from wherever it says so."""

import pytest

from archive.extraction.addresses import registrable_domain
from archive.extraction.authors import clean_authors
from archive.extraction.dates import iso_date
from archive.extraction.metadata import Metadata, read_metadata
from archive.extraction.tree import parse_html

URL = "https://www.example.co.uk/news/story.html"


def read(head: str = "", body: str = "", url: str = URL) -> Metadata:
    root = parse_html(f"<html lang=en-GB><head>{head}</head><body>{body}<p>x</p></body></html>")
    assert root is not None
    return read_metadata(root, url)


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-10T19:45:00+01:00", "2026-03-10T19:45:00+01:00"),
        ("2026-03-10T19:45:00.123Z", "2026-03-10T19:45:00+00:00"),
        ("2026-03-10T19:45:00+0530", "2026-03-10T19:45:00+05:30"),
        ("2026-03-10T19:45:00-03", "2026-03-10T19:45:00-03:00"),
        ("2026-03-10 19:45", "2026-03-10T19:45:00"),
        ("2026-03-10 9:05 UTC", "2026-03-10T09:05:00+00:00"),
        ("2026-3-1", "2026-03-01"),
        ("20260310", "2026-03-10"),
        ("20260310T194500Z", "2026-03-10T19:45:00+00:00"),
        ("2026/03/10", "2026-03-10"),
        ("2026-03-10T24:00:00Z", "2026-03-11T00:00:00+00:00"),
        ("Tue, 10 Mar 2026 19:45:00 GMT", "2026-03-10T19:45:00+00:00"),
        ("1773171900", "2026-03-10T19:45:00+00:00"),
        ("1773171900000", "2026-03-10T19:45:00+00:00"),
        ("2026-13-45", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("9" * 200, None),
        ("2026-03-10 9:00 PM", "2026-03-10T21:00:00"),
        ("2026-03-10 12:05 a.m.", "2026-03-10T00:05:00"),
        ("2026-03-10T12:05:00 PM +01:00", "2026-03-10T12:05:00+01:00"),
        ("Tue, 10 Mar 2026 9:00:00 PM +0100", "2026-03-10T21:00:00+01:00"),
        ("2026-03-10 21:00 PM", "2026-03-10T21:00:00"),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T01:00:00+01:00", None),
        ("1970-01-02T00:00:00Z", "1970-01-02T00:00:00+00:00"),
        ("20260310210000", "2026-03-10T21:00:00"),
        ("202603102100", "2026-03-10T21:00:00"),
        ("20260310210000Z", "2026-03-10T21:00:00+00:00"),
        ("2026-03-10T21:00:00\u221205:00", "2026-03-10T21:00:00-05:00"),
    ],
)
def test_dates(text: str | None, expected: str | None) -> None:
    assert iso_date(text) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["By Ada Kline, Senior Reporter"], ("Ada Kline",)),
        (["Von Karla Meier und Jonas Lenz"], ("Karla Meier", "Jonas Lenz")),
        (["Ada Kline, Bo Lind and Cy Marr"], ("Ada Kline", "Bo Lind", "Cy Marr")),
        (["Ada Kline", "ada@example.com", "https://example.com/ada"], ("Ada Kline",)),
        (["Ada Kline (London)"], ("Ada Kline",)),
        (["Ada Kline", "Ada Kline Senior Writer"], ("Ada Kline",)),
        (["Updated 10 March 2026"], ()),
        (["大渡 美咲"], ("大渡 美咲",)),
        ([], ()),
    ],
)
def test_authors_are_names(found: list[str], expected: tuple[str, ...]) -> None:
    assert clean_authors(found) == expected


@pytest.mark.parametrize(
    ("head", "body", "title", "source"),
    [
        (
            '<meta property="og:title" content="A long story">',
            "<h1>Probe News</h1><h1>A long  story</h1>",
            "A long story",
            "h1",
        ),
        (
            '<meta property="og:title" content="A long story">',
            "<h2>A long story!</h2>",
            "A long story!",
            "h2",
        ),
        (
            '<meta property="og:title" content="A long story">',
            "<h1>Probe</h1><h1>News</h1>",
            "A long story",
            "opengraph",
        ),
        (
            '<meta property="og:title" content="A long story">',
            "<h1 hidden>A long story</h1>",
            "A long story",
            "opengraph",
        ),
        (ld('{"@type":"NewsArticle","headline":"A &amp; B are here"}'), "", "A & B are here", "json-ld"),
        ("<title>The long story of a day | Probe</title>", "", "The long story of a day", "title"),
        ("", "<h1>Only <i>a</i><br>heading</h1>", "Only a heading", "h1"),
    ],
)
def test_the_title_is_what_the_page_shows(head: str, body: str, title: str, source: str) -> None:
    metadata = read(head, body)
    assert (metadata.title, dict(metadata.sources)["title"]) == (title, source)


@pytest.mark.parametrize(
    "text",
    [
        '{"@type":"NewsArticle","headline":"H","author":{"name":"Ada Kline"},"datePublished":"2026-03-10"}',
        '[{"@type":"WebSite"},{"@type":["Thing","Article"],"headline":"H","author":["Ada Kline"],"datePublished":"2026-03-10",}]',
        '{"@graph":[{"@type":"Person","@id":"#a","name":"Ada Kline"},{"@type":"http://schema.org/Article","headline":"H","author":{"@id":"#a"},"datePublished":"2026-03-10"}]}',
        '<!-- {"@type":"Article","headline":"H\n\t","author":"Ada Kline","datePublished":"2026-03-10"} -->',
        '{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"H","author":"Ada Kline","datePublished":"2026-03-10"}};',
    ],
)
def test_json_ld_is_read_as_publishers_write_it(text: str) -> None:
    metadata = read(ld(text))
    assert (metadata.authors, metadata.get("published")) == (("Ada Kline",), "2026-03-10")
    assert metadata.values["published"].source == "json-ld"


def test_meta_elements_and_times_stand_in_for_json_ld() -> None:
    metadata = read(
        '<meta name="author" content="Ada Kline"><meta property="article:modified_time" content="2026-03-11">'
        '<meta name="keywords" content="harbour, clocks"><meta property="og:image" content="/i.jpg">',
        '<time datetime="2026-03-10T08:00Z">today</time><a rel="license" href="/l">x</a>',
    )
    assert (metadata.authors, metadata.tags) == (("Ada Kline",), ("harbour", "clocks"))
    assert (metadata.get("published"), metadata.values["published"].source) == (
        "2026-03-10T08:00:00+00:00",
        "time",
    )
    assert metadata.get("modified") == "2026-03-11"
    assert metadata.get("image") == "https://www.example.co.uk/i.jpg"
    assert metadata.get("licence") == "https://www.example.co.uk/l"
    assert metadata.get("declared_language") == "en-GB"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/news/story", "https://www.example.co.uk/news/story"),
        ("https://example.co.uk/story#top", "https://example.co.uk/story"),
        ("https://other.co.uk/story", None),
        ("https://[", None),
        ("javascript:void(0)", None),
        ("", None),
        ("https://example.co.uk/ä b?q=ü&r=%C3%A4", "https://example.co.uk/%C3%A4%20b?q=%C3%BC&r=%C3%A4"),
        ("/a|b/(c)/~d/e;f=1?x[]=1&y='z'", "https://www.example.co.uk/a|b/(c)/~d/e;f=1?x[]=1&y='z'"),
        (
            "https://example.co.uk/новости/мост",
            "https://example.co.uk/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%D0%BC%D0%BE%D1%81%D1%82",
        ),
    ],
)
def test_the_canonical_address_shares_the_registrable_domain(href: str, expected: str | None) -> None:
    assert read(f'<link rel="canonical" href="{href}">').canonical_url == expected


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://a.b.example.co.uk/x", "example.co.uk"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://localhost/", "localhost"),
        ("http://[::1/", ""),
    ],
)
def test_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("value", "free"), [("false", False), ('"False"', False), ("true", True), ('"x"', None), ("1", None)]
)
def test_what_the_page_says_of_its_price(value: str, free: bool | None) -> None:
    assert read(ld(f'{{"@type":"Article","headline":"H","isAccessibleForFree":{value}}}')).free is free
