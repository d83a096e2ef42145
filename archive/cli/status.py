"""What a collection holds, in figures: the archive's part of ``palmyra status``."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.catalog import Catalog
from archive.collection import OPEN_SUFFIX, Collection
from archive.outcome import Kind

NO_STATUS = "none"
"""Stands for the status of a capture that holds no HTTP status line."""


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """Figures of a collection. ``warc_bytes`` is the size of all WARC files, ``open_files`` those being written."""

    warc_files: int
    open_files: int
    warc_bytes: int
    captures: int
    documents: int
    kinds: dict[Kind, int]
    statuses: dict[str, int]
    quarantined: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def archive_status(collection: Collection) -> ArchiveStatus:
    """Count what lies in the collection; CollectionError where its catalog is missing or damaged."""
    sizes = _sizes(collection.warc_files())
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        statuses = {str(status or NO_STATUS): count for status, count in catalog.statuses().items()}
        return ArchiveStatus(
            warc_files=len(sizes),
            open_files=sum(path.name.endswith(OPEN_SUFFIX) for path in sizes),
            warc_bytes=sum(sizes.values()),
            captures=catalog.capture_count(),
            documents=catalog.document_count(),
            kinds=catalog.counts(),
            statuses=dict(sorted(statuses.items())),
            quarantined=sum(1 for _ in collection.quarantine.glob("*")),
        )


def _sizes(paths: list[Path]) -> dict[Path, int]:
    """Sizes in bytes; a file that a running crawl has just renamed counts as empty."""
    return {path: path.stat().st_size if path.exists() else 0 for path in paths}
