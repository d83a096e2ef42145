"""What is the article's as a whole or not at all: tables, preformatted text, lists."""

from collections.abc import Iterator, Sequence

from lxml.etree import _Element

from archive.extraction.gaps import last_kept
from archive.extraction.phrases import CALLS
from archive.extraction.tree import Line

MAX_LINKED_SHARE = 0.5
"""Share of a unit's characters inside links from which it is navigation."""
MAX_UNIT_SHARE = 1.0
"""Length of a unit, to that of the body, from which it needs more than its place to be kept."""
NEAR_BEFORE, NEAR_AFTER = 2, 2
"""Lines before and after a unit among which the nearest kept one is looked for."""
MAX_SEARCHED = 1000
"""Characters of a line that are searched for phrases."""

_LISTS = ("ul", "ol", "dl")
_UNITS = ("table", "pre", *_LISTS)


def keep_units(lines: Sequence[Line], kept: list[bool], start: int) -> None:
    """Make units whole, and keep those that stand between two kept lines of their own level, from ``start`` on.

    So is a list under a kept line that ends in a colon.
    """
    body = sum(len(line.text) for line, wanted in zip(lines, kept, strict=True) if wanted)
    stop = last_kept(kept) + 1
    for element, unit in _units(lines, start, stop):
        length = sum(len(lines[i].text) for i in unit)
        chosen = sum(len(lines[i].text) for i in unit if kept[i])
        linked = sum(lines[i].linked for i in unit)
        modest = linked < MAX_LINKED_SHARE * length and length < MAX_UNIT_SHARE * body
        if (2 * chosen >= length and element.tag not in _LISTS) or (
            modest and not _calls(lines, unit) and _belongs(lines, kept, element, unit)
        ):
            for i in unit:
                kept[i] = kept[i] or not lines[i].unshown


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


def _belongs(lines: Sequence[Line], kept: Sequence[bool], element: _Element, unit: range) -> bool:
    """Whether the nearest kept lines before and after are siblings of the unit, or of a wrapper right around it."""
    before = next(
        (i for i in range(unit.start - 1, max(unit.start - 1 - NEAR_BEFORE, -1), -1) if kept[i]), None
    )
    after = next((i for i in range(unit.stop, min(unit.stop + NEAR_AFTER, len(lines))) if kept[i]), None)
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
