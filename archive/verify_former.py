"""What is kept of former extractors, held against its own lists and digests."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archive.collection import Collection
from archive.errors import ArchiveError
from archive.former import CHANGES, DOCUMENTS, Change, Extraction, Kind
from archive.warc.verify import Finding


def verify_former(collection: Collection) -> Iterator[Finding]:
    """Everything wrong below ``former/``. A former text may be missing: what was lost before could not be kept."""
    if not collection.former.is_dir():
        return
    for folder in sorted(path for path in collection.former.iterdir() if path.is_dir()):
        try:
            extraction = Extraction.read(folder)
        except ArchiveError as error:
            yield _fault(folder, "former-damaged", str(error))
            continue
        yield from _extraction(extraction)


def _extraction(extraction: Extraction) -> Iterator[Finding]:
    counts: Counter[Kind] = Counter()
    texts: dict[str, str] = {}
    path = extraction.path / CHANGES
    try:
        for change in extraction.changes():
            counts[change.kind] += 1
            texts |= _text_of(change)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield _fault(path, "former-damaged", f"missing or damaged: {error}")
        return
    for kind in Kind:
        if kind is not Kind.SAME and counts[kind] != extraction.counts[kind]:
            message = f"{counts[kind]} changes of the kind {kind.value!r}, extraction.json says {extraction.counts[kind]}"
            yield _fault(path, "former-damaged", message)
    yield from _texts(extraction.path / DOCUMENTS, texts)


def _text_of(change: Change) -> dict[str, str]:
    """Name and digest of the former text, where it changed."""
    if change.former is None or change.kind not in (Kind.TEXT, Kind.GONE):
        return {}
    return {str(change.former["name"]): str(change.former["text_digest"])}


def _texts(folder: Path, texts: dict[str, str]) -> Iterator[Finding]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        wanted = texts.get(path.relative_to(folder).as_posix())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if wanted is None:
            yield _fault(path, "former-unknown", f"{CHANGES} names no such document")
        elif digest != wanted:
            yield _fault(path, "former-changed", f"its SHA-256 is {digest}, {CHANGES} says {wanted}")


def _fault(path: Path, code: str, message: str) -> Finding:
    return Finding(path, 0, code, message)
