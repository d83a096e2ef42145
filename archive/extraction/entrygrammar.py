"""What an entry of a sitemap looks like as generators write it, as regular expressions.

Every element is written out or closed by a reference to its opening tag, so that what fits is well-formed XML.
"""

import re
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count
from typing import Self

from archive.extraction.listed import FINISHED_DATE

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MAX_PREFIXES = 12
"""Namespaces that a root declares; with more it is left to the parser."""

ROOT = re.compile(r"""<urlset((?:\s+[\w:.-]+\s*=\s*(?:"[^"<>&]*"|'[^'<>&]*'))*)\s*>""")
_NAMESPACE = re.compile(r"""\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")

_URL = r"https?://[\w.:-]+/[!\"$-;=?-\[\]-~]*"
"""An address that stays as it is written, but for ``&amp;``; that it has no other ``&`` is for the caller to see."""
_LOCATION = rf"\s*<url>\s*<loc>\s*(?P<url>{_URL})\s*</loc>\s*"
_FREQUENCY = r"(?:<changefreq>[^<&]*</changefreq>\s*)?(?:<priority>[^<&]*</priority>\s*)?"
_END = r"</url>(?=\s*<(?:url>|/urlset>))"
"""What stands between entries counts for the one before: it is for the parser."""
_LANGUAGE = r"[\w-]*"
_NAME = r"[A-Za-z_][\w.-]*"
_TEXT = r"[^<]*(?:<!\[CDATA\[(?>.*?\]\]>)[^<]*)*"
_TEXT_WITHOUT_CDATA = "[^<]*"
_ATTRIBUTES = r'(?:\s+(?!xmlns)[A-Za-z][\w:.-]*="[^"<>&]*")*'
_TOKEN = re.compile(r"<!\[CDATA\[.*?\]\]>|<[^<>]*>", re.DOTALL)

PLAIN = re.compile(
    rf"{_LOCATION}(?:<lastmod>(?:({FINISHED_DATE})|([^<&]*))</lastmod>\s*)?{_FREQUENCY}{_END}", re.ASCII
)
"""An entry without extensions: address, finished date, other date."""

_FIELDS = ("url", "modified", "later", "date", "later_date", "title", "later_title", "before", "after")
_SPANS = ("before", "after")


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The prefixes of the news extension and of XHTML, and those of extensions that name nothing to fetch."""

    news: str | None
    xhtml: str | None
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What entries look like. ``fields`` are the numbers of its groups:

    the address; the date of the last change, before the extensions or behind them; the date and the title of the news,
    each in one of two places; what stands before the news and behind.
    """

    entry: re.Pattern[str]
    fields: tuple[int, ...]

    @classmethod
    def of(cls, pattern: str) -> Self:
        absent = "".join(f"(?P<{name}>(?!))?" for name in _FIELDS if f"(?P<{name}>" not in pattern)
        entry = re.compile(pattern + absent, re.ASCII | re.DOTALL)
        return cls(entry, tuple(entry.groupindex[name] for name in _FIELDS))


@dataclass(frozen=True, slots=True)
class Grammar:
    """Every regular entry of a sitemap, and an alternate in it, where XHTML has a prefix."""

    layout: Layout
    alternate: re.Pattern[str] | None
    link: str

    def alike(self, entry: re.Match[str]) -> Layout:
        """The layout of entries with the very tags of ``entry``, one of this grammar: it tells them in half the time."""
        titles = f"{entry['title']}{entry['later_title']}"
        elsewhere = entry[0].count("<![") > titles.count("<![")
        text = _TEXT if elsewhere else _TEXT_WITHOUT_CDATA
        spans = sorted((*entry.span(name), name) for name in _FIELDS if entry[name] is not None)
        pattern, at = [r"\s*"], entry.start()
        for start, end, name in spans:
            pattern.append(self._tags(entry.string[at:start], text))
            tags = self._tags(entry[name], text) if name in _SPANS else ""
            found = text + tags + text if tags else text
            pattern.append(rf"(?P<{name}>{found})" if name in _SPANS else _value(name, entry[name]))
            at = end
        pattern.append(self._tags(entry.string[at : entry.end()], text).removesuffix("</url>") + _END)
        return Layout.of("".join(pattern))

    def _tags(self, markup: str, text: str) -> str:
        """The tags in ``markup``, with any text between them."""
        tags = (tag for tag in _TOKEN.findall(markup) if not tag.startswith("<!["))
        return text.join(
            self.link if self.alternate and self.alternate.match(tag) else re.escape(tag) for tag in tags
        )


def _value(name: str, seen: str) -> str:
    """The pattern of a field's text, like the one ``seen``."""
    if name == "url":
        return rf"\s*(?P<url>{_URL})\s*"
    if seen.startswith("<![CDATA["):
        return rf"<!\[CDATA\[(?P<{name}>[^\]<&]*)\]\]>"
    return rf"(?P<{name}>{_TEXT if 'title' in name else '[^<&]*'})"


def prefixes_of(attributes: str) -> Prefixes | None:
    """What the attributes of a root declare; None where that is nothing, or is better left to the parser."""
    declared = [(name, first or second) for name, first, second in _NAMESPACE.findall(attributes)]
    spaces = dict(declared)
    own = spaces.pop("", "")
    if not 0 < len(spaces) <= MAX_PREFIXES or len({*spaces.values(), own}) < len(spaces) + 1:
        return None
    odd = any(name.lower().startswith("xml") or not space for name, space in spaces.items())
    if odd or own in (NEWS, XHTML) or len(dict(declared)) < len(declared):
        return None
    by_space = {space: name for name, space in spaces.items()}
    others = sorted(name for name, space in spaces.items() if space not in (NEWS, XHTML))
    return Prefixes(by_space.get(NEWS), by_space.get(XHTML), tuple(others))


@lru_cache(maxsize=64)
def grammar_of(prefixes: Prefixes) -> Grammar:
    """The grammar of a sitemap whose extensions have these prefixes."""
    marks = count()
    more = partial(_extensions, prefixes, marks)
    news = rf"(?:{_news(re.escape(prefixes.news), marks)}(?P<after>{more()}))?" if prefixes.news else ""
    layout = Layout.of(
        rf"{_LOCATION}(?:<lastmod>(?P<modified>[^<&]*)</lastmod>\s*)?{_FREQUENCY}(?P<before>{more()}){news}"
        rf"(?:<lastmod>(?P<later>[^<&]*)</lastmod>\s*)?{_FREQUENCY}{_END}"
    )
    if not prefixes.xhtml:
        return Grammar(layout, None, "")
    alternate = re.compile(_link(prefixes.xhtml, f"({_URL})", f"({_LANGUAGE})"), re.ASCII)
    return Grammar(layout, alternate, _link(prefixes.xhtml, _URL, _LANGUAGE))


def _any(*elements: str) -> str:
    """As many of ``elements`` as there are. Atomic: what they took is never tried in another way."""
    return rf"(?>(?:(?:{'|'.join(elements)})\s*)*)" if elements else ""


def _leaf(name: str, marks: "count[int]") -> str:
    """An element of that name, without children."""
    mark = f"name{next(marks)}"
    return rf"<(?P<{mark}>{name}){_ATTRIBUTES}(?:\s*/>|>{_TEXT}</(?P={mark})>)"


def _branch(name: str, child: str, marks: "count[int]") -> str:
    """An element of that name, with children without children."""
    mark = f"name{next(marks)}"
    return rf"<(?P<{mark}>{name}){_ATTRIBUTES}>\s*{_any(_leaf(child, marks))}</(?P={mark})>"


def _extensions(prefixes: Prefixes, marks: "count[int]") -> str:
    names = [f"{re.escape(prefix)}:{_NAME}" for prefix in prefixes.others]
    elements = [kind for name in names for kind in (_branch(name, name, marks), _leaf(name, marks))]
    return _any(*([_link(prefixes.xhtml, _URL, _LANGUAGE)] if prefixes.xhtml else []), *elements)


def _link(prefix: str, address: str, language: str) -> str:
    return rf'<{re.escape(prefix)}:link\s+rel="alternate"\s+hreflang="{language}"\s+href="{address}"\s*/>'


def _news(prefix: str, marks: "count[int]") -> str:
    """The news element, with date and title in either order among its other fields."""
    field = rf"{prefix}:(?!(?:title|publication_date)[\s/>]){_NAME}"

    def rest() -> str:
        return _any(_branch(f"{prefix}:publication", field, marks), _leaf(field, marks))

    def date(group: str) -> str:
        return rf"<{prefix}:publication_date>(?P<{group}>[^<&]*)</{prefix}:publication_date>\s*{rest()}"

    def title(group: str) -> str:
        return rf"<{prefix}:title>(?P<{group}>{_TEXT})</{prefix}:title>\s*{rest()}"

    either = f"{date('date')}(?:{title('title')})?|{title('later_title')}(?:{date('later_date')})?"
    return rf"<{prefix}:news>\s*{rest()}(?:{either})?</{prefix}:news>\s*"
