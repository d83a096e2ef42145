from lxml.etree import _Element

from archive.extraction.lines import Line

BUILT_FROM: str

def lines_of(root: _Element) -> list[Line]: ...
