"""How well article pages are told from all others: by their address, by their content, and by both.

    python -m bench.pagetypes [--half tune|held] [--errors] [--articles LABELLED_DIR]

Addresses: ``bench/page_urls.tsv``, links of news sites labelled by hand. The rules of `crawler.urls.shape` were made with
the half of the sites called "tune" in view; "held" was held back. Contents: made pages that list articles, in several
layouts and languages (`lists`), and those of ``bench/label_pages``, articles and others; with LABELLED_DIR also its real
articles, laid out as bench.train_line_model says. By content alone means: under an address that says nothing.
"""

import argparse
import gzip
import json
import tomllib
import zlib
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

from archive.extraction.page import examine_page
from archive.outcome import Kind
from bench.labels import PAGES, label_pages
from crawler.urls.identity import site_of
from crawler.urls.shape import ARTICLE_LIKE, looks_like_article

URLS = Path(__file__).parent / "page_urls.tsv"
HALVES = ("tune", "held")
BLANK_URL = "https://page.example/x"
ARTICLES = frozenset({"article", "partial", "paywall"})
"""Labels of made pages that are articles, whole or not."""

Judged = tuple[bool, bool, str]
"""Whether a page is an article, whether it was taken for one, and its address."""


def half_of(url: str) -> str:
    """All addresses of a site are in one half."""
    return HALVES[zlib.crc32(site_of(url).encode()) % 2]


def labelled_urls() -> Iterator[tuple[str, str]]:
    for line in URLS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            label, _, url = line.partition("\t")
            yield label, url


def by_address(half: str | None) -> list[Judged]:
    return [
        (label == "article", looks_like_article(url) >= ARTICLE_LIKE, url)
        for label, url in labelled_urls()
        if half in (None, half_of(url))
    ]


FRAME = (
    "<!doctype html><html lang={}><head><title>Harbour | News</title></head><body><nav><a href=/>Home</a>"
    "<a href=/world>World</a></nav><main>{}</main><footer>News 2026</footer></body></html>"
)
LISTS = {
    "teasers": ("/{place}/", "<li><a href='{link}'><h3>{title}</h3></a><p>{text}</p></li>", 20),
    "titles": ("/{place}", "<div class='row'><a href='{link}'>{title}</a> <time>10:4{n}</time></div>", 40),
    "cards": (
        "/{place}/2",
        "<article><a href='{link}'><img src='/i/{n}.jpg'><h2>{title}</h2></a></article>",
        12,
    ),
    "long": ("/", "<section><h2><a href='{link}'>{title}</a></h2><p>{text}</p><p>{text}</p></section>", 8),
    "author": (
        "/author/ada-muster",
        "<article><h2><a href='{link}'>{title}</a></h2><p>{text}</p></article>",
        6,
    ),
    "search": ("/search?q={place}", "<dl><dt><a href='{link}'>{title}</a></dt><dd>… {text} …</dd></dl>", 10),
    "archive": ("/2026/11/", "<tr><td>{n}</td><td><a href='{link}'>{title}</a></td></tr>", 31),
    "topic": ("/tag/{place}", "<div><a href='{link}'>{title}</a><span>{text}</span></div>", 15),
}
"""Layouts of pages that list articles: address, one entry, how many."""


def lists() -> Iterator[tuple[str, str]]:
    """Address and markup of each layout in each language of the made pages' texts."""
    texts = tomllib.loads((PAGES / "texts.toml").read_text("utf-8"))
    for language, titles in texts["headlines"].items():
        for name, (address, entry, count) in LISTS.items():
            pairs = zip(cycle(titles), cycle(texts["paragraphs"].get(language, titles)), strict=False)
            entries = "".join(
                entry.format(
                    n=n, title=title, text=text, link=f"/2026/11/{n % 28 + 1:02}/{language}-report-{n}.html"
                )
                for n, (title, text) in enumerate(islice(pairs, count))
            )
            told = texts["paragraphs"].get(language, titles)[0] if name in ("author", "topic") else ""
            body = f"<h1>Harbour</h1><p>{told}</p>{entries}"
            yield f"https://{language}.example{address.format(place='harbour')}", FRAME.format(language, body)


def pages(articles: Path | None, half: str | None) -> Iterator[tuple[bool, str, bytes]]:
    for page in label_pages():
        if half in (None, page.half):
            yield page.label in ARTICLES, page.url, page.html.encode()
    for number, (url, html) in enumerate(lists()):
        if half in (None, HALVES[number % 2]):
            yield False, url, html.encode()
    if articles:
        for line in (articles / "gold.jsonl").read_text("utf-8").splitlines():
            gold = json.loads(line)
            if half in (None, half_of(gold["url"])):
                yield True, gold["url"], gzip.decompress((articles / gold["html"]).read_bytes())


def is_article(url: str, html: bytes) -> bool:
    kind = examine_page(html, url=url, content_type="text/html").kind
    return kind in (Kind.ARTICLE, Kind.PAYWALL)


def figures(name: str, judged: Iterable[Judged]) -> str:
    judged = list(judged)
    right = sum(true and taken for true, taken, _ in judged)
    taken, true = sum(each[1] for each in judged), sum(each[0] for each in judged)
    return f"{name:28}{len(judged):6}{true:10}{right / max(taken, 1):11.3f}{right / max(true, 1):8.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--articles", type=Path, metavar="LABELLED_DIR")
    options = parser.parse_args()
    contents = list(pages(options.articles, options.half))
    results = {
        "address, links of sites": by_address(options.half),
        "address, pages": [(true, looks_like_article(url) >= ARTICLE_LIKE, url) for true, url, _ in contents],
        "content, pages": [(true, is_article(BLANK_URL, html), url) for true, url, html in contents],
        "both, pages": [(true, is_article(url, html), url) for true, url, html in contents],
    }
    print(f"{'told by':28}{'pages':>6}{'articles':>10}{'precision':>11}{'recall':>8}")
    for name, judged in results.items():
        print(figures(name, judged))
        for true, taken, url in judged if options.errors else ():
            if true != taken:
                print(f"    {'missed' if true else 'taken for an article'}: {url}")


if __name__ == "__main__":
    main()
