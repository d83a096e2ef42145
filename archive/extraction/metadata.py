"""What a page says of its article: title, authors, dates, language, rights. Each value with where it was found."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urldefrag, urljoin, urlsplit

import tldextract
from lxml.html import HtmlElement

from archive.extraction.authors import clean_authors, shown_authors
from archive.extraction.dates import iso_date
from archive.extraction.structured import Structured, clean, names, read_structured
from archive.extraction.titles import find_title, shown_text
from archive.outcome import Value


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MAX_SHOWN_AUTHORS = 100
"""Elements marked as authors' that are read."""
MAX_TAGS = 50
MAX_TAG_LENGTH = 100
"""Characters."""
_EXTRACT_DOMAIN = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_AUTHOR_METAS = _words(
    "author article:author parsely-author sailthru.author dc.creator dcterms.creator byl cxenseparse:author"
)
_WRITTEN_BY = ("written", "geschrieben", "verfasst", "écrit", "escrito", "scritto", "author", "autor")
_PUBLISHED = _words(
    "article:published_time og:article:published_time og:published_time datepublished parsely-pub-date"
    " sailthru.date dc.date.issued dcterms.created dc.date.created dcterms.date dc.date publish-date"
    " published_at pubdate publishdate publication_date date_published article.published"
    " cxenseparse:recs:publishtime article_date_original originalpublicationdate ptime date"
)
_MODIFIED = _words(
    "article:modified_time og:article:modified_time og:updated_time article:updated_time datemodified"
    " dcterms.modified dc.date.modified last-modified lastmod revised updated_at date_modified"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Values by field name, single ones first; ``title`` is the page's heading, else its metadata's title."""

    title: str = ""
    heading: HtmlElement | None = None
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


def read_metadata(root: HtmlElement, url: str) -> Metadata:
    """Read everything but the text; deterministic, no network."""
    data = read_structured(root)
    title, heading = find_title(root, data)
    authors = _authors(root, data)
    values = dict(_values(root, data, url))
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


def _authors(root: HtmlElement, data: Structured) -> tuple[tuple[str, ...], str | None]:
    publisher = {n.casefold() for n in names(data.article.get("publisher"))}
    publisher |= {content.casefold() for content in data.meta.get("og:site_name", ())}
    for source, found in _claimed_authors(root, data):
        cleaned = clean_authors(found, publisher)
        if cleaned:
            return cleaned, source
    return (), None


def _claimed_authors(root: HtmlElement, data: Structured) -> Iterator[tuple[str, list[str]]]:
    yield "json-ld", _json_authors(data)
    for name in _AUTHOR_METAS:
        yield "meta", [content for content in data.meta.get(name, ()) if "://" not in content]
    if data.meta.get("twitter:label1", ("",))[0].lower().startswith(_WRITTEN_BY):
        yield "meta", list(data.meta.get("twitter:data1", ()))
    yield "html", list(islice(shown_authors(root), MAX_SHOWN_AUTHORS))


def _json_authors(data: Structured) -> list[str]:
    by_id = {o["@id"]: o for o in data.objects if isinstance(o.get("@id"), str)}
    value = data.article.get("author") or data.article.get("creator")
    listed = value if isinstance(value, list) else [value]
    resolved = [
        by_id.get(a["@id"], a)
        if isinstance(a, dict) and "name" not in a and isinstance(a.get("@id"), str)
        else a
        for a in listed
    ]
    return names(resolved)


def _values(root: HtmlElement, data: Structured, url: str) -> Iterator[tuple[str, Value]]:
    found = {
        "published": _date(root, data, "datePublished", _PUBLISHED, "published"),
        "modified": _date(root, data, "dateModified", _MODIFIED, "modified"),
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
    if listed := names(data.article.get(key)):
        return Value(listed[0], "json-ld")
    return None


def _date(root: HtmlElement, data: Structured, key: str, metas: Iterable[str], what: str) -> Value | None:
    for node in (data.article, data.page):
        if (text := clean(node.get(key))) and (date := iso_date(text)):
            return Value(date, "json-ld")
    for name in metas:
        for content in data.meta.get(name, ()):
            if date := iso_date(content):
                return Value(date, "opengraph" if ":" in name else "meta")
    return _shown_date(root, key.lower(), what)


def _shown_date(root: HtmlElement, itemprop: str, what: str) -> Value | None:
    """A ``time`` element marked as the date; for the publication any one, the first of the page."""
    times = [t for t in root.iter("time", "span", "abbr", "div") if t.tag == "time" or t.get("itemprop")]
    marked = [
        t
        for t in times
        if itemprop in (t.get("itemprop") or "").lower()
        or (what == "published" and t.get("pubdate") is not None)
    ]
    for element in marked + ([t for t in times if t.tag == "time"] if what == "published" else []):
        date = iso_date(
            element.get("datetime") or element.get("content") or element.get("title") or shown_text(element)
        )
        if date:
            return Value(date, "microdata" if element in marked else "time")
    return None


def _declared_language(root: HtmlElement, data: Structured) -> Value | None:
    claims = [
        (root.get("lang"), "html"),
        (root.get("{http://www.w3.org/XML/1998/namespace}lang"), "html"),
        (root.get("xml:lang"), "html"),
    ]
    if found := data.first("content-language", "og:locale", "language", "dc.language"):
        claims.append((found[0], "meta"))
    claims.append((clean(data.article.get("inLanguage")), "json-ld"))
    for claim, source in claims:
        if claim and (match := _LANGUAGE.match(claim.strip())):
            return Value(match[0].replace("_", "-"), source)
    return None


def _image(data: Structured, url: str) -> Value | None:
    if found := data.first(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    ):
        return _address(found[0], url, "opengraph" if found[1].startswith("og:") else "meta")
    image = data.article.get("image")
    while isinstance(image, list) and image:
        image = image[0]
    if isinstance(image, dict):
        image = image.get("url") or image.get("contentUrl")
    return _address(clean(image), url, "json-ld")


def _licence(root: HtmlElement, data: Structured, url: str) -> Value | None:
    licence = data.article.get("license")
    if isinstance(licence, dict):
        licence = licence.get("url") or licence.get("@id")
    if text := clean(licence):
        return Value(text, "json-ld")
    for element in root.iter("link", "a"):
        if "license" in (element.get("rel") or "").lower().split() and element.get("href"):
            return _address(element.get("href") or "", url, "rel-license")
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
    for node in (data.article, data.page):
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value, "json-ld"
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true", "json-ld"
    if found := data.first("article:content_tier", "og:article:content_tier"):
        return found[0].lower() == "free", "opengraph"
    return None, None


def _tags(data: Structured) -> tuple[tuple[str, ...], str | None]:
    listed = [
        ("opengraph", list(data.meta.get("article:tag", ()))),
        ("json-ld", names(data.article.get("keywords"))),
    ]
    listed.append(("meta", list(data.meta.get("news_keywords", ()) or data.meta.get("keywords", ()))))
    for source, found in listed:
        split = re.split(r"\s*[,;]\s*", found[0]) if len(found) == 1 else found
        tags = tuple(dict.fromkeys(tag for tag in split if tag and len(tag) <= MAX_TAG_LENGTH))[:MAX_TAGS]
        if tags:
            return tags, source
    return (), None


def canonical_url(root: HtmlElement, data: Structured, url: str) -> str | None:
    """The page's own claim of its address, kept only when it shares the page's registrable domain."""
    claims = [e.get("href") for e in root.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    if found := data.first("og:url"):
        claims.append(found[0])
    for claim in claims:
        absolute = _absolute(claim, url)
        if absolute and registrable_domain(absolute) == registrable_domain(url):
            return absolute
    return None


def _absolute(claim: str | None, url: str) -> str | None:
    if not claim or not claim.strip():
        return None
    try:
        absolute = urldefrag(urljoin(url, claim.strip()))[0]
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.hostname else None


def registrable_domain(url: str) -> str:
    """The registrable domain of a URL's host by the Public Suffix List (pinned snapshot), else the host itself."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _EXTRACT_DOMAIN(host).top_domain_under_public_suffix or host
