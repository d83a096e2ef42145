"""Microdata and RDFa: what elements of a page are marked as, and what is made of it."""

import pytest

from archive.extraction.metadata import Metadata, read_metadata
from archive.extraction.microdata import MICRODATA, RDFA, Item, read_items
from archive.extraction.tree import parse_html
from tests.patience import steady

ARTICLE = 'itemscope itemtype="https://schema.org/NewsArticle"'


def items(body: str) -> tuple[Item, ...]:
    root = parse_html(f"<html><body>{body}</body></html>")
    assert root is not None
    return read_items(root, MICRODATA)


def read(body: str, head: str = "") -> Metadata:
    root = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    assert root is not None
    return read_metadata(root, "https://www.example.org/news/story.html")


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("<span itemprop=p>a  <b>bold</b>\n text</span>", "a bold text"),
        ("<meta itemprop=p content='the content'>", "the content"),
        ("<span itemprop=p content='the content'>text</span>", "the content"),
        ("<a itemprop=p href=/x>text</a>", "/x"),
        ("<a itemprop=name href=/x>text</a>", "text"),
        ("<link itemprop=p href=/x>", "/x"),
        ("<img itemprop=p src=/i.jpg>", "/i.jpg"),
        ("<object itemprop=p data=/o></object>", "/o"),
        ("<data itemprop=p value=7>seven</data>", "7"),
        ("<meter itemprop=p value=7>seven</meter>", "7"),
        ("<time itemprop=p datetime=2026-03-10>today</time>", "2026-03-10"),
        ("<time itemprop=p>10 March</time>", "10 March"),
        ("<span itemprop='q https://schema.org/p'>text</span>", "text"),
        ("<span itemprop=p>text<script>code()</script></span>", "text"),
        ("<span itemprop=p></span>", None),
    ],
)
def test_the_value_of_a_property(element: str, value: str | None) -> None:
    assert items(f"<div itemscope>{element}</div>")[0].get("p" if "name" not in element else "name") == value


def test_objects_hold_objects() -> None:
    article, author, publisher = items(
        f"<div {ARTICLE}><h1 itemprop=headline>H</h1>"
        "<p>By <span itemprop=author itemscope itemtype='http://schema.org/Person'><b itemprop=name>Ada</b></span></p>"
        "<span itemprop=keywords>harbour</span><span itemprop=keywords>clocks</span><span itemprop=keywords>x</span>"
        "<div itemprop=publisher itemscope><meta itemprop=name content=Probe></div></div>"
    )
    assert article == {
        "@type": ["https://schema.org/NewsArticle"],
        "headline": "H",
        "author": author,
        "keywords": ["harbour", "clocks", "x"],
        "publisher": publisher,
    }
    assert (author["name"], publisher["name"]) == ("Ada", "Probe")


def test_values_from_elsewhere_belong_to_who_refers_to_them() -> None:
    found = items(
        "<div itemscope itemref='a b none'></div><p id=a><b itemprop=x>1</b></p><b id=b itemprop=y>2</b>"
        "<p itemprop=z>nobody's</p>"
    )
    assert found == ({"@type": [], "x": "1", "y": "2"},)


def test_no_object_holds_itself() -> None:
    found = items("<div id=a itemscope itemprop=p itemref=a><b itemprop=x>1</b></div>")
    assert found == ({"@type": [], "x": "1"},)


def test_an_article_is_read_from_its_marked_elements() -> None:
    metadata = read(
        f"<article {ARTICLE}><meta itemprop=mainEntityOfPage content=/x><h1 itemprop=headline>The bridge stays</h1>"
        "<span itemprop=author itemscope><a itemprop=name href=/a>Ada Kline</a></span>"
        "<time itemprop=datePublished datetime='2026-03-10T08:00:00+01:00'>Tuesday</time>"
        "<meta itemprop=dateModified content='2026-03-11T09:00:00Z'><meta itemprop=articleSection content=Town>"
        "<link itemprop=license href='https://example.org/licence'><meta itemprop=isAccessibleForFree content=False>"
        "<div itemprop=articleBody>Text</div></article>"
    )
    assert metadata.authors == ("Ada Kline",)
    assert metadata.get("published") == "2026-03-10T08:00:00+01:00"
    assert metadata.get("modified") == "2026-03-11T09:00:00+00:00"
    assert (metadata.get("section"), metadata.free) == ("Town", False)
    assert metadata.get("licence") == "https://example.org/licence"
    assert {dict(metadata.sources)[name] for name in ("authors", "published", "section", "free")} == {
        "microdata"
    }


def test_an_article_is_read_from_rdfa() -> None:
    metadata = read(
        "<div vocab='https://schema.org/' typeof='schema:NewsArticle'><h1 property='schema:headline'>H</h1>"
        "<div property=author typeof=Person><span property=name>Ada Kline</span></div>"
        "<span property=datePublished content='2026-03-10'>Tuesday</span></div>",
        '<meta property="og:title" content="H">',
    )
    assert (metadata.authors, metadata.get("published")) == (("Ada Kline",), "2026-03-10")
    assert dict(metadata.sources)["authors"] == "rdfa"


def test_one_of_many_teasers_is_not_the_article() -> None:
    teaser = (
        f"<div {ARTICLE}><b itemprop=headline>T</b><meta itemprop=datePublished content=2026-03-0%d></div>"
    )
    assert read("".join(teaser % n for n in range(1, 5))).structured.marked == {}
    own = f"<div {ARTICLE}><b itemprop=headline>T</b><b itemprop=author>Ada Kline</b>"
    metadata = read(teaser % 1 + own + "<meta itemprop=datePublished content=2026-03-09></div>")
    assert metadata.get("published") == "2026-03-09"


@pytest.mark.parametrize(
    "body",
    [
        "<div itemscope itemprop=p>" * 100_000,
        "<b itemprop='" + "a " * 100_000 + "'>x</b>",
        "<div itemscope>" + "<b itemprop=p>x</b>" * 50_000 + "</div>",
        "<div itemscope>" + "<div itemprop=p>" * 2000 + "x" * 1_000_000,
        "".join(f"<div itemscope itemref='{'x ' * 300}'></div>" for _ in range(5000)),
    ],
    ids=["nested objects", "many names", "many values", "nested values", "references"],
)
@pytest.mark.parametrize("syntax", [MICRODATA, RDFA], ids=["microdata", "rdfa"])
def test_marks_that_are_made_to_be_slow(body: str, syntax: object) -> None:
    if syntax is RDFA:
        body = body.replace("itemscope", "typeof=Article").replace("itemprop", "property")
    with steady():
        read(body)
