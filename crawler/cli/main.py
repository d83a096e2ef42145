"""Mounts the verbs and turns errors into one line and an exit code."""

import errno
import importlib
import sys
from collections.abc import Sequence

import click
import typer

from archive.errors import ArchiveError, DiskFull

EPILOG = "Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 disk full, 4 configuration, 11 interrupted, 14 size limit, 15 time limit."
INTERRUPTED = 11

VERBS = (
    ("crawl", "crawler.cli.crawl"),
    ("run-due", "crawler.cli.run_due"),
    ("extract", "crawler.cli.extract"),
    ("list", "archive.cli.list_"),
    ("show", "archive.cli.show"),
    ("status", "crawler.cli.status"),
    ("serve", "archive.cli.serve"),
    ("export", "archive.cli.export"),
    # ("verify", "archive.cli.verify"),
    ("doctor", "crawler.cli.doctor"),
    ("demo", "crawler.cli.demo"),
)
"""Verbs in the order of the help, each with the module whose function ``command`` (or Typer ``app``) it is."""


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="palmyra", no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False, epilog=EPILOG,
        help="Crawl news sites into byte-exact WARC archives and clean article texts.",
    )  # fmt: skip
    for name, module in VERBS:
        verb = importlib.import_module(module)
        if hasattr(verb, "app"):
            app.add_typer(verb.app, name=name)
        else:
            app.command(name)(verb.command)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its documented code."""
    sys.exit(run(build(), arguments))


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run ``app``; errors a person can cause become one line on standard error. Returns the exit code."""
    try:
        result = app(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except ArchiveError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        return _fail_os(error)
    return result if isinstance(result, int) else 0


def _fail_os(error: OSError) -> int:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _fail(
            f"{error.filename or 'the disk'}: no space left; free some and run it again", DiskFull.exit_code
        )
    return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", 1)


def _fail(message: str, code: int) -> int:
    print(f"palmyra: {message}", file=sys.stderr)  # noqa: T201
    return code
