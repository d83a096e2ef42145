"""trafilatura's vote: the steps that are called one by one give what trafilatura itself would."""

from copy import deepcopy
from pathlib import Path

import pytest
import trafilatura
from lxml.etree import tostring
from trafilatura.settings import Extractor

from archive.extraction.tree import drop_unread, layout, parse_html
from archive.extraction.vote import chosen, main_content, match_lines

PAGES = Path(__file__).parents[1] / "pages"


@pytest.mark.parametrize("case", sorted(path.name for path in PAGES.iterdir() if path.is_dir()))
def test_main_content_is_what_trafilatura_extracts(case: str) -> None:
    root = parse_html((PAGES / case / "input.html").read_text(encoding="utf-8", errors="replace"))
    assert root is not None
    drop_unread(root)
    theirs = trafilatura.bare_extraction(
        deepcopy(root), options=Extractor(fast=True, precision=True, comments=False)
    )
    ours = main_content(deepcopy(root))
    assert tostring(ours) == (tostring(theirs.body) if theirs else b"<body/>")


def test_what_lxml_refuses_is_no_choice() -> None:
    root = parse_html("<html><body><p>\ufffe</p></body></html>")
    assert root is not None
    assert not any(chosen(root, layout(root)))


def test_the_page_is_left_as_it_was() -> None:
    root = parse_html("<div><ul><li><a href=/a>One more</a><li><a href=/b>Another</a><li><a>x</a></ul></div>")
    assert root is not None
    before = tostring(root)
    chosen(root, layout(root))
    assert tostring(root) == before


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
