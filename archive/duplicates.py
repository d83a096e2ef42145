"""Documents with the same text: exact by a digest of their normalised words, near by MinHash.

A cluster holds every document whose text is the same as, or resembles, that of another one in it. None is thrown
away; one of them is canonical.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from archive.database import Database
from archive.likeness import Likeness, unpacked
from archive.moments import parse_moment
from archive.sites import site_of
from archive.surt import surt
from archive.versions import Version, Versions

MIN_RESEMBLANCE = 0.5
"""Of two texts in one cluster (see ``bench/duplicates.py`` for what this finds and what it takes for the same)."""
MIN_WORDS = 30
"""Of a text that is held against others for resemblance: shorter ones count as the same only where they are."""
BUCKET = 16
"""Documents of one band, the first, that a new one is held against."""

IN_BAND = "SELECT document FROM bands WHERE band = ? ORDER BY document LIMIT ?"
LIKENESS = "SELECT cluster, signature FROM likeness WHERE document = ?"
OF_CLUSTER = """
SELECT d.id, article, d.final_url, d.canonical_url, d.published
FROM likeness JOIN documents d ON d.id = likeness.document JOIN articles USING (document)
WHERE cluster = ? ORDER BY d.id
"""
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


class Relation(StrEnum):
    """What a document is to the canonical one of its cluster."""

    CANONICAL = "canonical"
    VERSION = "version"
    """Another version of the same article."""
    COPY = "copy"
    """Under another address of the same site."""
    SYNDICATED = "syndicated"
    """On another site."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document in a cluster, with its article and version; ``current`` says that it is the present one.

    ``captured`` is when its article was first captured.
    """

    document: int
    article: int
    version: int
    current: bool
    url: str
    canonical_url: str | None
    published: datetime | None
    captured: datetime
    relation: Relation = Relation.CANONICAL


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a document stands among the others: ``version`` of ``versions`` of its article, and in its cluster.

    ``duplicate_of`` is the canonical document of its cluster, None where it is that itself.
    """

    article: int
    version: int
    versions: int
    cluster: int
    relation: Relation
    duplicate_of: int | None


class Duplicates:
    """Which documents have the same text. The id of a cluster is that of its first document."""

    def __init__(self, database: Database, versions: Versions) -> None:
        self._db, self._versions = database, versions

    def add(self, document: int, likeness: Likeness) -> None:
        """Give the next document its cluster; those before it have theirs. Clusters that it joins become one."""
        same = self._same(likeness)
        clusters = {same} if same is not None else self._near(likeness)
        cluster = min(clusters, default=document)
        for other in clusters - {cluster}:
            self._db.write("UPDATE likeness SET cluster = ? WHERE cluster = ?", (cluster, other))
        values = (document, cluster, likeness.words, likeness.count, likeness.packed())
        self._db.write("INSERT INTO likeness VALUES (?, ?, ?, ?, ?)", values)
        if same is None and likeness.count >= MIN_WORDS:
            for band in likeness.bands():
                self._db.write("INSERT OR IGNORE INTO bands VALUES (?, ?)", (band, document))

    def cluster_of(self, document: int) -> int:
        """The cluster of a document."""
        return int(self._db.value("SELECT cluster FROM likeness WHERE document = ?", (document,)))

    def members(self, cluster: int) -> list[Member]:
        """The documents of a cluster, the canonical one first, the others in the order of their ids.

        Canonical is, among the present versions of their articles: whose page names itself as canonical, then what
        names no address, then what names another one; then what was published first; then whose article was captured
        first; then what was found first.
        """
        rows = list(self._db.rows(OF_CLUSTER, (cluster,)))
        articles = {article: self._versions.of(article) for article in {row[1] for row in rows}}
        found = [_member(row, articles[row[1]]) for row in rows]
        chosen = min(found, key=_rank)
        related = [replace(member, relation=_relation(member, chosen)) for member in found]
        return sorted(related, key=lambda member: (member.document != chosen.document, member.document))

    def standing(self, document: int) -> Standing:
        """Where a document stands."""
        article, cluster = self._versions.article_of(document), self.cluster_of(document)
        versions = self._versions.of(article)
        canonical, *_ = members = self.members(cluster)
        [own] = [member for member in members if member.document == document]
        return Standing(
            article=article,
            version=own.version,
            versions=versions[-1].number,
            cluster=cluster,
            relation=own.relation,
            duplicate_of=None if own is canonical else canonical.document,
        )

    def with_several(self) -> Iterator[int]:
        """The clusters of more than one document."""
        query = "SELECT cluster FROM likeness GROUP BY cluster HAVING count(*) > 1 ORDER BY cluster"
        for (cluster,) in self._db.rows(query):
            yield int(cluster)

    def repeated(self) -> set[int]:
        """The documents that a list of different articles leaves out: former versions, and all but the canonical."""
        several = list(self._versions.with_several())
        former = {
            version.document
            for article in several
            for version in self._versions.of(article)
            if not version.current
        }
        copies = {m.document for cluster in list(self.with_several()) for m in self.members(cluster)[1:]}
        return former | copies

    def _same(self, likeness: Likeness) -> int | None:
        if not likeness.count:
            return None
        found = self._db.value("SELECT cluster FROM likeness WHERE words = ? LIMIT 1", (likeness.words,))
        return None if found is None else int(found)

    def _near(self, likeness: Likeness) -> set[int]:
        if likeness.count < MIN_WORDS:
            return set()
        documents = {each for band in likeness.bands() for each in self._db.rows(IN_BAND, (band, BUCKET))}
        return {
            cluster
            for document in documents
            for cluster, signature in self._db.rows(LIKENESS, document)
            if likeness.resemblance(unpacked(signature)) >= MIN_RESEMBLANCE
        }


def _member(row: Sequence[Any], versions: Sequence[Version]) -> Member:
    document, article, url, canonical_url, published = row
    own = next(version for version in versions if version.document == document)
    return Member(
        document=document,
        article=article,
        version=own.number,
        current=own.current,
        url=url,
        canonical_url=canonical_url,
        published=parse_moment(published),
        captured=versions[0].first,
    )


def _rank(member: Member) -> tuple[object, ...]:
    stated = 1 if not member.canonical_url else 0 if surt(member.canonical_url) == surt(member.url) else 2
    return (not member.current, stated, member.published or LAST_MOMENT, member.captured, member.document)


def _relation(member: Member, chosen: Member) -> Relation:
    if member.document == chosen.document:
        return Relation.CANONICAL
    if member.article == chosen.article and member.version != chosen.version:
        return Relation.VERSION
    return Relation.COPY if site_of(member.url) == site_of(chosen.url) else Relation.SYNDICATED
