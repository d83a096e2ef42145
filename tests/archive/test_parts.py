"""Articles on several pages: which address continues which, and the text that they make together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.extraction.links import page_links
from archive.extraction.tree import parse_html
from archive.outcome import Relation
from archive.parts import are_parts, continuation, continues, is_whole, joined, part_of
from tests.site.command import palmyra
from tests.site.edits import Page, archive_of, prose

SITE = "https://news.example.org"
STORY = f"{SITE}/2026/04/the-harbour"


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("/story?page=2", "/story"),
        ("/story?page=3", "/story?page=2"),
        ("/story?id=7&page=2", "/story?id=7"),
        ("/story?page=2&id=7", "/story?id=7"),
        ("/story?page=1", "/story"),
        ("/story/2", "/story"),
        ("/story/2/", "/story/"),
        ("/story/3", "/story/2"),
        ("/story/page/2/", "/story/"),
        ("/story/seite-2", "/story"),
        ("/story,2", "/story"),
        ("/story-2.html", "/story.html"),
        ("/story_3.html", "/story_2.html"),
        ("/story.page2.html", "/story.html"),
        ("/apollo-13/2", "/apollo-13"),
        ("/Story?page=2", "/story/"),
    ],
)
def test_one_address_continues_another(later: str, earlier: str) -> None:
    assert continues(SITE + later, SITE + earlier)
    assert are_parts(SITE + later, SITE + earlier)
    assert not continues(SITE + earlier, SITE + later)


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("/story?page=3", "/story"),
        ("/story?page=2", "/other"),
        ("/story?page=2", "/story?id=7"),
        ("/story/3", "/story"),
        ("/story?page=all", "/story"),
        ("/story?page=2026", "/story"),
        ("/2", "/"),
        ("/story", "/story"),
        ("/apollo-13", "/gemini-12"),
        ("/story-2.html", "/story-1.php"),
    ],
)
def test_others_do_not(later: str, earlier: str) -> None:
    assert not continues(SITE + later, SITE + earlier)


def test_odd_addresses_are_no_parts() -> None:
    assert part_of("http://[broken/2") is None
    assert not continues("http://[broken/2", "http://[broken")
    assert part_of("/2") is None


def test_the_canonical_address_counts_as_the_page_itself() -> None:
    named = [f"{SITE}/other?page=2", f"{STORY}?page=2"]
    assert continuation(f"{STORY}?utm_source=x", STORY, named) == f"{STORY}?page=2"
    assert continuation(f"{STORY}?utm_source=x", None, named) is None


@pytest.mark.parametrize(
    ("canonical", "whole"),
    [
        (f"{STORY}?page=all", True),
        (f"{STORY}/full", True),
        (STORY, False),
        (f"{STORY}/", False),
        (f"{STORY}?page=2", False),
    ],
)
def test_which_canonical_address_is_all_on_one_page(canonical: str, whole: bool) -> None:
    assert is_whole(canonical, STORY, f"{STORY}?page=2") == whole
    assert is_whole(canonical, f"{STORY}?page=2", f"{STORY}?page=3") == whole


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<link rel=next href='?page=2'>", [Relation.NEXT]),
        ("<a rel=next href='?page=2'>Weiter</a>", [Relation.NEXT]),
        ("<a href='?page=2'>2</a>", [Relation.NEXT]),
        ("<a href='?page=1'>2</a>", [Relation.NEXT]),
        ("<a href='?page=2'><span>Next page</span> »</a>", [Relation.NEXT]),
        ("<a href='?page=2'>Nächste Seite</a>", [Relation.NEXT]),
        ("<a href='?page=2'>All comments</a>", [Relation.LINK]),
        ("<a href='?page=3'>3</a>", [Relation.LINK]),
        ("<a href='/other?page=2'>2</a>", [Relation.LINK]),
        ("<a rel='next nofollow' href='?page=2'>2</a>", []),
    ],
)
def test_a_page_names_the_next_one(markup: str, found: list[Relation]) -> None:
    tree = parse_html(f"<html><body>{markup}</body></html>")
    assert tree is not None
    assert [link.relation for link in page_links(tree, STORY)] == found


def test_pages_are_joined_without_what_they_repeat() -> None:
    first = "The harbour\n\n- Ada Reyes\n\nA lead.\n\nOne.\n\nTwo.\n\nNote."
    second = "The harbour - page 2\n\n- Ada Reyes\n\nA lead.\n\nThree.\n\nOne.\n\nFour.\n\nNote."
    third = "What came after\n\nFive."
    assert joined([first, second, third]) == (
        "The harbour\n\n- Ada Reyes\n\nA lead.\n\nOne.\n\nTwo.\n\nNote.\n\nThree.\n\nOne.\n\nFour.\n\nWhat came after\n\nFive."
    )
    assert joined([first]) == first


def _page(number: int, following: str | None, *, url: str = "", canonical: str | None = None) -> Page:
    own = STORY if number == 1 else f"{STORY}?page={number}"
    return Page(
        url or own, "The harbour", prose(number), hours=number, canonical=canonical,
        links=f'<a href="{following}">{number + 1}</a>' if following else "",
    )  # fmt: skip


@pytest.fixture
def three_pages(tmp_path: Path) -> Collection:
    other = Page(f"{SITE}/2026/04/a-bridge", "A bridge", prose(9), hours=4)
    pages = [
        _page(1, "?page=2"),
        _page(3, None, canonical=STORY),
        _page(2, "?page=3", canonical=STORY),
        other,
    ]
    return archive_of(tmp_path / "news", pages)


def test_show_and_export_join_the_pages_whatever_their_order(three_pages: Collection, tmp_path: Path) -> None:
    whole = joined([three_pages.document_text(row) for row in _rows(three_pages, 0, 2, 1)])
    assert all(paragraph in whole for number in (1, 2, 3) for paragraph in prose(number))
    for document in ("0", "1", "2"):
        assert (
            palmyra("show", document, "--join-pages", "-c", three_pages.root).out.decode().rstrip("\n")
            == whole
        )
    alone = palmyra("show", "3", "--join-pages", "-c", three_pages.root).out
    assert alone == palmyra("show", "3", "-c", three_pages.root).out
    palmyra("export", "jsonl", tmp_path / "joined.jsonl", "--join-pages", "-c", three_pages.root)
    found = [json.loads(line) for line in (tmp_path / "joined.jsonl").read_text().splitlines()]
    assert [(each["id"], each["characters"] == len(each["text"])) for each in found] == [(0, True), (3, True)]
    assert found[0]["text"] == whole
    palmyra("export", "txt", tmp_path / "joined", "--join-pages", "-c", three_pages.root)
    assert {path.read_text() for path in (tmp_path / "joined").rglob("*.txt")} == {
        each["text"] for each in found
    }
    palmyra("export", "jsonl", tmp_path / "apart.jsonl", "-c", three_pages.root)
    assert len((tmp_path / "apart.jsonl").read_text().splitlines()) == 4


def test_an_article_of_which_one_page_is_cut_off_is_visible_in_part(tmp_path: Path) -> None:
    last = replace(_page(2, None), links="<p>Subscribe to continue reading this article.</p>")
    other = Page(f"{SITE}/2026/04/a-bridge", "A bridge", prose(9), hours=4)
    store = archive_of(tmp_path / "news", [_page(1, "?page=2"), last, other])
    for flags, expected in (([], [False, True, False]), (["--join-pages"], [True, False])):
        lines = palmyra("export", "jsonl", "-", *flags, "-c", store.root).out.splitlines()
        assert [json.loads(line)["partly_visible"] for line in lines] == expected


def test_pages_of_one_article_are_no_versions_of_it(three_pages: Collection) -> None:
    with Catalog.open(three_pages.catalog_path, readonly=True) as catalog:
        assert {catalog.versions.article_of(number) for number in range(4)} == {0, 1, 2, 3}


def test_the_whole_on_one_page_goes_before_its_parts(tmp_path: Path) -> None:
    everything = f"{STORY}?page=all"
    whole = Page(everything, "The harbour", prose(1) + prose(2), hours=5, canonical=everything)
    store = archive_of(tmp_path / "news", [_page(1, "?page=2", canonical=everything), _page(2, None), whole])
    shown = palmyra("show", "0", "--join-pages", "-c", store.root).out
    assert shown == palmyra("show", "2", "-c", store.root).out
    palmyra("export", "jsonl", tmp_path / "joined.jsonl", "--join-pages", "-c", store.root)
    assert len((tmp_path / "joined.jsonl").read_text().splitlines()) == 1


def test_a_chain_that_leads_back_ends(tmp_path: Path) -> None:
    pages = [_page(1, "?page=2"), _page(2, "?page=3"), _page(3, "?page=4")]
    store = archive_of(tmp_path / "news", pages)
    with Catalog.open(store.catalog_path) as catalog:
        catalog.continuations.set(2, STORY)
        assert catalog.continuations.pages_of(catalog.document(0)) == (0, 1, 2)
        assert catalog.continuations.first_of(catalog.document(0)) in (0, 1, 2)


def test_a_wacz_is_not_joined(three_pages: Collection, tmp_path: Path) -> None:
    refused = palmyra("export", "wacz", tmp_path / "x.wacz", "--join-pages", "-c", three_pages.root)
    assert refused.code != 0
    assert "--join-pages" in refused.error


def _rows(store: Collection, *numbers: int) -> list[DocumentRow]:
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        return [catalog.document(number) for number in numbers]
