"""Every article of a large site is found, no trap goes beyond its budget, nothing disallowed is fetched, memory is flat.

    python bench/discovery.py [ARTICLES]

The site (`tests.site.large`) lists its articles in nested gzip sitemaps, in sections, and in both, among traps. Exits
with 1 where one of the promises is broken.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.crawled import crawl
from crawler.discovery.budgets import pattern_of
from crawler.settings import Options
from tests.site.large import FORBIDDEN, TRAPS, LargeSite, article_path
from tests.site.newsroom import Newsroom

ARTICLES = 5_000


def main() -> None:
    """Crawl a site of as many articles as the command line says."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    budget = Options().path_budget
    site = LargeSite(articles)
    with tempfile.TemporaryDirectory() as folder, Newsroom(site.find) as server:
        site.base = server.url()
        watched = crawl(Path(folder), server.url("/"), "--delay", 0)
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
        f"requests              {asked.total():,} in {watched.seconds:.0f} s, {asked.total() / watched.seconds:.0f} a second"
    )
    print(f"memory of the crawl   {watched.memory()}")
    sys.exit(watched.code or found < articles or beyond > 0 or disallowed > 0)


if __name__ == "__main__":
    main()
