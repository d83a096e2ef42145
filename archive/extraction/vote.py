"""trafilatura's choice of a page's main content, as a vote on each of the page's own lines."""

import logging
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import Element, ElementDefaultClassLookup, HTMLParser, _Element, strip_elements
from lxml.html import HtmlElement
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import MANUALLY_CLEANED, Extractor
from trafilatura.xpaths import (
    RAW_TREE_PRUNE_XPATH,
    REMOVE_COMMENTS_AND_LISTS_XPATH,
    REMOVE_COMMENTS_XPATH,
)

from archive.extraction.lines import Line

MIN_FREE_MATCH = 25
"""Characters without white space from which a line may match anywhere inside trafilatura's text."""

MATCHED_ENDS = 40
"""Characters at either end of a line that are looked for."""

PROSE_LENGTH = 60
"""Characters from which an unlinked line counts as prose."""
MIN_LIKELY = 0.1
"""Probability from which a line may be the article's, so that trafilatura is shown what is around it."""
MIN_LIST_LINES = 3
"""Lines from which a container can be a list of links."""

_OPTIONS = Extractor(fast=True, precision=True, comments=False)
_DROPPED = "data-link-list"
_UNREAD = frozenset(MANUALLY_CLEANED) - {"form", "figure"}
_BREAKS = frozenset(
    ("p", "head", "item", "quote", "code", "cell", "row", "list", "table", "lb", "div", "body")
)
_HTML = HTMLParser()
_HTML.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
"""Makes elements as trafilatura wants them, of one class: lxml.html's own choice of a class calls Python for each."""
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def chosen(lines: Sequence[Line], likely: Sequence[float]) -> list[bool]:
    """Which lines trafilatura takes for main content.

    It looks at each element with some fifty expressions. So it is given a copy of the part that holds every line that is
    ``likely`` at all, in the elements around it, without what it would drop anyway: elements that it never reads, and
    lists of links.
    """
    part = _part(lines, likely)
    if part is None:
        return [False] * len(lines)
    elements = set(part.iter())
    inside = [i for i, line in enumerate(lines) if line.element in elements]
    body = main_content(reduced(part, [lines[i] for i in inside]))
    votes = [False] * len(lines)
    for i, vote in zip(inside, match_lines([lines[i].text for i in inside], list(_runs(body))), strict=True):
        votes[i] = vote
    return votes


def main_content(tree: HtmlElement) -> _Element:
    """trafilatura's main content of ``tree``, which does not outlive it; empty where it finds none.

    These are the steps of ``trafilatura.bare_extraction`` in its fast mode for precision, without comments and
    without its copies of the tree and the text that it renders, none of which a vote needs. A test holds the two
    against each other.
    """
    try:
        body, text = _main_content(tree)
    except (TypeError, ValueError):  # as trafilatura itself does where lxml refuses a character
        return Element("body")
    return body if len(text) >= _OPTIONS.min_output_size else Element("body")


def _main_content(tree: HtmlElement) -> tuple[_Element, str]:
    tree = prune_unwanted_nodes(tree, RAW_TREE_PRUNE_XPATH)
    tree = prune_unwanted_nodes(tree, REMOVE_COMMENTS_AND_LISTS_XPATH)
    tree = convert_tags(tree_cleaning(tree, _OPTIONS), _OPTIONS)
    tree = prune_unwanted_nodes(tree, REMOVE_COMMENTS_XPATH)
    return extract_content(tree, _OPTIONS)


def _part(lines: Sequence[Line], likely: Sequence[float]) -> _Element | None:
    """The innermost element around the lines that are likely at all; None where there are none."""
    around: list[_Element] = []
    for line, p in zip(lines, likely, strict=True):
        if p < MIN_LIKELY:
            continue
        inside = {line.element, *line.element.iterancestors()}
        around = (
            [e for e in around if e in inside] if around else [line.element, *line.element.iterancestors()]
        )
    return around[0] if around else None


