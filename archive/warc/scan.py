"""Going through a WARC file from any byte: records, and the losses between them.

A piece that cannot be read costs itself alone: reading goes on at the next place where a record begins.
"""

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from enum import Enum, auto
from io import BytesIO
from typing import BinaryIO, NamedTuple

from archive.warc import arc
from archive.warc.cursor import Cursor, Head, plain_head, warc_head
from archive.warc.members import (
    GZIP_MAGIC,
    ZSTD_MAGIC,
    Damage,
    GzipMember,
    Member,
    Piece,
    PlainMember,
    Window,
    ZstdFrame,
    skippable_length,
    zstd_dictionary,
)
from archive.warc.records import Loss, Record
from archive.warc.spool import spooled

ENDING = b"\r\n\r\n"
"""What stands between a block and the next record (WARC 1.1, clause 4)."""

_WARC = b"WARC/"
_WARC_START = re.compile(rb"WARC/\d+\.\d+[ \t]*\r*\n[!-9;-~]+[ \t]*:")
_WARC_START_BYTES = 256
_CANDIDATE = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|WARC/\d")
_ARC_CANDIDATE = re.compile(rb"\x1f\x8b\x08|https?://|dns:")

Found = Record | Loss


class Choice(Enum):
    """What to do with a record whose head was read."""

    KEEP = auto()
    PASS = auto()
    """Read past the block and leave it empty."""
    STOP = auto()
    """End before the block."""


class _Stop(Exception):
    pass


def keep_all(_: Head) -> Choice:
    return Choice.KEEP


class Chain:
    """Compressed members read as one for as long as a record goes on from one to the next."""

    __slots__ = ("_go_on", "_piece", "offset")

    def __init__(self, piece: Piece, go_on: Callable[[int], Piece | None]) -> None:
        self.offset = piece.offset
        self._piece, self._go_on = piece, go_on

    @property
    def end(self) -> int | None:
        return self._piece.end

    def read(self) -> bytes:
        return self._piece.read()

    def extend(self) -> bool:
        piece = None if self.end is None else self._go_on(self.end)
        if piece is None:
            return False
        self._piece = piece
        return True


class _Read(NamedTuple):
    """A record of which it is not known yet how much of the file it takes."""

    head: Head
    block: BinaryIO
    ending: bytes


