"""Labelled pages: read from a folder, scored, and their figures by group.

The folder holds ``gold.jsonl``, a line a page: id, html (path of a gzip file), url, lang, text (accepted texts), and title,
authors and date where they are known.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from archive.extraction.addresses import registrable_domain
from bench.shingles import overlap, words

LOW = 0.8
"""F1 of a page below which its text is of little use."""


@dataclass(frozen=True)
class Labelled:
    gold: dict[str, Any]
    payload: bytes

    @property
    def url(self) -> str:
        return str(self.gold["url"])

    @property
    def texts(self) -> list[str]:
        return list(self.gold["text"])

    @cached_property
    def host(self) -> str:
        return registrable_domain(self.url)

    def fold(self, count: int) -> int:
        """Which of ``count`` folds the page's host is in."""
        return int(hashlib.sha256(self.host.encode()).hexdigest(), 16) % count

    def groups(self) -> Iterator[str]:
        yield "all"
        yield str(self.gold["id"]).partition("-")[0]
        yield "English" if self.gold.get("lang") == "en" else "not English"


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float
    f1: float
    exact: bool


def read(folder: Path) -> list[Labelled]:
    golds = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    return [Labelled(gold, gzip.decompress((folder / gold["html"]).read_bytes())) for gold in golds]


def score(page: Labelled, text: str) -> Score:
    """Against the accepted text that it is most like."""
    best = max((overlap(gold, text) for gold in page.texts), key=lambda found: found[2])
    return Score(*best, any(words(gold) == words(text) for gold in page.texts))


def figures(name: str, scores: Iterable[tuple[Labelled, Score]]) -> None:
    """Print precision, recall, F1 of their means, the share of exact texts and of low ones, by group."""
    groups: dict[str, list[Score]] = {}
    for page, found in scores:
        for group in page.groups():
            groups.setdefault(group, []).append(found)
    print(f"{name:30}{'pages':>7}{'P':>8}{'R':>8}{'F1':>8}{'exact':>8}{f'<{LOW}':>8}")
    for group, rows in groups.items():
        p, r = (sum(values) / len(rows) for values in ([s.precision for s in rows], [s.recall for s in rows]))
        exact, low = sum(s.exact for s in rows) / len(rows), sum(s.f1 < LOW for s in rows) / len(rows)
        f1 = 2 * p * r / (p + r) if p + r else 0.0
        print(f"  {group:28}{len(rows):7}{p:8.4f}{r:8.4f}{f1:8.4f}{exact:8.3f}{low:8.3f}")
