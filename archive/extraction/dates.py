"""Dates as pages write them, to ISO 8601."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{8}(?!\d))"
    r"(?:[T\s]+(?P<time>\d{1,2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}:?\d{2}|[+-]\d{2})?)?"
)
_SLASHED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_PACKED = re.compile(r"\A((?:19|20)\d{6})(\d{4}(?:\d{2})?)(?=Z|[+-]|\Z)")
_HALF_DAY = re.compile(r"(?<![\d:])(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*([ap])\.?m\b\.?", re.IGNORECASE)
_UNSET = datetime(1970, 1, 1, tzinfo=UTC)
"""What a moment that nobody has set is written as."""
_EARLIEST, _LATEST = 1900, 2100


def iso_date(text: str | None) -> str | None:
    """A date or date with time in ISO 8601, with an offset where ``text`` gives one; None for anything else.

    Reads ISO 8601 in its forms, RFC 5322, seconds or milliseconds since 1970, ``2024/05/03`` and ``20240503210000``;
    hours with ``AM`` or ``PM`` in all of them. The first moment of 1970 is a clock that was not set.
    """
    value = (text or "").strip()
    if not value or len(value) > 100:
        return None
    value = _PACKED.sub(r"\1T\2", _HALF_DAY.sub(_by_24_hours, value.replace("\u2212", "-")), count=1)
    try:
        return _iso(value) or _epoch(value) or _slashed(value) or _rfc5322(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _by_24_hours(match: re.Match[str]) -> str:
    hour = int(match[1])
    if hour <= 12:
        hour = hour % 12 + (12 if match[3] in "pP" else 0)
    return f"{hour:02}{match[2]}"


def _iso(value: str) -> str | None:
    match = _ISO.match(value)
    if match is None:
        return None
    digits = match["date"]
    year, month, day = digits.split("-") if "-" in digits else (digits[:4], digits[4:6], digits[6:8])
    moment = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if match["time"] is None:
        return moment.date().isoformat() if _plausible(moment) else None
    clock = re.sub(r"[.,]\d+", "", match["time"]).replace(":", "")
    hour, minute, second = int(clock[:-2][:2]) if len(clock) < 5 else int(clock[:2]), 0, 0
    minute = int(clock[-2:]) if len(clock) < 5 else int(clock[2:4])
    second = int(clock[4:6]) if len(clock) > 5 else 0
    days, hour = divmod(hour, 24)
    moment = moment.replace(hour=hour, minute=minute, second=min(second, 59), tzinfo=_zone(match["zone"]))
    moment += timedelta(days=days)
    return (
        moment.isoformat()
        if _plausible(moment) and moment.replace(tzinfo=moment.tzinfo or UTC) != _UNSET
        else None
    )


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset) if offset else UTC


def _epoch(value: str) -> str | None:
    if _EPOCH.fullmatch(value) is None:
        return None
    seconds = float(value)
    moment = datetime.fromtimestamp(int(seconds / 1000 if seconds > 1e11 else seconds), UTC)
    return moment.isoformat()


def _slashed(value: str) -> str | None:
    match = _SLASHED.match(value)
    if match is None:
        return None
    moment = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    return moment.date().isoformat() if _plausible(moment) else None


def _rfc5322(value: str) -> str | None:
    moment = parsedate_to_datetime(value)
    return moment.isoformat() if _plausible(moment) else None


def _plausible(moment: datetime) -> bool:
    return _EARLIEST <= moment.year <= _LATEST
