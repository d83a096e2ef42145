"""Which elements stack, which carry paragraph spacing, and which show nothing (HTML Standard, section 15.3)."""


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


SPACED = _tags(
    "p h1 h2 h3 h4 h5 h6 ul ol menu dir dl blockquote pre listing xmp table hr fieldset section"
    " article aside footer main nav dialog form"
)
STACKED = _tags(
    "address body caption center dd details div dt figcaption figure frameset header hgroup html"
    " legend li optgroup option search summary tbody tfoot thead tr"
)
HIDDEN = _tags(
    "head script style template noscript title meta link base area datalist param iframe"
    " object applet audio video canvas svg select textarea progress meter annotation annotation-xml"
    " noembed noframes"
)
"""Without ``embed``, ``source`` and ``track``, which have no content: libxml2 does not know that, and puts into them what follows."""
CELLS = frozenset(("td", "th"))
BLOCKS = SPACED | STACKED | CELLS | {"br"}
"""Elements that end the line they stand in; all others are inline."""
