"""What a crawl may do: its knobs as plain values, taken once from Scrapy's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crawler.scheduling.politeness import Spacing
from crawler.scheduling.robots import product_token
from crawler.scheduling.shared import hosts_file

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Answers that another try may better (RFC 9110, section 15; 52x are a well-known CDN's)."""

DEFAULT_USER_AGENT = "palmyra"


@dataclass(frozen=True, slots=True)
class CrawlPolicy:
    """Limits and manners of a crawl; times in seconds.

    ``delay``: least spacing of a host. ``connections``: to one host at once. ``max_tries``: of a URL in one run.
    ``retry_delay``: before the second try, doubled for each further one. ``depth``: most links followed by the
    requests of ordinary spiders. ``limit``: pages fetched before the crawl stops; ``time_limit`` likewise.
    ``host_budget``: requests to one host in a run; ``day_requests`` and ``day_bytes``: in a day (UTC). ``unruly_sources``:
    sources for which robots.txt is ignored, "" for targets of none. ``source_agents``: the user agents of sources that
    have one of their own. ``hosts_file``: where all crawls on this machine
    keep the spacing of hosts together.
    """

    user_agent: str = DEFAULT_USER_AGENT
    delay: float = 1.0
    connections: int = 1
    max_tries: int = 3
    retry_delay: float = 5.0
    depth: int | None = None
    limit: int | None = None
    time_limit: float | None = None
    host_budget: int | None = None
    day_requests: int | None = None
    day_bytes: int | None = None
    hosts_file: Path | None = None
    unruly_sources: frozenset[str] = frozenset()
    source_agents: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Any) -> Self:
        """Read Scrapy's USER_AGENT and the settings named PALMYRA_…; what is not set keeps its default."""
        given = {
            "delay": settings.get("PALMYRA_DELAY"),
            "connections": settings.get("PALMYRA_CONNECTIONS"),
            "max_tries": settings.get("PALMYRA_TRIES"),
            "retry_delay": settings.get("PALMYRA_RETRY_DELAY"),
            "depth": settings.get("PALMYRA_DEPTH"),
            "limit": settings.get("PALMYRA_LIMIT"),
            "time_limit": settings.get("PALMYRA_TIME_LIMIT"),
            "host_budget": settings.get("PALMYRA_HOST_BUDGET"),
            "day_requests": settings.get("PALMYRA_HOST_DAY_REQUESTS"),
            "day_bytes": settings.get("PALMYRA_HOST_DAY_BYTES"),
        }
        whole = {"connections", "max_tries", "depth", "limit", "host_budget", "day_requests", "day_bytes"}
        values = {
            name: int(value) if name in whole else float(value)
            for name, value in given.items()
            if value is not None
        }
        return cls(
            user_agent=settings.get("USER_AGENT") or DEFAULT_USER_AGENT,
            unruly_sources=frozenset(settings.getlist("PALMYRA_UNRULY_SOURCES")),
            source_agents=settings.getdict("PALMYRA_SOURCE_AGENTS"),
            hosts_file=hosts_file(settings.get("PALMYRA_HOSTS_FILE")),
            **values,  # type: ignore[arg-type]
        )

    def spacing(self) -> Spacing:
        return Spacing(delay=self.delay, connections=self.connections, budget=self.host_budget)

    def token(self, source: str | None) -> str:
        """The product token by which robots.txt names whoever fetches for ``source``."""
        return product_token(self.source_agents.get(source or "", self.user_agent))

    def obeys(self, source: str | None) -> bool:
        """Whether robots.txt is obeyed for a target of ``source``."""
        return (source or "") not in self.unruly_sources
