"""Whatever a page holds, the document that is made of it keeps to the format."""

import hashlib
import html
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.document import document_name, parse, render
from archive.extraction.page import examine_page
from archive.extraction.text import page_text
from archive.extraction.tree import drop_unread, parse_html
from archive.outcome import Article, Kind

SENTENCES = (
    "The council voted on Tuesday evening to keep the old bridge open for another ten years.",
    "Der Stadtrat hat am Dienstagabend beschlossen, die alte Brücke noch zehn Jahre offen zu halten.",
    "« Nous attendions cela depuis la crue\u00a0», dit-elle\u202f; le pont reste ouvert pour dix ans encore.",
    "Городской совет во вторник вечером проголосовал за то, чтобы старый мост оставался открытым.",
    "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κρατήσει ανοιχτή την παλιά γέφυρα για δέκα χρόνια.",
    "صوت المجلس البلدي مساء الثلاثاء على إبقاء الجسر القديم مفتوحا لعشر سنوات أخرى، بعد نقاش طويل.",
    "מועצת העיר החליטה ביום שלישי להשאיר את הגשר הישן פתוח לעוד עשר שנים ולשלם את מלוא עלות התיקון.",
    "नगर परिषद ने मंगलवार को पुराने पुल को और दस साल तक खुला रखने और उसकी मरम्मत का फैसला किया।",
    "市議会は火曜日の夜、古い橋をさらに十年間使い続けることを決めた。深夜まで議論が続いたという。",
    "시의회는 화요일 낡은 다리를 앞으로 십 년 더 개방하고 수리 비용을 모두 부담하기로 결정했다.",
    "สภาเมืองตัดสินใจเมื่อวันอังคารให้สะพานเก่าเปิดใช้ต่อไปอีกสิบปี และจ่ายค่าซ่อมแซมทั้งหมด",
    "zero\u200bwidth so\u00adft hy\u00adphens e\u0301 and 👩\u200d👩\u200d👧 stay, as do \u2066isolates\u2069 and \ufeffmarks.",
)
ODD = (
    "&nbsp;",
    "&#160;",
    "&amp;lt;b&amp;gt;",
    "&#x200B;",
    "&#150;",
    "&#13;",
    "&#9;",
    "\r\n",
    "\t",
    "\x0b",
    "\u2028",
    "\x85",
    "\x00",
    "\f",
)
BLANK = ("Cc", "Zs", "Zl", "Zp")
INLINE = ("b", "i", "a", "span", "code", "sub", "ruby", "bdo", "mark", "font", "q", "time", "nosuch")
BLOCK = (
    *(
        "p",
        "div",
        "section",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "caption",
        "blockquote",
        "pre",
        "h2",
        "h3",
    ),
    *(
        "figure",
        "figcaption",
        "dl",
        "dt",
        "dd",
        "details",
        "summary",
        "aside",
        "center",
        "fieldset",
        "address",
        "article",
    ),
)
VOID = ("<br>", "<hr>", "<img alt=x>", "<wbr>", "<!-- c -->", "<input value=x>", "<?pi x?>", "<![CDATA[x]]>")

words = st.one_of(st.sampled_from(SENTENCES), st.sampled_from(ODD), st.text(max_size=30).map(html.escape))
leaves = st.one_of(words, st.sampled_from(VOID))


@st.composite
def elements(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    tag = draw(st.sampled_from((*INLINE, *BLOCK)))
    attributes = draw(
        st.sampled_from(("", "", " class=x", ' style="display:none"', " hidden", " dir=rtl", " start=7"))
    )
    end = draw(st.sampled_from((f"</{tag}>", f"</{tag}>", "", "</p>")))
    return f"<{tag}{attributes}>{''.join(draw(st.lists(inner, max_size=4)))}{end}"


trees = st.recursive(leaves, elements, max_leaves=20)
prose = st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=8).map(
    lambda found: "".join(f"<p>{s}</p>" for s in found)
)


def examine(body: str, title: str = "Title") -> Article | None:
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    payload = page.encode("utf-8", "replace")
    outcome = examine_page(
        payload,
        url="https://example.org/news/2026/03/10/a-long-story",
        content_type="text/html; charset=utf-8",
    )
    assert outcome.kind is not Kind.FAILED, outcome.reason
    assert outcome == examine_page(
        payload,
        url="https://example.org/news/2026/03/10/a-long-story",
        content_type="text/html; charset=utf-8",
    )
    return outcome.article


def keeps_to_the_format(text: str) -> None:
    read = parse(text)
    assert render(read.title, read.bylines, read.blocks) == text
    assert parse(render(read.title, read.bylines, read.blocks)) == read
    for line in text.split("\n"):
        assert not line or any(unicodedata.category(c) not in BLANK for c in line), repr(line)
        assert not line.endswith((" ", "\t")), repr(line)
    assert not set(text) & set("\r\x00")
    name = document_name(5, text)
    assert name == f"00000/005_{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"


@settings(max_examples=40, deadline=None)
@given(prose, trees, prose)
def test_an_article_keeps_to_the_format(before: str, odd: str, after: str) -> None:
    article = examine(f"{before}{odd}{after}")
    if article is not None:
        keeps_to_the_format(article.text)
        assert article.text.split("\n")[0] == article.title


@settings(max_examples=80, deadline=None)
@given(trees, st.lists(trees, max_size=4))
def test_a_page_keeps_to_the_format(first: str, more: list[str]) -> None:
    root = parse_html(f"<body><h1>Title</h1>{first}{''.join(more)}</body>")
    assert root is not None
    drop_unread(root)
    text = page_text(root, "Title", root.find(".//h1"))
    keeps_to_the_format(text)
    assert text == page_text(root, "Title", root.find(".//h1"))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from((*INLINE, *BLOCK)), max_size=6),
    st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=6),
)
def test_no_markup_is_left(tags: list[str], sentences: list[str]) -> None:
    opened = "".join(f"<{tag}>" for tag in tags)
    closed = "".join(f"</{tag}>" for tag in reversed(tags))
    article = examine("".join(f"<p>{opened}{sentence}{closed}&amp;amp;</p>" for sentence in sentences))
    if article is not None:
        assert "<" not in article.text
        assert ">" not in article.text
        assert "&amp;amp;" not in article.text


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(("", "<p>", "<h1>", "<title>", "<ul><li>", "<pre>", "<script>", "<meta ")),
)
def test_any_bytes_are_a_page(noise: bytes, opening: str) -> None:
    payload = (
        f"<html><body><h1>T</h1>{'<p>' + SENTENCES[0] * 3}{opening}".encode()
        + noise
        + b"</p>"
        + SENTENCES[1].encode() * 3
    )
    outcome = examine_page(payload, url="https://example.org/a-long-story-1234", content_type=None)
    assert outcome.kind is not Kind.FAILED, outcome.reason
    if outcome.article is not None:
        keeps_to_the_format(outcome.article.text)


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_any_title_is_one_line(title: str) -> None:
    article = examine("".join(f"<p>{sentence}</p>" for sentence in SENTENCES[:5]), html.escape(title))
    if article is not None:
        keeps_to_the_format(article.text)
        assert article.title.count("\n") == 0
