"""From the body of a message to its payload: transfer coding off, then content codings, within a limit."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from archive.http.chunked import ChunkedDecoder
from archive.http.codings import CODINGS, CodingError, gunzip, undo
from archive.http.head import Head, ResponseHead

READ_BYTES = 64 * 1024
"""How much of a body that lies on disk is read at a time."""
MAX_CODINGS = 5
"""Most codings undone one after another."""

_BODILESS_STATUSES = frozenset({204, 304})
_NO_CODINGS = frozenset({"identity", "none", "chunked"})
_LENGTH_DIGITS = 18
_SHOWN = 40
_CUT_SIZE = re.compile(rb"[0-9A-Fa-f]{0,15}\r?")


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of a resource.

    ``complete`` is False when bytes are missing at the end: cut short, broken, or longer than the limit asked for.
    ``problem`` says in words what is odd; a complete payload can have one too. ``codings`` are the content codings
    that the head names, in the order they were applied, lower case; ``remaining`` those of them that could not be undone.
    """

    data: bytes
    complete: bool
    problem: str | None
    codings: tuple[str, ...]
    remaining: tuple[str, ...] = ()


@dataclass(slots=True)
class _Remarks:
    """What was odd on the way; ``missing`` when bytes are missing for it."""

    words: list[str] = field(default_factory=list)
    missing: bool = False

    def miss(self, words: str) -> None:
        self.words.append(words)
        self.missing = True


def entity_body(head: Head, body: BinaryIO | bytes) -> Iterator[bytes | memoryview]:
    """The body without its chunked coding, in pieces: the bytes that WARC-Payload-Digest covers.

    ``body`` starts after the head; where it stands afterwards is not said. Content codings stay; so do transfer
    codings other than chunked, which no client asks for. A body that breaks off or breaks its chunks gives what came
    until there; one that is not chunked although its head says so (archives that store decoded bodies) comes out as
    it is.
    """
    if _is_chunked(head):
        return _dechunked(_pieces(body), _Remarks())
    if isinstance(body, io.BytesIO):
        return iter((memoryview(body.getvalue())[body.tell() :],))
    return _pieces(body)


def decode_payload(head: Head, body: BinaryIO | bytes, *, limit: int) -> Payload:
    """Undo transfer and content codings, giving at most ``limit`` bytes; never raises for what the bytes are.

    ``body`` starts after the head. Every coding's output is held to ``limit``, so that memory stays within it and a
    buffer, however codings are nested. An unknown coding ends the decoding: what it applies to is given as it is.
    """
    remarks = _Remarks()
    codings = _codings(head, b"Content-Encoding")
    applied = codings + _codings(head, b"Transfer-Encoding")
    undone = tuple(_undone(applied, remarks))
    usual = undone == ("gzip",) and not remarks.words
    if usual and isinstance(body, io.BytesIO) and (whole := _at_once(head, body, limit)) is not None:
        return Payload(whole, True, None, codings)
    pieces = _entity(head, body, remarks)
    for coding in undone:
        pieces = _limited(undo(CODINGS[coding], pieces, remarks.words), limit)
    data = _collect(_limited(pieces, limit), remarks)
    problem = "; ".join(remarks.words) or None
    return Payload(data, not remarks.missing, problem, codings, codings[: len(applied) - len(undone)])


def _codings(head: Head, name: bytes) -> tuple[str, ...]:
    return tuple(coding for coding in head.tokens(name) if coding not in _NO_CODINGS)


def _undone(codings: tuple[str, ...], remarks: _Remarks) -> Iterator[str]:
    """The codings to undo, last applied first, as far as they are known."""
    for count, coding in enumerate(reversed(codings)):
        if coding not in CODINGS:
            remarks.words.append(f"unknown content coding {coding[:_SHOWN]!r}")
            return
        if count == MAX_CODINGS:
            remarks.words.append(f"more than {MAX_CODINGS} content codings")
            return
        yield coding


def _at_once(head: Head, body: io.BytesIO, limit: int) -> bytes | None:
    """What a body in gzip decodes to, where nothing about it is odd; None, and ``body`` as it was, where something is."""
    start, remarks = body.tell(), _Remarks()
    data = gunzip(b"".join(_entity(head, body, remarks)), limit)
    if data is not None and not remarks.words:
        return data
    body.seek(start)
    return None


def _limited(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    left = limit
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left < 0:
            raise CodingError(f"decodes to more than {limit} bytes")


def _collect(pieces: Iterator[bytes], remarks: _Remarks) -> bytes:
    first, buffer = b"", io.BytesIO()
    try:
        first = next(pieces, b"")
        for piece in pieces:
            buffer.write(piece if buffer.tell() else first + piece)
    except CodingError as error:
        remarks.miss(str(error))
    return buffer.getvalue() or first


def _entity(head: Head, body: BinaryIO | bytes, remarks: _Remarks) -> Iterator[bytes]:
    pieces = _pieces(body)
    if _is_chunked(head):
        return _dechunked(pieces, remarks)
    return _counted(pieces, _promised_length(head), remarks)


def _pieces(body: BinaryIO | bytes) -> Iterator[bytes]:
    if isinstance(body, bytes):
        return iter((body,))
    return iter(partial(body.read, -1 if isinstance(body, io.BytesIO) else READ_BYTES), b"")


def _is_bodiless(head: Head) -> bool:
    return isinstance(head, ResponseHead) and head.status in _BODILESS_STATUSES


def _is_chunked(head: Head) -> bool:
    return head.tokens(b"Transfer-Encoding")[-1:] == ("chunked",) and not _is_bodiless(head)


def _promised_length(head: Head) -> int:
    lengths = set(head.tokens(b"Content-Length"))
    if len(lengths) != 1 or head.get(b"Transfer-Encoding") or _is_bodiless(head):
        return 0
    length = lengths.pop()
    return int(length) if length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS else 0


def _counted(pieces: Iterator[bytes], promised: int, remarks: _Remarks) -> Iterator[bytes]:
    count = 0
    for piece in pieces:
        count += len(piece)
        yield piece
    if count < promised:
        remarks.miss(f"the body has {count} of {promised} bytes")


def _dechunked(pieces: Iterator[bytes], remarks: _Remarks) -> Iterator[bytes]:
    decoder, before = ChunkedDecoder(), b""
    for data in pieces:
        _, decoded = decoder.receive(data)
        yield from map(bytes, decoded)
        if not decoder.started:
            before += data
        if decoder.complete or decoder.problem:
            break
    if not decoder.started and not _CUT_SIZE.fullmatch(before):
        remarks.words.append("said to be chunked, but is not")
        yield before
        yield from pieces
    elif not decoder.complete:
        remarks.miss(decoder.problem or "the chunked body ends early")
