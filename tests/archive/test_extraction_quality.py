"""The gate: how much of the golden pages' articles is found, as they are and with what helps taken out of their markup."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.extraction.page import examine_page
from bench.shingles import overlap

PAGES = Path(__file__).parents[1] / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())
LEAST_LANGUAGES = 10

Change = Callable[[str], str]


def as_it_is(html: str) -> str:
    return html


def without_names(html: str) -> str:
    """No class, id or role that says what an element is for."""
    return re.sub(r'\s(?:class|id|role|itemprop)="[^"]*"', "", html)


def without_sections(html: str) -> str:
    """Everything in ``div``."""
    return re.sub(
        r"<(/?)(?:article|main|section|aside|header|footer|nav|figure|figcaption)\b", r"<\1div", html
    )


def without_description(html: str) -> str:
    """No metadata: neither JSON-LD nor OpenGraph."""
    return re.sub(
        r'<script type="application/ld\+json">.*?</script>|<meta property=[^>]*>', "", html, flags=re.DOTALL
    )


def f1(case: str, change: Change) -> float:
    html = (PAGES / case / "input.html").read_text(encoding="utf-8")
    outcome = examine_page(
        change(html).encode(),
        url="https://www.example.com/news/page-1.html",
        content_type="text/html; charset=utf-8",
    )
    expected = (PAGES / case / "expected.txt").read_text(encoding="utf-8").partition("\n")[2]
    found = outcome.article.text.partition("\n")[2] if outcome.article else ""
    return overlap(expected, found)[2]


@pytest.mark.parametrize(
    ("change", "least_mean", "least"),
    [
        (as_it_is, 0.995, 0.95),
        (without_names, 0.96, 0.7),
        (without_sections, 0.97, 0.6),
        (without_description, 0.99, 0.95),
    ],
)
def test_articles_are_found(change: Change, least_mean: float, least: float) -> None:
    scores = {case: f1(case, change) for case in CASES}
    worst = min(scores, key=lambda case: scores[case])
    assert scores[worst] >= least, worst
    assert sum(scores.values()) / len(scores) >= least_mean, sorted(scores.items(), key=lambda pair: pair[1])[
        :5
    ]


def test_the_gate_sees_many_languages() -> None:
    assert len({case.partition("-")[0] for case in CASES}) >= LEAST_LANGUAGES
