"""Requests that are given up before they are sent."""

from scrapy.exceptions import IgnoreRequest

from crawler.wire import Fetched


class Refused(IgnoreRequest):
    """The page is not to be fetched; ``reason`` says why, in a word (see `crawler.reports.skips`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Postponed(IgnoreRequest):
    """The page waits for another turn of its host: this one went to a file of the site, with this answer or problem."""

    def __init__(self, fetched: Fetched | None, problem: str = "") -> None:
        super().__init__("postponed")
        self.fetched, self.problem = fetched, problem
