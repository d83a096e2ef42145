"""What the examination of one stored capture found. Pure values: they cross from the worker process to the caller."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


class Kind(StrEnum):
    """What a captured resource proved to be."""

    ARTICLE = "article"
    SECTION = "section"
    """A page that lists articles, or any page without one of its own."""
    CONSENT_WALL = "consent-wall"
    PAYWALL = "paywall"
    BLOCKED = "blocked"
    """A challenge or block page in place of the content."""
    SOFT_404 = "soft-404"
    MEDIA = "media"
    """A video, audio or gallery page without article text."""
    EMPTY = "empty"
    LISTING = "listing"
    """A sitemap, sitemap index or feed."""
    ROBOTS = "robots"
    REDIRECT = "redirect"
    NOT_MODIFIED = "not-modified"
    HTTP_ERROR = "http-error"
    OTHER = "other"
    """A resource of another media type: image, script, PDF."""
    FAILED = "failed"
    """Examination ended without a result: time, memory, or a body that does not decode."""


class Relation(StrEnum):
    """How a page names another URL."""

    LINK = "link"
    REDIRECT = "redirect"
    CANONICAL = "canonical"
    ALTERNATE = "alternate"
    """Another language's or AMP edition."""
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTED = "listed"
    """An entry of a sitemap or feed."""
    REQUISITE = "requisite"
    NEXT = "next"
    """The page after this one: of an article, of a section, of a feed."""


@dataclass_transform(frozen_default=True)
def _frozen_to_checkers(cls: type[T]) -> type[T]:
    """A dataclass that type checkers take for frozen. One that is takes five times as long to make and to pickle, and
    there are 50,000 links in a sitemap, each of which goes from a worker to the crawl."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


PARTLY_VISIBLE = "partly visible"
"""How the reason of an article opens of which the page shows a part."""


@_frozen_to_checkers
class Link:
    """A URL that a resource names: absolute, without fragment, as the page wrote it otherwise.

    ``date`` (ISO 8601, as far as given) and ``title`` are the lister's own words on it, ``language`` (BCP 47) what it
    says of an alternate or a link.
    """

    url: str
    relation: Relation = Relation.LINK
    date: str | None = None
    title: str | None = None
    language: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Link, (self.url, self.relation, self.date, self.title, self.language)


@dataclass(frozen=True, slots=True)
class Value:
    """A metadata value and where the page states it: ``json-ld``, ``opengraph``, ``h1``, ``meta``, ``trafilatura`` …"""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article's cleaned text and metadata.

    ``text`` is the whole document in the project's format (title line included, no line end after the last line);
    dates are ISO 8601 with an offset where the page gives one. ``sources`` names where each field came from.
    """

    text: str
    title: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    declared_language: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    image: str | None = None
    licence: str | None = None
    free: bool | None = None
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one capture. ``reason`` says in words why the kind is what it is, when it is no article.

    ``canonical_url`` is the page's own claim, kept only when it shares the page's registrable domain;
    ``rights`` are the signals found (``noarchive``, ``noai``, ``tdm-reservation=1`` …).
    """

    kind: Kind
    reason: str = ""
    links: tuple[Link, ...] = ()
    article: Article | None = None
    title: str | None = None
    canonical_url: str | None = None
    rights: tuple[str, ...] = ()
    evidence: tuple[str, ...] = field(default=())
