"""Many hosts at once: the spacing of each is held, and all are served fairly, by the server's own log.

    python bench/politeness.py [HOSTS] [DELAY_S]

Hosts are loopback addresses. Exits with 1 where two requests reached a host closer than the delay.
"""

import sys
import tempfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from bench.crawled import crawl
from tests.site.newsroom import Newsroom, Page, article, front, robots

HOSTS = 500
DELAY_S = 1.0
PAGES = 8
CLOCK_S = 0.001
"""What the server's reading of its clock may lag behind the arrival of a request."""


def page(_host: str, path: str) -> Page | None:
    """A front page and its articles, the same on every host."""
    if path == "/robots.txt":
        return robots("User-agent: *", "Disallow: /private")
    if path == "/":
        return front([f"/2026/03/15/story-of-the-day-number-{number}" for number in range(PAGES)])
    return article(int(path.rpartition("-")[2])) if path.startswith("/2026/") else None


def main() -> None:
    """Crawl as many hosts as the command line says, and hold the log against the delay."""
    numbers = [float(each) for each in sys.argv[1:]]
    count, delay = int(numbers[0]) if numbers else HOSTS, numbers[1] if len(numbers) > 1 else DELAY_S
    hosts = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, Newsroom(page, hosts) as server:
        seeds = Path(folder) / "seeds.txt"
        seeds.write_text("".join(f"{server.url('/', host)}\n" for host in hosts))
        watched = crawl(Path(folder), "-i", seeds, "--delay", delay, requests=lambda: len(server.log))
        times: dict[str, list[float]] = defaultdict(list)
        for asked in server.log:
            times[asked.host].append(asked.at)
    gaps = [later - earlier for each in times.values() for earlier, later in pairwise(each)]
    violations = sum(gap < delay - CLOCK_S for gap in gaps)
    ends = sorted(each[-1] - min(server.log[0].at, each[0]) for each in times.values())
    served = [len(each) for each in times.values()]
    middle = server.log[0].at + (server.log[-1].at - server.log[0].at) / 2
    halfway = sorted(sum(at <= middle for at in each) for each in times.values())
    print(f"hosts                 {len(times)} of {count}, {min(served)} to {max(served)} requests each")
    print(
        f"requests              {len(server.log):,} in {watched.seconds:.0f} s, {len(server.log) / watched.seconds:.0f} a second"
    )
    print(f"spacing               least {min(gaps):.3f} s of {delay:.3f} s; violations: {violations}")
    print(f"requests at half time {halfway[0]} to {halfway[-1]} a host, median {halfway[len(halfway) // 2]}")
    print(f"last request of hosts {ends[0]:.1f} to {ends[-1]:.1f} s")
    print(f"memory of the crawl   {watched.memory()}")
    sys.exit(watched.code or violations > 0 or len(times) < count)


if __name__ == "__main__":
    main()
