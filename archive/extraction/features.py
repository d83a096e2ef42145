"""What is known of each line of a page, as numbers for the line model.

Nothing here names a site: only HTML's own elements, words that class names are made of everywhere, the shape and place
of the text, and two opinions: trafilatura's choice and the page's own ``articleBody``.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from archive.extraction.phrases import CALL_WORDS
from archive.extraction.tree import Line, weighed_length

FAR = 12
"""Levels up at which looking for a kind of container ends; also the number for none."""
PROSE_LENGTH = 60
"""Characters from which an unlinked line counts as prose."""
MAX_WORDED_LENGTH = 700
"""Characters from which a line's single words are not looked at."""
MAX_NAMES = 300
"""Characters of an element's class, id and itemprop that are looked at."""
REACH = 5
"""Lines around prose or a vote that may belong to the article."""

_GROUPS: dict[str, str] = {
    "body": "articlebody article-body article_body article__body articlecontent article-content article_content"
    " article__content storybody story-body story_body story__body storycontent story-content storytext story-text"
    " postcontent post-content post_content post-body entrycontent entry-content entry__content main-content maincontent"
    " body-text bodytext rich-text richtext textcontent text-content articletext article-text article__text paragraph"
    " prose content-body contentbody content__body body-content",
    "caption": "caption figure image photo picture media gallery credit legend bild foto video player",
    "lead": "lead intro summary excerpt standfirst subtitle dek abstract deck chapo subhead sub-head description",
    "share": "share social follow facebook twitter whatsapp bookmark sharing",
    "advert": "advert adslot ad-slot ads ad- -ad sponsor banner dfp affiliate commerce product",
    "comment": "comment disqus discuss reply",
    "chrome": "nav menu header footer sidebar aside topbar toolbar widget modal popup overlay dialog drawer search"
    " breadcrumb masthead hidden skip cookie consent gdpr",
    "notice": "box info note disclaimer correction copyright legal source faq toc fact summary-list highlight",
    "related": "related recommend more next also similar popular trending most latest carousel teaser recirc outbrain"
    " taboola newsletter subscri signup sign-up paywall promo author bio",
}
GROUPS = tuple(_GROUPS)
_BIT = {word: 1 << GROUPS.index(group) for group, words in _GROUPS.items() for word in words.split()}
_WORDS = re.compile("|".join(sorted(map(re.escape, _BIT), key=len, reverse=True)))
_HOLDERS = {
    tag: number
    for number, tag in enumerate(
        (
            *("p", "div", "li", "h1", "h2", "h3", "h4", "figcaption"),
            *("figure", "td", "tr", "blockquote", "dt", "dd", "section", "article"),
        )
    )
}
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_ENDS = tuple(".!?…。！？।؟\"”»’'）」:")

NAMES: tuple[str, ...] = (
    *("log_length", "words", "link_density", "ends_sentence", "upper", "holder", "depth", "call", "kind_list", "unshown"),
    *(f"up_{group}" for group in GROUPS),
    *("vote", "vote_before", "vote_after", "vote_near", "vote_parent"),
    *("since_vote", "until_vote", "vote_share", "vote_start", "class_votes"),
    *("body", "body_since", "body_until", "body_cover", "title_like", "description_like"),
    *("from_heading", "position", "prose_parent", "prose_grand", "prose_great", "main_distance", "main_shared"),
    *("length_before", "length_after", "length_after_2", "density_before", "density_after", "density_after_2"),
    *("prose_near", "heading_above", "prose_before", "prose_after", "siblings", "class_prose", "same_article"),
)  # fmt: skip
"""The names of the numbers, in their order in a row."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the page beside its lines; ``heading_at`` is the title's line, or -1."""

    title: str = ""
    description: str = ""
    body: str = ""
    heading_at: int = -1


def rows(lines: Sequence[Line], votes: Sequence[bool], clues: Clues) -> dict[int, list[float]]:
    """A row of numbers, as ``NAMES`` has them, for each line near prose or a vote; other lines are no article's."""
    measured = _Page(lines, votes, clues)
    return {index: measured.row(index) for index in measured.candidates()}


