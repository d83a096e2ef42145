"""Named fields (WARC 1.1, section 4): the lines of a record's head and of an application/warc-fields block."""

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

Fields = tuple[tuple[str, str], ...]
"""Names and values in the order of the record; bytes that are no UTF-8 are kept as surrogate escapes."""

WORD_BYTES = 42
"""Bytes of text in one encoded-word: with its frame in base64 it stays within the 75 characters of RFC 2047."""

_URI_SAFE = "!#$%&'()*+,-./:;=?@[]_~"
_BLANKS = " \t"
_LINE_SPACE = " \t\r"
_PLAIN_FIELDS = re.compile(r"(?:[!#-'*+.0-9A-Z^_`a-z|~-]++:[^\r\n]*+\r\n)*+(?:\r\n)?")
_NO_NAME = re.compile(r"[\s:]|[^\x00-\x7f]")
_PLAIN_URI = re.compile(r"[A-Za-z0-9!#$%&'()*+,\-./:;=?@\[\]_~]*")
_W3C_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d))?)?)?"
)
_UNSAFE_VALUE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]|^\s|\s$|=\?")
_ENCODED_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]*=*)\?=", re.IGNORECASE)


def parse_fields(text: str) -> Fields:
    """The named fields of ``text``; folded lines are joined by a space, lines without a colon passed over."""
    if _PLAIN_FIELDS.fullmatch(text):
        return plain_fields(text)
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in _BLANKS and found and line:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip(_LINE_SPACE)}".strip(_BLANKS))
        elif colon and (name := name.strip()):
            found.append((name, value.strip(_LINE_SPACE)))
    return tuple(found)


def plain_fields(text: str) -> Fields:
    """`parse_fields` of lines that all are ``name: value`` and end by CR LF."""
    found = []
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.append((name, value.strip(_BLANKS)))
    return tuple(found)


def serialise_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """``name: value`` lines, each ended by CR LF; ValueError where a name or value would break out of its line."""
    lines = []
    for name, value in fields:
        if "\n" in value or "\r" in value or not _is_name(name):
            raise ValueError(f"not a named field: {name!r}: {value!r}")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=256)
def _is_name(name: str) -> bool:
    return not _NO_NAME.search(name)


def first(fields: Fields, name: str) -> str | None:
    """The value of the first field of that name, whatever its case."""
    wanted = name.lower()
    for key, value in fields:
        if key == name or key.lower() == wanted:
            return value
    return None


def every(fields: Fields, name: str) -> list[str]:
    """The values of all fields of that name, whatever its case."""
    wanted = name.lower()
    return [value for key, value in fields if key.lower() == wanted]


def format_date(date: datetime) -> str:
    """``date`` in UTC with microseconds (WARC 1.1, section 5.4; W3CDTF)."""
    return date.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_date(text: str) -> datetime:
    """A W3CDTF date of any granularity, in UTC, cut to microseconds; ValueError if it is none."""
    match = _W3C_DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no W3CDTF date")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    date = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
        tzinfo=UTC,
    )
    if zone in (None, "Z"):
        return date
    try:
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        return date - shift if zone[0] == "+" else date + shift
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None


def uri(text: str) -> str:
    """``text`` as RFC 3986 lets a URI be written: other characters percent-encoded as UTF-8, the rest untouched."""
    if _is_plain(text):
        return text
    return quote(
        text.encode("utf-8", "surrogateescape" if _escaped(text) else "surrogatepass"), safe=_URI_SAFE
    )


def _is_plain(text: str) -> bool:
    return _PLAIN_URI.fullmatch(text) is not None


def _escaped(text: str) -> bool:
    """Whether every surrogate in ``text`` stands for a byte that was no UTF-8."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", text)


def bare_id(value: str) -> str:
    """A record id without the angle brackets that some writers leave out."""
    return value.strip().removeprefix("<").removesuffix(">").strip()


def storable(text: str) -> str:
    """``text`` as UTF-8 can hold it: what stands for a byte that was no UTF-8 becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def encode_value(text: str) -> str:
    """``text`` as one line that `decode_value` turns back exactly: as it is, or in encoded-words (RFC 2047).

    WARC 1.1, section 4, has readers understand encoded-words.
    """
    if not _UNSAFE_VALUE.search(text):
        return text
    return " ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in _words(text))


def _words(text: str) -> list[bytes]:
    words = [b""]
    for character in text:
        data = character.encode("utf-8", "surrogatepass")
        if len(words[-1]) + len(data) > WORD_BYTES:
            words.append(b"")
        words[-1] += data
    return words


def decode_value(value: str) -> str:
    """The text of a value that `encode_value` made; any other value as it is."""
    words = value.split(" ")
    matches = [_ENCODED_WORD.fullmatch(word) for word in words]
    if not all(matches):
        return value
    try:
        data = b"".join(base64.b64decode(match[1], validate=True) for match in matches if match)
        return data.decode("utf-8", "surrogatepass")
    except ValueError:
        return value
