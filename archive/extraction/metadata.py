"""What a page says of its article: title, authors, dates, language, rights. Each value with where it was found."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from lxml.etree import _Element

from archive.extraction.addresses import canonical_url
from archive.extraction.attributes import having
from archive.extraction.authors import byline_authors, find_authors, guessed_authors
from archive.extraction.datelines import find_dates
from archive.extraction.structured import Structured, clean, names, read_structured
from archive.extraction.titles import find_title
from archive.outcome import Value

MAX_TAGS = 50
MAX_TAG_LENGTH = 100
"""Characters."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Values by field name, single ones first; ``title`` is the page's heading, else its metadata's title."""

    title: str = ""
    heading: _Element | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    free: bool | None = None
    canonical_url: str | None = None
    structured: Structured = field(default_factory=Structured)
    sources: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        value = self.values.get(name)
        return value.text if value else None


def read_metadata(root: _Element, url: str) -> Metadata:
    """Read everything but the text; deterministic, no network."""
    data = read_structured(root)
    title, heading = find_title(root, data)
    authors = find_authors(root, data, url, heading)
    values = dict(_values(root, data, url)) | find_dates(root, data, heading, url)
    free, free_source = _free(data)
    tags, tag_source = _tags(data)
    found = {"title": title.source, "authors": authors[1], "tags": tag_source, "free": free_source}
    sources = {name: source for name, source in found.items() if source}
    sources |= {name: value.source for name, value in values.items()}
    return Metadata(
        title=title.text,
        heading=heading,
        authors=authors[0],
        tags=tags,
        values=values,
        free=free,
        canonical_url=canonical_url(root, data, url),
        structured=data,
        sources=tuple(sorted(sources.items())),
    )


def with_bylines(metadata: Metadata, bylines: Sequence[str], root: _Element) -> Metadata:
    """The metadata with the authors that the bylines name, else trafilatura, where the page states none."""
    if metadata.authors:
        return metadata
    byline = byline_authors(bylines)
    authors = byline or guessed_authors(root)
    sources = dict(metadata.sources) | ({"authors": "byline" if byline else "trafilatura"} if authors else {})
    return replace(metadata, authors=authors, sources=tuple(sorted(sources.items())))


def _values(root: _Element, data: Structured, url: str) -> Iterator[tuple[str, Value]]:
    found = {
        "declared_language": _declared_language(root, data),
        "site_name": _text(data, ("og:site_name", "application-name", "cre", "dc.publisher"), "publisher"),
        "section": _text(
            data, ("article:section", "og:article:section", "parsely-section", "section"), "articleSection"
        ),
        "description": _text(
            data, ("og:description", "description", "twitter:description"), "description", meta_first=True
        ),
        "image": _image(data, url),
        "licence": _licence(root, data, url),
    }
    for name, value in found.items():
        if value is not None:
            yield name, value


def _text(data: Structured, meta: tuple[str, ...], key: str, *, meta_first: bool = True) -> Value | None:
    if (found := data.first(*meta)) and meta_first:
        return Value(found[0], "opengraph" if found[1].startswith(("og:", "article:")) else "meta")
    for source, article in data.articles():
        if listed := names(data.referred(article.get(key))):
            return Value(listed[0], source)
    return None


def _declared_language(root: _Element, data: Structured) -> Value | None:
    claims = [
        (root.get("lang"), "html"),
        (root.get("{http://www.w3.org/XML/1998/namespace}lang"), "html"),
        (root.get("xml:lang"), "html"),
    ]
    if found := data.first("content-language", "og:locale", "language", "dc.language"):
        claims.append((found[0], "meta"))
    claims += [(clean(article.get("inLanguage")), source) for source, article in data.articles()]
    for claim, source in claims:
        if claim and (match := _LANGUAGE.match(claim.strip())):
            return Value(match[0].replace("_", "-"), source)
    return None


def _image(data: Structured, url: str) -> Value | None:
    if found := data.first(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    ):
        return _address(found[0], url, "opengraph" if found[1].startswith("og:") else "meta")
    for source, article in data.articles():
        image = article.get("image") or article.get("thumbnailUrl")
        while isinstance(image, list) and image:
            image = image[0]
        image = data.referred(image)
        if isinstance(image, dict):
            image = image.get("url") or image.get("contentUrl")
        if found_address := _address(clean(image), url, source):
            return found_address
    return None


def _licence(root: _Element, data: Structured, url: str) -> Value | None:
    for source, article in data.articles():
        licence = article.get("license")
        if isinstance(licence, dict):
            licence = licence.get("url") or licence.get("@id")
        if text := clean(licence):
            return Value(text, source)
    for element in having(root, ("rel",), ("license",)):
        if "license" in (element.get("rel") or "").lower().split() and (href := element.get("href")):
            return _address(href, url, "rel-license")
    found = data.first("dc.rights", "dcterms.license", "dcterms.rights")
    return Value(found[0], "meta") if found else None


def _address(text: str, url: str, source: str) -> Value | None:
    if not text or text.startswith("data:"):
        return None
    try:
        return Value(urljoin(url, text.strip()), source)
    except ValueError:
        return None


def _free(data: Structured) -> tuple[bool | None, str | None]:
    for source, node in (("json-ld", data.article), ("json-ld", data.page), (data.marked_by, data.marked)):
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value, source
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true", source
    if found := data.first("article:content_tier", "og:article:content_tier"):
        return found[0].lower() == "free", "opengraph"
    return None, None


def _tags(data: Structured) -> tuple[tuple[str, ...], str | None]:
    listed = [
        ("opengraph", list(data.meta.get("article:tag", ()))),
        *((source, names(article.get("keywords"))) for source, article in data.articles()),
    ]
    listed.append(("meta", list(data.meta.get("news_keywords", ()) or data.meta.get("keywords", ()))))
    for source, found in listed:
        split = re.split(r"\s*[,;]\s*", found[0]) if len(found) == 1 else found
        tags = tuple(dict.fromkeys(tag for tag in split if tag and len(tag) <= MAX_TAG_LENGTH))[:MAX_TAGS]
        if tags:
            return tags, source
    return (), None
