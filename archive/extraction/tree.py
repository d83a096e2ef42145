"""A page's bytes to its tree, as browsers read them where libxml2 reads otherwise."""

import re

import lxml.etree
from lxml.etree import _Element

from archive.extraction.head import end_head
from archive.extraction.hidden import mark_hidden
from archive.extraction.tags import HIDDEN

_UNREAD = HIDDEN - {"head", "select", "textarea"}
_BLOCK_TAGS = re.compile(
    r"</?(?:div|section|article|center|main|aside|blockquote|ul|ol|li|dl|dd|dt|table|tr|td)\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE_TAGS = re.compile(
    r"</?(?:span|b|i|em|strong|font|big|small|u|s|a|sub|sup|code|label)\b[^<>]*>", re.IGNORECASE
)
_BREAK_ENDS = re.compile(rb"</br[\s/]*>", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(
    rb"</p\s*>(?=\s*(?:[^<\s]|<(?:a|abbr|b|bdi|cite|code|em|font|i|img|ins|kbd|mark|q|s|small|span|strong|su[bp]|time|u)\b))",
    re.IGNORECASE,
)
"""Ends of paragraphs that a line follows."""
_TOO_DEEP, _CLOSED_BREAK, _CLOSED_PARAGRAPH = "too deep", "Unexpected end tag : br", "Unexpected end tag : p"
"""What libxml2 says of a page that it reads in part."""


def parse_html(text: str | bytes) -> _Element | None:
    """Parse a page, as text or in UTF-8; None where it holds no element.

    libxml2 goes 2,048 elements deep and drops the rest. A page nested deeper is parsed again with its generic
    containers as paragraphs, which do not nest: its text stays, its structure goes.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    root, flaws = _parse(data)
    if _CLOSED_BREAK in flaws or _CLOSED_PARAGRAPH in flaws:
        # A break, and an empty paragraph (HTML Standard, section 13.2.6.4.7), which libxml2 drops.
        data = _PARAGRAPH_ENDS.sub(b"</p><p></p>", _BREAK_ENDS.sub(b"<br>", data))
        root, flaws = _parse(data)
    if _TOO_DEEP in flaws:
        flat = _INLINE_TAGS.sub("", _BLOCK_TAGS.sub("<p>", data.decode("utf-8")))
        root, _ = _parse(flat.encode("utf-8"))
    if root is not None:
        end_head(root)
        mark_hidden(root)
    return root


def _parse(data: bytes) -> tuple[_Element | None, frozenset[str]]:
    """The tree, and what libxml2 leaves out of it."""
    parser = lxml.etree.HTMLParser(
        huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8"
    )
    try:
        root = lxml.etree.fromstring(data, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None, frozenset()
    flaws = (
        _TOO_DEEP if entry.type == lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT else entry.message
        for entry in parser.error_log
    )
    return root, frozenset(flaws)


def drop_unread(root: _Element) -> None:
    """Remove, for good, what shows no text of its own: scripts, styles, drawings, embedded documents."""
    lxml.etree.strip_elements(root, *_UNREAD, with_tail=False)
