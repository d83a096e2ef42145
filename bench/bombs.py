"""Pages made to break extraction, each through the pool with its real limits, good pages between them.

    python -m bench.bombs [NAME ...] [--time-limit S] [--memory-limit BYTES]

For each: the seconds it took, the kind and reason that it ended with, and the text that was kept of it. Exit code 1 where
one ended without a reason or beyond its limit, or where a good page was not read as an article.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from archive.entries import Examination
from archive.extraction.pool import WorkerPool
from archive.outcome import Kind
from tests.archive.stored import response, store

TIME_LIMIT_S = 10.0
MEMORY_LIMIT_BYTES = 1_000_000_000
SLACK_S = 3.0
"""Beyond its time limit, for a worker to be killed and another to start."""

PROSE = "<p>The rain fell over the hills for hours, and nobody who had been out came back dry.</p>" * 12
GOOD = f"<!doctype html><html lang=en><head><title>Rain</title></head><body><article><h1>Rain</h1>{PROSE}</article></body></html>"


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html lang=en><head><title>Bomb</title>{head}</head><body>{body}</body></html>".encode()


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def article(body: str, head: str = "") -> bytes:
    return page(f"<article><h1>Bomb</h1>{PROSE}{body}</article>", head)


_NESTED_TYPES = [
    "article",
    "section",
    "div",
    "aside",
    "main",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dd",
    "table",
    "tr",
    "td",
    "span",
    "b",
    "i",
    "em",
    "a",
    "font",
]

BOMBS: dict[str, Callable[[], bytes]] = {
    "100,000 attributes": lambda: article(f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>x</p>"),
    "10,000 short sections": lambda: page("<section><p>a short one</p></section>" * 10_000),
    "table of 20,000 x 20": lambda: page(
        "<table>" + ("<tr>" + "<td>x</td>" * 20 + "</tr>") * 20_000 + "</table>"
    ),
    "a million nested div": lambda: page("<div>" * 1_000_000 + "deep" + PROSE),
    "a million nested b": lambda: article("<b>" * 1_000_000 + "deep"),
    "100,000 nested tables": lambda: article("<table><tr><td>" * 100_000 + "deep"),
    "100,000 nested lists": lambda: article("<ul><li>" * 100_000 + "deep"),
    "50 MB in one text": lambda: page("<p>" + "word " * 10_000_000 + "</p>"),
    "12 MB in one text": lambda: page("<p>" + "word, " * 2_000_000 + "</p>"),
    "one word of 20 MB": lambda: page("<p>" + "x" * 20_000_000),
    "200,000 paragraphs": lambda: page(
        "<p>One of very many paragraphs of this page, all of them alike.</p>" * 200_000
    ),
    "200,000 links": lambda: article('<a href="/a">a headline that links somewhere else</a> ' * 200_000),
    "500,000 br": lambda: article("a<br>" * 500_000),
    "a flood of entities": lambda: article("<p>" + "&amp;&#x1F600;&notit;&nosuch; " * 300_000),
    "a comment of 30 MB": lambda: article(f"<!-- {'- ' * 15_000_000} -->"),
    "300,000 open comments": lambda: article("<!--" * 300_000),
    "JSON-LD nested 100,000 deep": lambda: article("", ld('{"a":' * 100_000)),
    "JSON-LD arrays nested 100,000 deep": lambda: article("", ld("[" * 100_000 + "]" * 100_000)),
    "JSON-LD graph nested 900 deep": lambda: article("", ld('{"@graph":[' * 900 + "]}" * 900)),
    "JSON-LD of 20 MB": lambda: article(
        "", ld('{"@type":"NewsArticle","articleBody":"' + "word " * 4_000_000 + '"}')
    ),
    "JSON-LD with 200,000 objects": lambda: article("", ld("[" + '{"@type":"Article"},' * 200_000 + "{}]")),
    "JSON-LD with a huge number": lambda: article(
        "", ld('{"@type":"Article","headline":' + "9" * 1_000_000 + "}")
    ),
    "JSON-LD full of trailing commas": lambda: article("", ld("[" + "," * 3_000_000 + " " * 100_000)),
    "JSON-LD full of white space": lambda: article("", ld("[1," + " " * 3_000_000 + "x")),
    "JSON-LD full of entities": lambda: article("", ld("&amp;" * 1_000_000)),
    "100,000 scripts of JSON-LD": lambda: article("", ld('{"@type":"Person"}') * 100_000),
    "100,000 meta": lambda: article("", '<meta name="author" content="Ada Kline">' * 100_000),
    "a meta with a million names": lambda: article("", f'<meta property="{"a " * 1_000_000}" content=x>'),
    "a title of 5 MB": lambda: article("", f"<title>{'a | b ' * 800_000}</title>"),
    "og:title of 1 MB, 200 headings of 5 KB": lambda: article(
        "".join(f"<h1>{'ab' * 2500}{n}</h1>" for n in range(200)),
        f'<meta property="og:title" content="{"ba" * 500_000}">',
    ),
    "an author of 2 MB": lambda: article("", f'<meta name=author content="{"by a and " * 200_000}">'),
    "an author of 2 MB of parentheses": lambda: article(
        "", f'<meta name=author content="{"(" * 2_000_000}">'
    ),
    "bylines of 1 MB": lambda: article("".join(f"<p class=byline>{'By ' * 20_000}</p>" for _ in range(20))),
    "a date of 2 MB": lambda: article(
        "", f'<meta property="article:published_time" content="{"2026-" * 400_000}">'
    ),
    "100,000 time elements": lambda: article("<time>10 March</time>" * 100_000),
    "datelines of 2 MB": lambda: article("<p>" + "1 de de " * 250_000),
    "prose of cookies": lambda: article("<p>" + "cookies " * 500_000),
    "prose of pages not found": lambda: page("<p>" + "page not " * 400_000),
    "prose of subscriptions": lambda: article("<p>" + "subscribe " * 400_000),
    "words of dashes": lambda: article("<p>" + "a-" * 2_000_000),
    "20 MB of NUL": lambda: b"\0" * 20_000_000 + page(PROSE),
    "NUL between all letters": lambda: article("x").replace(b"e", b"\0e\0"),
    "20 MB of <": lambda: page("<" * 20_000_000),
    "20 MB of spaces": lambda: page(" " * 20_000_000 + PROSE),
    "20 MB of U+00A0": lambda: page("\u00a0" * 10_000_000 + PROSE),
    "zero-width letters": lambda: page("<p>" + "\u200b\u200d\ufeff" * 2_000_000 + PROSE),
    "combining marks": lambda: article("<p>e" + "\u0301" * 3_000_000),
    "right-to-left overrides": lambda: article("<p>" + "\u202e\u202d" * 2_000_000),
    "an endless select": lambda: article("<select>" + "<option>" * 300_000),
    "an endless textarea": lambda: article("<textarea>" + "<p>word</p>" * 500_000),
    "an endless script": lambda: article("<script>" + "var a = '<p>';" * 500_000),
    "an endless title": lambda: b"<html><head><title>" + b"word <p>text</p> " * 500_000,
    "an endless attribute": lambda: article('<p title="' + "word " * 2_000_000),
    "100,000 microdata objects": lambda: article(
        "<div itemscope itemprop=author>" * 2000 + "<b itemprop=name>x</b>" * 100_000
    ),
    "500,000 list items": lambda: article("<ol>" + "<li>item" * 500_000),
    "a list from a huge number": lambda: article(f"<ol start={'9' * 400_000} reversed>" + "<li>item" * 1000),
    "a pre of 10 MB": lambda: article("<pre>" + "line\n" * 2_000_000 + "</pre>"),
    "a style attribute of 5 MB": lambda: article(f'<p style="{"color: red; " * 400_000}">x'),
    "50,000 style attributes": lambda: article('<p style="margin : 0; display">word</p>' * 50_000),
    "a class of 5 MB": lambda: article(f'<p class="{"author " * 700_000}">x'),
    "frames and plaintext": lambda: article("<frameset><noframes><plaintext>" + "<p>word</p>" * 200_000),
    "misnested formatting": lambda: article("<b><i><u><a href=/x><p>" * 20_000),
    "many kinds nested": lambda: article("".join(f"<{name}>" for name in _NESTED_TYPES) * 3000 + "deep"),
    "an svg of 10 MB": lambda: article("<svg>" + "<path d='M0 0'/>" * 600_000 + "</svg>"),
    "data address of 20 MB": lambda: article(f'<img src="data:image/png;base64,{"A" * 20_000_000}">'),
    "UTF-16 of 20 MB without a mark": lambda: page("<p>" + "word " * 2_000_000).decode().encode("utf-16-le"),
    "bytes of no encoding": lambda: page(PROSE) + bytes(range(128, 256)) * 100_000,
    "ISO-2022-JP escapes": lambda: page(PROSE) + b"\x1b$B" * 2_000_000,
    "state in a script of 20 MB": lambda: page(
        '<script>window.__STATE__={"a":"' + 'b \\"' * 5_000_000 + '"}</script>'
    ),
}


def run(names: list[str], time_limit_s: float, memory_limit_bytes: int) -> bool:
    fine = True
    with (
        tempfile.TemporaryDirectory() as folder,
        WorkerPool(1, time_limit_s=time_limit_s, memory_limit_bytes=memory_limit_bytes) as pool,
    ):
        _through(pool, Path(folder), "first", GOOD.encode())
        for number, name in enumerate(names):
            examination, took = _through(pool, Path(folder), f"bomb{number}", BOMBS[name]())
            good, _ = _through(pool, Path(folder), f"good{number}", GOOD.encode())
            outcome = examination.outcome
            kept = len(outcome.article.text) if outcome.article else 0
            ended = took <= time_limit_s + SLACK_S and (outcome.kind is Kind.ARTICLE or bool(outcome.reason))
            fine = fine and ended and good.outcome.kind is Kind.ARTICLE
            note = "" if ended else "  NOT AS IT SHOULD" if good.outcome.article else "  THE GOOD PAGE FAILED"
            print(
                f"{name:40}{took:6.1f} s  {outcome.kind.value:9}{kept:9}  {outcome.reason[:70]}{note}",
                flush=True,
            )
    return fine


def _through(pool: WorkerPool, folder: Path, name: str, body: bytes) -> tuple[Examination, float]:
    ((path, offset),) = store(
        folder, [(f"https://news.example.org/2026/{name}-of-rain", response(body))], prefix=name
    )
    start = time.monotonic()
    examination = pool.submit(path, offset).result()
    took = time.monotonic() - start
    path.unlink()
    return examination, took


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="bombs whose names hold this; all without any"
    )
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT_S, metavar="S")
    parser.add_argument("--memory-limit", type=int, default=MEMORY_LIMIT_BYTES, metavar="BYTES")
    options = parser.parse_args()
    names = [name for name in BOMBS if not options.names or any(part in name for part in options.names)]
    sys.exit(0 if run(names, options.time_limit, options.memory_limit) else 1)


if __name__ == "__main__":
    main()
