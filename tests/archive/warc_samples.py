"""Exchanges and WARC files for the tests of `archive.warc`."""

import errno
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from archive.capture import Discovery, Exchange
from archive.warc.disk import Disk
from archive.warc.writer import WarcWriter

DATE = datetime(2026, 11, 22, 9, 33, 0, 123456, tzinfo=UTC)
REQUEST = b"GET /a HTTP/1.1\r\nHost: example.com\r\nuser-agent:palmyra\r\n\r\n"
PAGE = b"<!doctype html><title>News</title><p>" + b"The council met on Monday. " * 20
RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/HTML; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(PAGE)
    + PAGE
)
DISCOVERY = Discovery(
    via="http://example.com/feed.xml", hops="M", source="Example", listed="2026-11-21", title="A & B"
)


def exchange(url: str = "http://example.com/a", response: bytes = RESPONSE, **facts: object) -> Exchange:
    plain = Exchange(
        url=url,
        request=REQUEST,
        response=BytesIO(response),
        response_length=len(response),
        date=DATE,
        ip="192.0.2.7",
        protocols=("http/1.1",),
        fetch_time_ms=12,
        discovery=DISCOVERY,
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def writer(directory: Path, **options: object) -> WarcWriter:
    settings: dict[str, object] = {
        "prefix": "TEST",
        "hostname": "host.example",
        "info": {"software": "palmyra/test", "operator": "Zoë"},
        "max_size": 1 << 30,
        "max_age": None,
    }
    return WarcWriter(directory, **(settings | options))  # type: ignore[arg-type]


def sample(directory: Path, *exchanges: Exchange) -> Path:
    """A closed file with the given exchanges, or one plain one."""
    with writer(directory) as warc:
        for each in exchanges or (exchange(),):
            warc.write(each)
    (path,) = directory.glob("*.warc.gz")
    return path


def members(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and content of each gzip member, by zlib alone."""
    offset = 0
    while offset < len(data):
        inflater = zlib.decompressobj(31)
        content = inflater.decompress(data[offset:])
        assert inflater.eof
        yield offset, content
        offset = len(data) - len(inflater.unused_data)


def uncompressed(path: Path) -> Path:
    """The same records in a plain .warc file beside it."""
    plain = path.with_name(path.name.removesuffix(".gz"))
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


class FailingDisk(Disk):
    """Lets ``allowed`` calls that change the disk pass, then fails one with ``error``, or every one from there on."""

    def __init__(self, allowed: int, error: int = errno.ENOSPC, *, for_good: bool = False) -> None:
        self.calls = 0
        self.log: list[str] = []
        self._allowed, self._error, self._for_good = allowed, error, for_good

    def _call(self, name: str) -> None:
        self.calls += 1
        self.log.append(name)
        if self.calls == self._allowed + 1 or (self._for_good and self.calls > self._allowed):
            raise OSError(self._error, "made to fail")

    def create(self, path: Path) -> int:
        self._call("create")
        return super().create(path)

    def write(self, descriptor: int, data: bytes | memoryview, offset: int) -> int:
        half = max(1, len(data) // 2)
        self._call("write")
        return super().write(descriptor, data[:half], offset)

    def truncate(self, descriptor: int, size: int) -> None:
        self._call("truncate")
        super().truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self._call("sync")
        super().sync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename")
        super().rename(source, target)

    def replace(self, source: Path, target: Path) -> None:
        self._call("replace")
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self._call("remove")
        super().remove(path)


def calls_of(act: Callable[[Disk], object]) -> int:
    """How many calls that change the disk ``act`` makes when none fails."""
    disk = FailingDisk(1 << 60)
    act(disk)
    return disk.calls
