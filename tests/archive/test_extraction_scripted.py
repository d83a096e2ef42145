"""Articles that a page's scripts hold for the browser to show: from each form of data, and from no other text."""

import json
from typing import Any

import pytest

from archive.extraction.page import examine_page
from archive.extraction.states import State, flight_rows
from archive.outcome import Kind, Outcome
from tests.patience import steady

TITLE = "Council keeps the old bridge open"
PARAGRAPHS = [
    "The council voted on Tuesday evening to keep the old bridge open for another ten years.",
    "The debate lasted until midnight and drew more listeners than the hall could seat & hold.",
    "Repairs will begin in the autumn and cost about two million, most of it from the region.",
    "“Nobody here wanted to see it closed,” said the mayor, who grew up on the other bank.",
    "A ferry will carry people over the river on the days when the bridge is closed for work.",
    "The engineers found rust in four of the eleven piers when they dived in the spring.",
]
HTML = "".join(f"<p>{text.replace('&', '&amp;')}</p>" for text in PARAGRAPHS)
OTHER = [f"The {name} team lost its match on Sunday after a long and rather quiet second half." for name in
         ("northern", "southern", "eastern", "western", "central", "coastal", "upper", "lower")]  # fmt: skip


def page(data: Any, shown: str = "", *, head: str = "", name: str = "__NEXT_DATA__") -> str:
    stored = json.dumps(data).replace("</", "<\\/")
    return (
        f'<html lang=en><head><title>{TITLE} | Ledger</title><meta property="og:title" content="{TITLE}">'
        f'<meta property="og:type" content="article">{head}</head><body><nav><a href="/">Home</a></nav>'
        f'<main>{shown}</main><script id="{name}" type="application/json">{stored}</script></body></html>'
    )


def examine(html: str) -> Outcome:
    return examine_page(
        html.encode("utf-8", "replace"),
        url="https://ledger.example/news/council-keeps-the-old-bridge-open",
        content_type="text/html; charset=utf-8",
    )


def lines_of(outcome: Outcome) -> list[str]:
    assert outcome.article is not None, outcome
    return [line for line in outcome.article.text.split("\n")[1:] if line]


def story(body: Any) -> dict[str, Any]:
    return {"props": {"pageProps": {"story": {"headline": TITLE, "content": body}}}}


def slate(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "children": [{"text": text[:20]}, {"text": text[20:], "bold": True}]}


