"""Which of a page's lines are its article: body, cover caption and bylines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from archive.extraction import vote
from archive.extraction.bylines import shown_bylines
from archive.extraction.features import Clues
from archive.extraction.gaps import drop_trailing_links, fill_gaps
from archive.extraction.metadata import Metadata
from archive.extraction.model import keep_lines
from archive.extraction.phrases import CALLS, CONSENT, PROMPTS
from archive.extraction.structured import clean
from archive.extraction.tree import BLANK, Line, is_paragraph

LIKELY = 0.45
"""Probability from which a line is the article's."""
MAX_CLAIMED_BODY = 200_000
"""Characters of a JSON-LD ``articleBody`` that lines are held against."""
MAX_TOP_LINES = 100
"""Lines under the heading among which bylines and the cover picture's are looked for."""
COVER_LINES = 2
"""A credit and a caption."""
MAX_LINKED_SHARE = 0.5
"""Share of a table's characters inside links from which it is navigation."""
MAX_UNIT_SHARE = 0.5
"""Length of a table, as a share of the body, from which it needs more than its place to be kept."""
MAX_POINTERS = 3
"""Lines under the body that may point to other articles."""
MAX_SEARCHED = 1000
"""Characters of a line that are searched for phrases."""
MAX_COVER_LENGTH = 400
"""Characters of a line of a cover's credit or caption."""

