"""Records as bytes: head, block, line ends; one gzip member a record."""

import hashlib
import struct
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import BinaryIO

import deflate
from isal import isal_zlib

from archive.capture import Digest
from archive.warc.fields import Fields, serialise_fields
from archive.warc.records import VERSION

CHUNK_BYTES = 1 << 20
"""Blocks go through buffers of this size."""
WHOLE_BYTES = 1 << 20
"""Records up to this size are compressed in one call by libdeflate, larger ones in a stream by ISA-L."""
WHOLE_LEVEL = 1
STREAM_LEVEL = 3
HEAD_LEVEL = 1
"""ISA-L's, for the heads of a record whose payload is stored.

Measured over pages of 20 to 200 KB, in MB/s and as bytes to zlib's at level 9 (48 MB/s): libdeflate 1 314 and 1.08,
libdeflate 3 215 and 1.04, ISA-L 3 403 and 1.10, ISA-L 2 727 and 1.13. Over the same pages in gzip, where none gains a
byte: libdeflate 1 163, ISA-L 3 458, ISA-L 2 1036, zlib 65; stored, 8000.
"""
PROBE_BYTES = 1 << 12
PROBE_LEVEL = 0
COMPRESSIBLE = 0.9
"""A record whose middle comes out larger than this part of its size is taken to be compressed already."""

HEADS_BYTES = 1 << 14
"""Where the heads of a record are looked for."""
MOST_STORED = 0xFFFF
"""Bytes in one stored block (RFC 1951, section 3.2.4)."""

_GZIP_WINDOW_BITS, _RAW_WINDOW_BITS = 31, -15
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_BLANK_LINE = b"\r\n\r\n"
_TEXT = bytes({*range(0x20, 0x7F), *b"\t\n\r", *range(0x80, 0x100)})
_FEW_CONTROLS = PROBE_BYTES // 100


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be written: its fields without Content-Length, and ``length`` bytes of ``block`` from its start."""

    record_id: str
    fields: Fields
    block: BinaryIO
    length: int

    def chunks(self) -> Iterator[bytes]:
        """The record's bytes (WARC 1.1, clause 4)."""
        fields = (*self.fields, ("Content-Length", str(self.length)))
        yield f"{VERSION}\r\n".encode() + serialise_fields(fields) + b"\r\n"
        yield from read_chunks(self.block, self.length)
        yield b"\r\n\r\n"


def read_chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    """The first ``length`` bytes of a file; ValueError if it has fewer."""
    if isinstance(file, BytesIO) and len(data := file.getvalue()) == length:
        yield data  # BytesIO shares it: nothing is copied
        return
    file.seek(0)
    while length:
        chunk = file.read(min(length, CHUNK_BYTES))
        if not chunk:
            raise ValueError(f"a block is {length} bytes shorter than was said")
        length -= len(chunk)
        yield chunk


def digest_of(chunks: Iterable[bytes | memoryview], algorithm: str) -> Digest:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return Digest(algorithm, digest.digest())


def gzip_member(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One gzip member (RFC 1952) of all the chunks, without time or name: the same content gives the same bytes.

    What is compressed already, as bodies with a content coding are, is stored in it as it is.
    """
    source, start, size = iter(chunks), [], 0
    for chunk in source:
        start.append(chunk)
        size += len(chunk)
        if size > WHOLE_BYTES:
            yield from _streamed(chain(start, source))
            return
    data = b"".join(start)
    yield bytes(deflate.gzip_compress(data, WHOLE_LEVEL)) if _is_compressible(data) else _stored(data)


def _is_compressible(data: bytes) -> bool:
    middle = (len(data) - PROBE_BYTES) // 2
    if middle < PROBE_BYTES:
        return True
    sample = data[middle : middle + PROBE_BYTES]
    if len(sample.translate(None, _TEXT)) < _FEW_CONTROLS:
        return True
    return len(isal_zlib.compress(sample, PROBE_LEVEL)) < COMPRESSIBLE * PROBE_BYTES


def _stored(data: bytes) -> bytes:
    """A gzip member of compressed heads and a payload in stored blocks."""
    heads = _heads(data)
    deflater = isal_zlib.compressobj(HEAD_LEVEL, isal_zlib.DEFLATED, _RAW_WINDOW_BITS)
    parts = [_GZIP_HEADER, deflater.compress(data[:heads]), deflater.flush(isal_zlib.Z_SYNC_FLUSH)]
    for at in range(heads, len(data), MOST_STORED):
        block = data[at : at + MOST_STORED]
        last = at + MOST_STORED >= len(data)
        parts += struct.pack("<BHH", last, len(block), len(block) ^ MOST_STORED), block
    parts.append(struct.pack("<II", isal_zlib.crc32(data), len(data)))
    return b"".join(parts)


def _heads(data: bytes) -> int:
    """How many bytes the heads of the record and of the HTTP message in it take; never all."""
    end, limit = 0, min(HEADS_BYTES, len(data) - 1)
    for _ in range(2):
        if (found := data.find(_BLANK_LINE, end, limit)) >= 0:
            end = found + len(_BLANK_LINE)
    return end


def _streamed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    deflater = isal_zlib.compressobj(STREAM_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW_BITS)
    for chunk in chunks:
        if data := deflater.compress(chunk):
            yield data
    yield deflater.flush()


def new_record_id() -> str:
    return uuid.uuid4().urn


def small_record(record_id: str, fields: Fields, block: bytes, algorithm: str) -> NewRecord:
    """A record whose block is at hand, with its digest."""
    digest = ("WARC-Block-Digest", str(Digest.of(block, algorithm)))
    return NewRecord(record_id, (*fields, digest), BytesIO(block), len(block))
