"""Budgets of hosts for a day (UTC), counted in the state file over all of the day's runs."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol


class Spending(Protocol):
    """Where it is counted."""

    def spend(self, host: str, day: date, requests: int, size: int) -> tuple[int, int]:
        """Add to the requests and bytes of a host on a day; returns both sums."""
        ...


class DayBudgets:
    """The most ``requests`` to one host in a day, and the most bytes (``size``) of its answers; None: no limit."""

    def __init__(
        self,
        requests: int | None,
        size: int | None,
        spending: Spending,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._requests, self._size = requests, size
        self._spending, self._today = spending, today

    def is_spent(self, host: str) -> bool:
        """Whether ``host`` is to be asked for nothing more today. The last answer may exceed the budget of bytes."""
        return self._add(host, 0, 0)

    def asked(self, host: str, requests: int = 1) -> bool:
        """Count a request, or take one back; whether that leaves nothing."""
        return self._add(host, requests, 0)

    def received(self, host: str, size: int) -> bool:
        """Count the bytes of an answer; whether that leaves nothing."""
        return self._add(host, 0, size)

    def _add(self, host: str, requests: int, size: int) -> bool:
        if self._requests is None and self._size is None:
            return False
        asked, received = self._spending.spend(host, self._today(), requests, size)
        return _reached(asked, self._requests) or _reached(received, self._size)


def _reached(spent: int, budget: int | None) -> bool:
    return budget is not None and spent >= budget
