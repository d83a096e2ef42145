import pytest

from archive.errors import HttpFormatError
from archive.http import MAX_HEAD_BYTES, parse_request_head, parse_response_head

GARBAGE = b"<p>\r\n\r\nHTTP/1.1 500 No\r\nx: y\r\n\r\n"

RESPONSES = [
    pytest.param(
        b"HTTP/1.1 200 OK\r\nServer: a\r\nX-B:  c \r\n\r\n",
        ((1, 1), 200, b"OK", ((b"Server", b"a"), (b"X-B", b"c"))),
        id="plain",
    ),
    pytest.param(b"HTTP/1.0 404 Not Found\r\n\r\n", ((1, 0), 404, b"Not Found", ()), id="no fields"),
    pytest.param(b"HTTP/1.1 200 OK\nA: b\n\n", ((1, 1), 200, b"OK", ((b"A", b"b"),)), id="bare LF"),
    pytest.param(b"HTTP/1.1 200 OK\r\nA: b\n\r\n", ((1, 1), 200, b"OK", ((b"A", b"b"),)), id="mixed ends"),
    pytest.param(b"HTTP/1.1 200\r\nA: b\r\n\r\n", ((1, 1), 200, b"", ((b"A", b"b"),)), id="no reason"),
    pytest.param(b"HTTP/1.1 200 \r\n\r\n", ((1, 1), 200, b"", ()), id="empty reason"),
    pytest.param(b"http/1.1 200 ok\r\n\r\n", ((1, 1), 200, b"ok", ()), id="lower case"),
    pytest.param(b"HTTP/2 200\r\n\r\n", ((2, 0), 200, b"", ()), id="no minor version"),
    pytest.param(b"HTTP 200 OK\r\n\r\n", ((1, 0), 200, b"OK", ()), id="no version"),
    pytest.param(b"HTTP/1.1 200OK\r\n\r\n", ((1, 1), 200, b"OK", ()), id="reason sticks to status"),
    pytest.param(b"\r\n\n\r\nHTTP/1.1 200 OK\r\n\r\n", ((1, 1), 200, b"OK", ()), id="empty lines first"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nSet-Cookie:a=1\r\nset-cookie:b\r\n\r\n",
        ((1, 1), 200, b"OK", ((b"Set-Cookie", b"a=1"), (b"set-cookie", b"b"))),
        id="no space after the colon, duplicates in odd case",
    ),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nA: one\r\n\t two\r\n   \r\nB: c\r\n\r\n",
        ((1, 1), 200, b"OK", ((b"A", b"one two"), (b"B", b"c"))),
        id="folded",
    ),
    pytest.param(
        b"HTTP/1.1 200 D\xe9j\xe0\r\nX: caf\xe9\x00\r\n\r\n",
        ((1, 1), 200, b"D\xe9j\xe0", ((b"X", b"caf\xe9\x00"),)),
        id="Latin-1 and NUL",
    ),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nnonsense\r\n: no name\r\nA : b\r\nC:\r\n\r\n",
        ((1, 1), 200, b"OK", ((b"A", b"b"), (b"C", b""))),
        id="lines that are no fields",
    ),
]


@pytest.mark.parametrize(("data", "expected"), RESPONSES)
@pytest.mark.parametrize("after", [b"", GARBAGE], ids=["alone", "followed"])
def test_response_head(data: bytes, expected: tuple[object, ...], after: bytes) -> None:
    head = parse_response_head(data + after)
    assert (head.version, head.status, head.reason, head.fields) == expected
    assert head.size == len(data)


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\nA: b\r\nC: d", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\nA"]
)
def test_a_head_cut_short_is_read_as_far_as_it_goes(data: bytes) -> None:
    head = parse_response_head(data)
    assert head.status == 200
    assert head.size == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"<html>",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 20\r\n\r\n",
        b"HTTP/1.1 2000\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
    ],
)
def test_no_status_line(data: bytes) -> None:
    with pytest.raises(HttpFormatError, match="not an HTTP status line"):
        parse_response_head(data)


def test_a_head_without_end_is_refused_past_the_limit() -> None:
    endless = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MAX_HEAD_BYTES // 6)
    with pytest.raises(HttpFormatError, match=str(MAX_HEAD_BYTES)):
        parse_response_head(endless)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", (b"GET", b"/a?b=c", (1, 1))),
        (b"GET http://x/a b HTTP/1.0\n\n", (b"GET", b"http://x/a b", (1, 0))),
        (b"post /\xe9 http/1.1\r\n\r\n", (b"post", b"/\xe9", (1, 1))),
        (b"GET /simple\r\n\r\n", (b"GET", b"/simple", (1, 0))),
        (b"GET /two words\r\n\r\n", (b"GET", b"/two words", (1, 0))),
        (b"GET  /spaced   HTTP/1.1 \r\n\r\n", (b"GET", b"/spaced", (1, 1))),
        (b"GET /" + b" " * 200_000 + b"x\r\n\r\n", (b"GET", b"/" + b" " * 200_000 + b"x", (1, 0))),
    ],
)
def test_request_head(data: bytes, expected: tuple[object, ...]) -> None:
    head = parse_request_head(data + GARBAGE)
    assert (head.method, head.target, head.version) == expected
    assert head.size == len(data)


@pytest.mark.parametrize("data", [b"", b"GET\r\n\r\n", b"(a) /x HTTP/1.1\r\n\r\n"])
def test_no_request_line(data: bytes) -> None:
    with pytest.raises(HttpFormatError, match="not an HTTP request line"):
        parse_request_head(data)


def test_fields_are_found_in_any_case() -> None:
    head = parse_response_head(
        b"HTTP/1.1 200 OK\r\nContent-ENCODING: GZip, br;q=1\r\ncontent-encoding:,zstd\r\n\r\n"
    )
    assert head.get(b"Content-Encoding") == b"GZip, br;q=1"
    assert head.get(b"Missing") is None
    assert head.get(b"Missing", b"-") == b"-"
    assert head.get_all(b"content-encoding") == (b"GZip, br;q=1", b",zstd")
    assert head.tokens(b"Content-Encoding") == ("gzip", "br", "zstd")
