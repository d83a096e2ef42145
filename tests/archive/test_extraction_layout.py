"""What lines a page shows, by the display rules of its elements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extraction.layout import layout
from archive.extraction.text import blocks, page_text
from archive.extraction.tree import parse_html
from tests.patience import steady

PROSE = f"{'Word ' * 25}end."
CASES = {
    "inline elements leave no trace": ("<p>sur<a href=x>Telegram</a>, <b>bo</b>ld", "surTelegram, bold"),
    "white space collapses as in a browser": ("<p>a \t\n b<b> c</b> <i> d</i></p>", "a b c d"),
    "no-break spaces stay": ("<p>1&nbsp;000&nbsp;</p><p>\u2009x\u3000", "1\u00a0000\u00a0\n\n\u2009x\u3000"),
    "zero-width characters stay": ("<p>a\u200bb\u00adc\ufeffd\u200f</p>", "a\u200bb\u00adc\ufeffd\u200f"),
    "entities": ("<p>&lt;b&gt; &amp;amp; &eacute; &#8212; &#150;</p>", "<b> &amp; é — –"),
    "paragraphs": ("<p>a</p><p>b</p>", "a\n\nb"),
    "empty paragraphs show nothing": ("<p>a</p><p>&nbsp;</p><p>\u200b</p><p></p><p>b</p>", "a\n\nb"),
    "divs stack": ("<div>a<div>b</div>c</div><div>d</div>", "a\nb\nc\nd"),
    "divs of prose are paragraphs": (
        f"<div>{'Word ' * 25}end.</div><div>{'Next ' * 25}end.</div>",
        f"{'Word ' * 25}end.\n\n{'Next ' * 25}end.",
    ),
    "short ones among them too": (
        f"<h1>a</h1><i>b</i><div><div class=p>c</div><div class=p>{PROSE}</div><b>d</b><div class=p>{PROSE}<br>e</div></div>f",
        f"a\n\nb\n\nc\n\n{PROSE}\n\nd\n\n{PROSE}\ne\n\nf",
    ),
    "one of prose alone is none": (
        f"<div class=p>{PROSE}</div><div class=p>b</div><div class=p>c",
        f"{PROSE}\nb\nc",
    ),
    "what stands in a paragraph stays with it": (
        f"<div><div class=p>{PROSE}<div>b</div></div><div class=p>{PROSE}</div></div>",
        f"{PROSE}\nb\n\n{PROSE}",
    ),
    "br ends a line, two a paragraph": ("<p>a<br>b<br><br>c<br></p><p>d", "a\nb\n\nc\n\nd"),
    "caption under its credit": (
        "<figure><img alt=x><span>c</span><figcaption>d</figcaption></figure>",
        "c\nd",
    ),
    "headings": ("<h2>a</h2>b<h3>c</h3>", "a\n\nb\n\nc"),
    "list": ("<ul><li>a<li>b</ul>", "- a\n- b"),
    "nested list": ("<ul><li>a<ul><li>b<ol><li>c</ol></ul>d<li>e</ul>", "- a\n  - b\n    1. c\n  d\n- e"),
    "list in a list": ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    "numbered list": ("<ol start=3><li>a<li value=7>b<li>c</ol>", "3. a\n7. b\n8. c"),
    "reversed list": ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
    "paragraphs in items": ("<ul><li><p>a</p><p>b</p></li><li><div>c</div></li></ul>x", "- a\n  b\n- c\n\nx"),
    "item without a list": ("<li>a</li>", "- a"),
    "definition list": ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
    "quotation": ("a<blockquote><p>b<p>c</blockquote>d", "a\n\nb\n\nc\n\nd"),
    "table rows": ("<table><caption>t</caption><tr><th>a<th>b<tr><td><p>1</p><td>2</table>", "t\na b\n1 2"),
    "table for layout": ("<table><tr><td><p>a<p>b</td><td>c</td></tr></table>", "a\n\nb\n\nc"),
    "preformatted": ("<pre>\n a\n\n\n\n  b \n</pre>c", " a\n\n  b\n\nc"),
    "ruby": ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢(kan)字"),
    "buttons are inline": ("<button>Tout</button><button>Rien</button>", "ToutRien"),
    "what is never shown": (
        (
            "a<script>b</script><style>c</style><template>d</template><noscript>e</noscript><svg><title>f</title></svg>"
            "<select><option>g</select><textarea>h</textarea><iframe>i</iframe><!-- j -->k"
        ),
        "ak",
    ),
    "what the page hides": (
        'a<p hidden>b</p><p style="color:red; display : none">c</p><p style="visibility:hidden">d</p>e',
        "a\n\ne",
    ),
    "what the page hides inside a line": (
        "<p>a <span style='display:none'>b<b>c</b></span>d<a href=x hidden>e</a>, <a href=y>f<i hidden>g</i></a>h",
        "a d, fh",
    ),
    "hidden with a block inside": ("<div>a<span hidden>b<div>c</div></span>d</div>", "a\nd"),
    "hidden in a cell and an item": (
        "<table><tr><td>a<b hidden>b</b><td>c</table><ul><li><i hidden>d</i>e",
        "a c\n\n- e",
    ),
    "closed dialogs and popovers": (
        "a<dialog>b</dialog><dialog open popover>c</dialog><div popover>d</div><p>e <span popover=manual>f</span>g",
        "a\n\nc\n\ne g",
    ),
    "for screen readers alone": (
        (
            "<p>a<a href=x>b<span class='x sr-only'> (c)</span></a> <span class=visually-hidden>d</span>e"
            "<span class=visuallyhidden>f</span><span class='screen-reader-text'>g<i>h</i></span>"
            "<span class=element-invisible>i</span>"
        ),
        "ab e",
    ),
    "punctuation for screen readers": ("<p>a<span class=sr-only>:</span> b", "a: b"),
    "classes that are like those for screen readers": (
        "<p>a<span class=not-sr-only>b</span><span class='md:sr-only sr-only-x'>c</span><p class=sr-only>d",
        "abc\n\nd",
    ),
    "a break that is closed": ("<p>a</br>b</BR >c<br/>d</p>", "a\nb\nc\nd"),
    "a paragraph that is closed without being open": (
        "<div>a</p>b</div>c</p> <b>d</b></P >\n&amp;e<p>f</p>g<p>h<div>i</div></p>j</p></p>",
        "a\n\nb\nc\n\nd\n\n&e\n\nf\n\ng\n\nh\n\ni\n\nj",
    ),
    "what follows elements without content": (
        "<p>a <embed src=x>b<p>c<picture><source srcset=x><img></picture><video><track>d</video>e<div><source>f</div>g",
        "a b\n\nce\n\nf\ng",
    ),
    "what is shown in the place of words": (
        "<p>a <progress>50 %</progress><meter>b</meter>c",
        "a c",
    ),
    "numbers as HTML reads them": (
        "<ol start=' 3abc'><li>a<li value=1_0>b<li value=x>c<li value=99999999999>d<li value=-2>e</ol>",
        "3. a\n1. b\n2. c\n3. d\n-2. e",
    ),
    "items that are not shown": (
        "<ol><li>a<li hidden>b<li style='display:none'>c<li>d</ol>",
        "1. a\n2. d",
    ),
    "text of a list before its items": (
        "<ul>a<li>b<p>c</p><ul>d<li>e</ul>f</ul>",
        "a\n- b\n  c\n  d\n  - e\n  f",
    ),
    "right to left": ("<p dir=rtl>مرحبا <bdi>12</bdi> بكم</p>", "مرحبا 12 بكم"),
    "navigation": ("<nav>a</nav><div role=navigation>b</div>c", "c"),
}


@pytest.mark.parametrize("case", CASES)
def test_lines(case: str) -> None:
    html, expected = CASES[case]
    root = parse_html(f"<body>{html}</body>")
    assert root is not None
    assert page_text(root) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<!doctype html><title>T</title><article><h1>a</h1><p>b</article>", "a\n\nb"),
        ("<title>T</title><main>a<p>b</main>c<p>d", "a\n\nb\n\nc\n\nd"),
        (
            "<title>T</title><meta charset=utf-8><x-y>a</x-y><link rel=icon href=i><section>b</section>",
            "a\n\nb",
        ),
        ("<title>T</title><nav>a</nav>b<body class=c>c<p>d", "bc\n\nd"),  # the navigation is left out
        ("<head><title>T</title><noscript><b>a</b></noscript></head><main>b", "b"),
        ("<head></head><main>a", "a"),
        ("<main>a", "a"),
    ],
)
def test_a_head_ends_where_what_is_no_head_begins(html: str, expected: str) -> None:
    root = parse_html(html)
    assert root is not None
    assert page_text(root) == expected


def test_a_long_page_in_the_head_is_moved_in_one_go() -> None:
    with steady():
        root = parse_html("<title>T</title>" + "<x-y>a </x-y>" * 150_000 + "<body>b<p>c")
    assert root is not None
    body = root[-1]
    assert (body.tag, len(body), body[-2].tail, body[-1].text) == ("body", 150_001, "b", "c")


def test_a_hidden_link_counts_for_nothing() -> None:
    root = parse_html("<body><p>a<a href=x hidden>bc</a>de<a href=y>f</a></p></body>")
    assert root is not None
    assert [(line.text, line.linked, line.links) for line in layout(root)] == [("adef", 1, 1)]


def test_the_page_starts_at_its_heading() -> None:
    root = parse_html("<body><div>menu</div><h1>A<br> title</h1><p>text</p></body>")
    assert root is not None
    assert page_text(root, "x", root.find(".//h1")) == "A title\n\ntext"


def test_a_page_without_heading_starts_with_its_title() -> None:
    root = parse_html("<body><p>text</p></body>")
    assert root is not None
    assert page_text(root, "Title") == "Title\n\ntext"


@pytest.mark.parametrize("depth", [255, 256, 1000, 2048, 20_000])
def test_deep_nesting_keeps_its_text(depth: int) -> None:
    root = parse_html(f"<body>{'<div>' * depth}deep{'</div>' * depth}<p>after</p></body>")
    assert root is not None
    assert [line.text for line in layout(root)] == ["deep", "after"]


@pytest.mark.parametrize("tag", ["b", "li", "font", "table", "blockquote"])
def test_deep_nesting_of_any_element_keeps_its_text(tag: str) -> None:
    root = parse_html(f"<body>{f'<{tag}>' * 5000}deep{f'</{tag}>' * 5000}<p>after</p></body>")
    assert root is not None
    assert [line.text for line in layout(root)] == ["deep", "after"]


def test_a_long_text_node_is_kept() -> None:
    root = parse_html(f"<body><p>{'x' * 11_000_000}</p><p>after</p></body>")
    assert root is not None
    assert [len(line.text) for line in layout(root)] == [11_000_000, 5]


@pytest.mark.parametrize("text", ["", " ", "<!-- -->", "plain"])
def test_texts_that_are_hardly_html(text: str) -> None:
    root = parse_html(text)
    assert root is None or all(line.text == "plain" for line in layout(root))


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "b",
        "a",
        "br",
        "pre",
        "h2",
        "blockquote",
        "figure",
        "ruby",
        "rt",
    ]
)
TREES = st.recursive(
    st.sampled_from(["word", " ", "a b", "\u00a0", "\n", "x\ty", "漢字", "&amp;", "\u200b"]),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)
    ),
    max_leaves=25,
)


@given(TREES)
def test_any_page_renders_to_the_format(html: str) -> None:
    root = parse_html(f"<body><h1>T</h1>{html}</body>")
    assert root is not None
    text = page_text(root, "T", root.find(".//h1"))
    assert text.startswith("T")
    assert "\n\n\n" not in text
    assert text == text.strip("\n")
    assert not any(row != row.rstrip(" ") for row in text.split("\n"))
    assert "<" not in text
    assert blocks(layout(root)) == blocks(layout(root))
