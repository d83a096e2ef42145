"""What a person sees while it works: a live view on a terminal, plain lines elsewhere, nothing when quiet."""

import sys
import threading
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from crawler.session.tally import Tally

PLAIN_INTERVAL_S = 10.0
REFRESH_PER_SECOND = 4
HOSTS_SHOWN = 5


class Progress(Protocol):
    """A context that shows a tally until it is left."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LiveProgress:
    """The view for a terminal, on standard error so that standard output stays for results."""

    def __init__(self, tally: Tally, console: Console) -> None:
        self._tally = tally
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=self._render,
            console=console,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def _render(self) -> RenderableType:
        tally = self._tally
        self._spinner.update(
            text=Text.assemble(
                (f"{tally.captures}", "bold"), " resources  ", (f"{tally.documents}", "bold green"), " documents  ",
                f"{decimal(tally.received)}  {tally.rate:.1f}/s  {tally.seconds:.0f} s  ", f"{tally.pending} waiting  ",
                (f"{tally.failed.total()} failed", "red" if tally.failed else "dim"),
            )
        )  # fmt: skip
        hosts = Table.grid(padding=(0, 2))
        for host, count in tally.hosts.most_common(HOSTS_SHOWN):
            hosts.add_row(f"  {host}", Text(str(count), style="cyan"))
        if len(tally.hosts) > HOSTS_SHOWN:
            hosts.add_row(f"  and {len(tally.hosts) - HOSTS_SHOWN} hosts more", "")
        return Group(
            self._spinner, hosts, Text(f"  {tally.last}", style="dim", overflow="ellipsis", no_wrap=True)
        )


class PlainProgress:
    """A line now and then, for logs."""

    def __init__(self, tally: Tally, stream: TextIO, interval_s: float = PLAIN_INTERVAL_S) -> None:
        self._tally, self._stream, self._interval = tally, stream, interval_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._interval):
            tally = self._tally
            self._stream.write(
                f"{tally.seconds:.0f} s: {tally.captures} resources, {tally.documents} documents, "
                f"{decimal(tally.received)}, {tally.pending} waiting, {tally.failed.total()} failed\n"
            )
            self._stream.flush()


class NoProgress:
    """Silence."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def progress_for(tally: Tally, *, quiet: bool) -> Progress:
    """The view that fits standard error."""
    if quiet:
        return NoProgress()
    console = Console(stderr=True)
    return LiveProgress(tally, console) if console.is_terminal else PlainProgress(tally, sys.stderr)
