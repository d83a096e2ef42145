"""trafilatura's vote: the steps that are called one by one give what trafilatura itself would."""

from copy import deepcopy
from pathlib import Path

import pytest
import trafilatura
from lxml.etree import tostring
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Extractor

from archive.extraction.layout import layout
from archive.extraction.lines import Line
from archive.extraction.tree import drop_unread, parse_html
from archive.extraction.vote import chosen, main_content, match_lines, reduced

PAGES = Path(__file__).parents[1] / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())


def read(case: str) -> HtmlElement:
    """A page as trafilatura wants it."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = document_fromstring((PAGES / case / "input.html").read_bytes(), parser=parser)
    drop_unread(root)
    return root


@pytest.mark.parametrize("case", CASES)
def test_main_content_is_what_trafilatura_extracts(case: str) -> None:
    root = read(case)
    theirs = trafilatura.bare_extraction(
        deepcopy(root), options=Extractor(fast=True, precision=True, comments=False)
    )
    ours = main_content(deepcopy(root))
    assert tostring(ours) == (tostring(theirs.body) if theirs else b"<body/>")


@pytest.mark.parametrize("case", CASES)
def test_a_part_is_looked_at_as_in_its_page(case: str) -> None:
    root = read(case)
    assert tostring(main_content(reduced(root[-1], []))) == tostring(main_content(root))


def lines_of(html: str) -> list[Line]:
    root = parse_html(html)
    assert root is not None
    return layout(root)


def test_what_lxml_refuses_is_no_choice() -> None:
    assert not any(chosen(lines_of("<html><body><p>\ufffe</p></body></html>"), [1.0]))


def test_what_is_read_but_not_made_is_no_obstacle() -> None:
    """libxml2 reads names that lxml refuses to make, of scripts that begin in the midst of a line."""
    prose = (
        "<p>The council met on Monday and voted for the plan by a margin that nobody had expected.</p>" * 3
    )
    lines = lines_of(f'<body><t.min&&(a=b),"x"><div>{prose}</div>')
    assert any("(" in e.tag for e in lines[0].element.iterancestors())
    assert chosen(lines, [1.0] * 3) == [True] * 3


def test_nothing_likely_is_no_choice() -> None:
    assert chosen(lines_of("<p>One</p><p>Two</p>"), [0.0, 0.0]) == [False, False]


def test_the_page_is_left_as_it_was() -> None:
    lines = lines_of("<div><ul><li><a href=/a>One more</a><li><a href=/b>Another</a><li><a>x</a></ul></div>")
    root = lines[0].element.getroottree()
    before = tostring(root)
    chosen(lines, [1.0] * len(lines))
    assert tostring(root) == before


def test_only_the_part_that_may_be_the_text_is_looked_at() -> None:
    prose = "<p>The rain fell over the hills for hours, and nobody who had been out came back dry.</p>"
    lines = lines_of(f"<main><article><h1>Rain</h1>{prose * 4}</article><aside>{prose * 9}</aside></main>")
    votes = chosen(lines, [0.0, *[0.9] * 4, *[0.0] * 9])
    assert votes[1:5] == [True] * 4
    whole = chosen(lines, [0.0, *[0.9] * 13])
    assert len(whole) == len(votes) == len(lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Short", True),  # a run of its own
        ("Shor", False),  # part of one
        ("A sentence that is long\u00a0enough to be found", True),  # white space is no matter
        ("sentence that is long enough to be", True),  # inside a run, being long
        ("A sentence that is not there at all, I fear", False),
    ],
)
def test_lines_match_runs(text: str, expected: bool) -> None:
    runs = ["Short", "A sentence that is long enough to be found here"]
    assert match_lines([text], runs) == [expected]
