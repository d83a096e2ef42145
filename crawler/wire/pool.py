"""Idle connections, kept for a while to be used again."""

import asyncio
from collections import OrderedDict

from crawler.wire.channel import Channel
from crawler.wire.connect import Route

IDLE_S = 30.0
"""How long an idle connection is kept, in seconds."""
MAX_IDLE = 256
"""Most idle connections kept over all servers; the oldest are closed first."""


class Pool:
    """At most one exchange at a time uses a channel: who takes it owns it until it is given back."""

    def __init__(self, idle_s: float, max_idle: int) -> None:
        self._idle_s, self._max_idle = idle_s, max_idle
        self._idle: OrderedDict[Channel, tuple[Route, asyncio.TimerHandle]] = OrderedDict()

    def take(self, route: Route) -> Channel | None:
        """The connection of ``route`` used last, if it still lives."""
        for channel in [kept for kept, (its_route, _) in reversed(self._idle.items()) if its_route == route]:
            self._forget(channel)
            if channel.quiet:
                return channel
            channel.abort()
        return None

    def give(self, route: Route, channel: Channel) -> None:
        timer = asyncio.get_running_loop().call_later(self._idle_s, self._expire, channel)
        self._idle[channel] = (route, timer)
        if len(self._idle) > self._max_idle:
            self._expire(next(iter(self._idle)))

    def close(self) -> None:
        for channel in list(self._idle):
            self._expire(channel)

    def _expire(self, channel: Channel) -> None:
        self._forget(channel)
        channel.abort()

    def _forget(self, channel: Channel) -> None:
        _, timer = self._idle.pop(channel)
        timer.cancel()
