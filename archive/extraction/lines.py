"""A line of text that a page shows, and what can be told of it alone."""

import re
from dataclasses import dataclass

from lxml.etree import _Element

from archive.document import BlockKind

LINE, BLANK = 1, 2
"""Line ends before a line: on a line of its own, or after a blank line."""

PARAGRAPH_LENGTH = 100
"""Characters from which a ``div`` of prose among its like is a paragraph."""
_SENTENCE_ENDS = tuple(".!?…»”\"’'。！？।؟:")

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


def is_paragraph(line: Line) -> bool:
    """Whether a ``div`` holds what others write in a ``p``: a line of prose that ends its sentence."""
    return (
        len(line.text) >= PARAGRAPH_LENGTH
        and line.element.tag == "div"
        and line.text.rstrip().endswith(_SENTENCE_ENDS)
    )


def weighed_length(text: str) -> int:
    """Characters, those of scripts that write a word in one or two counted three times."""
    return len(text) if text.isascii() else len(text) + 2 * len(CJK.findall(text))
