"""Reading WACZ files (https://specs.webrecorder.net/wacz/1.1.1/) that anyone wrote."""

import gzip
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

from archive.collection import WARC_SUFFIXES
from archive.errors import ArchiveError

COPY_BYTES = 1 << 20
INDEX_SUFFIXES = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")
JSON_BYTES = 1 << 26
"""The largest file of JSON that is read whole."""
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What the zip module raises over a damaged, encrypted or exotic entry."""
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")


class WaczFormatError(ArchiveError):
    """A file that is no WACZ, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Wacz:
    """An open WACZ."""

    path: Path
    zip: ZipFile

    def read(self, name: str) -> bytes | None:
        """The content of a small entry; None where it is missing, damaged or too large to be one."""
        try:
            with self.zip.open(name) as file:
                data = file.read(JSON_BYTES + 1)
        except (KeyError, *UNREADABLE):
            return None
        return data if len(data) <= JSON_BYTES else None

    def json(self, name: str) -> dict[str, Any] | None:
        """The JSON object in an entry; None where there is none."""
        try:
            found = json.loads(self.read(name) or b"")
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def digests(self, name: str) -> tuple[int, dict[str, str]]:
        """Size and hexadecimal digests of an entry's content; KeyError, or one of UNREADABLE."""
        size, digests = 0, {algorithm: hashlib.new(algorithm) for algorithm in ("sha256", "md5")}
        with self.zip.open(name) as file:
            while chunk := file.read(COPY_BYTES):
                size += len(chunk)
                for digest in digests.values():
                    digest.update(chunk)
        return size, {algorithm: digest.hexdigest() for algorithm, digest in digests.items()}

    def warc_names(self) -> list[str]:
        """The entries that are WARC or ARC files."""
        return [
            info.filename
            for info in self.zip.infolist()
            if info.filename.startswith("archive/") and info.filename.endswith(WARC_SUFFIXES)
        ]

    def importable_names(self) -> list[str]:
        """The entries that are WARC or ARC files, wherever writers put them and however they spell it.

        Below a folder of the package's own, with backslashes, in upper case; without any folder ``archive``, all there are.
        """
        found = [
            info.filename for info in self.zip.infolist() if _plain(info.filename).endswith(WARC_SUFFIXES)
        ]
        return [name for name in found if "archive" in _plain(name).split("/")[:-1]] or found

    def index_lines(self) -> Iterator[tuple[str, bytes]]:
        """Every CDXJ line with the name of its entry, also out of a compressed index."""
        for name in self.zip.namelist():
            if name.startswith("indexes/") and name.endswith(INDEX_SUFFIXES):
                yield from ((name, line) for line in _lines(self.zip, name) if not line.startswith(b"!"))


@contextmanager
def opened(path: Path) -> Iterator[Wacz]:
    """WaczFormatError where the file is no ZIP."""
    try:
        archive = ZipFile(path)
    except UNREADABLE as error:
        raise WaczFormatError(f"{path}: not a WACZ, or a damaged one: {error}") from None
    with archive:
        yield Wacz(path, archive)


def is_wacz(path: Path) -> bool:
    """Whether the file is a ZIP by its first bytes or a WACZ by its name."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _ZIP_MAGICS or path.suffix.lower() == ".wacz"
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error


def extract_to(wacz: Wacz, folder: Path, names: Iterable[str] | None = None) -> Iterator[tuple[str, Path]]:
    """Copy WARC files (these entries, or `Wacz.warc_names`) into ``folder`` as far as they can be read; the name of
    each entry, and where it lies now."""
    for number, name in enumerate(wacz.warc_names() if names is None else names):
        target = folder / str(number) / PurePosixPath(name.replace("\\", "/")).name
        target.parent.mkdir()
        with target.open("xb") as out:
            try:
                with wacz.zip.open(name) as file:
                    while chunk := file.read(COPY_BYTES):
                        out.write(chunk)
            except UNREADABLE:
                pass  # what came is given; verifying says what is wrong with the entry
        yield name, target


def _plain(name: str) -> str:
    """The name of an entry as the ZIP format wants it: with slashes (APPNOTE 4.4.17.1); in lower case."""
    return name.replace("\\", "/").lower()


def _lines(archive: ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as file:
            yield from gzip.GzipFile(fileobj=file) if name.endswith(".gz") else file
    except UNREADABLE:
        return