def reduced(part: _Element, lines: Sequence[Line]) -> HtmlElement:
    """A copy of ``part`` without what trafilatura drops, in the elements around it."""
    farms = _link_lists(lines)
    for element in farms:
        element.set(_DROPPED, "")
    copy = deepcopy(part)
    copy.tail = None
    for element in farms:
        del element.attrib[_DROPPED]
    for element in copy.findall(f".//*[@{_DROPPED}]"):
        element.tag = "noindex"
    strip_elements(copy, *_UNREAD, with_tail=False)
    tree = copy
    for above in tuple(part.iterancestors()) or (part,):  # one at least, for what is inside to be lxml.html's
        outer = _like(above)
        outer.append(tree)
        tree = outer
    return tree


def _like(element: _Element) -> HtmlElement:
    """An empty element of the same name and attributes, where lxml makes such as libxml2 reads."""
    try:
        return _HTML.makeelement(element.tag, element.attrib)
    except ValueError:  # a name or a value with characters that XML has not
        return _HTML.makeelement("div")


def _link_lists(lines: Sequence[Line]) -> list[_Element]:
    """The containers without a line of prose whose text is mostly links."""
    measures: dict[_Element, _Measure] = {}
    for line in lines:
        measure = measures.get(line.element) or _measure(line.element, measures)
        size = len(line.text)
        measure.size += size
        measure.linked += line.linked
        measure.count += 1
        measure.prose = measure.prose or (size >= PROSE_LENGTH and 2 * line.linked < size)
    for measure in reversed(measures.values()):  # what is inside before what is around it
        measure.add_to_outer()
    return [
        element
        for element, found in measures.items()
        if not found.prose
        and found.count >= MIN_LIST_LINES
        and 2 * found.linked > found.size
        and element.tag not in ("p", "span")
    ]


@dataclass(slots=True)
class _Measure:
    """What the lines inside an element add up to, once those inside its children are added."""

    outer: "_Measure | None"
    size: int = 0
    linked: int = 0
    count: int = 0
    prose: bool = False

    def add_to_outer(self) -> None:
        if (outer := self.outer) is not None:
            outer.size += self.size
            outer.linked += self.linked
            outer.count += self.count
            outer.prose = outer.prose or self.prose


def _measure(element: _Element, measures: dict[_Element, _Measure]) -> _Measure:
    """A new measure, after those of the elements around it."""
    todo = [element]
    outer = element.getparent()
    while outer is not None and outer not in measures:
        todo.append(outer)
        outer = outer.getparent()
    measure = measures[outer] if outer is not None else None
    for one in reversed(todo):
        measure = measures[one] = _Measure(measure)
    return measures[element]


def match_lines(texts: Sequence[str], runs: Sequence[str]) -> list[bool]:
    """Whether each text is one of ``runs`` or, when long enough, stands inside them; white space is no matter."""
    packed = ["".join(run.split()) for run in runs]
    whole, everything = set(packed), "\n".join(packed)
    return [_stands("".join(text.split()), whole, everything) for text in texts]


def _stands(key: str, whole: set[str], everything: str) -> bool:
    if key in whole:
        return True
    if len(key) < MIN_FREE_MATCH:
        return False
    return key[:MATCHED_ENDS] in everything and key[-MATCHED_ENDS:] in everything


def _runs(body: _Element) -> Iterator[str]:
    """The texts between two block boundaries of trafilatura's tree."""
    run: list[str] = []
    for piece, boundary in _pieces(body):
        if boundary and run:
            yield "".join(run)
            run = []
        if piece:
            run.append(piece)
    if run:
        yield "".join(run)


def _pieces(body: _Element) -> Iterator[tuple[str | None, bool]]:
    stack: list[tuple[_Element, bool]] = [(body, False)]
    while stack:
        element, left = stack.pop()
        boundary = element.tag in _BREAKS
        if left:
            yield element.tail, boundary
            continue
        stack.append((element, True))
        yield element.text, boundary
        stack.extend((child, False) for child in reversed(element))
