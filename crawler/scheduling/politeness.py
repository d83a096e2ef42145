"""When a host may be asked again: one place for its floor, crawl-delay, latency, Retry-After, back-off and budget.

Pure: the caller tells what happened and when; nothing here waits, reads a clock of its own, or knows of requests.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY_STATUSES = frozenset({429, 503})
"""The host asks for fewer requests (RFC 6585, section 4; RFC 9110, section 15.6.4)."""
LATENCY_WEIGHT = 0.5
"""Weight of the newest measurement in a host's latency."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """The limits of one host, all but ``connections`` and the counts in seconds.

    ``delay``: the floor between two requests. ``crawl_delay_max``: the longest crawl-delay that is held; a longer one is
    cut to it. ``latency_factor``: the delay is at least this many times the host's time to the first byte, up to
    ``latency_max``. ``backoff``: the first pause after 429 or 503, doubled each time, up to ``backoff_max``. A Retry-After
    longer than ``retry_after_max`` gives the host up, as do ``busy_limit`` answers of 429 or 503 in a row and
    ``failure_limit`` requests in a row without an answer. ``budget``: requests of one run, None for no limit.
    """

    delay: float = 1.0
    connections: int = 1
    crawl_delay_max: float = 300.0
    latency_factor: float = 1.0
    latency_max: float = 30.0
    backoff: float = 5.0
    backoff_max: float = 600.0
    retry_after_max: float = 3600.0
    busy_limit: int = 5
    failure_limit: int = 10
    budget: int | None = None


@dataclass(slots=True)
class _Host:
    last: float = -math.inf
    """When its server surely had the last request."""
    started: float = -math.inf
    before: float = -math.inf
    """What ``last`` was when the request started."""
    paused_until: float = -math.inf
    active: int = 0
    spent: int = 0
    busy: int = 0
    failures: int = 0
    latency: float = 0.0
    delay: float | None = None
    crawl_delay: float = 0.0
    given_up: str | None = None


class Politeness:
    """The spacing of every host. Times are of the monotonic ``clock``, in seconds; ``now`` gives the date of day (UTC).

    With one connection a host (the default) no two requests reach its server closer than the delay: the next may
    start at the earliest a delay after the first byte of the last answer, by which time the server had its request.
    With more connections spacing is between starts, as far as the network keeps it.
    """

    def __init__(
        self,
        spacing: Spacing,
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spacing, self._clock, self._now = spacing, clock, now
        self._hosts: dict[str, _Host] = {}

    def next_due(self, host: str) -> float:
        """When the next request to ``host`` may start; infinity while its connections are in use, or it is given up."""
        known = self._hosts.get(host)
        if known is None:
            return -math.inf
        if known.given_up or known.active >= self._spacing.connections:
            return math.inf
        return max(known.last + self._delay(known), known.paused_until)

    def given_up(self, host: str) -> str | None:
        """Why ``host`` is asked for nothing more in this run, or None."""
        known = self._hosts.get(host)
        return known.given_up if known else None

    def delay(self, host: str) -> float:
        """The spacing now in force for ``host``, in seconds, pauses apart."""
        return self._delay(self._hosts.get(host) or _Host())

    def set_delay(self, host: str, seconds: float) -> None:
        """Give ``host`` a floor of its own."""
        self._known(host).delay = seconds

    def set_crawl_delay(self, host: str, seconds: float | None) -> None:
        """Hold the crawl-delay of the host's robots.txt, counted from its last request on."""
        self._known(host).crawl_delay = min(seconds or 0.0, self._spacing.crawl_delay_max)

    def give_up(self, host: str, reason: str) -> None:
        """Ask ``host`` for nothing more in this run."""
        self._known(host).given_up = reason

    @property
    def longest_pause(self) -> float:
        """A host that asks for a longer one, in seconds, is given up."""
        return self._spacing.retry_after_max

    def is_active(self, host: str) -> bool:
        """Whether a request to ``host`` is under way."""
        known = self._hosts.get(host)
        return known is not None and known.active > 0

    def last_and_due(self, host: str) -> tuple[float, float]:
        """When ``host`` was last asked, and when it lets anyone ask again: our own floor, and giving up, left aside."""
        known = self._hosts.get(host) or _Host()
        return known.last, max(known.last + self._owed(known), known.paused_until)

    def owed(self, host: str) -> float:
        """The spacing, in seconds, that is due to ``host`` itself: its crawl-delay, its latency."""
        return self._owed(self._hosts.get(host) or _Host())

    def started(self, host: str) -> None:
        """A request to ``host`` starts now."""
        known = self._known(host)
        known.before = known.last
        known.last = known.started = self._clock()
        known.active += 1
        known.spent += 1
        if self._spacing.budget is not None and known.spent >= self._spacing.budget:
            known.given_up = known.given_up or "budget"

    def withdrawn(self, host: str) -> None:
        """The request that was started never reached the network."""
        known = self._known(host)
        known.active = max(0, known.active - 1)
        known.spent -= 1
        known.given_up = None if known.given_up == "budget" else known.given_up
        if known.last == known.started:
            known.last = known.before

    def finished(
        self,
        host: str,
        first_byte_at: float | None,
        finished_at: float,
        status: int | None,
        retry_after: str | None = None,
    ) -> None:
        """The request ended at ``finished_at``, its answer having begun at ``first_byte_at``, if any byte came."""
        known = self._known(host)
        known.active = max(0, known.active - 1)
        known.last = max(known.last, finished_at if first_byte_at is None else first_byte_at)
        if first_byte_at is not None:
            measured = first_byte_at - known.started
            known.latency += LATENCY_WEIGHT * (measured - known.latency)
        known.failures = known.failures + 1 if status is None else 0
        if known.failures >= self._spacing.failure_limit:
            known.given_up = known.given_up or "unreachable"
        self._heed(known, status, retry_after, finished_at)

    def failed(self, host: str, reason: str) -> None:
        """The request ended now without an answer."""
        self.finished(host, None, self._clock(), None)
        known = self._known(host)
        if known.given_up == "unreachable":
            known.given_up = reason

    def _delay(self, known: _Host) -> float:
        floor = self._spacing.delay if known.delay is None else known.delay
        return max(floor, self._owed(known))

    def _owed(self, known: _Host) -> float:
        patience = min(self._spacing.latency_factor * known.latency, self._spacing.latency_max)
        return max(known.crawl_delay, patience)

    def _known(self, host: str) -> _Host:
        known = self._hosts.get(host)
        if known is None:
            known = self._hosts[host] = _Host()
        return known

    def _heed(self, known: _Host, status: int | None, retry_after: str | None, at: float) -> None:
        if status is None:
            return
        asked = parse_retry_after(retry_after, self._now()) if status >= 300 and retry_after else None
        pause = asked or 0.0
        if status in BUSY_STATUSES:
            known.busy += 1
            if asked is None or known.busy > 1:
                pause = max(pause, self._backoff(known.busy))
            if known.busy >= self._spacing.busy_limit:
                known.given_up = known.given_up or f"status {status}"
        else:
            known.busy = 0
        if pause > self._spacing.retry_after_max:
            known.given_up = known.given_up or "retryAfter"
        known.paused_until = max(known.paused_until, at + pause)

    def _backoff(self, times: int) -> float:
        return min(self._spacing.backoff_max, self._spacing.backoff * 2.0 ** min(times - 1, 60))


def parse_retry_after(value: str, now: datetime) -> float | None:
    """The seconds that Retry-After asks for (RFC 9110, section 10.2.3), in either form; None when it is neither.

    A date without a zone is read as UTC; one in the past asks for nothing.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:18])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
