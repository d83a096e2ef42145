"""WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/): WARCs, index and page list in one ZIP file.

The same collection gives the same bytes: entries carry no times of writing, and ``created`` is the date of the
newest capture.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from archive.catalog import Catalog
from archive.cdxj import entry_line
from archive.collection import OPEN_SUFFIX, Collection
from archive.entries import CaptureEntry
from archive.exports.fields import utc_text
from archive.exports.staging import ExportError, staged_file
from archive.exports.summary import ExportSummary
from archive.exports.texts import checked_text
from archive.exports.zipnum import index_head, members
from archive.warc.mend import without_suffix
from archive.warc.names import SUFFIX
from archive.warc.records import Record
from archive.warc.rewrite import Rewritten, record_chunks, rewrite_whole
from archive.warc.serialise import gzip_member

AS_THEY_ARE = (".warc", ".warc.gz")
"""Files that readers of WACZ read."""
WACZ_VERSION = "1.1.1"
INDEX_NAME = "index.cdx.gz"
COPY_BYTES = 1 << 20
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_NAME_FORBIDS = re.compile(r"[^-a-z0-9._/]")


@dataclass(slots=True)
class _Counts:
    documents: int = 0
    captures: int = 0
    newest: datetime | None = None

    def saw(self, date: datetime) -> None:
        self.captures += 1
        self.newest = max(date, self.newest or date)


class _Package:
    """A ZIP file under construction, and the Frictionless resource of each file put into it."""

    def __init__(self, zip_file: ZipFile, folder: Path) -> None:
        """``folder`` takes what has to be written before it can be put into the ZIP file."""
        self._zip, self.folder = zip_file, folder
        self.resources: list[dict[str, Any]] = []

    def add(self, path: str, chunks: Iterable[bytes], *, stored: bool = False) -> None:
        """Add a file; what readers seek in must be ``stored``, not deflated."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_zip_info(path, stored=stored), "w", force_zip64=True) as entry:
            for chunk in chunks:
                digest.update(chunk)
                size += entry.write(chunk)
        name = _NAME_FORBIDS.sub("-", path.rpartition("/")[2].lower())
        self.resources.append(
            {"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": size}
        )


def write(collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False) -> ExportSummary:
    """Write every closed WARC file with an index of its captures and a page for each document to ``dest``.

    What no reader of WACZ reads (.warc.zst, ARC) goes in as .warc.gz, one member a record.
    """
    taken, left_out = _choose(collection.warc_files())
    if not taken:
        raise ExportError(f"{collection.archive}: holds no closed WARC file to export")
    counts = _Counts()
    with staged_file(dest, force=force) as out:
        with ZipFile(out, "w") as zip_file:
            _fill(_Package(zip_file, dest.parent), taken, collection, catalog, counts)
        size = out.tell()
    return ExportSummary("wacz", dest, counts.documents, size, counts.captures, left_out)


def _fill(
    package: _Package, taken: Mapping[Path, str], collection: Collection, catalog: Catalog, counts: _Counts
) -> None:
    places = {path.name: _put(package, path, name) for path, name in taken.items()}
    _add_index(package, _index_lines(catalog, places, counts))
    package.add("pages/pages.jsonl", _pages(collection, catalog, places, counts))
    _add_description(package, collection, counts)


def _put(package: _Package, path: Path, name: str) -> "_Place":
    """Put a WARC file into the package; where its records are there."""
    if path.name.endswith(AS_THEY_ARE):
        package.add(f"archive/{name}", _chunks(path), stored=True)
        return _Place(name)
    with TemporaryDirectory(prefix=".export-", dir=package.folder) as folder:
        converted = Path(folder) / name
        result = rewrite_whole(path, converted, member=_member)
        package.add(f"archive/{name}", _chunks(converted), stored=True)
    return _Place(name, result)


def _member(record: Record) -> Iterator[bytes]:
    return gzip_member(record_chunks(record))


