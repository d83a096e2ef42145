"""The kinds of the made pages of the benchmark, as a floor under what its documentation says."""

from collections import Counter
from functools import cache

import pytest

from archive.extraction.held import MIN_HELD, held_texts
from archive.extraction.tree import parse_html
from bench.labels import HALVES, examine, label_pages, told

LABELS = (
    "article",
    "blocked",
    "consent-wall",
    "empty",
    "media",
    "partial",
    "paywall",
    "script",
    "section",
    "soft-404",
)
FLOOR = 0.8
"""Precision and recall of each label."""


@cache
def pairs(half: str) -> tuple[tuple[str, str], ...]:
    pages = (page for page in label_pages() if page.half == half)
    return tuple((page.label, told(examine(page.url, page.html.encode()))) for page in pages)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_told(label: str, half: str) -> None:
    wanted = [found for made, found in pairs(half) if made == label]
    given = [made for made, found in pairs(half) if found == label]
    assert min(wanted.count(label) / len(wanted), given.count(label) / len(given)) >= FLOOR


def test_no_label_is_without_pages() -> None:
    counts = Counter(page.label for page in label_pages())
    assert set(counts) == set(LABELS)
    assert all(count >= 15 for label, count in counts.items() if label not in ("script", "empty"))
    assert counts["script"] + counts["empty"] >= 15


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ('<script id="__NEXT_DATA__" type="application/json">{"body": "%s"}</script>', "__NEXT_DATA__"),
        ('<script>window.__STORE__ = {"body": "%s"}</script>', "window.__STORE__"),
        ('<script type="application/json">["%s"]</script>', "application/json"),
        ('<script>self.__next_f.push([1, "{\\"children\\":\\"%s\\"}"])</script>', "self.__next_f"),
    ],
)
def test_prose_in_scripts_is_seen(script: str, name: str) -> None:
    prose = (
        "The council voted on Tuesday to keep the bridge open. Repairs will begin in the autumn, it said. "
        * 3
    )
    root = parse_html(f"<html><body>{script.replace('%s', prose)}<p>x</p></body></html>")
    assert root is not None
    (held,) = held_texts(root.iter("script"))
    assert held.name == name
    assert held.length >= MIN_HELD


@pytest.mark.parametrize(
    "script",
    [
        '<script>window.__STORE__ = {}; function a() { return "'
        + "var x = 1; if (y) { z(); } " * 20
        + '"}</script>',
        '<script>var text = "' + "A sentence of prose stands here for all to see. " * 20 + '"</script>',
        '<script type="application/json">{"url": "' + "https://example.org/a " * 40 + '"}</script>',
        '<script type="application/json">{"id": "' + "abcdefghij" * 100 + '"}</script>',
        '<script type="application/json">' + '"' * 100_000 + "</script>",
        '<script type="application/json">"' + "\\" * 100_001 + "</script>",
    ],
)
def test_code_and_data_are_no_prose(script: str) -> None:
    root = parse_html(f"<html><body>{script}<p>x</p></body></html>")
    assert root is not None
    assert held_texts(root.iter("script")) == ()