class Scan:
    """One pass through a file. ``choose`` decides on each record from its head."""

    def __init__(self, window: Window, choose: Callable[[Head], Choice] = keep_all) -> None:
        self._window = window
        self._choose = choose
        self._dictionary = zstd_dictionary(window)
        self._candidate = _ARC_CANDIDATE if bytes(window.at(0, 9)) == b"filedesc:" else _CANDIDATE

    def found(self, start: int = 0, end: int | None = None) -> Iterator[Found]:
        """Records and losses that begin at or after ``start`` and before ``end``, in the order of the file."""
        with suppress(_Stop):
            for found in self._from(start, end):
                if end is not None and found.offset >= end:
                    return
                yield found

    def _from(self, offset: int, end: int | None) -> Iterator[Found]:
        while (end is None or offset < end) and (magic := bytes(self._window.at(offset, 4))):
            offset = yield from self._piece(offset, magic)

    def _piece(self, offset: int, magic: bytes) -> Generator[Found, None, int]:
        """What lies at ``offset``; returns where to go on."""
        gzip = magic.startswith(GZIP_MAGIC)
        if not gzip and (skipped := skippable_length(self._window, offset)):
            return offset + skipped
        try:
            member = self._member(offset, magic)
        except Damage as damage:
            loss = self._loss(offset, damage.reason, None)
            yield loss
            return loss.end
        if isinstance(member, PlainMember):
            return (yield from self._plain(member))
        return (yield from self._compressed(member))

    def _member(self, offset: int, magic: bytes) -> Member:
        """``magic`` is the 4 bytes at ``offset``, fewer where the file ends."""
        if _is_compressed(magic):
            return Chain(self._open_compressed(offset, magic), self._go_on)
        return PlainMember(self._window, offset)

    def _compressed_at(self, offset: int) -> bool:
        return _is_compressed(bytes(self._window.at(offset, 4)))

    def _open_compressed(self, offset: int, magic: bytes) -> Piece:
        if magic.startswith(GZIP_MAGIC):
            return GzipMember(self._window, offset)
        return ZstdFrame(self._window, offset, self._dictionary)

    def _go_on(self, offset: int) -> Piece | None:
        """The member at ``offset``, if it holds the rest of the record before it."""
        if not self._goes_on(offset):
            return None
        return self._open_compressed(offset, bytes(self._window.at(offset, 4)))

    def _goes_on(self, offset: int) -> bool:
        """Whether a member at ``offset`` holds the rest of the record before it."""
        return self._compressed_at(offset) and not self._begins(offset)

    def _plain(self, member: PlainMember) -> Generator[Found, None, int]:
        cursor = Cursor(member)
        cursor.line_ends()
        offset = member.offset + cursor.consumed
        try:
            while cursor.peek(1) and not self._compressed_at(offset):
                read = self._read(cursor, self._window.size() - member.offset)
                end = member.offset + cursor.consumed
                record = self._record(read, offset, end - offset)
                if read.ending[:4] != ENDING and not _may_begin(cursor):
                    return (yield from self._misjudged(record))
                yield record
                offset = end
        except Damage as damage:
            loss = self._loss(offset, damage.reason, None)
            yield loss
            return loss.end
        return offset

    def _misjudged(self, record: Record) -> Generator[Found, None, int]:
        """A record that no other follows: its Content-Length is too small, or too large, and then it is lost."""
        following = self.next_start(record.offset + 1)
        if following < record.end:
            yield Loss(
                record.offset, following - record.offset, "Content-Length reaches into the next record"
            )
        else:
            yield record
            reason = "no record: is the Content-Length before it too small?"
            yield Loss(record.end, following - record.end, reason)
        return following

    def _compressed(self, member: Member) -> Generator[Found, None, int]:
        position, cursor = 0, Cursor(member)
        try:
            data = member.read()
            if member.end and (record := self._whole(member.offset, member.end, data)):
                yield record
                return member.end
            cursor = Cursor(member, data)
            cursor.line_ends()
            while cursor.peek(1):
                read = self._read(cursor)
                if position == 0 and not (cursor.peek(1) and _may_begin(cursor)):
                    yield from self._alone(read, cursor, member)
                else:
                    yield self._record(read, member.offset, 0, position)
                position += 1
        except Damage as damage:
            end = _end_of(member, cursor)
            part = position and member.end
            loss = (
                Loss(member.offset, 0, damage.reason)
                if part
                else self._loss(member.offset, damage.reason, end)
            )
            yield loss
            return end or loss.end
        return member.end or 0

    def _whole(self, offset: int, end: int, data: bytes) -> Record | None:
        """The record that ``data``, all of a member, is from its first byte to its last; None if it is not so plain."""
        head = plain_head(data)
        if not head or len(data) != len(head.data) + head.content_length + len(ENDING):
            return None
        if not data.endswith(ENDING):
            return None
        choice = self._choose(head)
        if choice is Choice.STOP:
            raise _Stop
        block = data[len(head.data) : -len(ENDING)] if choice is Choice.KEEP else b""
        return self._record(_Read(head, BytesIO(block), ENDING), offset, end - offset)

    def _alone(self, read: "_Read", cursor: Cursor, member: Member) -> Iterator[Found]:
        excess = cursor.drain()
        yield self._record(read, member.offset, (member.end or 0) - member.offset)
        if excess:
            yield Loss(member.offset, 0, f"{excess} bytes behind the record in its member are none")

    def _read(self, cursor: Cursor, limit: int | None = None) -> "_Read":
        """The record at the cursor. ``limit`` is the content's size in bytes, where it is known."""
        head = _head(cursor)
        choice = self._choose(head)
        if choice is Choice.STOP:
            raise _Stop
        lacking = 0 if limit is None else cursor.consumed + head.content_length - limit
        if lacking > 0:
            raise Damage(f"the block lacks {lacking} bytes of its Content-Length")
        if choice is Choice.KEEP:
            block = spooled(cursor.chunks(head.content_length), head.content_length)
        else:
            block = _passed_over(cursor.chunks(head.content_length))
        return _Read(head, block, cursor.line_ends())

    def _record(self, read: "_Read", offset: int, length: int, position: int = 0) -> Record:
        head = read.head
        return Record(
            self._window.path,
            offset,
            length,
            head.version,
            head.fields,
            head.content_length,
            read.block,
            position,
            head.data,
            read.ending,
        )

    def _loss(self, offset: int, reason: str, end: int | None) -> Loss:
        return Loss(offset, (end or self.next_start(offset + 1)) - offset, reason)

    def next_start(self, offset: int) -> int:
        """The next byte from ``offset`` on where a record can be read, or the end of the file."""
        found = self.start_before(None, offset)
        return max(offset, self._window.size()) if found is None else found

    def start_before(self, stop: int | None, offset: int) -> int | None:
        """The next byte from ``offset`` on and before ``stop`` where a record can be read."""
        while (candidate := self._window.find(self._candidate, offset, stop)) is not None:
            if self._begins(candidate):
                return candidate
            offset = candidate + 1
        return None

    def _begins(self, offset: int) -> bool:
        try:
            member = self._member(offset, bytes(self._window.at(offset, 4)))
            cursor = Cursor(member)
            cursor.line_ends()
            return _begins(cursor)
        except Damage:
            return False


def _is_compressed(magic: bytes) -> bool:
    return magic.startswith(GZIP_MAGIC) or magic == ZSTD_MAGIC


def _passed_over(chunks: Iterator[bytes]) -> BinaryIO:
    deque(chunks, maxlen=0)
    return BytesIO()


def _head(cursor: Cursor) -> Head:
    if cursor.peek(len(_WARC)) == _WARC:
        return warc_head(cursor.head())
    return arc.arc_head(cursor)


def _begins(cursor: Cursor) -> bool:
    """Whether a record begins at the cursor."""
    if cursor.peek(len(_WARC)) == _WARC:
        return _WARC_START.match(cursor.peek(_WARC_START_BYTES)) is not None
    return arc.START.match(cursor.peek(arc.LINE_BYTES)) is not None


def _may_begin(cursor: Cursor) -> bool:
    """Whether a record, or as much of one as the file still holds, begins at the cursor."""
    return _WARC.startswith(cursor.peek(len(_WARC))) or _begins(cursor)


def _end_of(member: Member, cursor: Cursor) -> int | None:
    """The byte after a member whose content is no record; None where the member itself is damaged."""
    try:
        cursor.drain()
    except Damage:
        return None
    return member.end
