"""One crawl from open to close: opens the session, runs Scrapy over it, says how it ended."""

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.errors import ArchiveError, ConfigurationError
from crawler.session.opening import join_lanes
from crawler.session.session import Session
from crawler.session.tally import Tally
from crawler.settings import PREFIX, Options
from crawler.sources.declared import Source
from crawler.spiders.article import ArticleSpider
from crawler.urls.identity import is_public_name, site_of

logger = logging.getLogger(__name__)

EXIT_CODES = {
    "finished": 0,
    "pageLimit": 0,
    "quietHours": 0,
    "interrupted": 11,
    "sizeLimit": 14,
    "timeLimit": 15,
}
"""Exit codes by the reason for which a crawl ended (browsertrix-crawler's numbers); anything else is 1."""


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """Why a crawl ended, its exit code, and the line to print when something is wrong."""

    reason: str
    exit_code: int
    error: str | None = None


def run_crawl(options: Options, collection: Path, sources: Sequence[Source], tally: Tally) -> CrawlEnd:
    """Crawl ``sources`` into ``collection``. Once a process, as Scrapy starts its event loop once.

    Raises ArchiveError for what stands in the way at the start: a locked collection, a full disk, no contact.
    """
    _require_contact(options, sources)
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.update(options.for_scrapy(), priority="cmdline")
    unruly = [source.name for source in sources if source.robots == "ignore"]
    settings.set(PREFIX + "UNRULY_SOURCES", unruly, priority="cmdline")
    agents = {source.name: source.user_agent for source in sources if source.user_agent}
    settings.set(PREFIX + "SOURCE_AGENTS", agents, priority="cmdline")
    settings.set(
        "LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline"
    )  # the caller says what is logged, and where
    settings.set(PREFIX + "COLLECTION", str(collection), priority="cmdline")
    with _signal_handler(_interrupt_opening):
        session = Session.open(options, collection, sources, tally)
    try:
        process = AsyncCrawlerProcess(settings)
        crawl = process.crawl(ArticleSpider, session=session)
        with _signal_handler(
            lambda *_: session.interrupt()
        ):  # the first ends it in its grace, a second at once
            process.start(install_signal_handlers=False)
        crawl.result()
    finally:
        session.close()
    return _joined(session, _end(session))


def _joined(session: Session, end: CrawlEnd) -> CrawlEnd:
    """``end``, after what was crawled beside is joined: an end that was asked for does not wait for that."""
    if session.error or end.reason == "interrupted":
        return end
    with _signal_handler(_interrupt_opening):
        try:
            if not join_lanes(session.options, session.home, session.rules_of):
                logger.warning(
                    "%s is still in use; what was crawled beside is joined when that ends", session.home.root
                )
        except ArchiveError as error:
            return CrawlEnd(type(error).__name__, error.exit_code, str(error))
    return end


def _end(session: Session) -> CrawlEnd:
    error, tally = session.error, session.tally
    if isinstance(error, ArchiveError):
        return CrawlEnd(type(error).__name__, error.exit_code, str(error))
    if error:
        raise error
    if not tally.captures and tally.failed:
        return CrawlEnd(tally.reason, 1, f"nothing could be fetched: {tally.first_failure}")
    return CrawlEnd(tally.reason, EXIT_CODES.get(tally.reason, 1))


def _require_contact(options: Options, sources: Sequence[Source]) -> None:
    sites = {site_of(seed.url) for source in sources for seed in source.seeds if is_public_name(seed.url)}
    if len(sites) > 1 and not options.contact:
        raise ConfigurationError(
            "crawling more than one public site needs a contact for their operators: --contact https://… or an e-mail "
            'address, or contact = "…" in palmyra.toml'
        )


def _interrupt_opening(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _signal_handler(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have ``handler`` take SIGINT and SIGTERM."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
