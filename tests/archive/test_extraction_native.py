"""The parts in C say what the Python of the same name says, to the last bit; without them the documents are the same."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.extraction import native
from archive.extraction.article import clues, heading_lines
from archive.extraction.attributes import having
from archive.extraction.features import Clues, Measures
from archive.extraction.forest import Forest
from archive.extraction.layout import layout
from archive.extraction.lines import Line
from archive.extraction.metadata import read_metadata
from archive.extraction.native import sources
from archive.extraction.opinions import rows_with
from archive.extraction.page import examine_page
from archive.extraction.phrases import CALL_WORDS
from archive.extraction.tree import drop_unread, parse_html
from bench.labels import label_pages
from tests.patience import PATIENCE_S

PAGES = Path(__file__).parents[1] / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())

without_parts = pytest.mark.skipif(
    native.parts is None, reason=f"the parts in C are not used here: {native.missing}"
)

TAGS = (
    *("div", "p", "span", "a", "b", "em", "section", "article", "main", "ul", "ol", "li", "dl", "dt", "dd", "h2", "h3"),
    *("table", "tr", "td", "th", "caption", "pre", "blockquote", "figure", "figcaption", "br", "select", "svg", "x-y"),
    *("o:p", "menu", "button", "center", "nav", "footer", "textarea", "label", "time", "font"),
)  # fmt: skip
ATTRIBUTES = (
    *("hidden", "hidden=until-found", 'style="display: none"', 'style="color:red"', "style", "reversed", "start=7"),
    *('start="x"', "value=9", 'value="-2"', 'class="article-body"', 'class="teaser related"', "class", 'id="comments"'),
    *('style="a:b; VISIBILITY: Hidden"', 'itemprop="articleBody"', 'class="été 世界 İ"'),
    *('class="\u212aelvin ÉTÉ Related"', 'href="/a"', 'lang="fr"', 'title="a &amp; b"'),
)  # fmt: skip
TEXTS = (
    *("The council met on Monday, and voted for the plan. ", "a", " ", "\n\t ", "Subscribe to our newsletter ", "word " * 20),
    *("\u00a0", "\u00a0x ", "\u200b", "&#150; &#128; &#129;", "\x85", "\x0b", "1 000 €.", "He said: “No.”\u00a0", "\u2028"),
    *("é ß Σς İı ǅ ", "河上书船靠岸。", "한국어 기사 ", "ตลาดน้ำ ", "«Oui», dit-elle\u202f! ", "_under_score_ x86_64 ", "ﬁne Ⅷ ², "),
    *("\x1c", "\x1fx\x1e ", "𝔘nicode 😀 ", "THE MILL TURNS "),
)  # fmt: skip


def made(chance: random.Random, depth: int = 5) -> str:
    """A page's part: elements in elements, most of them closed."""
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(TEXTS)
    tag = chance.choice(TAGS)
    attributes = " ".join(chance.sample(ATTRIBUTES, chance.choice((0, 0, 1, 2))))
    inner = "".join(made(chance, depth - 1) for _ in range(chance.randint(1, 4)))
    return f"<{tag} {attributes}>{inner}" + (f"</{tag}>" if chance.random() < 0.9 else "")


def odd_page(seed: int) -> str:
    chance = random.Random(seed)
    body = chance.choice(["", '<body class="article-body nav" itemprop="lead">'])
    head = f"<!doctype html><title>The council and the mill</title>{body}<h1>The council and the mill</h1>"
    return head + "".join(made(chance) for _ in range(chance.randint(1, 12)))


def lines_of(html: str | bytes) -> list[Line]:
    root = parse_html(html)
    assert root is not None
    drop_unread(root)
    return layout(root)


@contextmanager
def python_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "parts", None)
        yield


def both_layouts(html: str | bytes) -> tuple[list[Line], list[Line]]:
    """The lines of one tree by Python and by C, for the elements to be the same."""
    root = parse_html(html)
    assert root is not None
    drop_unread(root)
    with python_alone():
        expected = layout(root)
    return expected, layout(root)


