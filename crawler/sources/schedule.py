"""What is due. Timers (cron, systemd, a loop) only tick; when a source was last crawled stands in ``state.sqlite``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import apsw

from crawler.sources.declared import Source

TICK_TOLERANCE = timedelta(seconds=30)
"""A source is due this much early, so that a timer with the same interval does not miss every second turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a source is due, and by how much it is late (negative: not yet due). ``due`` is None if it never ran."""

    source: Source
    due: datetime | None
    late: timedelta


def turns(sources: Iterable[Source], last_starts: Mapping[str, datetime], now: datetime) -> tuple[Turn, ...]:
    """Every source's turn, the latest first, those that never ran before all. ``now`` and the starts are aware.

    A start that lies in the future says nothing (the clock was set back since): that source is due.
    """
    found = [_turn(source, last_starts.get(source.name), now) for source in sources]
    return tuple(sorted(found, key=lambda turn: turn.late, reverse=True))


def due_sources(
    sources: Iterable[Source], last_starts: Mapping[str, datetime], now: datetime
) -> tuple[Source, ...]:
    """The sources to crawl now, in the order of `turns`."""
    return tuple(turn.source for turn in turns(sources, last_starts, now) if turn.late >= timedelta())


def _turn(source: Source, last: datetime | None, now: datetime) -> Turn:
    if last is None:
        return Turn(source, None, timedelta.max)
    due = now if last > now + TICK_TOLERANCE else last + source.every - TICK_TOLERANCE
    return Turn(source, due, now - due)


class Schedule:
    """The table ``schedule`` of ``state.sqlite``: when each source was last begun and finished."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def last_starts(self) -> dict[str, datetime]:
        """By the sources' names; UTC."""
        rows = self._connection.execute("SELECT source, started FROM schedule WHERE started IS NOT NULL")
        return {source: datetime.fromisoformat(started) for source, started in rows}

    def begin(self, source: str, at: datetime) -> None:
        """Note that the crawl of ``source`` starts."""
        self._connection.execute(
            "INSERT INTO schedule(source, started) VALUES (?, ?)"
            " ON CONFLICT(source) DO UPDATE SET started = excluded.started, finished = NULL",
            (source, _stored(at)),
        )

    def finish(self, source: str, at: datetime) -> None:
        """Note that the crawl of ``source`` came to its end."""
        self._connection.execute("UPDATE schedule SET finished = ? WHERE source = ?", (_stored(at), source))

    def unfinished(self) -> tuple[str, ...]:
        """Sources whose last crawl was begun and not finished."""
        rows = self._connection.execute("SELECT source FROM schedule WHERE finished IS NULL ORDER BY source")
        return tuple(source for (source,) in rows)


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
