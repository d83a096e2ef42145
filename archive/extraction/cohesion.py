"""Which words a page's lines and boxes share with its title and description, and with the opening of its text.

An article keeps to its subject: another one below it, a list of teasers or a notice of the house has words of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from archive.extraction.boxes import Box
from archive.extraction.lines import CJK

MIN_WORD = 4
"""Letters from which a word tells what a text is on; of scripts without spaces each so many neighbours are one, and
each two of those that write a word in one or two."""
OPENING = 6
"""Lines of prose that open a text."""
_TELLING = re.compile(rf"\w{{{MIN_WORD},}}")

_UNSPACED = re.compile(rf"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{{{MIN_WORD},}}")
"""Runs of letters in Thai, Lao, Burmese and Khmer."""

Words = frozenset[str]


def telling(text: str) -> Words:
    """The words of a text, in lower case, that tell what it is on."""
    words = _TELLING.findall(text.casefold())
    if text.isascii():
        return frozenset(words)
    letters, runs = CJK.findall(text), _UNSPACED.findall(text)
    if not letters and not runs:
        return frozenset(words)
    spaced = (word for word in words if CJK.search(word) is None and _UNSPACED.search(word) is None)
    parts = (run[i : i + MIN_WORD] for run in runs for i in range(len(run) - MIN_WORD + 1))
    return frozenset((*spaced, *map("".join, pairwise(letters)), *parts))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is on: the telling ``words`` of its title and description. ``said`` has, for each box, how much of them
    is said right inside it, and how much of them and of the words that open the text: shares, 0 to 1."""

    words: Words
    said: Mapping[Box, tuple[float, float]]

    @classmethod
    def of(
        cls, words: Words, told: Mapping[int, Words], prose: Sequence[float], boxes: Mapping[int, Box]
    ) -> "Subject":
        """``told`` has the telling words of lines, ``prose`` truth for a line of prose, ``boxes`` the box around each."""
        opening = words.union(*islice((found for i, found in told.items() if prose[i]), OPENING))
        inside: defaultdict[Box, set[str]] = defaultdict(set)
        for i, found in told.items():
            inside[boxes[i]] |= found
        return cls(
            words, {box: (_share(found, words), _share(found, opening)) for box, found in inside.items()}
        )


def _share(words: Iterable[str], of: Words) -> float:
    return len(of.intersection(words)) / len(of) if of else 0.0
