"""Archived pages rewritten: what a browser fetches or follows leads into the archive, the rest stays as it is."""

import pytest

from archive.replay.css import rewrite_css
from archive.replay.rewrite import rewrite_html, source_set
from tests.patience import steady

PAGE = "https://news.example/a/page.html"


def rewritten(html: str) -> str:
    return rewrite_html(html, PAGE, lambda url: f"/web/T/{url}")


LED_INTO_THE_ARCHIVE = [
    ('<img src="i.png">', '<img src="/web/T/https://news.example/a/i.png">'),
    ("<img src=i.png>", '<img src="/web/T/https://news.example/a/i.png">'),
    ("<IMG SRC='/i.png' ALT=x>", '<img src="/web/T/https://news.example/i.png" alt="x">'),
    ('<a href="//cdn.example/x">', '<a href="/web/T/https://cdn.example/x">'),
    ('<a href=" https://o.example/\n">', '<a href="/web/T/https://o.example/">'),
    ('<a href="?a=1&section=2&amp;b=3">', '<a href="/web/T/https://news.example/a/page.html?a=1&amp;section=2&amp;b=3">'),
    ('<img srcset="a 1x, /b,c 2x">', '<img srcset="/web/T/https://news.example/a/a 1x, /web/T/https://news.example/b,c 2x">'),
    ('<video poster="p.jpg" src="v.mp4">', '<video poster="/web/T/https://news.example/a/p.jpg" src="/web/T/https://news.example/a/v.mp4">'),
    ('<link rel="stylesheet" href="s.css">', '<link rel="stylesheet" href="/web/T/https://news.example/a/s.css">'),
    ('<p style="background: url(b.png)">', '<p style="background: url(&quot;/web/T/https://news.example/a/b.png&quot;)">'),
    ("<style>b{background:url('/b.png')}</style>", '<style>b{background:url("/web/T/https://news.example/b.png")}</style>'),
    ('<img data-src="l.jpg" src="data:image/gif;base64,AA">', '<img data-src="l.jpg" src="/web/T/https://news.example/a/l.jpg">'),
    ('<img data-srcset="l.jpg 2x">', '<img data-srcset="l.jpg 2x" srcset="/web/T/https://news.example/a/l.jpg 2x">'),
    ('<base href="/deep/"><img src="i.png">', '<img src="/web/T/https://news.example/deep/i.png">'),
    ('<base href="/1/"><base href="/2/"><img src="i">', '<img src="/web/T/https://news.example/1/i">'),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), LED_INTO_THE_ARCHIVE)
def test_urls_lead_into_the_archive(html: str, expected: str) -> None:
    assert rewritten(html) == expected


TAKEN_OUT = [
    "<script>document.title = '</div>'</script>",
    "<script src=x.js></script>",
    "<SCRIPT>if (a<b) {}</ScRiPt >",
    "<script>never closed <b>",
    "<script><!-- <script>a</script> b --></script>",
    "<script><!--></script>",
    "<script><!-- <script> --> </script>",
    "<script><!-- a</script>",
    "<script>a<script>b</script>",
    "<script><!-- <scripted> </script>",
    '<iframe src="https://ads.example/"><p>x</p></iframe>',
    '<object data="x.swf"></object>',
    '<embed src="x.swf">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<meta http-equiv="Content-Security-Policy" content="img-src \'none\'">',
    '<link rel="preconnect" href="https://evil.example/">',
    '<link rel="dns-prefetch" href="//evil.example/">',
    '<link rel="preload" as="image" href="x.png">',
    '<link href="x.png">',
    '<base target="_blank">',
    "<!-- <img src=x> -->",
    "<!-->",
    "<!-- never closed <b>",
    '<a href="never closed <b>',
    "<a href='never closed' ",
]


