"""How well the kinds of pages are told, on the made pages of ``bench/label_pages`` and on real articles.

    python -m bench.labels [--half tune|held] [--errors] [--articles LABELLED_DIR]

Prints precision and recall of each label. Half of each label's pages, every other one in its file, were looked at while
the rules were made; the other half was held back. All are made by hand, in twelve languages, after what such pages say
and do; they are shorter and cleaner than real ones. So they show what is understood, and not how often it occurs.
``partial`` is an article of which the page shows a part; ``script`` is text that only a script holds (``empty`` else).

LABELLED_DIR holds real article pages, laid out as bench.labelled says: none of them should be told to be
anything else.
"""

import argparse
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from archive.extraction.labels import SCRIPT_HELD
from archive.extraction.page import examine_page
from archive.outcome import PARTLY_VISIBLE, Kind, Outcome
from bench.labelled import read

PAGES = Path(__file__).parent / "label_pages"
HALVES = ("tune", "held")


@dataclass(frozen=True)
class LabelPage:
    label: str
    half: str
    url: str
    html: str


def label_pages(folder: Path = PAGES) -> Iterator[LabelPage]:
    frames, texts = (tomllib.loads((folder / f"{name}.toml").read_text()) for name in ("frames", "texts"))
    for path in sorted(folder.glob("*.toml")):
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        for number, page in enumerate(declared.get("page", ())):
            label = "script" if page.get("held") else declared["label"]
            html = frames[page["frame"]].format(lang=page["lang"], head=page["head"], body=_body(page, texts))
            yield LabelPage(label, HALVES[number % 2], page["url"], html)


def _body(page: dict[str, Any], texts: dict[str, Any]) -> str:
    language = page["lang"].partition("-")[0]
    titles, paragraphs = (texts[kind].get(language, ()) for kind in ("headlines", "paragraphs"))
    pairs = zip(cycle(titles), cycle(paragraphs or [""]), strict=False)
    items = (
        page["item"]
        .replace("{n}", str(n))
        .replace("{title}", title)
        .replace("{text}", text.partition(", ")[0])
        for n, (title, text) in enumerate(islice(pairs, page.get("items", 0)), 1)
    )
    prose = "".join(f"<p>{text}</p>" for text in islice(cycle(paragraphs or [""]), page.get("paragraphs", 0)))
    return str(page["body"]).replace("{items}", "".join(items)).replace("{paragraphs}", prose)


def told(outcome: Outcome) -> str:
    """The label of an outcome: its kind, or which part of an article or of an empty page it is."""
    if outcome.kind is Kind.ARTICLE and outcome.reason.startswith(PARTLY_VISIBLE):
        return "partial"
    if outcome.kind is Kind.EMPTY and outcome.reason.startswith(SCRIPT_HELD):
        return "script"
    return outcome.kind.value


def examine(url: str, html: bytes) -> Outcome:
    return examine_page(html, url=url, content_type="text/html; charset=utf-8")


def figures(pairs: list[tuple[str, str]]) -> Iterator[str]:
    wanted, given = Counter(label for label, _ in pairs), Counter(found for _, found in pairs)
    right = Counter(label for label, found in pairs if label == found)
    yield f"{'label':14}{'pages':>6}{'precision':>11}{'recall':>8}"
    for label in sorted(wanted):
        precision = right[label] / given[label] if given[label] else 0.0
        yield f"{label:14}{wanted[label]:6}{precision:11.3f}{right[label] / wanted[label]:8.3f}"
    yield f"{'all':14}{len(pairs):6}{'':11}{sum(right.values()) / len(pairs):8.3f}"


def real_articles(folder: Path) -> None:
    counts: Counter[str] = Counter()
    for page in read(folder):
        outcome = examine(page.url, page.payload)
        counts[told(outcome)] += 1
        if outcome.kind is not Kind.ARTICLE:
            print(f"  {page.gold['id']}: {outcome.kind.value}: {outcome.reason}")
    print(f"real articles: {counts.total()}, told to be", dict(counts.most_common()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--articles", type=Path, metavar="LABELLED_DIR")
    options = parser.parse_args()
    pairs = []
    for page in label_pages():
        if options.half in (None, page.half):
            outcome = examine(page.url, page.html.encode())
            pairs.append((page.label, told(outcome)))
            if options.errors and pairs[-1][0] != pairs[-1][1]:
                print(f"  {page.label} told {told(outcome)}: {page.url} {outcome.reason} {outcome.evidence}")
    print("\n".join(figures(pairs)))
    if options.articles:
        real_articles(options.articles)


if __name__ == "__main__":
    main()
