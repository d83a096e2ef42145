"""The document format: rendering, reading back, names."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.document import Block, check_name, document_name, parse, render
from archive.errors import DigestMismatch

line = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1, max_size=40)
block = st.builds(
    Block,
    st.sampled_from(["heading", "paragraph", "list", "quote", "table"]),
    st.lists(line, min_size=1, max_size=4).map(tuple),
)
documents = st.tuples(line, st.lists(line, max_size=3), st.lists(block, max_size=5))


@given(documents)
def test_rendering_is_a_fixed_point_of_reading(document: tuple[str, list[str], list[Block]]) -> None:
    text = render(*document)
    read = parse(text)
    assert render(read.title, read.bylines, read.blocks) == text
    again = parse(render(read.title, read.bylines, read.blocks))
    assert again == read


@given(documents)
def test_blocks_stand_one_blank_line_apart(document: tuple[str, list[str], list[Block]]) -> None:
    text = render(*document)
    assert "\n\n\n" not in text
    assert text == text.strip("\n")
    assert text.split("\n")[0] == document[0]


def test_title_bylines_and_blocks() -> None:
    blocks = (
        Block("paragraph", ("One.",)),
        Block("list", ("- a", "  - b", "1. c")),
        Block("lines", ("x", "y")),
    )
    assert (
        render("Title", ("Avec AFP", "Mia Roe"), blocks)
        == "Title\n\n- Avec AFP\n- Mia Roe\n\nOne.\n\n- a\n  - b\n1. c\n\nx\ny"
    )


def test_reading_tells_bylines_lists_and_lines() -> None:
    read = parse("Title\n\n- Avec AFP\n\nOne.\n\n1. a\n2. b\n\nx\ny")
    assert read.title == "Title"
    assert read.bylines == ("Avec AFP",)
    assert [b.kind for b in read.blocks] == ["paragraph", "list", "lines"]


@pytest.mark.parametrize("text", ["", "\nTitle", "Title\n", "Title\n\n\nOne", "Title\r\nOne"])
def test_reading_refuses_what_breaks_the_format(text: str) -> None:
    with pytest.raises(ValueError, match="document format"):
        parse(text)


@pytest.mark.parametrize("lines", [(), ("",), ("a\nb",)])
def test_a_block_holds_whole_lines(lines: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="non-empty lines"):
        Block("paragraph", lines)


@pytest.mark.parametrize(
    ("ordinal", "start"),
    [(0, "00000/000_"), (999, "00000/999_"), (1000, "00001/000_"), (1234567, "01234/567_")],
)
def test_a_name_carries_its_ordinal_and_digest(ordinal: int, start: str) -> None:
    text = "Tïtle\n\nText."
    assert document_name(ordinal, text) == f"{start}{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"


def test_an_ordinal_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        document_name(-1, "x")


def test_a_document_is_held_against_its_name(tmp_path: Path) -> None:
    path = tmp_path / document_name(7, "Title")
    path.parent.mkdir()
    path.write_bytes(b"Title")
    check_name(path)
    path.write_bytes(b"title")
    with pytest.raises(DigestMismatch, match="SHA-256"):
        check_name(path)


def test_another_file_is_no_document(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("x")
    with pytest.raises(DigestMismatch, match="not a document's name"):
        check_name(path)
