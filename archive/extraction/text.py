"""Lines of a page to text in the document format."""

from collections.abc import Iterable, Sequence

from archive.document import Block, render
from archive.extraction import vote
from archive.extraction.tree import BLANK, HtmlElement, Line, layout


def page_text(root: HtmlElement, title: str = "", heading: HtmlElement | None = None) -> str:
    """Everything that the page shows below its navigation: from its main heading on.

    ``title`` opens the text where the page has no heading of its own for it.
    """
    lines = [line for line in layout(root) if not _in_navigation(line.element)]
    start = next(
        (i for i, line in enumerate(lines) if heading is not None and _within(line.element, heading)), None
    )
    if start is None:
        return render(title, (), blocks(lines))
    rest = lines[start:]
    head = [line.text for line in rest if heading is not None and _within(line.element, heading)]
    return render(" ".join(head), (), blocks(rest[len(head) :]))


def blocks(lines: Iterable[Line]) -> tuple[Block, ...]:
    """Group lines into blocks: a new one wherever a line has a blank line before it."""
    found: list[list[Line]] = []
    for line in lines:
        if line.gap >= BLANK or not found:
            found.append([])
        found[-1].append(line)
    return tuple(_block(group) for group in found)


def keep(lines: Sequence[Line], kept: Sequence[bool]) -> list[Line]:
    """The kept lines, each with the widest gap since the one before."""
    chosen: list[Line] = []
    gap = 0
    for line, wanted in zip(lines, kept, strict=True):
        gap = max(gap, line.gap)
        if wanted:
            chosen.append(line.with_gap(gap))
            gap = 0
    return chosen


def _block(group: Sequence[Line]) -> Block:
    kind = group[0].kind
    texts = tuple(line.rendered for line in group)
    return Block("lines" if kind == "paragraph" and len(texts) > 1 else kind, texts)


def _within(element: HtmlElement, heading: HtmlElement) -> bool:
    return element is heading or any(above is heading for above in element.iterancestors())


def _in_navigation(element: HtmlElement) -> bool:
    return any(e.tag == "nav" or e.get("role") == "navigation" for e in (element, *element.iterancestors()))


def article_text(
    root: HtmlElement, lines: Sequence[Line], title: str, heading: HtmlElement | None, authors: Sequence[str]
) -> str:
    """The article and nothing else, from the page's own lines; ``""`` where the page shows none. Consumes ``root``."""
    start = next(
        (i for i, line in enumerate(lines) if heading is not None and _within(line.element, heading)), -1
    )
    kept = vote.chosen(root, lines)
    kept = [
        k and i > start and line.text != title for i, (k, line) in enumerate(zip(kept, lines, strict=True))
    ]
    body = blocks(keep(lines, kept))
    return render(title, (), body) if body else ""
