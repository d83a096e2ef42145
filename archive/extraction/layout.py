"""The layout of a page: the lines that it shows by the display rules of CSS without any style sheet.

Which elements stack and which carry paragraph spacing follows the HTML Standard, section 15.3 (Rendering,
Non-replaced elements), but for ``figure``, whose caption, credit and neighbours stack without spacing here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from lxml.etree import _Element

from archive.extraction import native
from archive.extraction.hidden import unshown
from archive.extraction.lines import BLANK, C1, LINE, SHOWN, Line, is_paragraph
from archive.extraction.numbering import Numbering
from archive.extraction.roles import (
    ANCHOR,
    BREAK,
    CELL,
    KINDS,
    LISTS,
    PREFORMATTED,
    ROLES,
    SKIPPED,
    STATEFUL,
)
from archive.extraction.tags import CELLS, SPACED

MIN_PARAGRAPHS = 2
"""Paragraphs of one look, from which what has it is one."""
MAX_INSIDE = 50
"""Levels of elements inside a paragraph."""
MAX_SHORT = 4
"""Elements of that look, to those of them that are long."""

_Look = tuple[str | None, str | None, _Element | None]
_WHITE = " \t\n\r\f"
_SPACE = re.compile(f"[{_WHITE}]+")


def layout(root: _Element) -> list[Line]:
    """The lines of ``root`` in reading order."""
    lines = native.parts.lines_of(root) if native.parts else _Layout().run(root)
    looks = _looks_of_paragraphs(lines)
    for above, line in pairwise(lines):
        if line.gap == LINE and (
            (is_paragraph(line) and _are_apart(above, line)) or (looks and _parts(looks, above, line))
        ):
            line.gap = BLANK
    return lines


def _looks_of_paragraphs(lines: Sequence[Line]) -> frozenset[_Look]:
    """What the ``div`` elements have in common that hold paragraphs: those among them that are short are some, too."""
    looks = {_look(line.element) for line in lines if is_paragraph(line)}
    if not looks:
        return frozenset()
    alike: dict[_Look, dict[_Element, bool]] = {look: {} for look in looks}
    for line in lines:
        if line.element.tag == "div" and (found := alike.get(_look(line.element))) is not None:
            found[line.element] = found.get(line.element, False) or is_paragraph(line)
    return frozenset(
        look
        for look, found in alike.items()
        if sum(found.values()) >= MIN_PARAGRAPHS and MAX_SHORT * sum(found.values()) >= len(found)
    )


def _look(element: _Element) -> _Look:
    """Its class, that of the element around it, and what is around that."""
    above = element.getparent()
    if above is None:
        return element.get("class"), None, None
    return element.get("class"), above.get("class"), above.getparent()


def _parts(looks: frozenset[_Look], above: Line, line: Line) -> bool:
    """Whether one of two lines is a paragraph by its look, and the other no part of that."""
    one, other = above.element, line.element
    return any(
        paragraph.tag == "div" and _look(paragraph) in looks and not _holds(paragraph, beside)
        for paragraph, beside in ((one, other), (other, one))
    )


def _holds(one: _Element, other: _Element) -> bool:
    return one is other or any(above is one for above in islice(other.iterancestors(), MAX_INSIDE))


def _are_apart(above: Line, paragraph: Line) -> bool:
    """Whether two lines without spacing between them are paragraphs all the same."""
    if is_paragraph(above):
        return _are_alike(above.element, paragraph.element)
    return _leaves(above.element, paragraph.element)


def _leaves(one: _Element, other: _Element) -> bool:
    """Whether ``one`` stands deeper than ``other``, in a box that ended before ``other`` began beside it."""
    beside = other.getparent()
    return one.getparent() is not beside and any(above is beside for above in one.iterancestors())


def _are_alike(one: _Element, other: _Element) -> bool:
    return (
        one is not other and one.getparent() is other.getparent() and one.get("class") == other.get("class")
    )


@dataclass(slots=True)
class _Layout:
    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    gap: int = 0
    lists: list[Numbering] = field(default_factory=list)
    marker: str = ""
    cells: int = 0
    preformatted: int = 0
    anchors: int = 0
    linked: int = 0
    links: int = 0
    holders: list[_Element] = field(default_factory=list)
    unshown: _Element | None = None

    def run(self, root: _Element) -> list[Line]:
        self.holders.append(root)
        hidden, skipped, texts = unshown(root), set[_Element](), self.texts
        within: list[tuple[_Element, int | None]] = []
        for element in root.iter():
            parent = element.getparent()
            if skipped:
                if parent in skipped:
                    skipped.add(element)
                    continue
                skipped.clear()
            while within and within[-1][0] is not parent:
                self._leave(*within.pop())
            role = ROLES.get(element.tag)
            within.append((element, role))
            if role == SKIPPED:
                skipped.add(element)
                continue
            if hidden and element in hidden:
                if hidden[element]:
                    skipped.add(element)
                    self.anchors += role == ANCHOR  # taken off where it ends
                    continue
                if self.unshown is None:
                    self._flush()
                    self.unshown = element
            if role is not None:
                self._enter(element, role)
            if (text := element.text) and (texts or text[0] > " " or self._is_kept(text)):
                texts.append(text)
                if self.anchors:
                    self.linked += len(text.strip())
        while len(within) > 1:
            self._leave(*within.pop())
        self._flush()
        return self.lines

    def _enter(self, element: _Element, role: int) -> None:
        if role <= BLANK:
            self._break(role)
            self.holders.append(element)
        elif role == ANCHOR:
            self.anchors += 1
            self.links += 1
        elif role == CELL:
            self._open_cell(element)
        elif role == BREAK:
            self._line_break()
        else:
            self._break(role - STATEFUL)
            self.holders.append(element)
            self._open_block(element, element.tag)

    def _leave(self, element: _Element, role: int | None) -> None:
        if role is None:
            pass
        elif role <= BLANK:
            self._break(role)
            self.holders.pop()
        elif role == ANCHOR:
            self.anchors -= 1
        elif role == CELL:
            self._close_cell()
        elif role > STATEFUL:
            self._close_block(element.tag)
            self._break(role - STATEFUL)
            self.holders.pop()
        if element is self.unshown:
            self._flush()
            self.unshown = None
        if (text := element.tail) and (self.texts or text[0] > " " or self._is_kept(text)):
            self.texts.append(text)
            if self.anchors:
                self.linked += len(text.strip())

    def _is_kept(self, text: str) -> bool:
        """Whether a text that may begin a line shows; white space does so in preformatted text alone."""
        return self.preformatted > 0 or text.strip(_WHITE) != ""

    def _open_block(self, element: _Element, tag: str) -> None:
        if tag in LISTS:
            self.lists.append(Numbering.of(element))
        elif tag == "li":
            self.marker = "- "
            if self.lists:
                self.lists[-1].within = True
                self.marker = self.lists[-1].marker(element)
        elif tag in PREFORMATTED:
            self.preformatted += 1

    def _close_block(self, tag: str) -> None:
        if not self.cells:
            self._flush()
        if tag in LISTS:
            self.lists.pop()
        elif tag == "li":
            self.marker = ""
            if self.lists:
                self.lists[-1].within = False
        elif tag in PREFORMATTED:
            self.preformatted -= 1

    def _open_cell(self, element: _Element) -> None:
        if self.cells or _is_data_cell(element):
            self.cells += 1
            self.texts.append(" ")
        else:
            self._break(LINE)
            self.holders.append(element)

    def _close_cell(self) -> None:
        if self.cells:
            self.cells -= 1
            self.texts.append(" ")
        else:
            self._break(LINE)
            self.holders.pop()

    def _break(self, gap: int) -> None:
        """The boundary of a block: inside a data cell a space, inside a list item a line end."""
        if self.cells:
            self.texts.append(" ")
            return
        if self.texts:
            self._flush()
        if self.gap < gap:
            self.gap = LINE if self.lists else gap

    def _line_break(self) -> None:
        if self.cells:
            self.texts.append(" ")
        elif self._flush():
            self.gap = max(self.gap, LINE)
        else:
            self.gap = LINE if self.lists else BLANK

    def _flush(self) -> bool:
        """Make lines of the texts so far; False where they show nothing."""
        if not self.texts:
            return False
        text = "".join(self.texts)
        self.texts.clear()
        if self.preformatted:
            shown = self._preformatted_lines(_repaired(text))
        else:
            text = text.strip(_WHITE)
            shown = text != "" and self._line(text)
        self.linked = self.links = 0
        return shown

    def _line(self, text: str) -> bool:
        if "  " in text or not text.isprintable():
            text = _SPACE.sub(" ", _repaired(text)).strip(" ")
        # nearly all begin with a visible character of ASCII: the expression need not be asked
        shown = "!" <= text[:1] <= "~" or SHOWN.search(text) is not None
        if shown:
            self._append(text)
        return shown

    def _preformatted_lines(self, text: str) -> bool:
        before = len(self.lines)
        for row in re.split(r"\r\n?|\n", text):
            if SHOWN.search(row):
                self._append(row.rstrip(" \t\f"))
                self.gap = LINE
            elif len(self.lines) > before:
                self.gap = BLANK
        return len(self.lines) > before

    def _append(self, text: str) -> None:
        holder, depth = self.holders[-1], len(self.lists)
        continued = depth > 0 and self.lists[-1].within and not self.marker
        line = Line(
            text,
            self.gap,
            holder,
            "list" if depth else KINDS.get(holder.tag, "lines"),
            2 * (depth if continued else max(depth - 1, 0)),
            self.marker,
            min(self.linked, len(text)),
            self.links,
            self.unshown is not None,
        )
        self.lines.append(line)
        self.gap, self.marker = 0, ""


def _repaired(text: str) -> str:
    """The text as browsers show it: they take C1 controls for what Windows-1252 has at their places."""
    return text if text.isascii() else text.translate(C1)


def _is_data_cell(cell: _Element) -> bool:
    """Whether a cell holds a value; one that stacks blocks of its own, or paragraphs of lines, lays the page out."""
    blocks = (e for e in cell.iter() if (e.tag in SPACED or e.tag in CELLS) and e is not cell)
    if len(tuple(islice(blocks, 2))) > 1:
        return False
    breaks = (e for e in cell.iter("br") if not (e.tail or "").strip())
    return not any((after := e.getnext()) is not None and after.tag == "br" for e in breaks)
