"""The articles of the demo site, kept as data: one TOML file each under ``content/articles``."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Self

CONTENT = files(__package__) / "content"


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One invented article and how the site sends it.

    ``body`` is HTML in which ``$base`` stands for the site's address. ``listed`` names the lists that carry the
    article: ``news`` and ``archive`` (sitemaps), ``rss``, ``atom``; every article is linked from its language's front
    page besides. ``coding`` is a content coding, ``transfer`` a transfer coding.
    """

    language: str
    section: str
    slug: str
    title: str
    authors: tuple[str, ...]
    published: datetime
    description: str
    body: str
    tags: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    modified: datetime | None = None
    template: str = "article"
    credit: str = ""
    caption: str = ""
    encoding: str = "utf-8"
    charset_in_header: bool = True
    coding: str | None = None
    transfer: str | None = None

    @classmethod
    def parse(cls, toml: str) -> Self:
        fields: dict[str, Any] = {}
        for name, value in tomllib.loads(toml).items():
            fields[name] = tuple(value) if isinstance(value, list) else value
        return cls(**fields)

    @property
    def path(self) -> str:
        """The path of its URL, not percent-encoded."""
        return f"/{self.language}/{self.published:%Y/%m/%d}/{self.slug}/"


def load_articles() -> tuple[DemoArticle, ...]:
    """Every article, newest first."""
    texts = (
        entry.read_text("utf-8") for entry in (CONTENT / "articles").iterdir() if entry.name.endswith(".toml")
    )
    return tuple(sorted(map(DemoArticle.parse, texts), key=lambda article: article.published, reverse=True))


def load_languages() -> dict[str, dict[str, str]]:
    """The words of the page furniture by language."""
    return tomllib.loads((CONTENT / "languages.toml").read_text("utf-8"))


def load_template(name: str) -> str:
    return (CONTENT / "templates" / f"{name}.html").read_text("utf-8")
