"""The article that a page's scripts hold for the browser to show, where the page shows none or only its beginning.

What scripts hold may be anybody's text: other articles, comments, legal notes. A text is taken where it says this
page's own: what the page shows of it, its description, or beside it the page's title.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import islice, pairwise
from typing import Any

from lxml.etree import _Element

from archive.extraction.article import MIN_REPEATED, MIN_SHOWN, Selection, select
from archive.extraction.layout import layout
from archive.extraction.lines import BLANK, Line, weighed_length
from archive.extraction.metadata import Metadata
from archive.extraction.richtext import is_prose, is_text, markup
from archive.extraction.states import State, is_element, read_states
from archive.extraction.structured import clean
from archive.extraction.tree import drop_unread, parse_html

MIN_TEXT = 400
"""Characters, those of dense scripts counted three times, from which a held text is taken for an article."""
MAX_SHOWN = 1200
"""The same of a shown text above which no script is asked."""
TIMES = 2
"""How much longer a held text is than what is shown of it."""
MAX_VALUES = 500_000
"""Values of one script's data that are looked at; a string counts once for each so many ``CHARACTERS``."""
CHARACTERS = 100
MAX_TEXTS = 50
"""Rich texts of one page that are looked at."""
MAX_ELEMENTS = 500
"""Values among which the outermost elements of a page are looked for."""
MAX_READ = 5_000_000
"""Characters of all of them, as markup."""
MAX_TRIED = 4
"""Rich texts of one page that are laid out: those that fit best, the longest first."""
MAX_TITLE = 300
"""Characters of a title in data."""
MAX_HEADINGS = 20
MAX_NAME = 60
"""Characters of a name in data that are looked at."""
MAX_NESTED = 2
"""How deep JSON may stand in strings of JSON."""
SHARE = 0.6
"""Share of a text's words in another from which the other says it."""
SHOWN_SHARE = 0.5
"""Share of what is shown that a text says which goes on with it."""
TITLE_SHARE = 0.3
"""Share of the words of title and description that a text beside the page's title has."""
MIN_SAID = 6
"""Words from which it can be told whether another text says them."""
MIN_CONTAINED = 15
"""Characters of a title from which a longer one that holds it is the same."""
MIN_PROSE = 0.5
"""Share of an article's characters in lines that end as sentences do."""
NAMED, CONTINUED = 1, 2
"""How a text fits the page: by title or description, by going on with what it shows."""

_TITLES = re.compile(r"title|headline|heading|^hed$", re.IGNORECASE)
_OTHER = re.compile(
    r"summary|abstract|excerpt|teaser|description|comment|related|recommend|recirc|popular|trending|meta|seo"
    r"|biograph|^bio$|legal|disclaimer|caption|footer|newsletter|style|script|translation|message",
    re.IGNORECASE,
)
"""Names of what is no article, or another."""
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_HEADING = re.compile(r"<h1[^<>]{0,2000}>([^<>]{1,300}(?:<[^<>]{0,300}>[^<>]{0,300}){0,5}?)</h1>")
_ROOT_ROW = "0"


@dataclass(frozen=True, slots=True)
class HeldArticle:
    """An article's lines from a script: all that were laid out and those chosen. ``source`` says which script."""

    source: str
    lines: Sequence[Line]
    chosen: Selection


@dataclass(frozen=True)
class _Held:
    """A rich text in data, and the titles beside it; ``whole`` where it is a page with all that stands on it."""

    state: State
    value: Any
    titles: tuple[str, ...] = ()
    whole: bool = False

    @cached_property
    def html(self) -> str:
        return markup(self.value, self.state)

    @cached_property
    def text(self) -> str:
        return clean(_TAG.sub(" ", self.html))

    @property
    def names(self) -> tuple[str, ...]:
        """The titles beside the text; a whole page has its own as a heading."""
        return tuple(map(clean, _HEADING.findall(self.html)[:MAX_HEADINGS])) if self.whole else self.titles


@dataclass(frozen=True, slots=True)
class _Place:
    """A value in data, with what is above it."""

    value: Any
    titles: tuple[str, ...] = ()
    group: int = 0
    nested: int = 0


