"""What the layout does about an element, and what kind of block its lines make."""

from archive.document import BlockKind
from archive.extraction.lines import BLANK, LINE
from archive.extraction.tags import CELLS, HIDDEN, SPACED, STACKED

LISTS = frozenset(("ul", "ol", "menu", "dir"))
PREFORMATTED = frozenset(("pre", "listing", "xmp"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
ANCHOR, CELL, BREAK, SKIPPED, STATEFUL = 3, 4, 5, 6, 7
ROLES = {
    **dict.fromkeys(STACKED, LINE),
    **dict.fromkeys(SPACED, BLANK),
    **dict.fromkeys(LISTS | PREFORMATTED, STATEFUL + BLANK),
    "li": STATEFUL + LINE,
    **dict.fromkeys(CELLS, CELL),
    **dict.fromkeys(HIDDEN, SKIPPED),
    "a": ANCHOR,
    "br": BREAK,
}
"""What the layout does about an element. For a block that is the line ends around it, and ``STATEFUL`` more where it
changes how the lines inside it are made; elements that are not here only hold text."""
KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(_HEADINGS, "heading"),
    **dict.fromkeys(("p", "li", "dt", "dd"), "paragraph"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    **dict.fromkeys(PREFORMATTED, "pre"),
    "blockquote": "quote",
    "table": "table",
    "tr": "table",
}
