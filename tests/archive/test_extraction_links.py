"""The links of a page, against what browsers and crawlers take them for."""

from urllib.parse import urldefrag, urljoin

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extraction.links import (
    absolute,
    base_url,
    css_references,
    page_links,
    page_requisites,
    refresh_target,
    srcset_references,
)
from archive.extraction.robots import MAX_ROBOTS_BYTES, sitemap_links
from archive.outcome import Link, Relation

PAGE = "https://news.example.org/section/page.html"


def links(markup: str, url: str = PAGE) -> list[tuple[str, Relation]]:
    return [(link.url, link.relation) for link in page_links(lxml.html.document_fromstring(markup), url)]


@pytest.mark.parametrize(
    ("reference", "resolved"),
    [
        ("https://other.example/a", "https://other.example/a"),
        ("HTTPS://Other.example/A", "https://Other.example/A"),
        ("/a", "https://news.example.org/a"),
        ("a", "https://news.example.org/section/a"),
        ("../a", "https://news.example.org/a"),
        ("?p=2", "https://news.example.org/section/page.html?p=2"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("//cdn.example/x?#y", "https://cdn.example/x"),
        ("https://other.example/a#b?c", "https://other.example/a"),
        ("https://other.example/a;?b#c", "https://other.example/a?b"),
        (" \n/a\t ", "https://news.example.org/a"),
        ("/a\nb\tc", "https://news.example.org/abc"),
        ("https://other.example", "https://other.example"),
        ("/a#part", "https://news.example.org/a"),
        ("https://other.example/a#part", "https://other.example/a"),
        ("/a?utm_source=x&b=1", "https://news.example.org/a?utm_source=x&b=1"),
        ("/Ümlaut path", "https://news.example.org/Ümlaut path"),
        ("\\\\cdn.example\\x?a\\b", "https://cdn.example/x?a\\b"),
        ("/a #part", "https://news.example.org/a"),
        ("https:// /x", None),
        ("https://a b/x", None),
        ("https://<host>/x", None),
        ("#part", None),
        ("", None),
        (None, None),
        ("   ", None),
        ("javascript:void(0)", None),
        ("JavaScript:alert(1)", None),
        ("mailto:desk@example.org", None),
        ("tel:+4930", None),
        ("data:text/html,x", None),
        ("ftp://example.org/x", None),
        ("http://", None),
        ("http:///x", None),
        ("https://[broken/x", None),
        ("/" + "a" * 5000, None),
        ("https://other.example/" + "a" * 5000, None),
    ],
)
def test_a_reference_is_resolved_as_browsers_do(reference: str | None, resolved: str | None) -> None:
    assert absolute(reference, PAGE) == resolved


@given(st.text(max_size=60))
def test_resolution_gives_a_clean_address_or_none(text: str) -> None:
    for reference in (text, "http://" + text, "//" + text, "/" + text):
        url = absolute(reference, PAGE)
        if url is not None:
            assert url.lower().startswith(("http://", "https://"))
            assert "#" not in url
            assert absolute(url, "https://elsewhere.example/") == url


@given(
    st.text("/a1.?;:=&#%\"'~@ é-", max_size=8),
    st.sampled_from(("https://h.example/x/y?z", "http://h:80", "https://h?/r")),
)
def test_a_path_from_the_root_is_resolved_as_any_other(text: str, base: str) -> None:
    """As RFC 3986 has it, whichever way it is found: ``urljoin`` is the judge."""
    reference = f"/a{text}".strip()
    expected = urldefrag(urljoin(base, reference.replace("\\", "/"))).url.rstrip(" ")
    assert absolute(reference, base) == expected


def test_links_come_once_and_in_page_order() -> None:
    markup = "<a href='/b'>1</a><a href='/a'>2</a><a href='/b#x'>3</a><area href='/c'><a name='x'>4</a>"
    assert links(markup) == [
        ("https://news.example.org/b", Relation.LINK),
        ("https://news.example.org/a", Relation.LINK),
        ("https://news.example.org/c", Relation.LINK),
    ]


def test_the_page_itself_is_no_link_of_it() -> None:
    assert links(f"<a href='{PAGE}'>here</a><a href='#top'>top</a><a href=''>self</a>") == []


@pytest.mark.parametrize(
    ("markup", "base"),
    [
        ("<head><base href='https://cdn.example/x/'></head>", "https://cdn.example/x/"),
        ("<head><base href='/root/'></head>", "https://news.example.org/root/"),
        (
            "<head><base target=_blank><base href='/second/'><base href='/third/'></head>",
            "https://news.example.org/second/",
        ),
        ("<head><base href='javascript:x'></head>", PAGE),
        ("<p>none</p>", PAGE),
    ],
)
def test_base(markup: str, base: str) -> None:
    assert base_url(lxml.html.document_fromstring(markup), PAGE) == base


def test_links_are_resolved_against_the_base() -> None:
    assert links("<base href='https://cdn.example/x/'><a href='y'>y</a>") == [
        ("https://cdn.example/x/y", Relation.LINK)
    ]


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<link rel=canonical href='/c'>", [Relation.CANONICAL]),
        ("<link rel='Canonical' href='/c'>", [Relation.CANONICAL]),
        ("<link rel=amphtml href='/amp'>", [Relation.ALTERNATE]),
        ("<link rel=alternate hreflang=fr href='/fr'>", [Relation.ALTERNATE]),
        ("<link rel=alternate type='application/rss+xml' href='/f'>", [Relation.FEED]),
        ("<link rel=alternate type='application/atom+xml; charset=utf-8' href='/f'>", [Relation.FEED]),
        ("<link rel=alternate type='application/feed+json' href='/f'>", [Relation.FEED]),
        ("<link rel=alternate type='application/json' title='JSON Feed' href='/f'>", [Relation.FEED]),
        ("<link rel=alternate type='application/json' href='/wp-json/posts/1'>", []),
        ("<link rel=alternate type='text/xml' href='/feed.xml'>", [Relation.FEED]),
        ("<link rel=alternate type='application/json+oembed' href='/oembed'>", []),
        ("<link rel='alternate stylesheet' type='text/css' href='/s.css'>", []),
        ("<link rel=alternate media=handheld href='/m'>", []),
        ("<link rel='feed' href='/f'>", [Relation.FEED]),
        ("<link rel=next href='/2'>", [Relation.NEXT]),
        ("<link rel=sitemap type='application/xml' href='/s'>", [Relation.SITEMAP]),
        ("<link rel=stylesheet href='/s.css'>", []),
        ("<link rel=canonical>", []),
        ("<meta http-equiv=refresh content='0; url=/new'>", [Relation.REDIRECT]),
        ("<meta http-equiv=Refresh content='5'>", []),
        ("<meta name=description content='x'>", []),
    ],
)
def test_link_elements(element: str, expected: list[Relation]) -> None:
    assert [relation for _, relation in links(f"<head>{element}</head><body>x</body>")] == expected


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=/new", "/new"),
        ("0; URL='https://a.example/x y'", "https://a.example/x y"),
        ('3 ; url = "/q"', "/q"),
        ("0, /bare", "/bare"),
        ("0;/bare", "/bare"),
        ("5", None),
        ("", None),
        ("0;url=", None),
        ("junk", None),
    ],
)
def test_refresh(content: str, target: str | None) -> None:
    assert refresh_target(content) == target


