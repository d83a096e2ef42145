"""Which of a page's lines are its article: body, cover caption and bylines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from lxml.etree import _Element

from archive.extraction import consent, vote
from archive.extraction.bylines import shown_bylines
from archive.extraction.features import Clues
from archive.extraction.gaps import drop_trailing_links, fill_gaps
from archive.extraction.lines import BLANK, Line, is_paragraph
from archive.extraction.metadata import Metadata
from archive.extraction.model import LIKELY, keep_lines
from archive.extraction.others import drop_others
from archive.extraction.phrases import AD_LABEL, CALLS, PROMPTS
from archive.extraction.plain import is_plain, keep_alone, keep_plain
from archive.extraction.structured import clean
from archive.extraction.units import (
    keep_boxes_alike,
    keep_lists_alike,
    keep_quotations,
    keep_units,
    looks_of_text,
)

MIN_SHOWN = 150
"""Characters of shown lines from which hidden ones are none of the text."""
MAX_LABEL = 60
"""Characters of an advertisement's label."""
MIN_REPEATED = 60
"""Characters from which a line that says what one above it says is a copy."""
MAX_CLAIMED_BODY = 200_000
"""Characters of a JSON-LD ``articleBody`` that lines are held against."""
MAX_TOP_LINES = 100
"""Lines under the heading among which bylines and the cover picture's are looked for."""
COVER_LINES = 2
"""A credit and a caption."""
BYLINES_ALONE = 2
"""Lines under the heading that may be bylines, of a page without prose."""
STANDFIRST_LINES = 2
"""Lines that open a text above its bylines."""
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


def select(lines: Sequence[Line], metadata: Metadata) -> Selection:
    """Choose the article's lines; an empty selection where the page shows no article."""
    heading = heading_lines(lines, metadata.heading)
    likely = keep_lines(lines, clues(metadata, heading), lambda alone: vote.chosen(lines, alone))
    kept = [
        p >= LIKELY and i not in heading and lines[i].text != metadata.title for i, p in enumerate(likely)
    ]
    drop_consent(lines, kept, metadata.title)
    drop_hidden(lines, kept)
    drop_others(lines, kept, metadata.heading)
    if not any(kept) and metadata.heading is not None and heading:
        under = range(heading.stop, min(heading.stop + BYLINES_ALONE, len(lines)))
        _, taken = shown_bylines(lines, under, metadata.authors)
        keep_alone(lines, kept, metadata.heading, max(taken, default=heading.stop - 1) + 1)
    first = next((i for i, wanted in enumerate(kept) if wanted), None)
    if first is None:
        return Selection()
    start = heading.stop if heading else first
    keep_units(lines, kept, start)
    looks = looks_of_text(lines, kept)
    keep_lists_alike(lines, kept, first, looks)
    keep_plain(lines, kept, start)
    keep_quotations(lines, kept)
    keep_boxes_alike(lines, kept, first, looks)
    fill_gaps(lines, kept, start)
    drop_labels(lines, kept)
    drop_copies(lines, kept)
    drop_trailing_links(lines, kept)
    top = range(start, min(first, start + MAX_TOP_LINES))
    bylines, taken = shown_bylines(lines, top, metadata.authors)
    if not bylines:
        bylines, _ = shown_bylines(lines, under_standfirst(kept, first), metadata.authors)
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


def heading_lines(lines: Sequence[Line], heading: _Element | None) -> range:
    """The lines that the title's own heading makes; an empty range where it makes none."""
    if heading is None:
        return range(0)
    inside = set(heading.iter())
    found = [i for i, line in enumerate(lines) if line.element in inside]
    return range(found[0], found[-1] + 1) if found else range(0)


def under_standfirst(kept: Sequence[bool], first: int) -> list[int]:
    """The lines left out below the text's first one and before its third: where bylines stand under a standfirst."""
    stop = min(first + MAX_TOP_LINES, len(kept))
    opening = list(islice((i for i in range(first, stop) if kept[i]), STANDFIRST_LINES + 1))
    return [i for i in range(first, opening[-1]) if not kept[i]] if len(opening) > STANDFIRST_LINES else []


def cover(lines: Sequence[Line], between: range, taken: frozenset[int]) -> list[int]:
    """The picture between the heading and the body: its credit and caption under each other, or what a figure without a
    name says."""
    for block in _blocks(lines, between):
        shown = [i for i in block if i not in taken and _may_caption(lines[i])]
        credited = [i for i in shown if _CREDIT.search(lines[i].text[:MAX_SEARCHED])]
        if len(shown) == COVER_LINES and len(credited) == 1:
            return shown
    captions = (i for i in between if i not in taken and lines[i].element.tag in ("figcaption", "div"))
    figures = ((i, next(lines[i].element.iterancestors("figure"), None)) for i in captions)
    return [i for i, figure in figures if figure is not None and is_plain(figure) and _may_caption(lines[i])]


def lead(lines: Sequence[Line], between: range) -> list[int]:
    """The paragraphs of prose between the heading and the body, as far as they reach to it without a break."""
    found: list[int] = []
    for index in reversed(between):
        line = lines[index]
        if (
            not is_paragraph(line)
            or line.unshown
            or line.linked
            or consent.asks(line.text)
            or CALLS.search(line.text[:MAX_SEARCHED])
        ):
            break
        found.append(index)
    return found


def drop_consent(lines: Sequence[Line], kept: list[bool], title: str) -> None:
    """Take the consent dialogue out of ``kept``: its lines before and after the body, unless the article is on that."""
    if consent.asks(title) or "cookie" in title.casefold():
        return
    chosen = [i for i, wanted in enumerate(kept) if wanted]
    for run in (chosen, chosen[::-1]):
        for index in run:
            if not consent.asks(lines[index].text):
                break
            kept[index] = False


def drop_hidden(lines: Sequence[Line], kept: list[bool]) -> None:
    """Take what the page's own markup hides out of ``kept``, where what it shows is a text without it.

    What is hidden below the last line shown stays: pages fold the rest of a text.
    """
    chosen = [i for i, wanted in enumerate(kept) if wanted]
    shown = [i for i in chosen if not lines[i].unshown]
    length = sum(len(lines[i].text) for i in shown)
    hidden = sum(len(lines[i].text) for i in chosen if lines[i].unshown)
    if not hidden or length < max(hidden, MIN_SHOWN):
        return
    for i in chosen:
        if lines[i].unshown and i < shown[-1]:
            kept[i] = False


def drop_labels(lines: Sequence[Line], kept: list[bool]) -> None:
    """Take out of ``kept`` what labels an advertisement."""
    for i, wanted in enumerate(kept):
        if wanted and len(lines[i].text) <= MAX_LABEL and AD_LABEL.fullmatch(lines[i].text):
            kept[i] = False


def drop_copies(lines: Sequence[Line], kept: list[bool]) -> None:
    """Take out of ``kept`` what says again what a kept line in another box says: pages hold a text twice, for two layouts."""
    known: dict[str, _Element | None] = {}
    for i, wanted in enumerate(kept):
        text = lines[i].text
        if wanted and len(text) >= MIN_REPEATED:
            box = lines[i].element.getparent()
            kept[i] = known.setdefault(text, box) is box


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
