"""Crawls by the command in a process of its own, as a user starts them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """``palmyra`` with these arguments in ``folder``, whatever its exit code."""
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PALMYRA")}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def crawl(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A crawl without delay into ``folder/news``; it has to end well."""
    given = ("--collection", folder / "news", "--allow-private", "--delay", "0")
    done = run("crawl", *arguments, *given, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
