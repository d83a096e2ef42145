"""``python -m crawler.cli``: the same command."""

from crawler.cli import main

main()
