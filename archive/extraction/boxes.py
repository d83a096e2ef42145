"""The elements around a page's lines, each measured once: how much text they hold, how much of it is linked, what they are called."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from lxml.etree import _Element

from archive.extraction.lines import Line

FAR = 12
"""Levels up at which looking for a kind of container ends; also the number for none."""
MAX_NAMES = 300
"""Characters of an element's class, id and itemprop that are looked at."""
LEVELS = 4
"""Containers of a line, from its parent up, that are measured."""

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
    "chrome": "nav menu header footer sidebar aside topbar toolbar widget modal popup overlay dialog drawer search"
    " breadcrumb masthead hidden skip cookie consent gdpr comment disqus discuss reply"
    " reacti komment coment kommentar reactie yorum",
    "notice": "box info note disclaimer correction copyright legal source faq toc fact summary-list highlight",
    "related": "related recommend more next also similar popular trending most latest carousel teaser recirc outbrain"
    " taboola newsletter subscri signup sign-up paywall promo author bio auteur autor autore verwandt weitere",
}
_BIT = {word: 1 << number for number, words in enumerate(_GROUPS.values()) for word in words.split()}
_WORDS = re.compile("|".join(sorted(map(re.escape, _BIT), key=len, reverse=True)))
_ELEMENTS = ("article", "main", "figure")
ELEMENT_BIT = {tag: 1 << len(_GROUPS) + number for number, tag in enumerate(_ELEMENTS)}
GROUPS = (*_GROUPS, *_ELEMENTS)
"""What containers are told by: words in their names, or what element they are."""


Signature = tuple[str, str]
"""An element's name and its class attribute."""


class Kin:
    """What boxes of the same element and class add up to: cards of one list, paragraphs of one text."""

    __slots__ = ("boxes", "count", "linked", "size")

    def __init__(self) -> None:
        self.size = self.linked = self.count = self.boxes = 0


class Box:
    """An element: the one above it, and what the lines inside it add up to.

    ``size`` and ``linked`` are in characters, ``count`` in lines, ``prose`` in weighed characters of prose at most two
    boxes further in. ``children`` counts the lines right inside. ``article`` is the nearest ``article``, itself included.
    ``own`` adds up the lines that elements like this one made, ``kin`` those right inside elements like this one, in
    elements like the one above it.
    """

    __slots__ = (
        *("above", "article", "children", "count", "depth", "element", "kin", "levels", "linked"),
        *("numbers", "own", "own_numbers", "prose", "signature", "size"),
    )

    def __init__(
        self, element: _Element, above: "Box | None", signature: Signature, own: Kin, kin: Kin
    ) -> None:
        self.element, self.above, self.signature, self.own, self.kin = element, above, signature, own, kin
        self.size = self.linked = self.count = self.prose = self.children = 0
        self.levels: tuple[int, ...] | None = None
        self.numbers: tuple[float, ...] | None = None
        self.own_numbers: tuple[float, ...] | None = None
        self.depth: int = 0
        self.article: _Element | None = element if signature[0] == "article" else None
        if above is not None:
            self.depth = above.depth + 1
            self.article = self.article if self.article is not None else above.article

    def up(self) -> "Box":
        """The box above, or the box itself at the top."""
        return self if self.above is None else self.above

    def chain(self) -> Iterator["Box"]:
        """The box and all above it."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.above


class Boxes:
    """The boxes around some lines: ``of`` and ``parents`` have a line's own element and the one above it, by its index."""

    def __init__(self, lines: Sequence[Line], indexes: Iterable[int]) -> None:
        self._known: dict[_Element, Box] = {}
        self._kin: defaultdict[tuple[Signature, Signature], Kin] = defaultdict(Kin)
        self._own: defaultdict[Signature, Kin] = defaultdict(Kin)
        self.of: dict[int, Box] = {}
        self.parents: dict[int, Box] = {}
        for i in indexes:
            line = lines[i]
            box = self.of[i] = self._known.get(line.element) or self._box(line.element)
            parent = self.parents[i] = box.above or box
            _add(line, box, parent)
        for box in reversed(self._known.values()):  # what is inside before what is around it
            if (above := box.above) is not None:
                above.size += box.size
                above.linked += box.linked
                above.count += box.count

    def _box(self, element: _Element) -> Box:
        """A new box, after those of the elements around it."""
        known, todo = self._known, [element]
        node = element.getparent()
        while node is not None and node not in known:
            todo.append(node)
            node = node.getparent()
        box = known[node] if node is not None else None
        for one in reversed(todo):
            signature = (one.tag, one.get("class") or "")
            kin = self._kin[signature, signature if box is None else box.signature]
            box = known[one] = Box(one, box, signature, self._own[signature], kin)
        return known[element]


def _add(line: Line, box: Box, parent: Box) -> None:
    size, linked, own, kin = len(line.text), line.linked, box.own, parent.kin
    own.size += size
    own.linked += linked
    own.count += 1
    kin.size += size
    kin.linked += linked
    kin.count += 1
    if not parent.children:
        kin.boxes += 1
    parent.children += 1
    parent.size += size
    parent.linked += linked
    parent.count += 1


def levels_to(box: Box) -> tuple[int, ...]:
    """Levels up from ``box`` to the nearest container of each of ``GROUPS``."""
    todo: list[Box] = []
    known = None
    for one in box.chain():
        known = one.levels
        if known is not None:
            break
        todo.append(one)
    known = known or (FAR,) * len(GROUPS)
    for one in reversed(todo):
        known = one.levels = _one_down(known, _bits_of(one) if one.depth > 1 else 0)
    return known


def _bits_of(box: Box) -> int:
    get = box.element.get
    names = f"{box.signature[1]} {get('id') or ''} {get('itemprop') or ''}"
    return bits_of_names(names[:MAX_NAMES]) | ELEMENT_BIT.get(box.signature[0], 0)


@lru_cache(maxsize=8192)
def bits_of_names(names: str) -> int:
    """The groups of which the names have a word."""
    bits = 0
    for word in _WORDS.findall(names.lower()):
        bits |= _BIT[word]
    return bits


@lru_cache(maxsize=8192)
def _one_down(levels: tuple[int, ...], bits: int) -> tuple[int, ...]:
    return tuple(0 if bits >> k & 1 else min(level + 1, FAR) for k, level in enumerate(levels))
