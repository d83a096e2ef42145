"""What lines and boxes have in common with a page's subject."""

import pytest

from archive.extraction.boxes import Boxes
from archive.extraction.cohesion import Subject, telling
from archive.extraction.layout import layout
from archive.extraction.lines import Line
from archive.extraction.tree import parse_html


def lines_of(html: str) -> list[Line]:
    root = parse_html(html)
    assert root is not None
    return layout(root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Tide Mill turns", {"tide", "mill", "turns"}),  # in lower case, and without short words
        ("ÉCOLE école", {"école"}),
        ("河上书船", {"河上", "上书", "书船"}),  # two neighbours are a word
        ("Tokyo 東京都", {"tokyo", "東京", "京都"}),
        ("ตลาดน้ำ", {"ตลาด", "ลาดน", "าดน้", "ดน้ำ"}),  # four neighbours are, of a script without spaces
        ("a an of", set()),
        ("", set()),
    ],
)
def test_words_that_tell(text: str, expected: set[str]) -> None:
    assert telling(text) == expected


def test_a_box_says_what_its_lines_say() -> None:
    lines = lines_of(
        "<div><p>The mill turns again</p><p>Harrow pays</p></div><ul><li>Football scores tonight</ul>"
    )
    told = {i: telling(line.text) for i, line in enumerate(lines)}
    boxes = Boxes(lines, range(3))
    subject = Subject.of(frozenset(("mill", "harrow")), told, [1, 1, 0], boxes.parents)
    said, elsewhere = subject.said[boxes.parents[0]], subject.said[boxes.parents[2]]
    assert said == (1.0, 1.0)  # all of the subject, and all of the opening: the lines of prose
    assert elsewhere == (0.0, 0.0)


def test_a_page_without_a_subject() -> None:
    lines = lines_of("<p>One two three</p>")
    boxes = Boxes(lines, range(1))
    subject = Subject.of(frozenset(), {0: frozenset()}, [0], boxes.parents)
    assert subject.said[boxes.parents[0]] == (0.0, 0.0)
