"""Microdata and RDFa of a page as objects of the same shape as JSON-LD's.

Microdata: HTML Standard, section 5. RDFa: RDFa Lite 1.1 (W3C), as news pages use it with schema.org. Both are read
leniently: ``content`` counts on any element, and a property is known by the last part of its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from lxml.etree import _Element

from archive.extraction.attributes import having
from archive.extraction.inline import shown_text

MAX_OBJECTS = 1000
MAX_PROPERTIES = 5000
"""Elements of one page that are read for properties, by each of the two ways."""
MAX_NAMES = 20
"""Of one property."""
MAX_CLIMB = 100
"""Levels above a property that are searched for the object that has it."""
MAX_REFERENCES = 50
"""Of one object to elements elsewhere in the page."""
MAX_VALUE = 1000
"""Characters of a property's text."""

_ADDRESSES = {
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src"),
    **dict.fromkeys(("data", "meter"), "value"),
    "object": "data",
    "time": "datetime",
}
_NAMING = frozenset(("name", "headline", "author", "creator", "publisher"))
"""Properties that a link names by its text, where the standard has its address."""
_BODIES = frozenset(("articleBody", "text"))
"""Properties whose text is the article's: it is read from the page."""

Item = dict[str, object]


@dataclass(frozen=True, slots=True)
class Syntax:
    """Which attributes give an object its type, name a property, and begin an object."""

    source: str
    kind: str
    name: str
    scope: str


MICRODATA = Syntax("microdata", "itemtype", "itemprop", "itemscope")
RDFA = Syntax("rdfa", "typeof", "property", "typeof")


def read_items(root: _Element, syntax: Syntax) -> tuple[Item, ...]:
    """The page's objects in its order; each property is a string or an object, or a list of them."""
    scopes = having(root, (syntax.scope,), most=MAX_OBJECTS)
    items: dict[_Element, Item] = {e: {"@type": (e.get(syntax.kind) or "").split()} for e in scopes}
    if not items:
        return ()
    referred = {name: e for e in scopes for name in (e.get("itemref") or "").split()[:MAX_REFERENCES]}
    for element in having(root, (syntax.name,), most=MAX_PROPERTIES):
        owner = _owner(element, items, referred)
        if owner is not None:
            _state(items[owner], element, syntax, items.get(element))
    return tuple(items.values())


def _owner(
    element: _Element, items: Mapping[_Element, Item], referred: Mapping[str, _Element]
) -> _Element | None:
    """The nearest object around the element; only values are taken from elsewhere, so that no object holds itself."""
    for above in islice((element, *islice(element.iterancestors(), MAX_CLIMB)), MAX_CLIMB):
        if above is not element and above in items:
            return above
        if element not in items and (name := above.get("id", "")) in referred:
            return referred[name]
    return None


def _state(item: Item, element: _Element, syntax: Syntax, nested: Item | None) -> None:
    for name in (element.get(syntax.name) or "").split()[:MAX_NAMES]:
        key = name.rpartition(":")[2].rpartition("/")[2]
        value = nested if nested is not None else _value(element, key)
        if not value or key in _BODIES:
            continue
        known = item.get(key)
        if known is None:
            item[key] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            item[key] = [known, value]


def _value(element: _Element, key: str) -> str:
    """A property's value (HTML Standard, section 5.2.4), in one line."""
    stated = element.get("content")
    if stated is None and key not in _NAMING:
        stated = element.get(_ADDRESSES.get(element.tag, "content"))
    return " ".join((stated if stated is not None else shown_text(element, MAX_VALUE)).split())[:MAX_VALUE]
