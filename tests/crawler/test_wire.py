"""Exchanges with real servers: what is recorded is held against what the server logged, byte for byte."""

import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.capture import Discovery
from archive.errors import ArchiveError
from crawler.wire import Fetched, Interrupted, Wire, WireError, WireRequest
from crawler.wire.channel import HIGH_WATER_BYTES
from crawler.wire.connect import Route, connect
from crawler.wire.recording import SPOOL_MEMORY_BYTES
from crawler.wire.target import target_of
from tests.patience import PATIENCE_S
from tests.site.certs import Tls, make_tls
from tests.site.raw import After, RawServer, Reply, response

T = TypeVar("T")
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
AGENT = [(b"User-Agent", b"palmyra/0"), (b"Accept", b"*/*")]

AWKWARD = {
    "/plain": response(b"hello", b"Content-Type: text/html"),
    "/empty": response(b""),
    "/chunked": CHUNKED + b'5;ext="a"\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
    "/gzip": response(gzip.compress(b"hello"), b"Content-Encoding: gzip"),
    "/http10": Reply([b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil", b" close"], "close"),
    "/204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/304": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 10\r\n\r\n',
    "/interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\nLink: x\n\n" + response(b"final"),
    "/redirect": response(b"", b"Location: /plain", status=b"301 Moved Permanently"),
    "/500": response(b"oops", status=b"500 Internal Server Error"),
    "/odd-fields": OK
    + b"SERVER:a\r\nset-cookie:a=1\r\nSet-Cookie:  b\r\nX: one\r\n\t two\r\nno colon\r\ncontent-LENGTH: 1\r\n\r\nx",
    "/latin-1": b"HTTP/1.1 200 D\xe9j\xe0\r\nX: caf\xe9\r\nContent-Length: 1\r\n\r\n\xff",
    "/bare-lf": b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
    "/no-reason": b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
    "/blank-first": b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "/slowly": Reply([bytes([byte]) for byte in response(b"byte by byte")]),
    "/http09": Reply([b"<html>no head at all</html>"], "close"),
    "/two-lengths": Reply([OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"], "close"),
}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return make_tls(tmp_path_factory.mktemp("tls"))


def run(work: Callable[[Wire], Awaitable[T]], **options: Any) -> T:
    """Do ``work`` with a wire, and close it."""

    async def whole() -> T:
        wire = Wire(**{"allow_private": True, **options})
        try:
            return await asyncio.wait_for(work(wire), timeout=PATIENCE_S)
        finally:
            await wire.close()

    return asyncio.run(whole())


async def fetch(wire: Wire, url: str, **request: Any) -> tuple[Fetched, bytes]:
    fetched = await wire.fetch(WireRequest(url, **{"headers": AGENT, "timeout_s": PATIENCE_S, **request}))
    with fetched.exchange.response as file:
        data = file.read()
    assert len(data) == fetched.exchange.response_length
    return fetched, data


def fetch_all(urls: list[str], **options: Any) -> list[tuple[Fetched, bytes]]:
    async def work(wire: Wire) -> list[tuple[Fetched, bytes]]:
        return [await fetch(wire, url) for url in urls]

    return run(work, **options)


def fetch_one(url: str, *, wire: dict[str, Any] | None = None, **request: Any) -> tuple[Fetched, bytes]:
    return run(lambda each: fetch(each, url, **request), **(wire or {}))


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_what_is_recorded_is_what_was_sent(tls: Tls, secure: bool) -> None:
    with RawServer(AWKWARD, tls=tls.server if secure else None) as server:
        results = fetch_all([server.url(path) for path in AWKWARD], tls=tls.client)
        logged = server.exchanges
    assert [result.exchange.request for result, _ in results] == [request for request, _ in logged]
    assert [result.exchange.interim + data for result, data in results] == [sent for _, sent in logged]
    assert [result.exchange.truncated for result, _ in results] == [None] * len(AWKWARD)


def test_head_requests_end_with_the_head() -> None:
    head = OK + b"Content-Length: 1000\r\n\r\n"
    with RawServer({"/": head}) as server:
        fetched, data = fetch_one(server.url("/"), method="HEAD")
    assert data == head
    assert fetched.exchange.truncated is None
    assert fetched.reusable


def test_posts_carry_their_body() -> None:
    with RawServer({"/form": response(b"done")}) as server:
        fetched, _ = fetch_one(server.url("/form"), method="POST", body=b"a=b")
        assert server.exchanges[0][0] == fetched.exchange.request
    assert fetched.exchange.request.endswith(b"\r\nContent-Length: 3\r\n\r\na=b")


def test_the_facts_of_an_exchange(tls: Tls) -> None:
    before = datetime.now(UTC)
    with RawServer({"/a": response(b"x")}, tls=tls.server) as server:
        url = server.url("/a", "localhost")
        fetched, _ = fetch_one(url + "#part", wire={"tls": tls.client})
    exchange = fetched.exchange
    assert exchange.url == url
    assert before <= exchange.date <= datetime.now(UTC)
    assert exchange.date.tzinfo is UTC
    assert exchange.ip in {"127.0.0.1", "::1"}
    assert exchange.protocols == ("http/1.1", "tls/1.3")
    assert exchange.cipher_suite is not None
    assert exchange.cipher_suite.startswith("TLS_")
    assert fetched.sent_at <= fetched.first_byte_at <= fetched.finished_at
    assert 0 <= exchange.fetch_time_ms <= 1000 * (fetched.finished_at - fetched.sent_at) + 1


def test_plain_http_names_its_version_alone() -> None:
    with RawServer(AWKWARD) as server:
        results = fetch_all([server.url(path) for path in ("/plain", "/http10", "/http09")])
    assert [result.exchange.protocols for result, _ in results] == [
        ("http/1.1",),
        ("http/1.0",),
        ("http/0.9",),
    ]
    assert [result.exchange.cipher_suite for result, _ in results] == [None] * 3


def test_the_discovery_is_handed_on() -> None:
    discovery = Discovery(via="http://a/feed", hops="ML", title="A title")

    async def work(wire: Wire) -> Discovery:
        fetched = await wire.fetch(WireRequest(server.url("/")), discovery)
        fetched.exchange.response.close()
        return fetched.exchange.discovery

    with RawServer({"/": response()}) as server:
        assert run(work) == discovery


# --- connections


def test_connections_are_used_again() -> None:
    paths = ["/plain", "/chunked", "/204", "/304", "/interim", "/plain"]
    with RawServer(AWKWARD) as server:
        results = fetch_all([server.url(path) for path in paths])
        assert len(server.connections) == 1
    assert [result.new_connection for result, _ in results] == [True, *[False] * 5]


@pytest.mark.parametrize(
    "first",
    [
        response(b"x", b"Connection: close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        response(b"x") + b"more than its length says",
    ],
    ids=["close", "http/1.0", "excess"],
)
def test_connections_that_cannot_be_used_again(first: bytes) -> None:
    with RawServer({"/": [first, response(b"second")]}) as server:
        (_, one), (_, two) = fetch_all([server.url("/")] * 2)
        assert len(server.connections) == 2
    assert one == first.removesuffix(b"more than its length says")
    assert two == response(b"second")


def test_requests_that_may_not_be_repeated_get_a_connection_of_their_own() -> None:
    async def work(wire: Wire) -> list[bool]:
        first, _ = await fetch(wire, server.url("/"))
        post, _ = await fetch(wire, server.url("/"), method="POST", body=b"x")
        return [first.new_connection, post.new_connection]

    with RawServer({"/": response()}) as server:
        assert run(work) == [True, True]


def test_an_idle_connection_closed_by_the_server_costs_one_more_try() -> None:
    with RawServer({"/a": response(b"a"), "/b": [Reply([], "close"), response(b"b")]}) as server:
        results = fetch_all([server.url("/a"), server.url("/b")])
        assert [len(log.requests) for log in server.connections] == [2, 1]
    assert results[1][1] == response(b"b")
    assert results[1][0].new_connection


def test_a_fresh_connection_is_tried_once() -> None:
    with RawServer({"/": Reply([], "close")}) as server:
        with pytest.raises(WireError) as caught:
            fetch_one(server.url("/"))
        assert len(server.connections) == 1
    assert caught.value.reason == "emptyResponse"


def test_an_idle_connection_that_says_something_is_not_used() -> None:
    async def work(wire: Wire) -> list[bool]:
        first, _ = await fetch(wire, server.url("/"))
        server.release.set()
        await asyncio.to_thread(server.connections[0].closed.wait)
        second, _ = await fetch(wire, server.url("/"))
        return [first.new_connection, second.new_connection]

    with RawServer(
        {"/": [Reply([response(b"x"), None, b"HTTP/1.1 408 Timeout\r\n\r\n"], "close"), response()]}
    ) as server:
        assert run(work) == [True, True]


def test_idle_connections_are_closed_after_a_while() -> None:
    async def work(wire: Wire) -> bool:
        await fetch(wire, server.url("/"))
        return await asyncio.to_thread(server.connections[0].closed.wait, PATIENCE_S)

    with RawServer({"/": response()}) as server:
        assert run(work, idle_s=0.01)


def test_the_oldest_idle_connections_make_room() -> None:
    async def work(wire: Wire) -> list[bool]:
        for server in (one, other):
            await fetch(wire, server.url("/"))
        await asyncio.to_thread(one.connections[0].closed.wait, PATIENCE_S)
        return [(await fetch(wire, server.url("/")))[0].new_connection for server in (other, one)]

    with RawServer({"/": response()}) as one, RawServer({"/": response()}) as other:
        assert run(work, max_idle=1) == [False, True]


def test_the_next_address_is_tried_when_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in ("127.0.0.2", "127.0.0.1")
    ]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **named: addresses if host == b"two.example" else real(host, *rest, **named),
    )
    with RawServer({"/": response()}) as server:
        fetched, _ = fetch_one(server.url("/", "two.example"))
    assert fetched.exchange.ip == "127.0.0.1"


def test_no_more_is_read_than_is_taken(tls: Tls) -> None:
    whole = response(bytes(16 * HIGH_WATER_BYTES))

    async def work(_: Wire) -> tuple[int, bytes]:
        route = Route(target_of(server.url("/")).origin)
        channel = await connect(route, tls=tls.client, allow_private=True, timeout_s=PATIENCE_S)
        channel.write(b"GET / HTTP/1.1\r\n\r\n")
        while channel.transport.is_reading():
            await asyncio.sleep(0)
        waiting = channel.waiting_size
        data = bytearray()
        while len(data) < len(whole):
            data += await channel.read()
        channel.abort()
        await channel.closed
        return waiting, bytes(data)

    with RawServer({"/": whole}) as server:
        waiting, data = run(work)
    assert HIGH_WATER_BYTES <= waiting < 2 * HIGH_WATER_BYTES
    assert data == whole


def test_many_exchanges_at_once() -> None:
    bodies = {f"/{number}": bytes([number]) * 5000 for number in range(40)}

    async def work(wire: Wire) -> list[tuple[Fetched, bytes]]:
        return await asyncio.gather(*(fetch(wire, server.url(path)) for path in bodies))

    with RawServer({path: response(body) for path, body in bodies.items()}) as server:
        results = run(work)
    assert [data for _, data in results] == [response(body) for body in bodies.values()]


# --- cut short


def test_longer_than_the_limit() -> None:
    whole = response(b"0123456789" * 1000)
    with RawServer({"/": whole}) as server:
        fetched, data = fetch_one(server.url("/"), max_size=1234)
        assert server.connections[0].closed.wait(PATIENCE_S)
        just, _ = fetch_one(server.url("/"), max_size=len(whole))
    assert data == whole[:1234]
    assert fetched.exchange.truncated == "length"
    assert just.exchange.truncated is None


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (OK + b"Content-Length: 10\r\n\r\nabc", 200),
        (OK + b"\r\nabc", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Le", None),
    ],
    ids=["body", "until close", "head"],
)
def test_not_whole_in_time(sent: bytes, status: int | None) -> None:
    with RawServer({"/": Reply([sent], "stall")}) as server:
        fetched, data = fetch_one(server.url("/"), timeout_s=2)
    assert data == sent
    assert fetched.exchange.truncated == "time"
    assert (fetched.head and fetched.head.status) == status
    assert fetched.exchange.fetch_time_ms > 1000


@pytest.mark.parametrize(
    ("reply", "truncated"),
    [
        (Reply([OK + b"Content-Length: 10\r\n\r\nabc"], "close"), "disconnect"),
        (Reply([CHUNKED + b"5\r\nab"], "close"), "disconnect"),
        (Reply([b"HTTP/1.1 200 OK\r\nContent-Le"], "close"), "disconnect"),
        (Reply([b"HTTP/1.1 100 Continue\r\n\r\n"], "close"), "disconnect"),
        (Reply([CHUNKED + b"5\r\nhelloXX"], "close"), "unspecified"),
        (Reply([CHUNKED + b"no size\r\n"], "stall"), "unspecified"),
    ],
    ids=["body", "chunk", "head", "interim only", "broken chunk", "broken chunk, left open"],
)
def test_cut_short_by_the_server(reply: Reply, truncated: str) -> None:
    with RawServer({"/": reply}) as server:
        fetched, data = fetch_one(server.url("/"), wire={"unframed_quiet_s": 0.1})
        assert fetched.exchange.interim + data == server.exchanges[0][1]
    assert fetched.exchange.truncated == truncated
    assert fetched.problem
    assert not fetched.reusable


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_reset_keeps_what_came(tls: Tls, secure: bool) -> None:
    async def work(wire: Wire) -> tuple[Fetched, bytes]:
        fetching = asyncio.create_task(fetch(wire, server.url("/")))
        await asyncio.to_thread(server.stalling.wait)
        server.release.set()
        return await fetching

    with RawServer(
        {"/": Reply([OK + b"\r\nabc", None], "reset")}, tls=tls.server if secure else None
    ) as server:
        fetched, data = run(work, tls=tls.client)
    assert data == OK + b"\r\nabc"
    assert fetched.exchange.truncated == "disconnect"
    assert fetched.exchange.ip == "127.0.0.1"


def test_large_responses_go_to_disk_whole(tls: Tls) -> None:
    whole = response(bytes(range(256)) * (SPOOL_MEMORY_BYTES // 64))
    with RawServer({"/": Reply([whole])}, tls=tls.server) as server:
        assert fetch_one(server.url("/"), wire={"tls": tls.client})[1] == whole


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_large_response_costs_a_fixed_buffer(tls: Tls, secure: bool) -> None:
    piece, count = bytes(1 << 20), 64

    async def work(wire: Wire) -> int:
        fetched = await wire.fetch(WireRequest(server.url("/")))
        fetched.exchange.response.close()
        return fetched.exchange.response_length

    reply = Reply([OK + b"\r\n", *[piece] * count], "close")
    with RawServer({"/": reply}, tls=tls.server if secure else None, logs=False) as server:
        tracemalloc.start()
        length = run(work, tls=tls.client)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert length == len(OK) + 2 + count * len(piece)
    assert peak < 8 * SPOOL_MEMORY_BYTES


def test_where_there_is_no_room_to_spool_one_line_says_so(tmp_path: Path) -> None:
    with RawServer({"/": response(bytes(2 * SPOOL_MEMORY_BYTES))}) as server:
        missing = {"spool_directory": tmp_path / "missing"}
        with pytest.raises(ArchiveError) as caught:
            fetch_one(server.url("/"), wire=missing)
    assert str(caught.value) == "cannot spool a response: No such file or directory"


# --- nothing came


def reason_of(url: str, *, wire: dict[str, Any] | None = None, **request: Any) -> str:
    with pytest.raises(WireError) as caught:
        fetch_one(url, wire=wire, **request)
    assert "\n" not in str(caught.value)
    assert str(caught.value)
    return caught.value.reason


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_no_connection() -> None:
    assert reason_of(f"http://127.0.0.1:{unused_port()}/") == "connectionRefused"
    assert reason_of("ftp://127.0.0.1/") == "unsupportedScheme"
    assert reason_of("http://a..b/") == "invalidUrl"
    assert reason_of("http://a/", headers=[(b"A", b"b\r\nc: d")]) == "invalidHeader"


def test_private_addresses_are_refused_before_a_byte_is_sent() -> None:
    with RawServer({"/": response()}) as server:
        for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"):
            assert reason_of(server.url("/", host), wire={"allow_private": False}) == "privateAddress"
        assert server.connections == []


def test_no_answer_in_time() -> None:
    with RawServer({"/": Reply([], "stall")}) as server:
        assert reason_of(server.url("/"), timeout_s=0.1) == "responseTimeout"


def test_no_connection_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, never speaks TLS
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert reason_of(url, wire={"connect_timeout_s": 0.1}) == "connectTimeout"


def test_certificates_are_verified_unless_told_not_to(tls: Tls) -> None:
    with RawServer({"/": response()}, tls=tls.server) as server:
        assert reason_of(server.url("/")) == "tlsFailure"
        fetched, _ = fetch_one(server.url("/"), wire={"verify": False})
    assert fetched.head is not None


def test_the_certificate_must_be_for_the_host(tmp_path: Path) -> None:
    other = make_tls(tmp_path, "other.example")
    with RawServer({"/": response()}, tls=other.server) as server:
        assert reason_of(server.url("/", "localhost"), wire={"tls": other.client}) == "tlsFailure"


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["speaks HTTP", "hangs up"]
)
def test_a_server_that_speaks_no_tls(tls: Tls, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def work(wire: Wire) -> None:
            fetching = asyncio.create_task(fetch(wire, f"https://127.0.0.1:{listener.getsockname()[1]}/"))
            connection, _ = await asyncio.to_thread(listener.accept)
            with connection:
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                with pytest.raises(WireError) as caught:
                    await fetching
            assert caught.value.reason == "tlsFailure"

        run(work, tls=tls.client)


# --- ending


def test_cancelling_closes_the_connection() -> None:
    async def work(wire: Wire) -> None:
        fetching = asyncio.create_task(fetch(wire, server.url("/")))
        await asyncio.to_thread(server.stalling.wait)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        server.release.set()
        assert await asyncio.to_thread(server.connections[0].closed.wait, PATIENCE_S)

    with RawServer({"/": Reply([OK + b"Content-Length: 9\r\n\r\nabc"], "stall")}) as server:
        run(work)


def test_closing_gives_up_what_is_under_way() -> None:
    async def work(wire: Wire) -> None:
        fetching = asyncio.create_task(fetch(wire, server.url("/")))
        await asyncio.to_thread(server.stalling.wait)
        await wire.close()
        with pytest.raises(Interrupted):
            await fetching
        with pytest.raises(Interrupted):
            await fetch(wire, server.url("/"))

    with RawServer({"/": Reply([OK + b"Content-Length: 9\r\n\r\nabc"], "stall")}) as server:
        run(work)


def test_closing_gives_up_connections_that_are_being_made() -> None:
    async def work(wire: Wire) -> None:
        fetching = asyncio.create_task(fetch(wire, f"https://127.0.0.1:{silent.getsockname()[1]}/"))
        connection, _ = await asyncio.to_thread(silent.accept)
        with connection:
            await wire.close()
            with pytest.raises(Interrupted):
                await fetching

    with socket.create_server(("127.0.0.1", 0)) as silent:  # never answers the TLS handshake
        run(work)


def test_cancelling_while_a_connection_is_made() -> None:
    async def work(wire: Wire) -> None:
        fetching = asyncio.create_task(fetch(wire, f"https://127.0.0.1:{silent.getsockname()[1]}/"))
        connection, _ = await asyncio.to_thread(silent.accept)
        with connection:
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching

    with socket.create_server(("127.0.0.1", 0)) as silent:
        run(work)


# --- proxies


def test_a_forwarding_proxy_is_not_in_the_record() -> None:
    with RawServer({"/page?x": response(b"proxied")}) as proxy:
        fetched, data = fetch_one(
            "http://example.org/page?x", proxy=f"http://user:pass@127.0.0.1:{proxy.port}"
        )
        sent, received = proxy.exchanges[0]
    assert sent.startswith(
        b"GET http://example.org/page?x HTTP/1.1\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n"
    )
    assert fetched.exchange.request == b"GET /page?x HTTP/1.1\r\n" + sent.split(b"\r\n", 2)[2]
    assert fetched.exchange.request.startswith(b"GET /page?x HTTP/1.1\r\nHost: example.org\r\n")
    assert data == received
    assert fetched.exchange.ip is None


def test_a_tunnel_is_not_in_the_record(tmp_path: Path) -> None:
    tls = make_tls(tmp_path, "news.example")
    with RawServer({"/a": response(b"a"), "/b": response(b"b")}, tunnel=tls.server) as proxy:
        proxy_url = f"http://u:p@127.0.0.1:{proxy.port}"

        async def work(wire: Wire) -> list[tuple[Fetched, bytes]]:
            return [await fetch(wire, f"https://news.example/{name}", proxy=proxy_url) for name in "ab"]

        results = run(work, tls=tls.client)
        assert [result.exchange.request for result, _ in results] == [sent for sent, _ in proxy.exchanges]
    assert [data for _, data in results] == [response(b"a"), response(b"b")]
    assert [result.new_connection for result, _ in results] == [True, False]
    assert results[0][0].exchange.protocols == ("http/1.1", "tls/1.3")
    assert proxy.connects == [
        b"CONNECT news.example:443 HTTP/1.1\r\nHost: news.example:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
    ]


def test_a_proxy_that_refuses_or_is_not_there() -> None:
    with RawServer({"example.org:443": response(b"no", status=b"403 Forbidden")}) as proxy:
        assert reason_of("https://example.org/", proxy=f"http://127.0.0.1:{proxy.port}") == "proxyFailure"
    assert reason_of("http://example.org/", proxy=f"http://127.0.0.1:{unused_port()}") == "proxyFailure"
    with RawServer({"/": response(status=b"407 Proxy Authentication Required")}) as proxy:
        assert reason_of("http://example.org/", proxy=f"http://127.0.0.1:{proxy.port}") == "proxyFailure"
    assert reason_of("http://example.org/", proxy="socks5://127.0.0.1:1") == "proxyFailure"


@pytest.mark.parametrize(
    "answer", [b"", b"not HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nearly"], ids=["none", "no HTTP", "too much"]
)
def test_a_proxy_that_does_not_open_the_tunnel(answer: bytes) -> None:
    with RawServer({"example.org:443": Reply([answer], "close")}) as proxy:
        assert reason_of("https://example.org/", proxy=f"http://127.0.0.1:{proxy.port}") == "proxyFailure"


def test_behind_a_proxy_private_hosts_are_refused_as_written() -> None:
    with RawServer({"/": response()}) as proxy:
        proxy_url = f"http://127.0.0.1:{proxy.port}"
        guarded = {"allow_private": False}
        assert reason_of("http://10.0.0.1/", wire=guarded, proxy=proxy_url) == "privateAddress"
        assert fetch_one("http://example.org/", wire=guarded, proxy=proxy_url)[1] == response()
        assert len(proxy.exchanges) == 1


# --- any exchanges, in any pieces


FIELDS = st.lists(
    st.sampled_from([b"X: \xe9", b"server:a", b"Folded: a\r\n b", b"Connection: close"]), max_size=2
)


def head(line: bytes, *fields: bytes, end: bytes = b"\r\n") -> bytes:
    return end.join([line, *fields, b"", b""])


@st.composite
def in_chunks(draw: st.DrawFn, *fields: bytes) -> bytes:
    pieces = draw(st.lists(st.binary(min_size=1, max_size=60), max_size=4))
    chunks = b"".join(b"%x;a\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    trailer = draw(st.sampled_from([b"", b"T: x\r\n"]))
    return (
        head(b"HTTP/1.1 200 OK", *fields, b"Transfer-Encoding: chunked")
        + chunks
        + b"0\r\n"
        + trailer
        + b"\r\n"
    )


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, Reply]:
    """A method, and an answer in pieces; of each way in which a response can end."""
    body, fields = draw(st.binary(max_size=200)), draw(FIELDS)
    length = b"Content-Length: %d" % len(body)
    said: After = "close" if b"Connection: close" in fields else "keep"
    method, whole, after = draw(
        st.sampled_from(
            [
                ("GET", response(body, *fields), said),
                ("POST", response(body, *fields, status=b"500 Oh"), said),
                (
                    "GET",
                    head(b"HTTP/1.1 103 Hints") * 2 + response(body, *fields, status=b"404"),
                    said,
                ),
                ("HEAD", head(b"HTTP/1.1 200 OK", *fields, length), said),
                ("GET", head(b"HTTP/1.1 204 None", *fields), said),
                ("GET", head(b"HTTP/1.1 304 Same", *fields, length), said),
                ("GET", head(b"HTTP/1.1 200 OK", b"X: a", length, end=b"\n") + body, "keep"),
                ("GET", head(b"HTTP/1.0 200 OK", b"Connection: keep-alive", length) + body, "keep"),
                ("GET", head(b"HTTP/1.0 200 OK", *fields) + body, "close"),
                ("GET", head(b"HTTP/1.1 200 OK", b"Connection: close") + body, "close"),
                ("GET", draw(in_chunks(*fields)), said),
            ]
        )
    )
    cuts = sorted(draw(st.sets(st.integers(1, len(whole) - 1), max_size=6)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    return method, Reply(pieces, after)


@settings(max_examples=60, deadline=None)
@given(st.lists(exchanges(), min_size=1, max_size=6))
def test_any_sequence_in_any_pieces_is_recorded_as_sent(sequence: list[tuple[str, Reply]]) -> None:
    script = {f"/{number}": reply for number, (_, reply) in enumerate(sequence)}

    async def work(wire: Wire) -> list[tuple[Fetched, bytes]]:
        methods = [method for method, _ in sequence]
        asked = zip(methods, script, strict=True)
        return [await fetch(wire, server.url(path), method=method) for method, path in asked]

    with RawServer(script) as server:
        results = run(work)
        logged = server.exchanges
    recorded = [(result.exchange.request, result.exchange.interim + data) for result, data in results]
    assert sorted(recorded) == sorted(logged)  # a POST goes over a connection of its own
    assert all(result.exchange.truncated is None for result, _ in results)
