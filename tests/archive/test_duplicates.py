"""Documents with the same text, from captures to the command line."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import catch_up, derive_again
from archive.duplicates import MIN_WORDS, Relation
from archive.likeness import Likeness, normal_words, shingles
from tests.site.collections import InlineExaminer
from tests.site.command import palmyra
from tests.site.edits import Page, archive_of, prose

BODY = prose(11)
OWN = Page("https://paper.example/storm", "Storm closes the harbour", BODY, published="2026-04-01T05:00:00Z")
COPY = replace(OWN, url="https://paper.example/regional/storm", hours=1)
WIRE = Page(
    "https://daily.example/a/99",
    "Harbour closed as storm arrives",
    (*BODY[:5], "This report was first published by The Paper."),
    hours=-1,
    published="2026-04-01T07:30:00Z",
    author="Wire desk",
)
UNRELATED = Page("https://daily.example/a/100", "A quiet day at the market", prose(12))
FOLLOW_UP = Page("https://paper.example/storm-2", "Harbour opens again", (*prose(13), BODY[0]), hours=30)

Clusters = list[list[tuple[int, Relation]]]


def clusters(collection: Collection) -> Clusters:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        duplicates = catalog.duplicates
        return [
            [(member.document, member.relation) for member in duplicates.members(cluster)]
            for cluster in list(duplicates.with_several())
        ]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return archive_of(tmp_path_factory.mktemp("copies") / "news", [WIRE, OWN, UNRELATED, COPY, FOLLOW_UP])


def test_copies_and_syndicated_copies_are_one_cluster_and_all_kept(copied: Collection) -> None:
    assert clusters(copied) == [[(1, Relation.CANONICAL), (0, Relation.SYNDICATED), (3, Relation.COPY)]]
    assert len(list(copied.documents.rglob("*.txt"))) == 5


def test_list_unique_shows_each_article_once(copied: Collection) -> None:
    shown = [line.split("\t")[0] for line in palmyra("list", "--unique", "--collection", copied.root).lines]
    assert shown == ["1", "2", "4"]
    assert len(palmyra("list", "--collection", copied.root).lines) == 5


def test_show_says_whose_duplicate_a_document_is(copied: Collection) -> None:
    lines = palmyra("show", 0, "--meta", "--collection", copied.root).lines
    [line] = [line for line in lines if line.startswith("same text:")]
    assert "syndicated" in line
    assert "1 (canonical, paper.example)" in line
    [found] = palmyra("show", 3, "--json", "--collection", copied.root).json()
    assert (found["cluster"], found["relation"], found["duplicate_of"]) == (0, "copy", 1)


@pytest.mark.parametrize(
    ("pages", "canonical"),
    [
        ([COPY, replace(OWN, canonical=OWN.url)], 1),
        ([replace(COPY, canonical="https://paper.example/elsewhere"), replace(OWN, published=None)], 1),
        ([replace(COPY, published="2026-04-01T04:00:00Z"), OWN], 0),
        ([replace(COPY, published=None), OWN], 1),
        ([COPY, OWN], 1),
        ([replace(COPY, hours=0), OWN], 0),
    ],
    ids=[
        "own canonical",
        "names another",
        "published first",
        "states a date",
        "captured first",
        "found first",
    ],
)
def test_the_canonical_one_is_chosen_by_rules(tmp_path: Path, pages: list[Page], canonical: int) -> None:
    [found] = clusters(archive_of(tmp_path / "news", pages))
    assert found[0] == (canonical, Relation.CANONICAL)


def test_versions_of_an_article_are_no_copies_and_the_present_one_stands_for_them(tmp_path: Path) -> None:
    later = replace(OWN, paragraphs=(*BODY, "The harbour master said more."), hours=4)
    collection = archive_of(tmp_path / "news", [OWN, WIRE, later])
    assert clusters(collection) == [
        [(2, Relation.CANONICAL), (0, Relation.VERSION), (1, Relation.SYNDICATED)]
    ]
    assert [line[0] for line in palmyra("list", "--unique", "--collection", collection.root).lines] == ["2"]


def test_an_article_rewritten_from_one_text_to_another_is_listed_once(tmp_path: Path) -> None:
    first, second = prose(21), prose(22)
    one = Page("https://a.example/1", "One", first)
    two = Page("https://b.example/1", "Two", second)
    pages = [one, two, replace(one, paragraphs=second, hours=2), replace(two, paragraphs=first, hours=2)]
    collection = archive_of(tmp_path / "news", pages)
    assert len(palmyra("list", "--unique", "--collection", collection.root).lines) == 2


def test_a_document_that_links_two_clusters_makes_them_one(tmp_path: Path) -> None:
    body = prose(31, 12)
    pages = [
        Page("https://a.example/l", "Left", body[:8]),
        Page("https://b.example/r", "Right", body[4:]),
        Page("https://c.example/m", "Middle", body[2:10]),
    ]
    assert len(clusters(archive_of(tmp_path / "apart", pages[:2]))) == 0
    [found] = clusters(archive_of(tmp_path / "joined", pages))
    assert sorted(document for document, _ in found) == [0, 1, 2]


def test_derived_again_everything_is_the_same(copied: Collection, tmp_path: Path) -> None:
    again = Collection.create(tmp_path / "again")
    again.archive = copied.archive
    with Catalog.open(again.catalog_path) as catalog:
        catch_up(again, catalog, InlineExaminer())
    assert clusters(again) == clusters(copied)
    with (
        Catalog.open(again.catalog_path, readonly=True) as new,
        Catalog.open(copied.catalog_path, readonly=True) as old,
    ):
        for row in old.documents():
            assert new.duplicates.standing(row.id) == old.duplicates.standing(row.id)


def test_captures_that_come_one_by_one_give_what_all_at_once_give(tmp_path: Path) -> None:
    pages = [WIRE, OWN, UNRELATED, COPY, FOLLOW_UP]
    grown = archive_of(tmp_path / "grown", pages[:1])
    for page in pages[1:]:
        grown = archive_of(tmp_path / "grown", [page])
    before = clusters(grown)
    derive_again(grown, InlineExaminer())
    assert clusters(grown) == before != []


def test_short_texts_are_the_same_only_when_they_are() -> None:
    words = " ".join(f"word{n}" for n in range(MIN_WORDS - 1))
    one, other = Likeness.of(f"A\n\n{words}"), Likeness.of(f"B\n\n{words.upper()}!")
    assert one.words == other.words
    assert one.count < MIN_WORDS


def test_title_bylines_case_punctuation_and_forms_do_not_count() -> None:
    one = Likeness.of("Title\n\n- Ada\n\nThe “ﬁrst” café opened, at last.")
    other = Likeness.of("Another\n\nthe first cafe\u0301 OPENED – at last")
    assert one == other


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop 3.5%", ["don", "t", "stop", "3", "5"]),
        ("東京タワー2026", ["東", "京", "タ", "ワ", "ー", "2026"]),
        ("ภาษา", ["ภ", "า", "ษ", "า"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("…—!", []),
    ],
)
def test_words_of_every_script(text: str, words: list[str]) -> None:
    assert normal_words(text) == words


@given(st.lists(st.sampled_from("abcdefgh"), max_size=40))
def test_shingles_are_of_one_length(words: list[str]) -> None:
    found = shingles(words)
    assert len(found) == max(len(words) - 3, 1)
    assert all(len(each.split()) == 4 for each in found) or len(words) < 4


def test_the_signature_is_what_catalogs_have() -> None:
    """Where this changes, by a new release of rensa or by ours, SCHEMA_VERSION has to rise: signatures are compared."""
    likeness = Likeness.of("T\n\nthe quick brown fox jumps over the lazy dog")
    assert likeness.signature[:3] == SIGNATURE
    assert likeness.words == WORDS


SIGNATURE = (3318617925, 3839629035, 3304133879)
WORDS = "b347f6df1325326193f512732d47c857"
