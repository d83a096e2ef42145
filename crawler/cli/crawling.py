"""Running a crawl in front of a person: progress, summary, exit code. Shared by `crawl`, `run-due` and `demo`."""

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from crawler.cli.progress import progress_for
from crawler.crawl import CrawlEnd, run_crawl
from crawler.session.tally import Tally, summary
from crawler.settings import Options
from crawler.sources.declared import Source


def crawl_and_report(
    options: Options,
    collection: Path,
    sources: Sequence[Source],
    *,
    quiet: bool = False,
    as_json: bool = False,
) -> int:
    """Crawl the sources into ``collection`` and say how it went. Returns the exit code."""
    tally = Tally()
    _log_warnings(quiet=quiet)
    with progress_for(tally, quiet=quiet or as_json):
        end = run_crawl(options, collection, sources, tally)
    if as_json:
        sys.stdout.write(json.dumps(tally.as_dict() | {"exit_code": end.exit_code}) + "\n")
    elif not quiet:
        sys.stdout.write("\n".join([*summary(tally), *_how_it_ended(end, tally, collection)]) + "\n")
    if end.error and not (as_json and end.exit_code == 0):
        sys.stderr.write(f"palmyra: {end.error}\n")
    return end.exit_code


def _log_warnings(*, quiet: bool) -> None:
    """Warnings as one line each on standard error, where a live view redraws itself around them."""
    handler = logging.StreamHandler(_StandardError())
    handler.setLevel(logging.ERROR if quiet else logging.WARNING)
    handler.setFormatter(logging.Formatter("palmyra: %(message)s"))
    logging.getLogger().handlers[:] = [handler]


class _StandardError:
    """Whatever ``sys.stderr`` is at the time: rich takes its place while a view is live."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _how_it_ended(end: CrawlEnd, tally: Tally, collection: Path) -> list[str]:
    if end.reason == "finished":
        return [f"Look further: palmyra list --collection {collection}"] if tally.captures else []
    return [
        f"Stopped early ({end.reason}); {tally.pending} addresses wait. The same command goes on where this stopped."
    ]
