"""Lines of a page to text in the document format: everything that it shows, or the article alone."""

from collections.abc import Iterable, Sequence

from lxml.etree import _Element

from archive.document import Block, render
from archive.extraction.article import Selection, heading_lines
from archive.extraction.layout import layout
from archive.extraction.lines import BLANK, Line


def page_text(root: _Element, title: str = "", heading: _Element | None = None) -> str:
    """Everything that the page shows below its navigation: from its main heading on.

    ``title`` opens the text where no ``heading`` does.
    """
    lines = [line for line in layout(root) if not line.unshown and not _in_navigation(line.element)]
    start = heading_lines(lines, heading)
    if not start:
        return render(title, (), blocks(lines))
    return render(" ".join(lines[i].text for i in start), (), blocks(lines[start.stop :]))


def article_text(chosen: Selection, title: str) -> str:
    """The article and nothing else, from the page's own lines."""
    return render(title, chosen.bylines, blocks(chosen.body))


def blocks(lines: Iterable[Line]) -> tuple[Block, ...]:
    """Group lines into blocks: a new one wherever a line has a blank line before it."""
    groups: list[list[Line]] = []
    for line in lines:
        if line.gap >= BLANK or not groups:
            groups.append([])
        groups[-1].append(line)
    return tuple(_block(group) for group in groups)


def _block(group: Sequence[Line]) -> Block:
    kind = group[0].kind
    texts = tuple(line.rendered for line in group)
    return Block("lines" if kind == "paragraph" and len(texts) > 1 else kind, texts)


def _in_navigation(element: _Element) -> bool:
    return any(e.tag == "nav" or e.get("role") == "navigation" for e in (element, *element.iterancestors()))
