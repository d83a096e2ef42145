"""When an article was published and modified, wherever its page says so."""

from datetime import date

import pytest

from archive.extraction.metadata import Metadata, read_metadata
from archive.extraction.months import shown_days
from archive.extraction.tree import parse_html
from tests.patience import steady


def read(body: str = "", head: str = "", path: str = "/news/story.html", lang: str = "en") -> Metadata:
    root = parse_html(f"<html lang={lang}><head>{head}</head><body>{body}<p>x</p></body></html>")
    assert root is not None
    return read_metadata(root, f"https://www.example.org{path}")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("3 May 2024", ""),
        ("Friday, 3rd May 2024 10:00", "en"),
        ("May 3, 2024, 3:48 pm", "en"),
        ("MAY 03, 2024", "en"),
        ("Veröffentlicht am 3. Mai 2024 um 15:44", "de"),
        ("Publié le 3 mai 2024 à 10h20", "fr"),
        ("3 de mayo de 2024", "es"),
        ("3 de maio de 2024", "pt"),
        ("3 maggio 2024", "it"),
        ("3 mei 2024 om 13:20", "nl"),
        ("3 maj 2024", "pl"),
        ("3. květen 2024", "cs"),
        ("2024. május 3., péntek", "hu"),
        ("2024 m. gegužės 3 d.", "lt"),
        ("3. toukokuuta 2024", "fi"),
        ("3. maí 2024", "is"),
        ("3 Mayıs 2024", "tr"),
        ("3 мая 2024 г.", "ru"),
        ("3 травня 2024", "uk"),
        ("3 Μαΐου 2024", "el"),
        ("٣ مايو ٢٠٢٤", "ar"),
        ("3 أيار 2024", "ar"),
        ("3 מאי 2024", "he"),
        ("3 במאי 2024", "he"),
        ("3 मई 2024", "hi"),
        ("2024年5月3日 10:00", "ja"),
        ("2024년 5월 3일", "ko"),
        ("2024. 05. 03. 15:00", "ko"),
        ("3 tháng 5, 2024", "vi"),
        ("3 Mei 2024", "id"),
        ("03.05.2024", "de"),
        ("3. 5. 2024", "cs"),
        ("03.05.24", "de"),
        ("3/5/2024", "fr"),
        ("3/5/2024", "en-GB"),
        ("5/3/2024", "en-US"),
        ("2024/05/03", ""),
        ("2024-05-03", ""),
    ],
)
def test_a_day_in_many_languages(text: str, language: str) -> None:
    assert [day for _, day in shown_days(text, language)] == [date(2024, 5, 3)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("3/5/2024", "en"),
        ("May 2024", "en"),
        ("31. Februar 2024", "de"),
        ("2024.13.40", ""),
        ("1234567890123", ""),
        ("at 10:30", "en"),
        ("3 of the 2024", "en"),
        ("May 3, 1824", "en"),
        ("", ""),
    ],
)
def test_what_is_no_day_or_might_be_two(text: str, language: str) -> None:
    assert list(shown_days(text, language)) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2026/03/10/the-bridge", "2026-03-10"),
        ("/news/2026-03-10-the-bridge.html", "2026-03-10"),
        ("/20260310/the-bridge", "2026-03-10"),
        ("/2026/mar/10/the-bridge", "2026-03-10"),
        ("/2026/03/the-bridge", None),
        ("/2026/13/10/the-bridge", None),
        ("/article/120260310", None),
        ("/3529015", None),
    ],
)
def test_a_day_in_the_address(path: str, expected: str | None) -> None:
    metadata = read(path=path)
    assert metadata.get("published") == expected
    assert dict(metadata.sources).get("published") == ("url" if expected else None)


