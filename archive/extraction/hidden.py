"""What a page's own markup keeps from being shown."""

import re
from itertools import chain
from typing import Any, cast

import lxml.etree
from lxml.html import HtmlElement

from archive.extraction.tags import BLOCKS

_UNSHOWN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDES, _STYLES = map(lxml.etree.XPath, ("descendant-or-self::*/@hidden", "descendant-or-self::*/@style"))
_SPOKEN = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "element-invisible")
)
"""Classes by which sites commonly say that an element is for screen readers alone."""
_DIALOGS = lxml.etree.XPath("descendant::dialog[not(@open)]")
_POPOVERS = lxml.etree.XPath("descendant::*/@popover")
_MAYBE_SPOKEN = lxml.etree.XPath(
    "descendant::span/@class[contains(., 'sr-only') or contains(., 'hidden')"
    " or contains(., 'screen-reader-text') or contains(., 'element-invisible')]"
)


def mark_hidden(root: HtmlElement) -> None:
    """Give the attribute ``hidden`` to what is not shown without it.

    That are closed dialogs and popovers (HTML Standard, section 15.3.1), and parts of a line whose class says that
    screen readers alone read them.
    """
    spoken = (value.getparent() for value in _MAYBE_SPOKEN(root) if not _SPOKEN.isdisjoint(value.split()))
    popovers = (value.getparent() for value in _POPOVERS(root))
    for element in (*_DIALOGS(root), *popovers, *filter(_is_spoken, spoken)):
        element.set("hidden", "")


def is_unshown(element: HtmlElement) -> bool:
    """Whether the element's own markup keeps it from being shown."""
    hidden = element.get("hidden")
    if hidden is not None and hidden != "until-found":
        return True
    style = element.get("style")
    return style is not None and _UNSHOWN_STYLE.search(style) is not None


def unshown(root: HtmlElement) -> dict[HtmlElement, bool]:
    """The elements of which ``is_unshown`` is true, and whether they are part of a line.

    XPath finds the few with such an attribute faster than a walk.
    """
    values = chain.from_iterable(cast("list[Any]", path(root)) for path in (_HIDES, _STYLES))
    elements = (value.getparent() for value in values)
    return {element: _is_inline(element) for element in elements if is_unshown(element)}


def _is_inline(element: HtmlElement) -> bool:
    return all(inner.tag not in BLOCKS for inner in element.iter())


def _is_spoken(element: HtmlElement) -> bool:
    """Whether words stand inside a line; a colon alone parts what the page's styles part for the eye."""
    return _is_inline(element) and any(map(str.isalnum, "".join(element.itertext())))
