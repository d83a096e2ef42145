"""Blocks of any size as seekable files: in memory while small, on disk past a limit."""

import os
import tempfile
import weakref
from collections.abc import Iterable
from io import BytesIO
from typing import BinaryIO

SPOOL_BYTES = 8 << 20
"""A block up to this size is held in memory."""


def spooled(chunks: Iterable[bytes], size: int) -> BinaryIO:
    """The chunks as one file at its start; ``size`` (bytes, as announced) decides where it is kept."""
    if size <= SPOOL_BYTES:
        return BytesIO(b"".join(chunks))
    file = _unnamed_file()
    for chunk in chunks:
        file.write(chunk)
    file.seek(0)
    return file


def _unnamed_file() -> BinaryIO:
    """A temporary file that goes with its last reference: a record has no owner that would close it."""
    descriptor, name = tempfile.mkstemp(prefix="palmyra-block-")
    os.unlink(name)  # noqa: PTH108
    file = open(descriptor, "w+b", closefd=False)  # noqa: SIM115
    weakref.finalize(file, os.close, descriptor)
    return file
