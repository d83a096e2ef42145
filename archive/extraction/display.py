"""Whether an element's own markup keeps it from being shown."""

import re

from lxml.etree import _Element

_UNSHOWN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def is_unshown(element: _Element) -> bool:
    """Whether the element's own markup keeps it from being shown."""
    hidden = element.get("hidden")
    if hidden is not None and hidden != "until-found":
        return True
    style = element.get("style")
    return style is not None and _UNSHOWN_STYLE.search(style) is not None
