"""The identity of URLs, their hosts, and what is in scope."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError
from crawler.urls import identity as urls
from crawler.urls.identity import (
    Scope,
    checked_seed,
    host_key,
    identity,
    is_trap,
    looks_like_article,
    site_of,
)
from crawler.urls.shape import ARTICLE_LIKE, trap_kind

SAME = [
    ("http://example.org", "http://example.org/"),
    ("HTTP://EXAMPLE.org/A", "http://example.org/A"),
    ("http://example.org:80/", "http://example.org/"),
    ("https://example.org:443/", "https://example.org/"),
    ("http://example.org:/", "http://example.org/"),
    ("http://example.org./", "http://example.org/"),
    ("http://user:secret@example.org/", "http://example.org/"),
    ("http://example.org/a#part", "http://example.org/a"),
    ("http://example.org/a?", "http://example.org/a"),
    ("http://example.org/a?&", "http://example.org/a"),
    (" http://example.org/a\n", "http://example.org/a"),
    ("http://example.org/a/../b/./c", "http://example.org/b/c"),
    ("http://example.org/a/..", "http://example.org/"),
    ("http://example.org/../../a", "http://example.org/a"),
    ("http://example.org/a/.", "http://example.org/a/"),
    ("http://example.org//a///b", "http://example.org/a/b"),
    ("http://example.org/%7Eann/%2fx", "http://example.org/~ann/%2Fx"),
    ("http://example.org/%41%2d%e3%81%82", "http://example.org/A-%E3%81%82"),
    ("http://example.org/あ", "http://example.org/%E3%81%82"),
    ("http://example.org/a b", "http://example.org/a%20b"),
    ("http://example.org/100%", "http://example.org/100%25"),
    ('http://example.org/"<a>"', "http://example.org/%22%3Ca%3E%22"),
    ("http://example.org/?b=2&a=1", "http://example.org/?a=1&b=2"),
    ("http://example.org/?a=x%20y", "http://example.org/?a=x+y"),
    ("http://example.org/?q=ü", "http://example.org/?q=%C3%BC"),
    ("https://www.müller.de/", "https://www.xn--mller-kva.de/"),
    ("https://WWW.MÜLLER.de/", "https://www.xn--mller-kva.de/"),
    ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
    ("http://example.org/a?utm_source=x&utm_medium=y", "http://example.org/a"),
    ("http://example.org/a?UTM_Source=x&id=1", "http://example.org/a?id=1"),
    ("http://example.org/a?id=1&fbclid=x&gclid=y", "http://example.org/a?id=1"),
    ("http://example.org/a?xtor=RSS-1", "http://example.org/a"),
    ("http://example.org/a?at_medium=custom7&at_campaign=64", "http://example.org/a"),
    ("http://example.org/a?CMP=share_btn_tw", "http://example.org/a"),
    ("http://example.org/a?smid=tw-share&smtyp=cur", "http://example.org/a"),
    ("http://example.org/a?ref_src=twsrc%5Etfw", "http://example.org/a"),
    ("http://example.org/a;jsessionid=0123456789ABCDEF", "http://example.org/a"),
    ("http://example.org/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "http://example.org/a.aspx"),
    ("http://example.org/a?PHPSESSID=0123456789abcdef0123456789abcdef", "http://example.org/a"),
    ("http://example.org/a?sid=0123456789abcdef0", "http://example.org/a"),
    ("http://example.org/a?ASPSESSIONIDQQ=ABCDEFGHIJKLMNOPQRSTUVWX", "http://example.org/a"),
    ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
    ("http://[2001:db8:0:0::1]/", "http://[2001:db8::1]/"),
    ("http://example.org/a?utm%5Fsource=x&id=1", "http://example.org/a?id=1"),
    ("http://example.org/a?id=1&amp;utm_source=x", "http://example.org/a?id=1"),
    ("http://example.org/a?id=1&amp%3Butm_source=x", "http://example.org/a?id=1"),
    ("http://example.org/a?gclid=x&gad_source=1", "http://example.org/a"),
    ("http://example.org/a?campaign_id=9&regi_id=4&emc=edit", "http://example.org/a"),
    ("http://example.org/a?reflink=share", "http://example.org/a"),
    ("http://example.org/a?wpisrc=nl_most", "http://example.org/a"),
]
DIFFERENT = [
    ("http://example.org/", "https://example.org/"),
    ("http://example.org/", "http://www.example.org/"),
    ("http://example.org/a", "http://example.org/a/"),
    ("http://example.org/a", "http://example.org/A"),
    ("http://example.org/a%2Fb", "http://example.org/a/b"),
    ("http://example.org/a", "http://example.org/index.html"),
    ("http://example.org:8080/", "http://example.org/"),
    ("http://example.org/?id=1", "http://example.org/?id=2"),
    ("http://example.org/?a", "http://example.org/?a="),
    ("http://example.org/?a=1&a=2", "http://example.org/?a=2&a=1"),
    ("http://example.org/?source=1", "http://example.org/"),
    ("http://example.org/?cid=123", "http://example.org/"),
    ("http://example.org/?ref=123", "http://example.org/"),
    ("http://example.org/?sid=42", "http://example.org/?sid=43"),
    ("http://example.org/?page=2", "http://example.org/"),
    ("http://example.org/?a=%26b=1", "http://example.org/?a=&b=1"),
    ("http://example.org/?a=1%2B1", "http://example.org/?a=1+1"),
    ("http://example.org/a", "http://example.org/a/amp"),
    ("http://example.org/a", "http://example.org/a?amp=1"),
    ("http://example.org/a.html", "http://example.org/a.amp.html"),
    ("http://example.org/a?lang=de", "http://example.org/a?lang=fr"),
    ("http://example.org/a?mod=news&id=1", "http://example.org/a?mod=blog&id=1"),
    ("http://example.org/a?sid=1234567890123456", "http://example.org/a?id=1234567890123456"),
    ("http://[2001:db8::1]/", "http://[2001:db8::2]/"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_addresses_of_one_page(written: str, normal: str) -> None:
    assert identity(written) == normal
    assert identity(normal) == normal


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_addresses_that_stay_two(one: str, other: str) -> None:
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "http://[broken/", "http://example.org:99999/", "mailto:x@example.org", "/path"]
)
def test_what_does_not_parse_is_its_own_identity(text: str) -> None:
    assert identity(text) == text


URL_TEXT = st.text(st.sampled_from('abcABC019./%;:?&=#@[]()+~-_ éあ\u0130\u00df\\"<>'), max_size=40)


@given(st.one_of(URL_TEXT, st.text(max_size=20)))
def test_identity_is_idempotent(text: str) -> None:
    for url in ("http://example.org/" + text, "https://" + text, "http://example.org/?" + text, text):
        once = identity(url)
        assert identity(once) == once


@given(st.text(st.sampled_from("abc01.-/%;:'$"), max_size=20))
def test_an_address_that_is_taken_as_it_is_would_not_change(text: str) -> None:
    url = f"https://a{text}"
    if urls._PLAIN_URL.fullmatch(url):
        assert identity(url + "?utm_source=x") == url


@given(st.text(max_size=20))
def test_nothing_raises(text: str) -> None:
    for url in (text, "http://" + text, "http://example.org/" + text):
        host_key(url)
        site_of(url)
        looks_like_article(url)
        is_trap(url)
        Scope(("example.org",), ("/a",), ("*b$",)).admits(url)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://Example.org/a", "example.org"),
        ("http://example.org:80/", "example.org"),
        ("https://example.org:80/", "example.org:80"),
        ("https://example.org:443/", "example.org"),
        ("http://example.org:8080", "example.org:8080"),
        ("http://example.org:08080/", "example.org:8080"),
        ("http://user@example.org./?q", "example.org"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://foo_bar.example/", "foo_bar.example"),
        ("http://example.org:99999/", ""),
        ("nonsense", ""),
    ],
)
def test_host_key(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.example.co.uk/a", "example.co.uk"),
        ("https://www.example.org/", "example.org"),
        ("https://author.blogspot.com/", "author.blogspot.com"),
        ("https://www.bücher.de/", "xn--bcher-kva.de"),
        ("http://news.example.org:8080/", "example.org:8080"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://localhost:8000/", "localhost:8000"),
        ("http://www.paper.test/", "paper.test"),
        ("http://co.uk/", "co.uk"),
    ],
)
def test_site(url: str, site: str) -> None:
    assert site_of(url) == site


def test_the_suffix_list_is_the_packed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    urls._suffixes.cache_clear()
    assert site_of("https://a.b.example.com.au/") == "example.com.au"


@pytest.mark.parametrize(
    ("seed", "url", "verdict"),
    [
        ("https://www.example.org/section/", "https://www.example.org/", None),
        ("https://www.example.org/", "http://example.org/a", None),
        ("https://www.example.org/", "https://m.news.example.org/a", None),
        ("https://www.example.org/", "https://example.com/", "outOfScope"),
        ("https://www.example.org/", "https://notexample.org/", "outOfScope"),
        ("https://www.example.org/", "https://example.org.evil.test/", "outOfScope"),
        ("https://www.example.org/", "https://example.org:8443/", "outOfScope"),
        ("https://a.blogspot.com/", "https://b.blogspot.com/", "outOfScope"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/a", None),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/a", "outOfScope"),
        ("http://localhost:8000/", "http://127.0.0.1:8000/a", "outOfScope"),
        ("http://10.0.0.1/", "http://110.0.0.1/", "outOfScope"),
        ("http://example.org/", "nonsense", "outOfScope"),
        ("http://example.org/", "http://evil.test/?http://example.org/", "outOfScope"),
        ("http://example.org/", "http://example.org@evil.test/", "outOfScope"),
        ("http://example.org/", "http://evil.test\\@example.org/", None),
    ],
)
def test_a_seeds_scope_is_its_site(seed: str, url: str, verdict: str | None) -> None:
    assert Scope.of_seeds([seed]).admits(url) == verdict


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/politics/a", None),
        ("/politics", "outOfScope"),
        ("/sport/a", "outOfScope"),
        ("/en/2026/a.html", None),
        ("/en/2026/a.html?x", "outOfScope"),
        ("/politics/live/1", "excluded"),
        ("/politics/a?print=1", "excluded"),
        ("/", "outOfScope"),
        ("", "outOfScope"),
    ],
)
def test_patterns_are_those_of_robots_txt(path: str, verdict: str | None) -> None:
    scope = Scope.of_seeds(
        ["https://example.org"], include=["/politics/", "/en/*.html$"], exclude=["*/live/", "*?print="]
    )
    assert scope.admits(f"https://example.org{path}") == verdict


@pytest.mark.parametrize(
    "url", ["https://example.org", " http://127.0.0.1:8000/x ", "HTTPS://bücher.example/ä"]
)
def test_seeds(url: str) -> None:
    assert checked_seed(url) == url.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("example.org", "write https://example.org"),
        ("//example.org/a", "write https://example.org/a"),
        ("www.example.org/news", "write https://www.example.org/news"),
        ("ftp://example.org/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("https://", "no valid host"),
        ("https:///path", "no valid host"),
        ("https://example.org:99999/", "no valid host"),
        ("https://exa mple.org/", "no valid host"),
        ("", "is no URL"),
    ],
)
def test_what_is_no_seed_says_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        checked_seed(text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


ARTICLES = [
    "https://www.example.org/2026/11/22/storm-hits-the-northern-coast",
    "https://www.example.org/politik/wie-die-wahl-entschieden-wurde-12345678.html",
    "https://www.example.org/news/article/2026-11-22/rain",
    "https://www.example.org/world-europe-68123456",
    "https://www.example.org/a/20261122-le-retour-du-froid-sur-la-france",
    "https://www.example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8-%D1%81%D0%B5%D0%B3%D0%BE%D0%B4%D0%BD%D1%8F",
    "https://www.example.org/articles/DGXMZO12345678",
    "https://www.example.org/story/9f8b7c6d-1234-4abc-9def-0123456789ab",
    "https://www.example.org/article/356431",
    "https://www.example.org/news/society/11305870",
    "https://www.example.org/luxemburg/so-wohnten-die-beamten-damals/158549273.html",
    "https://www.example.org/music/best-guitarists-1234814010/",
]
SECTIONS = [
    "https://www.example.org/",
    "https://www.example.org/politics",
    "https://www.example.org/politics/",
    "https://www.example.org/tag/elections-in-the-north-of-europe",
    "https://www.example.org/author/ann-marie-van-der-berg",
    "https://www.example.org/category/news/page/12",
    "https://www.example.org/search?q=a-long-slug-like-query",
    "https://www.example.org/about",
    "https://www.example.org/img/2026/11/22/storm-hits-the-northern-coast.jpg",
    "https://www.example.org/assets/app-4f3c2b1a9d8e.js",
    "https://www.example.org/2026/11/",
    "https://www.example.org/2026/11/22/",
    "https://www.example.org/videos/timing-out-the-storm-shifting-east",
    "https://www.example.org/autore/mario-rossi-155761.html",
    "https://www.example.org/sport/tennis/home-23890462.html",
    "https://www.example.org/about-us-8415145",
    "https://shop.example.org/membership-for-all-of-the-year-1.html",
]


def test_articles_score_above_sections() -> None:
    assert min(map(looks_like_article, ARTICLES)) >= ARTICLE_LIKE > max(map(looks_like_article, SECTIONS))
    assert all(0 <= looks_like_article(url) <= 1 for url in ARTICLES + SECTIONS)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a" * 3, "repeated"),
        ("/a/b/a/b/a/b", "repeated"),
        ("/" + "/".join(map(str, range(20))), "deep"),
        ("/" + "x" * 3000, "long"),
        ("/?" + "&".join(f"p{number}=1" for number in range(12)), "parameters"),
        ("/?f=1&f=2&f=3", "parameters"),
        ("/calendar/2031/05", "calendar"),
        ("/events/2031-05-01", "calendar"),
        ("/?month=5&year=2031", "calendar"),
        ("/termine?date=2031-05-01", "calendar"),
        ("/a?replytocom=12", "action"),
        ("/a?sort=asc", "action"),
        ("/", None),
        ("/2026/11/11/eleven", None),
        ("/events/", None),
        ("/news/the-calendar-of-2026", None),
        ("/politics/article?id=1&page=2", None),
        ("/en/news/world/europe/2026/11/22/a-long-story", None),
    ],
)
def test_traps(path: str, kind: str | None) -> None:
    url = f"https://example.org{path}"
    assert trap_kind(url) == kind
    assert is_trap(url) == (kind is not None)


def test_no_article_above_is_a_trap() -> None:
    assert not any(map(is_trap, ARTICLES))
