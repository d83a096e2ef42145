"""The command ``palmyra``: every verb, one module each, and the boundary where errors become one line."""

from crawler.cli.main import main

__all__ = ["main"]
