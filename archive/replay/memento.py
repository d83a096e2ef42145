"""Memento (RFC 7089): the datetimes, links and time maps of captures, and which capture is nearest to a moment."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from archive.entries import CaptureRow

RAW = "id_"
"""The modifier after a timestamp that asks for the payload as it was sent, as in pywb and the Wayback Machine."""

_URL_SAFE = "%/:?#[]@!$&'()*+,;=~"
_TIMESTAMP = re.compile(r"[0-9]{4,14}")
_ONE_SLASH = re.compile(r"(?i)\A(https?):/+")
_EARLIEST = "00000101000000"


def timestamp(date: datetime) -> str:
    """Fourteen digits, UTC."""
    return re.sub(r"\D", "", date.astimezone(UTC).isoformat()[:19])


def parse_timestamp(digits: str) -> datetime | None:
    """The moment that 4 to 14 digits name, their missing ones at their earliest; None where they name none."""
    if not _TIMESTAMP.fullmatch(digits):
        return None
    try:
        return datetime.strptime(digits + _EARLIEST[len(digits) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def http_date(date: datetime) -> str:
    return format_datetime(date.astimezone(UTC).replace(microsecond=0), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """The moment of an HTTP-date; None where the text is none."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def in_header(url: str | bytes) -> str:
    """The URL with every character percent-encoded that could end a header field or a ``<…>`` in it."""
    return quote(url, safe=_URL_SAFE)


def asked_url(written: str) -> str:
    """The URL in a path: proxies and people lose a slash of ``http://``, or leave the scheme out."""
    if _ONE_SLASH.match(written):
        return _ONE_SLASH.sub(lambda match: f"{match[1].lower()}://", written)
    return written if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)", written) else f"http://{written}"


def memento_path(url: str, stamp: str, modifier: str = "") -> str:
    return f"/web/{stamp}{modifier}/{in_header(url)}"


def path_of(row: CaptureRow, modifier: str = "") -> str:
    """Where a capture is served."""
    return memento_path(row.entry.url, timestamp(row.entry.date), modifier)


def nearest(rows: Sequence[CaptureRow], url: str, when: datetime) -> CaptureRow | None:
    """The capture to show for ``url`` at ``when``: of that very URL before one that only shares its SURT key.

    A redirect under the shared key is passed over, as it mostly leads to ``url`` itself: http to https, or to www.
    Of captures equally near, one that answered in full wins, then the later.
    """
    same = [row for row in rows if in_header(row.entry.url) == in_header(url)]
    kindred = [row for row in rows if not 300 <= (row.entry.status or 0) < 400 or row.entry.status == 304]
    return min(same or kindred, key=lambda row: _distance(row, when), default=None)


def _distance(row: CaptureRow, when: datetime) -> tuple[float, bool, int]:
    seconds = abs((row.entry.date.replace(microsecond=0) - when).total_seconds())
    return seconds, not 200 <= (row.entry.status or 0) < 300, -row.id


def links(origin: str, rows: Sequence[CaptureRow], shown: CaptureRow | None, url: str) -> str:
    """The Link header of a memento or, with ``shown`` None, of a time gate. ``rows`` come oldest first."""
    parts = [_link(in_header(url), "original"), *_services(origin, url)]
    parts += [_memento(origin, row, relation) for row, relation in _neighbours(rows, shown)]
    return ", ".join(parts)


def timemap(origin: str, rows: Sequence[CaptureRow], url: str) -> str:
    """The time map of a URL in application/link-format (RFC 7089, section 5)."""
    bounds = f'; from="{http_date(rows[0].entry.date)}"; until="{http_date(rows[-1].entry.date)}"'
    self_link = (
        f'<{origin}/timemap/link/{in_header(url)}>; rel="self"; type="application/link-format"{bounds}'
    )
    gate = _link(f"{origin}/timegate/{in_header(url)}", "timegate")
    mementos = [_memento(origin, row, _ordinal(n, len(rows))) for n, row in enumerate(rows)]
    return ",\n".join([_link(in_header(url), "original"), self_link, gate, *mementos]) + "\n"


def _services(origin: str, url: str) -> Iterator[str]:
    yield _link(f"{origin}/timegate/{in_header(url)}", "timegate")
    yield f'<{origin}/timemap/link/{in_header(url)}>; rel="timemap"; type="application/link-format"'


def _neighbours(rows: Sequence[CaptureRow], shown: CaptureRow | None) -> Iterator[tuple[CaptureRow, str]]:
    last = len(rows) - 1
    at = next((n for n, row in enumerate(rows) if shown and row.id == shown.id), None)
    around = {0, last} if at is None else {0, max(at - 1, 0), at, min(at + 1, last), last}
    for n in sorted(around):
        words = [_ordinal(n, len(rows))]
        if at is not None and n != at and abs(n - at) == 1:
            words.insert(0, "prev" if n < at else "next")
        yield rows[n], " ".join(words)


def _ordinal(n: int, count: int) -> str:
    words = [*(["first"] if n == 0 else []), *(["last"] if n == count - 1 else []), "memento"]
    return " ".join(words)


def _memento(origin: str, row: CaptureRow, relation: str) -> str:
    return f'<{origin}{path_of(row)}>; rel="{relation}"; datetime="{http_date(row.entry.date)}"'


def _link(target: str, relation: str) -> str:
    return f'<{target}>; rel="{relation}"'
