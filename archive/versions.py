"""Versions of an article: the different texts that its address, or its canonical address, has answered with.

A document belongs to the article of its final URL. Where that URL is new, it belongs to the article of a document that
shares an address with it (asked for, final, or canonical) and has its title or resembles it; else it begins one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.database import Database
from archive.entries import DocumentRow
from archive.likeness import Likeness, unpacked
from archive.parts import are_parts
from archive.surt import surt

MIN_RESEMBLANCE = 0.1
"""From which texts under a shared address are of one article; pages that claim the address of another have none."""
COMPARED = 16
"""Documents of an address, the latest, that a new one is held against."""

KNOWN = "SELECT article FROM documents JOIN articles ON document = id WHERE final_url = ? ORDER BY id LIMIT 1"
SHARING = """
SELECT article, title, final_url, signature FROM addresses JOIN documents ON id = document
JOIN articles USING (document) JOIN likeness USING (document)
WHERE key = ? ORDER BY document DESC LIMIT ?
"""
OF_ARTICLE = """
SELECT d.id, d.text_digest, d.title, d.final_url, min(c.date), max(c.date), count(*), min(c.id), max(c.id)
FROM articles a JOIN documents d ON d.id = a.document JOIN captures c ON c.document = d.id
WHERE a.article = ? GROUP BY d.id ORDER BY min(c.date), min(c.id)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One document of an article.

    ``number`` counts the article's different texts from 1, in the order of their first captures: documents with the
    same text under two addresses have the same. ``first`` and ``last`` are the dates (UTC) of the first and last of its
    ``captures``; ``headline`` says that the title differs from that of the text before; ``current`` that the last
    capture of the article has this text.
    """

    document: int
    number: int
    title: str
    url: str
    text_digest: str
    first: datetime
    last: datetime
    captures: int
    headline: bool
    current: bool


class Versions:
    """Which documents are versions of one article. The id of an article is that of its first document."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, row: DocumentRow, likeness: Likeness) -> None:
        """Give the next document its article; those before it have theirs, and their likeness."""
        keys = _keys(row)
        self._db.write("INSERT INTO articles VALUES (?, ?)", (row.id, self._article(row, likeness, keys)))
        for key in keys:
            self._db.write("INSERT INTO addresses VALUES (?, ?)", (key, row.id))

    def article_of(self, document: int) -> int:
        """The article of a document."""
        return int(self._db.value("SELECT article FROM articles WHERE document = ?", (document,)))

    def of(self, article: int) -> list[Version]:
        """The documents of an article, in the order of their first captures."""
        found = list(self._db.rows(OF_ARTICLE, (article,)))
        numbers = {digest: number for number, digest in enumerate(dict.fromkeys(row[1] for row in found), 1)}
        newest = max(found, key=lambda row: (row[5], row[8]), default=None)
        current = newest[1] if newest else None
        titles = {numbers[row[1]]: row[2] for row in reversed(found)}
        return [
            Version(
                document=row[0],
                number=(number := numbers[row[1]]),
                title=row[2],
                url=row[3],
                text_digest=row[1],
                first=datetime.fromisoformat(row[4]),
                last=datetime.fromisoformat(row[5]),
                captures=row[6],
                headline=number > 1 and titles[number - 1] != titles[number],
                current=row[1] == current,
            )
            for row in found
        ]

    def with_several(self) -> Iterator[int]:
        """The articles that have more than one document."""
        query = "SELECT article FROM articles GROUP BY article HAVING count(*) > 1 ORDER BY article"
        for (article,) in self._db.rows(query):
            yield int(article)

    def _article(self, row: DocumentRow, likeness: Likeness, keys: Iterable[str]) -> int:
        known = self._db.value(KNOWN, (row.final_url,))
        if known is not None:
            return int(known)
        for key in keys:
            for article, title, url, signature in self._db.rows(SHARING, (key, COMPARED)):
                if are_parts(row.final_url, url):
                    continue  # many pages name the first of their article as canonical
                if _same_title(row.article.title, title) or _alike(likeness, signature):
                    return int(article)
        return row.id


def _keys(row: DocumentRow) -> list[str]:
    """The SURT keys of a document's addresses; a site's front page is nobody's address but its own."""
    stated = (row.canonical_url, row.url)
    keys = [surt(row.final_url), *(key for key in map(surt, filter(None, stated)) if not key.endswith(")/"))]
    return list(dict.fromkeys(keys))


def _same_title(title: str, other: str) -> bool:
    return bool(title) and title.casefold() == other.casefold()


def _alike(likeness: Likeness, signature: bytes) -> bool:
    return likeness.resemblance(unpacked(signature)) >= MIN_RESEMBLANCE
