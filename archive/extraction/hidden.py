"""What a page's own markup keeps from being shown."""

from lxml.etree import _Element

from archive.extraction.attributes import having
from archive.extraction.display import is_unshown
from archive.extraction.tags import BLOCKS

_SPOKEN = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "element-invisible")
)
"""Classes by which sites commonly say that an element is for screen readers alone."""
_SPOKEN_WORDS = ("sr-only", "hidden", "screen-reader-text", "element-invisible")
"""Of which one stands in each of these."""


def mark_hidden(root: _Element) -> None:
    """Give the attribute ``hidden`` to what is not shown without it.

    That are closed dialogs and popovers (HTML Standard, section 15.3), and parts of a line whose class says that
    screen readers alone read them.
    """
    closed = [*root.iter("dialog"), *having(root, ("popover",))]
    closed = [element for element in closed if element.tag != "dialog" or element.get("open") is None]
    spoken = filter(_is_spoken, having(root, ("class",), _SPOKEN_WORDS, tag="span"))
    for element in (*closed, *spoken):
        if element is not root:
            element.set("hidden", "")


def unshown(root: _Element) -> dict[_Element, bool]:
    """The elements of which ``is_unshown`` is true, and whether they are part of a line."""
    elements = having(root, ("hidden", "style"))
    return {element: _is_inline(element) for element in elements if is_unshown(element)}


def _is_inline(element: _Element) -> bool:
    return all(inner.tag not in BLOCKS for inner in element.iter())


def _is_spoken(element: _Element) -> bool:
    """Whether words stand inside a line; a colon alone parts what the page's styles part for the eye."""
    return (
        not _SPOKEN.isdisjoint(element.get("class", "").split())
        and _is_inline(element)
        and any(any(map(str.isalnum, str(text))) for text in element.itertext())
    )
