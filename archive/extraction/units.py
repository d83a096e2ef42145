"""What is the article's as a whole or not at all: tables, preformatted text, lists."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, takewhile

from lxml.etree import _Element

from archive.extraction.gaps import last_kept, lists, outermost_list
from archive.extraction.lines import Line
from archive.extraction.phrases import CALLS

MAX_LINKED_SHARE = 0.5
"""Share of a unit's characters inside links from which it is navigation."""
MAX_UNIT_SHARE = 1.0
"""Length of a unit, to that of the body, from which it needs more than its place to be kept."""
NEAR_BEFORE, NEAR_AFTER = 2, 2
"""Lines before and after a unit among which the nearest kept one is looked for."""
MAX_BESIDE = 5
"""Units beside each other that are looked past."""
MAX_CAPTION = 3
"""Lines of a caption on either side of a unit."""
MAX_SEARCHED = 1000
"""Characters of a line that are searched for phrases."""
MIN_ITEMS = 3
"""Lines of a list that needs no kept line beside it."""
MAX_LISTS = 200
"""Lists of one page that are looked at for their boxes."""
MIN_ALIKE = 300
"""Characters of the text in boxes of one look, from which a list in another one belongs to it."""

MAX_LEVELS = 50
"""Levels of elements in a box at which a line is looked for in it."""

_LISTS = ("ul", "ol", "dl")
Look = tuple[str, str | None, str | None, str | None, _Element | None]
_UNITS = ("table", "pre", *_LISTS)


def keep_units(lines: Sequence[Line], kept: list[bool], start: int) -> None:
    """Make units whole, and keep those that stand between two kept lines of their own level, from ``start`` on.

    So is a list under a kept line that ends in a colon.
    """
    body = sum(len(line.text) for line, wanted in zip(lines, kept, strict=True) if wanted)
    stop = last_kept(kept) + 1
    units = list(_units(lines, start, stop))
    for number, (element, unit) in enumerate(units):
        length = sum(len(lines[i].text) for i in unit)
        chosen = sum(len(lines[i].text) for i in unit if kept[i])
        linked = sum(lines[i].linked for i in unit)
        past = _past(units[number + 1 : number + 1 + MAX_BESIDE], kept, unit.stop)
        modest = linked < MAX_LINKED_SHARE * length and length < MAX_UNIT_SHARE * body
        if (2 * chosen >= length and element.tag not in _LISTS) or (
            modest and not _calls(lines, unit) and _belongs(lines, kept, element, unit, past)
        ):
            for i in (*unit, *_captions(lines, element, unit)):
                kept[i] = kept[i] or not lines[i].unshown


def _captions(lines: Sequence[Line], element: _Element, unit: range) -> Iterator[int]:
    """What stands in one figure with the unit, right before or after it."""
    figure = next(element.iterancestors("figure"), None)
    if figure is None:
        return
    before = range(unit.start - 1, max(unit.start - 1 - MAX_CAPTION, -1), -1)
    after = range(unit.stop, min(unit.stop + MAX_CAPTION, len(lines)))
    for beside in (before, after):
        yield from takewhile(lambda i: _is_within(lines[i].element, figure) and not lines[i].linked, beside)


def keep_lists_alike(lines: Sequence[Line], kept: list[bool], start: int, looks: frozenset[Look]) -> None:
    """Keep each list, from ``start`` on, that alone or under its heading fills a box like those that hold the text.

    No prose need stand near it: lists of winners and of results end texts, each in a box of the text's own look.
    """
    for items in islice(_plain_lists(lines, start), MAX_LISTS if looks else 0):
        box = outermost_list(lines[items[0]].element)
        box = None if box is None else box.getparent()
        if box is None or len(items) < MIN_ITEMS or _look(box) not in looks:
            continue
        filled = _filled(lines, items, box)
        if all(map(_is_plain, (lines[i] for i in filled))) and not _calls(lines, filled):
            for i in filled:
                kept[i] = True


def keep_boxes_alike(lines: Sequence[Line], kept: list[bool], start: int, looks: frozenset[Look]) -> None:
    """Keep text that stands by itself in a box like those that hold the text, and the heading that opens one, between
    such lines from ``start`` on."""
    for i in range(start, last_kept(kept)) if looks else ():
        line = lines[i]
        if not kept[i] and _is_plain(line):
            opens = line.kind == "heading" and kept[i + 1]
            alike = _is_such(line.element.getparent() if opens else line.element, looks)
            kept[i] = alike and not CALLS.search(line.text[:MAX_SEARCHED])


def _is_such(box: _Element | None, looks: frozenset[Look]) -> bool:
    return box is not None and bool(box.get("class")) and _look(box) in looks


