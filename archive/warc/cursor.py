"""Reading records out of a member's content: head, block, and the line ends between records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.warc.fields import Fields, first, parse_fields, plain_fields
from archive.warc.members import Damage, Member

HEAD_BYTES = 1 << 22
"""The longest head of a record that is read."""
ENDING_BYTES = 16
"""As many of the line ends after a block are told."""

_BLANK_LINE = re.compile(rb"\n\r*\n")
_LINE_ENDS = re.compile(rb"[\r\n]*")
_PLAIN_HEAD = re.compile(
    rb"(WARC/\d\.\d)\r\n((?:[!#-'*+.0-9A-Z^_`a-z|~-]++:[^\r\n]*+\r\n)*+)\r\n",
)
_VERSION_LINE = re.compile(r"WARC/\d+\.\d+")
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """A record's head: version, fields as stored, the size of the block that follows (bytes), and its own bytes."""

    version: str
    fields: Fields
    content_length: int
    data: bytes


class Cursor:
    """Goes forward through a member's content; ``consumed`` counts its bytes. Every method may raise Damage."""

    def __init__(self, member: Member, data: bytes = b"") -> None:
        """``data`` was read from the member already."""
        self._member = member
        self._data = data
        self._at = 0
        self.consumed = 0

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer only where the member ends."""
        while len(self._data) - self._at < size and self._fill():
            pass
        return self._data[self._at : self._at + size]

    def head(self) -> bytes:
        """All up to the first blank line, and that line."""
        while not (match := _BLANK_LINE.search(self._data, self._at)):
            if len(self._data) - self._at > HEAD_BYTES:
                raise Damage("the record's head is too long")
            if not self._fill_on():
                raise Damage("the record's head is cut short")
        return self._take(match.end() - self._at)

    def line(self, limit: int) -> bytes:
        """All up to the first line feed, and that; Damage if it is not among the next ``limit`` bytes."""
        end = self.peek(limit).find(b"\n")
        if end < 0:
            raise Damage("the record's first line has no end")
        return self._take(end + 1)

    def chunks(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, which a block must have."""
        while size:
            if self._at == len(self._data) and not self._fill_on():
                raise Damage(f"the block lacks {size} bytes of its Content-Length")
            chunk = self._take(min(size, len(self._data) - self._at))
            size -= len(chunk)
            yield chunk

    def line_ends(self) -> bytes:
        """Pass over CR and LF; the first ENDING_BYTES of them."""
        passed = b""
        while self._at < len(self._data) or self._fill():
            match = _LINE_ENDS.match(self._data, self._at)
            taken = self._take(match.end() - self._at) if match else b""
            passed = (passed + taken)[:ENDING_BYTES]
            if self._at < len(self._data):
                break
        return passed

    def drain(self) -> int:
        """Read to the end of the member; how many bytes that was."""
        count = len(self._take(len(self._data) - self._at))
        while self._fill():
            count += len(self._take(len(self._data)))
        return count

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        self.consumed += len(taken)
        return taken

    def _fill_on(self) -> bool:
        """Fill within a record, which some writers let go on in the next member."""
        return self._fill() or (self._member.extend() and self._fill())

    def _fill(self) -> bool:
        more = self._member.read()
        if more:
            self._data = self._data[self._at :] + more
            self._at = 0
        return bool(more)


def warc_head(data: bytes) -> Head:
    """Parse a record's head (WARC 1.1, clause 4), bare line feeds and unknown versions allowed."""
    version, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
    fields = parse_fields(rest)
    length = first(fields, "Content-Length") or ""
    if not _VERSION_LINE.fullmatch(version.rstrip()):
        raise Damage("no WARC version line")
    if not _DIGITS.fullmatch(length):
        raise Damage(
            f"Content-Length {length!r} is no number" if length else "the record has no Content-Length"
        )
    return Head(version.rstrip(), fields, int(length), data)


def plain_head(data: bytes) -> Head | None:
    """The head that ``data`` begins with, as `warc_head` parses it; None where it is not written as most are."""
    match = _PLAIN_HEAD.match(data)
    if not match:
        return None
    version, fields = match[1].decode(), plain_fields(match[2].decode("utf-8", "surrogateescape"))
    length = first(fields, "Content-Length") or ""
    return Head(version, fields, int(length), match[0]) if _DIGITS.fullmatch(length) else None
