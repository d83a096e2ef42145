"""The line model: boosted decision trees that say how likely a line belongs to the article.

``line_model.json`` holds plain trees, trained by ``bench/train_line_model.py`` on public labelled pages: a node is
``[number, threshold, at most, above]``, a leaf its weight. There are two sets: one that decides alone, and one that
weighs trafilatura's choice and what the first says with all else, for pages where the first is in doubt.
"""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

from archive.extraction import native
from archive.extraction.boxes import Boxes, Kin
from archive.extraction.features import NAMES, Clues, Measures, Rows
from archive.extraction.forest import Forest
from archive.extraction.lines import Line
from archive.extraction.opinions import KEPT, MAX_WEIGHT, doubt, rows_with
from archive.extraction.opinions import NAMES as OPINION_NAMES

MAX_DOUBT = 0.2
"""Doubt up to which the model decides alone. Held out, trafilatura's voice makes the text better where the model is in
doubt, and not where it is sure: asking it of every page costs more than all else and gives no better text."""
MIN_VOTE_SHARE = 0.1
"""Length of what trafilatura chose, as a share of what the model alone would keep, below which it is not heard."""
LIKELY = 0.45
"""Probability from which a line is the article's."""
MIN_ALIKE = 3
"""Boxes alike, and lines in them, from which one tells of the others."""

LINE_MODEL = files("archive.extraction") / "line_model.json"


def keep_lines(
    lines: Sequence[Line], clues: Clues, votes: Callable[[Sequence[float]], Sequence[bool]]
) -> list[float]:
    """For each line the probability that it is the article's; 0 for lines far from any prose.

    ``votes`` asks trafilatura which lines it takes, given those that are likely at all; it is called where the model
    alone is in doubt. Where it takes next to nothing of what the model would keep, the model decides alone.
    """
    page = _measured(lines, clues)
    alone = _probabilities(page.rows(), len(lines), "alone")
    if doubt(lines, alone) <= MAX_DOUBT:
        return level(alone, page.boxes, lines)
    chosen = votes(alone)
    voted = sum(len(line.text) for line, vote in zip(lines, chosen, strict=True) if vote)
    likely = sum(len(line.text) for line, p in zip(lines, alone, strict=True) if p >= KEPT)
    if voted < MIN_VOTE_SHARE * likely:
        return level(alone, page.boxes, lines)
    heard = _probabilities(rows_with(page, chosen, alone), len(lines), "with_votes")
    return level(heard, page.boxes, lines)


def _measured(lines: Sequence[Line], clues: Clues) -> Measures:
    return native.parts.Measures(lines, clues) if native.parts else Measures(lines, clues)


def level(probabilities: Sequence[float], boxes: Boxes, lines: Sequence[Line]) -> list[float]:
    """Each probability moved half the way to the mean of the lines of its look in boxes alike, where there are some.

    Cards of a list are teasers or none is; sections of a text belong to it or none does.
    """
    alike: defaultdict[tuple[Kin, Kin], list[int]] = defaultdict(list)
    for i, parent in boxes.parents.items():
        if probabilities[i] and parent.kin.boxes >= MIN_ALIKE:
            alike[boxes.of[i].own, parent.kin].append(i)
    levelled = list(probabilities)
    for group in alike.values():
        if len(group) >= MIN_ALIKE:
            weights = [min(len(lines[i].text), MAX_WEIGHT) for i in group]
            mean = sum(w * probabilities[i] for w, i in zip(weights, group, strict=True)) / sum(weights)
            for i in group:
                levelled[i] = (probabilities[i] + mean) / 2
    return levelled


def _probabilities(rows: Rows, count: int, name: str) -> list[float]:
    found = [0.0] * count
    if rows.indexes:
        odds = _forests(native.parts)[name].odds(rows.numbers)
        for index, number in zip(rows.indexes, odds, strict=True):
            found[index] = 1 / (1 + math.exp(-number))
    return found


def use(weights: bytes) -> None:
    """Take other weights than the stored ones, to measure them."""
    _forests.cache_clear()
    _data.cache_clear()
    _overrides[:] = [weights]


_overrides: list[bytes] = []


@cache
def _data() -> bytes:
    return _overrides[0] if _overrides else LINE_MODEL.read_bytes()


@cache
def _forests(parts: native.Parts | None) -> dict[str, Forest]:
    """The trees of each set."""
    kind = parts.Forest if parts else Forest
    stored = json.loads(_data())
    if stored["numbers"] != [*NAMES, *OPINION_NAMES]:
        raise ValueError(f"{LINE_MODEL.name} was trained on other numbers: train it again")
    return {name: kind.of(stored[name]) for name in ("alone", "with_votes")}
