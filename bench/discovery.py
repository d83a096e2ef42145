"""Every article of a large site is found, no trap goes beyond its budget, nothing disallowed is fetched, memory is flat.

    python -m bench.discovery [ARTICLES]

The site (`tests.site.large`) lists its articles in nested gzip sitemaps, in sections, and in both, among traps:
calendars, searches, facets, session ids and ever deeper paths. Exits with 1 where one of the promises is broken.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.crawled import Watched, crawl
from crawler.discovery.budgets import pattern_of
from crawler.settings import Options
from tests.site.large import FORBIDDEN, TRAPS, LargeSite, article_path
from tests.site.newsroom import Newsroom

ARTICLES = 5_000
STEP = 5_000
"""Requests between two measurements of memory that are printed."""
WARM = 10_000
"""Requests after which page caches are full: from then on memory has to be flat."""
LAST = 0.995
"""Share of the requests after which the crawl has not yet begun to write its index, which sorts a run of lines in memory."""
GROWTH = 0.15
"""Share of what it was then that memory may have grown by at the last page and still be called flat."""


def main() -> None:
    """Crawl a site of as many articles as the command line says."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    budget = Options().path_budget
    site = LargeSite(articles)
    with tempfile.TemporaryDirectory() as folder, Newsroom(site.find) as server:
        site.base = server.url()
        watched = crawl(Path(folder), server.url("/"), "--delay", 0, requests=lambda: len(server.log))
        asked = Counter(server.paths())
    found = sum(asked[article_path(number)] > 0 for number in range(articles))
    traps = Counter(pattern_of(path) for path in asked.elements() if path.startswith(TRAPS))
    beyond = sum(max(0, count - budget) for count in traps.values())
    disallowed = sum(count for path, count in asked.items() if path.startswith(FORBIDDEN))
    print(f"articles found        {found:,} of {articles:,}")
    print(f"fetched twice         {sum(count > 1 for count in asked.values()):,}")
    print(f"trap pages            {traps.total():,}, beyond the budget of {budget} a pattern: {beyond}")
    print(f"disallowed fetches    {disallowed}")
    print(
        f"requests              {asked.total():,} in {watched.seconds:.0f} s, {asked.total() / watched.seconds:.0f} a second;"
        f" {watched.processor / asked.total() * 1e3:.1f} ms of the crawl process each"
    )
    grew = _print_memory(watched, asked.total())
    sys.exit(watched.code or found < articles or beyond > 0 or disallowed > 0 or grew)


def _print_memory(watched: Watched, total: int) -> bool:
    """Print the memory of the crawl process over time; whether it grew."""
    steps = " ".join(f"{watched.after(at) / 1e6:.0f}" for at in range(STEP, total, STEP))
    print(f"memory of the crawl   {watched.memory()}")
    print(f"  every {STEP:,} requests, in MB: {steps}")
    if total <= 2 * WARM:
        return False
    warm = watched.after(WARM)
    growth = watched.after(total * LAST) / warm - 1
    slope = watched.growth(WARM)
    print(
        f"  from {WARM:,} requests on: {growth:+.0%}, {slope:.0f} bytes a request (target: {GROWTH:+.0%} at most)"
    )
    return growth > GROWTH


if __name__ == "__main__":
    main()
