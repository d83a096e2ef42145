"""Which words a page's lines and boxes share with its title and description, and with the opening of its text.

An article keeps to its subject: another one below it, a list of teasers or a notice of the house has words of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from archive.extraction.boxes import Box
from archive.extraction.tree import CJK

MIN_WORD = 4
"""Letters from which a word tells what a text is on; in scripts without spaces each two neighbours are one."""
OPENING = 6
"""Lines of prose that open a text."""
_WORD = re.compile(r"\w+")

Words = frozenset[str]


def words_of(text: str) -> Words:
    """The words of a text in lower case; a run of one without spaces is one."""
    return frozenset(_WORD.findall(text.casefold()))


def telling(words: Words, text: str) -> Words:
    """Those of a text's ``words`` that tell what it is on."""
    if text.isascii() or not (letters := CJK.findall(text)):
        return frozenset([word for word in words if len(word) >= MIN_WORD])
    pairs = map("".join, pairwise(letters))
    return frozenset([*(w for w in words if len(w) >= MIN_WORD and CJK.search(w) is None), *pairs])


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
