"""``palmyra list``."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.catalog import Catalog
from archive.cli.documents import DocumentFilter, document_json, host_of, matching
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from archive.cli.terminal import on_one_line
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.window import Window

DATE_CHARACTERS = 10
"""Of an ISO 8601 date: the day."""
COLUMNS = ("ID", "Published", "Lang", "Site", "Title")
MAX_CELL_WIDTH = 28
"""Columns of a terminal that any cell but the title may take."""


def _window(since: str | None, until: str | None) -> Window:
    try:
        return Window.stated(since, until, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since, --until") from None


def command(
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=0, metavar="N", help="At most N documents.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this language, such as `fr`.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="HOST", help="Only this host and those below it.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Only what was published from then on: `2024-05-31`, `2024-05`, `7d`."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published until then, that day included."),
    ] = None,
    unique: Annotated[
        bool,
        typer.Option(
            "--unique",
            help="Each article once: its present version, and of the same text the canonical copy.",
        ),
    ] = False,
    newest: Annotated[
        bool, typer.Option("--newest", help="Latest publication first, not in order of id.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the documents of a collection.

    On a terminal a table; else a line a document with tabs between id, day, language, host, title and file name.
    An article that states no date counts as published when it was captured.

    Example: `palmyra list --language fr --since 2026-03-01`
    """
    store = Collection.open_existing(collection)
    wanted = DocumentFilter(language, site, _window(since, until))
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        repeated = catalog.duplicates.repeated() if unique else frozenset()
        found = matching(catalog, wanted, newest_first=newest)
        rows = islice((row for row in found if row.id not in repeated), limit)
        if as_json:
            sys.stdout.writelines(f"{document_json(catalog, row)}\n" for row in rows)
        elif sys.stdout.isatty():
            Console().print(document_table(rows))
        else:
            sys.stdout.writelines("\t".join(cells(row)) + "\n" for row in rows)


def cells(row: DocumentRow) -> tuple[str, ...]:
    """A document's line: id, day of publication, language, host, title, name."""
    article = row.article
    day = (article.published or "")[:DATE_CHARACTERS]
    found = (str(row.id), day, article.language, host_of(row.final_url), article.title, row.name)
    return tuple(map(on_one_line, found))


def document_table(rows: Iterable[DocumentRow]) -> Table:
    """The documents as a table for a terminal: the title gives way where the line is short."""
    lines = [cells(row)[: len(COLUMNS)] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for number, name in enumerate(COLUMNS[:-1]):
        widest = max((cell_len(line[number]) for line in lines), default=0)
        width = min(max(widest, len(name)), MAX_CELL_WIDTH)
        table.add_column(name, no_wrap=True, width=width, justify="right" if name == "ID" else "left")
    table.add_column(COLUMNS[-1], no_wrap=True, ratio=1)
    for line in lines:
        table.add_row(*map(Text, line))
    return table