@dataclass(frozen=True)
class _Page:
    """What tells a page's own text from others."""

    titles: tuple[str, ...]
    description: str
    shown: tuple[Line, ...]

    @cached_property
    def told(self) -> frozenset[str]:
        """The stems of the words of title and description."""
        return _stems(f"{self.titles[0] if self.titles else ''} {self.description}")

    def fit(self, text: str, titles: Sequence[str]) -> int | None:
        """How well a text fits the page; None where it does not."""
        said = _Said(text)
        own = [line.text for line in self.shown if not _is_same(line.text, self.description)]
        told = [line for line in own if len(_words(line)) >= MIN_SAID]
        within = sum(len(line) for line in told if said.says(line))
        if told and within >= SHOWN_SHARE * sum(map(len, told)):
            return CONTINUED
        if sum(map(len, told)) >= MIN_SHOWN:
            return None
        if said.says(self.description):
            return NAMED
        titled = any(_is_same(one, other) for one in titles for other in self.titles)
        share = len(self.told & _stems(text)) / max(len(self.told), 1)
        return NAMED if titled and share >= TITLE_SHARE else None


class _Said:
    """What a text says, in threes of words."""

    def __init__(self, text: str) -> None:
        self._threes = set(_threes(text))

    def says(self, other: str) -> bool:
        threes = _threes(other)
        found = sum(1 for three in threes if three in self._threes)
        return len(threes) >= MIN_SAID - 2 and found >= SHARE * len(threes)


def held_article(scripts: Sequence[_Element], shown: Selection, metadata: Metadata) -> HeldArticle | None:
    """The article that ``scripts`` hold, where it is this page's and distinctly longer than what is shown."""
    length = _length(shown.body)
    if length > MAX_SHOWN:
        return None
    page, least = _page(metadata, shown), max(MIN_TEXT, TIMES * length)
    fitting = sorted(_fitting(scripts, page, least), key=_rank, reverse=True)
    for _, text in fitting[:MAX_TRIED]:
        found = _chosen(text, metadata)
        if found is not None and _is_article(found.chosen.body, least):
            return replace(found, chosen=_with_shown(found.chosen, shown))
    return None


def _fitting(scripts: Sequence[_Element], page: _Page, least: int) -> Iterator[tuple[int, _Held]]:
    """The held texts of this page that are long enough, and how well they fit it."""
    texts = (text for state in read_states(scripts) for text in _texts(state))
    left = MAX_READ
    for text in islice(texts, MAX_TEXTS):
        left -= len(text.html)
        if left < 0:
            return
        if weighed_length(text.text) < least:
            continue
        if (fit := page.fit(text.text, text.names)) is not None:
            yield fit, text


def _rank(each: tuple[int, _Held]) -> tuple[int, bool, int]:
    fit, held = each
    return fit, not held.whole, len(held.text)


def _is_article(body: Sequence[Line], least: int) -> bool:
    prose = _length(line for line in body if is_prose(line.text))
    return _length(body) >= least and prose >= MIN_PROSE * _length(body)


def _length(lines: Iterable[Line]) -> int:
    return sum(weighed_length(line.text) for line in lines)


def _page(metadata: Metadata, shown: Selection) -> _Page:
    data = metadata.structured
    claimed = (data.first("og:title", "twitter:title") or ("",))[0]
    titles = (metadata.title, claimed, clean(data.article.get("headline")))
    return _Page(tuple(filter(None, titles)), metadata.get("description") or "", shown.body)


def _texts(state: State) -> list[_Held]:
    """The rich texts of a script's data: the outermost; those that stand in one list are one text."""
    found: list[_Held] = []
    parts: dict[int, list[_Held]] = {}
    for place, held in islice(_walked(state), MAX_TEXTS):
        found.append(held)
        if place:
            parts.setdefault(place, []).append(held)
    joined = (group for group in parts.values() if len(group) > 1)
    found += [replace(group[0], value=[held.value for held in group]) for group in joined]
    if _ROOT_ROW in state.rows:
        found.append(_Held(state, list(islice(_elements(state), MAX_ELEMENTS)), whole=True))
    return found


def _elements(state: State) -> Iterator[Any]:
    """The outermost React elements of the page that flight data make, in their order."""
    todo = [state.rows[_ROOT_ROW]]
    for _ in range(MAX_ELEMENTS):
        if not todo:
            return
        value = todo.pop()
        if isinstance(value, list) and is_element(value):
            yield value
        elif isinstance(value, list | dict):
            inner = value if isinstance(value, list) else list(value.values())
            todo.extend(reversed(inner[:MAX_ELEMENTS]))