class _Page:
    """The measures of a page that the rows of its lines share."""

    def __init__(self, lines: Sequence[Line], votes: Sequence[bool], clues: Clues) -> None:
        self.lines, self.votes, self.clues = lines, votes, clues
        self.count = len(lines)
        self.lengths = [weighed_length(line.text) for line in lines]
        self.densities = [line.linked / max(len(line.text), 1) for line in lines]
        self.prose = [
            n if n >= PROSE_LENGTH and d < 0.5 and i > clues.heading_at else 0
            for i, (n, d) in enumerate(zip(self.lengths, self.densities, strict=True))
        ]
        self.total_prose = max(sum(self.prose), 1)
        self.parents = [_parent(line.element) for line in lines]
        self.words: list[frozenset[str]] = [frozenset()] * self.count
        self.names: dict[HtmlElement, tuple[tuple[int, ...], int]] = {}
        self._measure_containers()
        self._measure_votes()
        self._measure_claims()
        self._measure_sequence()

    def candidates(self) -> Iterator[int]:
        reach = -1
        marked = [bool(p or v) for p, v in zip(self.prose, self.votes, strict=True)]
        for index in range(self.count):
            ahead = min(index + REACH, self.count - 1)
            if marked[ahead]:
                reach = max(reach, ahead + REACH)
            if index <= reach or any(marked[index : ahead + 1]):
                yield index

    def _measure_containers(self) -> None:
        """Prose characters under the nearest three containers of each line, and the page's main container."""
        self.prose_in: Counter[HtmlElement] = Counter()
        self.classes = [(line.element.tag, line.element.get("class") or "") for line in self.lines]
        self.class_prose: Counter[tuple[str, str]] = Counter()
        direct: Counter[HtmlElement] = Counter()
        articles: Counter[HtmlElement] = Counter()
        self.articles = [next(line.element.iterancestors("article"), None) for line in self.lines]
        for index, length in enumerate(self.prose):
            if not length:
                continue
            self.class_prose[self.classes[index]] += length
            weight = length * (2 if self.votes[index] else 1)
            direct[self.parents[index]] += weight
            if (article := self.articles[index]) is not None:
                articles[article] += weight
            for container in self._containers(index):
                self.prose_in[container] += length
        main = max(direct, key=lambda element: direct[element], default=None)
        self.main_chain = {element: level for level, element in enumerate(_chain(main))}
        self.main_article = max(articles, key=lambda element: articles[element], default=None)
        self.siblings = Counter(self.parents)

    def _containers(self, index: int) -> Iterator[HtmlElement]:
        """The line's parent element and the two above it."""
        node: HtmlElement | None = self.parents[index]
        for _ in range(3):
            if node is None:
                return
            yield node
            node = node.getparent()

    def _measure_votes(self) -> None:
        votes = self.votes
        self.first_vote = next((i for i, vote in enumerate(votes) if vote), None)
        self.parent_votes = Counter(parent for parent, vote in zip(self.parents, votes, strict=True) if vote)
        self.class_votes: Counter[tuple[str, str]] = Counter()
        for key, length, vote in zip(self.classes, self.lengths, votes, strict=True):
            self.class_votes[key] += length if vote else 0
        self.vote_total = sum(self.class_votes.values())
        self.since_vote, self.until_vote = _distances(votes)

    def _measure_claims(self) -> None:
        body = _SPACE.sub("", self.clues.body)
        keys = [_SPACE.sub("", line.text) for line in self.lines] if body else []
        self.body_hits = [len(key) >= 15 and key in body for key in keys] or [False] * self.count
        self.body_since, self.body_until = _distances(self.body_hits)
        covered = sum(n for n, hit in zip(self.lengths, self.body_hits, strict=True) if hit)
        self.body_cover = covered / max(weighed_length(self.clues.body), 1)
        self.title_words = _words(self.clues.title)
        self.description_words = _words(self.clues.description)

    def _measure_sequence(self) -> None:
        self.prose_before: list[int] = []
        self.heading_above: list[int] = []
        total, above = 0, -1
        for index, line in enumerate(self.lines):
            self.prose_before.append(total)
            self.heading_above.append(min(index - above, 50) if above >= 0 else 99)
            total += self.prose[index]
            above = index if line.kind == "heading" else above

    def row(self, i: int) -> list[float]:
        if self.lengths[i] < MAX_WORDED_LENGTH:
            self.words[i] = _words(self.lines[i].text)
        return [*self._shape(i), *self._opinions(i), *self._claims(i), *self._place(i), *self._around(i)]

    def _shape(self, i: int) -> Iterable[float]:
        line, n = self.lines[i], self.lengths[i]
        text = line.text
        levels, depth = self._names_above(line.element)
        return (
            math.log1p(n),
            text.count(" ") + 1,
            self.densities[i],
            text.rstrip("\u00a0 ").endswith(_ENDS),
            sum(map(str.isupper, text[:100])) / min(len(text), 100),
            _HOLDERS.get(line.element.tag, -1),
            depth,
            len(self.words[i] & CALL_WORDS),
            line.kind == "list",
            line.unshown,
            *levels,
        )

    def _opinions(self, i: int) -> Iterable[float]:
        votes = self.votes
        near = votes[max(0, i - 5) : i + 6]
        parent = self.parents[i]
        return (
            votes[i],
            _at(votes, i - 1),
            _at(votes, i + 1),
            sum(near) / len(near),
            self.parent_votes[parent] / self.siblings[parent],
            self.since_vote[i],
            self.until_vote[i],
            self.vote_total / self.total_prose,
            i - self.first_vote if self.first_vote is not None else -99,
            self.class_votes[self.classes[i]] / max(self.vote_total, 1),
        )

    def _claims(self, i: int) -> Iterable[float]:
        words = self.words[i]
        return (
            self.body_hits[i],
            self.body_since[i],
            self.body_until[i],
            self.body_cover,
            _likeness(words, self.title_words),
            _likeness(words, self.description_words),
        )

    def _place(self, i: int) -> Iterable[float]:
        parent = self.parents[i]
        shares = [self.prose_in[container] / self.total_prose for container in self._containers(i)]
        distance, shared = next(
            (
                (up, self.main_chain[node])
                for up, node in enumerate(_chain(parent))
                if node in self.main_chain
            ),
            (FAR, FAR),
        )
        heading = self.clues.heading_at
        return (
            min(i - heading, 200) if heading >= 0 else -1,
            i / self.count,
            *[*shares, 0.0, 0.0, 0.0][:3],
            min(distance, FAR),
            min(shared, FAR),
        )

    def _around(self, i: int) -> Iterable[float]:
        near = self.prose[max(0, i - 4) : i + 5]
        return (
            *(math.log1p(max(_at(self.lengths, i + k), 0)) for k in (-1, 1, 2)),
            *(_at(self.densities, i + k) for k in (-1, 1, 2)),
            sum(1 for n in near if n) / len(near),
            self.heading_above[i],
            self.prose_before[i] / self.total_prose,
            (self.total_prose - self.prose_before[i] - self.prose[i]) / self.total_prose,
            min(self.siblings[self.parents[i]], 60),
            self.class_prose[self.classes[i]] / self.total_prose,
            -1 if self.main_article is None else self.articles[i] is self.main_article,
        )

    def _names_above(self, element: HtmlElement) -> tuple[tuple[int, ...], int]:
        """Levels up to the nearest container whose class, id or itemprop has a word of each group; and the depth."""
        todo: list[HtmlElement] = []
        node: HtmlElement | None = element
        while node is not None and node not in self.names:
            todo.append(node)
            node = node.getparent()
        known = self.names[node] if node is not None else ((FAR,) * len(GROUPS), 0)
        for one in reversed(todo):
            levels, depth = known
            bits = _bits(_names(one)) if depth > 1 else 0
            known = self.names[one] = (_one_down(levels, bits), depth + 1)
        return known


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"[
        :MAX_NAMES
    ]


