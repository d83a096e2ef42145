"""The text of one element, on one line, without what is never shown."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archive.extraction.tree import HIDDEN, is_unshown

SPARE = 4
"""Times a limit of characters, that are looked at, white space and ends of elements included."""

_SPACE = re.compile(r"[ \t\n\r\f]+")


def shown_text(element: HtmlElement, limit: int | None = None) -> str:
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
    """White space as a browser collapses it; U+00A0 and its like stay."""
    return _SPACE.sub(" ", text).strip(" ")


def pieces(element: HtmlElement) -> Iterator[str]:
    """The element's text, cut wherever an element begins or ends."""
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        node, left = stack.pop()
        if left:
            yield node.tail or ""
            continue
        if node is not element:
            stack.append((node, True))
        if node.tag in HIDDEN or not isinstance(node.tag, str) or is_unshown(node):
            continue
        yield (" " if node.tag in ("br", "div", "p") else "") + (node.text or "")
        stack.extend((child, False) for child in reversed(node))
