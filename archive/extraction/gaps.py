"""What the line model leaves out between lines of one kind that it keeps, and keeps beyond the article's end."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from lxml.etree import _Element

from archive.extraction.lines import Line, weighed_length

LINK_SHARE = 0.9
"""Share of a line's characters inside links from which it is one."""

MIN_PROSE = 60
"""Weighed characters of a line of prose."""

_LISTS = ("ul", "ol", "dl")


def fill_gaps(lines: Sequence[Line], kept: list[bool], start: int) -> None:
    """Keep, from ``start`` on, what stands between kept lines of its kind: in a list, a paragraph among its like, a heading."""
    stop = last_kept(kept)
    for inside in lists(lines, range(start, stop + 1)):
        _fill_list(lines, kept, inside)
    for i in range(start + 1, stop):
        if not kept[i] and kept[i - 1] and kept[i + 1] and not (lines[i].linked or lines[i].unshown):
            kept[i] = len({_place(lines[k].element) for k in (i - 1, i, i + 1)}) == 1
    _keep_headings(lines, kept, range(start, stop))


def last_kept(kept: Sequence[bool]) -> int:
    """The index of the last kept line, or -1."""
    return next((i for i in range(len(kept) - 1, -1, -1) if kept[i]), -1)


def drop_trailing_links(lines: Sequence[Line], kept: list[bool]) -> None:
    """Take out of ``kept`` the links at its end that are lines by themselves: print, share, back."""
    for i in range(len(lines) - 1, -1, -1):
        if kept[i]:
            if lines[i].linked < LINK_SHARE * len(lines[i].text):
                return
            kept[i] = False


def lists(lines: Sequence[Line], among: Iterable[int]) -> Iterator[list[int]]:
    """The lines of each outermost list."""
    for outermost, group in groupby(among, lambda i: outermost_list(lines[i].element)):
        if outermost is not None:
            yield list(group)


def outermost_list(element: _Element) -> _Element | None:
    found = element if element.tag in _LISTS else None
    for above in element.iterancestors(*_LISTS):
        found = above
    return found


def _fill_list(lines: Sequence[Line], kept: list[bool], inside: Sequence[int]) -> None:
    chosen = [i for i in inside if kept[i]]
    if chosen:
        for i in range(chosen[0], chosen[-1]):
            kept[i] = kept[i] or (2 * lines[i].linked < len(lines[i].text) and not lines[i].unshown)


def _keep_headings(lines: Sequence[Line], kept: list[bool], among: range) -> None:
    """Keep the headings right above a kept line when one like them is kept, or between prose in one box."""
    headings = [i for i in among if lines[i].kind == "heading"]
    wanted = {_look(lines[i].element) for i in headings if kept[i]}
    for i in headings:
        if not kept[i] and kept[i + 1] and not lines[i].unshown:
            alike = not lines[i].linked and _look(lines[i].element) in wanted
            kept[i] = alike or (i > among.start and kept[i - 1] and _parts_prose(lines[i - 1 : i + 2]))


def _parts_prose(three: Sequence[Line]) -> bool:
    """Whether a heading, in the middle, stands beside the prose before or after it."""
    before, heading, after = three
    if min(weighed_length(before.text), weighed_length(after.text)) < MIN_PROSE:
        return False
    return heading.element.getparent() in (before.element.getparent(), after.element.getparent())


def _place(element: _Element) -> tuple[str, str | None, _Element | None]:
    return element.tag, element.get("class"), element.getparent()


def _look(element: _Element) -> tuple[str, str | None, str | None, str | None]:
    above = element.getparent()
    outside = (None, None) if above is None else (above.tag, above.get("class"))
    return element.tag, element.get("class"), *outside
