"""``palmyra list``: which documents, in which form."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.cli.terminal import on_one_line, printable
from archive.collection import Collection
from crawler.demo.articles import load_articles
from tests.site.collections import BASE, article_exchanges, write_collection
from tests.site.command import Result, palmyra

List = Callable[..., Result]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write_collection(tmp_path_factory.mktemp("list") / "news", article_exchanges())


@pytest.fixture
def listed(collection: Collection) -> List:
    return lambda *arguments: palmyra("list", "--collection", collection.root, *arguments)


def titles(result: Result) -> set[str]:
    return {line.split("\t")[4] for line in result.lines}


def expected(**wanted: str) -> set[str]:
    return {
        a.title for a in load_articles() if all(getattr(a, name) == value for name, value in wanted.items())
    }


def test_plain_lines_have_six_columns_in_order_of_id(listed: List, collection: Collection) -> None:
    rows = [line.split("\t") for line in listed().lines]
    assert titles(listed()) == expected()
    assert [row[0] for row in rows] == [str(number) for number in range(len(rows))]
    assert all(len(row) == 6 and row[3] == "tamarisk.example" for row in rows)
    assert all((collection.documents / row[5]).is_file() for row in rows)
    days = {article.title: f"{article.published:%Y-%m-%d}" for article in load_articles()}
    assert {row[4]: row[1] for row in rows} == days


@pytest.mark.parametrize("language", ["fr", "FR", "ja"])
def test_language(listed: List, language: str) -> None:
    assert titles(listed("--language", language)) == expected(language=language.lower())


EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "first", "end"),
    [
        ("2026-03-10", None, datetime(2026, 3, 10, tzinfo=UTC), LATEST),
        (None, "2026-03-05", EARLIEST, datetime(2026, 3, 6, tzinfo=UTC)),
        (
            "2026-03-04",
            "2026-03-09T18:15:00+01:00",
            datetime(2026, 3, 4, tzinfo=UTC),
            datetime(2026, 3, 9, 17, 15, 0, 1, tzinfo=UTC),
        ),
        ("2026-03", "2026-03", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_dates_bound_publication_from_since_to_until_included(
    listed: List, since: str | None, until: str | None, first: datetime, end: datetime
) -> None:
    flags = [*(["--since", since] if since else []), *(["--until", until] if until else [])]
    assert titles(listed(*flags)) == {a.title for a in load_articles() if first <= a.published < end}


def test_newest_first_and_limit(listed: List) -> None:
    newest = [article.title for article in load_articles()][:3]
    assert [line.split("\t")[4] for line in listed("--newest", "-n", "3").lines] == newest
    assert listed("--limit", "0").lines == []


def test_site_includes_hosts_below_it(listed: List) -> None:
    assert len(listed("--site", "example").lines) == len(load_articles())
    assert listed("--site", "risk.example").lines == []


def test_json_has_metadata_and_provenance_without_text(listed: List, collection: Collection) -> None:
    [found] = [
        row for row in listed("--json").json() if row["url"] == f"{BASE}/en/2026/03/12/tide-mill-turns-again/"
    ]
    article = next(a for a in load_articles() if a.slug == "tide-mill-turns-again")
    assert (found["title"], tuple(found["authors"])) == (article.title, article.authors)
    assert found["language"] == "en"
    assert "text" not in found
    assert (collection.archive / found["warc_file"]).stat().st_size > found["warc_offset"] > 0


@pytest.mark.parametrize(
    ("flag", "value"), [("--since", "someday"), ("--until", "2026-13-01"), ("--limit", "-1")]
)
def test_wrong_values_are_usage_errors(listed: List, flag: str, value: str) -> None:
    result = listed(flag, value)
    assert result.code == 2
    assert flag in result.error
    assert "Traceback" not in result.error


def test_no_collection_is_one_line(tmp_path: Path) -> None:
    result = palmyra("list", "--collection", tmp_path / "none")
    assert (result.code, result.out) == (4, b"")
    assert result.error.count("\n") == 1


def test_control_characters_never_reach_a_cell(collection: Collection, tmp_path: Path) -> None:
    assert on_one_line("a\x1b[31mb\r\nc\td\u202ee\u200df") == "a\N{REPLACEMENT CHARACTER}[31mb c de\u200df"
    assert printable("one\n\ttwo\x07\x9b") == "one\n\ttwo" + 2 * "\N{REPLACEMENT CHARACTER}"
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        assert catalog.document_count() == len(load_articles())
