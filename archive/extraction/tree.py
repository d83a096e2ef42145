"""A page as the lines that it shows: the parse, and a layout by the display rules of CSS without any style sheet.

Which elements stack and which carry paragraph spacing follows the HTML Standard, section 15.3 (Rendering,
Non-replaced elements), but for ``figure``, whose caption, credit and neighbours stack without spacing here.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from archive.document import BlockKind


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


LINE, BLANK = 1, 2
"""Line ends before a line: on a line of its own, or after a blank line."""

_SPACED = _tags(
    "p h1 h2 h3 h4 h5 h6 ul ol menu dir dl blockquote pre listing xmp table hr fieldset section"
    " article aside footer main nav dialog form"
)
_STACKED = _tags(
    "address body caption center dd details div dt figcaption figure frameset header hgroup html"
    " legend li optgroup option search summary tbody tfoot thead tr"
)
HIDDEN = _tags(
    "head script style template noscript title meta link base area datalist param source track iframe"
    " object embed applet audio video canvas svg select textarea annotation annotation-xml noembed"
    " noframes"
)
_BLOCKS = _SPACED | _STACKED
PARAGRAPH_LENGTH = 100
"""Characters from which a ``div`` of prose among its like is a paragraph."""
_SENTENCE_ENDS = tuple(".!?…»”\"’'。！？।؟:")
_UNREAD = HIDDEN - {"head", "select", "textarea"}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_PREFORMATTED = frozenset(("pre", "listing", "xmp"))
_CELLS = frozenset(("td", "th"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_STRUCTURE = _BLOCKS | _CELLS | {"a", "br"}
"""What the layout does something about; other elements only hold text."""
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(_HEADINGS, "heading"),
    **dict.fromkeys(("p", "li", "dt", "dd"), "paragraph"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    **dict.fromkeys(_PREFORMATTED, "pre"),
    "blockquote": "quote",
    "table": "table",
    "tr": "table",
}
_ELEMENTS = lxml.etree.ElementDefaultClassLookup(element=HtmlElement)
"""One class for all elements: lxml's own choice of a class calls Python for each element that is looked at."""
_BLOCK_TAGS = re.compile(
    r"</?(?:div|section|article|center|main|aside|blockquote|ul|ol|li|dl|dd|dt|table|tr|td)\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE_TAGS = re.compile(
    r"</?(?:span|b|i|em|strong|font|big|small|u|s|a|sub|sup|code|label)\b[^<>]*>", re.IGNORECASE
)
_UNSHOWN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
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
    element: HtmlElement
    kind: BlockKind
    indent: int = 0
    marker: str = ""
    linked: int = 0
    links: int = 0
    unshown: bool = False

    @property
    def rendered(self) -> str:
        return f"{' ' * self.indent}{self.marker}{self.text}"

    def with_gap(self, gap: int) -> "Line":
        return replace(self, gap=gap)


def parse_html(text: str | bytes) -> HtmlElement | None:
    """Parse a page, as text or in UTF-8; None where it holds no element.

    libxml2 goes 2,048 elements deep and drops the rest. A page nested deeper is parsed again with its generic
    containers as paragraphs, which do not nest: its text stays, its structure goes.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    root, complete = _parse(data)
    if complete:
        return root
    flat = _INLINE_TAGS.sub("", _BLOCK_TAGS.sub("<p>", data.decode("utf-8")))
    return _parse(flat.encode("utf-8"))[0]


def _parse(data: bytes) -> tuple[HtmlElement | None, bool]:
    parser = lxml.html.HTMLParser(
        huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8"
    )
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        root = lxml.html.document_fromstring(data, parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return None, True
    complete = not any(entry.type == lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    return (root if isinstance(root, HtmlElement) else None), complete


def drop_unread(root: HtmlElement) -> None:
    """Remove, for good, what shows no text of its own: scripts, styles, drawings, embedded documents."""
    lxml.etree.strip_elements(root, *_UNREAD, with_tail=False)


def layout(root: HtmlElement) -> list[Line]:
    """The lines of ``root`` in reading order."""
    lines = _Layout().run(root)
    for above, line in pairwise(lines):
        if line.gap == LINE and _are_apart(above, line):
            line.gap = BLANK
    return lines


def _are_apart(above: Line, line: Line) -> bool:
    """Whether two lines without spacing between them are paragraphs all the same."""
    if is_paragraph(above) and is_paragraph(line):
        return _are_alike(above.element, line.element)
    return is_paragraph(line) and _leaves(above.element, line.element)


def _leaves(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether ``one`` stands deeper than ``other``, in a box that ended before ``other`` began beside it."""
    beside = other.getparent()
    return one.getparent() is not beside and beside in one.iterancestors()


def is_paragraph(line: Line) -> bool:
    """Whether a ``div`` holds what others write in a ``p``: a line of prose that ends its sentence."""
    return (
        line.element.tag == "div"
        and len(line.text) >= PARAGRAPH_LENGTH
        and line.text.rstrip().endswith(_SENTENCE_ENDS)
    )


def _are_alike(one: HtmlElement, other: HtmlElement) -> bool:
    return (
        one is not other and one.getparent() is other.getparent() and one.get("class") == other.get("class")
    )


def weighed_length(text: str) -> int:
    """Characters, those of scripts that write a word in one or two counted three times."""
    return len(text) if text.isascii() else len(text) + 2 * len(CJK.findall(text))


def is_unshown(element: HtmlElement) -> bool:
    """Whether the element's own markup keeps it from being shown."""
    hidden = element.get("hidden")
    if hidden is not None and hidden != "until-found":
        return True
    style = element.get("style")
    return style is not None and _UNSHOWN_STYLE.search(style) is not None


