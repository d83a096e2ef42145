"""Articles fetched again at stated ages, also by a crawl that was killed before it got to them."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.history import ArticleHistory
from crawler.sources.declared import Source, toml_entry
from crawler.sources.recheck import is_due
from tests.patience import PATIENCE_S
from tests.site.crawling import ROOT, crawl, run
from tests.site.newsroom import Newsroom, article, front

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STORY = "/2026/03/15/a-story-that-is-edited"


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        (0.5, 0.5, False),
        (1, 1, True),
        (1.5, 1.5, True),
        (1.5, 0.4, False),
        (7, 5, True),
        (7, 0.5, False),
        (100, 100, True),
        (100, 90, False),
        (-3, -3, False),
    ],
    ids=str,
)
def test_an_article_is_due_once_an_age(first: float, last: float, due: bool) -> None:
    """Ages of 1 and 6 hours; captured first and last so many hours ago."""
    article = ArticleHistory("http://a.example/1", "a", NOW - first * HOUR, NOW - last * HOUR)
    assert is_due(article, (HOUR, 6 * HOUR), NOW) is due


def test_a_declared_policy_is_written_as_it_was_read() -> None:
    source = Source(url="https://a.example/", recheck="90m,1d")  # type: ignore[arg-type]
    assert source.recheck == (1.5 * HOUR, 24 * HOUR)
    assert 'recheck = ["90m", "1d"]' in toml_entry(source)


OTHER = "/2026/03/15/a-story-that-stays-as-it-is"


def documents(folder: Path) -> int:
    with Catalog.open(folder / "news" / "catalog.sqlite", readonly=True) as catalog:
        return catalog.document_count()


def stories(server: Newsroom, since: int) -> dict[str, int]:
    return {path: status for path, status in server.statuses(since).items() if "story" in path}


def site(folder: Path) -> Newsroom:
    (folder / "palmyra.toml").write_text('recheck = ["0.001s"]\n')
    return Newsroom({"/": front([STORY, OTHER]), STORY: article(1), OTHER: article(2)})


def test_an_edited_article_is_caught_and_an_unchanged_one_is_a_revisit(tmp_path: Path) -> None:
    with site(tmp_path) as server:
        crawl(tmp_path, server.url("/"))
        assert documents(tmp_path) == 2
        server.pages[STORY] = article(1, edition=2)
        at = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert stories(server, at) == {STORY: 200, OTHER: 304}
        assert documents(tmp_path) == 3
        at = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert stories(server, at) == {}


def test_a_source_has_ages_of_its_own(tmp_path: Path) -> None:
    with site(tmp_path) as server, site(tmp_path) as never:
        (tmp_path / "sources.toml").write_text(
            f'[defaults]\ndelay = 0\n[[source]]\nurl = "{server.url()}"\n'
            f'[[source]]\nurl = "{never.url()}"\nrecheck = []\n'
        )
        for _ in range(2):
            at, never_at = len(server.log), len(never.log)
            assert run("run-due", "--allow-private", folder=tmp_path).returncode == 0
            (tmp_path / "collections/default/state.sqlite").unlink()  # due again
        assert stories(server, at) == {STORY: 304, OTHER: 304}
        assert stories(never, never_at) == {}


def test_what_a_killed_crawl_did_not_get_to_is_due_in_the_next(tmp_path: Path) -> None:
    with site(tmp_path) as server:
        crawl(tmp_path, server.url("/"))
        at = len(server.log)
        command = [
            sys.executable,
            "-m",
            "crawler.cli",
            "crawl",
            server.url("/"),
            "--collection",
            tmp_path / "news",
        ]
        # Its spacing is left in a file of hosts of its own.
        environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path)}
        killed = subprocess.Popen(
            [*command, "--allow-private", "--delay", "60", "--quiet"],
            cwd=tmp_path,
            env=environment,
        )
        deadline = time.monotonic() + PATIENCE_S
        while len(server.log) == at and time.monotonic() < deadline:
            time.sleep(0.01)
        killed.kill()
        killed.wait()
        assert stories(server, at) == {}
        crawl(tmp_path, server.url("/"))
        assert stories(server, at) == {STORY: 304, OTHER: 304}