def assert_measured_alike(lines: list[Line], clues: Clues, chance: random.Random) -> None:
    assert native.parts is not None
    expected, found = Measures(lines, clues), native.parts.Measures(lines, clues)
    assert (found.lines, found.lengths, found.total_prose) == (lines, expected.lengths, expected.total_prose)
    votes = [chance.random() < 0.4 for _ in lines]
    likely = [chance.random() for _ in lines]
    for theirs, ours in (
        (expected.rows(), found.rows()),
        (rows_with(expected, votes, likely), rows_with(found, votes, likely)),
    ):
        assert ours.indexes == theirs.indexes
        assert ours.numbers.dtype == theirs.numbers.dtype
        assert np.array_equal(ours.numbers, theirs.numbers)


def test_the_parts_are_built_where_tests_decide() -> None:
    """Elsewhere a compiler may be missing; in CI none of this file may be skipped."""
    if os.environ.get("CI") and os.environ.get("PALMYRA_NATIVE") != "0":
        assert native.missing == ""


@without_parts
@pytest.mark.parametrize("case", CASES)
def test_a_made_page_gives_the_same(case: str) -> None:
    payload = (PAGES / case / "input.html").read_bytes()
    url = f"https://news.example.org/{case}.html"
    found = examine_page(payload, url=url, content_type="text/html; charset=utf-8")
    with python_alone():
        assert found == examine_page(payload, url=url, content_type="text/html; charset=utf-8")


@without_parts
def test_pages_of_every_kind_give_the_same() -> None:
    for page in label_pages():
        found = examine_page(page.html.encode(), url=page.url, content_type="text/html")
        with python_alone():
            assert found == examine_page(page.html.encode(), url=page.url, content_type="text/html"), page


@without_parts
@pytest.mark.parametrize("seed", range(0, 600, 20))
def test_odd_pages_have_the_same_lines(seed: int) -> None:
    for one in range(seed, seed + 20):
        expected, found = both_layouts(odd_page(one))
        assert found == expected, one


@without_parts
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("class",), ()),
        (("class", "id", "itemprop"), ()),
        (("class",), ("related", "été")),
        (("class", "itemprop"), ("articlebody", "été", "kelvin")),
        (("class", "itemprop", "id"), ("body", "rel")),
        (("style", "hidden"), ("none", "until")),
        (("x",), ()),
    ],
)
@pytest.mark.parametrize(("most", "tag"), [(0, "*"), (3, "*"), (10**6, "*"), (10**6, "span")])
def test_elements_that_have_an_attribute_are_the_same(
    names: tuple[str, ...], words: tuple[str, ...], most: int, tag: str
) -> None:
    count = 0
    for seed in range(40):
        root = parse_html(odd_page(seed))
        assert root is not None
        with python_alone():
            expected = having(root, names, words, most, tag)
        assert having(root, names, words, most, tag) == expected
        count += len(expected)
    assert (count > 0) == (names != ("x",) and most > 0)


@without_parts
def test_the_root_has_attributes_too() -> None:
    root = parse_html("<html class=a><body class=b>")
    assert root is not None
    assert having(root, ("class",)) == [root, root[0]]


@without_parts
def test_more_names_than_are_kept_at_once() -> None:
    page = "".join(f"<x-{n}>a{n} <div>b</div></x-{n}>" for n in range(1500))
    expected, found = both_layouts(page * 2)
    assert found == expected


