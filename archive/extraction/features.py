"""What is known of each line of a page, as numbers for the line model.

Nothing here names a site: only HTML's own elements, words that class names are made of everywhere, the shape and place
of the text, and two opinions: trafilatura's choice and the page's own ``articleBody``.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.extraction.boxes import FAR, GROUPS, LEVELS, Boxes, levels_to
from archive.extraction.phrases import CALL_WORDS
from archive.extraction.tree import Line, weighed_length

PROSE_LENGTH = 60
"""Characters from which an unlinked line counts as prose."""
MAX_WORDED_LENGTH = 700
"""Characters from which a line's single words are not looked at."""
MAX_SHAPE_LENGTH = 300
"""Characters of a line whose shape is looked at."""
MIN_DESCRIPTION = 20
"""Characters without white space from which a description can open the text."""
DESCRIPTION_START = 40
"""Characters of the description that are compared with a line's."""
REACH = 5
"""Lines around prose or a vote that may belong to the article."""
SPACELESS_WORD = 12
"""Weighed characters of a word, at least, where none are told apart by spaces; far more than words have elsewhere."""
LINK_DENSITY = 0.9
"""Share of a line's characters inside links from which it is one."""
FURTHEST = 50
"""Lines; further away is as far."""

_HOLDERS = {
    tag: number
    for number, tag in enumerate(
        (
            *("p", "div", "li", "h1", "h2", "h3", "h4", "figcaption"),
            *("figure", "td", "tr", "blockquote", "dt", "dd", "section", "article"),
        )
    )
}
_KINDS = {
    kind: number
    for number, kind in enumerate(
        ("paragraph", "heading", "list", "quote", "caption", "table", "lines", "pre")
    )
}
_STYLES = {"em": 1, "i": 1, "strong": 2, "b": 2, "a": 3, "span": 4, "time": 5}
_OTHER_STYLE, _AND_MORE = 6, 10
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_ENDS = tuple(".!?…。！？।؟\"”»’'）」:")

NAMES: tuple[str, ...] = (
    *("log_length", "words", "link_density", "ends_sentence", "upper", "titlecase", "colon", "quotes"),
    *("holder", "kind", "style", "depth", "call", "links", "unshown"),
    *(f"up_{group}" for group in GROUPS),
    *("body", "body_since", "body_until", "body_cover", "title_like", "description_like", "description_start"),
    *("from_heading", "position", "prose_parent", "prose_grand", "prose_great", "main_distance", "main_shared"),
    *("from_first_prose", "from_last_prose", "from_main_start", "from_main_end", "same_article"),
    *("length_before", "length_after", "length_after_2", "density_before", "density_after", "prose_near"),
    *("heading_above", "heading_level", "prose_before", "prose_after", "siblings", "class_prose"),
    *(f"{what}_{level}" for level in range(LEVELS) for what in ("linked", "count")),
    *("kin_linked", "kin_count", "kin_boxes", "kin_length", "own_linked", "own_count", "own_length"),
)  # fmt: skip
"""The names of the numbers, in their order in a row."""

VOTE_NAMES: tuple[str, ...] = (
    *("vote", "vote_before", "vote_after", "vote_near", "vote_parent", "since_vote", "until_vote"),
    *("vote_share", "vote_start", "class_votes", "kin_votes"),
)
"""The names of the numbers that trafilatura's choice adds to a row."""

