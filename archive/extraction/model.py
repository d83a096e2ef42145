"""The line model: boosted decision trees that say how likely a line belongs to the article.

``line_model.json`` holds plain trees, trained by ``bench/train_line_model.py`` on public labelled pages: a node is
``[number, threshold, at most, above]``, a leaf its weight. There are two sets: one that weighs
trafilatura's choice with all else, and one without it, for pages where trafilatura finds next to nothing.
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from archive.extraction.features import NAMES, Clues, rows
from archive.extraction.tree import Line

MIN_VOTE_SHARE = 0.1
"""Length of what trafilatura chose, as a share of what the model alone would keep, below which it is not heard."""
STEP = 10
"""Trees after which a line may be settled early."""
SETTLED = 2.5
"""Log-odds beyond which a line is settled early."""


LINE_MODEL = files("archive.extraction") / "line_model.json"

Tree = Any
"""A leaf's weight, or (index into the row, threshold, subtree for at most, subtree for above)."""


def keep_lines(lines: Sequence[Line], clues: Clues, chosen: Sequence[bool]) -> list[float]:
    """For each line the probability that it is the article's; 0 for lines far from any prose.

    ``chosen`` says which lines trafilatura takes. Where that is next to nothing of what the model would keep without it,
    the model decides alone.
    """
    alone = _probabilities(lines, [False] * len(lines), clues, "without_votes")
    voted = sum(len(line.text) for line, vote in zip(lines, chosen, strict=True) if vote)
    likely = sum(len(line.text) for line, p in zip(lines, alone, strict=True) if p >= 0.5)
    if voted < MIN_VOTE_SHARE * likely:
        return alone
    return _probabilities(lines, chosen, clues, "with_votes")


def _probabilities(lines: Sequence[Line], votes: Sequence[bool], clues: Clues, name: str) -> list[float]:
    found = [0.0] * len(lines)
    trees = _trees()[name]
    for index, row in rows(lines, votes, clues).items():
        found[index] = _probability(row, trees)
    return found


def _probability(row: Sequence[float], trees: Sequence[Tree]) -> float:
    odds = 0.0
    for count, tree in enumerate(trees, 1):
        node = tree
        while type(node) is tuple:
            node = node[2] if row[node[0]] <= node[1] else node[3]
        odds += node
        if count % STEP == 0 and abs(odds) > SETTLED:
            break
    return 1 / (1 + math.exp(-odds))


def use(weights: bytes) -> None:
    """Take other weights than the stored ones, to measure them."""
    _trees.cache_clear()
    _data.cache_clear()
    _overrides[:] = [weights]


_overrides: list[bytes] = []


@cache
def _data() -> bytes:
    return _overrides[0] if _overrides else LINE_MODEL.read_bytes()


@cache
def _trees() -> dict[str, tuple[Tree, ...]]:
    stored = json.loads(_data())
    if stored["numbers"] != list(NAMES):
        raise ValueError(f"{LINE_MODEL.name} was trained on other numbers: train it again")
    return {name: tuple(_tuples(tree) for tree in stored[name]) for name in ("with_votes", "without_votes")}


def _tuples(node: Any) -> Tree:
    return (
        tuple(_tuples(part) if isinstance(part, list) else part for part in node)
        if isinstance(node, list)
        else node
    )
