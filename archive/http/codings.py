"""Content codings undone (RFC 9110, section 8.4.1; br: RFC 7932; zstd: RFC 8878 and 9659): streams in, bounded pieces out."""

import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]
import zstandard
from isal import isal_zlib

PIECE_BYTES = 128 * 1024
"""Most that one step of gzip, deflate or br gives out at a time."""
WHOLE_BYTES = 4 * 1024 * 1024
"""Most that a body gives which is decoded in one call."""
REPLAY_BYTES = 4 * 1024 * 1024
"""Coded input kept, so that a stream that proves broken can be decoded again up to the very byte."""
LATER_SLICE_BYTES = 4096
"""Coded input taken in one step behind that: an error there costs what such a step gives."""
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
"""Largest window that a zstd content coding may ask for (RFC 9659, section 3)."""

_SNIFFED_BYTES = 512
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b"))


class CodingError(Exception):
    """A coded stream ends early or is broken; what came out before stands."""


class Source:
    """Pieces of bytes that can be looked into, and given back after a read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._front = b""
        self._at = 0
        self._failure: CodingError | None = None

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end. CodingError where no byte is left and the pieces broke off."""
        while len(self._front) - self._at < size and (piece := self._next()) is not None:
            self._front = self._front[self._at :] + piece
            self._at = 0
        if self._failure and self._at == len(self._front):
            raise self._failure
        return self._front[self._at : self._at + size]

    def _next(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except CodingError as error:
            self._failure = error
            return None

    def read(self, size: int) -> bytes:
        """Some bytes, at most ``size``; none only at the end."""
        self.peek(1)
        taken = self._front[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def unread(self, count: int) -> None:
        """Give back the last ``count`` bytes of the last read."""
        self._at -= count

    def rest(self) -> Iterator[bytes]:
        while piece := self.read(PIECE_BYTES):
            yield piece


class _Decoder(Protocol):
    """One stream of one coding. ``eof``: its end has come; ``unused``: what was fed behind that end."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused(self) -> bytes: ...
    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Inflate:
    """``library`` is isal's, three times as fast, or zlib: alone in that it gives all that comes before an error."""

    def __init__(self, window_bits: int, library: Any) -> None:
        self._stream = library.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return bool(self._stream.eof)

    @property
    def unused(self) -> bytes:
        return bytes(self._stream.unused_data)

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or len(piece) == PIECE_BYTES:
            piece = self._stream.decompress(data, PIECE_BYTES)
            data = self._stream.unconsumed_tail
            yield piece


class _Brotli:
    unused = b""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.process(data, output_buffer_limit=PIECE_BYTES)
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=PIECE_BYTES)


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused(self) -> bytes:
        return self._stream.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.decompress(data)


@dataclass(frozen=True, slots=True)
class Coding:
    """``start`` begins a stream; the slower ``careful`` one takes it byte by byte up to an error.

    ``slice`` is the input that a step takes, in bytes.

    ``opens`` tells from the first four bytes (fewer at the end) whether a stream starts there, for codings whose
    streams have a magic number; those may follow each other. zstd cannot bound its output: a block of 4 bytes gives up
    to 128 KiB, so 256 bytes give 8 MiB at most.
    """

    name: str
    start: Callable[[bytes], _Decoder]
    careful: Callable[[bytes], _Decoder]
    opens: Callable[[bytes], bool] | None = None
    slice: int = 32 * 1024


_GZIP_MAGIC = b"\x1f\x8b"
_FLAGS_AT = 3
_HARD_FLAGS = 0xE2
"""Header flags that ISA-L does not look at: reserved ones, and the header's own CRC (RFC 1952, section 2.3.1)."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # the stub gives an instance
_ERRORS = (zlib.error, _ISAL_ERROR, brotli.error, zstandard.ZstdError)


def _is_gzip(start: bytes) -> bool:
    return start[:2] == _GZIP_MAGIC[: len(start)]


def _is_zstd(start: bytes) -> bool:
    skippable = start[1:] == b"\x2a\x4d\x18" and start[0] >> 4 == 5
    return skippable or start == _ZSTD_MAGIC[: len(start)]


def _gzip(library: Any) -> Callable[[bytes], _Decoder]:
    def start(start: bytes) -> _Decoder:
        plain = len(start) == 4 and not start[3] & _HARD_FLAGS
        return _Inflate(16 + zlib.MAX_WBITS, library if plain else zlib)

    return start


def _deflate(library: Any) -> Callable[[bytes], _Decoder]:
    """With the zlib wrapper that the standard asks for, or without it as some servers send."""

    def start(start: bytes) -> _Decoder:
        wrapped = len(start) >= 2 and start[0] & 15 == 8 and int.from_bytes(start[:2]) % 31 == 0
        return _Inflate(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, library)

    return start


def _brotli(_: bytes) -> _Decoder:
    return _Brotli()


def _zstd(_: bytes) -> _Decoder:
    return _Zstd()


_GZIP = Coding("gzip", _gzip(isal_zlib), _gzip(zlib), _is_gzip)
CODINGS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": Coding("deflate", _deflate(isal_zlib), _deflate(zlib)),
    "br": Coding("br", _brotli, _brotli),
    "zstd": Coding("zstd", _zstd, _zstd, _is_zstd, slice=256),
}


def gunzip(data: bytes, limit: int) -> bytes | None:
    """What ``data`` decodes to, where it is one whole and plain gzip member; None leaves it to `undo`."""
    if not data.startswith(_GZIP_MAGIC) or len(data) <= _FLAGS_AT or data[_FLAGS_AT] & _HARD_FLAGS:
        return None
    stream, most = isal_zlib.decompressobj(16 + zlib.MAX_WBITS), min(limit, WHOLE_BYTES)
    try:
        decoded: bytes = stream.decompress(data, most + 1)
    except _ISAL_ERROR:
        return None
    whole = stream.eof and not stream.unused_data and len(decoded) <= most
    return decoded if whole else None


def undo(coding: Coding, pieces: Iterator[bytes], notes: list[str]) -> Iterator[bytes]:
    """Decode ``pieces``; oddities that cost nothing are said in ``notes``.

    A body that is not coded at all, whatever its field says, comes out as it is. CodingError where the stream is
    broken or ends early, after all that it held has come out.
    """
    source = Source(pieces)
    if not source.peek(1):
        return
    if _is_plain(coding, source):
        notes.append(f"said to be {coding.name}, but is not")
        yield from source.rest()
        return
    yield from _stream(coding, source)
    while coding.opens and (start := source.peek(4)) and coding.opens(start):
        yield from _stream(coding, source)
    if any(piece.strip(b"\0") for piece in source.rest()):
        notes.append(f"bytes after the end of the {coding.name} stream")


def _is_plain(coding: Coding, source: Source) -> bool:
    if coding.opens:
        return not coding.opens(source.peek(4))
    sample = source.peek(_SNIFFED_BYTES)
    if sample.translate(None, _CONTROLS) != sample:
        return False
    decoder = coding.careful(sample)
    with suppress(*_ERRORS):
        decodes = any(decoder.feed(sample))
        return not decoder.eof and (not decodes or len(sample) < _SNIFFED_BYTES)
    return True


def _stream(coding: Coding, source: Source) -> Iterator[bytes]:
    start = source.peek(4)
    decoder, fed, given = coding.start(start), bytearray(), 0
    while not decoder.eof:
        replayable, data = len(fed) <= REPLAY_BYTES, b""
        try:
            data = _next_of(coding, source, coding.slice if replayable else LATER_SLICE_BYTES)
            for piece in decoder.feed(data):
                given += len(piece)
                yield piece
        except (CodingError, *_ERRORS) as error:
            if not replayable:
                raise _broken(coding, error) from None
            taken = yield from _replay(coding, start, fed, data, given=given, error=error)
            source.unread(len(data) - taken)
            return
        if replayable:
            fed += data
    source.unread(len(decoder.unused))


def _next_of(coding: Coding, source: Source, size: int) -> bytes:
    if data := source.read(size):
        return data
    raise CodingError(f"the {coding.name} stream ends early")


def _broken(coding: Coding, error: Exception) -> CodingError:
    return error if isinstance(error, CodingError) else CodingError(f"broken {coding.name} stream: {error}")


def _replay(
    coding: Coding, start: bytes, fed: bytearray, data: bytes, *, given: int, error: Exception
) -> Generator[bytes, None, int]:
    """Decode again after an error in ``data`` or before it, byte by byte: the decoders lose what a failing step had
    decoded, and ISA-L holds back the last of a stream that ends early.

    Gives what comes after the first ``given`` bytes of output. Returns how much of ``data`` the stream took when it
    ends within it after all; CodingError where it does not.
    """
    decoder = coding.careful(start)
    try:
        for taken, part in enumerate((bytes(fed), *(data[at : at + 1] for at in range(len(data))))):
            for piece in decoder.feed(part):
                yield piece[given:]
                given = max(0, given - len(piece))
            if decoder.eof:
                return taken
    except _ERRORS as worse:
        error = worse
    raise _broken(coding, error)