@without_parts
@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_odd_pages_have_the_same_numbers(seed: int) -> None:
    for one in range(seed, seed + 20):
        chance = random.Random(one)
        lines = lines_of(odd_page(one))
        body = chance.choice(["", "The council met on Monday, and voted for the plan."])
        known = Clues(
            "The council and the mill", "Été: 河上书船 " * 3, body, chance.choice([-1, 0, len(lines) // 2])
        )
        assert_measured_alike(lines, known, chance)


@without_parts
@pytest.mark.parametrize("case", CASES)
def test_a_made_page_has_the_same_numbers(case: str) -> None:
    root = parse_html((PAGES / case / "input.html").read_bytes())
    assert root is not None
    metadata = read_metadata(root, "https://news.example.org/")
    drop_unread(root)
    lines = layout(root)
    assert_measured_alike(lines, clues(metadata, heading_lines(lines, metadata.heading)), random.Random(1))


@without_parts
@settings(deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=4), st.text(max_size=60))
def test_words_of_any_text_are_the_same(texts: list[str], title: str) -> None:
    [line] = lines_of(f"<div><p>{'prose ' * 20}</p></div>")
    lines = [line, *(Line(f"{text} {next(iter(CALL_WORDS))}", 1, line.element, "lines") for text in texts)]
    assert_measured_alike(lines, Clues(title, "prose"), random.Random(2))


def test_a_page_without_lines_has_no_rows() -> None:
    for kind in filter(None, (Measures, native.parts and native.parts.Measures)):
        page = kind([], Clues())
        assert (page.rows().indexes, page.total_prose) == ([], 1)


def tree(chance: random.Random, leaves: int) -> Any:
    if leaves == 1:
        return chance.uniform(-1, 1)
    below = chance.randint(1, leaves - 1)
    return [
        chance.randrange(6),
        float(chance.randrange(5)),
        tree(chance, below),
        tree(chance, leaves - below),
    ]


@without_parts
@pytest.mark.parametrize("count", [0, 1, 9, 10, 149, 150, 151, 163, 400])
def test_trees_say_the_same(count: int) -> None:
    assert native.parts is not None
    chance = random.Random(count)
    trees = [tree(chance, chance.randint(1, 16)) for _ in range(count)]
    rows = np.array([[chance.randrange(6) for _ in range(50)] for _ in range(6)], np.float32)
    expected = Forest.of(trees).odds(rows)
    assert native.parts.Forest.of(trees).odds(rows) == expected
    assert (len(expected), any(expected)) == (50, count > 0)


def test_nothing_that_the_parts_import_imports_them() -> None:
    """Whichever module comes first, they load."""
    todo = [path.read_text("utf-8") for path in sources.FOLDER.glob("*.pyx")]
    seen: set[str] = set()
    while todo:
        text = todo.pop()
        for match in re.finditer(r"^from archive\.extraction(?:\.(\w+))? import (.*)", text, re.MULTILINE):
            names = {match[1]} if match[1] else set(re.findall(r"\w+", match[2]))
            for name in names - seen:
                seen.add(name)
                todo.append((sources.FOLDER.parent / f"{name}.py").read_text("utf-8"))
    assert {"features", "lines", "numbering"} <= seen
    assert not seen & {"native", "attributes", "layout", "model"}


@without_parts
def test_parts_of_other_sources_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "built_from", lambda: "others")
    assert native._load() == (None, "built from other sources, or for another lxml")


@without_parts
def test_what_they_are_built_from_tells_sources_and_lxml(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {path.name for path in sources.FOLDER.iterdir() if path.suffix in (".pyx", ".pxd")}
    assert {name.removesuffix(".pyx") for name in names if name.endswith(".pyx")} == set(sources.MODULES)
    before = sources.built_from()
    for name in names:
        (tmp_path / name).write_bytes((sources.FOLDER / name).read_bytes())
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    assert sources.built_from() == before
    (tmp_path / "nodes.pxd").write_text("# another\n")
    assert sources.built_from() != before
    monkeypatch.setattr(sources, "version", lambda name: f"another {name}")
    assert sources.built_from().endswith("lxml another lxml")


def test_parts_that_do_not_import_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PALMYRA_NATIVE", raising=False)
    monkeypatch.setattr(native, "MODULES", ("nothing",))
    parts, why = native._load()
    assert parts is None
    assert why.startswith("not built for this environment (No module named ")


def test_python_alone_is_a_choice() -> None:
    script = (
        "from archive.extraction import native; from archive.extraction.page import examine_page;"
        "print(native.parts, native.missing, examine_page(b'<p>x', url='https://a.example/', content_type=None).kind)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PALMYRA_NATIVE": "0"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout == "None left out (PALMYRA_NATIVE=0) section\n"
