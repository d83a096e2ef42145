"""What a page's own markup keeps from being shown."""

import re

from lxml.etree import XPath, _Element

from archive.extraction.attributes import having
from archive.extraction.tags import BLOCKS

_UNSHOWN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDES, _STYLES = map(XPath, ("descendant-or-self::*/@hidden", "descendant-or-self::*/@style"))
_SPOKEN = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "element-invisible")
)
"""Classes by which sites commonly say that an element is for screen readers alone."""
_POPOVERS = XPath("descendant::*/@popover")
_MAYBE_SPOKEN = XPath(
    "descendant::span/@class[contains(., 'sr-only') or contains(., 'hidden')"
    " or contains(., 'screen-reader-text') or contains(., 'element-invisible')]"
)


def mark_hidden(root: _Element) -> None:
    """Give the attribute ``hidden`` to what is not shown without it.

    That are closed dialogs and popovers (HTML Standard, section 15.3), and parts of a line whose class says that
    screen readers alone read them.
    """
    closed = [*root.iter("dialog"), *having(_POPOVERS, root)]
    closed = [element for element in closed if element.tag != "dialog" or element.get("open") is None]
    spoken = filter(_is_spoken, having(_MAYBE_SPOKEN, root))
    for element in (*closed, *spoken):
        element.set("hidden", "")


def is_unshown(element: _Element) -> bool:
    """Whether the element's own markup keeps it from being shown."""
    hidden = element.get("hidden")
    if hidden is not None and hidden != "until-found":
        return True
    style = element.get("style")
    return style is not None and _UNSHOWN_STYLE.search(style) is not None


def unshown(root: _Element) -> dict[_Element, bool]:
    """The elements of which ``is_unshown`` is true, and whether they are part of a line."""
    elements = (*having(_HIDES, root), *having(_STYLES, root))
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
