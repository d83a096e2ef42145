"""What is due, and where it is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import apsw
import pytest

from crawler.frontier.state import connect
from crawler.sources.declared import Source
from crawler.sources.schedule import TICK_TOLERANCE, Schedule, due_sources, turns

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def source(name: str, every: timedelta = 6 * HOUR) -> Source:
    return Source(name=name, url=f"https://{name}.example/", every=every)


def names(sources: tuple[Source, ...]) -> list[str]:
    return [source.name for source in sources]


@pytest.mark.parametrize(
    ("started", "due"),
    [
        (None, True),
        (NOW - 7 * HOUR, True),
        (NOW - 6 * HOUR, True),
        (NOW - 6 * HOUR + timedelta(seconds=1), True),
        (NOW - 6 * HOUR + TICK_TOLERANCE, True),
        (NOW - 6 * HOUR + TICK_TOLERANCE + timedelta(seconds=1), False),
        (NOW - HOUR, False),
        (NOW, False),
        (NOW + timedelta(seconds=5), False),
        (NOW + timedelta(days=365), True),
        (NOW - timedelta(days=3650), True),
    ],
)
def test_due(started: datetime | None, due: bool) -> None:
    starts = {"a": started} if started else {}
    assert names(due_sources([source("a")], starts, NOW)) == (["a"] if due else [])


def test_the_latest_come_first_and_new_ones_before_all() -> None:
    sources = [
        source("short", HOUR),
        source("waits"),
        source("new"),
        source("long", 24 * HOUR),
        source("new2"),
    ]
    starts = {"short": NOW - 2 * HOUR, "waits": NOW - HOUR, "long": NOW - 48 * HOUR, "gone": NOW}
    assert names(due_sources(sources, starts, NOW)) == ["new", "new2", "long", "short"]
    last = turns(sources, starts, NOW)[-1]
    assert (last.source.name, last.due) == ("waits", NOW + 5 * HOUR - TICK_TOLERANCE)


def test_a_timer_with_the_sources_own_interval_misses_no_turn() -> None:
    started = NOW
    for turn in range(1, 20):
        tick = NOW + turn * HOUR + timedelta(seconds=(-1) ** turn * 2)
        assert due_sources([source("a", HOUR)], {"a": started}, tick)
        started = tick


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = connect(tmp_path / "state.sqlite")
    yield connection
    connection.close()


def test_starts_are_kept(connection: apsw.Connection, tmp_path: Path) -> None:
    schedule = Schedule(connection)
    assert schedule.last_starts() == {}
    schedule.begin("a", NOW)
    schedule.begin("b", NOW.astimezone(timezone(5 * HOUR)))
    schedule.finish("a", NOW + HOUR)
    other = connect(tmp_path / "state.sqlite")
    assert Schedule(other).last_starts() == {"a": NOW, "b": NOW}
    assert Schedule(other).unfinished() == ("b",)
    other.close()
    schedule.begin("a", NOW + 6 * HOUR)
    assert schedule.last_starts()["a"] == NOW + 6 * HOUR
    assert schedule.unfinished() == ("a", "b")