_CREDIT = re.compile(r"©|\(c\)|\b(?:source|photo|foto|bild|image|credits?|crédits?)\s*:", re.IGNORECASE)
_DATED = re.compile(
    r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b.{0,20}\d{1,2}[:.h]\d{2}|\b\d{1,2}\.\d{1,2}\.\d{2,4}"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The article's own lines: its bylines without list marks, and the lines of its body with their gaps."""

    bylines: tuple[str, ...] = ()
    body: tuple[Line, ...] = ()


def select(root: HtmlElement, lines: Sequence[Line], metadata: Metadata) -> Selection:
    """Choose the article's lines; an empty selection where the page shows no article."""
    heading = heading_lines(lines, metadata.heading)
    likely = keep_lines(lines, clues(metadata, heading), lambda: vote.chosen(root, lines))
    kept = [
        p >= LIKELY and i not in heading and lines[i].text != metadata.title for i, p in enumerate(likely)
    ]
    drop_consent(lines, kept, metadata.title)
    first = next((i for i, wanted in enumerate(kept) if wanted), None)
    if first is None:
        return Selection()
    start = heading.stop if heading else first
    keep_units(lines, kept, start)
    fill_gaps(lines, kept, start)
    drop_trailing_links(lines, kept)
    top = range(start, min(first, start + MAX_TOP_LINES))
    bylines, taken = shown_bylines(lines, top, metadata.authors)
    for index in cover(lines, top, taken):
        kept[index] = True
    for index in lead(lines, range(start, first) if heading else range(0)):
        kept[index] = True
    for index in pointers(lines, kept):
        kept[index] = True
    return Selection(bylines, tuple(with_gaps(lines, kept)))


def clues(metadata: Metadata, heading: range) -> Clues:
    body = clean(metadata.structured.article.get("articleBody"))[:MAX_CLAIMED_BODY]
    return Clues(metadata.title, metadata.get("description") or "", body, heading.stop - 1 if heading else -1)


def heading_lines(lines: Sequence[Line], heading: HtmlElement | None) -> range:
    """The lines that the title's own heading makes; an empty range where it makes none."""
    if heading is None:
        return range(0)
    inside = set(heading.iter())
    found = [i for i, line in enumerate(lines) if line.element in inside]
    return range(found[0], found[-1] + 1) if found else range(0)


def cover(lines: Sequence[Line], between: range, taken: frozenset[int]) -> list[int]:
    """The picture between the heading and the body, where it shows a credit and a caption under each other."""
    for block in _blocks(lines, between):
        shown = [i for i in block if i not in taken and _may_caption(lines[i])]
        credited = [i for i in shown if _CREDIT.search(lines[i].text[:MAX_SEARCHED])]
        if len(shown) == COVER_LINES and len(credited) == 1:
            return shown
    return []


def lead(lines: Sequence[Line], between: range) -> list[int]:
    """The paragraphs of prose between the heading and the body, as far as they reach to it without a break."""
    found: list[int] = []
    for index in reversed(between):
        line = lines[index]
        if (
            not is_paragraph(line)
            or line.unshown
            or line.linked
            or CONSENT.search(line.text[:MAX_SEARCHED])
            or CALLS.search(line.text[:MAX_SEARCHED])
        ):
            break
        found.append(index)
    return found


def keep_units(lines: Sequence[Line], kept: list[bool], start: int) -> None:
    """Make tables and preformatted text whole, and keep those that stand between two kept lines of their own level."""
    body = sum(len(line.text) for line, wanted in zip(lines, kept, strict=True) if wanted)
    for unit in _units(lines, start):
        length = sum(len(lines[i].text) for i in unit)
        chosen = sum(len(lines[i].text) for i in unit if kept[i])
        linked = sum(lines[i].linked for i in unit)
        modest = linked < MAX_LINKED_SHARE * length and length < MAX_UNIT_SHARE * body
        inside = modest and _stands_among(lines, kept, unit)
        if inside or 2 * chosen >= length:
            for i in unit:
                kept[i] = True


def _units(lines: Sequence[Line], start: int) -> Iterator[range]:
    """The lines of each table and preformatted element."""
    whole = [_whole(line.element) for line in lines]
    index = start
    while index < len(lines):
        end = index + 1
        if (unit := whole[index]) is not None:
            while end < len(lines) and whole[end] is unit:
                end += 1
            yield range(index, end)
        index = end


def _whole(element: HtmlElement) -> HtmlElement | None:
    tables = [e for e in (element, *element.iterancestors("table", "pre")) if e.tag in ("table", "pre")]
    return tables[-1] if tables else None


def _stands_among(lines: Sequence[Line], kept: Sequence[bool], unit: range) -> bool:
    """Whether the nearest kept lines before and after are siblings of the unit, or of a wrapper right around it."""
    element = _whole(lines[unit.start].element)
    before = next(
        (lines[i].element for i in range(unit.start - 1, max(unit.start - 3, -1), -1) if kept[i]), None
    )
    after = next(
        (lines[i].element for i in range(unit.stop, min(unit.stop + 2, len(lines))) if kept[i]), None
    )
    if element is None or before is None or after is None:
        return False
    levels = {element.getparent(), next(element.iterancestors(), element).getparent()} - {None}
    return all(
        levels & {edge.getparent(), next(edge.iterancestors(), edge).getparent()} for edge in (before, after)
    )


def drop_consent(lines: Sequence[Line], kept: list[bool], title: str) -> None:
    """Take the consent dialogue out of ``kept``: its lines before and after the body, unless the article is on that."""
    if CONSENT.search(title) or "cookie" in title.casefold():
        return
    chosen = [i for i, wanted in enumerate(kept) if wanted]
    for run in (chosen, chosen[::-1]):
        for index in run:
            if not CONSENT.search(lines[index].text[:MAX_SEARCHED]):
                break
            kept[index] = False


def pointers(lines: Sequence[Line], kept: Sequence[bool]) -> list[int]:
    """The lines right under the body that point to another article: ``Lire aussi : …``."""
    last = max((i for i, wanted in enumerate(kept) if wanted), default=len(lines))
    found: list[int] = []
    for index in range(last + 1, min(last + 1 + MAX_POINTERS, len(lines))):
        line = lines[index]
        if (
            line.unshown
            or not line.linked
            or len(line.text) > MAX_COVER_LENGTH
            or not PROMPTS.match(line.text)
        ):
            break
        found.append(index)
    return found


def with_gaps(lines: Sequence[Line], kept: Sequence[bool]) -> list[Line]:
    """The kept lines, each with the widest gap since the kept one before."""
    chosen: list[Line] = []
    gap = 0
    for line, wanted in zip(lines, kept, strict=True):
        gap = max(gap, line.gap)
        if wanted:
            chosen.append(line if line.gap == gap else replace(line, gap=gap))
            gap = 0
    return chosen


def _blocks(lines: Sequence[Line], between: range) -> list[list[int]]:
    blocks: list[list[int]] = []
    for index in between:
        if not blocks or lines[index].gap >= BLANK:
            blocks.append([])
        blocks[-1].append(index)
    return blocks


def _may_caption(line: Line) -> bool:
    calls = [found for found in CALLS.findall(line.text[:MAX_SEARCHED]) if found != "©"]
    if calls or _DATED.search(line.text[:MAX_SEARCHED]) or len(line.text.split()) < 3:
        return False
    return len(line.text) <= MAX_COVER_LENGTH and line.linked < len(line.text) and not line.unshown
