"""What is known of each line of a page, as numbers for the line model.

Nothing here names a site: only HTML's own elements, words that class names are made of everywhere, the shape and place
of the text, its words, and the page's own ``articleBody``.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np
from lxml.etree import _Element

from archive.extraction.boxes import GROUPS, LEVELS, Box, Boxes, Signature, levels_to
from archive.extraction.cohesion import Subject, telling
from archive.extraction.forest import Numbers
from archive.extraction.lines import Line, weighed_length
from archive.extraction.phrases import CALL_WORDS

PROSE_LENGTH = 60
"""Characters from which an unlinked line counts as prose."""
PROSE_LEVELS = 3
"""Containers of a line, from its parent up, that its prose counts for."""
MIN_CLAIMED = 15
"""Characters without white space from which a line is looked for in the page's own ``articleBody``."""
REACH = 5
"""Lines around prose or a vote that may belong to the article."""
NEAR = 4
"""Lines on either side of one among which those of prose are counted."""
SPACELESS_WORD = 12
"""Weighed characters of a word, at least, where none are told apart by spaces; far more than words have elsewhere."""
LINK_DENSITY = 0.9
"""Share of a line's characters inside links from which it is one."""
FURTHEST = 50
"""Lines; further away is as far."""
MAX_DISTANCE = 99
"""The same for the nearest mark, and the number for none."""

HOLDERS = {
    tag: number
    for number, tag in enumerate(
        (
            *("p", "div", "li", "h1", "h2", "h3", "h4", "figcaption"),
            *("figure", "td", "tr", "blockquote", "dt", "dd", "section", "article"),
        )
    )
}
KINDS = {
    kind: number
    for number, kind in enumerate(
        ("paragraph", "heading", "list", "quote", "caption", "table", "lines", "pre")
    )
}
STYLES = {"em": 1, "i": 1, "strong": 2, "b": 2, "a": 3, "span": 4, "time": 5}
OTHER_STYLE, AND_MORE = 6, 10
_NO_HEADING = (MAX_DISTANCE, -1)
ENDS = tuple(".!?…。！？।؟\"”»’'）」:")

NAMES: tuple[str, ...] = (
    *("log_length", "words", "link_density", "ends_sentence", "kind", "style", "call", "links"),
    *("body", "body_since", "body_until", "subject_words"),
    *("from_heading", "from_first_prose", "from_last_prose", "from_main_start", "from_main_end"),
    *("length_after", "prose_near", "heading_above", "heading_level", "prose_before", "prose_after"),
    *("holder", "depth", "class_prose", "own_linked", "own_count", "own_length"),
    *(f"up_{group}" for group in GROUPS),
    *("siblings", "box_subject", "box_opening", "same_article", "prose_parent", "prose_grand", "prose_great"),
    *(f"{what}_{level}" for level in range(LEVELS) for what in ("linked", "count")),
    *("kin_linked", "kin_count", "kin_boxes", "kin_length"),
)  # fmt: skip
"""The names of the numbers, in their order in a row."""


class Rows(NamedTuple):
    """The indexes of some lines, and the ``numbers`` (numbers x lines) that are known of them."""

    indexes: list[int]
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the page beside its lines; ``heading_at`` is the title's line, or -1."""

    title: str = ""
    description: str = ""
    body: str = ""
    heading_at: int = -1


