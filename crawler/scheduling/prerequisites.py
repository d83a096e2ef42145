"""robots.txt as a host's prerequisite: which origins' rules are known, who waits for which answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from archive.capture import Discovery
from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Target
from crawler.scheduling.robots import REDIRECT_LIMIT, SIZE_LIMIT, VALID_S, RobotsRules, origin_of, rules_of

PRIORITY = 1 << 30
"""Above every other target: what a host waits for comes first."""
ORIGINS_HELD = 10_000
"""Origins whose parsed rules are held in memory; the others' are read again from the state file."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class _Chain:
    """The redirects that one origin's robots.txt has led through, and the host that waits for its end."""

    host: str
    seen: list[str] = field(default_factory=list)


class Prerequisites:
    """The rules of all origins, and the hosts of which nothing is leased until their robots.txt has answered."""

    def __init__(
        self, frontier: Frontier, host_key: Callable[[str], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._frontier, self._host_key, self._clock = frontier, host_key, clock
        self._rules: dict[str, tuple[RobotsRules, float]] = {}
        self._chains: dict[str, _Chain] = {}
        self._waiting: dict[str, str] = {}

    def rules(self, url: str) -> RobotsRules | None:
        """The rules in force for ``url``; None while they are not known, or are older than a day."""
        origin = self._origin(url)
        held = self._rules.get(origin)
        if held and self._clock() < held[1]:
            return held[0]
        kept = self._frontier.robots(origin)
        if kept and 0 <= kept[2] < VALID_S:
            return self._hold(origin, rules_of(kept[0], kept[1]), VALID_S - kept[2])
        return None

    def text(self, url: str) -> bytes:
        """The robots.txt that rules ``url``; empty where there is none, or its answer is not known."""
        kept = self._frontier.robots(self._origin(url))
        return kept[1] if kept and 200 <= kept[0] < 300 else b""

    def awaited(self, host: str) -> bool:
        """Whether ``host`` waits for a robots.txt."""
        return host in self._waiting

    def ask(self, target: Target) -> None:
        """Let the host of ``target`` wait, and make the robots.txt of its origin the next to be fetched."""
        origin = self._origin(target.url)
        host = self._host_key(target.url)
        self._waiting[host] = origin
        self._chains[origin] = _Chain(host)
        self._follow(origin, f"{origin}/robots.txt", target, "P")

    def answered(self, target: Target, status: int, payload: bytes, location: str | None) -> set[str]:
        """Take the answer to ``target``, a robots.txt; returns the hosts that need wait no longer."""
        free: set[str] = set()
        for origin in self._origins(target.url):
            onward = urljoin(target.url, location) if status in REDIRECTS and location else None
            known = self._known_elsewhere(onward, origin) if onward else None
            if known:
                free |= self._resolve(origin, *known)
            elif not (onward and self._follow(origin, onward, target, "R")):
                free |= self._resolve(origin, status, payload)
        return free

    def unreachable(self, target: Target) -> set[str]:
        """``target``, a robots.txt, could not be had; returns the hosts that waited for it, for which nothing is allowed."""
        origins = self._origins(target.url)
        return {host for origin in origins for host in self._released(origin)}

    def forget(self) -> None:
        """Let no host wait: each asks again."""
        self._waiting.clear()
        self._chains.clear()

    def _origin(self, url: str) -> str:
        return origin_of(url, self._host_key(url))

    def _origins(self, url: str) -> list[str]:
        """The origins whose robots.txt the answer of ``url`` is: those that were led here, or its own."""
        led = [origin for origin, chain in self._chains.items() if chain.seen[-1:] == [url]]
        own = self._origin(url)
        if own not in led and own not in self._chains and urlsplit(url).path == "/robots.txt":
            led.append(own)
        return led

    def _follow(self, origin: str, url: str, via: Target, hop: str) -> bool:
        """Fetch ``url`` for ``origin``; False where the chain ends: too long, in a circle, or not to be fetched."""
        chain = self._chains.setdefault(origin, _Chain(self._host_key(via.url)))
        chain.seen.append(url)
        if (
            len(chain.seen) > REDIRECT_LIMIT + 1
            or url in chain.seen[:-1]
            or not url.startswith(("http://", "https://"))
        ):
            return False
        discovery = Discovery(via=via.url, hops=via.discovery.hops + hop, source=via.source)
        renewed = self._frontier.renew(Target(url, "robots", via.depth, PRIORITY, via.source, discovery))
        return renewed or any(
            other.seen[-1:] == [url] for other in self._chains.values() if other is not chain
        )

    def _known_elsewhere(self, url: str, origin: str) -> tuple[int, bytes] | None:
        """The answer at hand when ``url`` is the robots.txt of another origin, whose rules are known."""
        other = self._origin(url)
        if urlsplit(url).path != "/robots.txt" or other == origin or self.rules(url) is None:
            return None
        kept = self._frontier.robots(other)
        return (kept[0], kept[1]) if kept else None

    def _resolve(self, origin: str, status: int, payload: bytes) -> set[str]:
        self._frontier.keep_robots(origin, status, payload[:SIZE_LIMIT])
        self._hold(origin, rules_of(status, payload), VALID_S)
        return self._released(origin)

    def _released(self, origin: str) -> set[str]:
        chain = self._chains.pop(origin, None)
        if chain is None or self._waiting.get(chain.host) != origin:
            return set()
        del self._waiting[chain.host]
        return {chain.host}

    def _hold(self, origin: str, rules: RobotsRules, seconds: float) -> RobotsRules:
        if len(self._rules) >= ORIGINS_HELD:
            self._rules.clear()
        self._rules[origin] = (rules, self._clock() + seconds)
        return rules
