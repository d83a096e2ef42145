"""Lines kept or left out by what stands around them, and the model's trees against a plain walk over them."""

import json
from typing import Any

import numpy as np
import pytest

from archive.extraction import model
from archive.extraction.boxes import Boxes
from archive.extraction.features import Clues, Measures
from archive.extraction.forest import STEP, Forest, Trees
from archive.extraction.gaps import drop_trailing_links, fill_gaps
from archive.extraction.layout import layout
from archive.extraction.lines import Line
from archive.extraction.opinions import rows_with
from archive.extraction.tree import parse_html

PROSE = "<p>The rain fell over the hills for hours, and nobody came back dry.</p>"


def lines_of(html: str) -> list[Line]:
    root = parse_html(html)
    assert root is not None
    return layout(root)


@pytest.mark.parametrize(
    ("html", "kept", "filled"),
    [
        ("<ul><li>a<li>b<li>c</ul>", "x.x", "xxx"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "x..x", "xxxx"),  # nested items too
        ("<ul><li>a<li><a href=/>b</a><li>c</ul>", "x.x", "x.x"),  # not its links
        ("<ul><li>a<li>b</ul><ul><li>c</ul>", "x.x", "x.x"),  # two lists
        ("<p>a<p>b<p>c", "x.x", "xxx"),
        ("<p>a<p class=note>b<p>c", "x.x", "x.x"),  # of another look
        ("<p>a<p><a href=/>b</a><p>c", "x.x", "x.x"),
        ("<h2>a</h2><p>b</p><h2>c</h2><p>d</p>", "xx.x", "xxxx"),  # a heading like one that is kept
        ("<h2>a</h2><p>b</p><h3>c</h3><p>d</p>", "xx.x", "xx.x"),
        ("<h2>a</h2><p>b</p><h2 hidden>c</h2><p>d</p>", "xx.x", "xx.x"),
        ("<h2>a</h2><p>b</p><h2>c</h2><p>d</p>", "xx..", "xx.."),  # over nothing that is kept
        (f"{PROSE}<h2><a href=/>b</a></h2>{PROSE}", "x.x", "xxx"),  # a linked heading between prose
        (f"{PROSE}<h2>b</h2><p>Short</p>", "x.x", "x.x"),
        (
            f"<div>{PROSE}</div><section><h2>b</h2></section><div>{PROSE}</div>",
            "x.x",
            "x.x",
        ),  # of another box
    ],
)
def test_gaps_are_filled_with_their_kind(html: str, kept: str, filled: str) -> None:
    marks = [mark == "x" for mark in kept]
    fill_gaps(lines_of(html), marks, 0)
    assert "".join("x" if mark else "." for mark in marks) == filled


def test_nothing_is_filled_before_the_start() -> None:
    marks = [True, False, True]
    fill_gaps(lines_of("<ul><li>a<li>b<li>c</ul>"), marks, 2)
    assert marks == [True, False, True]


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a<p><a href=/>Print</a><p><a href=/>Back</a>", [True, False, False]),
        ("<p><a href=/>a</a><p>b", [True, True]),
        ("<p>a<p>See <a href=/>the report</a>", [True, True]),
        ("<p><a href=/>a</a>", [False]),
    ],
)
def test_links_that_end_a_text_are_dropped(html: str, left: list[bool]) -> None:
    lines = lines_of(html)
    kept = [True] * len(lines)
    drop_trailing_links(lines, kept)
    assert kept == left


def test_lines_alike_in_boxes_alike_are_levelled() -> None:
    lines = lines_of(
        "".join(f"<div class=card><h3>t{i}</h3><p>text</p></div>" for i in range(3)) + "<p>text</p>"
    )
    odds = [0.0, 0.9, 0.0, 0.1, 0.0, 0.2, 0.5]
    assert model.level(odds, Boxes(lines, range(7)), lines) == pytest.approx([0, 0.65, 0, 0.25, 0, 0.3, 0.5])


def walk(tree: Any, row: list[float]) -> float:
    while isinstance(tree, list):
        tree = tree[2] if row[tree[0]] <= tree[1] else tree[3]
    return float(tree)


@pytest.mark.parametrize("name", ["alone", "with_votes"])
def test_trees_at_once_are_the_trees_walked(name: str) -> None:
    prose = "A sentence that is long enough to be prose, they say. " * 2
    lines = lines_of("<h1>Title</h1>" + f"<div><p>{prose}</div>" * 5)
    page = Measures(lines, Clues("Title"))
    votes, likely = [False, True, True, False, True, True], [0.0, 0.9, 0.8, 0.3, 0.6, 0.1]
    rows = rows_with(page, votes, likely) if name == "with_votes" else page.rows()
    trees = json.loads(model.LINE_MODEL.read_bytes())[name]
    said = np.vstack([part.said(rows.numbers) for part in Forest.of(trees).parts])
    assert rows.indexes == list(range(6))
    for row, weights in zip(rows.numbers.T.tolist(), said.T.tolist(), strict=True):
        assert weights == pytest.approx([walk(tree, row) for tree in trees])


def test_lines_are_settled_by_as_many_trees_as_it_takes() -> None:
    trees = [[0, 0.5, 0.005, 0.3]] * 300
    rows = np.array([[1.0, 0.0]], np.float32)
    assert Forest.of(trees).odds(rows) == pytest.approx([0.3 * STEP, 0.005 * 300])


def test_a_tree_of_too_many_leaves_is_refused() -> None:
    tree: Any = 0.5
    for _ in range(16):
        tree = [0, 1.0, tree, 0.5]
    with pytest.raises(ValueError, match="more than 16 leaves"):
        Forest.of([tree])


@pytest.mark.parametrize("lean", ["left", "right"])
def test_a_tree_with_a_leaf_for_each_bit_finds_them_all(lean: str) -> None:
    tree: Any = 15.0
    for n in reversed(range(15)):
        tree = [0, n + 0.5, float(n), tree] if lean == "right" else [0, 14.5 - n, tree, float(n)]
    rows = np.array([[float(n) for n in range(16)]], np.float32)
    assert Trees.of([tree, 7.0]).said(rows).tolist() == [[walk(tree, [x]) for x in rows[0]], [7.0] * 16]
