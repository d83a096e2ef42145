"""Files outside a collection: WARC and ARC by themselves, WACZ with its hashes, its index and its pages."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import CaptureNotFound
from archive.verify_wacz_index import verify_index
from archive.verify_zip import verify_zip
from archive.wacz import UNREADABLE, Wacz, extract_to, is_wacz, opened
from archive.warc.verify import Finding, verify_files

if TYPE_CHECKING:
    from concurrent.futures import Executor

Checks = Iterator[Finding]


def verify_any(paths: Iterable[Path], *, executor: "Executor | None" = None) -> Checks:
    """Everything wrong with the files. WARC files given together may name each other's records.

    What an ``executor`` is for is said at `archive.warc.verify.verify_files`. CaptureNotFound where there is no such file.
    """
    paths = list(paths)
    for path in paths:
        if not path.is_file():
            raise CaptureNotFound(f"{path}: no such file")
    yield from verify_files((path for path in paths if not is_wacz(path)), executor=executor)
    for path in filter(is_wacz, paths):
        yield from verify_wacz(path)


def verify_wacz(path: Path) -> Checks:
    """Everything wrong with a WACZ (1.1.1): its ZIP, its hashes, its WARC files, its index both ways, its pages."""
    with opened(path) as wacz:
        yield from verify_zip(wacz)
        yield from _resources(wacz)
        yield from _digest_file(wacz)
        yield from _pages(wacz)
        with tempfile.TemporaryDirectory(prefix="palmyra-wacz-") as folder:
            warcs = dict(extract_to(wacz, Path(folder)))
            if not warcs:
                yield _fault(wacz, "archive", "wacz-archive", "holds no WARC file below archive/")
            for finding in verify_files(warcs.values()):
                yield replace(finding, file=path / f"archive/{finding.file.name}")
            yield from verify_index(wacz, warcs)


def _fault(wacz: Wacz, name: str, code: str, message: str, severity: Any = "error") -> Finding:
    return Finding(wacz.path / name if name else wacz.path, 0, code, message, severity)


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
    stated_hash, stated_size = _stated(resource)
    algorithm, _, value = stated_hash.partition(":")
    if algorithm not in digests:
        yield _fault(wacz, name, "wacz-hash", f"no hash that can be checked: {stated_hash!r}", "warning")
    elif value.lower() != digests[algorithm]:
        yield _fault(
            wacz, name, "wacz-hash", f"its {algorithm} is {digests[algorithm]}, datapackage.json says {value}"
        )
    if stated_size not in (None, size):
        yield _fault(wacz, name, "wacz-size", f"has {size} bytes, datapackage.json says {stated_size}")


def _stated(resource: dict[str, Any]) -> tuple[str, Any]:
    """Hash and size of a resource; versions before 1.1 have them in ``stats``, the algorithm beside it."""
    stats = resource.get("stats")
    if not isinstance(stats, dict):
        return str(resource.get("hash") or ""), resource.get("bytes")
    return f"{resource.get('hashing')}:{stats.get('hash')}", stats.get("bytes")


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
