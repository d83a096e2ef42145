"""Pages of an invented paper that change: each capture of an article's page as it was at its time."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from random import Random

from archive.capture import Exchange
from archive.collection import Collection
from tests.archive.stored import REQUEST, response
from tests.site.collections import write_collection
from tests.site.newsroom import WORDS

START = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def prose(seed: int, paragraphs: int = 6, words: int = 45) -> tuple[str, ...]:
    """Paragraphs that no other seed has."""
    rng = Random(seed)
    return tuple(
        ". ".join(" ".join(rng.choices(WORDS, k=words // 3)).capitalize() for _ in range(3)) + "."
        for _ in range(paragraphs)
    )


@dataclass(frozen=True)
class Page:
    """An article's page, captured ``hours`` after START. ``canonical`` is what it names as its own address,
    ``links`` what stands below the article."""

    url: str
    title: str
    paragraphs: tuple[str, ...]
    hours: float = 0
    canonical: str | None = None
    published: str | None = "2026-04-01T06:00:00+00:00"
    author: str = "Ada Reyes"
    links: str = ""

    def html(self) -> bytes:
        canonical = f'<link rel="canonical" href="{self.canonical}">' if self.canonical else ""
        published = (
            f'<meta property="article:published_time" content="{self.published}">' if self.published else ""
        )
        body = "".join(f"<p>{escape(text)}</p>" for text in self.paragraphs)
        return (
            f'<!doctype html><html lang="en"><head><title>{escape(self.title)}</title>{canonical}{published}'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(self.title)}">'
            f'<meta name="author" content="{self.author}"></head><body><nav><a href="/">Home</a></nav>'
            f"<main><article><h1>{escape(self.title)}</h1>{body}</article>{self.links}</main></body></html>"
        ).encode()

    def exchange(self) -> Exchange:
        raw = response(self.html())
        return Exchange(self.url, REQUEST, io.BytesIO(raw), len(raw), START + timedelta(hours=self.hours))


def archive_of(root: Path, pages: Iterable[Page]) -> Collection:
    """A collection that captured these pages, in this order."""
    return write_collection(root, [page.exchange() for page in pages])
