"""A request, and its bytes on the wire."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.wire.errors import InvalidHeader
from crawler.wire.target import Target

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_MAX_SIZE = 100_000_000

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_VALUE = re.compile(rb"[\r\n\0]")
_OURS = frozenset(
    {b"content-length", b"expect", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class WireRequest:
    """What to fetch and within which limits.

    ``headers`` go out in their order, after Host. ``proxy`` is an http:// URL. ``timeout_s`` (seconds) covers all from
    the look-up of the name to the last byte; ``max_size`` (bytes) all of the final response, head included.
    """

    url: str
    method: str = "GET"
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    proxy: str | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_size: int = DEFAULT_MAX_SIZE

    @property
    def idempotent(self) -> bool:
        """May be sent twice without harm (RFC 9110, section 9.2.2)."""
        return self.method.upper() in _IDEMPOTENT


def request_bytes(request: WireRequest, target: Target) -> bytes:
    """The message as the origin sees it: origin-form, Host first, no field that belongs to a proxy.

    Fields that frame the message are ours: those given are left out, as are Proxy-* fields. A Host given by the caller
    stands in place of the URL's. InvalidHeader where a name, value or method could not stand in a head.
    """
    host, fields = _fields(request, target)
    length = [(b"Content-Length", b"%d" % len(request.body))] if _has_content(request) else []
    line = b"%s %s HTTP/1.1" % (_method(request.method), target.path.encode("ascii"))
    lines = [line, *(name + b": " + value for name, value in [host, *fields, *length]), b"", request.body]
    return b"\r\n".join(lines)


def through_proxy(message: bytes, target: Target, authorization: bytes | None) -> bytes:
    """The same message as a forwarding proxy wants it: absolute-form (RFC 9112, section 3.2.2)."""
    line, _, rest = message.partition(b"\r\n")
    method = line.partition(b" ")[0]
    credentials = b"Proxy-Authorization: %s\r\n" % authorization if authorization else b""
    return b"%s %s HTTP/1.1\r\n%s%s" % (method, target.url.encode("ascii"), credentials, rest)


def _fields(request: WireRequest, target: Target) -> tuple[tuple[bytes, bytes], list[tuple[bytes, bytes]]]:
    host = (b"Host", target.origin.authority.encode("ascii"))
    kept = []
    for name, value in request.headers:
        if not _TOKEN.fullmatch(name) or _NO_VALUE.search(value):
            raise InvalidHeader(f"no valid header field: {name[:60]!r}: {value[:60]!r}")
        if name.lower() == b"host":
            host = (name, value)
        elif name.lower() not in _OURS and not name.lower().startswith(b"proxy-"):
            kept.append((name, value))
    return host, kept


def _method(method: str) -> bytes:
    name = method.encode("utf-8", "replace")
    if not _TOKEN.fullmatch(name):
        raise InvalidHeader(f"no valid method: {method[:60]!r}")
    return name


def _has_content(request: WireRequest) -> bool:
    return bool(request.body) or request.method.upper() in _WITH_CONTENT
