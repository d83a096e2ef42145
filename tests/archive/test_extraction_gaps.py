"""Lines kept or left out by what stands around them, and the model's trees against a plain walk over them."""

import json
from typing import Any

import pytest

from archive.extraction import model
from archive.extraction.boxes import Boxes
from archive.extraction.features import Clues, Measures
from archive.extraction.gaps import drop_trailing_links, fill_gaps
from archive.extraction.opinions import rows_with
from archive.extraction.tree import Line, layout, parse_html

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
def test_trees_compiled_are_the_trees_walked(name: str) -> None:
    prose = "A sentence that is long enough to be prose, they say. " * 2
    lines = lines_of("<h1>Title</h1>" + f"<div><p>{prose}</div>" * 5)
    page = Measures(lines, Clues("Title"))
    votes, likely = [False, True, True, False, True, True], [0.0, 0.9, 0.8, 0.3, 0.6, 0.1]
    rows = rows_with(page, votes, likely) if name == "with_votes" else page.rows()
    trees = json.loads(model.LINE_MODEL.read_bytes())[name]
    assert rows
    for row in rows.values():
        steps = [
            sum(walk(tree, row) for tree in trees[i : i + model.STEP])
            for i in range(0, len(trees), model.STEP)
        ]
        assert [step(row) for step in model._steps()[name]] == pytest.approx(steps)
