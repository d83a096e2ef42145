"""What a browser loads to show an article: named by the page, and by the style sheets that it names.

Looked for only when asked: it costs a second parse, and most crawls keep pages alone.
"""

from archive.errors import HttpFormatError
from archive.extraction.encoding import decode_html
from archive.extraction.links import absolute, css_references, page_requisites
from archive.extraction.tree import parse_html
from archive.http import decode_payload
from archive.outcome import Kind, Link, Outcome, Relation
from archive.warc.stored import StoredCapture

MAX_PAYLOAD_BYTES = 50_000_000
"""Decoded of one page or style sheet."""
MAX_REQUISITES = 1000
"""Taken of one page or style sheet; those that come first are those that show first."""


def requisites(capture: StoredCapture, outcome: Outcome, mime: str | None, url: str) -> tuple[Link, ...]:
    """The requisites of an article page, or of a style sheet; none of anything else."""
    if outcome.kind is Kind.ARTICLE:
        return _of_page(capture, url)[:MAX_REQUISITES]
    if outcome.kind is Kind.OTHER and mime == "text/css":
        return _of_style(capture, url)[:MAX_REQUISITES]
    return ()


def _of_page(capture: StoredCapture, url: str) -> tuple[Link, ...]:
    text, _ = decode_html(*_payload(capture))
    root = parse_html(text)
    return () if root is None else page_requisites(root, url)


def _of_style(capture: StoredCapture, url: str) -> tuple[Link, ...]:
    """References are ASCII in practice; what is not comes out as UTF-8, the default of CSS (CSS Syntax 3, section 3.2)."""
    text = _payload(capture)[0].decode("utf-8", "replace")
    found = (absolute(reference, url) for reference in css_references(text))
    return tuple(Link(target, Relation.REQUISITE) for target in dict.fromkeys(found) if target)


def _payload(capture: StoredCapture) -> tuple[bytes, str | None]:
    try:
        head = capture.http_head
    except HttpFormatError:
        return b"", None
    content_type = head.get(b"Content-Type")
    data = decode_payload(head, capture.body(), limit=MAX_PAYLOAD_BYTES).data
    return data, content_type.decode("latin-1") if content_type else None
