"""The frontier against Scrapy's own scheduler: what a request costs from enqueued to handed out, in one run.

Both take the same requests and give them all back. Scrapy's keeps its queue and its dupefilter in memory; ours
also makes each URL, each try and each result durable. Spacing is off and robots.txt is ignored: both would only wait.

    python -m bench.frontier [REQUESTS] [ROUNDS]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from crawler.frontier import Frontier
from crawler.scheduler import FrontierScheduler
from crawler.targets import Settlement

REQUESTS, ROUNDS = 20_000, 5
HOSTS = 50
GROUP = 16
"""Settlements a transaction: about what a commit group holds while crawling."""
BOUND = 1.5


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


def scrapys(count: int) -> float:
    """Seconds for Scrapy's scheduler with its memory queue."""
    with _crawler({}) as (crawler, spider):
        scheduler = Scheduler.from_crawler(crawler)
        scheduler.open(spider)
        start = time.perf_counter()
        for request in _requests(count):
            scheduler.enqueue_request(request)
        handed = 0
        while scheduler.next_request():
            handed += 1
        elapsed = time.perf_counter() - start
        scheduler.close("finished")
    assert handed == count
    return elapsed


def ours(count: int) -> float:
    """Seconds for the durable frontier, with the settlement of every request."""
    settings = {"PALMYRA_DELAY": 0, "PALMYRA_ROBOTS": "ignore", "PALMYRA_CONNECTIONS": 1}
    with tempfile.TemporaryDirectory() as folder, _crawler(settings) as (crawler, spider):
        crawler.frontier = Frontier(Path(folder) / "state.sqlite")
        scheduler = FrontierScheduler.from_crawler(crawler)
        scheduler.open(spider)
        start = time.perf_counter()
        for request in _requests(count):
            scheduler.enqueue_request(request)
        group: list[Settlement] = []
        while scheduler.has_pending_requests():
            request = scheduler.next_request()
            if request:
                now = time.monotonic()
                group.append(
                    scheduler.fetched(request.meta["lease"], status=200, first_byte_at=now, finished_at=now)
                )
            if request is None or len(group) == GROUP:
                crawler.frontier.settle(group)
                group.clear()
        elapsed = time.perf_counter() - start
        scheduler.close("finished")
        done = crawler.frontier.counts()[0]
        crawler.frontier.close()
    assert (done.state, done.count) == ("done", count)
    return elapsed


async def _measure(count: int, rounds: int) -> None:
    ratios = []
    for _ in range(rounds):
        theirs, mine = scrapys(count), ours(count)
        ratios.append(mine / theirs)
        print(
            f"scrapy {theirs / count * 1e6:7.1f} us   frontier {mine / count * 1e6:7.1f} us   ratio {mine / theirs:.2f}"
        )
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f} (bound {BOUND})")
    sys.exit(ratio > BOUND)


def main() -> None:
    numbers = [int(each) for each in sys.argv[1:]]
    asyncio.run(_measure(*(numbers + [REQUESTS, ROUNDS][len(numbers) :])))


if __name__ == "__main__":
    main()