@pytest.mark.parametrize("html", TAKEN_OUT)
def test_what_acts_or_fetches_ahead_is_taken_out(html: str) -> None:
    assert rewritten(html) == ""


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="JaVaScript&#58;alert(1)">x</a>', "<a>x</a>"),
        ('<a href="java\tscript:alert(1)">x</a>', "<a>x</a>"),
        ('<img src="file:///etc/passwd">', "<img>"),
        ('<a href="http://[bad">x</a>', "<a>x</a>"),
        ('<b onclick="x()" ONLOAD=y()>', "<b>"),
        ('<form action="/login" method="post">', '<form method="post">'),
        ('<a target="_blank" ping="/p" href="#top">', '<a href="#top">'),
        ('<img integrity="sha256-x" crossorigin>', "<img>"),
        ('<a href="mailto:a@example.org">', '<a href="mailto:a@example.org">'),
    ],
)
def test_attributes_that_act_are_taken_out(html: str, expected: str) -> None:
    assert rewritten(html) == expected


LEFT_ALONE = [
    "<!doctype html><p>text</p>",
    "a &lt; b &amp; c",
    '<svg viewbox="0 0 1 1"><path d="M0" /><use href="#x" /></svg>',
    "<textarea><img src=x></textarea>",
    "<title>a <b> c</title>",
    "<noscript><p>shown</p></noscript>",
    '<p title="a &quot;b&quot; &lt;c&gt;">',
    "<?xml version='1.0'?>",
]


@pytest.mark.parametrize("html", LEFT_ALONE)
def test_the_rest_stays(html: str) -> None:
    assert rewritten(html) == html


def test_stray_angle_brackets_are_text() -> None:
    assert rewritten("1 < 2 <3 <") == "1 &lt; 2 &lt;3 &lt;"


def test_quotes_inside_a_tag_do_not_hide_its_end() -> None:
    assert rewritten('<p "x><img src="i">') == '<p "x=""><img src="/web/T/https://news.example/a/i">'


@pytest.mark.parametrize("html", [html for html, _ in LED_INTO_THE_ARCHIVE] + LEFT_ALONE + TAKEN_OUT)
def test_every_cut_of_a_page_is_rewritten(html: str) -> None:
    for end in range(len(html)):
        assert "<script" not in rewritten(html[:end]).lower()


UNITS = [
    '<a "', '<a b="', "<!--", "<style>", "<", "<a b=c ", "url(", '<img srcset="a, ', "<script>",
    "<script><!--<script>", "</a", "<p style='url(\"",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_length(unit: str) -> None:
    html = unit * (1_200_000 // len(unit))
    with steady():
        rewritten(html)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.png", [("a.png", "")]),
        (" a.png 1x , b.png 2x ", [("a.png", "1x"), ("b.png", "2x")]),
        ("a.png, b.png", [("a.png", ""), ("b.png", "")]),
        ("w=1,h=2/a.png 640w, c.png", [("w=1,h=2/a.png", "640w"), ("c.png", "")]),
        ("a.png,,", [("a.png", "")]),
        ("", []),
        (" , ,", []),
    ],
)
def test_source_sets(value: str, expected: list[tuple[str, str]]) -> None:
    assert list(source_set(value)) == expected


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a{b:url(x.png)}", 'a{b:url("[x.png]")}'),
        ("a{b:url( 'x.png' )}", 'a{b:url("[x.png]")}'),
        ('@import "x.css";', '@import "[x.css]";'),
        ("@import url(x.css) screen;", '@import url("[x.css]") screen;'),
        ("URL(x)", 'url("[x]")'),
        ('url("a)b")', 'url("[a)b]")'),
        ("url('a\"b</style>')", 'url("[a%22b%3C/style>]")'),
        ("a{color:red}", "a{color:red}"),
    ],
)
def test_style_sheets(css: str, expected: str) -> None:
    assert rewrite_css(css, lambda url: f"[{url}]") == expected


def test_a_url_without_a_place_is_taken_out_of_a_style_sheet() -> None:
    assert rewrite_css("a{b:url(javascript:x)}", lambda _: None) == 'a{b:url("")}'
