"""What was captured before: asked for again only if it has changed, and taken as it was then where it has not.

Conditional requests (RFC 9110, section 13): the validators of the last whole capture of an address go into the next
request for it. A 304, like a payload that is in the archive already, becomes a revisit record. Its links are those of
its original, examined again: rules may have changed since, or the frontier may have been lost.
"""

import re
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from archive.capture import CaptureRef, Digest
from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import CaptureRow, Examination
from archive.errors import ArchiveError
from archive.history import History
from archive.originals import original_of as found_original
from archive.outcome import Kind
from archive.warc.fields import uri
from archive.warc.reader import read_capture
from archive.warc.writer import Original, Written
from crawler.frontier.targets import Lease

_FIELD_VALUE = re.compile(rb"[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]{0,998}[\x21-\x7e\x80-\xff])?")


@dataclass(frozen=True, slots=True)
class Standing:
    """An earlier capture that a 304 would confirm.

    ``etag`` and ``last_modified`` are its validators as the server wrote them; ``original`` is the response that holds
    its payload, at ``ref``.
    """

    etag: bytes | None
    last_modified: bytes | None
    original: Original
    ref: CaptureRef

    def fields(self) -> dict[str, bytes]:
        """The request header fields that make a request conditional (RFC 9110, sections 13.1.2 and 13.1.3)."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


class Examiner(Protocol):
    """Examines the capture at ``offset`` of the file ``path``, as fetched from ``url`` (see `archive.extraction.pool`)."""

    def submit(self, path: Path, offset: int, url: str | None = None) -> "Future[Examination]": ...


class Revisits:
    """Earlier captures of one collection, and those that wait to be examined again for a revisit."""

    def __init__(
        self, collection: Collection, catalog: Catalog, history: History, examiner: Examiner
    ) -> None:
        self._collection, self._catalog, self._history = collection, catalog, history
        self._examiner = examiner
        self._waiting: dict[int, Future[Examination]] = {}

    def standing(self, url: str) -> Standing | None:
        """The last whole capture of ``url`` with status 200; None where it gave no validators, or cannot be read."""
        number = self._history.last_whole(uri(url))
        if number is None:
            return None
        row = self._catalog.capture(number)
        response = self._response_of(row)
        if response is None:
            return None
        try:
            path = self._collection.warc_path(row.entry.ref.file)
            head = read_capture(path, row.entry.ref.offset).http_head
        except ArchiveError:
            return None
        etag, modified = _validator(head.get(b"ETag")), _validator(head.get(b"Last-Modified"))
        if not etag and not modified:
            return None
        return Standing(etag, modified, original_of(response), response.entry.ref)

    def known(self, url: str) -> bool:
        """Whether ``url`` has been captured whole, with status 200."""
        return self._history.last_whole(uri(url)) is not None

    def seen(self, digest: Digest, url: str) -> Original | None:
        """The earliest whole response with that payload."""
        row = self._catalog.original(str(digest), uri(url))
        return original_of(row) if row else None

    def examine(
        self, written: Written, url: str, lease: Lease | None, standing: Standing | None
    ) -> "Future[Examination]":
        """Have a capture examined; of a revisit the original too, before the result is given."""
        path = self._collection.warc_path(written.ref.file)
        examination = self._examiner.submit(path, written.ref.offset)
        ref = (
            self._original_ref(written, url, standing) if lease and written.record_type == "revisit" else None
        )
        if lease is None or ref is None:
            return examination
        original = self._examiner.submit(self._collection.warc_path(ref.file), ref.offset, url)
        self._waiting[lease.id] = original
        return _after(original, examination)

    def confirmed(self, lease: Lease, examination: Examination) -> Examination:
        """``examination``, with what was found in the original in place of "not modified"."""
        original = self._waiting.pop(lease.id, None)
        if original is None or examination.outcome.kind is not Kind.NOT_MODIFIED:
            return examination
        if original.cancelled() or original.exception():
            return examination
        return Examination(examination.entry, original.result().outcome)

    def recalled(self, examination: Examination) -> Examination:
        """``examination`` under the kind of its original, as the catalog has it; links are not looked for."""
        entry, outcome = examination.entry, examination.outcome
        if outcome.kind is not Kind.NOT_MODIFIED or entry.type != "revisit":
            return examination
        original = found_original(self._catalog, entry)
        return Examination(entry, replace(outcome, kind=original.kind)) if original else examination

    def rights(self, examination: Examination) -> tuple[str, ...]:
        """The rights signals of a capture, of a revisit those of its original."""
        entry = examination.entry
        if (
            examination.outcome.kind is not Kind.NOT_MODIFIED
            or not entry.refers_to_url
            or not entry.refers_to_date
        ):
            return examination.outcome.rights
        original = self._catalog.response_at(entry.refers_to_url, entry.refers_to_date)
        return original.rights if original else ()

    def _original_ref(self, written: Written, url: str, standing: Standing | None) -> CaptureRef | None:
        digest = written.payload_digest
        if standing and digest == standing.original.payload_digest:
            return standing.ref
        row = self._catalog.original(str(digest), uri(url)) if digest else None
        return row.entry.ref if row else None

    def _response_of(self, row: CaptureRow) -> CaptureRow | None:
        """The response that holds the payload of ``row``."""
        return row if row.entry.type == "response" else found_original(self._catalog, row.entry)


def original_of(row: CaptureRow) -> Original:
    """What a revisit record says of the response ``row``."""
    entry = row.entry
    digest = Digest.parse(entry.payload_digest) if entry.payload_digest else None
    return Original(entry.url, entry.date, entry.ref.record_id, digest)


def _validator(value: bytes | None) -> bytes | None:
    """A field value that may be sent back as it came."""
    value = (value or b"").strip()
    return value if _FIELD_VALUE.fullmatch(value) else None


def _after(first: "Future[Examination]", second: "Future[Examination]") -> "Future[Examination]":
    """``second``, done only when both are."""
    joined: Future[Examination] = Future()

    def copy(done: "Future[Examination]") -> None:
        if done.cancelled():
            joined.cancel()
        if not joined.set_running_or_notify_cancel():
            return  # nobody waits any more: the crawl was given up
        if error := done.exception():
            joined.set_exception(error)
        else:
            joined.set_result(done.result())

    first.add_done_callback(lambda _: second.add_done_callback(copy))
    return joined
