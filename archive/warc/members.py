"""The pieces that a WARC file is made of: gzip members, Zstandard frames, or records that lie there plain.

Each is read forward in chunks from its offset; ``end`` is the byte after it, known once all of it was read and its
check values agreed. What cannot be read raises `Damage`.
"""

import os
import re
import struct
from pathlib import Path
from typing import Protocol

import zstandard
from isal import isal_zlib

from archive.errors import ArchiveError

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW_BYTES = 1 << 18
FIRST_INPUT_BYTES = 1 << 16
"""Most members are small; what is handed to the decompressor beyond a member's end is copied for nothing."""
INPUT_BYTES = 1 << 17
CAREFUL_INPUT_BYTES = 1 << 12
"""Taken at a time of a member that proves corrupt at its start: what a failing step had inflated is lost."""
CHUNK_BYTES = 1 << 20
"""A read gives no more than two of them, so that a member which inflates a thousandfold costs no more memory."""
ZSTD_INPUT_BYTES = 1 << 10
"""A Zstandard block of 4 bytes can stand for 128 KiB; this bounds a read to 32 MiB."""
ZSTD_WINDOW_BYTES = 1 << 27
DICTIONARY_BYTES = 1 << 24

_CORRUPT: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # the stub gives an instance
_DICTIONARY_FRAME = 0x184D2A5D
_GZIP_HEADER_BYTES = 10
_GZIP_TRAILER_BYTES = 8
_USUAL_GZIP = GZIP_MAGIC + b"\0"
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0
_NUL = re.compile(b"\0")


class Damage(Exception):
    """What lies at an offset cannot be read.

    Where to go on is not known even behind a trailer with a wrong CRC: corrupt data may have run into the next member.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Window:
    """Reads any part of a file that may still grow; a buffer keeps small steps forward cheap."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._data = b""
        self._base = 0

    def at(self, offset: int, size: int) -> memoryview:
        """The ``size`` bytes at ``offset``; fewer only where the file ends."""
        start = offset - self._base
        if start < 0 or start + size > len(self._data):
            self._data = self._read(max(size, WINDOW_BYTES), offset)
            self._base, start = offset, 0
        return memoryview(self._data)[start : start + size]

    def _read(self, size: int, offset: int) -> bytes:
        try:
            return os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise ArchiveError(f"{self.path}: cannot be read: {error.strerror}") from error

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def find(self, pattern: re.Pattern[bytes], offset: int, stop: int | None = None) -> int | None:
        """Where ``pattern``, which matches at most 16 bytes, first occurs at or after ``offset`` and before ``stop``."""
        while (stop is None or offset < stop) and (data := bytes(self.at(offset, WINDOW_BYTES))):
            if match := pattern.search(data):
                found = offset + match.start()
                return found if stop is None or found < stop else None
            if len(data) < WINDOW_BYTES:
                return None
            offset += len(data) - 15
        return None


class Piece(Protocol):
    """What is read from its start to its end."""

    offset: int
    end: int | None

    def read(self) -> bytes: ...


class Member(Protocol):
    """A piece of a file that holds a record or more."""

    offset: int

    @property
    def end(self) -> int | None: ...

    def read(self) -> bytes:
        """The next chunk of content; b"" at the end. Raises Damage."""
        ...

    def extend(self) -> bool:
        """Go on into what follows, where that belongs to the same record; False if it does not."""
        ...


class PlainMember:
    """The bytes from ``offset`` to the end of the file, as they are."""

    def __init__(self, window: Window, offset: int) -> None:
        self.offset = offset
        self.end: int | None = None
        self._window, self._next = window, offset

    def read(self) -> bytes:
        data = bytes(self._window.at(self._next, INPUT_BYTES))
        self._next += len(data)
        return data

    def extend(self) -> bool:
        return False


class GzipMember:
    """One gzip member (RFC 1952), its CRC and size checked at its end."""

    __slots__ = (
        "_crc",
        "_damage",
        "_inflater",
        "_input",
        "_later",
        "_next",
        "_size",
        "_start",
        "_window",
        "end",
        "offset",
    )

    def __init__(self, window: Window, offset: int) -> None:
        self.offset = offset
        self.end: int | None = None
        self._window = window
        self._start = offset + gzip_header_length(window, offset)
        self._crc = self._size = 0
        self._begin(FIRST_INPUT_BYTES, INPUT_BYTES)
        self._damage: Damage | None = None

    def _begin(self, first_input: int, later_input: int) -> None:
        self._next, self._input, self._later = self._start, first_input, later_input
        self._inflater = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)

    def read(self) -> bytes:
        chunks = [self._step()]
        start = self._size - len(chunks[0])
        while self.end is None and self._size - start < CHUNK_BYTES:
            try:
                chunks.append(self._step())
            except Damage as damage:
                self._damage = damage  # what was read before it is given first
                break
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _step(self) -> bytes:
        while self.end is None:
            if self._damage:
                raise self._damage
            data = self._inflate()
            self._crc = isal_zlib.crc32(data, self._crc)
            self._size += len(data)
            if self._inflater.eof:
                self._check_trailer()
            if data:
                return data
        return b""

    def _inflate(self) -> bytes:
        source: bytes | memoryview = self._inflater.unconsumed_tail
        if not source:
            source = self._window.at(self._next, self._input)
            self._next += len(source)
            self._input = self._later
        try:
            data: bytes = self._inflater.decompress(source, CHUNK_BYTES)
        except (_CORRUPT, RuntimeError) as error:  # the latter when it is read on after the former
            if not self._size and self._later != CAREFUL_INPUT_BYTES:
                self._begin(CAREFUL_INPUT_BYTES, CAREFUL_INPUT_BYTES)
                return self._inflate()
            raise Damage(f"the gzip member's data is corrupt ({error})") from None
        if not data and not source and not self._inflater.eof:
            raise Damage("the gzip member is cut short")
        return data

    def _check_trailer(self) -> None:
        start = self._next - len(self._inflater.unused_data)
        trailer = bytes(self._window.at(start, _GZIP_TRAILER_BYTES))
        if len(trailer) < _GZIP_TRAILER_BYTES:
            raise Damage("the gzip member is cut short in its trailer")
        crc, size = struct.unpack("<II", trailer)
        if crc != self._crc:
            raise Damage("the gzip member's CRC does not match its content")
        if size != self._size & 0xFFFFFFFF:
            raise Damage("the gzip member's size does not match its content")
        self.end = start + _GZIP_TRAILER_BYTES


