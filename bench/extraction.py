"""Text, metadata and speed of extraction on labelled pages, beside trafilatura's.

    python -m bench.extraction LABELLED_DIR [--model FILE] [--speed PAGES]

LABELLED_DIR is laid out as bench.labelled says; title, authors and date are compared too. F1 is that of the mean precision
and mean recall. The stored line model was trained on the public pages, and so knows them: figures on pages of
hosts that a model has not seen are what ``python -m bench.train_line_model LABELLED_DIR --hold-out 4`` prints. Speed is CPU time of
one process over the same pages in the same run, and comes first: trafilatura's caches would know the pages later on.
"""

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from archive.extraction import model
from archive.extraction.page import examine_page
from archive.outcome import Kind, Outcome
from bench.labelled import Labelled, figures, read, score


def ours(page: Labelled) -> Outcome:
    return examine_page(page.payload, url=page.url, content_type="text/html; charset=utf-8")


def theirs(page: Labelled) -> str:
    return trafilatura.extract(page.payload, favor_precision=True, include_comments=False) or ""


def metadata_figures(outcomes: list[Outcome], pages: list[Labelled]) -> None:
    titles = [o.title == p.gold["title"] for o, p in zip(outcomes, pages, strict=True)]
    pairs = [(o.article, p.gold) for o, p in zip(outcomes, pages, strict=True) if o.article]
    dates = [(a.published or "")[:10] == gold["date"][:10] for a, gold in pairs if gold["date"]]
    authors = [_f1(set(a.authors), set(gold["authors"])) for a, gold in pairs if gold["authors"]]
    for name, found in (("title exact", titles), ("date exact", dates), ("authors F1", authors)):
        if found:
            print(f"{name:28}{len(found):6}  {sum(found) / len(found):.3f}")


def _f1(found: set[str], gold: set[str]) -> float:
    return 2 * len(found & gold) / (len(found) + len(gold))


def speed(name: str, work: Callable[[Labelled], object], pages: list[Labelled]) -> float:
    work(pages[0])
    start = time.process_time()
    for page in pages:
        work(page)
    cost = (time.process_time() - start) / len(pages)
    print(f"{name:28}{len(pages):6}  {cost * 1000:.1f} ms a page")
    return cost


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--speed", type=int, default=60, metavar="PAGES")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.model:
        model.use(options.model.read_bytes())
    pages = read(options.labelled)
    timed = pages[:: max(1, len(pages) // options.speed)]
    cost = speed("palmyra, text metadata links", ours, timed)
    base = speed(
        "trafilatura with metadata",
        lambda p: trafilatura.bare_extraction(p.payload, with_metadata=True),
        timed,
    )
    print(f"{'ratio':34}  {base / cost:.2f}")
    outcomes = [ours(page) for page in pages]
    texts = [o.article.text.partition("\n")[2] if o.article else "" for o in outcomes]
    figures("palmyra", zip(pages, map(score, pages, texts), strict=True))
    figures("trafilatura, precision", ((page, score(page, theirs(page))) for page in pages))
    print(
        f"{'told to be articles':28}{len(pages):6}  {sum(o.kind is Kind.ARTICLE for o in outcomes) / len(pages):.3f}"
    )
    metadata_figures(outcomes, pages)


if __name__ == "__main__":
    main()
