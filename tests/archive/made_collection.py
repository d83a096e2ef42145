"""A collection made of given answers: the real writer, reader, catalog and index, without a network or extraction."""

import gzip
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.capture import Digest, Exchange
from archive.catalog import Catalog
from archive.cdxj import write_index
from archive.collection import Collection
from archive.document import document_name
from archive.entries import CaptureEntry, DocumentRow
from archive.outcome import Article, Kind, Outcome
from archive.warc.reader import iter_captures, read_capture
from archive.warc.writer import Original, WarcWriter

Digests = dict[tuple[str, datetime], Digest | None]

START = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a server sends for ``url``, ``hours`` after START; with ``revisit_of``, kept as a revisit of that time."""

    url: str
    body: bytes = b""
    media_type: str | None = "text/html; charset=utf-8"
    status: str = "200 OK"
    fields: tuple[tuple[str, str], ...] = ()
    hours: float = 0
    article: Article | None = None
    rights: tuple[str, ...] = ()
    revisit_of: float | None = None
    kind: Kind = field(default=Kind.OTHER)
    reason: str = ""

    @property
    def date(self) -> datetime:
        return START + timedelta(hours=self.hours)

    def message(self) -> bytes:
        stated = [("Content-Type", self.media_type)] if self.media_type else []
        head = "".join(f"{name}: {value}\r\n" for name, value in [*stated, *self.fields])
        return f"HTTP/1.1 {self.status}\r\n{head}\r\n".encode() + self.body


def zipped(answer: Answer) -> Answer:
    return replace(
        answer,
        body=gzip.compress(answer.body, mtime=0),
        fields=(*answer.fields, ("Content-Encoding", "gzip")),
    )


def chunked(answer: Answer) -> Answer:
    pieces = [answer.body[n : n + 7] for n in range(0, len(answer.body), 7)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return replace(answer, body=body, fields=(*answer.fields, ("Transfer-Encoding", "chunked")))


def make_collection(root: Path, answers: Sequence[Answer], *, a_file: int = 1000) -> Collection:
    """Write the answers in order, ``a_file`` of them a WARC file, and derive catalog, documents and index."""
    collection = Collection.create(root)
    digests: Digests = {}
    for start in range(0, len(answers), a_file):
        _write(collection, answers[start : start + a_file], digests)
    with Catalog.open(collection.catalog_path) as catalog, catalog.transaction():
        _derive(collection, catalog, {(answer.url, answer.date): answer for answer in answers})
        write_index(collection.index_path, (row.entry for row in catalog.captures_by_key()))
        catalog.set_indexed(catalog.capture_count(), collection.index_path.stat().st_size)
    return collection


def _write(collection: Collection, answers: Sequence[Answer], digests: Digests) -> None:
    with WarcWriter(
        collection.archive, prefix="test", hostname="host", info={}, clock=lambda: START
    ) as writer:
        for answer in answers:
            original = None
            if answer.revisit_of is not None:
                date = START + timedelta(hours=answer.revisit_of)
                original = Original(answer.url, date, payload_digest=digests.get((answer.url, date)))
            written = writer.write(_exchange(answer), original=original)
            digests[answer.url, answer.date] = written.payload_digest


def _exchange(answer: Answer) -> Exchange:
    message = answer.message()
    return Exchange(
        url=answer.url,
        request=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        response=io.BytesIO(message),
        response_length=len(message),
        date=answer.date,
    )


def _derive(collection: Collection, catalog: Catalog, answers: dict[tuple[str, datetime], Answer]) -> None:
    documents = 0
    for path in collection.warc_files():
        for offset, _ in iter_captures(path):
            entry = read_capture(path, offset).entry(path.name)
            answer = answers[entry.url, entry.date]
            kind = Kind.ARTICLE if answer.article else answer.kind
            title = answer.article.title if answer.article else None
            outcome = Outcome(kind, answer.reason, article=answer.article, rights=answer.rights, title=title)
            row = (
                _document(documents, catalog.capture_count(), entry, answer.article)
                if answer.article
                else None
            )
            catalog.add_capture(entry, outcome, document=row.id if row else None)
            if row:
                _keep(collection, catalog, row)
                documents += 1
        catalog.set_derived(path.name, path.stat().st_size)


def _document(number: int, capture: int, entry: CaptureEntry, article: Article) -> DocumentRow:
    return DocumentRow(
        id=number,
        capture=capture,
        name=document_name(number, article.text),
        url=entry.url,
        final_url=entry.url,
        canonical_url=None,
        ref=entry.ref,
        date=entry.date,
        payload_digest=entry.payload_digest,
        text_digest=hashlib.sha256(article.text.encode()).hexdigest(),
        characters=len(article.text),
        article=article,
        extractor="trafilatura",
        extractor_version="2.3.1",
    )


def _keep(collection: Collection, catalog: Catalog, row: DocumentRow) -> None:
    path = collection.documents / row.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(row.article.text.encode())
    catalog.add_document(row)
