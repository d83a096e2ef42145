"""The bylines that a page shows between its heading and its text."""

import pytest

from archive.document import parse
from archive.extraction.authors import byline_authors
from archive.extraction.page import examine_page

TEXT = "".join(
    f"<p>The council of the {name} district met on Tuesday evening and voted for the plan after a long and heated debate.</p>"
    for name in ("northern", "southern", "eastern", "western")
)


def bylines(under_heading: str, author: str = "") -> tuple[str, ...]:
    head = f'<meta name="author" content="{author}">' if author else ""
    html = (
        f"<html><head><meta charset=utf-8><title>A bridge stays</title>{head}</head><body><article>"
        f"<h1>A bridge stays</h1>{under_heading}<div class=article-body>{TEXT}</div></article></body></html>"
    )
    outcome = examine_page(html.encode(), url="https://example.com/2026/a-bridge-stays", content_type=None)
    assert outcome.article is not None
    return parse(outcome.article.text).bylines


@pytest.mark.parametrize(
    ("under_heading", "expected"),
    [
        ("<ul><li>Avec AFP</li></ul>", ("Avec AFP",)),
        ("<ul class=report-sources><li>Avec <b>AFP</b></li></ul>", ("Avec AFP",)),
        ("<ul class=authors><li>Ada Kline</li><li>Bo Lind</li></ul>", ("Ada Kline", "Bo Lind")),
        ("<div class=byline><ul><li>Ada Kline</li></ul></div>", ("Ada Kline",)),
        ("<ul><li>Von Ada Kline</li><li>Drucken</li></ul>", ("Von Ada Kline",)),
        (
            "<ul><li>Von: Ada Kline</li><li>Übersetzung und Adaptierung: AFP Deutschland</li></ul>",
            ("Von: Ada Kline", "Übersetzung und Adaptierung: AFP Deutschland"),
        ),
        ("<ul><li>Drucken</li></ul>", ()),
        ("<ul><li><button>Vorlesen</button></li><li><button>Schrift</button></li></ul>", ()),
        ("<ul><li>Imprimer</li><li>Commenter</li></ul>", ()),
        ("<ul><li>印刷</li></ul>", ()),
        ("<ul><li>Politik</li><li>Stadt</li></ul>", ()),
        ("<ul><li>The bridge stays for ten years</li><li>Repairs cost four million</li></ul>", ()),
    ],
)
def test_lists_under_the_heading(under_heading: str, expected: tuple[str, ...]) -> None:
    assert bylines(under_heading) == expected


def test_an_item_that_names_a_known_author() -> None:
    assert bylines("<ul><li>Ada Kline</li><li>Print</li></ul>", "Ada Kline") == ("Ada Kline",)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Текст: Иван Петров", "Иван Петров"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("מאת כרמל מזרחי", "כרמל מזרחי"),
        ("מאת: כרמל מזרחי", "כרמל מזרחי"),
        ("بقلم: كريمة مراد", "كريمة مراد"),
        ("بقلم كريمة مراد", "كريمة مراد"),
        ("نویسنده: کریمه مرادی", "کریمه مرادی"),
        ("Yazan: Kerime Yılmaz", "Kerime Yılmaz"),
        ("Haber: Kerime Yılmaz", "Kerime Yılmaz"),
        ("लेखक: करीना वर्मा", "करीना वर्मा"),
        ("文：田中花子", "田中花子"),
        ("文・田中花子", "田中花子"),
        ("글·김하늘", "김하늘"),
        ("作者：王小明", "王小明"),
    ],
)
def test_how_bylines_open(line: str, name: str) -> None:
    assert bylines(f"<div>{line}</div>") == (line,)
    assert byline_authors((line,)) == (name,)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Του Γιάννη Παπαδόπουλου", True),
        ("Της Άννας Μαρίας Ρήγα", True),
        ("Της Ευρώπης η πιο παλιά γέφυρα", False),
        ("文化局周二宣布", False),
        ("Haberler", False),
        ("Haber merkezi", False),
    ],
)
def test_openings_of_bylines_and_of_sentences(line: str, shown: bool) -> None:
    assert bylines(f"<div>{line}</div>") == ((line,) if shown else ())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<p>By Ada Kline <time>4 May 2026</time></p>", ("By Ada Kline",)),
        (
            "<div><span>Par <a>Ada Kline</a></span> <span class=posted-on>4 mai 2026</span></div>",
            ("Par Ada Kline",),
        ),
        ("<p><time>May 4, 2026</time> / Ada Kline</p>", ("Ada Kline",)),
        ("<p>Ada Kline <span class=date>Published: May 4, 2026, 10:00</span></p>", ("Ada Kline",)),
        ("<p>By Ada Kline on <time>May 4, 2026</time></p>", ("By Ada Kline",)),
        ("<p>Von Ada Kline, Berlin, 4. Mai 2026, 10:30 Uhr</p>", ("Von Ada Kline, Berlin",)),
        ("<p>4 May 2026 | By Ada Kline | Updated 5 May 2026</p>", ("By Ada Kline",)),
        ("<p>By Ada Kline May 4, 2026</p>", ()),  # nothing tells where the name ends
        ("<p><time>4 May 2026</time></p>", ()),
        ("<p><span class=author-date>Ada Kline, 4 May</span></p>", ("Ada Kline",)),
        ("<p>The plan of <time>4 May 2026</time> is dead.</p>", ()),
    ],
)
def test_a_date_beside_a_byline_is_none_of_it(line: str, expected: tuple[str, ...]) -> None:
    assert bylines(line, author="Ada Kline") == expected


def test_a_dated_byline_is_no_credit_of_the_cover() -> None:
    """The two lines above the text are a byline and a caption, not a picture's credit and caption."""
    under = "<div>Par Ada Kline <time>4 mai 2026</time></div><figure><img><figcaption>Les serres. © Ada Kline</figcaption></figure>"
    assert bylines(under, author="Ada Kline") == ("Par Ada Kline",)


STANDFIRST = "<p class=lead>The council has voted for the plan, and the bridge over the river will stay where it is for now.</p>"


@pytest.mark.parametrize(
    ("under_heading", "expected"),
    [
        (f"{STANDFIRST}<div>By Ada Kline</div>", ("By Ada Kline",)),
        (f"{STANDFIRST}<div>Ada Kline <time>4 May 2026</time></div>", ("Ada Kline",)),
        (f"{STANDFIRST}<div>By Ada Kline</div><div>Ada Kline</div>", ("By Ada Kline",)),  # said twice
        (f"<div>By Ada Kline</div>{STANDFIRST}<div>By Bo Lind</div>", ("By Ada Kline",)),
        (f"{STANDFIRST}<div>Share</div>", ()),
    ],
)
def test_bylines_under_a_standfirst(under_heading: str, expected: tuple[str, ...]) -> None:
    assert bylines(under_heading, author="Ada Kline") == expected


def test_a_name_further_down_is_no_byline() -> None:
    assert bylines(f"{STANDFIRST}{TEXT}<div>By Ada Kline</div>", author="Ada Kline") == ()
