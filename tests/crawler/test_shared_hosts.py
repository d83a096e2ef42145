"""Hosts shared by crawls on one machine: the file between processes, and two real crawls at one server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.scheduling.daybudgets import DayBudgets
from crawler.scheduling.politeness import Politeness, Spacing
from crawler.scheduling.shared import (
    BOOT_S,
    LONGEST_S,
    POLL_S,
    STALE_S,
    HostsFile,
    Last,
    SharedHosts,
    hosts_file,
)
from crawler.scheduling.turns import Turns
from tests.site.crawling import ROOT, run
from tests.site.newsroom import Newsroom, article, front, robots

HOST = "news.example"
HOLDER = """
import sys
from pathlib import Path
from crawler.scheduling.shared import SharedHosts
shared = SharedHosts(Path(sys.argv[1]), lambda: 1000.0)
print(shared.take("news.example", 1.0, 2.0), flush=True)
if sys.stdin.readline():
    shared.leave("news.example", 1000.5, 1020.0)
    print("left", flush=True)
    sys.stdin.readline()
"""


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@contextmanager
def holder(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has taken the host at 1000 s."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "None\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shared(tmp_path: Path, clock: Clock) -> Iterator[SharedHosts]:
    hosts = SharedHosts(tmp_path / "hosts", clock)
    yield hosts
    hosts.close()


def test_a_host_that_another_process_asks_is_waited_for(
    tmp_path: Path, shared: SharedHosts, clock: Clock
) -> None:
    with holder(tmp_path / "hosts") as process:
        assert process.stdin
        assert process.stdout
        assert shared.take(HOST, 3.0) == 1003.0
        clock.time = 1003.0
        assert shared.take(HOST, 0.0) == 1003.0 + POLL_S
        assert shared.take("other.example", 1.0) is None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "left\n"
        assert shared.take(HOST, 1.0) == 1020.0
        assert shared.take(HOST, 30.0) == 1030.5
        clock.time = 1020.0
        assert shared.take(HOST, 1.0) is None


def test_a_process_that_dies_leaves_its_spacing_and_nothing_else(
    tmp_path: Path, shared: SharedHosts, clock: Clock
) -> None:
    with holder(tmp_path / "hosts") as process:
        process.kill()
        process.wait()
        assert shared.take(HOST, 0.5) == 1002.0
        assert shared.take(HOST, 60.0) == 1060.0
        clock.time = 1002.0
        assert shared.take(HOST, 0.5) is None


def test_a_process_that_was_stopped_loses_its_host_in_the_end(
    tmp_path: Path, shared: SharedHosts, clock: Clock
) -> None:
    with holder(tmp_path / "hosts"):
        clock.time = 1010.0
        assert shared.take(HOST, 1.0) == 1011.0
        clock.time += STALE_S - 1
        assert shared.take(HOST, 1.0) == clock.time + 1
        clock.time += 1
        assert shared.take(HOST, 1.0) is None


def test_what_is_taken_and_not_asked_is_as_it_was(tmp_path: Path, shared: SharedHosts, clock: Clock) -> None:
    assert shared.take(HOST, 1.0) is None
    shared.leave(HOST, 1000.0, 1007.0)
    clock.time = 1010.0
    assert shared.take(HOST, 1.0) is None
    shared.leave(HOST, -float("inf"), -float("inf"))
    assert shared.take(HOST, 20.0) == 1020.0
    assert shared.take(HOST, 1.0) is None


def test_a_host_is_taken_once_and_again_within_one_process(shared: SharedHosts) -> None:
    assert shared.take(HOST, 1.0) is None
    assert shared.take(HOST, 1.0) is None
    shared.leave(HOST, 1000.0, 1001.0)
    assert shared.take(HOST, 1.0) == 1001.0


@pytest.mark.parametrize(
    "left",
    [
        Last(1000.0 + BOOT_S + 1, 1000.0 + BOOT_S + 2),
        Last(999.0, 1e18),
        Last(999.0, float("inf")),
        Last(float("nan"), float("nan")),
        Last(-5.0, 2000.0),
    ],
    ids=str,
)
def test_what_cannot_be_is_void(tmp_path: Path, clock: Clock, left: Last) -> None:
    path = tmp_path / "deep" / "hosts"
    file = HostsFile(path)
    shared = SharedHosts(path, clock)
    shared.take(HOST, 0.0)
    slot = next(iter(shared._held))
    shared.close()
    file.write(slot, left)
    file.close()
    again = SharedHosts(path, clock)
    assert again.take(HOST, 1.0) is None
    again.close()


def test_a_pause_is_told_for_a_day_at_most(shared: SharedHosts) -> None:
    shared.take(HOST, 1.0)
    shared.leave(HOST, 1000.0, 1e12)
    assert shared.take(HOST, 1.0) == 1000.0 + LONGEST_S


def test_without_the_file_a_crawl_goes_on_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    shared = SharedHosts(tmp_path / "file" / "hosts")
    assert shared.take(HOST, 1.0) is None
    shared.leave(HOST, 1.0, 2.0)
    [record] = caplog.records
    assert record.getMessage().startswith(f"{tmp_path}/file/hosts cannot be used (")
    assert SharedHosts(None).take(HOST, 1.0) is None


def test_where_the_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert hosts_file(None) == tmp_path / "palmyra" / "hosts"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert hosts_file(None) == Path("~/.local/state/palmyra/hosts").expanduser()
    assert hosts_file("") is None
    assert hosts_file("~/hosts") == Path("~/hosts").expanduser()


class Nothing:
    def spend(self, *_: object) -> tuple[int, int]:
        return (0, 0)


def test_a_pause_that_another_was_told_gives_the_host_up_where_it_is_too_long(
    tmp_path: Path, clock: Clock
) -> None:
    given_up = []
    politeness = Politeness(Spacing(), clock)
    shared = SharedHosts(tmp_path / "hosts", clock)
    turns = Turns(
        politeness, clock, shared, DayBudgets(None, None, Nothing()), lambda *each: given_up.append(each)
    )
    shared.take(HOST, 1.0)
    shared.leave(HOST, 1000.0, 1000.0 + 7200)
    turns.offer([HOST])
    assert turns.take(1) == []
    assert given_up == [(HOST, "retryAfter")]
    turns.close()


def test_two_crawls_and_a_look_at_once_keep_the_spacing_of_a_host_together(tmp_path: Path) -> None:
    stories = [f"/2026/03/15/story-number-{number}-of-the-day" for number in range(5)]
    pages = {path: article(number) for number, path in enumerate(stories)}
    delay = 0.15

    def crawl(name: str) -> int:
        flags = ("--collection", tmp_path / name, "--allow-private", "--delay", delay)
        return run("crawl", server.url("/"), *flags, folder=tmp_path).returncode

    (tmp_path / "palmyra.toml").write_text(f'hosts_file = "{tmp_path}/hosts"\ndelay = {delay}\n')
    with Newsroom(
        pages | {"/": front(stories), "/robots.txt": robots("User-agent: *", "Crawl-delay: 0.25")}
    ) as server:
        with ThreadPoolExecutor() as pool:
            look = pool.submit(run, "sources", "probe", server.url("/"), "--allow-private", folder=tmp_path)
            assert list(pool.map(crawl, ("one", "two"))) == [0, 0]
            assert look.result().returncode == 0
        times = [asked.at for asked in server.log if asked.path != "/robots.txt"]
        everything = [asked.at for asked in server.log]
        asked = [asked.path for asked in server.log]
    assert all(asked.count(path) >= 2 for path in stories)
    assert asked.count("/robots.txt") == 3
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.249
    assert min(later - earlier for earlier, later in pairwise(everything)) >= delay - 0.001