def keep_quotations(lines: Sequence[Line], kept: list[bool]) -> None:
    """Make quotations whole of which a line is kept: who said it stands under it."""
    for order in (range(1, len(lines)), range(len(lines) - 2, -1, -1)):
        for i in order:
            beside = i - order.step
            if kept[beside] and not kept[i] and _is_plain(lines[i]):
                quotation = _quotation_around(lines[i].element)
                kept[i] = quotation is not None and quotation is _quotation_around(lines[beside].element)


def _quotation_around(element: _Element) -> _Element | None:
    return element if element.tag == "blockquote" else next(element.iterancestors("blockquote"), None)


def _plain_lists(lines: Sequence[Line], start: int) -> Iterator[list[int]]:
    """The lines of each list, as far as they have no links."""
    for plain, run in groupby(
        range(start, len(lines)), lambda i: lines[i].kind == "list" and _is_plain(lines[i])
    ):
        if plain:
            yield from lists(lines, run)


def _is_plain(line: Line) -> bool:
    return not line.linked and not line.unshown


def looks_of_text(lines: Sequence[Line], kept: Sequence[bool]) -> frozenset[Look]:
    """The looks of boxes with a class that hold, together, enough of the text."""
    boxes: Counter[_Element] = Counter()
    for line, wanted in zip(lines, kept, strict=True):
        if wanted:
            for box in (line.element.getparent(), line.element if line.element.tag == "div" else None):
                if box is not None:
                    boxes[box] += len(line.text)
    sizes: Counter[Look] = Counter()
    for box, size in boxes.items():
        if box.get("class"):
            sizes[_look(box)] += size
    return frozenset(look for look, size in sizes.items() if size >= MIN_ALIKE)


def _look(box: _Element) -> Look:
    """What boxes of one kind have in common: name and class, those of the element around it, and what is around that."""
    above = box.getparent()
    if above is None:
        return box.tag, box.get("class"), None, None, None
    return box.tag, box.get("class"), above.tag, above.get("class"), above.getparent()


def _filled(lines: Sequence[Line], items: Sequence[int], box: _Element) -> range:
    """The lines of ``box``, where these are a list's items alone, with the heading above them; else an empty range."""
    first, stop = items[0], items[-1] + 1
    if first and lines[first - 1].kind == "heading" and _is_in_such(lines[first - 1].element, box):
        first -= 1
    around = [lines[i].element for i in (first - 1, stop) if 0 <= i < len(lines)]
    return range(0) if any(_is_within(element, box) for element in around) else range(first, stop)


def _is_within(element: _Element, box: _Element) -> bool:
    return element is box or any(above is box for above in islice(element.iterancestors(), MAX_LEVELS))


def _is_in_such(element: _Element, box: _Element) -> bool:
    """Whether an element stands right inside ``box`` or another one of its look."""
    above = element.getparent()
    return above is not None and (above is box or _look(above) == _look(box))


def _units(lines: Sequence[Line], start: int, stop: int) -> Iterator[tuple[_Element, range]]:
    """Each outermost unit that begins between ``start`` and ``stop``, the latter included, and its lines."""
    current, first = None, start
    for i in range(start, len(lines)):
        unit = _unit_around(lines[i].element)
        if current is not None and unit is not current:
            yield current, range(first, i)
        if unit is None or unit is not current:
            if i > stop:
                return
            first = i
        current = unit
    if current is not None:
        yield current, range(first, len(lines))


def _unit_around(element: _Element) -> _Element | None:
    found = element if element.tag in _UNITS else None
    for above in element.iterancestors(*_UNITS):
        found = above
    return found


def _calls(lines: Sequence[Line], unit: range) -> bool:
    return any(CALLS.search(lines[i].text[:MAX_SEARCHED]) for i in unit)


def _past(units: Sequence[tuple[_Element, range]], kept: Sequence[bool], stop: int) -> int:
    """The end of the units that follow line ``stop`` without a line between them, up to one of which something is kept."""
    for _, unit in units:
        if unit.start != stop or any(kept[i] for i in unit):
            break
        stop = unit.stop
    return stop


def _belongs(lines: Sequence[Line], kept: Sequence[bool], element: _Element, unit: range, stop: int) -> bool:
    """Whether the nearest kept lines before the unit, and from ``stop`` on, are siblings of it, or of a wrapper right around it."""
    before = next(
        (i for i in range(unit.start - 1, max(unit.start - 1 - NEAR_BEFORE, -1), -1) if kept[i]), None
    )
    after = next((i for i in range(stop, min(stop + NEAR_AFTER, len(lines))) if kept[i]), None)
    if before is None or not _beside(element, lines[before].element):
        return False
    if after is not None:
        return _beside(element, lines[after].element)
    return (
        element.tag in _LISTS
        and before == unit.start - 1
        and lines[before].text.rstrip().endswith((":", "："))
    )


def _beside(element: _Element, other: _Element) -> bool:
    levels = {element.getparent(), next(element.iterancestors(), element).getparent()} - {None}
    return bool(levels & {other.getparent(), next(other.iterancestors(), other).getparent()})
