"""Quiet hours: the times of day at which a source is not asked."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MIN = 24 * 60

_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")


def checked_hours(text: str) -> str:
    """``text`` where it names hours, as in ``22:00-06:00``; ValueError in words."""
    start, end = minutes_of(text)
    if start % DAY_MIN == end % DAY_MIN:
        raise ValueError(f"{text!r} would be the whole day; leave the source out of the file instead")
    return text


def checked_zone(name: str) -> str:
    """``name`` where it is a time zone of the IANA database; ValueError in words."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'{name!r} is no time zone such as "Europe/Paris" or "UTC"') from None
    return name


def minutes_of(text: str) -> tuple[int, int]:
    """The first minute of the day, and the first that is no longer quiet: both from midnight, in local time."""
    found = _HOURS.fullmatch(text.strip())
    hour, minute, end_hour, end_minute = map(int, found.groups()) if found else (25, 0, 0, 0)
    start, end = 60 * hour + minute, 60 * end_hour + end_minute
    if max(start, end) > DAY_MIN:
        raise ValueError(f'{text!r} names no hours such as "22:00-06:00"')
    return start, end


def is_quiet(hours: Iterable[str], zone: str, at: datetime) -> bool:
    """Whether ``at`` (aware) lies in one of ``hours``, by the clocks of ``zone``. Hours may go past midnight."""
    windows = [minutes_of(each) for each in hours]
    if not windows:
        return False
    local = at.astimezone(ZoneInfo(zone))
    minute = 60 * local.hour + local.minute
    return any(
        start <= minute < end if start < end else minute >= start or minute < end for start, end in windows
    )
