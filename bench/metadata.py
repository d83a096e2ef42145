"""Titles, authors, dates and languages on labelled pages, beside trafilatura's and htmldate's.

    python -m bench.metadata LABELLED_DIR

LABELLED_DIR is laid out as bench.labelled says; ``gold.jsonl`` gives title, authors, date and lang. A title is
compared to the letter, and with white space and no-break spaces alike; authors by F1 of the sets of names, the mean over the
pages where the label names any; a date by its day. ``found`` is the share of pages with any date. The time is that of
reading the metadata of a parsed page, CPU time of one process in the same run. For languages both read the labelled text.
"""

import argparse
import logging
import re
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import htmldate
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.metadata import extract_metadata

from archive.extraction.encoding import html_as_utf8
from archive.extraction.language import detected
from archive.extraction.metadata import read_metadata
from bench.labelled import Labelled, read


@dataclass(frozen=True)
class Found:
    title: str
    authors: frozenset[str]
    date: str


def _parsed(page: bytes) -> HtmlElement:
    """A page as trafilatura and htmldate want it."""
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    return document_fromstring(page, parser=parser)


def ours(root: HtmlElement, url: str) -> Found:
    metadata = read_metadata(root, url)
    return Found(metadata.title, frozenset(metadata.authors), metadata.get("published") or "")


def trafilaturas(root: HtmlElement, url: str) -> Found:
    found = extract_metadata(root, default_url=url)
    authors = (name.strip() for name in (found.author or "").split(";"))
    return Found(found.title or "", frozenset(name for name in authors if name), found.date or "")


def htmldates(root: HtmlElement, url: str) -> Found:
    return Found("", frozenset(), htmldate.find_date(root, url=url, original_date=True) or "")


def measure(
    name: str, look: Callable[[HtmlElement, str], Found], roots: list[HtmlElement], pages: list[Labelled]
) -> None:
    copies = [deepcopy(root) for root in roots]
    look(deepcopy(roots[0]), pages[0].url)  # what libraries load when first used
    start = time.process_time()
    found = [look(root, page.url) for root, page in zip(copies, pages, strict=True)]
    cost = (time.process_time() - start) / len(pages) * 1000
    pairs = [(one, page.gold) for one, page in zip(found, pages, strict=True)]
    print(f"{name:14}{' '.join(figures(pairs))}  {cost:6.1f} ms")


def figures(pairs: list[tuple[Found, dict[str, Any]]]) -> list[str]:
    authors = [_f1(one.authors, frozenset(gold["authors"])) for one, gold in pairs if gold["authors"]]
    dates = [one.date[:10] == gold["date"][:10] for one, gold in pairs if _is_date(gold["date"])]
    columns = (
        [one.title == gold["title"] for one, gold in pairs],
        [_spaced(one.title) == _spaced(gold["title"]) for one, gold in pairs],
        authors,
        dates,
        [bool(one.date) for one, _ in pairs],
    )
    return [f"{sum(column) / len(column):8.3f}" for column in columns]


def _is_date(text: str | None) -> bool:
    return re.match(r"\d{4}-\d\d-\d\d", text or "") is not None


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _f1(found: frozenset[str], gold: frozenset[str]) -> float:
    return 2 * len(found & gold) / (len(found) + len(gold))


def languages(pages: list[Labelled]) -> None:
    told = [
        (page.gold["lang"].partition("-")[0], page.gold["text"][0]) for page in pages if page.gold["text"][0]
    ]
    for length in (100, 200, 1000):
        start = time.process_time()
        right = sum(detected(text[:length]) == code for code, text in told)
        cost = (time.process_time() - start) / len(told) * 1000
        print(f"language of the first {length:4} characters: {right} of {len(told)} right, {cost:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = read(options.labelled)
    roots = [_parsed(html_as_utf8(page.payload, "text/html; charset=utf-8")) for page in pages]
    print(f"{len(pages)} pages  title exact  but spaces  authors  date  found  time a page")
    for name, look in (("palmyra", ours), ("trafilatura", trafilaturas), ("htmldate", htmldates)):
        measure(name, look, roots, pages)
    languages(pages)


if __name__ == "__main__":
    main()
