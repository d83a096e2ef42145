"""One crawl from open to close: opens the session, runs Scrapy over it, says how it ended."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.errors import ArchiveError
from crawler.session import Session
from crawler.settings import PREFIX, Options
from crawler.sources import Source
from crawler.spiders.article import ArticleSpider
from crawler.tally import Tally

EXIT_CODES = {"finished": 0, "limit": 0, "interrupted": 11, "sizeLimit": 14, "timeLimit": 15}
"""Exit codes by the reason for which a crawl ended (browsertrix-crawler's numbers); anything else is 1."""


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """Why a crawl ended, its exit code, and the line to print when something is wrong."""

    reason: str
    exit_code: int
    error: str | None = None


def run_crawl(options: Options, collection: Path, sources: Sequence[Source], tally: Tally) -> CrawlEnd:
    """Crawl ``sources`` into ``collection``. Once a process, as Scrapy starts its event loop once.

    Raises ArchiveError for what stands in the way at the start: a locked collection, a full disk.
    """
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.update(options.for_scrapy(), priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")  # the caller says what is logged, and where
    settings.set(PREFIX + "COLLECTION", str(collection), priority="cmdline")
    session = Session.open(options, collection, sources, tally)
    try:
        process = AsyncCrawlerProcess(settings)
        crawl = process.crawl(ArticleSpider, session=session)
        with _signals(session):
            process.start(install_signal_handlers=False)
        crawl.result()
    finally:
        session.close()
    return _end(session)


def _end(session: Session) -> CrawlEnd:
    error, tally = session.error, session.tally
    if isinstance(error, ArchiveError):
        return CrawlEnd(type(error).__name__, error.exit_code, str(error))
    if error:
        raise error
    if not tally.captures and tally.failed:
        return CrawlEnd(tally.reason, 1, f"nothing could be fetched: {tally.first_failure}")
    return CrawlEnd(tally.reason, EXIT_CODES.get(tally.reason, 1))


@contextmanager
def _signals(session: Session) -> Iterator[None]:
    """SIGINT and SIGTERM stop the crawl within its grace; a second one at once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        session.interrupt()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
