"""Elements by their attributes: XPath finds the few that have one in a fraction of a walk over all."""

from itertools import islice
from typing import cast

from lxml.etree import XPath, _Element, _ElementUnicodeResult


def having(attributes: XPath, root: _Element, most: int | None = None) -> list[_Element]:
    """The elements that the first so many ``attributes`` stand on, in the page's order.

    libxml2 finds attributes in a quarter of the time that elements which have them take; its ``/..`` would compare
    each with all others.
    """
    found = cast("list[_ElementUnicodeResult]", attributes(root))
    return [cast("_Element", value.getparent()) for value in islice(found, most)]
