"""The order in which hosts are served."""

import heapq
from itertools import count


class HostQueue:
    """Hosts by the time they are due; the one that has waited longest comes first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, str]] = []
        self._due: dict[str, tuple[float, int]] = {}
        self._order = count()

    def __len__(self) -> int:
        return len(self._due)

    def offer(self, host: str, due: float) -> None:
        """Put ``host`` in at ``due``, or move it there; an equal time keeps its place."""
        if host in self._due and self._due[host][0] == due:
            return
        entry = (due, next(self._order))
        self._due[host] = entry
        heapq.heappush(self._heap, (*entry, host))

    def take(self, now: float) -> str | None:
        """Take out a host that is due, or None."""
        due = self.next_due()
        if due is None or due > now:
            return None
        host = heapq.heappop(self._heap)[2]
        del self._due[host]
        return host

    def next_due(self) -> float | None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
