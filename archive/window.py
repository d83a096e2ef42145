"""The span of dates that a user asks for: what ``since`` and ``until`` say, and what lies outside of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self

from archive.errors import ConfigurationError

BEFORE, AFTER = "beforeSince", "afterUntil"
"""The reasons, in a word, for what a window leaves out."""
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
"""Of a duration, in seconds."""
MOMENT = timedelta(microseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC)

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_WORDS = {"today": 0, "yesterday": 1}
FORMS = 'a date is "2024-05-31", "2024-05" or "2024", or counted back from now: "7d", "24h", "yesterday"'


def duration(value: object) -> timedelta:
    """``90s``, ``30m``, ``6h``, ``1d``, ``1w`` or several in a row (``1h30m``); ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    text = str(value).replace(" ", "").lower()
    if isinstance(value, bool | int | float) or not _DURATION.fullmatch(text):
        raise ValueError('a duration is a number and a unit, as in "90s", "30m", "6h" or "1d"')
    return timedelta(seconds=sum(float(count) * UNITS[unit] for count, unit in _DURATION_PART.findall(text)))


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to, not including, ``end``; both aware. A moment is a span without length."""

    start: datetime
    end: datetime

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(text: str | None) -> "Span | None":
        """What an ISO 8601 date covers (the year, month or day as far as given), or the moment; None where it is none.

        UTC where it names no offset.
        """
        period = _PERIOD.fullmatch(text) if text else None
        try:
            return Span.of_period(*period.groups()) if period else _moment(text or "")
        except (ValueError, OverflowError):
            return None

    @classmethod
    def of_period(cls, year: str, month: str | None = None, day: str | None = None) -> Self:
        """A year, a month or a day; ValueError where the calendar has no such."""
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            end = start + timedelta(days=1)
        elif month and int(month) < 12:
            end = start.replace(month=start.month + 1)
        else:
            end = start.replace(year=start.year + 1, month=1)
        return cls(start, end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def _moment(text: str) -> Span:
    given = datetime.fromisoformat(text)
    moment = given if given.tzinfo else given.replace(tzinfo=UTC)
    return Span(moment, moment)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``since``, included, up to ``until``, not included; None where there is no bound."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def stated(cls, since: str | None, until: str | None, now: datetime) -> Self:
        """What a user says: both dates belong to it, the year, month or day of ``until`` to its end.

        ConfigurationError where nothing lies between them.
        """
        first = stated_span(since, now).start if since else None
        end = _after(stated_span(until, now)) if until else None
        if first and end and first >= end:
            raise ConfigurationError(f"no date is both since {since} and until {until}")
        return cls(first, end)

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def refusal(self, span: Span | None) -> str | None:
        """Why nothing of ``span`` can lie inside, in a word; None where something may, or nothing is known."""
        if span is None:
            return None
        if self.since is not None and _after(span) <= self.since:
            return BEFORE
        return AFTER if self.until is not None and span.start >= self.until else None


def _after(span: Span) -> datetime:
    """The first moment behind ``span``, which itself is a moment at least."""
    return max(span.end, span.start + MOMENT)


EVER = Window()
"""Without bounds."""


def stated_span(text: str, now: datetime) -> Span:
    """What a user's date covers at ``now``; ValueError, in words, where it is none."""
    if text in _WORDS:
        day = (now - timedelta(days=_WORDS[text])).astimezone(UTC).date()
        return Span.of_period(str(day.year), str(day.month), str(day.day))
    if _DURATION.fullmatch(text):
        try:
            moment = now - duration(text)
        except OverflowError:
            moment = FIRST
        return Span(moment, moment)
    span = Span.of(text)
    if span is None:
        raise ValueError(FORMS)
    return span
