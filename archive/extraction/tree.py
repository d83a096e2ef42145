"""A page as the lines that it shows: the parse, and a layout by the display rules of CSS without any style sheet.

Which elements stack and which carry paragraph spacing follows the HTML Standard, section 15.3 (Rendering,
Non-replaced elements), but for ``figure``, whose caption, credit and neighbours stack without spacing here.
"""

import re
from dataclasses import dataclass, field
from itertools import islice, pairwise

import lxml.etree
from lxml.etree import _Element

from archive.document import BlockKind
from archive.extraction.head import end_head
from archive.extraction.hidden import mark_hidden, unshown
from archive.extraction.numbering import Numbering
from archive.extraction.tags import CELLS, HIDDEN, SPACED, STACKED

LINE, BLANK = 1, 2
"""Line ends before a line: on a line of its own, or after a blank line."""

PARAGRAPH_LENGTH = 100
"""Characters from which a ``div`` of prose among its like is a paragraph."""
_SENTENCE_ENDS = tuple(".!?…»”\"’'。！？।؟:")
_UNREAD = HIDDEN - {"head", "select", "textarea"}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_PREFORMATTED = frozenset(("pre", "listing", "xmp"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ANCHOR, _CELL, _BREAK, _SKIPPED, _STATEFUL = 3, 4, 5, 6, 7
_ROLES = {
    **dict.fromkeys(STACKED, LINE),
    **dict.fromkeys(SPACED, BLANK),
    **dict.fromkeys(_LISTS | _PREFORMATTED, _STATEFUL + BLANK),
    "li": _STATEFUL + LINE,
    **dict.fromkeys(CELLS, _CELL),
    **dict.fromkeys(HIDDEN, _SKIPPED),
    "a": _ANCHOR,
    "br": _BREAK,
}
"""What the layout does about an element. For a block that is the line ends around it, and ``_STATEFUL`` more where it
changes how the lines inside it are made; elements that are not here only hold text."""
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(_HEADINGS, "heading"),
    **dict.fromkeys(("p", "li", "dt", "dd"), "paragraph"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    **dict.fromkeys(_PREFORMATTED, "pre"),
    "blockquote": "quote",
    "table": "table",
    "tr": "table",
}
_BLOCK_TAGS = re.compile(
    r"</?(?:div|section|article|center|main|aside|blockquote|ul|ol|li|dl|dd|dt|table|tr|td)\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE_TAGS = re.compile(
    r"</?(?:span|b|i|em|strong|font|big|small|u|s|a|sub|sup|code|label)\b[^<>]*>", re.IGNORECASE
)
_BREAK_ENDS = re.compile(rb"</br[\s/]*>", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(
    rb"</p\s*>(?=\s*(?:[^<\s]|<(?:a|abbr|b|bdi|cite|code|em|font|i|img|ins|kbd|mark|q|s|small|span|strong|su[bp]|time|u)\b))",
    re.IGNORECASE,
)
"""Ends of paragraphs that a line follows."""
_TOO_DEEP, _CLOSED_BREAK, _CLOSED_PARAGRAPH = "too deep", "Unexpected end tag : br", "Unexpected end tag : p"
"""What libxml2 says of a page that it reads in part."""
_WHITE = " \t\n\r\f"
_SPACE = re.compile(f"[{_WHITE}]+")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SHOWN = re.compile(
    r"[^\s\x00-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)
C1 = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What browsers show for a C1 control (HTML Standard, section 13.2.5.80)."""


@dataclass(slots=True)
class Line:
    """A line of text that the page shows.

    ``gap`` counts the line ends before it; ``element`` is the nearest element that made the line; ``indent`` is in
    spaces; ``marker`` is a list item's ``- `` or ``1. ``; ``linked`` counts the characters inside links, ``links``
    the links; ``unshown`` marks what the page's own markup hides, as scripts may yet show it.
    """

    text: str
    gap: int
    element: _Element
    kind: BlockKind
    indent: int = 0
    marker: str = ""
    linked: int = 0
    links: int = 0
    unshown: bool = False

    @property
    def rendered(self) -> str:
        return f"{' ' * self.indent}{self.marker}{self.text}"


def parse_html(text: str | bytes) -> _Element | None:
    """Parse a page, as text or in UTF-8; None where it holds no element.

    libxml2 goes 2,048 elements deep and drops the rest. A page nested deeper is parsed again with its generic
    containers as paragraphs, which do not nest: its text stays, its structure goes.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    root, flaws = _parse(data)
    if _CLOSED_BREAK in flaws or _CLOSED_PARAGRAPH in flaws:
        # A break, and an empty paragraph (HTML Standard, section 13.2.6.4.7), which libxml2 drops.
        data = _PARAGRAPH_ENDS.sub(b"</p><p></p>", _BREAK_ENDS.sub(b"<br>", data))
        root, flaws = _parse(data)
    if _TOO_DEEP in flaws:
        flat = _INLINE_TAGS.sub("", _BLOCK_TAGS.sub("<p>", data.decode("utf-8")))
        root, _ = _parse(flat.encode("utf-8"))
    if root is not None:
        end_head(root)
        mark_hidden(root)
    return root


def _parse(data: bytes) -> tuple[_Element | None, frozenset[str]]:
    """The tree, and what libxml2 leaves out of it."""
    parser = lxml.etree.HTMLParser(
        huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8"
    )
    try:
        root = lxml.etree.fromstring(data, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None, frozenset()
    flaws = (
        _TOO_DEEP if entry.type == lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT else entry.message
        for entry in parser.error_log
    )
    return root, frozenset(flaws)


def drop_unread(root: _Element) -> None:
    """Remove, for good, what shows no text of its own: scripts, styles, drawings, embedded documents."""
    lxml.etree.strip_elements(root, *_UNREAD, with_tail=False)


def layout(root: _Element) -> list[Line]:
    """The lines of ``root`` in reading order."""
    lines = _Layout().run(root)
    for above, line in pairwise(lines):
        if line.gap == LINE and is_paragraph(line) and _are_apart(above, line):
            line.gap = BLANK
    return lines


def _are_apart(above: Line, paragraph: Line) -> bool:
    """Whether two lines without spacing between them are paragraphs all the same."""
    if is_paragraph(above):
        return _are_alike(above.element, paragraph.element)
    return _leaves(above.element, paragraph.element)


def _leaves(one: _Element, other: _Element) -> bool:
    """Whether ``one`` stands deeper than ``other``, in a box that ended before ``other`` began beside it."""
    beside = other.getparent()
    return one.getparent() is not beside and any(above is beside for above in one.iterancestors())


def is_paragraph(line: Line) -> bool:
    """Whether a ``div`` holds what others write in a ``p``: a line of prose that ends its sentence."""
    return (
        len(line.text) >= PARAGRAPH_LENGTH
        and line.element.tag == "div"
        and line.text.rstrip().endswith(_SENTENCE_ENDS)
    )


def _are_alike(one: _Element, other: _Element) -> bool:
    return (
        one is not other and one.getparent() is other.getparent() and one.get("class") == other.get("class")
    )


def weighed_length(text: str) -> int:
    """Characters, those of scripts that write a word in one or two counted three times."""
    return len(text) if text.isascii() else len(text) + 2 * len(CJK.findall(text))


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
            role = _ROLES.get(element.tag)
            within.append((element, role))
            if role == _SKIPPED:
                skipped.add(element)
                continue
            if hidden and element in hidden:
                if hidden[element]:
                    skipped.add(element)
                    self.anchors += role == _ANCHOR  # taken off where it ends
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
        elif role == _ANCHOR:
            self.anchors += 1
            self.links += 1
        elif role == _CELL:
            self._open_cell(element)
        elif role == _BREAK:
            self._line_break()
        else:
            self._break(role - _STATEFUL)
            self.holders.append(element)
            self._open_block(element, element.tag)

    def _leave(self, element: _Element, role: int | None) -> None:
        if role is None:
            pass
        elif role <= BLANK:
            self._break(role)
            self.holders.pop()
        elif role == _ANCHOR:
            self.anchors -= 1
        elif role == _CELL:
            self._close_cell()
        elif role > _STATEFUL:
            self._close_block(element.tag)
            self._break(role - _STATEFUL)
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
        if tag in _LISTS:
            self.lists.append(Numbering.of(element))
        elif tag == "li":
            self.marker = "- "
            if self.lists:
                self.lists[-1].within = True
                self.marker = self.lists[-1].marker(element)
        elif tag in _PREFORMATTED:
            self.preformatted += 1

    def _close_block(self, tag: str) -> None:
        if not self.cells:
            self._flush()
        if tag in _LISTS:
            self.lists.pop()
        elif tag == "li":
            self.marker = ""
            if self.lists:
                self.lists[-1].within = False
        elif tag in _PREFORMATTED:
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
            "list" if depth else _KINDS.get(holder.tag, "lines"),
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
