"""SURT keys, held against what pywb's canonicaliser gives for the same URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.surt import surt

# Expected values are those of pywb 2.10.
CASES = [
    ("http://www.Example.com:80/Foo/Bar/?b=2&a=1#frag", "com,example)/foo/bar?a=1&b=2"),
    ("https://example.com:443/", "com,example)/"),
    ("http://example.com:443/", "com,example:443)/"),
    ("https://example.com:8080/x", "com,example:8080)/x"),
    ("http://www2.example.com/", "com,example)/"),
    ("http://www.com/", "com)/"),
    ("http://wwwfoo.example.com/", "com,example,wwwfoo)/"),
    ("http://mywww.example.com/", "com,example,mywww)/"),
    ("http://www.www.example.com/", "com,example,www)/"),
    ("http://www-1.example.com/", "com,example,www-1)/"),
    ("http://user:pass@example.com/a", "com,example)/a"),
    ("http://example.com", "com,example)/"),
    ("http://example.com?x=1", "com,example)/?x=1"),
    ("http://example.com/?", "com,example)/"),
    ("http://example.com/#", "com,example)/"),
    ("http://example.com/a/../b/./c", "com,example)/b/c"),
    ("http://example.com/a//../b", "com,example)/a/b"),
    ("http://example.com/../a", "com,example)/../a"),
    ("http://example.com/a/..", "com,example)/"),
    ("http://example.com//a//b", "com,example)/a/b"),
    ("http://example.com/a%20b", "com,example)/a%20b"),
    ("http://example.com/a b", "com,example)/a%20b"),
    ("http://example.com/%7Efoo/%2Fbar%3f", "com,example)/~foo/bar?"),
    ("http://example.com/ü", "com,example)/%c3%bc"),
    ("http://example.com/%C3%BC", "com,example)/%c3%bc"),
    ("http://example.com/%FC", "com,example)/%fc"),
    ("http://example.com/%zz%25zz%2525", "com,example)/%25zz%25zz%25"),
    ("http://example.com/a%2525b", "com,example)/a%25b"),
    ("http://example.com/a%0Ab", "com,example)/a%0ab"),
    ("http://bücher.example/", "example,xn--bcher-kva)/"),
    ("http://xn--bcher-kva.example/", "example,xn--bcher-kva)/"),
    ("http://straße.de/", "de,strasse)/"),
    ("http://例え.jp/パス?クエリ=値", "jp,xn--r8jz45g)/%e3%83%91%e3%82%b9?%e3%82%af%e3%82%a8%e3%83%aa=%e5%80%a4"),
    ("http://example.com/a?jsessionid=ABCDEF0123456789ABCDEF0123456789&x=1", "com,example)/a?x=1"),
    ("http://example.com/a?PHPSESSID=ABCDEF0123456789ABCDEF0123456789&x=1", "com,example)/a?x=1"),
    ("http://example.com/a?x=1&sid=ABCDEF0123456789ABCDEF0123456789", "com,example)/a?&x=1"),
    ("http://example.com/a?x=1&ASPSESSIONIDABCDEFGH=ABCDEFGHIJKLMNOPQRSTUVWX&y=2", "com,example)/a?x=1&y=2"),
    ("http://example.com/a?cfid=1234&cftoken=5678&x=1", "com,example)/a?x=1"),
    ("http://example.com/a?sessionid=ABCDEF0123456789ABCDEF0123456789", "com,example)/a?sessionid=abcdef0123456789abcdef0123456789"),
    ("http://example.com/(S(abcdefghijklmnopqrstuvwx))/page.aspx", "com,example)/page.aspx"),
    ("http://example.com/(abcdefghijklmnopqrstuvwx)/page.aspx", "com,example)/page.aspx"),
    ("http://192.168.1.1/foo", "1,1,168,192)/foo"),
    ("http://0300.0250.01.01/", "1,1,168,192)/"),
    ("http://256.1.1.1/", "1,1,1,256)/"),
    ("http://3232235777/", "1,1,168,192)/"),
    ("http://[::1]:8080/x", "::1:8080)/x"),
    ("http://[2001:DB8::1]/x", "2001:db8::1)/x"),
    ("http://example.com./", "com,example)/"),
    ("http://.example..com/", "com,example)/"),
    ("http://ex%41mple.com/", "com,example)/"),
    ("ftp://example.com:21/foo", "com,example:21)/foo"),
    ("http://example.com/?a=1&&b=2&", "com,example)/?&&a=1&b=2"),
    ("http://example.com/?b&a=&a&b=1", "com,example)/?a&a=&b&b=1"),
    ("http://example.com/??a", "com,example)/??a"),
    ("http://example.com/a/?x", "com,example)/a?x"),
    ("http://example.com/a?q=%26%3D%C3%A9", "com,example)/a?=%c3%a9&q="),
    ("http://example.com/a|b^c`d{e}\"f<g>h\\i", "com,example)/a|b^c`d{e}\"f<g>h\\i"),
    ("http://localhost:5000/x", "localhost:5000)/x"),
    ("http:/example.com/", "com,example)/"),
    ("//example.com/x", "com,example)/x"),
    ("example.com/x", "com,example)/x"),
    ("http://example.com:0080/", "com,example)/"),
    ("http://example.com:/", "com,example)/"),
    (" http://example.com/x ", "com,example)/x"),
    ("dns:example.com", "dns:example.com"),
    ("urn:uuid:1234", "urn:uuid:1234"),
    ("mailto:a@b.c", "mailto:a@b.c"),
    ("", "-"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "key"), CASES, ids=[url[:60] or "empty" for url, _ in CASES])
def test_keys_are_those_that_pywb_looks_up(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com:8080/x", "example.com:8080/x"),
        ("http://example.com/a\r\nb", "http://example.com/ab"),
        ("http://EXAMPLE.com/A?B=C", "https://www.example.com/a/?b=c"),
        ("http://example.com/a?x=1&y=2", "http://example.com/a?y=2&x=1"),
    ],
)
def test_these_share_a_key(one: str, other: str) -> None:
    assert surt(one) == surt(other)


@given(
    st.text(st.characters(), max_size=60),
    st.sampled_from(["", "http://", "https://example.com/", "http://[", "a:"]),
)
def test_any_text_has_a_key_fit_for_a_line(text: str, start: str) -> None:
    key = surt(start + text)
    assert key
    assert key.isascii()
    assert not set(key) & set(" \r\n\t\x00")
