"""What stands below a page's article and is prose as well: further articles, readers' comments, a word on the author."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache, partial

from lxml.etree import _Element

from archive.extraction.lines import Line

MIN_TEXT = 300
"""Characters of kept lines above, from which what follows them can be another text."""
MAX_NAMES = 300
"""Characters of an element's class and id that are looked at."""

_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|kommentare?|kommentarer|commentaires?|comentarios?|coment[aá]rios?|commenti"
    r"|reacties?|komentarze|yorum(?:lar)?)(?=[\s_-]|$)"
    r"|comment_?list|comments?(?:List|Section|Thread|Body|Content)",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:about[_-]?(?:the[_-]?)?authors?|(?:article[_-]?)?(?:author|auteur|autor|autore|autoren|forfatter|writer)s?"
    r"[_-]{0,2}(?:box|bio|biography|card|profile|about|description))(?=[\s_-]|$)|author(?:Box|Bio|Card|Profile)",
    re.IGNORECASE,
)


def drop_others(lines: Sequence[Line], kept: list[bool], heading: _Element | None) -> None:
    """Take out of ``kept`` the lines of articles with a heading of their own, of comments, and on the author, below the text.

    ``heading`` is the title's own. What stands around it is neither.
    """
    own = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    if own:
        _drop(lines, kept, lambda above: above.tag == "article" and _is_headed(above), own)
    for words in (_COMMENTS, _AUTHOR):
        _drop(lines, kept, partial(_is_called, words), own)


def is_anothers(element: _Element, own: Collection[_Element]) -> bool:
    """Whether an element stands in another article, or aside, than the heading that ``own`` holds; never without one."""
    aside = False
    for above in element.iterancestors():
        if above in own:
            return aside and above.tag != "article"
        if above.tag == "article":
            return bool(own)
        aside = aside or above.tag == "aside"
    return False


def _drop(
    lines: Sequence[Line], kept: list[bool], is_other: Callable[[_Element], bool], own: frozenset[_Element]
) -> None:
    """Take out what stands inside an element that is another's, where enough stands above the first such line."""
    known: dict[_Element, bool] = {}
    found = [i for i in _chosen(kept) if _is_inside(lines[i].element, is_other, own, known)]
    if found and sum(len(lines[i].text) for i in _chosen(kept) if i < found[0]) >= MIN_TEXT:
        for i in found:
            kept[i] = False


def _chosen(kept: Sequence[bool]) -> Iterator[int]:
    return (i for i, wanted in enumerate(kept) if wanted)


def _is_inside(
    element: _Element,
    is_other: Callable[[_Element], bool],
    own: frozenset[_Element],
    known: dict[_Element, bool],
) -> bool:
    """Whether the element or one around it is another's; ``known`` has what was asked before."""
    asked: list[_Element] = []
    node: _Element | None = element
    found = False
    while node is not None and node not in own and node.tag != "body":
        if node in known:
            found = known[node]
            break
        asked.append(node)
        if is_other(node):
            found = True
            break
        node = node.getparent()
    known.update(dict.fromkeys(asked, found))
    return found


def _is_headed(article: _Element) -> bool:
    return next(article.iter("h1"), None) is not None


def _is_called(words: re.Pattern[str], element: _Element) -> bool:
    return _names_one(words, f"{element.get('class') or ''} {element.get('id') or ''}"[:MAX_NAMES])


@lru_cache(maxsize=8192)
def _names_one(words: re.Pattern[str], names: str) -> bool:
    return words.search(names) is not None
