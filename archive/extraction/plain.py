"""Blocks without names among the paragraphs: what an author writes into the text.

Whatever a page itself puts between paragraphs (advertisements, boxes, galleries, cards) is named, for its styles and its
scripts. Tables, quotations, captions, code and lists without any name are what an editor makes of the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, takewhile

from lxml.etree import _Element

from archive.extraction.lines import Line, weighed_length
from archive.extraction.phrases import CALLS

MIN_HOME = 100
"""Weighed characters of an element's kept paragraphs, from which it holds the text."""
MIN_ALONE = 80
"""Weighed characters of the lines under a heading, from which they are a text although none is prose."""
MAX_HEADING_LEVELS = 3
"""Elements around the heading that may hold the text."""
MAX_LINKED_SHARE = 0.5
"""Share of a block's characters inside links from which it is navigation."""
MAX_SEARCHED = 1000
"""Characters of a line that are searched for phrases."""
MAX_LEVELS = 8
"""Levels of elements above a line at which its block is looked for."""
MAX_ELEMENTS = 2000
"""Elements of a block that are looked at for names."""
MIN_ITEMS = 2
"""Lines of a list below the last paragraph."""

_ABOVE = frozenset(("table", "pre", "blockquote", "figure"))
"""What may stand above the first paragraph."""
_LISTS = frozenset(("ul", "ol"))
_BELOW = _ABOVE | _LISTS | {"dl", "p"}
"""What may follow the last paragraph."""
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_STACKS = frozenset(("div", "center"))
_BETWEEN = _BELOW | _HEADINGS | _STACKS | {"details"}
_CALLING = _HEADINGS | _STACKS | _LISTS | {"p"}
"""What also holds calls to subscribe and share."""
_SENTENCE_ENDS = tuple(".!?…»”\"’'。！？।۔؟።។")
_MAY_BE_NAMED = frozenset(("code", "img", "picture", "source"))
"""For the language of code, or the place of a picture."""
_NAMES = frozenset(("class", "id", "role", "itemprop"))


def keep_plain(lines: Sequence[Line], kept: list[bool], start: int) -> None:
    """Keep, from ``start`` on, plain blocks between the paragraphs of one element, and those next to its first and last one."""
    for home, paragraphs in _homes(lines, kept, start).items():
        first, last = paragraphs[0], paragraphs[-1]
        for block, inside in _blocks(lines, (i for i in range(first, last) if not kept[i]), home):
            _keep(lines, kept, block, inside, _BETWEEN)
        for block, inside in _blocks(lines, _within(lines, range(first - 1, start - 1, -1), home), home):
            if not _keep(lines, kept, block, inside, _ABOVE):
                break
        _keep_below(lines, kept, last + 1, home)


def keep_alone(lines: Sequence[Line], kept: list[bool], heading: _Element, start: int) -> None:
    """Keep what stands under the heading without a name, from line ``start`` on, where it is a text by its length alone.

    For pages without a line of prose: poems, songs, lists of results.
    """
    for home in islice(heading.iterancestors(), MAX_HEADING_LEVELS):
        found: list[int] = []
        for block, inside in _blocks(lines, range(start, len(lines)), home):
            shown = [i for i in inside if not lines[i].unshown]
            if block.tag in _BETWEEN and _is_text(lines, shown, block):
                found.extend(shown)
            elif shown and found:
                break
        if sum(weighed_length(lines[i].text) for i in found) >= MIN_ALONE:
            for i in found:
                kept[i] = True
            return


def _keep_below(lines: Sequence[Line], kept: list[bool], start: int, home: _Element) -> None:
    """Keep plain blocks from ``start`` on, each with the heading above it; of paragraphs, sentences without links."""
    heading: list[int] = []
    for block, inside in _blocks(lines, _within(lines, range(start, len(lines)), home), home):
        if block.tag in _HEADINGS and not heading and _is_text(lines, inside, block):
            heading = inside
        elif _may_end(lines, block, inside) and _keep(lines, kept, block, inside, _BELOW):
            for i in heading:
                kept[i] = True
            heading = []
        else:
            break


def _may_end(lines: Sequence[Line], block: _Element, inside: Sequence[int]) -> bool:
    """Whether a list has items, and a paragraph sentences without links; anything else may follow a text."""
    if block.tag in _LISTS:
        return len(inside) >= MIN_ITEMS
    ends = (not lines[i].linked and lines[i].text.rstrip().endswith(_SENTENCE_ENDS) for i in inside)
    return block.tag != "p" or all(ends)


def _homes(lines: Sequence[Line], kept: Sequence[bool], start: int) -> dict[_Element, list[int]]:
    """The elements that hold enough of the text, each with its kept paragraphs."""
    found: dict[_Element, list[int]] = {}
    for i in range(start, len(lines)):
        if kept[i] and lines[i].kind == "paragraph" and (above := lines[i].element.getparent()) is not None:
            found.setdefault(above, []).append(i)
    return {
        home: inside
        for home, inside in found.items()
        if sum(weighed_length(lines[i].text) for i in inside) >= MIN_HOME
    }


def _within(lines: Sequence[Line], indexes: Iterable[int], home: _Element) -> Iterator[int]:
    """These lines up to the first one outside of ``home``."""
    return takewhile(lambda i: _child(home, lines[i].element) is not None, indexes)


def _blocks(
    lines: Sequence[Line], indexes: Iterable[int], home: _Element
) -> Iterator[tuple[_Element, list[int]]]:
    """The children of ``home`` that hold these lines, each with its own of them; lines outside are passed over."""
    for block, inside in groupby(indexes, lambda i: _child(home, lines[i].element)):
        if block is not None:
            yield block, list(inside)


def _child(home: _Element, element: _Element) -> _Element | None:
    """The element, or the one around it, that is a child of ``home``."""
    node: _Element | None = element
    for _ in range(MAX_LEVELS):
        above = node.getparent() if node is not None else None
        if above is home:
            return node
        node = above
    return None


def _keep(
    lines: Sequence[Line], kept: list[bool], block: _Element, inside: Sequence[int], tags: frozenset[str]
) -> bool:
    """Keep a plain block with one of these tags; False where it is none, and has lines that are not kept."""
    missing = [i for i in inside if not (kept[i] or lines[i].unshown)]
    if missing and (block.tag not in tags or not _is_text(lines, missing, block)):
        return False
    for i in missing:
        kept[i] = True
    return True


def _is_text(lines: Sequence[Line], inside: Sequence[int], block: _Element) -> bool:
    linked = sum(lines[i].linked for i in inside)
    if linked >= MAX_LINKED_SHARE * sum(len(lines[i].text) for i in inside) or not is_plain(block):
        return False
    if block.tag in _STACKS and any(lines[i].element.tag not in _STACKS for i in inside):
        return False
    if block.tag not in _CALLING:
        return True
    calls = sum(CALLS.search(lines[i].text[:MAX_SEARCHED]) is not None for i in inside)
    return 2 * calls < len(inside)


def is_plain(block: _Element) -> bool:
    """Whether nothing in it has a name."""
    if block.tag == "pre":
        return True
    elements = list(islice(block.iter("*"), MAX_ELEMENTS + 1))
    return len(elements) <= MAX_ELEMENTS and not any(
        name in _NAMES or name.startswith(("data-", "aria-"))
        for element in elements
        if element.tag not in _MAY_BE_NAMED
        for name in map(str, element.attrib)
    )
