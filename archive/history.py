"""What the catalog tells over time: the last answer of an address, which articles to ask for again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import apsw

from archive.cdxj import surt
from archive.sqlite import plan_once

BUSY_TIMEOUT_MS = 10_000

LAST_WHOLE = """
SELECT id FROM captures WHERE key = ? AND url = ? AND status = 200 AND (truncated IS NULL OR type = 'revisit')
ORDER BY date DESC, id DESC LIMIT 1
"""
ARTICLES = """
SELECT url, min(source), min(CASE WHEN kind = 'article' THEN date END) AS first, max(date) AS last
FROM captures GROUP BY key, url HAVING first IS NOT NULL ORDER BY first DESC
"""
FIGURES = """
SELECT source, captures.date, type = 'response' OR coalesce(refers_to_url <> captures.url, 0), kind, hops, characters
FROM captures LEFT JOIN documents ON documents.capture = captures.id
WHERE captures.date >= ? AND source IS NOT NULL ORDER BY captures.id
"""


@dataclass(frozen=True, slots=True)
class CaptureFigures:
    """What statistics need of a capture; ``characters`` are its new document's, if it brought one.

    ``anew`` is false where the answer was, by a revisit, that of the same address before.
    """

    source: str
    date: datetime
    anew: bool
    kind: str
    hops: str
    characters: int | None


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """When an address was first captured with an article, and when it was last captured with whatever (UTC)."""

    url: str
    source: str | None
    first: datetime
    last: datetime


class History:
    """Questions to the catalog at ``path`` that concern several captures, on a connection of their own."""

    def __init__(self, path: Path) -> None:
        self._db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        self._db.set_busy_timeout(BUSY_TIMEOUT_MS)
        plan_once(self._db)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def last_whole(self, url: str) -> int | None:
        """The id of the newest capture of ``url`` that answered 200 and was not cut short."""
        for (number,) in self._db.execute(LAST_WHOLE, (surt(url), url)):
            return int(number)
        return None

    def articles(self) -> Iterator[ArticleHistory]:
        """Every address that has answered with an article, the newest first."""
        for url, source, first, last in self._db.execute(ARTICLES):
            yield ArticleHistory(url, source, _date(first), _date(last))

    def figures_since(self, start: datetime) -> Iterator[CaptureFigures]:
        """Captures of declared sources from ``start`` (aware) on, in the order of the archive."""
        stamp = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for source, date, anew, kind, hops, characters in self._db.execute(FIGURES, (stamp,)):
            yield CaptureFigures(source, _date(date), bool(anew), kind, hops, characters)


def _date(value: Any) -> datetime:
    return datetime.fromisoformat(value)
