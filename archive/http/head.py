"""Heads of HTTP/1.x messages: start line and fields, read as tolerantly as browsers do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.errors import HttpFormatError

MAX_HEAD_BYTES = 256 * 1024
"""Longest head read, in bytes with its blank line: the limit that Chromium uses."""
FIRST_READ_BYTES = 8 * 1024
"""Most heads are shorter; what is read beyond one is read for nothing."""

_LINE_ENDS = b"\r\n"
_BLANKS = b" \t"
_END = re.compile(rb"\n\r?\n")
_LEADING = re.compile(rb"[\r\n]{0,64}")
_PLAIN_FIELDS = re.compile(rb"(?:[!#-'*+.0-9A-Z^_`a-z|~-]++:[^\r\n]*+\r\n)*+(?:\r\n)?")
_PLAIN_RESPONSE = re.compile(
    rb"(HTTP/(\d)\.(\d) (\d\d\d)(?: ([^\r\n]*+))?)\r\n((?:[!#-'*+.0-9A-Z^_`a-z|~-]++:[^\r\n]*+\r\n)*+)\r\n"
)
_STATUS = re.compile(
    rb"HTTP(?:/(?P<major>\d)(?:\.(?P<minor>\d))?)?[ \t]+(?P<status>\d{3})(?!\d)[ \t]*(?P<reason>.*)",
    re.IGNORECASE | re.DOTALL,
)
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSION = re.compile(rb"HTTP/(?P<major>\d)(?:\.(?P<minor>\d))?", re.IGNORECASE)

_OLDEST = (1, 0)

Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message.

    ``fields`` are names and values in their order, names in the case that was sent, values stripped and unfolded
    (RFC 9112, section 5.2); lines without a colon are left out. ``size`` is the length of the head in bytes, empty
    lines before it and the blank line after it included. ``version`` is (1, 1) for HTTP/1.1.
    """

    start_line: bytes
    fields: Fields
    size: int
    version: tuple[int, int]

    def get(self, name: bytes, default: bytes | None = None) -> bytes | None:
        """The value of the first field called ``name``, in any case of letters."""
        wanted = name.lower()
        return next((value for field, value in self.fields if field.lower() == wanted), default)

    def get_all(self, name: bytes) -> tuple[bytes, ...]:
        wanted, length = name.lower(), len(name)
        return tuple(
            [value for field, value in self.fields if len(field) == length and field.lower() == wanted]
        )

    def tokens(self, name: bytes) -> tuple[str, ...]:
        """The members of a list-valued field (RFC 9110, section 5.6.1): lower case, without parameters, no empty ones."""
        values = self.get_all(name)
        if not values:
            return ()
        members = b",".join(values).split(b",")
        tokens = (member.partition(b";")[0].strip().lower().decode("latin-1") for member in members)
        return tuple(token for token in tokens if token)


@dataclass(frozen=True, slots=True)
class ResponseHead(Head):
    status: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class RequestHead(Head):
    method: bytes
    target: bytes


def parse_response_head(data: bytes) -> ResponseHead:
    """Read the head that ``data`` starts with; what follows the blank line is ignored.

    Tolerated, as real clients do: empty lines before the status line, bare LF, a missing reason or minor version,
    names in any case, folded lines, any bytes in values, and an end of data before the blank line.
    HttpFormatError where there is no status line, or the head is longer than MAX_HEAD_BYTES.
    """
    plain = _PLAIN_RESPONSE.match(data)
    if plain and plain.end() <= MAX_HEAD_BYTES:
        line, major, minor, status, reason, lines = plain.groups(b"")
        words = reason.lstrip(_BLANKS).rstrip()
        version = int(major), int(minor)
        return ResponseHead(line, _plain_fields(lines), plain.end(), version, int(status), words)
    start_line, fields, size = _split(data)
    match = _STATUS.fullmatch(start_line)
    if match is None:
        raise HttpFormatError(f"not an HTTP status line: {_shown(start_line)}")
    return ResponseHead(
        start_line, fields, size, _version(match), int(match["status"]), match["reason"].rstrip()
    )


def parse_request_head(data: bytes) -> RequestHead:
    """Read the request head that ``data`` starts with, as tolerantly as ``parse_response_head``.

    HttpFormatError where there is no request line, or the head is longer than MAX_HEAD_BYTES.
    """
    start_line, fields, size = _split(data)
    method, _, target = start_line.strip(b" \t").partition(b" ")
    target, _, last = target.strip(b" \t").rpartition(b" ")
    match = _VERSION.fullmatch(last)
    if match is None:
        target = b" ".join(filter(None, (target, last)))
    if not (target and _METHOD.fullmatch(method)):
        raise HttpFormatError(f"not an HTTP request line: {_shown(start_line)}")
    version = _version(match) if match else _OLDEST
    return RequestHead(start_line, fields, size, version, method, target.rstrip(b" \t"))


def read_head(file: BinaryIO, size: int = MAX_HEAD_BYTES + 1) -> bytes:
    """The head that ``file``, where it stands, goes on with, and some bytes behind it; at most ``size`` bytes.

    Where no head ends within MAX_HEAD_BYTES, that many bytes and one more.
    """
    data = file.read(min(size, FIRST_READ_BYTES))
    if head_end(data) is not None:
        return data
    return data + file.read(max(0, min(size, MAX_HEAD_BYTES + 1) - len(data)))


def leading_blank(data: bytes | bytearray) -> int:
    """How many bytes of empty lines stand before the start line."""
    match = _LEADING.match(data)
    return match.end() if match else 0


def head_end(data: bytes | bytearray, start: int = 0) -> int | None:
    """Where the head that ``data`` starts with ends (after its blank line); None if it has not ended yet.

    ``start`` is an offset before which no blank line ends.
    """
    match = _END.search(data, max(leading_blank(data), start))
    return match.end() if match else None


def _split(data: bytes) -> tuple[bytes, Fields, int]:
    head = data[:MAX_HEAD_BYTES]
    end = head_end(head)
    if end is None:
        if len(data) > MAX_HEAD_BYTES:
            raise HttpFormatError(f"no end of the HTTP head within {MAX_HEAD_BYTES} bytes")
        end = len(data)
    start_line, _, fields = head[leading_blank(head) : end].partition(b"\n")
    return start_line.rstrip(_LINE_ENDS), _fields(fields), end


def _fields(data: bytes) -> Fields:
    if not _PLAIN_FIELDS.fullmatch(data):
        return tuple(_odd_fields(data.split(b"\n")))
    return _plain_fields(data)


def _plain_fields(data: bytes) -> Fields:
    found = []
    for line in data.split(_LINE_ENDS):
        name, colon, value = line.partition(b":")
        if colon:
            found.append((name, value.strip(_BLANKS)))
    return tuple(found)


def _odd_fields(lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    folded = any(line[:1] in (b" ", b"\t") for line in lines)
    for line in _unfold(lines) if folded else lines:
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            yield name.strip(), value.rstrip(_LINE_ENDS).strip(b" \t")


def _unfold(lines: list[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []
    for line in (line.rstrip(_LINE_ENDS) for line in lines):
        if not line.startswith((b" ", b"\t")):
            yield b" ".join(parts)
            parts = []
        if stripped := line.strip(b" \t"):
            parts.append(stripped)
    yield b" ".join(parts)


def _version(match: re.Match[bytes]) -> tuple[int, int]:
    if match["major"] is None:
        return _OLDEST
    return int(match["major"]), int(match["minor"] or 0)


def _shown(line: bytes) -> str:
    return repr(line[:60])[1:] + (" …" if len(line) > 60 else "")
