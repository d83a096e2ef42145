"""Mending a collection: damaged WARC files, then whatever is derived from them."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from archive.catalog import Catalog
from archive.collection import Collection, final_name
from archive.derive import Examiner, derive_again
from archive.entries import CaptureRow
from archive.errors import CollectionError
from archive.recovery import close_leftovers, set_aside
from archive.verify import verify_collection
from archive.warc.mend import Mended, mend, needs_mending
from archive.warc.reader import iter_captures
from archive.warc.recover import Recovered
from archive.warc.verify import Finding

DERIVED_CODES = frozenset(
    {
        "catalog-missing", "catalog-damaged", "catalog-differs", "catalog-inconsistent", "not-in-catalog", "no-such-capture",
        "index-missing", "index-unsorted", "index-line-missing", "index-line-unknown",
        "document-missing", "document-changed", "document-misnamed", "document-unknown",
    }
)  # fmt: skip
"""Codes of findings that deriving again takes away."""
STRANGE_DOCUMENTS = frozenset({"document-changed", "document-unknown", "document-misnamed"})
"""Files that deriving again would replace or throw away: they go to quarantine first."""


Lost = Callable[[Sequence[CaptureRow]], None]


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done. ``remaining`` is what cannot be mended; ``captures`` were derived again, None if none had to be.

    ``lost`` counts the captures that the catalog had and no file has any more.
    """

    closed: tuple[Recovered, ...]
    mended: tuple[Mended, ...]
    set_aside: tuple[Path, ...]
    captures: int | None
    lost: int
    remaining: tuple[Finding, ...]


def repair_collection(
    collection: Collection,
    examiner: Examiner,
    kept: Callable[..., None] = lambda *_: None,
    lost: Lost = lambda _: None,
) -> Repaired:
    """Mend what can be mended; nothing is deleted: what is taken out lies in ``quarantine/``. To be called locked.

    ``lost`` hears of the captures that are lost, before anything is changed. Killed anywhere, it does the rest when
    called again. Raises DiskFull or another ArchiveError.
    """
    suspects = {final_name(path) for path in collection.warc_files() if needs_mending(path)}
    rows = _lost(collection, suspects)
    lost(rows)
    closed = tuple(close_leftovers(collection))
    damaged = [
        path for path in collection.warc_files() if final_name(path) in suspects and needs_mending(path)
    ]
    aside: list[Path] = []
    if damaged and collection.catalog_path.exists():
        # Its offsets will be wrong: it must not outlive a half done repair.
        aside.append(set_aside(collection, collection.catalog_path))
    mended = tuple(mend(path, collection.quarantine) for path in damaged)
    findings = list(verify_collection(collection))
    captures = None
    if any(finding.code in DERIVED_CODES for finding in findings):
        aside += _keep_strange(collection, findings)
        captures = derive_again(collection, examiner, kept, aside.append)
        findings = list(verify_collection(collection))
    return Repaired(closed, mended, tuple(aside), captures, len(rows), tuple(findings))


def _lost(collection: Collection, suspects: AbstractSet[str]) -> list[CaptureRow]:
    """What the catalog has in files that are damaged, or shorter than it knows them, and cannot be read there."""
    if not collection.catalog_path.exists():
        return []
    try:
        with Catalog.open(collection.catalog_path, readonly=True) as catalog:
            return [row for path in collection.warc_files() for row in _lost_in(path, catalog, suspects)]
    except CollectionError:
        return []


def _lost_in(path: Path, catalog: Catalog, suspects: AbstractSet[str]) -> Iterator[CaptureRow]:
    file = final_name(path)
    if file not in suspects and path.stat().st_size >= catalog.derived(file):
        return
    readable = {span.offset for span in iter_captures(path)}
    yield from (row for row in catalog.captures_in(file) if row.entry.ref.offset not in readable)


def _keep_strange(collection: Collection, findings: list[Finding]) -> Iterator[Path]:
    if any(finding.code == "catalog-damaged" for finding in findings):
        yield set_aside(collection, collection.catalog_path)
    for finding in findings:
        if finding.code in STRANGE_DOCUMENTS and finding.file.exists():
            target = collection.quarantine / finding.file.relative_to(collection.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            yield finding.file.replace(target)