FORMS: dict[str, Any] = {
    "a list of strings": PARAGRAPHS,
    "HTML": HTML,
    "plain text with line ends": "\n\n".join(PARAGRAPHS),
    "JSON in a string": json.dumps([slate(text) for text in PARAGRAPHS]),
    "a document of typed nodes": {
        "type": "document",
        "content": [{"type": "paragraph", "content": [{"type": "text", "value": t}]} for t in PARAGRAPHS],
    },
    "Slate": [slate(text) for text in PARAGRAPHS],
    "ProseMirror": {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]} for t in PARAGRAPHS],
    },
    "Contentful": {
        "nodeType": "document",
        "content": [
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": t, "marks": []}]}
            for t in PARAGRAPHS
        ],
    },
    "Portable Text": [
        {"_type": "block", "style": "normal", "children": [{"_type": "span", "text": t}]} for t in PARAGRAPHS
    ],
    "Editor.js": {"blocks": [{"type": "paragraph", "data": {"text": t}} for t in PARAGRAPHS]},
    "Draft.js": {"blocks": [{"type": "unstyled", "text": t} for t in PARAGRAPHS], "entityMap": {}},
    "elements by name": [
        {"type": "tag", "name": "p", "attribs": {}, "children": [{"type": "text", "data": t}]}
        for t in PARAGRAPHS
    ],
    "hast": {
        "type": "root",
        "children": [
            {"type": "element", "tagName": "p", "children": [{"type": "text", "value": t}]}
            for t in PARAGRAPHS
        ],
    },
    "GraphQL": [
        {"__typename": "ParagraphBlock", "content": [{"__typename": "TextInline", "text": t}]}
        for t in PARAGRAPHS
    ],
    "JsonML": ["div", {"class": "body"}, *(["p", t] for t in PARAGRAPHS)],
    "text elements": [{"type": "text", "content": t} for t in PARAGRAPHS],
    "models in models": [
        {"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {"text": t}}]}}
        for t in PARAGRAPHS
    ],
    "parts of a body in a list": [
        {"stream": [slate(text) for text in PARAGRAPHS[:3]]},
        {"stream": [slate(text) for text in PARAGRAPHS[3:]]},
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_data(form: str) -> None:
    outcome = examine(page(story(FORMS[form])))
    assert lines_of(outcome) == PARAGRAPHS
    assert outcome.article is not None
    assert outcome.article.title == TITLE
    assert dict(outcome.article.sources)["text"] == "script __NEXT_DATA__"
    assert "text=script __NEXT_DATA__" in outcome.evidence
    assert outcome.reason == ""


def test_structure_is_kept_and_what_is_no_text_left_out() -> None:
    link = {"type": "link", "data": {"href": "/x"}, "content": [{"type": "text", "value": "the region"}]}
    items = [{"type": "list-item", "content": [{"type": "paragraph", "content": [
        {"type": "text", "value": text}]}]} for text in ("Two lanes for cars", "One for bicycles")]  # fmt: skip
    body = [
        *(slate(text) for text in PARAGRAPHS[:2]),
        {"type": "ad", "data": {}, "content": [{"type": "text", "value": "Buy a boat today."}]},
        {"type": "heading", "level": 3, "children": [{"text": "What will be built"}]},
        {"type": "paragraph", "content": [
            {"type": "text", "value": "It is paid by "}, link, {"type": "text", "value": ", so to say."}]},
        {"type": "unordered-list", "content": items},
        {"type": "image", "caption": "The bridge in spring.", "content": [{"text": "The bridge in spring."}]},
        {"type": "inline-newsletter", "content": [{"text": "Sign up for our letters from the river."}]},
        *(slate(text) for text in PARAGRAPHS[2:]),
    ]  # fmt: skip
    assert lines_of(examine(page(story(body)))) == [
        *PARAGRAPHS[:2],
        "What will be built",
        "It is paid by the region, so to say.",
        "- Two lanes for cars",
        "- One for bicycles",
        *PARAGRAPHS[2:],
    ]


def flight(*rows: str) -> str:
    pushes = "".join(f"<script>self.__next_f.push({json.dumps([1, row])})</script>" for row in rows)
    return page({}).replace(
        "</body>", f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{pushes}</body>"
    )


def elements(texts: list[str]) -> list[Any]:
    return [["$", "p", None, {"children": text}] for text in texts]


def test_flight_elements() -> None:
    inner = json.dumps([["$", "h1", None, {"children": TITLE}], *elements(PARAGRAPHS[:3]), "$L1b"])
    rows = (
        '0:{"f":[["",{},["$","main",null,{"children":"$L1a"}]]]}\n',
        '3:I[1357,[],""]\n1a:["$","$L3",null,{"children":' + inner + "}]\n",
        "1b:" + json.dumps(["$", "div", None, {"children": elements(PARAGRAPHS[3:])}]) + "\n",
    )
    assert lines_of(examine(flight(*rows))) == PARAGRAPHS


def test_flight_text_row_cut_over_two_scripts() -> None:
    text = f"<p>Grüße, 한국 — € 5.</p>{HTML}"
    row = f"24:T{len(text.encode()):x},{text}"
    data = '5:["$","$L3",null,{"state":{"title":' + json.dumps(TITLE) + ',"contentHtml":"$24"}}]\n'
    assert lines_of(examine(flight(row[:40], row[40:], data))) == ["Grüße, 한국 — € 5.", *PARAGRAPHS]


def test_rows_and_references() -> None:
    rows = flight_rows('1:T5,ab\ncd2:["$$5","$1",{"a":["$2:0"]}]\nx\n3:I[1]\n4:broken\n5:"$5"\n6:T99,short')
    state = State("", None, rows)
    assert state.resolve("$1") == "ab\ncd"
    assert state.resolve("$2:0") == "$5"
    assert state.resolve("$2:2:a:0") == "$5"
    assert state.resolve("$L6") == "short"
    for nothing in ("$3", "$4", "$5", "$9", "$undefined", "$2:7", "$2:2:b", "$1:x", "$:"):
        assert state.resolve(nothing) is None
    assert state.resolve("plain") == "plain"


@pytest.mark.parametrize(
    "code",
    [
        "window.__INITIAL_STATE__ = %s;",
        "window.__PRELOADED_STATE__=%s;(function(){var a=[1]}())",
        'window["__x"]=window["__x"]||[];self.__store.push(%s)',
        "window.__INITIAL_STATE__ = JSON.parse(%r);",
    ],
)
def test_assigned_data(code: str) -> None:
    stored = json.dumps(story(HTML)).replace("</", "<\\/")
    made = code.replace("%r", json.dumps(stored).replace("</", "<\\/")).replace("%s", stored)
    made = made.replace('"props"', '"user":undefined,"props"') if "%s" in code else made
    html = page({}).replace("</body>", f"<script>{made}</script></body>")
    assert lines_of(examine(html)) == PARAGRAPHS


def test_a_text_whose_beginning_is_shown_goes_on() -> None:
    shown = f"<h1>{TITLE}</h1><p>The town had waited for years for this to be decided at last.</p><p>{PARAGRAPHS[0]}</p>"
    data = {"store": {"article": {"id": 7, "body": [slate(text) for text in PARAGRAPHS]}}}
    outcome = examine(page(data, shown))
    assert lines_of(outcome)[-len(PARAGRAPHS) :] == PARAGRAPHS
    assert lines_of(outcome)[0].startswith("The town had waited")


def test_a_description_tells_its_text() -> None:
    head = f'<meta name="description" content="{PARAGRAPHS[0]}">'
    assert lines_of(examine(page({"data": {"copy": PARAGRAPHS}}, head=head))) == PARAGRAPHS


def test_of_a_store_of_articles_its_own_is_taken() -> None:
    store = {
        "a": {"title": "Eight teams lose their matches", "body": OTHER},
        "b": {"title": TITLE, "body": PARAGRAPHS, "comments": [{"text": text} for text in OTHER * 3]},
        "c": {"title": "Eight teams lose again", "body": OTHER * 2},
    }
    assert lines_of(examine(page({"articles": store}))) == PARAGRAPHS


@pytest.mark.parametrize(
    "data",
    [
        {"article": {"title": "Eight teams lose their matches", "body": OTHER}},
        {"article": {"body": OTHER}},
        {"title": TITLE, "related": [{"title": "Eight teams lose", "body": OTHER}]},
        {"title": TITLE, "disclaimer": PARAGRAPHS, "summary": PARAGRAPHS},
        {"title": TITLE, "body": OTHER},  # nothing that the title says
        {"title": TITLE, "body": PARAGRAPHS[:3]},  # too short
        {"title": TITLE, "labels": {f"k{i}": text for i, text in enumerate(PARAGRAPHS)}},  # strings apart
        {"title": TITLE, "body": [text.rstrip(".”") for text in PARAGRAPHS]},  # no sentences
        {"title": TITLE, "body": "The bridge. " * 100},  # no paragraphs
    ],
)
def test_other_texts_are_not_taken(data: Any) -> None:
    outcome = examine(page({"props": data}))
    assert outcome.kind is Kind.EMPTY
    assert outcome.article is None


def test_another_text_than_the_one_shown_is_not_taken() -> None:
    shown = f"<h1>{TITLE}</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS[:3])
    plain = examine(page({}, shown))
    outcome = examine(page(story([*PARAGRAPHS[:1], *OTHER * 2]), shown))
    assert outcome.article == plain.article


def test_an_ordinary_page_is_as_without_its_data() -> None:
    shown = f"<h1>{TITLE}</h1>{HTML}"
    assert examine(page(story(HTML), shown)) == examine(page({}, shown))
    assert examine(page(story([{"text": HTML}] * 3), shown)) == examine(page({}, shown))
    long = shown + "".join(f"<p>{text}</p>" for text in OTHER * 2)
    more = [*PARAGRAPHS, *OTHER * 2, *(text.replace("team", "crew") for text in OTHER * 6)]
    assert examine(page(story(more), long)) == examine(page({}, long))


def test_a_page_that_lists_articles_stays_one() -> None:
    teasers = "".join(f'<li><h3><a href="/{i}">{text}</a></h3></li>' for i, text in enumerate(OTHER * 2))
    html = page(story(PARAGRAPHS), f"<ul>{teasers}</ul>").replace('content="article"', 'content="website"')
    outcome = examine_page(html.encode(), url="https://ledger.example/", content_type=None)
    assert outcome.kind is Kind.SECTION


NOT_FREE = json.dumps({"@type": "NewsArticle", "headline": TITLE, "isAccessibleForFree": False})
HEAD = f'<script type="application/ld+json">{NOT_FREE}</script>'


def test_what_stands_behind_a_wall_stays_there() -> None:
    wall = f"<h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p><div>Subscribe to continue reading</div>"
    outcome = examine(page(story(HTML), wall, head=HEAD))
    assert outcome.kind is Kind.PAYWALL
    assert outcome == examine(page({}, wall, head=HEAD))


def test_an_article_that_says_it_is_not_free_and_shows_no_wall_is_read() -> None:
    outcome = examine(page(story(HTML), f"<h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p>", head=HEAD))
    assert lines_of(outcome) == PARAGRAPHS
    assert outcome.article is not None
    assert (outcome.kind, outcome.article.free) == (Kind.ARTICLE, False)


def nested(depth: int) -> str:
    return '{"type":"div","content":[' * depth + json.dumps(PARAGRAPHS) + "]}" * depth


HOSTILE: dict[str, str] = {
    "deep arrays": page({}).replace("{}</script>", "[" * 500_000 + "</script>"),
    "nested nodes": page({}).replace("{}</script>", nested(400) + "</script>"),
    "deeply nested nodes": page({}).replace("{}</script>", nested(50_000) + "</script>"),
    "a cycle": flight('0:["$","p",null,{"children":["$L0","$L1"]}]\n1:["$L0","$0","$1"]\n', "2:" + json.dumps(
        {"title": TITLE, "body": [*PARAGRAPHS, "$2", "$L2", "$2:body"]})),
    "references without end": flight(*(f"{i:x}:{json.dumps([f'$L{i + 1:x}'] * 50)}\n" for i in range(40)),
        "28:" + json.dumps(elements(PARAGRAPHS * 10)) + "\n"),
    "one long list again and again": flight("1:" + json.dumps([{"type": "p", "text": "x"}] * 50_000) + "\n",
        "2:" + json.dumps({"title": TITLE, "body": [*PARAGRAPHS, *["$1"] * 50_000]}) + "\n"),
    "one long text again and again": flight(f"1:T{len(HTML) * 1000:x},{HTML * 1000}",
        "2:" + json.dumps({"title": TITLE, "body": ["$1"] * 50_000, "b": {str(i): "$1" for i in range(50_000)}}) + "\n"),
    "a length beyond the end": flight("1:Tffffffff,x", "2:T,", ":", "\n\n", "3:T0,4:T0,"),
    "brackets": page({}).replace("</body>", "<script>window.__STATE__=" + "([{" * 500_000 + "</script></body>"),
    "tags cut off": page(story("<p " * 500_000 + "</p>")),
    "many undefined": page({}).replace("</body>", "<script>window.__S__={" + '"a":undefined,' * 100_000 + "</script></body>"),
    "lone surrogates and NULs": page(story([f"\x00\ud800{text}\x0b" for text in PARAGRAPHS])),
    "a huge number": page({}).replace("{}</script>", '{"a":' + "9" * 500_000 + "}</script>"),
    "many texts": page({"a": [{"title": TITLE, "body": HTML} for _ in range(3000)]}),
    "a name of 1 MB": page({"title" * 200_000: TITLE, "body": {"type" * 200_000: HTML}}),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_data_ends_soon(case: str) -> None:
    with steady():
        outcome = examine(HOSTILE[case])
    assert outcome.kind in (Kind.EMPTY, Kind.ARTICLE), outcome.reason
