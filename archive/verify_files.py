"""Files outside a collection: WARC and ARC by themselves, WACZ with its hashes, its index and its pages."""

import hashlib
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from archive.cdxj import IndexLine, parse_line
from archive.errors import ArchiveError, CaptureNotFound, CdxjFormatError
from archive.wacz import UNREADABLE, Wacz, extract_to, is_wacz, opened
from archive.warc.fields import uri
from archive.warc.reader import iter_captures, read_record
from archive.warc.verify import Finding, verify_files

Checks = Iterator[Finding]


def verify_any(paths: Iterable[Path]) -> Checks:
    """Everything wrong with the files. WARC files given together may name each other's records.

    CaptureNotFound where there is no such file.
    """
    paths = list(paths)
    for path in paths:
        if not path.is_file():
            raise CaptureNotFound(f"{path}: no such file")
    yield from verify_files(path for path in paths if not is_wacz(path))
    for path in filter(is_wacz, paths):
        yield from verify_wacz(path)


def verify_wacz(path: Path) -> Checks:
    """Everything wrong with a WACZ (1.1.1): its ZIP, its hashes, its WARC files, its index both ways, its pages."""
    with opened(path) as wacz:
        yield from _zip(wacz)
        yield from _resources(wacz)
        yield from _digest_file(wacz)
        yield from _pages(wacz)
        with tempfile.TemporaryDirectory(prefix="palmyra-wacz-") as folder:
            warcs = dict(extract_to(wacz, Path(folder)))
            if not warcs:
                yield _fault(wacz, "archive", "wacz-archive", "holds no WARC file below archive/")
            for finding in verify_files(warcs.values()):
                yield replace(finding, file=path / f"archive/{finding.file.name}")
            yield from _index(wacz, warcs)


def _fault(wacz: Wacz, name: str, code: str, message: str, severity: Any = "error") -> Finding:
    return Finding(wacz.path / name if name else wacz.path, 0, code, message, severity)


def _zip(wacz: Wacz) -> Checks:
    for info in wacz.zip.infolist():
        try:
            with wacz.zip.open(info) as file:
                while file.read(1 << 20):
                    pass
        except UNREADABLE as error:
            yield _fault(wacz, info.filename, "zip", f"cannot be read: {error}")
        if info.filename.startswith("archive/") and info.compress_type != zipfile.ZIP_STORED:
            message = "is compressed inside the ZIP, so that no reader can seek in it"
            yield _fault(wacz, info.filename, "zip-compressed", message)
    for name, count in Counter(wacz.zip.namelist()).items():
        if count > 1:
            yield _fault(wacz, name, "zip-duplicate", "stands in the ZIP more than once")


def _resources(wacz: Wacz) -> Checks:
    description = wacz.json("datapackage.json")
    if description is None:
        yield _fault(wacz, "datapackage.json", "wacz-description", "missing, or no JSON object")
        return
    if not description.get("wacz_version"):
        yield _fault(wacz, "datapackage.json", "wacz-description", "no wacz_version", "warning")
    listed = [each for each in description.get("resources") or () if isinstance(each, dict)]
    for resource in listed:
        yield from _resource(wacz, resource)
    known = {str(each.get("path")) for each in listed}
    for name in wacz.zip.namelist():
        if not name.endswith("/") and not name.startswith("datapackage") and name not in known:
            yield _fault(wacz, name, "wacz-unlisted", "stands in no resource of datapackage.json")


def _resource(wacz: Wacz, resource: dict[str, Any]) -> Checks:
    name = str(resource.get("path") or "")
    try:
        size, digests = wacz.digests(name)
    except KeyError:
        yield _fault(wacz, name, "wacz-missing", "listed in datapackage.json, but not there")
        return
    except UNREADABLE:
        return  # said already
    algorithm, _, value = str(resource.get("hash") or "").partition(":")
    if algorithm not in digests:
        yield _fault(
            wacz, name, "wacz-hash", f"no hash that can be checked: {resource.get('hash')!r}", "warning"
        )
    elif value.lower() != digests[algorithm]:
        yield _fault(
            wacz, name, "wacz-hash", f"its {algorithm} is {digests[algorithm]}, datapackage.json says {value}"
        )
    if "bytes" in resource and resource["bytes"] != size:
        yield _fault(wacz, name, "wacz-size", f"has {size} bytes, datapackage.json says {resource['bytes']}")


def _digest_file(wacz: Wacz) -> Checks:
    name = "datapackage-digest.json"
    if name not in wacz.zip.namelist():
        return
    stated = wacz.json(name)
    data = wacz.read("datapackage.json") or b""
    actual = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if stated is None or stated.get("hash") != actual:
        said = stated and stated.get("hash")
        yield _fault(wacz, name, "wacz-hash", f"says {said!r} of datapackage.json, whose hash is {actual}")


def _pages(wacz: Wacz) -> Checks:
    for name in wacz.zip.namelist():
        if not (name.startswith("pages/") and name.endswith(".jsonl")):
            continue
        for number, line in enumerate((wacz.read(name) or b"").splitlines(), 1):
            problem = _page_problem(line, number) if line.strip() else None
            if problem:
                yield _fault(wacz, name, "wacz-pages", f"line {number}: {problem}")


def _page_problem(line: bytes, number: int) -> str | None:
    try:
        page = json.loads(line)
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(page, dict):
        return "no JSON object"
    if number == 1 and "format" in page:
        return None
    missing = [key for key in ("url", "ts") if not page.get(key)]
    return f"no {missing[0]}" if missing else None


def _index(wacz: Wacz, warcs: dict[str, Path]) -> Checks:
    """Index lines against records, and captures against index lines."""
    indexed: set[tuple[str, int]] = set()
    lines = 0
    for name, line in wacz.index_lines():
        lines += 1
        try:
            found = parse_line(line.decode("utf-8", "replace"), path=wacz.path / name, number=lines)
        except CdxjFormatError as error:
            yield _fault(wacz, name, "index-line", error.reason)
            continue
        indexed.add((found.filename.rpartition("/")[2], found.offset))
        yield from _line(wacz, name, found, warcs)
    if not lines:
        yield _fault(wacz, "indexes", "index-missing", "holds no index of its captures")
        return
    for name, path in warcs.items():
        for span in iter_captures(path):
            if (PurePosixPath(name).name, span.offset) not in indexed:
                yield Finding(
                    wacz.path / name, span.offset, "index-line-missing", "no index line names this capture"
                )


def _line(wacz: Wacz, name: str, line: IndexLine, warcs: dict[str, Path]) -> Checks:
    path = warcs.get(f"archive/{line.filename.rpartition('/')[2]}")
    if path is None:
        yield _fault(wacz, name, "index-line-unknown", f"names {line.filename}, which is not in archive/")
        return
    try:
        record = read_record(path, line.offset)
    except ArchiveError as error:
        yield _fault(
            wacz, name, "index-line-unknown", f"no record at byte {line.offset} of {line.filename}: {error}"
        )
        return
    wrong = []
    if record.target_uri != uri(line.url):
        wrong.append(f"its URL is {record.target_uri}, the index says {line.url}")
    length = line.fields.get("length", "")
    if length.isdigit() and record.length and int(length) != record.length:
        wrong.append(f"it has {record.length} bytes, the index says {length}")
    for problem in wrong:
        yield _fault(wacz, name, "index-differs", f"{line.filename} at byte {line.offset}: {problem}")
