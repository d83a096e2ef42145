"""Requests and replies as values: what the two sites of the replay server are functions between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO
from urllib.parse import parse_qs

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


@dataclass(frozen=True, slots=True)
class Request:
    """A GET or HEAD. ``target`` is the request target as sent; header names are lower case."""

    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def query(self, name: str) -> str:
        """The first value of a query parameter, or ``""``."""
        return parse_qs(self.target.partition("?")[2]).get(name, [""])[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """A response. The first ``length`` bytes of ``body`` from where it stands are sent, then it is closed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: BinaryIO
    length: int

    def adding(self, *headers: tuple[str, str]) -> "Reply":
        return replace(self, headers=self.headers + headers)


def reply(status: int, media_type: str, data: bytes, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("Content-Type", media_type), *headers), BytesIO(data), len(data))


def redirect(location: str, *headers: tuple[str, str], status: int = 302) -> Reply:
    return reply(
        status, "text/plain; charset=utf-8", f"{location}\n".encode(), ("Location", location), *headers
    )


def ranged(request: Request, whole: Reply, etag: str | None) -> Reply:
    """Cut a 200 reply to the one byte range that is asked for (RFC 9110, section 14).

    Several ranges, ranges in other units and those under another If-Range are ignored, as that section allows.
    """
    whole = whole.adding(("Accept-Ranges", "bytes"))
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    condition = request.headers.get("if-range")
    if whole.status != 200 or not asked or not _meant(asked[1], asked[2]) or condition not in (None, etag):
        return whole
    start, end = _bounds(asked[1], asked[2], whole.length)
    if start >= end:
        whole.body.close()
        unsatisfied = reply(416, "text/plain; charset=utf-8", b"No such range.\n")
        return unsatisfied.adding(("Content-Range", f"bytes */{whole.length}"))
    whole.body.seek(start, 1)
    part = replace(whole, status=206, length=end - start)
    return part.adding(("Content-Range", f"bytes {start}-{end - 1}/{whole.length}"))


def _meant(first: str, last: str) -> bool:
    return bool(first or last) and not (first and last and int(last) < int(first))


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    """The half-open range; ``-5`` is the last five bytes."""
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length
