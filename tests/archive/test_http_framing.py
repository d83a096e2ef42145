import itertools
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import MAX_HEAD_BYTES, ResponseFraming
from archive.http.chunked import MAX_LINE_BYTES, MAX_TRAILER_BYTES

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TRAILING = b"HTTP/1.1 500 Other\r\nContent-Length: 3\r\n\r\nabc"

DELIMITED = [
    pytest.param("GET", OK + b"Content-Length: 5\r\n\r\nhello", True, id="length"),
    pytest.param("GET", OK + b"Content-Length: 0\r\n\r\n", True, id="length 0"),
    pytest.param(
        "GET", OK + b"Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello", True, id="same length thrice"
    ),
    pytest.param("GET", OK + b"Connection: Close\r\nContent-Length: 1\r\n\r\nx", False, id="close"),
    pytest.param("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", False, id="1.0"),
    pytest.param(
        "GET",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
        True,
        id="1.0 kept alive",
    ),
    pytest.param("HEAD", OK + b"Content-Length: 5\r\n\r\n", True, id="HEAD"),
    pytest.param("head", CHUNKED, True, id="HEAD chunked"),
    pytest.param("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", True, id="204"),
    pytest.param("GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", True, id="304"),
    pytest.param("GET", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", True, id="chunked"),
    pytest.param(
        "GET",
        CHUNKED + b'5;a=b;c="d"\r\nhello\r\n0;x\r\nA: b\r\nC: d\r\n\r\n',
        True,
        id="extensions, trailers",
    ),
    pytest.param("GET", CHUNKED + b"5\nhello\n0\n\n", True, id="chunked, bare LF"),
    pytest.param("GET", CHUNKED + b"00A   \r\n0123456789\r\n000\r\n\r\n", True, id="padded size"),
    pytest.param(
        "GET",
        OK + b"Transfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n0\r\n\r\n",
        True,
        id="chunked wins",
    ),
    pytest.param(
        "GET",
        OK + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n",
        True,
        id="two codings",
    ),
    pytest.param(
        "GET", OK + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab", True, id="identity"
    ),
    pytest.param("GET", b"\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx", True, id="empty lines first"),
    pytest.param("GET", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", False, id="101 is final"),
]


@pytest.mark.parametrize(("method", "data", "keep_alive"), DELIMITED)
@pytest.mark.parametrize("step", [1, 3, 1_000_000])
@pytest.mark.parametrize("after", [b"", TRAILING], ids=["alone", "followed"])
def test_messages_that_say_where_they_end(
    method: str, data: bytes, keep_alive: bool, step: int, after: bytes
) -> None:
    framing = ResponseFraming(method)
    assert feed(framing, data + after, step) == len(data)
    assert framing.complete
    assert framing.delimited
    assert framing.problem is None
    assert framing.keep_alive is keep_alive
    assert framing.receive(b"more") == 0
    framing.end()
    assert framing.complete


UNTIL_CLOSE = [
    pytest.param(OK + b"\r\nall of it", None, id="no length"),
    pytest.param(OK + b"Transfer-Encoding: gzip\r\n\r\nx", None, id="chunked is not the last coding"),
    pytest.param(OK + b"Content-Length: five\r\n\r\nhello", None, id="length is no number"),
    pytest.param(OK + b"Content-Length: -5\r\n\r\nhello", None, id="negative length"),
    pytest.param(
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "contradict", id="two lengths"
    ),
    pytest.param(b"<html>old</html>", "no HTTP status line", id="HTTP/0.9"),
    pytest.param(b"HTTX/1.1 200 OK\r\n\r\n", "no HTTP status line", id="another protocol"),
    pytest.param(b"HTTP/1.1 two hundred\r\n\r\nx", "not an HTTP status line", id="no status"),
]


@pytest.mark.parametrize(("data", "problem"), UNTIL_CLOSE)
@pytest.mark.parametrize("step", [1, 1_000_000])
def test_messages_that_end_with_the_connection(data: bytes, problem: str | None, step: int) -> None:
    framing = ResponseFraming("GET")
    assert feed(framing, data, step) == len(data)
    assert not framing.complete
    assert not framing.delimited
    framing.end()
    assert framing.complete
    assert not framing.keep_alive
    assert bool(problem) == bool(framing.problem)
    assert re.search(problem or "", framing.problem or "")


BROKEN = [
    pytest.param(CHUNKED + b"5\r\nhelloX\r\n", "longer than its size", id="chunk too long"),
    pytest.param(CHUNKED + b"xyz\r\nhello", "no chunk size", id="no size"),
    pytest.param(CHUNKED + b"-5\r\nhello", "no chunk size", id="negative size"),
    pytest.param(CHUNKED + b"\r\nhello", "no chunk size", id="empty size"),
    pytest.param(CHUNKED + b"1" * 16 + b"\r\n", "no chunk size", id="huge size"),
    pytest.param(CHUNKED + b"5;" + b"a" * MAX_LINE_BYTES, "longer than", id="endless extension"),
    pytest.param(
        CHUNKED + b"0\r\n" + b"A: b\r\n" * (MAX_TRAILER_BYTES // 6 + 1),
        "trailers longer",
        id="endless trailers",
    ),
]


@pytest.mark.parametrize(("data", "problem"), BROKEN)
@pytest.mark.parametrize("step", [1000, 1_000_000])
def test_broken_chunks_leave_the_rest_to_the_message(data: bytes, problem: str | None, step: int) -> None:
    framing = ResponseFraming("GET")
    assert feed(framing, data + b"the rest", step) == len(data + b"the rest")
    assert problem in framing.problem
    assert not framing.delimited
    framing.end()
    assert not framing.complete
    assert not framing.keep_alive


@pytest.mark.parametrize(
    ("data", "problem", "status"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhel", "after 3 of 5 bytes", 200),
        (CHUNKED + b"5\r\nhel", "within a chunked body", 200),
        (CHUNKED + b"5\r\nhello\r\n0\r\n", "within a chunked body", 200),
        (OK + b"Content-Le", "within the head", 200),
        (b"HTTP/1.", "no HTTP status line", None),
        (b"", "within the head", None),
    ],
)
def test_the_connection_ends_too_early(data: bytes, problem: str | None, status: int | None) -> None:
    framing = ResponseFraming("GET")
    framing.receive(data)
    framing.end()
    assert not framing.complete
    assert problem in framing.problem
    assert (framing.head and framing.head.status) == status


def test_interim_responses_are_kept_apart() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    final = OK + b"Content-Length: 1\r\n\r\nx"
    for step in (1, 7, 1000):
        framing = ResponseFraming("GET")
        assert feed(framing, interim + final + TRAILING, step) == len(interim + final)
        assert framing.interim == interim
        assert framing.head.status == 200
        assert framing.head.size == len(final) - 1


@pytest.mark.parametrize("unit", [b"HTTP/1.1 100 Continue\r\n\r\n", b"A: b\r\n", b"\r\n"])
def test_heads_without_end_are_given_up(unit: bytes) -> None:
    framing = ResponseFraming("GET")
    start = b"" if unit.startswith((b"HTTP", b"\r")) else OK
    flood = start + unit * (2 * MAX_HEAD_BYTES // len(unit))
    assert feed(framing, flood, 10_000) == len(flood)
    assert framing.problem.endswith(("262144 bytes", "no HTTP status line"))
    assert framing.head is None


@dataclass(frozen=True)
class Message:
    method: str
    interim: bytes
    final: bytes
    status: int


names = st.sampled_from([b"X-A", b"server", b"SET-Cookie", b"ETag"])
values = st.binary(max_size=20).map(lambda value: value.translate(None, b"\r\n"))
line_ends = st.sampled_from([b"\r\n", b"\n"])


@st.composite
def messages(draw: st.DrawFn) -> Message:
    end = draw(line_ends)
    method = draw(st.sampled_from(["GET", "HEAD", "POST"]))
    status = draw(st.sampled_from([200, 204, 301, 304, 404, 503]))
    fields = draw(st.lists(st.tuples(names, values), max_size=3))
    body = draw(st.binary(max_size=60))
    chunked = draw(st.booleans())
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
    lines = [b"HTTP/1.1 %d Some reason" % status, *(b"%s: %s" % field for field in fields), framing, b"", b""]
    bodiless = method == "HEAD" or status in {204, 304}
    sent = b"" if bodiless else draw(chunks(body)) if chunked else body
    interim = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\nA: b\n\n" * 2])
    )
    return Message(method, interim, end.join(lines) + sent, status)


@st.composite
def chunks(draw: st.DrawFn, body: bytes) -> bytes:
    coded = b""
    while body:
        size = draw(st.integers(1, len(body)))
        extension = draw(st.sampled_from([b"", b";a=b", b' ; x="\xff"']))
        coded += b"%x%s\r\n%s\r\n" % (size, extension, body[:size])
        body = body[size:]
    return coded + b"0\r\n" + draw(st.sampled_from([b"", b"Digest: x\r\n"])) + b"\r\n"


@given(st.lists(messages(), min_size=1, max_size=5), st.lists(st.integers(0, 400), max_size=30))
def test_any_exchanges_in_any_reads_are_told_apart(sequence: list[Message], cuts: list[int]) -> None:
    stream = b"".join(message.interim + message.final for message in sequence)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    reads = [stream[start:end] for start, end in itertools.pairwise(edges)]
    for message in sequence:
        framing, taken = ResponseFraming(message.method), b""
        while not framing.complete:
            count = framing.receive(reads[0])
            taken += reads[0][:count]
            reads[0] = reads[0][count:]
            if not reads[0] and len(reads) > 1:
                reads.pop(0)
        assert taken == message.interim + message.final
        assert framing.interim == message.interim
        assert framing.head.status == message.status
        assert framing.keep_alive
    assert reads == [b""]


@given(st.binary(max_size=300), st.integers(1, 40), st.booleans())
def test_no_bytes_at_all_raise(data: bytes, step: int, as_chunks: bool) -> None:
    framing = ResponseFraming("GET")
    feed(framing, (CHUNKED if as_chunks else b"") + data, step)
    framing.end()
    assert framing.complete or framing.problem


def feed(framing: ResponseFraming, data: bytes, step: int) -> int:
    """Feed ``data`` in reads of ``step`` bytes; how many were taken."""
    taken = 0
    for start in range(0, len(data), step):
        read = data[start : start + step]
        count = framing.receive(read)
        taken += count
        if count < len(read):
            break
    return taken