@dataclass(frozen=True, slots=True)
class _Place:
    """The name that a WARC file has in the package, and where its records went if it was converted."""

    name: str
    converted: Rewritten | None = None

    def of(self, entry: CaptureEntry) -> CaptureEntry:
        """``entry`` as the package has it."""
        offset, length = entry.ref.offset, entry.length
        if self.converted:
            if offset not in self.converted.offsets:
                raise ExportError(
                    f"{entry.ref.file}: no record at byte {offset}, where the catalog has one: `palmyra repair`"
                )
            offset = self.converted.offsets[offset]
            length = self.converted.lengths[offset]
        return replace(entry, ref=replace(entry.ref, file=self.name, offset=offset), length=length)


def _choose(paths: Iterable[Path]) -> tuple[dict[Path, str], tuple[tuple[str, str], ...]]:
    """The closed files with the names that they get, which are all different; those left out, each with the reason."""
    closed = [path for path in paths if not path.name.endswith(OPEN_SUFFIX)]
    names = {path: path.name for path in closed if path.name.endswith(AS_THEY_ARE)}
    for path in closed:
        if path not in names:
            stem = without_suffix(path.name)
            tried = (f"{stem}{number}{SUFFIX}" for number in chain([""], (f".{n}" for n in count(2))))
            names[path] = next(name for name in tried if name not in names.values())
    still_open = "still open: a crawl is writing it, or ended without closing it"
    return (
        {path: names[path] for path in closed},
        tuple((path.name, still_open) for path in paths if path.name.endswith(OPEN_SUFFIX)),
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(COPY_BYTES):
            yield chunk


def _index_lines(catalog: Catalog, places: Mapping[str, _Place], counts: _Counts) -> Iterator[str]:
    """CDXJ lines in bytewise order: the catalog orders by key and time, what shares both is sorted here."""
    for _, same in groupby(_entry_lines(catalog, places, counts), key=lambda line: line.split(" ", 2)[:2]):
        yield from sorted(same, key=str.encode)


def _entry_lines(catalog: Catalog, places: Mapping[str, _Place], counts: _Counts) -> Iterator[str]:
    for row in catalog.captures_by_key():
        if place := places.get(row.entry.ref.file):
            counts.saw(row.entry.date)
            yield entry_line(place.of(row.entry))


def _add_index(package: _Package, lines: Iterable[str]) -> None:
    second = [index_head(INDEX_NAME)]

    def data() -> Iterator[bytes]:
        for member, line in members(lines):
            second.append(line)
            yield member

    package.add(f"indexes/{INDEX_NAME}", data(), stored=True)
    package.add("indexes/index.idx", (line.encode() for line in second))


def _pages(
    collection: Collection, catalog: Catalog, places: Mapping[str, _Place], counts: _Counts
) -> Iterator[bytes]:
    yield _line({"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True})
    for row in catalog.documents():
        if row.ref.file not in places:
            continue
        counts.documents += 1
        yield _line(
            {
                "id": row.ref.record_id.removeprefix("urn:uuid:"),
                "url": row.final_url,
                "ts": utc_text(row.date.replace(microsecond=0)),
                "title": row.article.title,
                "text": checked_text(collection, row),
            }
        )


def _add_description(package: _Package, collection: Collection, counts: _Counts) -> None:
    description: dict[str, Any] = {
        "profile": "data-package",
        "title": collection.root.resolve().name,
        "wacz_version": WACZ_VERSION,
        "software": "palmyra",
        "resources": list(package.resources),
    }
    if counts.newest:
        description["created"] = utc_text(counts.newest.replace(microsecond=0))
    data = json.dumps(description, indent=2).encode()
    package.add("datapackage.json", [data])
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    package.add("datapackage-digest.json", [json.dumps(digest, indent=2).encode()])


def _zip_info(path: str, *, stored: bool) -> ZipInfo:
    info = ZipInfo(path, _ZIP_EPOCH)
    info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
