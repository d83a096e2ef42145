"""Crawls by the command, each in a process of its own."""

import os
import subprocess
from pathlib import Path

from tests.site.forked import ROOT, run_module

__all__ = ["ROOT", "crawl", "run"]


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """``palmyra`` with these arguments in ``folder``, whatever its exit code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PALMYRA")}
    environment["PYTHONPATH"] = str(ROOT)
    return run_module("crawler.cli", [*map(str, arguments)], folder=folder, environment=environment)


def crawl(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A crawl without delay into ``folder/news``; it has to end well."""
    given = ("--collection", folder / "news", "--allow-private", "--delay", "0")
    done = run("crawl", *arguments, *given, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
