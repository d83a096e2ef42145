"""The index of a WACZ held against its records, both ways, and the second index against the first."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from archive.capture import Digest
from archive.cdxj import IndexLine, parse_line
from archive.errors import ArchiveError, CdxjFormatError, HttpFormatError
from archive.http import parse_response_head, read_head
from archive.wacz import Wacz
from archive.warc.fields import uri
from archive.warc.reader import iter_captures, read_record
from archive.warc.records import CAPTURE_TYPES, Record
from archive.warc.verify import Finding

Checks = Iterator[Finding]
SECOND_INDEX = ".idx"
_GZIP_WINDOW_BITS = 31


def verify_index(wacz: Wacz, warcs: dict[str, Path]) -> Checks:
    """Index lines against records, captures against index lines; ``warcs`` are the WACZ's WARC files, unpacked."""
    indexed: set[tuple[str, int]] = set()
    named = {PurePosixPath(name).name: path for name, path in warcs.items()}
    last: dict[str, bytes] = {}
    number = 0
    for name, line in wacz.index_lines():
        number += 1
        if line < last.get(name, b""):
            yield _fault(wacz, name, "index-unsorted", f"line {number} stands behind a greater one")
        last[name] = line
        try:
            found = parse_line(line.decode("utf-8", "replace"), path=wacz.path / name, number=number)
        except CdxjFormatError as error:
            yield _fault(wacz, name, "index-line", error.reason)
            continue
        indexed.add((found.filename.rpartition("/")[2], found.offset))
        yield from _line(wacz, name, found, named)
    if not number:
        yield _fault(wacz, "indexes", "index-missing", "holds no index of its captures")
        return
    yield from _unindexed(wacz, warcs, indexed)
    yield from _second_indexes(wacz)


def _unindexed(wacz: Wacz, warcs: dict[str, Path], indexed: set[tuple[str, int]]) -> Checks:
    for name, path in warcs.items():
        for span in iter_captures(path):
            if (PurePosixPath(name).name, span.offset) not in indexed:
                yield Finding(
                    wacz.path / name, span.offset, "index-line-missing", "no index line names this capture"
                )


def _line(wacz: Wacz, name: str, line: IndexLine, named: dict[str, Path]) -> Checks:
    path = named.get(line.filename.rpartition("/")[2])
    if path is None:
        yield _fault(wacz, name, "index-line-unknown", f"names {line.filename}, which is not in archive/")
        return
    try:
        record = read_record(path, line.offset)
        wrong = list(_differences(line, record))
    except ArchiveError as error:
        yield _fault(
            wacz, name, "index-line-unknown", f"no record at byte {line.offset} of {line.filename}: {error}"
        )
        return
    for problem in wrong:
        yield _fault(wacz, name, "index-differs", f"{line.filename} at byte {line.offset}: {problem}")


def _differences(line: IndexLine, record: Record) -> Iterator[str]:
    if record.target_uri != uri(line.url):
        yield f"its URL is {record.target_uri}, the index says {line.url}"
    length = line.fields.get("length", "")
    if length.isdigit() and record.length and int(length) != record.length:
        yield f"it has {record.length} bytes, the index says {length}"
    if record.date.replace(microsecond=0) != line.date:
        yield f"its date is {record.get('WARC-Date')}, the index says {line.timestamp}"
    if (record.type == "revisit") != line.is_revisit:
        yield f"it is a {record.type} record, the index says {line.fields.get('mime')}"
    stated, own = _digest(line.fields.get("digest", "")), record.payload_digest
    if stated and own and stated.algorithm == own.algorithm and stated != own:
        yield f"its payload's digest is {own}, the index says {stated}"
    status, said = _status(record), line.fields.get("status", "")
    if status and said.isdigit() and int(said) != status:
        yield f"its status is {status}, the index says {said}"


def _digest(text: str) -> Digest | None:
    """A digest with its label, or a sha1 without it; None for anything else."""
    try:
        return Digest.parse(text if ":" in text else f"sha1:{text}")
    except ValueError:
        return None


def _status(record: Record) -> int | None:
    if record.type not in CAPTURE_TYPES:
        return None
    record.block.seek(0)
    try:
        return parse_response_head(read_head(record.block)).status
    except HttpFormatError:
        return None


def _second_indexes(wacz: Wacz) -> Checks:
    """ZipNum: every line of the second index against the gzip member that it names."""
    for name in wacz.zip.namelist():
        if name.startswith("indexes/") and name.endswith(SECOND_INDEX):
            yield from _second_index(wacz, name)


def _second_index(wacz: Wacz, name: str) -> Checks:
    data, reached = b"", 0
    for number, line in enumerate((wacz.read(name) or b"").splitlines(), 1):
        key, fields = _second_line(line)
        if fields is None:
            yield _fault(wacz, name, "index-line", f"line {number}: no key and JSON object")
        elif line.startswith(b"!meta"):
            data = wacz.read(f"indexes/{fields.get('filename')}") or b""
        else:
            yield from _member(wacz, name, data, key, fields)
            reached = max(reached, _end(fields))
    if reached < len(data):
        yield _fault(
            wacz, name, "index-line-missing", f"no line for byte {reached} of the index, and what follows"
        )


def _second_line(line: bytes) -> tuple[bytes, dict[str, Any] | None]:
    key, brace, rest = line.partition(b" {")
    try:
        fields = json.loads(brace.strip() + rest)
    except ValueError:
        return key, None
    return key, fields if isinstance(fields, dict) else None


def _end(fields: dict[str, Any]) -> int:
    offset, length = fields.get("offset"), fields.get("length")
    return offset + length if isinstance(offset, int) and isinstance(length, int) else 0


def _member(wacz: Wacz, name: str, data: bytes, key: bytes, fields: dict[str, Any]) -> Checks:
    end = _end(fields)
    member = data[end - int(fields["length"]) : end] if end else b""
    try:
        first = zlib.decompressobj(_GZIP_WINDOW_BITS).decompress(member, 1 << 16) if member else b""
    except zlib.error:
        first = b""
    shown = key.decode("utf-8", "replace")
    if not first.startswith(key + b" "):
        yield _fault(
            wacz, name, "index-differs", f"what it names for {shown!r} does not begin with that line"
        )
    stated = str(fields.get("digest") or "")
    if stated.startswith("sha256:") and stated != f"sha256:{hashlib.sha256(member).hexdigest()}":
        yield _fault(
            wacz, name, "index-differs", f"the member for {shown!r} has another digest than {stated}"
        )


def _fault(wacz: Wacz, name: str, code: str, message: str) -> Finding:
    return Finding(wacz.path / name, 0, code, message)
