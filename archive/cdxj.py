"""The index of captures: CDXJ lines in bytewise order, as pywb and wabac read them.

A line is a SURT key, a time of 14 digits (UTC) and a JSON object of strings, separated by spaces.
"""

import heapq
import json
import mmap
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from archive.entries import CaptureEntry
from archive.errors import ArchiveError, CaptureNotFound, CdxjFormatError
from archive.surt import surt
from archive.warc.disk import DISK, Disk, translated

__all__ = ["IndexLine", "entry_line", "iter_index", "lookup", "parse_line", "surt", "write_index"]

REVISIT_MIME = "warc/revisit"
RUN_LINES = 200_000
"""Lines sorted in memory at a time, some 60 MB; a larger index is merged from sorted runs on disk."""
WRITE_BYTES = 1 << 20

_LINE = re.compile(r"(?P<key>\S+) (?P<timestamp>\d{14}) (?P<json>\{.*\})")


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One line. ``fields`` are the JSON object's, as strings; ``timestamp`` has 14 digits."""

    key: str
    timestamp: str
    fields: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.fields["url"]

    @property
    def filename(self) -> str:
        return self.fields["filename"]

    @property
    def offset(self) -> int:
        """Where the record begins in its file, in bytes."""
        return int(self.fields["offset"])

    @property
    def date(self) -> datetime:
        """The capture's time in UTC, to the second."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    @property
    def is_revisit(self) -> bool:
        return self.fields.get("mime") == REVISIT_MIME


def entry_line(entry: CaptureEntry) -> str:
    """The line of one capture, without a line end. sha1 digests go without their label, as pywb compares them."""
    mime = REVISIT_MIME if entry.type == "revisit" else entry.mime
    fields = {
        "url": entry.url,
        "mime": mime,
        "status": None if entry.status is None else str(entry.status),
        "digest": entry.payload_digest and entry.payload_digest.removeprefix("sha1:"),
        "length": str(entry.length),
        "offset": str(entry.ref.offset),
        "filename": entry.ref.file,
    }
    timestamp = entry.date.astimezone(UTC).strftime("%Y%m%d%H%M%S").zfill(14)
    stated = {name: value for name, value in fields.items() if value is not None}
    return f"{surt(entry.url)} {timestamp} {json.dumps(stated)}"


def parse_line(line: str, *, path: Path = Path("-"), number: int = 1) -> IndexLine:
    """Read one line; CdxjFormatError, which names ``path`` and the line's ``number``, if it is none."""
    match = _LINE.fullmatch(line.rstrip("\r\n"))
    if not match:
        raise CdxjFormatError(path, number, "not a key, a time of 14 digits and a JSON object")
    try:
        fields = {str(name): str(value) for name, value in json.loads(match["json"]).items()}
    except ValueError as error:
        raise CdxjFormatError(path, number, f"not JSON: {error}") from None
    found = IndexLine(match["key"], match["timestamp"], fields)
    _check(found, path, number)
    return found


def _check(line: IndexLine, path: Path, number: int) -> None:
    missing = [name for name in ("url", "filename", "offset") if name not in line.fields]
    if missing:
        raise CdxjFormatError(path, number, f"no {missing[0]}")
    if not (line.fields["offset"].isascii() and line.fields["offset"].isdigit()):
        raise CdxjFormatError(path, number, f"offset {line.fields['offset']!r} is no number")
    try:
        _ = line.date
    except ValueError:
        raise CdxjFormatError(path, number, f"{line.timestamp} is no time") from None


def iter_index(path: Path) -> Iterator[IndexLine]:
    """All lines in the order of the file; CaptureNotFound if there is no such file, CdxjFormatError if one is none."""
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            yield _parsed(line, path, number)


def lookup(path: Path, url: str) -> list[IndexLine]:
    """The captures of a URL, oldest first, found by bisection; empty if there are none. Errors as `iter_index`."""
    prefix = surt(url).encode() + b" "
    with _opened(path) as file:
        if not os.fstat(file.fileno()).st_size:
            return []
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return list(_lines_with(data, prefix, path))


def _lines_with(data: mmap.mmap, prefix: bytes, path: Path) -> Iterator[IndexLine]:
    data.seek(first_at_least(data, prefix))
    while (line := data.readline()).startswith(prefix):
        try:
            yield _parsed(line, path, 0)
        except CdxjFormatError as error:
            raise CdxjFormatError(path, data[: data.tell()].count(b"\n"), error.reason) from None


def _parsed(line: bytes, path: Path, number: int) -> IndexLine:
    try:
        return parse_line(line.decode(), path=path, number=number)
    except UnicodeDecodeError:
        raise CdxjFormatError(path, number, "not UTF-8") from None


def first_at_least(data: mmap.mmap, prefix: bytes) -> int:
    """Where the first line that does not sort before ``prefix`` begins."""
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        start = data.rfind(b"\n", low, middle) + 1 or low
        data.seek(start)
        line = data.readline()
        if line < prefix:
            low = start + len(line)
        else:
            high = start
    return low


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise CaptureNotFound(f"{path}: no such index; `palmyra extract` makes it") from None
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error


def write_index(path: Path, entries: Iterable[CaptureEntry], disk: Disk = DISK) -> None:
    """Write the index of ``entries``, in whatever order they come, durably in the place of the old one.

    DiskFull or another ArchiveError where the system refuses; the old index is then as it was.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with suppress(FileNotFoundError):
            disk.remove(partial)
        descriptor = disk.create(partial)
        try:
            _write(descriptor, _merged(_lines(entries), path.parent), disk)
            disk.sync(descriptor)
            disk.replace(partial, path)
        except BaseException:
            disk.remove(partial)
            raise
        finally:
            os.close(descriptor)
        disk.sync_directory(path.parent)
    except OSError as error:
        raise translated(error, path) from error


def _lines(entries: Iterable[CaptureEntry]) -> Iterator[bytes]:
    return (f"{entry_line(entry)}\n".encode() for entry in entries)


def _write(descriptor: int, lines: Iterable[bytes], disk: Disk) -> None:
    buffer, offset = bytearray(), 0
    for line in lines:
        buffer += line
        if len(buffer) >= WRITE_BYTES:
            offset = disk.write_all(descriptor, buffer, offset)
            buffer = bytearray()
    disk.write_all(descriptor, buffer, offset)


def _merged(lines: Iterator[bytes], folder: Path) -> Iterator[bytes]:
    """The lines in bytewise order."""
    run = sorted(islice(lines, RUN_LINES))
    if len(run) < RUN_LINES:
        yield from run
        return
    with ExitStack() as files:
        runs = []
        while run:
            file = files.enter_context(tempfile.TemporaryFile(dir=folder))
            file.writelines(run)
            file.seek(0)
            runs.append(file)
            run = sorted(islice(lines, RUN_LINES))
        yield from heapq.merge(*runs)
