"""The chunked transfer coding (RFC 9112, section 7.1), read incrementally."""

import re
from collections.abc import Callable

MAX_LINE_BYTES = 16 * 1024
"""Longest line with a chunk's size and extensions, and longest single line of the trailers."""
MAX_TRAILER_BYTES = 256 * 1024
"""Longest trailer section, all its lines together."""

_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n", re.DOTALL)


class ChunkedDecoder:
    """Takes the chunks out of a body coded as chunked. Bare LF and padding around the size are tolerated.

    ``complete`` is true when the blank line after the last chunk has been read. ``problem`` says in words where the
    coding broke; nothing is consumed from there on. ``started`` is true once a first size line made sense.
    """

    def __init__(self) -> None:
        self.complete = False
        self.started = False
        self.problem: str | None = None
        self._line = bytearray()
        self._left = 0
        self._trailers = 0
        self._next: Callable[[bytes, int], tuple[int, memoryview]] = self._size

    def receive(self, data: bytes) -> tuple[int, list[memoryview]]:
        """Read on: how many bytes of ``data`` belong to the coded body, and the decoded pieces in them."""
        position, pieces = 0, []
        while position < len(data) and not (self.complete or self.problem):
            position, piece = self._next(data, position)
            if piece:
                pieces.append(piece)
        return position, pieces

    def _size(self, data: bytes, position: int) -> tuple[int, memoryview]:
        end, line = self._read_line(data, position)
        if line:
            self._begin_chunk(line)
        return end, _NOTHING

    def _begin_chunk(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            self.problem = f"no chunk size in {line[:40]!r}"
            return
        self.started = True
        self._left = int(match[1], 16)
        self._next = self._data if self._left else self._trailer

    def _data(self, data: bytes, position: int) -> tuple[int, memoryview]:
        piece = memoryview(data)[position : position + self._left]
        self._left -= len(piece)
        if not self._left:
            self._next = self._data_end
        return position + len(piece), piece

    def _data_end(self, data: bytes, position: int) -> tuple[int, memoryview]:
        byte = data[position : position + 1]
        if byte == b"\n":
            self._line.clear()
            self._next = self._size
        elif byte == b"\r" and not self._line:
            self._line += byte
        else:
            self.problem = "a chunk is longer than its size says"
            return position, _NOTHING
        return position + 1, _NOTHING

    def _trailer(self, data: bytes, position: int) -> tuple[int, memoryview]:
        end, line = self._read_line(data, position)
        self._trailers += len(line)
        if line in (b"\r\n", b"\n"):
            self.complete = True
        elif self._trailers > MAX_TRAILER_BYTES:
            self.problem = f"trailers longer than {MAX_TRAILER_BYTES} bytes"
        return end, _NOTHING

    def _read_line(self, data: bytes, position: int) -> tuple[int, bytes]:
        """Where the line ends, and the line with its end; no line while its end has not come."""
        end = data.find(b"\n", position) + 1
        self._line += data[position : end or len(data)]
        if len(self._line) > MAX_LINE_BYTES:
            self.problem = f"a line of the chunked coding is longer than {MAX_LINE_BYTES} bytes"
        if not end or self.problem:
            return len(data), b""
        line = bytes(self._line)
        self._line.clear()
        return end, line


_NOTHING = memoryview(b"")