Rows = dict[int, list[float]]
"""A row of numbers by the index of its line."""


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
        self.densities = [line.linked / max(len(line.text), 1) for line in lines]
        self.prose = [
            n if n >= PROSE_LENGTH and d < 0.5 and i > clues.heading_at else 0
            for i, (n, d) in enumerate(zip(self.lengths, self.densities, strict=True))
        ]
        self.total_prose = max(sum(self.prose), 1)
        self.boxes = Boxes(lines)
        self._rows: Rows = {}
        self._measure_prose()
        self._measure_main()
        self._measure_claims()
        self._measure_sequence()

    def rows(self) -> Rows:
        """A row, as ``NAMES`` has it, for each line near prose."""
        for index in _near(self.prose):
            if not self._is_remote(index):
                self._row(index)
        return self._rows

    def rows_with(self, votes: Sequence[bool]) -> Rows:
        """A row, as ``NAMES`` and ``VOTE_NAMES`` have it, for each line near prose or a vote."""
        opinions = _Votes(self, votes)
        marks = [bool(p or v) for p, v in zip(self.prose, votes, strict=True)]
        return {
            index: [*self._row(index), *opinions.row(index)]
            for index in _near(marks)
            if votes[index] or not self._is_remote(index)
        }

    def _is_remote(self, i: int) -> bool:
        """Whether no prose is near the line in the tree, or it is a link among links: next to no article has such."""
        parent = self.boxes.parents[i]
        if parent.up().up().prose == 0:
            return True
        return self.densities[i] >= LINK_DENSITY and 2 * parent.kin.linked > parent.kin.size

    def _measure_prose(self) -> None:
        """Prose under the nearest three containers of each line, and in the lines of its class."""
        self.class_prose: Counter[tuple[str, str]] = Counter()
        for index, length in enumerate(self.prose):
            if length:
                self.class_prose[self.boxes.of[index].signature] += length
                for _, box in zip(range(3), self.boxes.parents[index].chain(), strict=False):
                    box.prose += length

    def _measure_main(self) -> None:
        """The container with the most prose right inside it, and where its lines begin and end."""
        direct: Counter[int] = Counter()
        articles: Counter[HtmlElement | None] = Counter()
        self.articles = [next(line.element.iterancestors("article"), None) for line in self.lines]
        parents = self.boxes.parents
        for index, length in enumerate(self.prose):
            if length:
                direct[id(parents[index])] += length
                articles[self.articles[index]] += length
        del articles[None]
        self.main_article = max(articles, key=lambda element: articles[element], default=None)
        best = max(direct, key=lambda key: direct[key], default=None)
        inside = [i for i, parent in enumerate(parents) if id(parent) == best]
        prose = [i for i in inside if self.prose[i]]
        self.edges = (prose[0], prose[-1], inside[0], inside[-1]) if prose else (-1, -1, -1, -1)
        if inside:
            for level, box in enumerate(parents[inside[0]].chain()):
                box.main_level = level

    def _measure_claims(self) -> None:
        body = _SPACE.sub("", self.clues.body)
        self.keys = [_SPACE.sub("", line.text) for line in self.lines] if body else []
        self.body_hits = [len(key) >= 15 and key in body for key in self.keys] or [False] * self.count
        self.body_since, self.body_until = _distances(self.body_hits)
        covered = sum(n for n, hit in zip(self.lengths, self.body_hits, strict=True) if hit)
        self.body_cover = covered / max(weighed_length(self.clues.body), 1)
        self.title_words = _words(self.clues.title)
        self.description_words = _words(self.clues.description)
        start = _SPACE.sub("", self.clues.description[: 2 * DESCRIPTION_START])[:DESCRIPTION_START]
        self.description_start = start if len(start) > MIN_DESCRIPTION else ""

    def _measure_sequence(self) -> None:
        self.prose_before: list[int] = []
        self.heading_above: list[tuple[int, int]] = []
        total, above, level = 0, -1, -1
        for index, line in enumerate(self.lines):
            self.prose_before.append(total)
            self.heading_above.append((min(index - above, FURTHEST) if above >= 0 else 99, level))
            total += self.prose[index]
            if line.kind == "heading":
                above, level = index, int(line.element.tag[1])

    def _row(self, i: int) -> list[float]:
        row = self._rows.get(i)
        if row is None:
            words = _words(self.lines[i].text) if self.lengths[i] < MAX_WORDED_LENGTH else frozenset()
            row = [
                *self._shape(i, words),
                *self._claims(i, words),
                *self._place(i),
                *self._around(i),
                *self._kin(i),
            ]
            self._rows[i] = row
        return row

    def _shape(self, i: int, known: frozenset[str]) -> Iterable[float]:
        line, n, box = self.lines[i], self.lengths[i], self.boxes.of[i]
        text = line.text
        start = text[:MAX_SHAPE_LENGTH]
        words = start.split()
        return (
            math.log1p(n),
            max(text.count(" ") + 1, n // SPACELESS_WORD),
            self.densities[i],
            text.rstrip("\u00a0 ").endswith(_ENDS),
            sum(map(str.isupper, text[:100])) / min(len(text), 100),
            sum([word[0].isupper() for word in words]) / max(len(words), 1),
            ":" in start[:40],
            sum(map(start.count, '"“”„«»')),
            _HOLDERS.get(line.element.tag, -1),
            _KINDS[line.kind],
            _style(line.element),
            box.depth,
            len(known & CALL_WORDS),
            line.links,
            line.unshown,
            *levels_to(box),
        )

    def _claims(self, i: int, words: frozenset[str]) -> Iterable[float]:
        return (
            self.body_hits[i],
            self.body_since[i],
            self.body_until[i],
            self.body_cover,
            _likeness(words, self.title_words),
            _likeness(words, self.description_words),
            self._opens_as_described(self.lines[i].text),
        )

    def _opens_as_described(self, text: str) -> bool:
        start = self.description_start
        if not start:
            return False
        key = _SPACE.sub("", text[: 2 * DESCRIPTION_START])[:DESCRIPTION_START]
        return key.startswith(start) or (len(key) > MIN_DESCRIPTION and start.startswith(key))

    def _place(self, i: int) -> Iterable[float]:
        parent = self.boxes.parents[i]
        shares = [box.prose / self.total_prose for _, box in zip(range(3), parent.chain(), strict=False)]
        distance, shared = next(
            ((up, box.main_level) for up, box in enumerate(parent.chain()) if box.main_level >= 0),
            (FAR, FAR),
        )
        heading = self.clues.heading_at
        return (
            min(i - heading, 200) if heading >= 0 else -1,
            i / self.count,
            *[*shares, 0.0, 0.0, 0.0][:3],
            min(distance, FAR),
            min(shared, FAR),
            *[max(-FURTHEST, min(FURTHEST, i - edge)) for edge in self.edges],
            -1 if self.main_article is None else self.articles[i] is self.main_article,
        )

    def _around(self, i: int) -> Iterable[float]:
        near = self.prose[max(0, i - 4) : i + 5]
        parent = self.boxes.parents[i]
        before = self.prose_before[i]
        return (
            *(math.log1p(max(_at(self.lengths, i + k), 0)) for k in (-1, 1, 2)),
            *(_at(self.densities, i + k) for k in (-1, 1)),
            sum([1 for n in near if n]) / len(near),
            *self.heading_above[i],
            before / self.total_prose,
            (self.total_prose - before - self.prose[i]) / self.total_prose,
            min(parent.children, 60),
            self.class_prose[self.boxes.of[i].signature] / self.total_prose,
        )

    def _kin(self, i: int) -> Iterable[float]:
        box, parent = self.boxes.of[i], self.boxes.parents[i]
        found: list[float] = []
        for _, one in zip(range(LEVELS), parent.chain(), strict=False):
            found += (one.linked / max(one.size, 1), min(one.count, 200))
        found += [0.0] * (2 * LEVELS - len(found))
        kin, own = parent.kin, box.own
        return (
            *found,
            kin.linked / max(kin.size, 1),
            min(kin.count, 99),
            min(kin.boxes, 50),
            kin.size / kin.count,
            own.linked / max(own.size, 1),
            min(own.count, 99),
            own.size / own.count,
        )


class _Votes:
    """What trafilatura's choice says of each line."""

    def __init__(self, page: Measures, votes: Sequence[bool]) -> None:
        self.page, self.votes = page, votes
        self.first = next((i for i, vote in enumerate(votes) if vote), None)
        self.since, self.until = _distances(votes)
        self.of_parent: Counter[int] = Counter()
        self.of_class: Counter[tuple[str, str]] = Counter()
        self.of_kin: Counter[int] = Counter()
        for i, vote in enumerate(votes):
            if vote:
                parent = page.boxes.parents[i]
                self.of_parent[id(parent)] += 1
                self.of_class[page.boxes.of[i].signature] += page.lengths[i]
                self.of_kin[id(parent.kin)] += len(page.lines[i].text)
        self.total = sum(self.of_class.values())

    def row(self, i: int) -> Iterable[float]:
        votes, page = self.votes, self.page
        near = votes[max(0, i - 5) : i + 6]
        parent = page.boxes.parents[i]
        return (
            votes[i],
            _at(votes, i - 1),
            _at(votes, i + 1),
            sum(near) / len(near),
            self.of_parent[id(parent)] / parent.children,
            self.since[i],
            self.until[i],
            self.total / page.total_prose,
            i - self.first if self.first is not None else -99,
            self.of_class[page.boxes.of[i].signature] / max(self.total, 1),
            self.of_kin[id(parent.kin)] / max(parent.kin.size, 1),
        )


def _near(marks: Sequence[object]) -> Iterator[int]:
    """The indexes within reach of a mark, from either side."""
    reach = -1
    for index in range(len(marks)):
        ahead = min(index + REACH, len(marks) - 1)
        if marks[ahead]:
            reach = max(reach, ahead + REACH)
        if index <= reach or any(marks[index : ahead + 1]):
            yield index


def _style(element: HtmlElement) -> int:
    """What inline element a line begins with, and whether more follows it."""
    if (element.text or "").strip() or not len(element):
        return 0
    first = element[0]
    more = len(element) > 1 or (first.tail or "").strip()
    return _STYLES.get(first.tag, _OTHER_STYLE) + (_AND_MORE if more else 0)


def _at(values: Sequence[float], index: int) -> float:
    return values[index] if 0 <= index < len(values) else -1.0


def _distances(marks: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Lines since the last mark, and until the next; 99 at most."""
    since, until = [99] * len(marks), [99] * len(marks)
    for found, order in ((since, range(len(marks))), (until, range(len(marks) - 1, -1, -1))):
        last = None
        for index in order:
            last = index if marks[index] else last
            found[index] = 99 if last is None else min(abs(index - last), 99)
    return since, until


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _likeness(words: frozenset[str], other: frozenset[str]) -> float:
    """The share of their words that two texts have in common."""
    return len(words & other) / len(words | other) if words and other else 0.0
