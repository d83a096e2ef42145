"""Which words a page's lines share: with its title and description, with the opening of its text, and with each other.

An article keeps to its subject: another one below it, a list of teasers or a notice of the house has words of its own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from archive.extraction.tree import CJK

MIN_WORD = 4
"""Letters from which a word tells what a text is on; in scripts without spaces each two neighbours are one."""
OPENING = 6
"""Lines of prose that open a text."""
NAMES = ("subject_words", "shared_words", "box_subject", "box_opening")
"""The names of the numbers, in their order."""

_WORD = re.compile(r"\w+")

Words = frozenset[str]
Numbers = tuple[float, float, float, float]


def words_of(text: str) -> Words:
    """The words of a text in lower case; a run of one without spaces is one."""
    return frozenset(_WORD.findall(text.casefold()))


def telling(words: Words, text: str) -> Words:
    """Those of a text's ``words`` that tell what it is on."""
    if text.isascii() or not (letters := CJK.findall(text)):
        return frozenset([word for word in words if len(word) >= MIN_WORD])
    pairs = map("".join, pairwise(letters))
    return frozenset([*(w for w in words if len(w) >= MIN_WORD and CJK.search(w) is None), *pairs])


def cohesion(
    told: Mapping[int, Words], subject: Words, prose: Sequence[float], boxes: Mapping[int, Hashable]
) -> dict[int, Numbers]:
    """What each line of ``told``, which has its telling words, shares with the page: shares from 0 to 1, as ``NAMES`` has them.

    How many of its words the page's ``subject`` has, and how many other lines of prose; how much of the subject, and of
    the words that open the text, is said in its box. ``prose`` and ``boxes`` are by line: truth for prose, and its box.
    """
    opening = subject.union(*[words for i, words in told.items() if prose[i]][:OPENING])
    common = Counter([word for i, words in told.items() if prose[i] for word in words])
    said: defaultdict[Hashable, set[str]] = defaultdict(set)
    for i, words in told.items():
        said[boxes[i]] |= words
    of_box = {box: (_share(words, subject), _share(words, opening)) for box, words in said.items()}
    found = {}
    for i, words in told.items():
        least, count = (2 if prose[i] else 1), len(words) or 1
        shared = sum([common[word] >= least for word in words])
        found[i] = (len(words & subject) / count, shared / count, *of_box[boxes[i]])
    return found


def _share(words: Iterable[str], of: Words) -> float:
    return len(of.intersection(words)) / len(of) if of else 0.0