def gzip_header_length(window: Window, offset: int) -> int:
    """The bytes of the gzip header at ``offset`` (RFC 1952, section 2.3); Damage if there is none."""
    fixed = bytes(window.at(offset, _GZIP_HEADER_BYTES))
    if len(fixed) == _GZIP_HEADER_BYTES and fixed.startswith(_USUAL_GZIP):
        return _GZIP_HEADER_BYTES
    if not fixed.startswith(GZIP_MAGIC) or (len(fixed) > 3 and fixed[3] & _RESERVED):
        raise Damage("no gzip header")
    if len(fixed) < _GZIP_HEADER_BYTES:
        raise Damage("the gzip member is cut short in its header")
    flags, length = fixed[3], _GZIP_HEADER_BYTES
    if flags & _FEXTRA:
        length += 2 + int.from_bytes(bytes(window.at(offset + length, 2)), "little")
    for flag in (_FNAME, _FCOMMENT):
        if flags & flag:
            length = _after_nul(window, offset + length) - offset
    if flags & _FHCRC:
        stated = int.from_bytes(bytes(window.at(offset + length, 2)), "little")
        if stated != isal_zlib.crc32(window.at(offset, length)) & 0xFFFF:
            raise Damage("the gzip header's CRC does not match")
        length += 2
    return length


def _after_nul(window: Window, offset: int) -> int:
    found = window.find(_NUL, offset)
    if found is None:
        raise Damage("the gzip member is cut short in its header")
    return found + 1


class ZstdFrame:
    """One Zstandard frame (RFC 8878); its checksum, if it has one, is checked at its end."""

    def __init__(self, window: Window, offset: int, dictionary: bytes | None) -> None:
        self.offset = offset
        self.end: int | None = None
        self._window, self._next = window, offset
        self._inflater = _zstd(dictionary).decompressobj()

    def read(self) -> bytes:
        while self.end is None:
            source = self._window.at(self._next, ZSTD_INPUT_BYTES)
            self._next += len(source)
            data = self._inflate(bytes(source))
            if self._inflater.eof:
                self.end = self._next - len(self._inflater.unused_data)
            if data:
                return data
        return b""

    def _inflate(self, source: bytes) -> bytes:
        if not source:
            raise Damage("the Zstandard frame is cut short")
        try:
            return self._inflater.decompress(source)
        except zstandard.ZstdError as error:
            raise Damage(f"the Zstandard frame is corrupt ({error})") from None


def _zstd(dictionary: bytes | None) -> zstandard.ZstdDecompressor:
    if dictionary is None:
        return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    data = zstandard.ZstdCompressionDict(dictionary)
    return zstandard.ZstdDecompressor(dict_data=data, max_window_size=ZSTD_WINDOW_BYTES)


def skippable_length(window: Window, offset: int) -> int | None:
    """The bytes of the skippable Zstandard frame at ``offset`` (RFC 8878, section 3.1.2); None if there is none."""
    header = bytes(window.at(offset, 8))
    if len(header) < 8 or header[0] >> 4 != 5 or header[1:4] != b"\x2a\x4d\x18":
        return None
    return 8 + int.from_bytes(header[4:8], "little")


def zstd_dictionary(window: Window) -> bytes | None:
    """The dictionary in a file's first frame (IIPC's draft of Zstandard for WARC), plain or compressed itself."""
    length = skippable_length(window, 0)
    if length is None or int.from_bytes(bytes(window.at(0, 4)), "little") != _DICTIONARY_FRAME:
        return None
    data = bytes(window.at(8, min(length - 8, DICTIONARY_BYTES)))
    if not data.startswith(ZSTD_MAGIC):
        return data
    try:
        with zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).stream_reader(data) as reader:
            return reader.read(DICTIONARY_BYTES)
    except zstandard.ZstdError:
        return None
