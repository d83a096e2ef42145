"""Looking at a site outside a crawl: single addresses, one after another, as politely as a crawl fetches them.

What is fetched goes the crawl's way: over the wire, into a WARC (a temporary one), and through a worker.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from archive.capture import Discovery
from archive.collection import Collection
from archive.entries import Examination
from archive.extraction.pool import WorkerPool
from archive.http import decode_payload
from archive.outcome import Kind
from archive.warc.writer import WarcWriter
from crawler.scheduling.politeness import Politeness, Spacing
from crawler.scheduling.robots import SIZE_LIMIT, RobotsRules, origin_of, product_token, rules_of
from crawler.scheduling.shared import SharedHosts, hosts_file
from crawler.settings import Options
from crawler.urls.identity import host_key
from crawler.wire import Fetched, Wire, WireRequest
from crawler.wire.errors import WireError

REDIRECT_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What an address answered, redirects followed; ``problem`` says why there is no ``examination``."""

    url: str
    examination: Examination | None
    problem: str | None = None


class Scout:
    """Fetches for a person who waits: one request at a time, robots.txt obeyed, each host spaced. An async context."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._token = product_token(options.agent())
        self._politeness = Politeness(Spacing(delay=options.delay), time.monotonic)
        self._rules: dict[str, tuple[RobotsRules, Seen]] = {}

    async def __aenter__(self) -> Self:
        options = self._options
        self._stack = ExitStack()
        collection = Collection.create(Path(self._stack.enter_context(TemporaryDirectory(prefix="palmyra-"))))
        limits = {
            "time_limit_s": options.worker_time_limit,
            "memory_limit_bytes": options.worker_memory_limit,
        }
        self._pool = self._stack.enter_context(WorkerPool(1, **limits))  # type: ignore[arg-type]
        self._writer = self._stack.enter_context(
            WarcWriter(collection.archive, prefix="look", hostname="localhost", info={})
        )
        self._collection = collection
        self._shared = SharedHosts(hosts_file(options.hosts_file))
        self._stack.callback(self._shared.close)
        self._wire = Wire(allow_private=options.allow_private, verify=options.verify_certificates)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.close()
        self._stack.close()

    async def look(self, url: str) -> Seen:
        """Fetch ``url`` unless robots.txt forbids it. Raises ArchiveError where nothing can be written."""
        for _ in range(REDIRECT_LIMIT + 1):
            rules, _answer = await self._robots(url)
            if not rules.allows(url, self._token):
                return Seen(url, None, "robotsTxt")
            self._politeness.set_crawl_delay(host_key(url), rules.crawl_delay(self._token))
            seen, _status, _payload = await self._fetch(url)
            if seen.examination is None or seen.examination.outcome.kind is not Kind.REDIRECT:
                return seen
            url = seen.examination.outcome.links[0].url
        return Seen(url, None, "redirectLimit")

    async def robots(self, url: str) -> Seen:
        """What the robots.txt that rules ``url`` answered."""
        return (await self._robots(url))[1]

    async def _robots(self, url: str) -> tuple[RobotsRules, Seen]:
        origin = origin_of(url, host_key(url))
        if origin not in self._rules:
            self._rules[origin] = await self._ask_rules(f"{origin}/robots.txt")
        return self._rules[origin]

    async def _ask_rules(self, url: str) -> tuple[RobotsRules, Seen]:
        status, payload, seen = None, b"", Seen(url, None)
        for _ in range(REDIRECT_LIMIT + 1):
            seen, status, payload = await self._fetch(url)
            if seen.examination is None or seen.examination.outcome.kind is not Kind.REDIRECT:
                break
            url = seen.examination.outcome.links[0].url
        return rules_of(status, payload), seen

    async def _fetch(self, url: str) -> tuple[Seen, int | None, bytes]:
        """One exchange: what was seen, its status, and of a robots.txt the payload."""
        host = host_key(url)
        if not await self._turn(host):
            return Seen(url, None, "retryAfter"), None, b""
        self._politeness.started(host)
        try:
            return await self._exchange(url, host)
        finally:
            self._shared.leave(host, *self._politeness.last_and_due(host))

    async def _turn(self, host: str) -> bool:
        """Wait until ``host`` may be asked; False where that is too long."""
        politeness = self._politeness
        due: float | None = politeness.next_due(host)
        while due is not None:
            wait = due - time.monotonic()
            if wait > politeness.longest_pause:
                return False
            await asyncio.sleep(max(0.0, wait))
            due = self._shared.take(host, politeness.delay(host), politeness.owed(host))
        return True

    async def _exchange(self, url: str, host: str) -> tuple[Seen, int | None, bytes]:
        try:
            fetched = await self._wire.fetch(self._request(url), Discovery())
        except WireError as error:
            self._politeness.failed(host, error.reason)
            return Seen(url, None, str(error)), None, b""
        with fetched.exchange.response:
            status = fetched.head.status if fetched.head else None
            self._politeness.finished(host, fetched.first_byte_at, fetched.finished_at, status)
            return Seen(url, await self._examined(fetched)), status, _robots_payload(fetched)

    async def _examined(self, fetched: Fetched) -> Examination:
        written = self._writer.write(fetched.exchange)
        path = self._collection.warc_path(written.ref.file)
        return await asyncio.wrap_future(self._pool.submit(path, written.ref.offset))

    def _request(self, url: str) -> WireRequest:
        options = self._options
        fields: Mapping[str, str] = {"User-Agent": options.agent()} | options.for_scrapy()[
            "DEFAULT_REQUEST_HEADERS"
        ]
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
        return WireRequest(
            url,
            headers=headers,
            proxy=options.proxy,
            timeout_s=options.timeout,
            max_size=options.max_response_size,
        )


def _robots_payload(fetched: Fetched) -> bytes:
    if fetched.head is None or not fetched.exchange.url.endswith("/robots.txt"):
        return b""
    fetched.exchange.response.seek(fetched.head.size)
    return decode_payload(fetched.head, fetched.exchange.response, limit=SIZE_LIMIT + 1).data
