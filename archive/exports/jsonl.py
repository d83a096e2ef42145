"""JSON Lines: one object a document, UTF-8, keys always in the same order."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive.catalog import Catalog
from archive.collection import Collection
from archive.exports.fields import fields, utc_text
from archive.exports.staging import STANDARD_OUTPUT, staged_file
from archive.exports.summary import ExportSummary
from archive.exports.texts import exported


def write(collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False) -> ExportSummary:
    """Write every document as a line to the file ``dest``, or to standard output where that is ``-``."""
    if dest == STANDARD_OUTPUT:
        documents, size = _write_lines(collection, catalog, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with staged_file(dest, force=force) as out:
            documents, size = _write_lines(collection, catalog, out)
    return ExportSummary("jsonl", dest, documents, size)


def _write_lines(collection: Collection, catalog: Catalog, out: BinaryIO) -> tuple[int, int]:
    documents = size = 0
    for row, text in exported(collection, catalog):
        line = fields(row, text, catalog)
        size += out.write(json.dumps(line, ensure_ascii=False, default=_plain).encode() + b"\n")
        documents += 1
    return documents, size


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
