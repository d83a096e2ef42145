"""One crawl by a plain Scrapy spider over the frontier, in a process of its own: settings as JSON on the command line.

The pages of the test's site are lists of URLs, one a line. What listens to responses stands in for the committer.
"""

import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.capture import Discovery
from archive.errors import DiskFull
from crawler.frontier.frontier import Target
from crawler.scheduling.scheduler import FrontierScheduler
from crawler.scheduling.turns import Answer

MIDDLEWARES = (
    "offsite.Offsite",
    "retry.Retry",
    "redirect.Redirect",
    "redirect.MetaRefresh",
    "robotstxt.RobotsTxt",
)
SETTINGS = {
    "SCHEDULER": "crawler.scheduling.scheduler.FrontierScheduler",
    "DOWNLOADER_MIDDLEWARES": {
        f"scrapy.downloadermiddlewares.{name}Middleware": None for name in MIDDLEWARES
    },
    "DOWNLOAD_HANDLERS": {
        "http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler",
        **dict.fromkeys(("https", "file", "data", "ftp", "s3")),
    },
    "CONCURRENT_REQUESTS": 100,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 100,
    "DOWNLOAD_DELAY": 0,
    "HTTPERROR_ALLOW_ALL": True,
    "ROBOTSTXT_OBEY": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "WARNING",
}


class SiteSpider(Spider):
    """Seeds, then what the pages list."""

    name = "site"
    seeds: list[str]

    async def start(self) -> AsyncIterator[Request]:
        for url in self.seeds:
            yield Request(url)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.settle, signal=signals.response_received)
        return spider

    def parse(self, response: Response, **_: Any) -> None:
        assert response.meta["lease"].target.kind in ("seed", "page")

    def errback(self, failure: Failure) -> None:
        self.scheduler().failed(failure.request.meta["lease"], type(failure.value).__name__)  # type: ignore[attr-defined]

    def settle(self, response: Response) -> None:
        scheduler, lease, now = self.scheduler(), response.meta["lease"], time.monotonic()
        retry_after = (response.headers.get("Retry-After") or b"").decode() or None
        settlement = scheduler.fetched(lease, Answer(response.status, now, now, retry_after))
        found: tuple[Target, ...] = ()
        if lease.target.kind == "robots":
            location = (response.headers.get("Location") or b"").decode() or None
            scheduler.robots_answered(lease, response.status, response.body, location)
        elif response.status == 200:
            hops = lease.target.discovery.hops + "L"
            found = tuple(
                Target(url, discovery=Discovery(response.url, hops)) for url in response.text.split()
            )
        try:
            if full := self.settings.getint("FULL_AT"):
                scheduler.frontier._database.connection.pragma("max_page_count", full)
            scheduler.frontier.settle([replace(settlement, discovered=found)])
        except DiskFull as error:
            scheduler.fail(error)

    def scheduler(self) -> FrontierScheduler:
        scheduler = self.crawler.engine.scheduler  # type: ignore[union-attr]
        assert isinstance(scheduler, FrontierScheduler)
        return scheduler


class OrdinarySpider(SiteSpider):
    """Callbacks, meta and arguments as any Scrapy project has them."""

    name = "ordinary"

    def parse(self, response: Response, **_: Any) -> Any:
        base = response.url
        yield Request(
            f"{base}get",
            self.parse_page,
            cb_kwargs={"number": 7},
            meta={"note": ["kept", b"\xff"]},
            headers={"X-A": "b"},
        )
        yield Request(f"{base}get#again", self.parse_page)
        yield Request(f"{base}post", self.parse_page, method="POST", body=b"form", cb_kwargs={"number": 8})
        yield Request(base, lambda answer: self.parse_page(answer, number=9), dont_filter=True)
        yield Request(f"{base}forbidden", self.parse_page, method="POST")

    def parse_page(self, response: Response, number: int = 0) -> None:
        assert response.request
        sys.stdout.write(
            json.dumps([response.request.method, number, repr(response.meta.get("note"))]) + "\n"
        )


def main() -> None:
    given = json.loads(sys.argv[1])
    spider = {each.name: each for each in (SiteSpider, OrdinarySpider)}[given.pop("spider", "site")]
    process = AsyncCrawlerProcess(SETTINGS | given)
    process.crawl(spider, seeds=given["SEEDS"])
    process.start()


if __name__ == "__main__":
    main()
