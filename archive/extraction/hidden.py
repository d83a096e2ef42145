"""What a page's own markup keeps from being shown."""

import re
from itertools import chain
from typing import Any, cast

import lxml.etree
from lxml.html import HtmlElement

from archive.extraction.tags import BLOCKS

_UNSHOWN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDES, _STYLES = map(lxml.etree.XPath, ("descendant-or-self::*/@hidden", "descendant-or-self::*/@style"))


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
