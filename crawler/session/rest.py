"""Sources at rest: nothing is asked of a source while its quiet hours last, also where they begin in mid-crawl."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from crawler.sources.declared import Source

MINUTE_S = 60.0


class Rest:
    """Looks at the beginning of each minute which of ``sources`` have quiet hours, and tells ``change`` when that changes."""

    def __init__(
        self,
        sources: Sequence[Source],
        change: Callable[[frozenset[str]], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sources = [source for source in sources if source.quiet_hours]
        self._change, self._now = change, now
        self._resting: frozenset[str] = frozenset()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Look now, and from now on; within a running event loop."""
        if not self._sources:
            return
        now = self._now()
        resting = frozenset(source.name for source in self._sources if source.is_quiet(now))
        if resting != self._resting:
            self._resting = resting
            self._change(resting)
        wait = MINUTE_S - now.timestamp() % MINUTE_S
        self._timer = asyncio.get_running_loop().call_later(wait, self.begin)

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()
