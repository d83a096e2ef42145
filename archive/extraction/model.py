"""The line model: boosted decision trees that say how likely a line belongs to the article.

``line_model.json`` holds plain trees, trained by ``bench/train_line_model.py`` on public labelled pages: a node is
``[number, threshold, at most, above]``, a leaf its weight. There are two sets: one that sees trafilatura's choice, and
one for pages of which trafilatura took next to nothing.
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from archive.extraction.features import NAMES, VOTE_NAMES, Clues, rows
from archive.extraction.tree import Line

MIN_VOTE_SHARE = 0.1
"""Share of the page's prose that trafilatura must have chosen for its choice to be heard."""
STEP = 10
"""Trees after which a line may be settled early."""
SETTLED = 2.0
"""Log-odds beyond which a line is settled early."""

_FILE = "line_model.json"
_VOTE_SHARE = NAMES.index("vote_share")
_VOTE_INDEXES = tuple(index for index, name in enumerate(NAMES) if name in VOTE_NAMES)

Tree = Any
"""A leaf's weight, or (index into the row, threshold, subtree for at most, subtree for above)."""


def keep_lines(lines: Sequence[Line], votes: Sequence[bool], clues: Clues) -> list[float]:
    """For each line the probability that it is the article's; 0 for lines far from any prose."""
    found = [0.0] * len(lines)
    for index, row in rows(lines, votes, clues).items():
        blind = row[_VOTE_SHARE] < MIN_VOTE_SHARE
        if blind:
            for vote in _VOTE_INDEXES:
                row[vote] = 0.0
        found[index] = _probability(row, _trees()["without_votes" if blind else "with_votes"])
    return found


@cache
def digest() -> str:
    """The first eight hex digits of the SHA-256 of the weights."""
    return sha256(_data()).hexdigest()[:8]


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
    digest.cache_clear()
    _data.cache_clear()
    _overrides[:] = [weights]


_overrides: list[bytes] = []


@cache
def _data() -> bytes:
    return _overrides[0] if _overrides else (resources.files("archive.extraction") / _FILE).read_bytes()


@cache
def _trees() -> dict[str, tuple[Tree, ...]]:
    stored = json.loads(_data())
    if stored["numbers"] != list(NAMES):
        raise ValueError(f"{_FILE} was trained on other numbers: train it again")
    return {name: tuple(_tuples(tree) for tree in stored[name]) for name in ("with_votes", "without_votes")}


def _tuples(node: Any) -> Tree:
    return (
        tuple(_tuples(part) if isinstance(part, list) else part for part in node)
        if isinstance(node, list)
        else node
    )
