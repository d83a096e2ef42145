"""``palmyra doctor``."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption
from crawler.doctor.checks import Check, examine

WRONG = 1


def command(collection: CollectionOption = DEFAULT_COLLECTION, as_json: JsonOption = False) -> int:
    """Look for what is wrong with the installation; exit code 1 when something is.

    The collection need not exist: its place is looked at for room, permission and locks.

    Example: `palmyra doctor --json`
    """
    checks = list(examine(collection))
    wrong = [check for check in checks if not check.ok]
    if as_json:
        sys.stdout.write(json.dumps({"ok": not wrong, "checks": [asdict(check) for check in checks]}) + "\n")
    elif sys.stdout.isatty():
        Console().print(_table(checks))
    else:
        sys.stdout.writelines(f"{_verdict(check)}\t{check.name}\t{_words(check)}\n" for check in checks)
    if not as_json:
        sys.stdout.write(
            f"{len(wrong)} of {len(checks)} checks found something wrong.\n"
            if wrong
            else "Nothing is wrong.\n"
        )
    return WRONG if wrong else 0


def _table(checks: Iterable[Check]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        style = "green" if check.ok else "bold red"
        table.add_row(Text(_verdict(check), style), Text(check.name), Text(_words(check)))
    return table


def _verdict(check: Check) -> str:
    return "ok" if check.ok else "WRONG"


def _words(check: Check) -> str:
    return check.found if check.ok else f"{check.found}; {check.advice}"