def test_what_the_page_does_not_vouch_for_is_left_out() -> None:
    markup = "<a rel=nofollow href='/n'>n</a><a rel='ugc NoFollow' href='/u'>u</a>"
    markup += "<a rel=sponsored href='/s'>s</a><a rel=noopener href='/k'>k</a>"
    assert links(markup) == [("https://news.example.org/k", Relation.LINK)]


@pytest.mark.parametrize("content", ["nofollow", "noindex, NOFOLLOW", "none"])
def test_robots_nofollow_holds_links_back_but_not_feeds(content: str) -> None:
    markup = f"<meta name=ROBOTS content='{content}'><link rel=alternate type=application/rss+xml href=/f><a href='/a'>a</a>"
    assert links(markup) == [("https://news.example.org/f", Relation.FEED)]


def test_the_same_address_may_stand_in_several_relations() -> None:
    markup = f"<link rel=canonical href='{PAGE}'><link rel=next href='/2'><a href='/2'>2</a>"
    second = "https://news.example.org/2"
    assert links(markup) == [(PAGE, Relation.CANONICAL), (second, Relation.NEXT), (second, Relation.LINK)]


def test_requisites() -> None:
    markup = """
      <link rel=stylesheet href=/s.css><link rel='shortcut icon' href=/i.ico><link rel=canonical href=/c>
      <style>@import "/more.css"; p { background: url( '/p.png' ) }</style><script src=/j.js></script>
      <img src="data:image/gif;base64,R0lG" data-src=/lazy.jpg srcset="/1.jpg 1x, /2.jpg 2x">
      <picture><source srcset="/w.webp 800w, /v.webp"></picture>
      <video poster=/still.jpg></video><div style="background:url(/not-a-requisite-of-ours)"></div>
      <iframe src=/frame></iframe>
    """
    found = [
        link.url.removeprefix("https://news.example.org")
        for link in page_requisites(lxml.html.document_fromstring(markup), PAGE)
    ]
    assert found == [
        "/s.css",
        "/i.ico",
        "/more.css",
        "/p.png",
        "/j.js",
        "/lazy.jpg",
        "/1.jpg",
        "/2.jpg",
        "/w.webp",
        "/v.webp",
        "/still.jpg",
    ]


@pytest.mark.parametrize(
    ("srcset", "addresses"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg 1x, b.jpg 2x", ["a.jpg", "b.jpg"]),
        ("a.jpg 1x,b.jpg 2x", ["a.jpg", "b.jpg"]),
        ("a.jpg, b.jpg", ["a.jpg", "b.jpg"]),
        (" a.jpg 100w 50h ,  b.jpg ", ["a.jpg", "b.jpg"]),
        ("/c_fill,w_100/a.jpg 1x, /c_fill,w_200/a.jpg 2x", ["/c_fill,w_100/a.jpg", "/c_fill,w_200/a.jpg"]),
        (", , ,", []),
        ("", []),
    ],
)
def test_srcset(srcset: str, addresses: list[str]) -> None:
    assert list(srcset_references(srcset)) == addresses


def test_css() -> None:
    style = "@import url(a.css); @import 'b.css'; p{background:url( \"c.png\" )} q{background:url()}"
    assert list(css_references(style)) == ["a.css", "b.css", "c.png", ""]


def test_sitemap_lines_of_robots() -> None:
    robots = (
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /x\r\nSitemap: https://a.example/1.xml\n SITEMAP : /2.xml # ours\r"
        b"sitemap:https://a.example/1.xml\nSitemap:\nSite-map: https://a.example/3.xml\n# Sitemap: /no.xml\nSitemap: javascript:x"
    )
    assert sitemap_links(robots, url="https://a.example/robots.txt") == tuple(
        Link(f"https://a.example/{number}.xml", Relation.SITEMAP) for number in (1, 2, 3)
    )


def test_robots_is_read_up_to_its_limit() -> None:
    robots = b"#" * MAX_ROBOTS_BYTES + b"\nSitemap: https://a.example/late.xml\n"
    assert sitemap_links(robots, url="https://a.example/robots.txt") == ()
