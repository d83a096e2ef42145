"""Mounts the verbs and turns errors into one line and an exit code."""

import functools
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer
import typer.main
from typer.core import TyperGroup

from archive.errors import ArchiveError, StorageError
from archive.warc.disk import translated

EPILOG = "Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 disk full, 4 configuration, 11 interrupted, 14 size limit, 15 time limit."
FAILED = 1
INTERRUPTED = 11

VERBS = {
    "crawl": "crawler.cli.crawl",
    "run-due": "crawler.cli.run_due",
    "sources": "crawler.cli.sources",
    "extract": "crawler.cli.extract",
    "list": "archive.cli.list_",
    "show": "archive.cli.show",
    "diff": "archive.cli.diff",
    "status": "crawler.cli.status",
    "serve": "archive.cli.serve",
    "import": "crawler.cli.import_",
    "recompress": "crawler.cli.recompress",
    "export": "archive.cli.export",
    "verify": "archive.cli.verify",
    "repair": "crawler.cli.repair",
    "doctor": "crawler.cli.doctor",
    "demo": "crawler.cli.demo",
}
"""Verbs in the order of the help, each with the module whose function ``command`` (or Typer ``app``) it is."""


class Verbs(TyperGroup):
    """Imports a verb's module when the verb is asked for: `palmyra list` need not load a crawler."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        verb = importlib.import_module(VERBS[cmd_name])
        app = getattr(verb, "app", None) or _single(cmd_name, verb.command)
        for registered in app.registered_commands:
            registered.callback = guarded(registered.callback)
        command = typer.main.get_command(app)
        command.name = cmd_name
        return command


def _single(name: str, function: Callable[..., Any]) -> typer.Typer:
    app = typer.Typer(rich_markup_mode="markdown", add_completion=False)
    app.command(name)(function)
    return app


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="palmyra",
        cls=Verbs,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        epilog=EPILOG,
        help="Crawl news sites into byte-exact WARC archives and clean article texts.",
    )
    app.callback()(_options)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # noqa: PLC0415  # every other start would pay for it

        print(f"palmyra {metadata.version('palmyra-news-archive')}")  # noqa: T201
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its documented code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a title may hold what the encoding of a terminal does not
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(build(), arguments))


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run ``app`` with these arguments (default: the process's). Returns the exit code."""
    try:
        app(args=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    return 0


def guarded(command: Any) -> Callable[..., None]:
    """``command`` ending with the exit code it returns; errors that a person can cause become one line."""
    if hasattr(command, "guarded"):
        return cast("Callable[..., None]", command)

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        raise typer.Exit(_exit_code(functools.partial(command, *args, **kwargs)))

    run.__dict__["guarded"] = True
    return run


def _exit_code(call: Callable[[], Any]) -> int:
    try:
        result = call()
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except ArchiveError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # whoever read it has gone: nothing to flush
        return 0
    except MemoryError:
        return _fail("out of memory; free some and run it again", StorageError.exit_code)
    except OSError as error:
        return _fail_os(error)
    return result if isinstance(result, int) else 0


def _fail_os(error: OSError) -> int:
    if isinstance(refusal := translated(error, Path(error.filename or "input or output")), StorageError):
        return _fail(str(refusal), refusal.exit_code)
    return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", FAILED)


def _fail(message: str, code: int) -> int:
    print(f"palmyra: {message}", file=sys.stderr)  # noqa: T201
    return code
