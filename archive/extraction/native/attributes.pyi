from lxml.etree import _Element

BUILT_FROM: str

def having(root: _Element, names: tuple[str, ...], words: tuple[str, ...], most: int) -> list[_Element]: ...
