"""``palmyra serve``: the reading room and the archived pages in a browser."""

import signal
from threading import Event
from typing import Annotated

import typer

from archive.catalog import Catalog
from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, QuietOption
from archive.collection import Collection
from archive.replay.server import serving

PORT = 8040
REPLAY_PORT = 8041


def command(
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the reading room.")] = PORT,
    replay_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the archived pages.")
    ] = REPLAY_PORT,
    quiet: QuietOption = False,
) -> None:
    """Read the collection in a browser: articles, search, and the archived pages as they were.

    Serves this machine only, also beside a running crawl. Archived pages stand on an origin of their own and run no
    scripts. Ends with Ctrl-C.

    Example: `palmyra serve --collection collections/default`
    """
    opened = Collection.open_existing(collection)
    Catalog.open(opened.catalog_path, readonly=True).close()
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with serving(opened, port=port, replay_port=replay_port) as addresses:
        if not quiet:
            typer.echo(f"Reading room    {addresses.room}/")
            typer.echo(f"Archived pages  {addresses.archive}/  (Memento: /timegate/URL, /timemap/link/URL)")
            typer.echo("Ctrl-C ends.")
        stopped.wait()