@pytest.mark.parametrize(
    ("body", "published", "modified"),
    [
        ("<h1>H</h1><div>By Ada Kline | March 9, 2026</div>", "2026-03-09", None),
        ("<div>March 9, 2026</div><h1>H</h1>", "2026-03-09", None),
        (
            "<h1>H</h1><p>Published: March 9, 2026</p><p>Updated: March 10, 2026</p>",
            "2026-03-09",
            "2026-03-10",
        ),
        ("<h1>H</h1><p>09.03.2026 - Güncelleme: 10.03.2026</p>", "2026-03-09", "2026-03-10"),
        ("<h1>H</h1><p>Last updated March 10, 2026</p>", None, "2026-03-10"),
        (
            "<h1>H</h1><p>The bridge was opened in the rain by the mayor of the town on March 9, 2026.</p>",
            None,
            None,
        ),
        ("<h1>H</h1>" + "<p>text</p>" * 20 + "<p>March 9, 2026</p>", None, None),
        ("<h1>H</h1><script>March 9, 2026</script><style>March 9, 2026</style>", None, None),
        ("<p>March 9, 2026</p>", None, None),
    ],
)
def test_the_dateline_that_readers_see(body: str, published: str | None, modified: str | None) -> None:
    metadata = read(body)
    assert (metadata.get("published"), metadata.get("modified")) == (published, modified)
    assert {
        dict(metadata.sources)[name] for name in metadata.values if name in ("published", "modified")
    } <= {"text"}


def test_the_time_element_is_the_nearest_to_the_heading() -> None:
    ticker = "<ul><li><time datetime=2026-01-01>1 January</time></li></ul>"
    own = "<header><h1>H</h1><div><time datetime=2026-03-10T08:00Z>10 March</time></div></header>"
    assert read(ticker + own + ticker).get("published") == "2026-03-10T08:00:00+00:00"
    updated = (
        "<header><h1>H</h1>Updated <time datetime=2026-03-11>today</time> <time datetime=2026-03-10>x</time>"
    )
    assert read(updated).get("published") == "2026-03-10"


@pytest.mark.parametrize(
    ("stated", "also", "expected"),
    [
        ("2026-03-10", "2026-03-10T19:45:00+01:00", "2026-03-10T19:45:00+01:00"),
        ("2026-03-10T19:45:00", "2026-03-10T19:45:30+01:00", "2026-03-10T19:45:30+01:00"),
        ("2026-03-10T19:45:00", "2026-03-10T18:45:00Z", "2026-03-10T19:45:00"),
        ("2026-03-10", "2026-03-11T19:45:00Z", "2026-03-10"),
        ("2026-03-10T19:45:00+01:00", "2026-03-10T18:45:00Z", "2026-03-10T19:45:00+01:00"),
    ],
)
def test_the_offset_may_stand_in_another_place(stated: str, also: str, expected: str) -> None:
    head = (
        f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{stated}"}}</script>'
        f'<meta property="article:published_time" content="{also}">'
    )
    assert read(head=head).get("published") == expected


@pytest.mark.parametrize(
    "body",
    [
        "<h1>H</h1>" + "<time>" * 80_000,
        "<h1>H</h1><p>" + "1 " * 500_000,
        "<h1>H</h1><p>" + "a" * 1_000_000,
        "<h1>H</h1>" + "<p>1 de 1 de 1 de</p>" * 100_000,
        "<h1>H</h1>" + "<p>2024. </p>" * 100_000,
    ],
    ids=["times", "figures", "word", "words", "years"],
)
def test_dates_that_are_made_to_be_slow(body: str) -> None:
    with steady():
        read(body)


@pytest.mark.parametrize(
    ("stated", "lang", "published"),
    [
        ("10.03.2026 21:00", "de", "2026-03-10"),
        ("March 10, 2026", "en", "2026-03-10"),
        ("10 mars 2026", "fr", "2026-03-10"),
        ("2026年3月10日", "ja", "2026-03-10"),
        ("3/5/2026", "en", None),
        ("soon", "en", None),
        ("0001-01-01T00:00:00Z", "de", None),
    ],
)
def test_days_of_json_ld_in_words(stated: str, lang: str, published: str | None) -> None:
    ld = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"H","datePublished":"{stated}"}}</script>'
    assert read(head=ld, lang=lang).get("published") == published
    surer = ld + '<meta property="article:published_time" content="2026-03-11">'
    assert read(head=surer, lang=lang).get("published") == "2026-03-11"
