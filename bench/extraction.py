"""Text, metadata and speed of extraction on labelled pages, beside trafilatura's.

    python -m bench.extraction LABELLED_DIR [--model FILE] [--speed PAGES]

LABELLED_DIR is laid out as bench.labelled says; title, authors and date are compared too. F1 is that of the mean precision
and mean recall. The stored line model was trained on the public pages, and so knows them: figures on pages of
hosts that a model has not seen are what ``python -m bench.train_line_model LABELLED_DIR --hold-out 4`` prints. Speed is CPU time of
one process, the best of three tries of each page, by both in turn; it comes first.
"""

import argparse
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from archive.extraction import model, native
from archive.extraction.page import examine_page
from archive.outcome import Kind, Outcome
from bench.labelled import Labelled, figures, read, score

TRIES = 3


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


def best(work: Callable[[Labelled], object], page: Labelled) -> float:
    """The least processor time, in seconds, that a page took of some tries: what else the machine does only adds."""
    times = []
    for _ in range(TRIES):
        start = time.process_time()
        work(page)
        times.append(time.process_time() - start)
    return min(times)


def speed(pages: list[Labelled]) -> None:
    """Print the times of both, which take each page in turn, so that neither has the machine to itself."""
    ours(pages[0])
    bare_extraction(pages[0])
    gc.collect()
    gc.freeze()  # as workers do: what was loaded before is not looked at again
    pairs = [(best(ours, page), best(bare_extraction, page)) for page in pages]
    cost, base = (sum(times) / len(pages) for times in zip(*pairs, strict=True))
    for name, seconds in (("palmyra, text metadata links", cost), ("trafilatura with metadata", base)):
        print(f"{name:28}{len(pages):6}  {seconds * 1000:.1f} ms a page")
    print(f"{'ratio':34}  {base / cost:.2f}")


def bare_extraction(page: Labelled) -> object:
    return trafilatura.bare_extraction(page.payload, with_metadata=True)


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
    print(f"{'the parts in C':28}{'used' if native.parts else native.missing}")
    timed = pages[:: max(1, len(pages) // options.speed)]
    speed(timed)
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
