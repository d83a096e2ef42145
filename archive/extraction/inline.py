"""The text of one element, on one line, without what is never shown."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from archive.extraction.display import is_unshown
from archive.extraction.lines import C1
from archive.extraction.tags import HIDDEN

SPARE = 4
"""Times a limit of characters, that are looked at, white space and ends of elements included."""

_SPACE = re.compile(r"[ \t\n\r\f]+")
_ODD_SPACE = re.compile(r"[\t\n\r\f]|  ")
_C1 = re.compile(r"[\x80-\x9f]")


def shown_text(element: _Element, limit: int | None = None) -> str:
    """The element's text; with a ``limit``, no more than so many characters, and little beyond them looked at."""
    if limit is None:
        return on_one_line("".join(pieces(element)))
    parts: list[str] = []
    length = 0
    for piece in pieces(element):
        parts.append(piece[: SPARE * limit])
        length += len(piece.strip()) + 1  # empty elements are work as well
        if length > SPARE * limit:
            break
    return on_one_line("".join(parts))[:limit]


def on_one_line(text: str) -> str:
    """White space and C1 controls as a browser shows them; U+00A0 and its like stay."""
    if not text.isascii() and _C1.search(text):
        text = text.translate(C1)
    return (_SPACE.sub(" ", text) if _ODD_SPACE.search(text) else text).strip(" ")


def pieces(element: _Element) -> Iterator[str]:
    """The element's text, cut wherever an element begins or ends."""
    yield _opening(element)
    within = [(element, _children(element))]
    while within:
        node, children = within[-1]
        child = next(children, None)
        if child is not None:
            yield _opening(child)
            within.append((child, _children(child)))
            continue
        within.pop()
        if within:
            yield node.tail or ""


def _opening(node: _Element) -> str:
    if not _is_shown(node):
        return ""
    return (" " if node.tag in ("br", "div", "p") else "") + (node.text or "")


def _children(node: _Element) -> Iterator[_Element]:
    return node.iterchildren() if _is_shown(node) else iter(())


def _is_shown(node: _Element) -> bool:
    return isinstance(node.tag, str) and node.tag not in HIDDEN and not is_unshown(node)
