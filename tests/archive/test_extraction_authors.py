"""Who wrote an article: what the page states first, then what it shows."""

import re

import pytest
from trafilatura.metadata import extract_author
from trafilatura.xpaths import AUTHOR_XPATHS

from archive.extraction.authors import (
    GUESSED_BY,
    byline_authors,
    clean_authors,
    guessed_authors,
    is_guessed_by,
)
from archive.extraction.metadata import Metadata, read_metadata, with_bylines
from archive.extraction.tree import parse_html
from tests.patience import steady


def read(body: str, head: str = "") -> Metadata:
    root = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    assert root is not None
    return read_metadata(root, "https://www.the-probe.org/news/story.html")


def ld(author: str) -> str:
    return (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","publisher":{"name":"Probe Media"},'
        f'"author":{author}}}</script>'
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["John Garcia Jr."], ("John Garcia Jr.",)),
        (["Nelson C.J."], ("Nelson C.J.",)),
        (["Ada Kline."], ("Ada Kline",)),
        (["Ein Bericht von Ada Kline"], ("Ada Kline",)),
        (["Door onze verslaggevers Bart van der Velde en Els Kline"], ("Bart van der Velde", "Els Kline")),
        (["Ada Kline – Foto: Bo Lind"], ("Ada Kline",)),
        (["Ada Kline | Fotoğraf: Bo Lind"], ("Ada Kline",)),
        (["신현주 기자"], ("신현주",)),
        (["Ada Kline", "March 9"], ("Ada Kline",)),
        (["Par Élodie Roy et Jean Petit"], ("Élodie Roy", "Jean Petit")),
        (["Ada Kline | Probe", "Ada Kline"], ("Ada Kline", "Probe")),
        (["x" * 5000], ()),
        (["José Ortega y Gasset"], ("José Ortega y Gasset",)),
        (["Ana Souza e Silva"], ("Ana Souza e Silva",)),
        (["Maria i Puig"], ("Maria i Puig",)),
        (["José Ortega y Gasset y Ana Mora"], ("José Ortega y Gasset", "Ana Mora")),
        (["Ana Mora, Jan Roe y José Ortega y Gasset"], ("Ana Mora", "Jan Roe", "José Ortega y Gasset")),
        (["Juan Pérez y Ana Mora e Iva Roe"], ("Juan Pérez", "Ana Mora", "Iva Roe")),
        (["Jan Kowalski i Anna Nowak"], ("Jan Kowalski", "Anna Nowak")),
        (["Da Vinci, Leonardo"], ("Da Vinci",)),
        (["Di Stefano Alfredo"], ("Di Stefano Alfredo",)),
        (["di Carina Moretti"], ("Carina Moretti",)),
        (["Von der Leyen Heiko"], ("Von der Leyen Heiko",)),
        (["von der Leyen"], ("von der Leyen",)),
        (["Von Ada Kline"], ("Ada Kline",)),
        (["王小明、李丽"], ("王小明", "李丽")),
        (["كريمة مراد، أحمد علي"], ("كريمة مراد", "أحمد علي")),
        (["Иван Петров и Анна Волкова"], ("Иван Петров", "Анна Волкова")),
        (["Іван Петренко та Анна Коваль"], ("Іван Петренко", "Анна Коваль")),
        (["Νίκος Παπάς και Άννα Ρήγα"], ("Νίκος Παπάς", "Άννα Ρήγα")),
        (["Kerime Yılmaz ve Ali Kaya"], ("Kerime Yılmaz", "Ali Kaya")),
        (["Haber Merkezi"], ("Haber Merkezi",)),
    ],
)
def test_names_are_cleaned(found: list[str], expected: tuple[str, ...]) -> None:
    assert clean_authors(found) == expected


@pytest.mark.parametrize(
    ("stated", "shown", "expected", "source"),
    [
        ('{"name":"Ada Kline"}', "", ("Ada Kline",), "json-ld"),
        ('{"name":"Probe Media"}', "<a rel=author>Ada Kline</a>", ("Ada Kline",), "html"),
        ('"The Probe Staff"', "<a rel=author>Ada Kline</a>", ("Ada Kline",), "html"),
        ('"the-probe.org"', "<a rel='author nofollow'>Ada Kline</a>", ("Ada Kline",), "html"),
        ('"Probe Media"', "<a rel=author>red</a>", ("Probe Media",), "json-ld"),
        ('"Probe Media"', "<a rel=author>Quelle: dpa</a>", ("Probe Media",), "json-ld"),
        ('"Probe Media"', "", ("Probe Media",), "json-ld"),
        ('["Probe Media", "Ada Kline"]', "", ("Ada Kline",), "json-ld"),
        ('{"@id":"#nobody"}', "<span class=byline__name>Ada Kline</span>", ("Ada Kline",), "html"),
        ('{"@id":"#nobody"}', "<span class=byLine>Ada Kline</span>", ("Ada Kline",), "html"),
    ],
)
def test_the_publisher_is_the_author_only_where_nobody_else_is_named(
    stated: str, shown: str, expected: tuple[str, ...], source: str
) -> None:
    named = '<meta property="og:site_name" content="The Probe">'
    metadata = read(f"<h1>H</h1>{shown}", named + ld(stated))
    assert (metadata.authors, dict(metadata.sources)["authors"]) == (expected, source)


def test_authors_of_other_articles_are_not_this_ones() -> None:
    own = "<div class=bylines><span class=author>Ada Kline</span> <b>and</b> <span class=author>Bo Lind</span></div>"
    teasers = "<div><p>Another story</p><span class=author>Cy Marr</span></div>" * 3
    assert read(f"<h1>H</h1><div>{own}<p>{'Text. ' * 100}</p></div>{teasers}").authors == (
        "Ada Kline",
        "Bo Lind",
    )