@dataclass(slots=True)
class _List:
    number: int
    step: int
    numbered: bool

    @classmethod
    def of(cls, element: HtmlElement) -> "_List":
        reverse = element.get("reversed") is not None
        start = _number(element.get("start"), sum(1 for _ in element.iterchildren("li")) if reverse else 1)
        return cls(start, -1 if reverse else 1, element.tag == "ol")

    def marker(self, item: HtmlElement) -> str:
        number = _number(item.get("value"), self.number)
        self.number = number + self.step
        return f"{number}. " if self.numbered else "- "


@dataclass(slots=True)
class _Layout:
    lines: list[Line] = field(default_factory=list)
    run_text: list[str] = field(default_factory=list)
    gap: int = 0
    lists: list[_List] = field(default_factory=list)
    marker: str = ""
    cells: int = 0
    preformatted: int = 0
    anchors: int = 0
    linked: int = 0
    links: int = 0
    holders: list[HtmlElement] = field(default_factory=list)
    unshown: HtmlElement | None = None

    def run(self, root: HtmlElement) -> list[Line]:
        self.holders.append(root)
        walk = lxml.etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if tag in HIDDEN:
                    walk.skip_subtree()
                    continue
                if self.unshown is None and is_unshown(element):
                    self._flush()
                    self.unshown = element
                if tag in _STRUCTURE:
                    self._enter(element, tag)
                text = element.text
            else:
                if tag in _STRUCTURE:
                    self._leave(tag)
                if element is self.unshown:
                    self._flush()
                    self.unshown = None
                text = element.tail if element is not root else None
            if text:
                self.run_text.append(text)
                if self.anchors:
                    self.linked += len(text.strip())
        self._flush()
        return self.lines

    def _enter(self, element: HtmlElement, tag: str) -> None:
        if tag in _BLOCKS:
            self._break(tag)
            self.holders.append(element)
            self._open_block(element, tag)
        elif tag in _CELLS:
            self._open_cell(element)
        elif tag == "br":
            self._line_break()
        else:
            self.anchors += 1
            self.links += 1

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS:
            if self.run_text and not self.cells:
                self._flush()
            self.holders.pop()
            self._close_block(tag)
            self._break(tag)
        elif tag in _CELLS:
            self._close_cell()
        elif tag == "a":
            self.anchors -= 1

    def _open_block(self, element: HtmlElement, tag: str) -> None:
        if tag in _LISTS:
            self.lists.append(_List.of(element))
        elif tag == "li":
            self.marker = self.lists[-1].marker(element) if self.lists else "- "
        elif tag in _PREFORMATTED:
            self.preformatted += 1

    def _close_block(self, tag: str) -> None:
        if tag in _LISTS:
            self.lists.pop()
        elif tag == "li":
            self.marker = ""
        elif tag in _PREFORMATTED:
            self.preformatted -= 1

    def _open_cell(self, element: HtmlElement) -> None:
        if self.cells or _is_data_cell(element):
            self.cells += 1
            self.run_text.append(" ")
        else:
            self._break("div")
            self.holders.append(element)

    def _close_cell(self) -> None:
        if self.cells:
            self.cells -= 1
            self.run_text.append(" ")
        else:
            self._break("div")
            self.holders.pop()

    def _break(self, tag: str) -> None:
        """The boundary of a block: inside a data cell a space, inside a list item a line end."""
        if self.cells:
            self.run_text.append(" ")
            return
        if self.run_text:
            self._flush()
        if self.gap < BLANK:
            self.gap = BLANK if tag in _SPACED and not self.lists else LINE

    def _line_break(self) -> None:
        if self.cells:
            self.run_text.append(" ")
        elif self._flush():
            self.gap = max(self.gap, LINE)
        else:
            self.gap = LINE if self.lists else BLANK

    def _flush(self) -> bool:
        """Make lines of the text run so far; False where it shows nothing."""
        if not self.run_text:
            return False
        text = "".join(self.run_text)
        self.run_text.clear()
        if not text.isascii():
            text = text.translate(C1)
        if text.isspace():
            shown = False
        elif self.preformatted:
            shown = self._preformatted_lines(text)
        else:
            text = _SPACE.sub(" ", text).strip(" ")
            shown = SHOWN.search(text) is not None and self._append(text)
        self.linked = self.links = 0
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

    def _append(self, text: str) -> bool:
        holder = self.holders[-1]
        depth = 2 * max(len(self.lists) - 1, 0)
        if self.lists and not self.marker:
            depth += 2
        kind: BlockKind = "list" if self.lists else _KINDS.get(holder.tag, "lines")
        line = Line(
            text,
            self.gap,
            holder,
            kind,
            depth,
            self.marker,
            min(self.linked, len(text)),
            self.links,
            self.unshown is not None,
        )
        self.lines.append(line)
        self.gap, self.marker = 0, ""
        return True


def _is_data_cell(cell: HtmlElement) -> bool:
    """Whether a cell holds a value; one that stacks blocks of its own, or paragraphs of lines, lays the page out."""
    blocks = [e for e in cell.iter() if e.tag in _SPACED or e.tag in _CELLS]
    if sum(1 for e in blocks if e is not cell) > 1:
        return False
    return not any(
        e.getnext() is not None and e.getnext().tag == "br" and _ends_line(e) for e in cell.iter("br")
    )


def _ends_line(element: HtmlElement) -> bool:
    """Whether nothing but white space follows an element before the next one."""
    return not (element.tail or "").strip()


def _number(value: str | None, default: int) -> int:
    try:
        return int(value) if value is not None else default
    except ValueError:
        return default
