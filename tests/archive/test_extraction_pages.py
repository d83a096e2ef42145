"""Golden pages: whole pages to their documents and metadata. Each folder of tests/pages is a case."""

import json
from pathlib import Path

import pytest

from archive.document import parse
from archive.extraction.encoding import decode_html
from archive.extraction.metadata import read_metadata
from archive.extraction.page import examine_page
from archive.extraction.text import page_text
from archive.extraction.tree import parse_html
from archive.outcome import Article, Kind, Outcome

PAGES = Path(__file__).parents[1] / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())
URL = "https://www.example.com/news/page-1.html"


def examine(case: str) -> Outcome:
    return examine_page((PAGES / case / "input.html").read_bytes(), url=URL, content_type="text/html")


def article(case: str) -> Article:
    outcome = examine(case)
    assert outcome.kind is Kind.ARTICLE, outcome.reason
    assert outcome.article is not None
    return outcome.article


@pytest.mark.parametrize("case", CASES)
def test_text(case: str) -> None:
    assert article(case).text == (PAGES / case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_metadata(case: str) -> None:
    outcome = examine(case)
    for field, value in json.loads((PAGES / case / "expected.json").read_text(encoding="utf-8")).items():
        found = getattr(outcome if field in ("canonical_url", "rights") else outcome.article, field)
        assert (list(found) if isinstance(found, tuple) else found) == value, field


@pytest.mark.parametrize("case", CASES)
def test_examining_twice_gives_the_same(case: str) -> None:
    assert examine(case) == examine(case)


@pytest.mark.parametrize("case", CASES)
def test_documents_read_back(case: str) -> None:
    text = article(case).text
    assert parse(text).title == article(case).title


def test_the_whole_page_equals_the_supplied_document() -> None:
    folder = PAGES / "fr-wire-report"
    text, _ = decode_html((folder / "input.html").read_bytes(), "text/html")
    root = parse_html(text)
    assert root is not None
    metadata = read_metadata(root, URL)
    assert page_text(root, metadata.title, metadata.heading).encode() == (folder / "page.txt").read_bytes()


def test_the_article_is_the_supplied_document_down_to_its_link_line() -> None:
    supplied = (PAGES / "fr-wire-report" / "page.txt").read_text(encoding="utf-8").split("\n")
    end = next(index for index, line in enumerate(supplied) if line.startswith("Lire aussi"))
    expected = [line for line in supplied[: end + 1] if line != "Suivez RT en français surTelegram"]
    assert article("fr-wire-report").text == "\n".join(expected)


@pytest.mark.parametrize(
    "change",
    [
        ("class=", "data-x="),
        ("<article", "<div"),
        ("<figcaption>", "<div>"),
        ("<main>", "<div><table><tr><td>"),
        ('<meta property="og:title"', "<meta"),
        ("<p>Lire aussi : <a", "<p><b>Lire aussi :</b> <a"),
        ("<footer>", "<div>"),
        ('role="dialog"', ""),
        ("    <p><strong>Les djihadistes", '</div><div class="summary">Les djihadistes'),
    ],
)
def test_the_article_does_not_hang_on_the_page_s_markup(change: tuple[str, str]) -> None:
    html = (PAGES / "fr-wire-report" / "input.html").read_text(encoding="utf-8")
    assert change[0] in html
    outcome = examine_page(html.replace(*change).encode(), url=URL, content_type=None)
    assert outcome.article is not None
    assert outcome.article.text == (PAGES / "fr-wire-report" / "expected.txt").read_text(encoding="utf-8")