@lru_cache(maxsize=8192)
def _bits(names: str) -> int:
    """The groups of which the names have a word."""
    bits = 0
    for word in _WORDS.findall(names.lower()):
        bits |= _BIT[word]
    return bits


@lru_cache(maxsize=8192)
def _one_down(levels: tuple[int, ...], bits: int) -> tuple[int, ...]:
    return tuple(0 if bits >> k & 1 else min(level + 1, FAR) for k, level in enumerate(levels))


def _at(values: Sequence[float], index: int) -> float:
    return values[index] if 0 <= index < len(values) else -1.0


def _parent(element: HtmlElement) -> HtmlElement:
    above = element.getparent()
    return element if above is None else above


def _distances(marks: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Lines since the last mark, and until the next; 99 at most."""
    since, until = [99] * len(marks), [99] * len(marks)
    for found, order in ((since, range(len(marks))), (until, range(len(marks) - 1, -1, -1))):
        last = None
        for index in order:
            last = index if marks[index] else last
            found[index] = 99 if last is None else min(abs(index - last), 99)
    return since, until


def _chain(element: HtmlElement | None) -> Iterator[HtmlElement]:
    while element is not None:
        yield element
        element = element.getparent()


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _likeness(words: frozenset[str], other: frozenset[str]) -> float:
    """The share of their words that two texts have in common."""
    return len(words & other) / len(words | other) if words and other else 0.0
