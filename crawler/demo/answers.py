"""What the demo site answers: a value an address, serialised to the bytes of HTTP/1.1."""

import gzip
import hashlib
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

CHUNK_BYTES = 1000
"""Size of the chunks of a chunked answer, small enough for several of them a page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is framed. ``body`` is not yet coded; ``coding`` is ``gzip`` or None."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    coding: str | None = None
    chunked: bool = False
    location: str | None = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    def serialise(self, *, head_only: bool = False, known_etag: str | None = None) -> bytes:
        """The whole message; a 304 without body where ``known_etag`` (If-None-Match) still holds."""
        if self.status is HTTPStatus.OK and known_etag == self.etag:
            return self._head(HTTPStatus.NOT_MODIFIED, [("ETag", self.etag)])
        sent = gzip.compress(self.body, mtime=0) if self.coding == "gzip" else self.body
        framing = ("Transfer-Encoding", "chunked") if self.chunked else ("Content-Length", str(len(sent)))
        head = self._head(self.status, [*self._fields(), framing])
        return head if head_only else head + (_chunks(sent) if self.chunked else sent)

    def _fields(self) -> list[tuple[str, str]]:
        optional = [("Content-Encoding", self.coding), ("Location", self.location)]
        tagged = [("ETag", self.etag)] if self.status is HTTPStatus.OK else []
        return [
            ("Content-Type", self.content_type),
            *tagged,
            *((name, value) for name, value in optional if value),
        ]

    def _head(self, status: HTTPStatus, fields: list[tuple[str, str]]) -> bytes:
        lines = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Server: tamarisk",
            f"Date: {formatdate(usegmt=True)}",
        ]
        lines += [f"{name}: {value}" for name, value in fields]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _chunks(body: bytes) -> bytes:
    pieces = [body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
