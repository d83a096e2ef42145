"""Which document continues which: articles on several pages, each page a capture and a document of its own."""

from datetime import datetime

from archive.database import Database
from archive.entries import DocumentRow
from archive.outcome import Outcome, Relation
from archive.parts import MAX_PARTS, continuation, is_whole
from archive.surt import surt

AFTER = """
SELECT document FROM captures WHERE key = ? AND document IS NOT NULL AND date >= ? ORDER BY date, id LIMIT 1
"""
LATEST = (
    "SELECT document FROM captures WHERE key = ? AND document IS NOT NULL ORDER BY date DESC, id DESC LIMIT 1"
)
OF_WHOLE = """
SELECT d.final_url, d.canonical_url, c.url FROM addresses a JOIN continuations c USING (document)
JOIN documents d ON d.id = a.document WHERE a.key = ? AND a.document <> ?
"""
BEFORE = "SELECT document FROM continuations WHERE key = ? AND document <> ? ORDER BY document DESC LIMIT 1"


def following_page(url: str, outcome: Outcome) -> str | None:
    """The address at which the article of the page at ``url`` goes on, as the page itself says."""
    named = (link.url for link in outcome.links if link.relation is Relation.NEXT)
    return continuation(url, outcome.canonical_url, named) if outcome.article else None


class Continuations:
    """The table ``continuations``: at which address the article of a document goes on."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, document: int, url: str) -> None:
        """Note that the article of ``document`` goes on at ``url``; the last capture has the last word."""
        self._db.write("INSERT OR REPLACE INTO continuations VALUES (?, ?, ?)", (document, url, surt(url)))

    def is_later(self, row: DocumentRow) -> bool:
        """Whether a page that has a document of its own goes on with this one, or is a part of it."""
        return self._before(row.id, row.final_url) is not None or self._is_whole(row)

    def _is_whole(self, row: DocumentRow) -> bool:
        key = surt(row.final_url)
        found = self._db.rows(OF_WHOLE, (key, row.id))
        return any(
            canonical and surt(canonical) == key and is_whole(canonical, url, following)
            for url, canonical, following in found
        )

    def first_of(self, row: DocumentRow) -> int:
        """The document of the first page of the article; its own where there is none before."""
        seen = [row.id]
        found = self._before(row.id, row.final_url)
        while found is not None and found not in seen and len(seen) < MAX_PARTS:
            seen.append(found)
            found = self._before(found, self._address(found))
        return seen[-1]

    def pages_of(self, first: DocumentRow) -> tuple[int, ...]:
        """The documents of the pages from ``first`` on, in their order; of the whole on one page, if that was captured."""
        following = self._following(first.id)
        if following is None:
            return (first.id,)
        canonical = first.canonical_url
        whole = canonical and is_whole(canonical, first.final_url, following)
        on_one_page = self._captured(canonical, first.date) if canonical and whole else None
        if on_one_page is not None:
            return (on_one_page,)
        return self._chain(first, following)

    def _chain(self, first: DocumentRow, following: str | None) -> tuple[int, ...]:
        pages = [first.id]
        while following is not None and len(pages) < MAX_PARTS:
            page = self._captured(following, first.date)
            if page is None or page in pages:
                break
            pages.append(page)
            following = self._following(page)
        return tuple(pages)

    def _following(self, document: int) -> str | None:
        found = self._db.value("SELECT url FROM continuations WHERE document = ?", (document,))
        return None if found is None else str(found)

    def _before(self, document: int, url: str) -> int | None:
        found = self._db.value(BEFORE, (surt(url), document))
        return None if found is None else int(found)

    def _address(self, document: int) -> str:
        return str(self._db.value("SELECT final_url FROM documents WHERE id = ?", (document,)))

    def _captured(self, url: str, date: datetime) -> int | None:
        """The document that ``url`` answered with first since ``date``, else the last before."""
        key = surt(url)
        found = self._db.value(AFTER, (key, date.strftime("%Y-%m-%dT%H:%M:%S.%fZ")))
        found = self._db.value(LATEST, (key,)) if found is None else found
        return None if found is None else int(found)
