"""Documents as conversion records (WARC 1.1, section 6.8), in WARC files of their own.

They lie in ``derived/``, never beside the captures: there they would shadow the pages that they were made from.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from archive.capture import Digest
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.errors import ArchiveError
from archive.warc.fields import format_date, uri
from archive.warc.files import WarcFile
from archive.warc.names import SUFFIX, stamp_after, stamp_of, warc_name
from archive.warc.serialise import NewRecord, gzip_member
from archive.warc.writer import warcinfo_record

FOLDER = "derived"
PREFIX = "text"
MAX_BYTES = 1_000_000_000
"""A file past this size is followed by another."""


def write_conversions(collection: Collection, rows: Iterable[DocumentRow]) -> list[Path]:
    """Write one record for each document into new files; returns them, none where there is no document.

    The same document gives the same record. DiskFull or another ArchiveError where the system refuses.
    """
    folder = collection.root / FOLDER
    folder.mkdir(exist_ok=True)
    return list(_files(folder, iter((row, collection.document_text(row)) for row in rows)))


def write_conversions_again(collection: Collection, rows: Iterable[DocumentRow]) -> list[Path]:
    """`write_conversions` of all documents there are, in the place of the files of earlier runs."""
    earlier = conversion_files(collection)
    written = write_conversions(collection, rows)
    for path in earlier:
        path.unlink()
    return written


def conversion_files(collection: Collection) -> list[Path]:
    """The files of conversion records that the collection has."""
    return sorted((collection.root / FOLDER).glob(f"{PREFIX}-*{SUFFIX}"))


def _files(folder: Path, documents: Iterator[tuple[DocumentRow, str]]) -> Iterator[Path]:
    for first in documents:
        file, info_id = _begin(folder)
        try:
            file.append([gzip_member(conversion(*first, info_id).chunks())])
            while file.end < MAX_BYTES and (document := next(documents, None)):
                file.append([gzip_member(conversion(*document, info_id).chunks())])
            file.close()
        except BaseException:
            file.discard()
            raise
        yield file.final


def _begin(folder: Path) -> tuple[WarcFile, str]:
    now = datetime.now(UTC)
    name = warc_name(PREFIX, max(stamp_of(now), stamp_after(folder)), 0, "documents")
    file = WarcFile.create(folder / name)
    if file is None:
        raise ArchiveError(f"{folder / name}: exists already; another process writes there")
    info = warcinfo_record(name, {"description": "texts derived from the WARC files in archive/"}, now)
    file.append([gzip_member(info.chunks())])
    return file, info.record_id


def conversion(row: DocumentRow, text: str, warcinfo_id: str) -> NewRecord:
    """The record of a document. Its date is its capture's, its id follows from the capture and the text."""
    block = text.encode()
    record_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{row.ref.record_id} {row.text_digest}").urn
    fields = (
        ("WARC-Type", "conversion"),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Warcinfo-ID", f"<{warcinfo_id}>"),
        ("WARC-Refers-To", f"<{uri(row.ref.record_id)}>"),
        ("WARC-Target-URI", uri(row.final_url)),
        ("WARC-Date", format_date(row.date)),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("WARC-Block-Digest", str(Digest.of(block))),
    )
    return NewRecord(record_id, fields, BytesIO(block), len(block))
