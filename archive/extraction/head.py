"""Where a page's head ends. libxml2 knows the elements of HTML 4 and puts later ones into the head where no tag ends it."""

from lxml.etree import SubElement, _Element

_IN_HEAD = frozenset(
    (
        "base",
        "basefont",
        "bgsound",
        "link",
        "meta",
        "title",
        "noscript",
        "noframes",
        "style",
        "script",
        "template",
    )
)
"""What does not end a head (HTML Standard, section 13.2.6.4.4, the "in head" insertion mode)."""


def end_head(root: _Element) -> None:
    """Move what ends the head, and all that follows it there, to where the body begins."""
    head = root.find("head")
    first = None if head is None else next((e for e in head if e.tag not in _IN_HEAD), None)
    if first is None:
        return
    body = root.find("body")
    if body is None:
        body = SubElement(root, "body")
    own, text = list(body), body.text or ""
    body.text = None
    body.extend([first, *first.itersiblings()])
    body[-1].tail = (body[-1].tail or "") + text or None
    body.extend(own)
