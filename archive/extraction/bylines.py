"""The bylines that a page shows between its heading and its text."""

import re
from collections.abc import Sequence
from itertools import islice

from archive.extraction.lines import Line
from archive.extraction.phrases import CALLS

MAX_BYLINE_LENGTH = 80
"""Characters; a longer line says more than who wrote."""
MAX_BYLINES = 6
MARKED_LEVELS = 3
"""Levels above an item of a list at which the list may be marked as bylines."""

_OPENING = re.compile(
    r"(?:translation|übersetzung|traduction|traducción)\b[^:]{0,20}:\s|(?:текст|yazan|haber|yazar|מאת|نوشته|نویسنده)\s*:\s"
    r"|(?:by|with|von|mit|par|avec|por|con|di|da|de|door|av|af|med|text|texte|texto|przez|autor|автор|от|oleh|reporting by"
    r"|yazan|מאת|بقلم|كتب|كتبت|نویسنده|लेखक)(?:\s*:|\b)[\s:]",
    re.IGNORECASE,
)
_OPENING_CJK = re.compile(
    r"(?:本?报?记者|本報?記者|文[/／·・]|文\s?[:：]|作者|撰文|取材・文|글[·/]|취재)\s*[:：]?\s*\S{2,}|\S{2,4} ?(?:기자|記者)$"
)
_OPENING_GREEK = re.compile(r"(?:Του|Της|Των|ΤΟΥ|ΤΗΣ|ΤΩΝ) [Α-ΩΆΈΉΊΌΎΏ]\S+(?: [Α-ΩΆΈΉΊΌΎΏ]\S+){1,2}$")
"""``Του Νίκου Παπά``: also how a sentence may open, so only of names that are all of the line."""
_DATED = re.compile(r"\d{4}|\d{1,2}[:.h]\d{2}|\b\d{1,2}\s+\w+|\w+\s+\d{1,2}\b|\bmin\b")
_AUTHOR_NAMES = re.compile(r"author|byline|autor|auteur|redact|rédact|(?<!re)source|signature", re.IGNORECASE)
_WHOLE = frozenset(("article", "main", "body"))
"""Elements whose marks are the whole page's."""


def shown_bylines(
    lines: Sequence[Line], between: range, authors: Sequence[str]
) -> tuple[tuple[str, ...], frozenset[int]]:
    """The bylines among the lines ``between``, as the page shows them, and which lines they are.

    A line is one when it is short and names a known author or opens as bylines do; or when it is an item of a list
    right under the heading that is marked as bylines.
    """
    named = {author.casefold() for author in authors}
    found = [i for i in between if _is_byline(lines[i], named) or _is_listed(lines, i, between)]
    texts = list(dict.fromkeys(lines[i].text for i in found))[:MAX_BYLINES]
    return tuple(texts), frozenset(found)


def _is_byline(line: Line, named: set[str]) -> bool:
    text = line.text
    if (
        len(text) > MAX_BYLINE_LENGTH
        or line.unshown
        or _DATED.search(text)
        or CALLS.search(text)
        or line.kind == "caption"
    ):
        return False
    folded = text.casefold()
    opens = (
        _OPENING.match(text) is not None
        and len(text.split()) <= 8
        and not text.endswith((".", ":", "?", "!"))
    )
    elsewhere = _OPENING_CJK.match(text) or _OPENING_GREEK.match(text)
    return opens or elsewhere is not None or any(name in folded for name in named)


def _is_listed(lines: Sequence[Line], index: int, between: range) -> bool:
    """Whether a line is an item of a short list right under the heading that is marked as naming who wrote."""
    line = lines[index]
    if line.kind != "list" or line.indent or len(line.text) > MAX_BYLINE_LENGTH or CALLS.search(line.text):
        return False
    if _DATED.search(line.text) or line.linked >= len(line.text.replace(" ", "")) > 0:
        return False
    above = range(between.start, index)
    items = [i for i in between if lines[i].kind == "list"]
    return len(items) <= MAX_BYLINES and all(lines[i].kind == "list" for i in above) and _is_marked(line)


def _is_marked(line: Line) -> bool:
    for element in (line.element, *islice(line.element.iterancestors(), MARKED_LEVELS)):
        if element.tag in _WHOLE:
            return False
        if any(_AUTHOR_NAMES.search(element.get(name) or "") for name in ("class", "id", "itemprop", "rel")):
            return True
    return False
