"""Duplicates found and missed, over pairs made from articles. ``python -m bench.duplicates [--texts FILE.jsonl]``

Each article of the demo site and of made prose (or each ``text`` of a JSON Lines export) is kept in a catalog with one
altered copy at a time. Copies that a desk or an extractor makes should be found: edited words, a new lead, paragraphs cut
or moved, page furniture between. Texts that only share something should not: background paragraphs of another article,
templates filled anew. Every other pair of articles counts as different too.
"""

import argparse
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive.capture import CaptureRef
from archive.catalog import Catalog
from archive.entries import CaptureEntry, DocumentRow
from archive.likeness import body, normal_words
from archive.outcome import Article, Kind, Outcome
from crawler.demo.articles import load_articles

SEED = 7
MADE = 120
"""Articles of made prose, besides the demo site's."""
MIN_WORDS = 60
Alter = Callable[[str, random.Random, Sequence[str]], str]


def paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def edited(share: float) -> Alter:
    """This share of the words replaced, each by a word of another article."""

    def alter(text: str, rng: random.Random, words: Sequence[str]) -> str:
        parts = re.split(r"(\W+)", text)
        return "".join(
            rng.choice(words) if part.isalnum() and rng.random() < share else part for part in parts
        )

    return alter


def cut(share: float) -> Alter:
    """This share of the text left out at its end, in whole paragraphs."""

    def alter(text: str, _: random.Random, __: Sequence[str]) -> str:
        kept: list[str] = []
        for part in paragraphs(text):
            if kept and sum(map(len, kept)) >= len(text) * (1 - share):
                break
            kept.append(part)
        return "\n".join(kept)

    return alter


def new_lead(text: str, rng: random.Random, words: Sequence[str]) -> str:
    first, *rest = paragraphs(text)
    return "\n".join([edited(0.6)(first, rng, words), *rest])


def moved(text: str, rng: random.Random, _: Sequence[str]) -> str:
    parts = paragraphs(text)
    if len(parts) > 2:
        at = rng.randrange(1, len(parts) - 1)
        parts[at], parts[at + 1] = parts[at + 1], parts[at]
    return "\n".join(parts)


def furnished(text: str, rng: random.Random, words: Sequence[str]) -> str:
    parts = []
    for number, part in enumerate(paragraphs(text)):
        parts += [part, f"Read more: {' '.join(rng.choices(words, k=8))}"] if number % 4 == 3 else [part]
    return "\n".join([*parts, "Sign up to our newsletter and follow us for more."])


