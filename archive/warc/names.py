"""Names of WARC files: PREFIX-YYYYMMDDHHMMSSmmm-SERIAL-HOST.warc.gz (WARC 1.1, annex C)."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

SUFFIX = ".warc.gz"

_STAMP = re.compile(r"-(\d{17})-\d{5,}-")
_STAMP_FORMAT = "%Y%m%d%H%M%S%f"
_NOT_IN_HOSTNAME = re.compile(r"[^A-Za-z0-9._-]+")


def warc_name(prefix: str, stamp: str, serial: int, host: str, suffix: str = SUFFIX) -> str:
    """``host`` may be any text: what a name cannot hold is replaced."""
    return f"{prefix}-{stamp}-{serial:05}-{_NOT_IN_HOSTNAME.sub('_', host) or 'localhost'}{suffix}"


def stamp_of(date: datetime) -> str:
    """17 digits of UTC: year to millisecond."""
    return date.astimezone(UTC).strftime(_STAMP_FORMAT)[:17]


def stamp_after(directory: Path) -> str:
    """A stamp after those of the files that are there, should the clock have been ahead when they were made; or ""."""
    stamps = [match[1] for path in directory.iterdir() if (match := _STAMP.search(path.name))]
    return _next(max(stamps)) if stamps else ""


def renamed_after(name: str, stamp: str) -> str:
    """``name`` with ``stamp`` in the place of its own, where that comes before it."""
    own = _STAMP.search(name)
    return name if not own or own[1] >= stamp else f"{name[: own.start(1)]}{stamp}{name[own.end(1) :]}"


def _next(stamp: str) -> str:
    """A millisecond later; "" where ``stamp`` is no time of this calendar."""
    try:
        date = datetime.strptime(stamp + "000", _STAMP_FORMAT).replace(tzinfo=UTC)
        return stamp_of(date + timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return ""
