"""Whose turn it is: hosts as their spacing, their budgets and the other crawls on this machine let them be asked."""

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from crawler.scheduling.daybudgets import DayBudgets
from crawler.scheduling.hostqueue import HostQueue
from crawler.scheduling.politeness import Politeness
from crawler.scheduling.shared import SharedHosts


@dataclass(frozen=True, slots=True)
class Answer:
    """How a host answered: times are monotonic, in seconds; ``received`` bytes came."""

    status: int | None
    first_byte_at: float | None
    finished_at: float
    retry_after: str | None = None
    received: int = 0


class Turns:
    """Hosts with something to fetch, by the time they are due.

    Each that `take` returns is held against other crawls, until `leave` or `ended`. ``give_up`` hears of hosts that are asked for
    nothing more, with the reason.
    """

    def __init__(
        self,
        politeness: Politeness,
        clock: Callable[[], float],
        shared: SharedHosts,
        budgets: DayBudgets,
        give_up: Callable[[str, str], None],
    ) -> None:
        self._politeness, self._clock, self._give_up = politeness, clock, give_up
        self._shared, self._budgets = shared, budgets
        self._queue = HostQueue()

    def __len__(self) -> int:
        return len(self._queue)

    def next_due(self) -> float | None:
        return self._queue.next_due()

    def offer(self, hosts: Iterable[str]) -> None:
        """Have each host asked when it is due."""
        for host in hosts:
            due = self._politeness.next_due(host)
            if due < math.inf:
                self._queue.offer(host, due)

    def take(self, most: int) -> list[str]:
        """At most so many hosts that may be asked now, those first that have waited longest."""
        taken: list[str] = []
        now = self._clock()
        while len(taken) < most and (host := self._queue.take(now)) is not None:
            due = self._politeness.next_due(host)
            if due <= now and (due := self._shared_due(host)) <= now:
                taken.append(host)
            elif due < math.inf:
                self._queue.offer(host, due)
        return taken

    def leave(self, hosts: Collection[str]) -> None:
        """Those of ``hosts`` that are not asked after all are free for others."""
        for host in hosts:
            if not self._politeness.is_active(host):
                self._shared.leave(host, *self._politeness.last_and_due(host))

    def started(self, host: str) -> None:
        """A request to ``host``, which was taken, starts now."""
        self._politeness.started(host)
        if self._budgets.asked(host):
            self._politeness.give_up(host, "budget")

    def withdrawn(self, host: str) -> None:
        """The request never reached the network."""
        self._politeness.withdrawn(host)
        self._budgets.asked(host, -1)
        self.leave([host])

    def ended(self, host: str, answer: Answer) -> None:
        """The request is over, with that answer."""
        self._politeness.finished(
            host, answer.first_byte_at, answer.finished_at, answer.status, answer.retry_after
        )
        if self._budgets.received(host, answer.received):
            self._politeness.give_up(host, "budget")
        self.leave([host])

    def failed(self, host: str, reason: str) -> None:
        """The request is over without an answer."""
        self._politeness.failed(host, reason)
        self.leave([host])

    def close(self) -> None:
        self._shared.close()

    def _shared_due(self, host: str) -> float:
        """When ``host``, which is due by our own count, may be asked by that of all; it is held where that is now."""
        if self._budgets.is_spent(host):
            self._give_up(host, "budget")
            return math.inf
        due = self._shared.take(host, self._politeness.delay(host), self._politeness.owed(host))
        if due is None:
            return -math.inf
        if due - self._clock() > self._politeness.longest_pause:
            self._give_up(host, "retryAfter")
            return math.inf
        return due
