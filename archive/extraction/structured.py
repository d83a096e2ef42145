"""Structured data of a page, read as leniently as publishers write it: JSON-LD, microdata, RDFa, ``meta`` elements."""

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml.etree import _Element

from archive.extraction.inline import on_one_line
from archive.extraction.microdata import MAX_CLIMB, MICRODATA, RDFA, read_items


def _types(names: str) -> frozenset[str]:
    return frozenset(names.split())


MAX_METAS = 5000
MAX_META_NAMES = 20
"""Names of one ``meta`` element that are read."""
MAX_OBJECTS = 2000
"""JSON-LD objects of one page that are looked at."""
ARTICLE_TYPES = _types(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle"
    " BackgroundNewsArticle AskPublicNewsArticle ReviewNewsArticle AdvertiserContentArticle"
    " SatiricalArticle BlogPosting LiveBlogPosting SocialMediaPosting TechArticle ScholarlyArticle Report"
    " Review Blog"
)
_PAGE_TYPES = _types("WebPage ItemPage AboutPage Recipe MedicalWebPage VideoObject")

_COMMENT = re.compile(
    r"\A\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*\Z"
)
_TRAILING_COMMA = re.compile(r",(\s*[\]}])")
_MENDED: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: _TRAILING_COMMA.sub(r"\1", text),
    html.unescape,
)
"""JSON as it stands, and without what publishers get wrong."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Structured:
    """What a page says of itself: ``article`` is the JSON-LD object of the article, ``page`` that of the page.

    ``marked`` is the article as microdata or RDFa in the page's own elements describe it, ``marked_by`` which of the
    two. ``meta`` maps a lower-case name, property or itemprop to its contents in the page's order.
    """

    article: Json = field(default_factory=dict)
    page: Json = field(default_factory=dict)
    objects: tuple[Json, ...] = ()
    marked: Json = field(default_factory=dict)
    marked_by: str = ""
    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def articles(self) -> Iterator[tuple[str, Json]]:
        """What describes the article, by source: the surest first."""
        yield "json-ld", self.article
        yield self.marked_by, self.marked

    def referred(self, value: Any) -> Any:
        """A node with what the page says elsewhere of its ``@id`` (JSON-LD 1.1, section 3.3); any other value as it is."""
        if not isinstance(value, dict) or not isinstance(value.get("@id"), str):
            return value
        described = (found for found in self.objects if found.get("@id") == value["@id"] and found != value)
        return {**next(described, {}), **value}

    def first(self, *names: str) -> tuple[str, str] | None:
        """The first non-empty content of the named ``meta`` elements, and the name that had it."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content, name
        return None


def read_structured(root: _Element) -> Structured:
    """Read a page's JSON-LD and ``meta`` elements; what cannot be read is left out."""
    objects = tuple(_objects(root))
    articles = [o for o in objects if types(o) & ARTICLE_TYPES]
    article = max(articles, key=_weight, default={})
    page = next((o for o in objects if types(o) & _PAGE_TYPES), {})
    marked, marked_by = _marked(root)
    return Structured(article, page, objects, marked, marked_by, _meta(root))


def _marked(root: _Element) -> tuple[Json, str]:
    """The one article that elements are marked as, or the one of which they say the most; none of many teasers."""
    for syntax in (MICRODATA, RDFA):
        found = [item for item in read_items(root, syntax) if types(item) & ARTICLE_TYPES]
        found.sort(key=_weight, reverse=True)
        if found and (len(found) == 1 or _weight(found[0]) > _weight(found[1])):
            return found[0], syntax.source
    return {}, ""


def types(node: Json) -> frozenset[str]:
    """The object's ``@type`` values without any prefix."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str))


def clean(text: object) -> str:
    """A string value as plain text: entities resolved, tags dropped, white space as a browser collapses it; else ``""``."""
    if not isinstance(text, str):
        return ""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = re.sub(r"</?[A-Za-z][^<>]{0,2000}>", " ", text)
    return on_one_line(text).strip()


def names(value: object) -> list[str]:
    """The names in a Person, an Organization, a string, or a list of them."""
    found: list[str] = []
    todo = deque([value])
    while todo and len(found) < 50:
        one = todo.popleft()
        if isinstance(one, list):
            todo.extendleft(reversed(one))
        elif isinstance(one, dict):
            todo.appendleft(one.get("name"))
        elif text := clean(one):
            found.append(text)
    return found


def _weight(node: Json) -> int:
    """How much an article object says: teasers in lists have less than the page's own."""
    keys = ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage", "image", "publisher")
    return sum(1 for key in keys if node.get(key))


def _objects(root: _Element) -> Iterator[Json]:
    count = 0
    for script in root.iter("script"):
        kind = script.get("type") or ""
        if "ld+json" not in kind.lower() or not script.text:
            continue
        todo = deque([_load(script.text)])
        while todo and count < MAX_OBJECTS:
            node = todo.popleft()
            if isinstance(node, list):
                todo.extend(node)
            elif isinstance(node, dict):
                count += 1
                yield node
                todo.extend(
                    node[key]
                    for key in ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf")
                    if key in node
                )


def _load(text: str) -> Any:
    text = text.strip()
    if not text.startswith(("{", "[")) or not text.endswith(("}", "]")):
        text = _COMMENT.sub("", text).strip().rstrip(";")
    for mended in _MENDED:
        try:
            return json.loads(mended(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _is_in_object(element: _Element) -> bool:
    """Whether an ``itemprop`` says something of an object smaller than the page."""
    above = islice(element.iterancestors(), MAX_CLIMB)
    return any(e.get("itemscope") is not None and e.tag not in ("html", "head", "body") for e in above)


def _meta(root: _Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in islice(root.iter("meta"), MAX_METAS):
        content: str | None = None
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            named = element.get(attribute)
            if not named or (attribute == "itemprop" and _is_in_object(element)):
                continue
            content = clean(element.get("content")) if content is None else content
            for name in named.lower().split()[:MAX_META_NAMES]:
                found.setdefault(name, []).append(content)
    return {name: tuple(contents) for name, contents in found.items()}
