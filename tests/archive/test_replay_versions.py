"""The reading room leads from a document to the other versions of its article, and to the same text elsewhere."""

import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from archive.replay.server import serving
from tests.site.edits import Page, archive_of, prose

BODY = prose(41)
FIRST = Page("https://paper.example/a", "The first headline of the day", BODY)
LATER = replace(FIRST, title="Another headline & <b>so on", hours=3)
COPY = replace(FIRST, url="https://daily.example/b", hours=1)
ALONE = Page("https://paper.example/z", "Something else altogether", prose(42))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The pages of the documents, by their ids."""
    root: Path = tmp_path_factory.mktemp("room") / "news"
    collection = archive_of(root, [FIRST, COPY, LATER, ALONE])
    with serving(collection, port=0, replay_port=0) as addresses:
        return [
            urllib.request.urlopen(f"{addresses.room}/documents/{number}").read().decode()
            for number in range(4)
        ]


def test_versions_are_linked_in_order_and_the_shown_one_is_not(shown: list[str]) -> None:
    assert "<h2>Versions</h2>" in shown[2]
    assert '<a href="/documents/0">1. The first headline of the day</a>' in shown[2]
    assert "<b>2. Another headline &amp; &lt;b&gt;so on</b>" in shown[2]
    assert "2026-04-01 11:00:00 UTC · headline edited" in shown[2]
    assert '<a href="/documents/2">' in shown[0]


def test_the_same_text_elsewhere_is_linked(shown: list[str]) -> None:
    assert '<a href="/documents/1">daily.example</a>' in shown[2]
    assert "syndicated · https://daily.example/b" in shown[2]
    assert "canonical · https://paper.example/a" in shown[1]


def test_a_document_by_itself_has_neither(shown: list[str]) -> None:
    assert "<h2>Versions</h2>" not in shown[3]
    assert "The same text" not in shown[3]