class Measures:
    """The measures of a page, and the rows of the lines near its prose; other lines are no article's."""

    def __init__(self, lines: Sequence[Line], clues: Clues) -> None:
        self.lines, self.clues = lines, clues
        self.count = len(lines)
        self.lengths = [weighed_length(line.text) for line in lines]
        self.densities = [line.linked / len(line.text) if line.linked else 0.0 for line in lines]
        self.prose = [
            n if n >= PROSE_LENGTH and d < 0.5 else 0
            for n, d in zip(self.lengths, self.densities, strict=True)
        ]
        self.prose[: clues.heading_at + 1] = [0] * (clues.heading_at + 1)
        self.total_prose = max(sum(self.prose), 1)
        self.near = list(near(self.prose))
        self.boxes = Boxes(lines, self.near)
        self._measure_prose()
        self._measure_main()
        self._measure_claims()
        self._measure_sequence()
        self._measure_subject()

    def rows(self, wanted: Sequence[bool] = ()) -> Rows:
        """The numbers of each line near prose but those that no article has; of those ``wanted`` in any case."""
        kept = [i for i in self.near if (wanted and wanted[i]) or not self._is_remote(i)]
        if not kept:
            return Rows(kept, np.empty((len(NAMES), 0), np.float32))
        columns = np.array([*self._shape(kept), *self._claims(kept), *self._place(kept)], np.float32)
        return Rows(kept, np.vstack((columns, self._around(kept))))

    def _is_remote(self, i: int) -> bool:
        """Whether no prose is near the line in the tree, or it is a link among links: next to no article has such."""
        parent = self.boxes.parents[i]
        if parent.up().up().prose == 0:
            return True
        return self.densities[i] >= LINK_DENSITY and 2 * parent.kin.linked > parent.kin.size

    def _measure_prose(self) -> None:
        """Prose under the nearest containers of each line, and in the lines of its class."""
        self.class_prose: Counter[Signature] = Counter()
        for index, length in enumerate(self.prose):
            if length:
                self.class_prose[self.boxes.of[index].signature] += length
                for box in islice(self.boxes.parents[index].chain(), PROSE_LEVELS):
                    box.prose += length

    def _measure_main(self) -> None:
        """The container with the most prose right inside it, and where its lines begin and end."""
        direct: Counter[Box] = Counter()
        articles: Counter[_Element | None] = Counter()
        parents = self.boxes.parents
        for i, parent in parents.items():
            if self.prose[i]:
                direct[parent] += self.prose[i]
                articles[parent.article] += self.prose[i]
        del articles[None]
        self.main_article = max(articles, key=articles.__getitem__, default=None)
        self.edges = (-1, -1, -1, -1)
        if direct:
            best = max(direct, key=direct.__getitem__)
            inside = [i for i, parent in parents.items() if parent is best]
            prose = [i for i in inside if self.prose[i]]
            self.edges = (prose[0], prose[-1], inside[0], inside[-1])

    def _measure_claims(self) -> None:
        """Which lines stand in the page's own ``articleBody``."""
        body = packed(self.clues.body)
        self.body_hits = [False] * self.count
        if body:
            keys = [packed(line.text) for line in self.lines]
            self.body_hits = [len(key) >= MIN_CLAIMED and key in body for key in keys]
        self.body_since, self.body_until = distances(self.body_hits)

    def _measure_sequence(self) -> None:
        """The prose before each line, and the lines since the heading above it, with its level."""
        self.prose_before = list(accumulate(self.prose, initial=0))
        self.heading_above: list[tuple[int, int]] = []
        above, level = -1, -1
        for index, line in enumerate(self.lines):
            self.heading_above.append((min(index - above, FURTHEST), level) if above >= 0 else _NO_HEADING)
            if line.kind == "heading":
                above, level = index, int(line.element.tag[1])

    def _measure_subject(self) -> None:
        """The words of the lines near prose, and what the page is on."""
        self.told = {i: telling(self.lines[i].text) for i in self.near}
        words = telling(self.clues.title) | telling(self.clues.description)
        self.subject = Subject.of(words, self.told, self.prose, self.boxes.parents)

    def _shape(self, kept: Sequence[int]) -> Iterator[Sequence[float]]:
        lines = [self.lines[i] for i in kept]
        lengths = [self.lengths[i] for i in kept]
        yield [math.log1p(n) for n in lengths]
        yield [
            max(line.text.count(" ") + 1, n // SPACELESS_WORD) for line, n in zip(lines, lengths, strict=True)
        ]
        yield [self.densities[i] for i in kept]
        yield [line.text.rstrip("\u00a0 ").endswith(ENDS) for line in lines]
        yield [KINDS[line.kind] for line in lines]
        yield [_style(line.element) for line in lines]
        yield [len(self.told[i] & CALL_WORDS) for i in kept]
        yield [line.links for line in lines]

    def _claims(self, kept: Sequence[int]) -> Iterator[Sequence[float]]:
        for numbers in (self.body_hits, self.body_since, self.body_until):
            yield [numbers[i] for i in kept]
        words = self.subject.words
        yield [len(self.told[i] & words) / (len(self.told[i]) or 1) for i in kept]

    def _place(self, kept: Sequence[int]) -> Iterator[Sequence[float]]:
        """Where the lines stand on the page, and what stands beside them."""
        heading, before, total = self.clues.heading_at, self.prose_before, self.total_prose
        yield [min(i - heading, 200) if heading >= 0 else -1 for i in kept]
        for edge in self.edges:
            yield [max(-FURTHEST, min(FURTHEST, i - edge)) for i in kept]
        yield [math.log1p(self.lengths[i + 1]) if i + 1 < self.count else 0.0 for i in kept]
        near_by = [self.prose[max(0, i - NEAR) : i + NEAR + 1] for i in kept]
        yield [(len(lengths) - lengths.count(0)) / len(lengths) for lengths in near_by]
        yield [self.heading_above[i][0] for i in kept]
        yield [self.heading_above[i][1] for i in kept]
        yield [before[i] / total for i in kept]
        yield [(total - before[i + 1]) / total for i in kept]

    def _around(self, kept: Sequence[int]) -> Numbers:
        """What is known of the elements around the lines."""
        found = []
        for i in kept:
            box, parent = self.boxes.of[i], self.boxes.parents[i]
            if box.own_numbers is None:
                box.own_numbers = self._box_numbers(box)
            if parent.numbers is None:
                parent.numbers = self._container_numbers(parent)
            found.append(box.own_numbers + parent.numbers)
        return np.array(found, np.float32).T

    def _box_numbers(self, box: Box) -> tuple[float, ...]:
        """What is known of a line's element, and of those of its name and class."""
        own = box.own
        return (
            HOLDERS.get(box.signature[0], -1),
            box.depth,
            self.class_prose[box.signature] / self.total_prose,
            own.linked / (own.size or 1),
            min(own.count, 99),
            own.size / own.count,
            *levels_to(box),
        )

    def _container_numbers(self, parent: Box) -> tuple[float, ...]:
        """What the containers of a line hold: the same for all lines right inside one."""
        around = list(islice(parent.chain(), LEVELS))
        shares = [box.prose / self.total_prose for box in around[:PROSE_LEVELS]]
        sizes = [number for box in around for number in (box.linked / (box.size or 1), min(box.count, 200))]
        article, kin = self.main_article, parent.kin
        return (
            min(parent.children, 60),
            *self.subject.said[parent],
            -1 if article is None else parent.article is article,
            *[*shares, 0.0, 0.0, 0.0][:PROSE_LEVELS],
            *[*sizes, *[0.0] * (2 * LEVELS)][: 2 * LEVELS],
            kin.linked / (kin.size or 1),
            min(kin.count, 99),
            min(kin.boxes, 50),
            kin.size / kin.count,
        )


def near(marks: Sequence[object]) -> Iterator[int]:
    """The indexes within reach of a mark, from either side."""
    stop = 0
    for mark in (index for index, mark in enumerate(marks) if mark):
        start, stop = max(stop, mark - REACH), min(mark + REACH + 1, len(marks))
        yield from range(start, stop)


def distances(marks: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Lines since the last mark, and until the next."""
    since, until = [MAX_DISTANCE] * len(marks), [MAX_DISTANCE] * len(marks)
    if not any(marks):
        return since, until
    for found, order in ((since, range(len(marks))), (until, range(len(marks) - 1, -1, -1))):
        last = None
        for index in order:
            last = index if marks[index] else last
            found[index] = MAX_DISTANCE if last is None else min(abs(index - last), MAX_DISTANCE)
    return since, until


def _style(element: _Element) -> int:
    """What inline element a line begins with, and whether more follows it."""
    if not len(element) or (element.text or "").strip():
        return 0
    first = element[0]
    more = len(element) > 1 or (first.tail or "").strip()
    return STYLES.get(first.tag, OTHER_STYLE) + (AND_MORE if more else 0)


def packed(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())
