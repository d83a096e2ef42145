"""Answers as servers really give them: every framing and coding, every oddity of heads, and all ways to break off."""

import gzip
import zlib
from urllib.parse import quote

import brotli
import zstandard

from tests.site.raw import Reply, Script, response

OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html; charset=utf-8"
CHUNKED = OK + HTML + b"\r\nTransfer-Encoding: chunked\r\n"
TIMEOUT_S = 10
"""For the crawl to set: answers that stall are cut then, and no other on a slow machine."""
BOMB_BYTES = 60_000_000
"""What the compression bombs decode to."""
MOST_BYTES = 300_000
"""For the crawl to set: longer answers are cut."""


def page(text: str) -> bytes:
    return f"<!doctype html><title>{text}</title><p>{text}, and a few words more.".encode()


def coded(path: str, coding: bytes, data: bytes) -> bytes:
    return response(data, HTML, b"Content-Encoding: " + coding)


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def _deflate(data: bytes) -> bytes:
    raw = zlib.compressobj(wbits=-15)
    return raw.compress(data) + raw.flush()


WHOLE: dict[str, Reply | bytes] = {
    "/empty": response(b"", HTML),
    "/http10": Reply([b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", page("old")], "close"),
    "/until-close": Reply([OK + HTML + b"\r\n\r\n" + page("until close")], "close"),
    "/204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/304": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 10\r\n\r\n',
    "/404": response(page("gone"), HTML, status=b"404 Not Found"),
    "/410": response(page("gone for good"), HTML, status=b"410 Gone"),
    "/interim": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + response(page("final"), HTML),
    "/chunked": CHUNKED
    + b'\r\n5;name="a;b";x\r\n<!doc\r\n'
    + chunks(page("chunked")[5:])
    + b"0\r\nX-Trailer: 1\r\n\r\n",
    "/gzip": coded("/gzip", b"gzip", gzip.compress(page("gzip"), mtime=0)),
    "/deflate": coded("/deflate", b"deflate", zlib.compress(page("deflate"))),
    "/raw-deflate": coded("/raw-deflate", b"deflate", _deflate(page("raw deflate"))),
    "/br": coded("/br", b"br", brotli.compress(page("brotli"))),
    "/zstd": coded("/zstd", b"zstd", zstandard.compress(page("zstandard"))),
    "/twice": coded("/twice", b"gzip, br", brotli.compress(gzip.compress(page("twice"), mtime=0))),
    "/gzip-chunked": CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + chunks(gzip.compress(page("both"), mtime=0)) + b"0\r\n\r\n",
    "/odd-fields": OK
    + b"SERVER:a\r\nset-cookie:a=1\r\nSet-Cookie:  b\r\nX: one\r\n\t two\r\nno colon\r\ncontent-LENGTH: 3\r\n\r\nodd",
    "/latin-1": b"HTTP/1.1 200 D\xe9j\xe0\r\nX: caf\xe9\r\nContent-Length: 1\r\n\r\n\xff",
    "/bare-lf": b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 4\n\nbare",
    "/no-reason": b"HTTP/1.1 200\r\nContent-Length: 6\r\n\r\nreason",
    "/no-space": b"HTTP/1.1 200 OK\r\nContent-Length:5\r\nContent-Type:text/html\r\n\r\nspace",
    "/blank-first": b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nblank",
    "/slowly": Reply([bytes([byte]) for byte in response(page("byte by byte"), HTML)]),
    "/two-lengths": Reply([OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"], "close"),
    "/http09": Reply([b"<html>no head at all</html>"], "close"),
    "/bad-gzip": coded("/bad-gzip", b"gzip", gzip.compress(page("broken"), mtime=0)[:-9] + b"\0" * 9),
    "/not-gzip": coded("/not-gzip", b"gzip", page("not gzip at all")),
    "/bomb": coded("/bomb", b"gzip", gzip.compress(bytes(BOMB_BYTES), mtime=0)),
    "/bomb-twice": coded("/bomb-twice", b"br, gzip", gzip.compress(brotli.compress(bytes(BOMB_BYTES), quality=5), mtime=0)),
    "/caf\u00e9 \u4e2d?q=\u00e9": response(page("a name that is no ASCII"), HTML),
}  # fmt: skip
"""By path: answers that come to their end, however odd."""

REDIRECTS: dict[str, bytes] = {
    "/301": response(b"", b"Location: /302", status=b"301 Moved Permanently"),
    "/302": response(b"moved", b"Location: http:/307", status=b"302 Found"),
    "/307": response(b"", b"Location: /end#part", status=b"307 Temporary Redirect"),
    "/end": response(page("the end"), HTML),
    "/circle": response(b"", b"Location: /circle", status=b"302 Found"),
}

LATER_HOPS = frozenset({"/302", "/307", "/end"})

CUT: dict[str, tuple[Reply, str]] = {
    "/short": (
        Reply([OK + HTML + b"\r\nContent-Length: 500\r\n\r\n" + page("short")], "close"),
        "disconnect",
    ),
    "/torn-chunk": (Reply([CHUNKED + b"\r\nff\r\n" + page("torn")], "close"), "disconnect"),
    "/bad-chunk": (Reply([CHUNKED + b"\r\n5\r\nhello\r\nzz\r\nrest"], "close"), "unspecified"),
    "/reset": (
        Reply([OK + HTML + b"\r\nContent-Length: 500\r\n\r\n" + page("reset")], "reset"),
        "disconnect",
    ),
    "/stalled": (Reply([OK + HTML + b"\r\nContent-Length: 500\r\n\r\n" + page("stalled")], "stall"), "time"),
    "/too-long": (
        Reply([OK + HTML + b"\r\nContent-Length: 900000\r\n\r\n", bytes(900_000)], "close"),
        "length",
    ),
}
"""By path: answers that are cut, and what WARC-Truncated says of them."""


class _Paths(dict[str, "Reply | bytes"]):
    """What is in no table is not found."""

    def __missing__(self, path: str) -> bytes:
        return response(b"", status=b"404 Not Found")


def awkward_site() -> Script:
    """All of it, behind a front page that links to each but the later hops of a redirect."""
    served = {**WHOLE, **REDIRECTS, **{path: reply for path, (reply, _) in CUT.items()}}
    links = "".join(f'<li><a href="{path}">{path[1:]}</a>' for path in served if path not in LATER_HOPS)
    script = _Paths({_target(path): reply for path, reply in served.items()})
    script["/"] = response(f"<!doctype html><title>Front</title><ul>{links}</ul>".encode(), HTML)
    return script


def _target(path: str) -> str:
    """As the client asks for it."""

    return quote(path, safe="/?=")
