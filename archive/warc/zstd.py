"""Zstandard for WARC (IIPC's draft, https://iipc.github.io/warc-specifications/specifications/warc-zstd/).

A file begins with its dictionary in a skippable frame; each record is a frame of its own, made with that dictionary.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import zstandard

from archive.warc.reader import iter_records
from archive.warc.records import Record
from archive.warc.rewrite import record_chunks, record_length

ZSTD_SUFFIX = ".warc.zst"
LEVEL = 19
DICTIONARY_BYTES = 112_640
"""What the reference implementation makes by default."""
SAMPLE_BYTES = 1 << 17
"""Taken of the start of one record: dictionaries help where a frame begins."""
SAMPLES_BYTES = 100 * DICTIONARY_BYTES
_DICTIONARY_FRAME = 0x184D2A5D


@dataclass(frozen=True, slots=True)
class Zstd:
    """How the records of one file are compressed. ``lead`` is what the file begins with."""

    lead: bytes
    dictionary: zstandard.ZstdCompressionDict | None

    @classmethod
    def trained_on(cls, path: Path) -> Self:
        """With a dictionary of what the file's records have in common; without one where they have too little."""
        samples: list[bytes | bytearray | memoryview] = list(_samples(path))
        try:
            trained = zstandard.train_dictionary(DICTIONARY_BYTES, samples)
        except (zstandard.ZstdError, ValueError):
            return cls(b"", None)
        data = zstandard.ZstdCompressor(level=LEVEL).compress(trained.as_bytes())
        dictionary = zstandard.ZstdCompressionDict(trained.as_bytes())
        dictionary.precompute_compress(level=LEVEL)
        return cls(struct.pack("<II", _DICTIONARY_FRAME, len(data)) + data, dictionary)

    def frame(self, record: Record) -> Iterator[bytes]:
        """One frame, its content's size and checksum stated."""
        compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=self.dictionary, write_checksum=True)
        stream = compressor.compressobj(size=record_length(record))
        for chunk in record_chunks(record):
            yield stream.compress(chunk)
        yield stream.flush()


def _samples(path: Path) -> Iterator[bytes]:
    total = 0
    for found in iter_records(path):
        if total > SAMPLES_BYTES:
            return
        if isinstance(found, Record):
            sample = b"".join(chunk[:SAMPLE_BYTES] for chunk in islice(record_chunks(found), 2))
            total += len(sample)
            yield sample
