"""The markers of a list's items: dashes, or numbers as HTML counts them."""

import re
from dataclasses import dataclass

from lxml.etree import _Element

from archive.extraction.display import is_unshown

_INTEGER = re.compile(r"[ \t\n\f\r]*([+-]?[0-9]{1,10})(?![0-9])")


@dataclass(slots=True)
class Numbering:
    """The count of an open list; ``number`` is that of its next item, ``within`` whether one is open."""

    number: int
    step: int
    numbered: bool
    within: bool = False

    @classmethod
    def of(cls, element: _Element) -> "Numbering":
        reverse = element.get("reversed") is not None
        start = number_in(element.get("start"), sum(1 for _ in element.iterchildren("li")) if reverse else 1)
        return cls(start, -1 if reverse else 1, element.tag == "ol")

    def marker(self, item: _Element) -> str:
        """The marker of the next item; none that is not shown is counted (CSS Lists, section 4.5)."""
        if is_unshown(item):
            return "- "
        number = number_in(item.get("value"), self.number)
        self.number = number + self.step
        return f"{number}. " if self.numbered else "- "


def number_in(value: str | None, default: int) -> int:
    """What an attribute counts from (HTML Standard, section 2.3.4.1)."""
    match = _INTEGER.match(value or "")
    return int(match[1]) if match else default
