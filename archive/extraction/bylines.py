"""The bylines that a page shows between its heading and its text."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml.etree import _Element

from archive.extraction.inline import on_one_line, shown_text
from archive.extraction.lines import Line
from archive.extraction.phrases import CALLS

MAX_BYLINE_LENGTH = 80
"""Characters; a longer line says more than who wrote."""
MAX_DATED_LENGTH = 160
"""The same where a date stands in it as well."""
MAX_PARTS = 20
"""Elements of a line that may be its date."""
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
_TIME_NAMES = re.compile(r"date|time|posted|published|updated|datum|fecha", re.IGNORECASE)
_LEADING_TO_DATE = re.compile(
    r"[\s|·•,–—-]*\b(?:published|updated|posted|on|am|le|el|em|op|den)[\s:]*$", re.IGNORECASE
)
_PARTED = re.compile(r"(\s*[|·•]\s*|,\s+|\s+[–—-]\s+)")
_PARTING = " \u00a0,;|·•/–—-"
"""What stands between a name and a date."""
_WHOLE = frozenset(("article", "main", "body"))
"""Elements whose marks are the whole page's."""


def shown_bylines(
    lines: Sequence[Line], between: Sequence[int], authors: Sequence[str]
) -> tuple[tuple[str, ...], frozenset[int]]:
    """The bylines among the lines ``between``, as the page shows them, and which lines they are.

    A line is one when it is short and names a known author or opens as bylines do, a date beside that left out; or when
    it is an item of a list right under the heading that is marked as bylines.
    """
    named = {author.casefold() for author in authors}
    found = {i: text for i in between if (text := _byline(lines, i, between, named)) is not None}
    texts = list(dict.fromkeys(found.values()))
    whole = (text for text in texts if not any(text in other for other in texts if other != text))
    return tuple(islice(whole, MAX_BYLINES)), frozenset(found)


def _byline(lines: Sequence[Line], index: int, between: Sequence[int], named: set[str]) -> str | None:
    line = lines[index]
    if not (line.unshown or line.kind == "caption" or len(line.text) > MAX_DATED_LENGTH):
        text = _without_date(line)
        if _names_who(text, named):
            return text
    return line.text if _is_listed(lines, index, between) else None


def _without_date(line: Line) -> str:
    """The line without a date at its start or end, as its markup tells or what parts them, and what leads to that."""
    text = line.text
    if not _DATED.search(text):
        return text
    for element in islice(line.element.iterdescendants(), MAX_PARTS):
        if _is_time(element) and (when := shown_text(element, MAX_DATED_LENGTH)):
            text = text.replace(when, " ", 1)
    parts = _PARTED.split(on_one_line(text))
    while parts and (_DATED.search(parts[-1]) or not parts[-1].strip(_PARTING)):
        parts.pop()
    while parts and (_DATED.search(parts[0]) or not parts[0].strip(_PARTING)):
        parts.pop(0)
    return _LEADING_TO_DATE.sub("", "".join(parts)).strip(_PARTING)


def _is_time(element: _Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    return element.tag == "time" or (
        _TIME_NAMES.search(names) is not None and _AUTHOR_NAMES.search(names) is None
    )


def _names_who(text: str, named: set[str]) -> bool:
    if len(text) > MAX_BYLINE_LENGTH or _DATED.search(text):
        return False
    folded = text.casefold()
    opens = (
        _OPENING.match(text) is not None
        and len(text.split()) <= 8
        and not text.endswith((".", ":", "?", "!"))
    )
    elsewhere = _OPENING_CJK.match(text) or _OPENING_GREEK.match(text)
    names = opens or elsewhere is not None or any(name in folded for name in named)
    return names and CALLS.search(text) is None


def _is_listed(lines: Sequence[Line], index: int, between: Sequence[int]) -> bool:
    """Whether a line is an item of a short list right under the heading that is marked as naming who wrote."""
    line = lines[index]
    if line.kind != "list" or line.indent or len(line.text) > MAX_BYLINE_LENGTH or CALLS.search(line.text):
        return False
    if _DATED.search(line.text) or line.linked >= len(line.text.replace(" ", "")) > 0:
        return False
    items = [i for i in between if lines[i].kind == "list"]
    above = all(lines[i].kind == "list" for i in between if i < index)
    return above and len(items) <= MAX_BYLINES and _is_marked(line)


def _is_marked(line: Line) -> bool:
    for element in (line.element, *islice(line.element.iterancestors(), MARKED_LEVELS)):
        if element.tag in _WHOLE:
            return False
        if any(_AUTHOR_NAMES.search(element.get(name) or "") for name in ("class", "id", "itemprop", "rel")):
            return True
    return False
