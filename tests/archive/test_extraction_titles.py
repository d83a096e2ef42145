"""The title that a page shows, found among its headings by what its metadata call it."""

import pytest

from archive.extraction.metadata import Metadata, read_metadata
from archive.extraction.tree import parse_html
from tests.patience import steady

OG = '<meta property="og:title" content="{}">'
NAMED = '<meta property="og:site_name" content="The Probe">'


def read(head: str = "", body: str = "") -> Metadata:
    root = parse_html(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>")
    assert root is not None
    return read_metadata(root, "https://www.example.org/news/story.html")


@pytest.mark.parametrize(
    ("stated", "heading", "title"),
    [
        ("The bridge stays", "<span>Town hall</span> <span>The bridge stays</span>", "The bridge stays"),
        ("The bridge stays", "<div>Town hall</div>\nThe bridge stays", "The bridge stays"),
        ("The bridge stays", "<a href=/x>Town hall | </a>The bridge stays", "The bridge stays"),
        ("The bridge stays", "<b>Town hall<i> - </i></b>The <i>bridge</i> stays", "The bridge stays"),
        ("Town hall: The bridge stays", "<b>Town hall</b>The bridge stays", "Town hall: The bridge stays"),
        ("Town hall: The bridge stays", "<b>Town hall:</b>The bridge stays", "Town hall: The bridge stays"),
        ("Town hall / It's on", "<b>Town hall</b><br>It’s <i>on</i>", "Town hall / It’s on"),
        ("Town hall - “It is”", "<b>Town hall</b> “It is”", "Town hall - “It is”"),
        ("The bridge stays", "The bridge stays<span class=sr-only>, article</span>", "The bridge stays"),
        ("The bridge stays", "The br<i>id</i>ge stays", "The bridge stays"),
        ("The bridge stays", "Town hall: The bridge stays", "Town hall: The bridge stays"),
        ("The bridge", "<b>The bridge</b> stays where it is", "The bridge stays where it is"),
        ("The bridge stays", "<b>The</b>\u00a0bridge stays", "The\u00a0bridge stays"),
        ("橋は残る", "<span>市議会</span><span>橋は残る</span>", "橋は残る"),
    ],
)
def test_a_kicker_is_told_from_the_title(stated: str, heading: str, title: str) -> None:
    assert read(OG.format(stated), f"<h1>{heading}</h1>").title == title


def test_a_kicker_stays_where_only_the_tab_does_without_it() -> None:
    head = "<title>The bridge stays where it is | The Probe</title>"
    heading = "<h1><b>Town hall</b> The bridge stays where it is</h1>"
    assert read(head, heading).title == "Town hall The bridge stays where it is"


@pytest.mark.parametrize(
    "trail",
    [
        "<nav aria-label=breadcrumb><div><h1>The bridge stays open</h1></div></nav>",
        "<ol class=c-breadcrumb><li><h1>The bridge stays open</h1></li></ol>",
        "<div class='Crumbs'><h1>The bridge stays open</h1></div>",
        "<div><h1 class=breadcrumb_last>The bridge stays open</h1></div>",
    ],
)
def test_the_end_of_a_breadcrumb_trail_is_no_heading_beside_another(trail: str) -> None:
    stated = OG.format("The bridge stays open")
    assert read(stated, f"{trail}<h2>The bridge stays open, and how</h2>").title == (
        "The bridge stays open, and how"
    )
    assert read(stated, f"{trail}<h2>Most read</h2>").title == "The bridge stays open"
    assert read(stated, trail).title == "The bridge stays open"


def test_the_only_heading_is_the_title_though_the_metadata_call_it_otherwise() -> None:
    stated = OG.format("A ghostly particle could unlock the computers of the future")
    standfirst = "<h2>A ghostly particle could unlock computers of the future</h2>"
    assert read(stated, f"<h1>The quantum phantom of the past</h1>{standfirst}").title == (
        "The quantum phantom of the past"
    )


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (OG.format("The bridge stays open"), "<h1>Daily Tribune</h1><h2>The bridge stays open</h2>", "The bridge stays open"),
        (
            NAMED + OG.format("The bridge stays open") + "<title>The Probe</title>",
            "<h1>The Probe</h1><h2>The bridge stays open!</h2>",
            "The bridge stays open!",
        ),
        (
            NAMED + OG.format("The bridge stays open") + "<title>The Probe</title>",
            "<h1>The Probe</h1><h1>Why the bridge stays open</h1>",
            "Why the bridge stays open",
        ),
        (
            NAMED + OG.format("The probe into the bridge is over"),
            "<h1>The Probe</h1><div>The probe into the bridge is over</div>",
            "The probe into the bridge is over",
        ),
        (NAMED + OG.format("The Probe"), "<h1>The Probe</h1><h2>Most read</h2>", "The Probe"),
        (NAMED, "<h1>Why the bridge stays open</h1>", "Why the bridge stays open"),
    ],
)  # fmt: skip
def test_a_logo_is_no_title_beside_another(head: str, body: str, title: str) -> None:
    assert read(head, body).title == title


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("The bridge stays open | The Probe", "The bridge stays open"),
        ("The bridge stays open – The Probe", "The bridge stays open"),
        ("The Probe: the bridge stays open", "The Probe: the bridge stays open"),
        ("The Probe | The bridge stays open", "The bridge stays open"),
        ("The bridge - a chronicle", "The bridge - a chronicle"),
        ("Open-and-shut", "Open-and-shut"),
    ],
)
def test_a_title_without_a_heading_goes_without_the_sites_name(stated: str, title: str) -> None:
    assert read(NAMED + OG.format(stated)).title == title


def test_a_title_goes_without_what_the_headline_goes_without() -> None:
    headline = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"The bridge stays open"}</script>'
    metadata = read(OG.format("The bridge stays open-politics daily") + headline)
    assert (metadata.title, metadata.heading) == ("The bridge stays open", None)


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"<h1>{'ab' * 150}{n}</h1>" for n in range(30_000)),
        "<h1>" + "<span>a </span>" * 100_000 + "</h1>",
        "<h1>" + "a: " * 300_000 + "</h1>",
        "<h1>" + "<i>" * 50_000 + "x",
    ],
    ids=["many", "pieces", "long", "deep"],
)
def test_titles_that_are_made_to_be_slow(body: str) -> None:
    with steady():
        read(OG.format("ba" * 150) + f"<title>{' - ' * 100_000}</title>", body)
