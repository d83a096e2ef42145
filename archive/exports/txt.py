"""The documents as they lie in the collection: ``00000/000_<16 hex>.txt`` …"""

import re
from pathlib import Path

from archive.catalog import Catalog
from archive.collection import Collection
from archive.exports.staging import staged_directory
from archive.exports.summary import ExportSummary
from archive.exports.texts import exported

_FOLDER = re.compile(r"[0-9]{5}")


def write(collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False) -> ExportSummary:
    """Copy every document below the directory ``dest``, names kept; DigestMismatch where one was altered."""
    documents = size = 0
    with staged_directory(dest, force=force, ours=_is_document_tree) as folder:
        for row, text in exported(collection, catalog):
            data = text.encode()
            path = folder / row.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            documents, size = documents + 1, size + len(data)
    return ExportSummary("txt", dest, documents, size)


def _is_document_tree(path: Path) -> bool:
    return path.is_dir() and all(_FOLDER.fullmatch(child.name) and child.is_dir() for child in path.iterdir())
