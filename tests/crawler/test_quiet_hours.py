"""Quiet hours: what the file may say, when they are, and that a crawl and a crontab keep them."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import ConfigurationError
from crawler.reports.skips import REASONS, reported
from crawler.session.rest import Rest
from crawler.sources.declared import load_sources, source_for_seeds, toml_entry
from crawler.sources.quiet import is_quiet
from tests.site.command import palmyra
from tests.site.crawling import ROOT, run
from tests.site.forked import run_module
from tests.site.newsroom import Newsroom, article, front, robots


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+00:00")


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "quiet"),
    [
        (["22:00-06:00"], "UTC", "03-15T21:59:59", False),
        (["22:00-06:00"], "UTC", "03-15T22:00:00", True),
        (["22:00-06:00"], "UTC", "03-16T05:59:59", True),
        (["22:00-06:00"], "UTC", "03-16T06:00:00", False),
        (["09:00-12:00", "13:00-17:30"], "UTC", "03-15T12:30:00", False),
        (["09:00-12:00", "13:00-17:30"], "UTC", "03-15T17:29:00", True),
        (["18:00-24:00"], "UTC", "03-15T23:59:59", True),
        (["18:00-24:00"], "UTC", "03-15T00:00:00", False),
        (["22:00-06:00"], "Europe/Paris", "03-15T21:00:00", True),
        (["22:00-06:00"], "Europe/Paris", "03-15T20:59:00", False),
        (["22:00-06:00"], "Europe/Paris", "06-15T20:00:00", True),
        (["22:00-06:00"], "Asia/Kolkata", "03-15T16:30:00", True),
        ([], "UTC", "03-15T00:00:00", False),
    ],
)
def test_when_it_is_quiet(hours: list[str], zone: str, moment: str, quiet: bool) -> None:
    assert is_quiet(hours, zone, at(moment)) is quiet


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('quiet_hours = ["22-06"]', "quiet_hours: '22-06' names no hours such as \"22:00-06:00\""),
        ('quiet_hours = ["24:30-06:00"]', "quiet_hours: '24:30-06:00' names no hours such as"),
        ('quiet_hours = ["06:00-06:00"]', "quiet_hours: '06:00-06:00' would be the whole day"),
        ('quiet_hours = ["00:00-24:00"]', "quiet_hours: '00:00-24:00' would be the whole day"),
        ('time_zone = "Mars/Olympus"', "time_zone: 'Mars/Olympus' is no time zone such as"),
        ('time_zone = "../../etc/passwd"', "time_zone: '../../etc/passwd' is no time zone such as"),
        ('quiet_hour = ["22:00-06:00"]', "unknown key 'quiet_hour'; did you mean 'quiet_hours'?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(f'[[source]]\nurl = "https://news.example/"\n{line}\n')
    with pytest.raises(ConfigurationError) as raised:
        load_sources(file)
    assert str(raised.value).startswith(f"{file}:3: {words}")


def test_an_entry_goes_round(tmp_path: Path) -> None:
    source = source_for_seeds(["https://news.example/"], quiet_hours=("22:00-06:00",), time_zone="Asia/Tokyo")
    (tmp_path / "sources.toml").write_text(toml_entry(source))
    assert load_sources(tmp_path / "sources.toml") == (source,)


def now_and(minutes: int) -> str:
    """Hours from an hour ago until ``minutes`` from now."""
    now = datetime.now(UTC)
    return f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(minutes=minutes):%H:%M}"


def test_a_source_in_its_quiet_hours_is_neither_due_nor_asked(tmp_path: Path) -> None:
    """Two sites, one of them quiet for the next hour; later it is not, and what was left is fetched."""
    stories = [f"/2026/03/15/story-number-{number}" for number in range(2)]
    pages = {path: article(number) for number, path in enumerate(stories)} | {"/": front(stories)}
    with Newsroom(dict(pages)) as loud, Newsroom(dict(pages)) as still:

        def declare(hours: str) -> None:
            (tmp_path / "sources.toml").write_text(
                f'[defaults]\ndelay = 0\nevery = "1h"\n[[source]]\nname = "loud"\nurl = "{loud.url()}"\n'
                f'[[source]]\nname = "still"\nurl = "{still.url()}"\nquiet_hours = ["{hours}"]\n'
            )

        declare(now_and(60))
        assert run("run-due", "--dry-run", "--allow-private", folder=tmp_path).stdout == "due: loud\n"
        done = run("run-due", "--allow-private", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert set(stories) <= set(loud.paths())
        assert not still.log
        assert run("run-due", "--allow-private", folder=tmp_path).stdout == "Nothing is due.\n"
        declare(now_and(-30))
        assert run("run-due", "--allow-private", folder=tmp_path).returncode == 0
        assert set(stories) <= set(still.paths())


def crawl_at(moment: str, folder: Path) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = run_module("tests.crawler.evening", [moment], folder=folder, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_quiet_hours_that_begin_end_the_crawl_and_the_next_goes_on(tmp_path: Path) -> None:
    stories = [f"/2026/03/15/story-number-{number}" for number in range(60)]
    pages = {path: article(number) for number, path in enumerate(stories)}
    with Newsroom(pages | {"/": front(stories), "/robots.txt": robots()}) as server:
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nurl = "{server.url()}"\nquiet_hours = ["22:00-06:00"]\nlimit = 70\n'
        )
        assert crawl_at("2026-03-15T23:00:00+00:00", tmp_path) == ["quietHours", "0", "1", "1"]
        assert not server.log
        reason, code, pending, quiet = crawl_at("2026-03-15T21:59:54+00:00", tmp_path)
        fetched = len(server.log)
        left = set(stories) - set(server.paths())
        assert (reason, code, int(pending)) == ("quietHours", "0", int(quiet))
        assert fetched > 1
        assert left
        waiting = {
            skip["url"] for skip in reported(tmp_path / "news" / "reports") if skip["reason"] == "quietHours"
        }
        assert len(waiting) >= int(quiet)
        assert crawl_at("2026-03-16T06:00:00+00:00", tmp_path)[0] == "finished"
        asked = server.paths()
    assert all(asked.count(path) == 1 for path in stories)


def test_who_rests_is_looked_at_when_a_minute_begins() -> None:
    told: list[frozenset[str]] = []
    moments = iter([at("03-15T21:59:59.99"), at("03-15T22:00:59.99"), at("03-16T06:00:00")])
    sources = [
        source_for_seeds(["https://a.example/"], quiet_hours=("22:00-06:00",)),
        source_for_seeds(["https://b.example/"]),
    ]

    async def watch() -> None:
        rest = Rest(sources, told.append, lambda: next(moments))
        rest.begin()
        while len(told) < 2:
            await asyncio.sleep(0.005)
        rest.end()

    asyncio.run(watch())
    assert told == [frozenset({"a.example"}), frozenset()]


def test_status_tells_of_quiet_hours(tmp_path: Path) -> None:
    with Newsroom({"/": front([])}) as server:
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nurl = "{server.url()}"\nquiet_hours = ["22:00-06:00"]\n'
        )
        crawl_at("2026-03-15T23:00:00+00:00", tmp_path)
    [skip] = palmyra("status", "--skipped", "--json", "-c", tmp_path / "news").json()
    assert (skip["reason"], skip["count"], skip["words"]) == ("quietHours", 1, REASONS["quietHours"])
