"""Parquet: one row a document, with the fields of `archive.exports.fields` in their types."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.catalog import Catalog
from archive.collection import Collection
from archive.exports.fields import SCHEMA_VERSION, fields
from archive.exports.staging import staged_file
from archive.exports.summary import ExportSummary
from archive.exports.texts import exported

GROUP_ROWS = 5_000
GROUP_CHARACTERS = 32_000_000
"""A row group ends at this many documents or characters of text: it is what the export holds in memory."""

_TEXT, _TEXTS, _TIME = pa.string(), pa.list_(pa.string()), pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("name", _TEXT, nullable=False),
        pa.field("url", _TEXT, nullable=False),
        pa.field("final_url", _TEXT, nullable=False),
        pa.field("canonical_url", _TEXT),
        pa.field("title", _TEXT, nullable=False),
        pa.field("authors", _TEXTS, nullable=False),
        pa.field("published", _TEXT),
        pa.field("published_at", _TIME),
        pa.field("modified", _TEXT),
        pa.field("modified_at", _TIME),
        pa.field("language", _TEXT),
        pa.field("declared_language", _TEXT),
        pa.field("site_name", _TEXT),
        pa.field("section", _TEXT),
        pa.field("tags", _TEXTS, nullable=False),
        pa.field("description", _TEXT),
        pa.field("image", _TEXT),
        pa.field("licence", _TEXT),
        pa.field("free", pa.bool_()),
        pa.field("partly_visible", pa.bool_(), nullable=False),
        pa.field("rights", _TEXTS, nullable=False),
        pa.field("sources", pa.map_(_TEXT, _TEXT), nullable=False),
        pa.field("captured_at", _TIME, nullable=False),
        pa.field("capture", pa.int64(), nullable=False),
        pa.field("warc_file", _TEXT, nullable=False),
        pa.field("warc_offset", pa.int64(), nullable=False),
        pa.field("warc_record_id", _TEXT, nullable=False),
        pa.field("payload_digest", _TEXT),
        pa.field("text_digest", _TEXT, nullable=False),
        pa.field("extractor", _TEXT, nullable=False),
        pa.field("extractor_version", _TEXT, nullable=False),
        pa.field("article", pa.int64(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("cluster", pa.int64(), nullable=False),
        pa.field("relation", _TEXT, nullable=False),
        pa.field("duplicate_of", pa.int64()),
        pa.field("characters", pa.int64(), nullable=False),
        pa.field("text", _TEXT, nullable=False),
    ],
    metadata={"palmyra.table": "documents", "palmyra.schema_version": str(SCHEMA_VERSION)},
)


def write(collection: Collection, catalog: Catalog, dest: Path, *, force: bool = False) -> ExportSummary:
    """Write every document as a row to the file ``dest``, zstd-compressed, in row groups."""
    documents = 0
    with staged_file(dest, force=force) as out:
        with pq.ParquetWriter(out, SCHEMA, compression="zstd") as table:
            for group in _groups(_rows(collection, catalog)):
                table.write_batch(pa.RecordBatch.from_pylist(group, SCHEMA), row_group_size=GROUP_ROWS)
                documents += len(group)
        size = out.tell()
    return ExportSummary("parquet", dest, documents, size)


def _rows(collection: Collection, catalog: Catalog) -> Iterator[dict[str, Any]]:
    for row, text in exported(collection, catalog):
        yield fields(row, text, catalog)


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += len(row["text"])
        if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group