def _walked(state: State) -> Iterator[tuple[int, _Held]]:
    """Each rich text with the titles nearest above it, and the outermost list between, as a number."""
    todo = [_Place(value) for value in state.rows.values()] or [_Place(state.value)]
    left = MAX_VALUES
    while todo and left > 0:
        place = todo.pop()
        value = state.resolve(place.value) if place.titles else place.value
        value, nested = _unpacked(value, place.nested)
        left -= 1 + (len(value) // CHARACTERS if isinstance(value, str) else len(value or ()))
        if is_text(value):
            yield place.group, _Held(state, value, place.titles)
        elif isinstance(value, dict):
            todo.extend(_inside(value, place, nested))
        elif isinstance(value, list):
            group = place.group or left
            members = filter(_may_hold, reversed(value))
            todo.extend(_Place(each, place.titles, group, nested) for each in members)


def _inside(value: dict[str, Any], place: _Place, nested: int) -> Iterator[_Place]:
    """The values of an object that may hold a text, the last first."""
    titles = _titles(value)
    group = 0 if titles else place.group
    for key, each in reversed(value.items()):
        if _may_hold(each) and not _OTHER.search(key[:MAX_NAME]):
            yield _Place(each, titles or place.titles, group, nested)


def _may_hold(value: Any) -> bool:
    """Whether a value may hold a text; what ``$`` opens may stand for one."""
    if isinstance(value, str):
        return len(value) >= MIN_TEXT // 3 or (value[:1] == "$" and len(value) < MAX_TITLE)
    return bool(value) and isinstance(value, dict | list)


def _unpacked(value: Any, nested: int) -> tuple[Any, int]:
    """The JSON that a string holds, if any."""
    if not isinstance(value, str) or value[:1] not in ("{", "[") or nested >= MAX_NESTED:
        return value, nested
    try:
        return json.loads(value, strict=False), nested + 1
    except (ValueError, RecursionError):
        return value, nested


def _titles(node: dict[str, Any]) -> tuple[str, ...]:
    named = [value for key, value in node.items() if _TITLES.search(key[:MAX_NAME])]
    inner = [each for value in named if isinstance(value, dict) for each in list(value.values())[:10]]
    texts = (clean(v) for v in (*named, *inner) if isinstance(v, str) and 0 < len(v) <= MAX_TITLE)
    return tuple(filter(None, texts))[:20]


def _chosen(held: _Held, metadata: Metadata) -> HeldArticle | None:
    """A held text laid out, and the lines of it that are the article's."""
    title = metadata.title
    opening = "" if held.whole else f"<h1>{escape(title)}</h1>"
    root = parse_html(f"<html><body><main>{opening}<article>{held.html}</article></main></body></html>")
    if root is None:
        return None
    drop_unread(root)
    lines = layout(root)
    headings = (line.element for line in lines if line.kind == "heading" and _is_same(line.text, title))
    chosen = select(lines, replace(metadata, heading=next(headings, None)))
    return HeldArticle(f"script {held.state.name}", lines, replace(chosen, body=_once(chosen.body)))


def _once(body: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without second copies of a paragraph: data hold a text in several forms."""
    known = {line.text: i for i, line in reversed(list(enumerate(body)))}
    return tuple(
        line for i, line in enumerate(body) if known[line.text] == i or len(line.text) < MIN_REPEATED
    )


def _with_shown(chosen: Selection, shown: Selection) -> Selection:
    """The held text under what the page shows before it: bylines, and a standfirst that it does not have."""
    said = _Said(" ".join(line.text for line in chosen.body))
    known = [said.says(line.text) for line in shown.body]
    before = shown.body[: known.index(True)] if True in known else ()
    lead = [line for line in before if len(_words(line.text)) >= MIN_SAID]
    first, *rest = chosen.body
    body = (*lead, replace(first, gap=BLANK), *rest) if lead else chosen.body
    return Selection(shown.bylines or chosen.bylines, tuple(body))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _threes(text: str) -> list[tuple[str, str, str]]:
    words = _words(text)
    return list(zip(words, words[1:], words[2:], strict=False))


def _stems(text: str) -> frozenset[str]:
    """Beginnings of the longer words, and pairs of characters where each is a word."""
    words = _words(text)
    pairs = (one + other for one, other in pairwise(words) if len(one) == len(other) == 1)
    return frozenset((*(word[:5] for word in words if len(word) > 3), *pairs))


def _is_same(one: str, other: str) -> bool:
    """Whether two titles are one, or one the other with the site's name."""
    short, long = sorted((" ".join(_words(one)), " ".join(_words(other))), key=len)
    return short != "" and (short == long or (len(short) >= MIN_CONTAINED and short in long))
