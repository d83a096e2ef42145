"""What leaves a collection for other programs: one module a format, each with a function ``write``."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from archive.catalog import Catalog
from archive.collection import Collection
from archive.exports.staging import STANDARD_OUTPUT, ExportError
from archive.exports.summary import ExportSummary

FORMATS: Mapping[str, str] = {
    "txt": "the documents as they lie: a folder of text files, each checked against its digest",
    "jsonl": "one JSON object a document, with metadata, provenance and text; DEST - writes to standard output",
    "parquet": "one typed, zstd-compressed table for pyarrow, DuckDB, pandas and Spark",
    "wacz": "WARCs, index and page list in one WACZ 1.1.1 file, for ReplayWeb.page",
}
"""Each format, by the name of its module, in words."""


class Write(Protocol):
    """Write a collection to ``dest``, whole or not at all; ExportError where ``dest`` exists and ``force`` is not set."""

    def __call__(
        self, collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False
    ) -> ExportSummary: ...


def writer(name: str) -> Write:
    """The ``write`` of that format, imported when it is asked for: pyarrow alone takes longer than a short command."""
    if name not in FORMATS:
        raise ValueError(f"no export format {name!r}; there are {', '.join(FORMATS)}")
    return cast("Write", import_module(f"{__name__}.{name}").write)


def export(
    name: str, collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False
) -> ExportSummary:
    """Write ``collection`` to ``dest`` in the format ``name``; ExportError where that would overwrite the collection."""
    place = dest.resolve()
    for own in (
        collection.archive,
        collection.indexes,
        collection.documents,
        collection.catalog_path,
        collection.state_path,
    ):
        if place.is_relative_to(own.resolve()):
            raise ExportError(f"{dest}: part of the collection itself; name another destination")
    return writer(name)(collection, catalog, dest, force=force)


__all__ = ["FORMATS", "STANDARD_OUTPUT", "ExportError", "ExportSummary", "Write", "export", "writer"]
