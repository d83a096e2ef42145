"""The versions of an article: ``palmyra show --versions``."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from archive.catalog import Catalog
from archive.cli.terminal import on_one_line
from archive.entries import DocumentRow
from archive.exports.fields import utc_text
from archive.versions import Version

COLUMNS = ("Version", "ID", "First captured", "Last captured", "Captures", "Changed", "Title")
SHOWN = tuple(name for name in COLUMNS if name != "Last captured")
"""On a terminal, where the title needs the room."""
CURRENT = "*"


def versions_of(catalog: Catalog, row: DocumentRow) -> list[Version]:
    """Every document of the article that a document belongs to, in the order of their first captures."""
    return catalog.versions.of(catalog.versions.article_of(row.id))


def version_json(article: int, version: Version) -> str:
    """A version as an object."""
    times = {"first": utc_text(version.first), "last": utc_text(version.last)}
    return json.dumps({"article": article} | asdict(version) | times, ensure_ascii=False)


def version_cells(versions: Sequence[Version]) -> Iterator[tuple[str, ...]]:
    """A line for each document: what COLUMNS name. The present version has an asterisk."""
    for version in versions:
        yield (
            f"{version.number}{CURRENT if version.current else ''}",
            str(version.document),
            f"{version.first:%Y-%m-%d %H:%M:%S}",
            f"{version.last:%Y-%m-%d %H:%M:%S}",
            str(version.captures),
            "headline" if version.headline else "text" if version.number > 1 else "",
            on_one_line(version.title),
        )


def versions_table(versions: Sequence[Version]) -> Table:
    """The versions as a table for a terminal; times are UTC."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for name in SHOWN:
        table.add_column(name, no_wrap=True, ratio=1 if name == COLUMNS[-1] else None)
    for cells in version_cells(versions):
        known = dict(zip(COLUMNS, cells, strict=True))
        table.add_row(*(Text(known[name]) for name in SHOWN))
    return table
