"""``palmyra demo``."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from archive.catalog import Catalog
from archive.cli.documents import find_document
from archive.cli.list_ import document_table
from archive.cli.options import CollectionOption
from archive.cli.show import metadata_lines
from archive.cli.terminal import on_one_line, printable
from archive.cli.verify import command as verify
from archive.collection import Collection
from archive.entries import CaptureRow
from archive.outcome import Kind
from crawler.cli.crawling import crawl_and_report
from crawler.demo import DemoSite
from crawler.demo.site import FEATURED
from crawler.session.tally import counted
from crawler.settings import Options
from crawler.sources.declared import source_for_seeds

DEMO_COLLECTION = Path("demo-collection")
DEMO_PORT = 8047
"""Asked for first, so that a second run meets the same addresses; any free one where it is taken."""
PLAIN_WIDTH = 110
"""Columns of the table where the output is no terminal."""


def command(
    collection: CollectionOption = DEMO_COLLECTION,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="Where to serve the site; another where it is taken."
        ),
    ] = DEMO_PORT,
) -> int:
    """Crawl a small news site that palmyra contains, and show what was kept.

    The site is served on 127.0.0.1 while the demo runs; nothing else is fetched. Run again, it asks only for what may
    have changed.

    Example: `palmyra demo --collection demo-collection`
    """
    with _site(port) as site:
        _heading(f"Crawling an invented news site in ten languages at {site.url}")
        code = crawl_and_report(
            Options.load(delay=0, allow_private=True), collection, [source_for_seeds([f"{site.url}/"])]
        )
        featured = site.url + FEATURED
    if code:
        return code
    store = Collection.open_existing(collection)
    _show(store, featured)
    _heading("Every byte checked")
    wrong = verify(collection=collection)
    _heading("Look further")
    sys.stdout.writelines(f"  {line}\n" for line in _commands(collection))
    return wrong


def _site(port: int) -> DemoSite:
    try:
        return DemoSite(port)
    except OSError:
        return DemoSite()


def _show(store: Collection, featured: str) -> None:
    with Catalog.open(store.catalog_path, readonly=True) as catalog:
        _heading(f"The documents in {store.documents}")
        _print_table(document_table(catalog.documents()))
        _heading("What is no article, and why")
        sys.stdout.writelines(f"{line}\n" for line in _no_articles(catalog))
        row = find_document(catalog, featured)
        _heading(f"One of them in full: {store.documents / row.name}")
        sys.stdout.write(printable(store.document_text(row)) + "\n")
        _heading("What is known of it")
        sys.stdout.write("\n".join(metadata_lines(catalog, row)) + "\n")


def _print_table(table: Table) -> None:
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _no_articles(catalog: Catalog) -> list[str]:
    """A line each kind of capture that is no article: how many, an example, the reason."""
    counts = catalog.counts()
    examples: dict[Kind, CaptureRow] = {}
    for row in catalog.captures():
        if row.kind is not Kind.ARTICLE:
            examples.setdefault(row.kind, row)
    return [
        f"{counted(counts[kind], kind)}: {on_one_line(row.entry.url)}"
        + (f" ({row.reason})" if row.reason else "")
        for kind, row in examples.items()
    ]


def _heading(text: str) -> None:
    sys.stdout.write(f"\n== {text}\n\n")
    sys.stdout.flush()


def _commands(collection: Path) -> list[str]:
    """Commands to go on with, as they can be typed here."""
    palmyra, where = _own_command(), f"--collection {shlex.quote(str(collection))}"
    verbs = {
        f"list {where} --language fr": "the documents in French",
        f"show 0 {where} --headers": "what a server answered, to the byte",
        f"status {where}": "what was fetched, and what not",
        f"extract {where}": "every document again, from the WARC files alone",
        f"serve {where}": "read it in a browser",
        f"export jsonl news.jsonl {where}": "for other programs",
        "crawl https://example.org --collection news": "a real site",
    }
    width = max(map(len, verbs))
    return [f"{palmyra} {verb:<{width}}  # {words}" for verb, words in verbs.items()]


def _own_command() -> str:
    """How this program was called: its bare name where the shell finds it."""
    called = Path(sys.argv[0])
    found = shutil.which("palmyra")
    if called.name != "palmyra" or (found and Path(found).resolve() == called.resolve()):
        return "palmyra"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)
