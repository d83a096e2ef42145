"""trafilatura's choice of a page's main content, as a vote on each of the page's own lines."""

import logging
import re
from collections.abc import Iterator, Sequence
from importlib import metadata

import trafilatura
from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from archive.extraction.tree import Line

MIN_FREE_MATCH = 25
"""Characters without white space from which a line may match anywhere inside trafilatura's text."""
TRAFILATURA_VERSION = metadata.version("trafilatura")

MATCHED_ENDS = 40
"""Characters at either end of a line that are looked for."""

_SPACE = re.compile(r"\s+")
_BREAKS = frozenset(
    ("p", "head", "item", "quote", "code", "cell", "row", "list", "table", "lb", "div", "body")
)
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def chosen(root: HtmlElement, lines: Sequence[Line]) -> list[bool]:
    """Which lines trafilatura takes for main content. Consumes ``root``: trafilatura prunes the tree it is given."""
    extracted = trafilatura.bare_extraction(
        root, options=Extractor(fast=True, precision=True, comments=False)
    )
    body = getattr(extracted, "body", None)
    if body is None:
        return [False] * len(lines)
    return match_lines([line.text for line in lines], list(_runs(body)))


def match_lines(texts: Sequence[str], runs: Sequence[str]) -> list[bool]:
    """Whether each text is one of ``runs`` or, when long enough, stands inside them; white space is no matter."""
    packed = [_SPACE.sub("", run) for run in runs]
    whole, everything = set(packed), "\n".join(packed)
    return [_stands(_SPACE.sub("", text), whole, everything) for text in texts]


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