def background(text: str, rng: random.Random, words: Sequence[str]) -> str:
    """Another article that ends in about a third of this one."""
    parts = paragraphs(text)
    while len(parts) > 1 and sum(map(len, parts)) > len(text) / 3:
        parts.pop(0)
    news = " ".join(rng.choices(words, k=len(normal_words(text)) * 2 // 3))
    return "\n".join([news, *parts])


SAME: dict[str, Alter] = {
    "case and punctuation": lambda text, *_: text.upper().replace(",", " –"),
    "1 % of words edited": edited(0.01),
    "3 % of words edited": edited(0.03),
    "5 % of words edited": edited(0.05),
    "a fifth cut": cut(0.2),
    "a third cut": cut(0.33),
    "new lead": new_lead,
    "paragraphs moved": moved,
    "page furniture": furnished,
    "3 % edited and a fifth cut": lambda text, *rest: cut(0.2)(edited(0.03)(text, *rest), *rest),
}
DIFFERENT: dict[str, Alter] = {
    "a third is background": background,
    "template, 15 % filled anew": edited(0.15),
    "template, 20 % filled anew": edited(0.20),
    "template, 30 % filled anew": edited(0.30),
}


def made_prose(rng: random.Random) -> Iterator[str]:
    """Articles of invented words, as frequent as words are (Zipf)."""
    letters = "aeioubcdfglmnprstv"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(8000)]
    weights = [1 / (rank + 2) for rank in range(len(vocabulary))]
    for _ in range(MADE):
        counts = [rng.randint(25, 90) for _ in range(rng.randint(4, 14))]
        yield "\n".join(", ".join(_clauses(rng.choices(vocabulary, weights, k=count))) for count in counts)


def _clauses(words: list[str]) -> Iterator[str]:
    for start in range(0, len(words), 9):
        yield " ".join(words[start : start + 9])


def texts_of(path: Path | None, rng: random.Random) -> list[str]:
    if path is None:
        demo = (re.sub(r"<[^>]+>", "", article.body) for article in load_articles())
        found = [*demo, *made_prose(rng)]
    else:
        found = [body(json.loads(line)["text"]) for line in path.read_text("utf-8").splitlines()]
    return [text for text in found if len(normal_words(text)) >= MIN_WORDS]


class Shelf:
    """A catalog in a folder of its own that takes texts as documents of pages nobody captured."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog.open(folder / "catalog.sqlite")
        self.count = 0

    def add(self, texts: Sequence[str]) -> None:
        with self.catalog.transaction():
            for text in texts:
                self._add(text)

    def _add(self, text: str) -> None:
        number, url = self.count, f"https://site{self.count}.example/article"
        ref = CaptureRef("made.warc.gz", number, f"urn:made:{number}")
        date = datetime(2026, 1, 1, tzinfo=UTC)
        article = Article(f"Title {number}\n\n" + "\n\n".join(paragraphs(text)), f"Title {number}")
        self.catalog.add_capture(CaptureEntry(ref, 1, url, date), Outcome(Kind.ARTICLE), document=number)
        self.catalog.add_document(
            DocumentRow(
                id=number,
                capture=number,
                name=f"{number}.txt",
                url=url,
                final_url=url,
                canonical_url=None,
                ref=ref,
                date=date,
                payload_digest=None,
                text_digest=str(number),
                characters=len(text),
                article=article,
                extractor="bench",
                extractor_version="1",
            )
        )
        self.count += 1

    def pairs(self) -> set[tuple[int, int]]:
        """Every two documents that are in one cluster."""
        clusters = list(self.catalog.duplicates.with_several())
        members = [
            sorted(m.document for m in self.catalog.duplicates.members(cluster)) for cluster in clusters
        ]
        return {(a, b) for found in members for n, a in enumerate(found) for b in found[n + 1 :]}


def measure(texts: Sequence[str], alter: Alter, words: Sequence[str]) -> tuple[int, int, float]:
    """How many altered copies were found, how many pairs that are none, and milliseconds a document."""
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.add(texts)
        start = time.perf_counter()
        shelf.add([alter(text, rng, words) for text in texts])
        spent = (time.perf_counter() - start) / len(texts) * 1000
        pairs = shelf.pairs()
        shelf.catalog.close()
    right = {(number, number + len(texts)) for number in range(len(texts))}
    return len(pairs & right), len(pairs - right), spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, help="a JSON Lines export to take the articles from")
    texts = texts_of(parser.parse_args().texts, random.Random(SEED))
    words = [word for text in texts for word in normal_words(text)]
    print(f"{len(texts)} articles, each with one altered copy\n")
    print(f"{'altered by':30} {'found':>7} {'other pairs':>12} {'ms a text':>10}")
    found = wrong = others = 0
    for kinds, same in ((SAME, True), (DIFFERENT, False)):
        for name, alter in kinds.items():
            right, other, spent = measure(texts, alter, words)
            print(f"{name:30} {right / len(texts):7.1%} {other:12} {spent:10.2f}")
            found, wrong = found + right * same, wrong + right * (not same)
            others += other
    print(
        f"\nrecall on copies {found / len(texts) / len(SAME):.3f}, precision {found / (found + wrong + others):.3f}"
    )


if __name__ == "__main__":
    main()
