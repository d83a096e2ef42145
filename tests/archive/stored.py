"""WARC files for tests, written by the project's own writer from responses given as bytes."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from archive.capture import Exchange
from archive.warc.writer import Original, WarcWriter

REQUEST = b"GET / HTTP/1.1\r\nHost: news.example.org\r\n\r\n"


def response(
    body: bytes, content_type: str | None = "text/html; charset=utf-8", *fields: str, status: str = "200 OK"
) -> bytes:
    """An HTTP response with its length given."""
    typed = [f"Content-Type: {content_type}"] if content_type is not None else []
    lines = [f"HTTP/1.1 {status}", *typed, f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def store(
    directory: Path,
    exchanges: Iterable[tuple[str, bytes]],
    *,
    original: Original | None = None,
    prefix: str = "test",
) -> list[tuple[Path, int]]:
    """Write one capture for each (URL, response); returns where each lies."""
    writer = WarcWriter(directory, prefix=prefix, hostname="host", info={}, max_size=10**9, max_age=None)
    refs = []
    for url, raw in exchanges:
        exchange = Exchange(url, REQUEST, io.BytesIO(raw), len(raw), datetime.now(UTC))
        refs.append(writer.write(exchange, original=original).ref)
    writer.close()
    return [(directory / ref.file, ref.offset) for ref in refs]
