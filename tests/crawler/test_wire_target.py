import pytest

from crawler.wire.connect import proxy_of
from crawler.wire.errors import InvalidHeader, InvalidUrl, ProxyFailure, UnsupportedScheme
from crawler.wire.request import WireRequest, request_bytes, through_proxy
from crawler.wire.target import target_of

# (URL, host to connect to, port, Host field, request target)
TARGETS = [
    ("http://example.org", "example.org", 80, "example.org", "/"),
    ("https://example.org/a/b?c=d&e", "example.org", 443, "example.org", "/a/b?c=d&e"),
    ("HTTP://EXAMPLE.org/Path", "example.org", 80, "example.org", "/Path"),
    ("http://example.org:80/", "example.org", 80, "example.org", "/"),
    ("http://example.org:443/", "example.org", 443, "example.org:443", "/"),
    ("https://example.org:8443/", "example.org", 8443, "example.org:8443", "/"),
    ("http://example.org:/", "example.org", 80, "example.org", "/"),
    ("http://example.org./", "example.org.", 80, "example.org.", "/"),
    ("http://user:secret@example.org/", "example.org", 80, "example.org", "/"),
    ("http://example.org/a#part?x", "example.org", 80, "example.org", "/a"),
    ("http://example.org?q=1#part", "example.org", 80, "example.org", "/?q=1"),
    ("http://example.org/a?", "example.org", 80, "example.org", "/a?"),
    ("  http://example.org/a \n", "example.org", 80, "example.org", "/a"),
    ("http://example.org/a/../b/./%7euser//", "example.org", 80, "example.org", "/a/../b/./%7euser//"),
    ("http://example.org/%zz%2F%c3%a4", "example.org", 80, "example.org", "/%zz%2F%c3%a4"),
    (
        "http://example.org/föö bar?q=ä b",
        "example.org",
        80,
        "example.org",
        "/f%C3%B6%C3%B6%20bar?q=%C3%A4%20b",
    ),
    ("http://example.org/\"<>`{}|\\^'[]~", "example.org", 80, "example.org", "/%22%3C%3E%60%7B%7D|\\^'[]~"),
    ("http://example.org/?\"<>`{}|'", "example.org", 80, "example.org", "/?%22%3C%3E`{}|'"),
    ("http://example.org/\x00\x7f", "example.org", 80, "example.org", "/%00%7F"),
    ("http://bücher.example/", "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/"),
    ("http://FAß.example/", "xn--fa-hia.example", 80, "xn--fa-hia.example", "/"),
    ("http://例え。テスト/", "xn--r8jz45g.xn--zckzah", 80, "xn--r8jz45g.xn--zckzah", "/"),
    ("http://ex%61mple.org/", "example.org", 80, "example.org", "/"),
    ("http://under_score.example.org/", "under_score.example.org", 80, "under_score.example.org", "/"),
    ("http://[::1]:8080/", "::1", 8080, "[::1]:8080", "/"),
    ("http://[2001:DB8:0::1]/", "2001:db8::1", 80, "[2001:db8::1]", "/"),
    ("http://127.1/", "127.1", 80, "127.1", "/"),
]


@pytest.mark.parametrize(("url", "host", "port", "authority", "path"), TARGETS)
def test_what_a_url_asks_for(url: str, host: str, port: int, authority: str, path: str) -> None:
    target = target_of(url)
    assert (target.origin.host, target.origin.port) == (host, port)
    assert (target.origin.authority, target.path) == (authority, path)
    assert target_of(target.url) == target


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///path",
        "http://?q",
        "http://a..b/",
        "http://.a/",
        f"http://{'a' * 64}.org/",
        f"http://{'a.' * 127}org/",
        "http://exa mple.org/",
        "http://exam%00ple.org/",
        "http://a/b\r\nHost: evil",
        "http://a\n.org/",
        "http://a/\tb",
        "http://a:0/",
        "http://a:65536/",
        "http://a:port/",
        "http://[::1/",
        "http://[::g]/",
        "http://[fe80::1%25eth0]/",
        "http://xn--\u0301.example/",
        "http://a/\ud800",
        "http://a%25b/",
    ],
)
def test_urls_that_cannot_be_fetched(url: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        target_of(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "example.org/a", "/a", "ftp://a/", "file:///etc/passwd", "data:,x", "mailto:a@b"]
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(UnsupportedScheme):
        target_of(url)


def message(**request: object) -> bytes:
    wire_request = WireRequest(**{"url": "http://example.org:81/a?b", **request})  # type: ignore[arg-type]
    return request_bytes(wire_request, target_of(wire_request.url))


def test_the_message_has_host_first_and_the_fields_in_their_order() -> None:
    assert message(headers=[(b"User-Agent", b"x"), (b"accept", b"*/*"), (b"User-Agent", b"\xe9")]) == (
        b"GET /a?b HTTP/1.1\r\nHost: example.org:81\r\nUser-Agent: x\r\naccept: */*\r\nUser-Agent: \xe9\r\n\r\n"
    )


def test_fields_that_frame_the_message_or_concern_a_proxy_are_left_out() -> None:
    names = [
        b"Content-Length",
        b"transfer-encoding",
        b"TE",
        b"Expect",
        b"Upgrade",
        b"Proxy-Authorization",
        b"proxy-x",
    ]
    assert (
        message(headers=[(name, b"1") for name in names])
        == b"GET /a?b HTTP/1.1\r\nHost: example.org:81\r\n\r\n"
    )


def test_a_given_host_stands_for_the_own() -> None:
    assert (
        message(headers=[(b"A", b"b"), (b"host", b"other")])
        == b"GET /a?b HTTP/1.1\r\nhost: other\r\nA: b\r\n\r\n"
    )


def test_content_has_a_length() -> None:
    assert message(method="POST", body=b"a=b").endswith(b"\r\nContent-Length: 3\r\n\r\na=b")
    assert message(method="POST").endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert b"Content-Length" not in message(method="HEAD")


@pytest.mark.parametrize(
    "request_parts",
    [
        {"headers": [(b"A", b"b\r\nX: y")]},
        {"headers": [(b"A", b"b\nX: y")]},
        {"headers": [(b"A\r\nX", b"y")]},
        {"headers": [(b"A b", b"y")]},
        {"headers": [(b"", b"y")]},
        {"headers": [(b"A", b"\0")]},
        {"method": "GET / HTTP/1.1\r\nX: y"},
        {"method": ""},
    ],
)
def test_nothing_can_be_injected(request_parts: dict[str, object]) -> None:
    with pytest.raises(InvalidHeader):
        message(**request_parts)


def test_through_a_proxy_only_the_line_and_its_credentials_differ() -> None:
    sent = through_proxy(
        message(headers=[(b"A", b"b")]), target_of("http://example.org:81/a?b"), b"Basic eA=="
    )
    assert sent == (
        b"GET http://example.org:81/a?b HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n"
        b"Host: example.org:81\r\nA: b\r\n\r\n"
    )


def test_proxies() -> None:
    proxy = proxy_of("http://us%40er:pa:ss@proxy.example:3128")
    assert (proxy.origin.host, proxy.origin.port) == ("proxy.example", 3128)
    assert proxy.authorization == b"Basic dXNAZXI6cGE6c3M="
    assert proxy_of("http://proxy.example").authorization is None


@pytest.mark.parametrize("url", ["socks5://p:1", "https://p:1", "p:3128", "http://"])
def test_proxies_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ProxyFailure):
        proxy_of(url)
