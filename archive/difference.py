"""What changed between two documents, block by block: added, removed, changed; title and bylines apart."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from archive.document import ParsedDocument, parse

Operation = Literal["added", "removed", "changed"]
Part = Literal["title", "byline", "block"]

MIN_LIKENESS = 0.5
"""Share of words in common from which a block that went and one that came are one block, changed."""
MAX_BLOCKS = 4_000
"""Of the differing parts of two documents: longer ones are taken as replaced whole."""
MAX_PAIRS = 10_000
"""Pairs of blocks held against each other in one place where the documents differ."""
MAX_MARKED_WORDS = 5_000
"""Of a block whose changes are marked word by word."""

_UNIT = re.compile(r"\s+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``former`` is None for what was added, ``present`` for what was removed."""

    operation: Operation
    part: Part
    former: str | None
    present: str | None


def differences(former: str, present: str) -> list[Change]:
    """The changes that lead from one document's text to another's, in the order of the text."""
    old, new = _parsed(former), _parsed(present)
    changes = [] if old.title == new.title else [Change("changed", "title", old.title, new.title)]
    changes += _changes("byline", old.bylines, new.bylines)
    return changes + _changes("block", [b.text for b in old.blocks], [b.text for b in new.blocks])


def marked(former: str, present: str) -> str:
    """Both texts in one: what went as ``[-…-]``, what came as ``{+…+}``."""
    old, new = _UNIT.findall(former), _UNIT.findall(present)
    if max(len(old), len(new)) > MAX_MARKED_WORDS:
        return f"[-{former}-]{{+{present}+}}"
    parts = []
    for tag, i, k, j, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        went, came = "".join(old[i:k]), "".join(new[j:m])
        parts.append(went if tag == "equal" else f"[-{went}-]" * bool(went) + f"{{+{came}+}}" * bool(came))
    return "".join(parts)


def _parsed(text: str) -> ParsedDocument:
    try:
        return parse(text)
    except ValueError:
        return ParsedDocument(text, (), ())


def _changes(part: Part, old: Sequence[str], new: Sequence[str]) -> list[Change]:
    start, end = _common(old, new)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if len(old) + len(new) > MAX_BLOCKS:
        return list(_one_by_one(part, old, new, []))
    found: list[Change] = []
    for tag, i, k, j, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found += _one_by_one(part, old[i:k], new[j:m], _pairs(old[i:k], new[j:m]))
    return found


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many blocks both have at the start, and at the end."""
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    end = next((i for i in range(shorter - start) if old[-1 - i] != new[-1 - i]), shorter - start)
    return start, end


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which of the blocks that went became which that came: the most alike first, none across another pair."""
    if len(old) * len(new) > MAX_PAIRS:
        return []
    words, others = [_words(text) for text in old], [_words(text) for text in new]
    ranked = sorted(((-_alike(a, b), i, j) for i, a in enumerate(words) for j, b in enumerate(others)))
    chosen: list[tuple[int, int]] = []
    for likeness, i, j in ranked:
        if -likeness >= MIN_LIKENESS and all((i - k) * (j - m) > 0 for k, m in chosen):
            chosen.append((i, j))
    return sorted(chosen)


def _words(text: str) -> Counter[str]:
    return Counter(unit for unit in _UNIT.findall(text.casefold()) if _WORD.match(unit))


def _alike(a: Counter[str], b: Counter[str]) -> float:
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)


def _one_by_one(
    part: Part, old: Sequence[str], new: Sequence[str], pairs: list[tuple[int, int]]
) -> Iterator[Change]:
    done, reached = 0, 0
    for i, j in [*pairs, (len(old), len(new))]:
        yield from (Change("removed", part, text, None) for text in old[done:i])
        yield from (Change("added", part, None, text) for text in new[reached:j])
        if i < len(old) and j < len(new):
            yield Change("changed", part, old[i], new[j])
        done, reached = i + 1, j + 1
