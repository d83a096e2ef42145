"""A request that is given up before it is sent."""

from scrapy.exceptions import IgnoreRequest


class Refused(IgnoreRequest):
    """The page is not to be fetched; ``reason`` says why, in a word (see `crawler.reports.skips`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