def test_a_byline_names_who_nothing_else_names() -> None:
    metadata = read("<h1>H</h1>")
    assert metadata.authors == ()
    root = parse_html("<html><body><p>x</p></body></html>")
    assert root is not None
    named = with_bylines(metadata, ("By Ada Kline, Contributing Writer", "Translated for the web"), root)
    assert (named.authors, dict(named.sources)["authors"]) == (("Ada Kline",), "byline")
    assert with_bylines(read("<h1>H</h1>", ld('"Bo Lind"')), ("By Ada Kline",), root).authors == ("Bo Lind",)
    assert byline_authors(("Di Carina Moretti", "Von Bo Lind")) == ("Carina Moretti", "Bo Lind")
    assert byline_authors(("Ada Kline sings", "10 March")) == ()


@pytest.mark.parametrize(
    "name",
    [
        "a and " * 100_000,
        "a y " * 100_000,
        "by " * 100_000,
        "(" * 500_000,
        "a, " * 200_000,
        " " * 500_000 + "x",
        "." * 500_000,
    ],
    ids=["and", "y", "by", "parentheses", "commas", "spaces", "stops"],
)
def test_names_that_are_made_to_be_slow(name: str) -> None:
    with steady():
        clean_authors([name] * 3)
        byline_authors([name])
        read(f"<meta name=author content='{name}'><span class=author>{name}</span>")


def test_trafilatura_is_asked_wherever_it_may_find_anybody() -> None:
    for expression in AUTHOR_XPATHS:
        for literal in re.findall(r"'([^']+)'", expression.path):
            names = re.sub(r"\[(\w)\w\]", r"\1", literal).split("|")
            assert names == ["me"] or all(map(is_guessed_by, names)), literal
        assert set(re.findall(r"@([\w-]+)", expression.path)) <= set(GUESSED_BY)


@pytest.mark.parametrize(
    "page",
    [
        "<div class=a><p class=author>Ada Kline</p><p>Text</p></div>",
        "<div id=comments><p class=author>Bo Reyes</p></div><section><span id=x-author>Ada Kline</span></section>",
        "<div class=story-author><p>Ada</p><time>today</time> Kline</div>",
        "<section class=author-list><figure><p class=byline>Bo Reyes</p></figure><p class=byline>Ada Kline</p></section>",
        "<p>x<author>Ada Kline</author></p><p>y<rel>me</rel></p>",
        "<div #a=1 class='\x01'><p class=author>Ada Kline</p></div>",
        "<body class=single-author><p>Ada Kline</p>",
    ],
)
def test_a_sketch_names_whom_the_page_names(page: str) -> None:
    root = parse_html(page)
    assert root is not None
    expected = clean_authors([extract_author(root) or ""])
    assert guessed_authors(root) == expected


TEASER = "<h3><a href=/old>Old story</a></h3><span class=byline>By Rob Elder</span><time datetime=2024-01-05>5 Jan</time>"
OWN = "<h1>Story</h1><span class=byline>By Nora Lind</span><time datetime=2026-11-10>10 Nov</time><p>Text</p>"


@pytest.mark.parametrize(
    ("body", "author", "published"),
    [
        (f"<aside><article>{TEASER}</article></aside><article>{OWN}</article>", "Nora Lind", "2026-11-10"),
        (f"<aside>{TEASER}</aside><main>{OWN}</main>", "Nora Lind", "2026-11-10"),
        (f"<article>{TEASER}</article><main>{OWN}</main>", "Nora Lind", "2026-11-10"),
        (f"<aside>{TEASER}</aside><main><h1>Story</h1><p>Text</p></main>", None, None),
        (
            f"<article><h1>Story</h1><aside class=who>{TEASER}</aside></article>",
            "Rob Elder",
            "2024-01-05",
        ),  # its own
        (f"<main><p>Story</p></main><article>{TEASER}</article>", "Rob Elder", "2024-01-05"),  # nothing tells
    ],
)
def test_what_stands_aside_is_anothers(body: str, author: str | None, published: str | None) -> None:
    found = read(body, "<title>Story</title>")
    assert found.authors == ((author,) if author else ())
    assert found.get("published") == published


def test_what_json_ld_refers_to() -> None:
    graph = """<script type="application/ld+json">{"@graph":[{"@type":"Organization","@id":"#us","name":"Probe Media"},
        {"@type":"ImageObject","@id":"#img","url":"/pool.jpg"},{"@type":"Person","@id":"#ada","name":"Ada Kline"},
        {"@type":"NewsArticle","headline":"H","author":[{"@type":"Person","@id":"#ada","url":"/ada"}],"image":[{"@id":"#img"}],"publisher":{"@id":"#us"}}]}</script>"""
    found = read("<h1>H</h1>", graph)
    assert found.authors == ("Ada Kline",)
    assert found.get("image") == "https://www.the-probe.org/pool.jpg"
    assert found.get("site_name") == "Probe Media"


def test_a_reference_to_nothing_says_nothing() -> None:
    graph = """<script type="application/ld+json">
        {"@type":"NewsArticle","headline":"H","image":{"@id":"#img"},"publisher":{"@id":"#us"},"author":{"@id":"#ada"}}</script>"""
    found = read("<h1>H</h1>", graph)
    assert (found.authors, found.get("image"), found.get("site_name")) == ((), None, None)
