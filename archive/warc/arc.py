"""ARC, the format before WARC (Internet Archive, versions 1 and 2): its records as WARC heads."""

import re
import uuid
from datetime import UTC, datetime

from archive.warc.cursor import Cursor, Head
from archive.warc.fields import Fields, format_date
from archive.warc.members import Damage
from archive.warc.records import HTTP_RESPONSE

LINE_BYTES = 1 << 16
"""The longest URL-record line that is read."""

START = re.compile(rb"[a-z][a-z0-9+.-]*:\S[^\n]* \S+ \d{4,17} \S+( [^\n]*)? \d{1,18}\r?\n")
"""A URL-record: URL, IP address, date, media type, (version 2: five more) and length, separated by spaces."""

_LINE = re.compile(
    r"(?P<url>\S.*?) (?P<ip>\S+) (?P<date>\d{4,17}) (?P<type>\S+)(?: .*)? (?P<length>\d{1,18})"
)


def arc_head(cursor: Cursor) -> Head:
    """The head of the ARC record at the cursor, as WARC fields that say the same; Damage if there is none."""
    line = cursor.line(LINE_BYTES)
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
    match = _LINE.fullmatch(text)
    if not match:
        raise Damage("no WARC or ARC record")
    return Head("ARC/1.0", _fields(match, text), int(match["length"]), line)


def _fields(match: re.Match[str], line: str) -> Fields:
    kind, content_type = _kind(match["url"], match["type"])
    fields = [
        ("WARC-Type", kind),
        (
            "WARC-Record-ID",
            f"<{uuid.uuid5(uuid.NAMESPACE_URL, line.encode('utf-8', 'replace').decode()).urn}>",
        ),
        ("WARC-Date", _date(match["date"])),
        ("Content-Type", content_type),
        ("Content-Length", match["length"]),
    ]
    if kind != "warcinfo":
        fields.append(("WARC-Target-URI", match["url"]))
        fields += [("WARC-IP-Address", match["ip"])] * (match["ip"] not in ("-", "0.0.0.0"))  # noqa: S104
    return tuple(fields)


def _kind(url: str, media_type: str) -> tuple[str, str]:
    if url.startswith("filedesc:"):
        return "warcinfo", "text/plain"
    if url.startswith(("http:", "https:")):
        return "response", HTTP_RESPONSE
    return "resource", media_type


def _date(digits: str) -> str:
    """A date of 4 to 17 digits as a WARC-Date; Damage if there is no such date."""
    padded = digits + "00000101000000000"[len(digits) :]
    try:
        date = datetime.strptime(padded[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise Damage(f"{digits!r} is no date of an ARC record") from None
    return format_date(date)
