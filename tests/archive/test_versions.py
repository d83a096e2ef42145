"""Versions of an article, from captures to the command line."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.capture import Discovery
from archive.catalog import Catalog
from archive.collection import Collection
from archive.versions import Version
from tests.archive.stored import response
from tests.site.collections import write_collection
from tests.site.command import palmyra
from tests.site.edits import START, Page, archive_of, prose

BODY = prose(1)
FIRST = Page("https://paper.example/bridge", "Council votes to close the bridge", BODY)
EDITED = replace(
    FIRST,
    paragraphs=(*BODY[:2], "A sentence was put in its place here, said the editor.", *BODY[3:]),
    hours=2,
)
RENAMED = replace(EDITED, title="Bridge to stay shut for two years", hours=5)
MOVED = response(b"", None, "Location: /2026/bridge-shut-for-years", status="301 Moved Permanently")
OTHER = Page("https://paper.example/ferry", "Ferry returns to the river", prose(2))


def versions(collection: Collection, document: int = 0) -> list[Version]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return catalog.versions.of(catalog.versions.article_of(document))


def articles(collection: Collection) -> list[int]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return [catalog.versions.article_of(row.id) for row in catalog.documents()]


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return archive_of(tmp_path_factory.mktemp("versions") / "news", [FIRST, OTHER, EDITED, RENAMED])


def test_captures_of_an_address_with_different_text_are_versions_in_order(edited: Collection) -> None:
    found = versions(edited)
    assert [(each.number, each.document, each.title) for each in found] == [
        (1, 0, FIRST.title),
        (2, 2, FIRST.title),
        (3, 3, RENAMED.title),
    ]
    assert [each.headline for each in found] == [False, False, True]
    assert [each.current for each in found] == [False, False, True]
    assert articles(edited) == [0, 1, 0, 0]


def test_order_is_that_of_the_captures_not_of_the_archive(tmp_path: Path) -> None:
    collection = archive_of(tmp_path / "news", [RENAMED, FIRST, EDITED])
    assert [(each.number, each.document) for each in versions(collection)] == [(1, 1), (2, 2), (3, 0)]
    assert [each.headline for each in versions(collection)] == [False, False, True]


def test_a_text_that_comes_back_is_the_version_it_was(tmp_path: Path) -> None:
    back = replace(FIRST, hours=9)
    collection = archive_of(tmp_path / "news", [FIRST, EDITED, back])
    found = versions(collection)
    assert [(each.number, each.captures, each.current) for each in found] == [(1, 2, True), (2, 1, False)]
    assert found[0].last > found[1].last


@pytest.mark.parametrize("canonical", ["https://www.example.com/bridge", "/bridge", None])
def test_another_address_with_the_same_canonical_one_is_the_same_article(
    tmp_path: Path, canonical: str | None
) -> None:
    first = replace(FIRST, url="https://www.example.com/bridge", canonical=canonical)
    amp = replace(EDITED, url="https://amp.example.com/bridge?output=amp", canonical=first.url)
    for number, pages in enumerate(([first, amp], [amp, first])):
        assert articles(archive_of(tmp_path / str(number), pages)) == [0, 0]


def test_the_same_text_under_two_addresses_of_an_article_is_one_version(tmp_path: Path) -> None:
    printed = replace(FIRST, url="https://paper.example/print?id=7", canonical=FIRST.url, hours=1)
    found = versions(archive_of(tmp_path / "news", [FIRST, printed, RENAMED]))
    assert [(each.document, each.number, each.headline) for each in found] == [
        (0, 1, False),
        (1, 1, False),
        (2, 2, True),
    ]


@pytest.mark.parametrize("claimed", ["https://paper.example/", "https://paper.example/news"])
def test_pages_that_all_claim_one_address_stay_articles_of_their_own(tmp_path: Path, claimed: str) -> None:
    pages = [
        replace(page, canonical=claimed)
        for page in (
            FIRST,
            OTHER,
            replace(OTHER, url="https://paper.example/x", title="A third", paragraphs=prose(3)),
        )
    ]
    assert articles(archive_of(tmp_path / "news", pages)) == [0, 1, 2]


def test_a_canonical_address_on_another_site_joins_nothing(tmp_path: Path) -> None:
    copy = replace(EDITED, url="https://wire.example/7", canonical=FIRST.url)
    assert articles(archive_of(tmp_path / "news", [FIRST, copy])) == [0, 1]


def test_show_lists_the_versions(edited: Collection) -> None:
    result = palmyra("show", 2, "--versions", "--collection", edited.root)
    lines = [line.split("\t") for line in result.lines]
    assert [(line[0], line[1], line[5]) for line in lines] == [
        ("1", "0", ""),
        ("2", "2", "text"),
        ("3*", "3", "headline"),
    ]
    found = palmyra("show", FIRST.url, "--versions", "--json", "--collection", edited.root).json()
    assert [(each["article"], each["document"], each["headline"]) for each in found] == [
        (0, 0, False),
        (0, 2, False),
        (0, 3, True),
    ]
    assert found[1]["first"] == "2026-04-01T10:00:00Z"


def test_show_meta_says_which_version_it_is(edited: Collection) -> None:
    lines = palmyra("show", 2, "--meta", "--collection", edited.root).lines
    assert any(line.startswith("version:") and "2 of 3" in line for line in lines)
    alone = palmyra("show", 1, "--meta", "--collection", edited.root).lines
    assert not any(line.startswith(("version:", "same text:")) for line in alone)


def test_diff_of_one_document_is_against_the_version_before_it(edited: Collection) -> None:
    lines = palmyra("diff", 2, "--collection", edited.root).lines
    assert lines[0].startswith("--- document 0, captured 2026-04-01T08:00:00Z")
    assert lines[1].startswith("+++ document 2, captured 2026-04-01T10:00:00Z")
    assert sorted(line[:2] for line in lines[2:]) == ["+ ", "- "]
    assert "+ A sentence was put in its place here, said the editor." in lines
    assert palmyra("diff", 0, "--collection", edited.root).lines == lines


def test_diff_singles_out_the_headline(edited: Collection) -> None:
    lines = palmyra("diff", 3, "--collection", edited.root).lines
    assert len(lines) == 3
    assert lines[2].startswith("~ title: [-Council votes")
    [found] = palmyra("diff", 2, 3, "--json", "--collection", edited.root).json()
    assert found["changes"] == [
        {"operation": "changed", "part": "title", "former": FIRST.title, "present": RENAMED.title}
    ]
    assert (found["former"]["id"], found["present"]["id"]) == (2, 3)


def test_diff_of_equal_documents_and_of_an_only_version(edited: Collection) -> None:
    assert palmyra("diff", 1, 1, "--collection", edited.root).lines[-1] == "No difference."
    result = palmyra("diff", 1, "--collection", edited.root)
    assert (result.code, result.out) == (1, b"")
    assert result.error == "palmyra: document 1 is the only version of its article; name another to compare\n"


def test_an_article_that_moved_stays_the_same_article(tmp_path: Path) -> None:
    asked = "https://paper.example/2026/bridge"
    moved = replace(
        FIRST.exchange(),
        url=asked,
        date=START + timedelta(hours=1),
        response=io.BytesIO(MOVED),
        response_length=len(MOVED),
    )
    followed = replace(RENAMED, url="https://paper.example/2026/bridge-shut-for-years").exchange()
    found = replace(followed, discovery=Discovery(via=asked, hops="LR"))
    first = replace(FIRST, url=asked).exchange()
    collection = write_collection(tmp_path / "news", [first, moved, found])
    assert [(each.number, each.url) for each in versions(collection)] == [(1, asked), (2, followed.url)]
