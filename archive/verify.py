"""The whole collection held against itself: WARC files, catalog, index and documents, each pair both ways."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalog import Catalog
from archive.cdxj import write_index
from archive.collection import OPEN_SUFFIX, WARC_SUFFIXES, Collection, final_name
from archive.conversion import conversion_files
from archive.document import document_name
from archive.entries import CaptureRow, DocumentRow
from archive.errors import ArchiveError, CollectionError
from archive.originals import original_of
from archive.verify_catalog import verify_catalog, verify_database
from archive.verify_former import verify_former
from archive.warc.reader import CaptureSpan, iter_captures, read_capture
from archive.warc.verify import Finding, verify_files

if TYPE_CHECKING:
    from concurrent.futures import Executor

Checks = Iterator[Finding]


def verify_collection(collection: Collection, *, executor: "Executor | None" = None) -> Checks:
    """Every fault found, file by file. Nothing is written into the collection.

    What an ``executor`` is for is said at `archive.warc.verify.verify_files`.
    """
    files = (*collection.warc_files(), *conversion_files(collection))
    yield from verify_files(files, executor=executor)
    yield from _strange(collection)
    yield from verify_former(collection)
    if collection.state_path.exists():
        yield from verify_database(collection.state_path, "state-damaged")
    if not collection.catalog_path.exists():
        yield _fault(
            collection.catalog_path, "catalog-missing", "missing; `palmyra extract` derives it again"
        )
        return
    try:
        yield from verify_catalog(collection)
        with Catalog.open(collection.catalog_path, readonly=True) as catalog:
            for check in (_captures, _revisits, _index, _documents):
                yield from check(collection, catalog)
    except CollectionError as error:
        yield _fault(collection.catalog_path, "catalog-damaged", str(error))
    except (ValueError, TypeError) as error:  # a row that no program of ours wrote
        yield _fault(collection.catalog_path, "catalog-damaged", f"holds what it cannot hold: {error}")


def _strange(collection: Collection) -> Checks:
    for path in sorted(collection.archive.iterdir()):
        if not final_name(path).endswith(WARC_SUFFIXES):
            message = "no WARC or ARC file by its name: nothing reads it"
            yield Finding(path, 0, "strange-file", message, "warning")


def _captures(collection: Collection, catalog: Catalog) -> Checks:
    """Captures in the files against those in the catalog."""
    known = catalog.captures_by_place()
    row = next(known, None)
    for path in sorted(collection.warc_files(), key=final_name):
        while row and row.entry.ref.file < final_name(path):
            yield _no_record(collection, row)
            row = next(known, None)
        for span in iter_captures(path):
            while row and _before(row, path, span):
                yield _no_record(collection, row)
                row = next(known, None)
            if row and (row.entry.ref.file, row.entry.ref.offset) == (final_name(path), span.offset):
                yield from _same(path, row)
                row = next(known, None)
            elif not path.name.endswith(OPEN_SUFFIX):
                yield _fault(path, "not-in-catalog", "a capture that the catalog does not have", span.offset)
    while row:
        yield _no_record(collection, row)
        row = next(known, None)


def _before(row: CaptureRow, path: Path, span: CaptureSpan) -> bool:
    return row.entry.ref.file == final_name(path) and row.entry.ref.offset < span.offset


def _no_record(collection: Collection, row: CaptureRow) -> Finding:
    path = collection.archive / row.entry.ref.file
    return _fault(
        path, "no-such-capture", f"the catalog has {row.entry.url} here; no capture is", row.entry.ref.offset
    )


def _same(path: Path, row: CaptureRow) -> Checks:
    try:
        stored = read_capture(path, row.entry.ref.offset).entry(final_name(path))
    except ArchiveError as error:
        yield _fault(path, "unreadable-capture", str(error), row.entry.ref.offset)
        return
    if stored != row.entry:
        yield _fault(
            path, "catalog-differs", "the catalog says otherwise of this capture", row.entry.ref.offset
        )


def _revisits(collection: Collection, catalog: Catalog) -> Checks:
    """Revisits against the responses that hold their payloads."""
    for row in catalog.captures():
        if row.entry.type != "revisit":
            continue
        path, offset = collection.archive / row.entry.ref.file, row.entry.ref.offset
        original = original_of(catalog, row.entry)
        if original is None:
            message = f"the collection has no response that this revisit of {row.entry.url} stands for"
            yield Finding(path, offset, "revisit-unresolved", message, "warning")
        elif _differ(row.entry.payload_digest, original.entry.payload_digest):
            message = f"its payload is {row.entry.payload_digest}, that of its original {original.entry.payload_digest}"
            yield _fault(path, "revisit-differs", message, offset)


def _differ(one: str | None, other: str | None) -> bool:
    """Whether two digests of the same algorithm differ."""
    return bool(one and other) and one != other and _algorithm(one) == _algorithm(other)


def _algorithm(digest: str | None) -> str:
    return (digest or "").partition(":")[0]


def _index(collection: Collection, catalog: Catalog) -> Checks:
    """The index file against what the catalog gives; both are sorted, so they are walked together."""
    path, count = collection.index_path, catalog.capture_count()
    is_written = path.exists() and path.stat().st_size > 0  # a crawl begins with an empty one
    known = catalog.indexed()[0] or (count if is_written else 0)
    if behind := count - known:
        message = f"{behind} captures are not in it yet: a crawl goes on or has died; the next one adds them"
        yield Finding(path, 0, "index-behind", message, "warning")
        if not known and not is_written:
            return
    if not path.exists():
        yield _fault(path, "index-missing", "missing; `palmyra extract` derives it again")
        return
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "index.cdxj"
        write_index(wanted, (row.entry for row in islice(catalog.captures(), known)))
        with path.open("rb") as have, wanted.open("rb") as want:
            yield from _different_lines(path, have, want)


def _different_lines(path: Path, have: Iterator[bytes], want: Iterator[bytes]) -> Checks:
    """Line numbers of the index stand as offsets."""
    last, number = b"", 0
    wanted = next(want, None)
    for number, line in enumerate(have, 1):
        if line < last:
            yield _fault(path, "index-unsorted", f"line {number} stands behind a greater one", number)
            return
        last = line
        while wanted is not None and wanted < line:
            yield _fault(path, "index-line-missing", f"no line for {_place(wanted)}", number)
            wanted = next(want, None)
        if wanted == line:
            wanted = next(want, None)
        else:
            yield _fault(
                path, "index-line-unknown", f"line {number} is of no capture: {_place(line)}", number
            )
    for line in (wanted, *want) if wanted is not None else ():
        yield _fault(path, "index-line-missing", f"no line for {_place(line)}", number)


def _place(line: bytes) -> str:
    return line[:100].decode("utf-8", "replace").strip()


def _documents(collection: Collection, catalog: Catalog) -> Checks:
    """Document files against the catalog's rows, their names and their digests."""
    files = iter(sorted(path for path in collection.documents.rglob("*") if path.is_file()))
    for path, row in _paired(files, catalog.documents(), lambda row: collection.documents / row.name):
        if row is None:
            yield _fault(path, "document-unknown", "the catalog has no such document")
        elif not path.exists():
            yield _fault(path, "document-missing", "missing; `palmyra extract` derives it again")
        else:
            yield from _document(path, row)


def _paired(
    files: Iterator[Path], rows: Iterator[DocumentRow], path_of: Callable[[DocumentRow], Path]
) -> Iterator[tuple[Path, DocumentRow | None]]:
    """Every file and every row once, those of one path together; both come in the order of their names."""
    path, row = next(files, None), next(rows, None)
    while path is not None or row is not None:
        wanted = path_of(row) if row is not None else None
        if path is not None and (wanted is None or path < wanted):
            yield path, None
            path = next(files, None)
            continue
        if wanted is not None:
            yield wanted, row
            path = next(files, None) if path == wanted else path
            row = next(rows, None)


def _document(path: Path, row: DocumentRow) -> Checks:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != row.text_digest:
        yield _fault(path, "document-changed", f"its SHA-256 is {digest}, the catalog says {row.text_digest}")
    elif row.characters != len(data.decode()):
        yield _fault(path, "catalog-differs", f"the catalog says that it has {row.characters} characters")
    elif row.name != document_name(row.id, data.decode()):
        yield _fault(path, "document-misnamed", "its name is not what its number and its bytes make it")


def _fault(path: Path, code: str, message: str, offset: int = 0) -> Finding:
    return Finding(path, offset, code, message, "error")
