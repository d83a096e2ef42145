"""The frontier against Scrapy's own scheduler: what a request costs from its making to its handing out, in one run.

Both take the same requests and give them all back. Scrapy's keeps its queue and its dupefilter in memory; ours
makes each URL and each try durable. Then it settles the result of each, which Scrapy's does not: that is timed apart.
Spacing is off and robots.txt is ignored: both would only wait. Times are of the processor, and of the clock beside it.

    python -m bench.frontier [REQUESTS] [ROUNDS]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Settlement
from crawler.scheduling.scheduler import FrontierScheduler
from crawler.scheduling.turns import Answer

REQUESTS, ROUNDS = 20_000, 5
HOSTS = 50
GROUP = 16
"""Settlements a transaction: about what a commit group holds while crawling."""
BOUND = 1.5


@dataclass
class Stopwatch:
    """Seconds of the processor and of the clock spent in its blocks."""

    cpu: float = 0.0
    wall: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall

    def per(self, count: int) -> str:
        return f"{self.cpu / count * 1e6:5.1f} us ({self.wall / count * 1e6:5.1f})"


def _url(number: int) -> str:
    return f"https://news{number % HOSTS}.example/2026/11/{number % 28 + 1:02}/an-article-about-something-{number}.html"


def _requests(count: int) -> Iterator[Request]:
    return (Request(_url(number)) for number in range(count))


@contextmanager
def _crawler(settings: dict[str, object]) -> Iterator[tuple[Crawler, Spider]]:
    handlers = dict.fromkeys(("http", "https", "file", "data", "ftp", "s3"))
    crawler = get_crawler(Spider, settings | {"DOWNLOAD_HANDLERS": handlers})
    crawler.spider = crawler._create_spider("bench")
    crawler.engine = crawler._create_engine()
    yield crawler, crawler.spider
    crawler.engine.downloader.close()


def scrapys(count: int) -> Stopwatch:
    """Scrapy's scheduler with its memory queue."""
    watch = Stopwatch()
    with _crawler({}) as (crawler, spider):
        scheduler = Scheduler.from_crawler(crawler)
        scheduler.open(spider)
        with watch.running():
            for request in _requests(count):
                scheduler.enqueue_request(request)
            handed = sum(1 for _ in iter(scheduler.next_request, None))
        scheduler.close("finished")
    assert handed == count
    return watch


def ours(count: int) -> tuple[Stopwatch, Stopwatch]:
    """The durable frontier: scheduling, and settling."""
    scheduling, settling = Stopwatch(), Stopwatch()
    settings = {"PALMYRA_DELAY": 0, "PALMYRA_UNRULY_SOURCES": [""]}
    with tempfile.TemporaryDirectory() as folder, _crawler(settings) as (crawler, spider):
        crawler.frontier = Frontier(Path(folder) / "state.sqlite")
        scheduler = FrontierScheduler.from_crawler(crawler)
        scheduler.open(spider)
        with scheduling.running():
            for request in _requests(count):
                scheduler.enqueue_request(request)
        while scheduler.has_pending_requests():
            with scheduling.running():
                group = [request for _ in range(GROUP) if (request := scheduler.next_request())]
            with settling.running():
                crawler.frontier.settle([_fetched(scheduler, request) for request in group])
        scheduler.close("finished")
        ended = crawler.frontier.counts()
        crawler.frontier.close()
    assert [(each.state, each.count) for each in ended] == [("done", count)]
    return scheduling, settling


def _fetched(scheduler: FrontierScheduler, request: Request) -> Settlement:
    now = time.monotonic()
    return scheduler.fetched(request.meta["lease"], Answer(200, now, now))


async def _measure(count: int, rounds: int) -> None:
    ratios = []
    print("per request, processor (clock):")
    for _ in range(rounds):
        theirs, (scheduling, settling) = scrapys(count), ours(count)
        ratios.append(scheduling.cpu / theirs.cpu)
        print(
            f"scrapy {theirs.per(count)}   frontier {scheduling.per(count)}   ratio {ratios[-1]:.2f}"
            f"   settling {settling.per(count)}"
        )
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f} (bound {BOUND})")
    sys.exit(ratio > BOUND)


def main() -> None:
    """Measure as many requests and rounds as the command line says."""
    numbers = [int(each) for each in sys.argv[1:]]
    asyncio.run(_measure(*(numbers + [REQUESTS, ROUNDS][len(numbers) :])))


if __name__ == "__main__":
    main()
