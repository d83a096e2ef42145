"""Taking WARC, ARC and WACZ files that others wrote into a collection, behind all that is there."""

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import ArchiveError, CaptureNotFound
from archive.wacz import Wacz, WaczFormatError, extract_to, is_wacz, opened
from archive.warc.disk import DISK, Disk, translated
from archive.warc.fields import bare_id, decode_value, first, parse_fields, storable
from archive.warc.mend import without_suffix
from archive.warc.names import stamp_after, stamp_of, warc_name
from archive.warc.reader import iter_records, read_record
from archive.warc.records import Loss, Record
from archive.warc.rewrite import Rewritten, as_stored, partial_of, record_chunks, rewrite
from archive.warc.serialise import gzip_member
from archive.warc.writer import warcinfo_record

PREFIX = "import"
NAME_CHARACTERS = 80
"""Of the imported file's own name, in the name that it gets."""
FILE_FIELD = "palmyra-imported-file"
DIGEST_FIELD = "palmyra-imported-digest"
"""In the first warcinfo record: SHA-256 over the imported records' bytes, by which a second import is noticed."""


class NothingToImport(ArchiveError):
    """A file without a record that can be read."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file. ``path`` is what it is now; ``there_already`` if nothing had to be done for that."""

    origin: str
    path: Path
    records: int
    losses: tuple[Loss, ...] = ()
    there_already: bool = False


@dataclass(frozen=True, slots=True)
class _Content:
    """What a file holds: a digest of its records' bytes, and the ids of its responses."""

    digest: str
    records: int
    responses: frozenset[str]


@dataclass(slots=True)
class Importer:
    """Imports into one collection, which is to be locked; documents are derived by whoever calls, afterwards."""

    collection: Collection
    catalog: Catalog
    disk: Disk = DISK
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _known: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for leftover in self.collection.archive.glob(f".{PREFIX}-*.part"):
            leftover.unlink()
        self._known = {digest: path for path in self.collection.warc_files() if (digest := _digest_in(path))}

    def take(self, path: Path) -> Iterator[Imported]:
        """Import a WARC or ARC file, or each of those in a WACZ. Raises ArchiveError where there is nothing to take."""
        if not path.is_file():
            what = "a folder; name the files in it" if path.is_dir() else "no such file"
            raise CaptureNotFound(f"{path}: {what}")
        if not is_wacz(path):
            yield self._take(path, path.name)
            return
        try:
            with opened(path) as wacz:
                yield from self._take_each(wacz)
        except WaczFormatError as damage:
            yield self._salvaged(path, damage)

    def _take_each(self, wacz: Wacz) -> Iterator[Imported]:
        names = wacz.importable_names()
        if not names:
            raise NothingToImport(f"{wacz.path}: a ZIP without a WARC file in it")
        with tempfile.TemporaryDirectory(dir=self.collection.root, prefix=".import-") as folder:
            for name, extracted in extract_to(wacz, Path(folder), names):
                yield self._take(extracted, f"{wacz.path.name}/{name}".replace("\\", "/"))
                extracted.unlink()

    def _salvaged(self, path: Path, damage: WaczFormatError) -> Imported:
        """A ZIP without its directory: the WARC files in it are stored, so that their records can be found in it."""
        try:
            return self._take(path, path.name)
        except NothingToImport:
            raise damage from None

    def _take(self, source: Path, origin: str) -> Imported:
        content = _content(source)
        if not content.records:
            raise NothingToImport(f"{origin}: holds no WARC or ARC record")
        if there := self._known.get(content.digest) or self._captured(content):
            return Imported(origin, there, content.records, there_already=True)
        target = self.collection.archive / self._name(origin)
        result = self._copy(source, target, origin, content)
        self._known[content.digest] = target
        return Imported(origin, target, result.records, result.losses)

    def _captured(self, content: _Content) -> Path | None:
        """A file of the collection, if the collection has every response of this one."""
        rows = [self.catalog.response_of_record(record_id) for record_id in content.responses]
        refs = [row.entry.ref for row in rows if row]
        return self.collection.archive / refs[0].file if refs and len(refs) == len(rows) else None

    def _name(self, origin: str) -> str:
        stem = without_suffix(origin.rpartition("/")[2])[:NAME_CHARACTERS]
        stamp = max(stamp_after(self.collection.archive), stamp_of(self.clock()))
        return warc_name(PREFIX, stamp, 0, stem)

    def _copy(self, source: Path, target: Path, origin: str, content: _Content) -> Rewritten:
        info = {FILE_FIELD: origin, DIGEST_FIELD: content.digest}
        lead = b"".join(gzip_member(warcinfo_record(target.name, info, self.clock()).chunks()))
        partial = partial_of(target)
        try:
            result = rewrite(
                source, partial, self.disk, member=as_stored, lead=lead, adapt=_Identified(content).adapt
            )
            self.disk.rename(partial, target)
            self.disk.sync_directory(target.parent)
        except OSError as error:
            raise translated(error, target) from error
        finally:
            with suppress(OSError):
                partial.unlink()
        return result


@dataclass(frozen=True, slots=True)
class _Identified:
    """Gives records a WARC-Record-ID that have none; the same import gives the same ids."""

    content: _Content

    def adapt(self, record: Record) -> Record:
        if record.get("WARC-Record-ID") or not record.version.startswith("WARC/"):
            return record
        place = f"{self.content.digest} {record.offset} {record.position}"
        line = ("WARC-Record-ID", f"<{uuid.uuid5(uuid.NAMESPACE_URL, place).urn}>")
        ending = b"\r\n" if record.head.endswith(b"\r\n") else b"\n"
        head = record.head[: -len(ending)] + f"{line[0]}: {line[1]}\r\n".encode() + ending
        return replace(record, fields=(*record.fields, line), head=head, length=0)


def _content(source: Path) -> _Content:
    digest, count, responses = hashlib.sha256(), 0, set()
    for found in iter_records(source):
        if isinstance(found, Loss):
            continue
        count += 1
        for chunk in record_chunks(found):
            digest.update(chunk)
        if (found.get("WARC-Type") or "").lower() == "response" and (own := found.get("WARC-Record-ID")):
            responses.add(storable(bare_id(own)))
    return _Content(f"sha256:{digest.hexdigest()}", count, frozenset(responses))


def _digest_in(path: Path) -> str | None:
    """The digest in the warcinfo record that an imported file begins with."""
    if not path.name.startswith(f"{PREFIX}-"):
        return None
    try:
        record = read_record(path, 0)
    except ArchiveError:
        return None
    value = first(parse_fields(record.block.read().decode("utf-8", "replace")), DIGEST_FIELD)
    return decode_value(value) if value else None
