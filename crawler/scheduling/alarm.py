"""Waking Scrapy's engine when something is due: by itself it looks every 5 s, its heartbeat."""

from scrapy.crawler import Crawler
from scrapy.utils.asyncio import CallLaterResult, call_later


class Alarm:
    """Lets the engine of ``crawler`` ask its scheduler for the next request, now or later."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._timer: CallLaterResult | None = None

    def set(self, seconds: float | None) -> None:
        """Ring in so many seconds, in place of what was set before; None: not at all."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else call_later(max(0.0, seconds), self.ring)

    def ring(self) -> None:
        """Scrapy has no public name for it: the ``nextcall`` of its engine's slot, which runs once however often it is asked."""
        try:
            slot = self._crawler.engine._slot if self._crawler.engine else None
        except RuntimeError:  # the crawl has not begun
            return
        if slot is not None and slot.closing is None:
            slot.nextcall.schedule()
