"""The markers of a list's items: dashes, or numbers as HTML counts them."""

from dataclasses import dataclass

from lxml.etree import _Element


@dataclass(slots=True)
class Numbering:
    """The count of an open list; ``number`` is that of its next item."""

    number: int
    step: int
    numbered: bool

    @classmethod
    def of(cls, element: _Element) -> "Numbering":
        reverse = element.get("reversed") is not None
        start = _number(element.get("start"), sum(1 for _ in element.iterchildren("li")) if reverse else 1)
        return cls(start, -1 if reverse else 1, element.tag == "ol")

    def marker(self, item: _Element) -> str:
        """The marker of the next item."""
        number = _number(item.get("value"), self.number)
        self.number = number + self.step
        return f"{number}. " if self.numbered else "- "


def _number(value: str | None, default: int) -> int:
    try:
        return int(value) if value is not None else default
    except ValueError:
        return default
