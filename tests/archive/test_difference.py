"""Differences of two documents by block."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.difference import MAX_BLOCKS, Change, differences, marked
from archive.document import Block, parse, render

FORMER = """Council votes to close the bridge

- Ada Reyes

The council voted on Tuesday to close the bridge for a year of repairs.

- steel
- stone

Traffic will be led over the dam, the mayor said after the vote.

Shops nearby fear for their trade."""


def test_equal_documents_have_no_differences() -> None:
    assert differences(FORMER, FORMER) == []


def test_each_kind_of_change() -> None:
    present = FORMER.replace("close the bridge\n\n-", "shut the bridge\n\n-").replace(
        "- Ada Reyes", "- Ada Reyes\n- Ben Osei"
    )
    present = present.replace("a year of", "two years of").replace("- steel\n- stone\n\n", "")
    present += "\n\nA ferry is planned."
    assert differences(FORMER, present) == [
        Change("changed", "title", "Council votes to close the bridge", "Council votes to shut the bridge"),
        Change("added", "byline", None, "Ben Osei"),
        Change(
            "changed",
            "block",
            "The council voted on Tuesday to close the bridge for a year of repairs.",
            "The council voted on Tuesday to close the bridge for two years of repairs.",
        ),
        Change("removed", "block", "- steel\n- stone", None),
        Change("added", "block", None, "A ferry is planned."),
    ]


def test_a_rewritten_block_is_one_that_went_and_one_that_came() -> None:
    present = FORMER.replace("Shops nearby fear for their trade.", "Rain is expected all week long.")
    assert [change.operation for change in differences(FORMER, present)] == ["removed", "added"]


def test_blocks_that_changed_place_are_not_paired_across_others() -> None:
    blocks = parse(FORMER).blocks
    present = render("Council votes to close the bridge", ["Ada Reyes"], (*blocks[2:], *blocks[:2]))
    found = differences(FORMER, present)
    assert sorted(change.operation for change in found) == ["added", "added", "removed", "removed"]


def test_text_that_breaks_the_format_is_compared_whole() -> None:
    assert differences("a\n\n\n\nb", "a\n\n\n\nc") == [Change("changed", "title", "a\n\n\n\nb", "a\n\n\n\nc")]


def test_documents_too_long_to_compare_are_replaced_whole() -> None:
    long = [Block("paragraph", (f"paragraph {n}",)) for n in range(MAX_BLOCKS)]
    other = [Block("paragraph", (f"another {n}",)) for n in range(MAX_BLOCKS)]
    found = differences(render("t", (), long), render("t", (), other))
    assert [change.operation for change in found] == ["removed"] * MAX_BLOCKS + ["added"] * MAX_BLOCKS


@pytest.mark.parametrize(
    ("former", "present", "shown"),
    [
        ("for a year of", "for two years of", "for [-a-]{+two+} [-year-]{+years+} of"),
        ("12:30", "12:45", "12:[-30-]{+45+}"),
        ("橋を閉鎖する", "橋を封鎖する", "橋を[-閉-]{+封+}鎖する"),
        ("same", "same", "same"),
    ],
)
def test_changes_are_marked_by_word(former: str, present: str, shown: str) -> None:
    assert marked(former, present) == shown


TEXTS = st.lists(
    st.sampled_from(["one two three", "one two four", "five six", "- a\n- b", "seven"]), max_size=6
)


@given(TEXTS, TEXTS)
def test_changes_account_for_every_block(old: list[str], new: list[str]) -> None:
    former, present = "\n\n".join(["Title", "Lead.", *old]), "\n\n".join(["Title", "Lead.", *new])
    found = [change for change in differences(former, present) if change.part == "block"]
    went = [change.former for change in found if change.former is not None]
    came = [change.present for change in found if change.present is not None]
    kept = [text for text in old if text not in went]
    assert len(old) - len(went) == len(new) - len(came)
    assert all(text in new for text in kept)
    assert {*went} <= {*old}
    assert {*came} <= {*new}
