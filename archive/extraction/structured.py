"""Structured data of a page: JSON-LD objects and ``meta`` elements, read as leniently as publishers write them."""

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement


def _types(names: str) -> frozenset[str]:
    return frozenset(names.split())


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

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Structured:
    """What a page says of itself: ``article`` is the JSON-LD object of the article, ``page`` that of the page.

    ``meta`` maps a lower-case name, property or itemprop to its contents in the page's order.
    """

    article: Json = field(default_factory=dict)
    page: Json = field(default_factory=dict)
    objects: tuple[Json, ...] = ()
    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def first(self, *names: str) -> tuple[str, str] | None:
        """The first non-empty content of the named ``meta`` elements, and the name that had it."""
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content, name
        return None


def read_structured(root: HtmlElement) -> Structured:
    """Read a page's JSON-LD and ``meta`` elements; what cannot be read is left out."""
    objects = tuple(_objects(root))
    articles = [o for o in objects if types(o) & ARTICLE_TYPES]
    article = max(articles, key=_weight, default={})
    page = next((o for o in objects if types(o) & _PAGE_TYPES), {})
    return Structured(article, page, objects, _meta(root))


def types(node: Json) -> frozenset[str]:
    """The object's ``@type`` values without any prefix."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str))


def clean(text: object) -> str:
    """A string value as plain text: entities resolved, tags dropped, white space collapsed; else ``""``."""
    if not isinstance(text, str):
        return ""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = re.sub(r"</?[A-Za-z][^<>]{0,2000}>", " ", text)
    return " ".join(text.split())


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


def _objects(root: HtmlElement) -> Iterator[Json]:
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
    text = _COMMENT.sub("", text).strip().rstrip(";")
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text), html.unescape(text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _meta(root: HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = clean(element.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            for name in (element.get(attribute) or "").lower().split():
                found.setdefault(name, []).append(content)
    return {name: tuple(contents) for name, contents in found.items()}
