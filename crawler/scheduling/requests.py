"""Scrapy requests and frontier targets: each as the other."""

import json
from base64 import b64decode, b64encode
from collections import deque
from itertools import count
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.request import request_from_dict

from archive.capture import Discovery
from crawler.frontier.targets import Lease, Target

SCRAPYS_OWN_META = frozenset({"depth", "is_start_request", "download_slot", "discovery"})
"""Keys of ``meta`` that a stored request does without: the frontier has them in columns."""
PAGE_KINDS = frozenset({"seed", "page"})
"""The kinds of target that spiders see, and that count against the limit of pages."""
SEED_PRIORITY = 900
_BYTES, _PAIRS = "bytes", "pairs"


class MemoryRequests:
    """Requests that cannot be durable, first come first served for each host. Their leases have negative ids."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Request]] = {}
        self._on_loan: dict[int, Request] = {}
        self._ids = count(-1, -1)

    def waiting(self) -> bool:
        return bool(self._waiting)

    def on_loan(self) -> bool:
        return bool(self._on_loan)

    def has(self, host: str) -> bool:
        return host in self._waiting

    def add(self, host: str, request: Request) -> None:
        self._waiting.setdefault(host, deque()).append(request)

    def lease(self, host: str) -> Lease:
        """A lease of the first request of ``host``, which has one."""
        request = self._waiting[host].popleft()
        if not self._waiting[host]:
            del self._waiting[host]
        last: Lease | None = request.meta.get("lease")
        failures = last.failures + 1 if last else 0
        found = request.meta.get("discovery") or Discovery()
        target = Target(request.url, depth=request.meta.get("depth", 0), source=found.source, discovery=found)
        lease = Lease(next(self._ids), target, host, failures + 1, failures)
        self._on_loan[lease.id] = request
        return lease

    def request(self, lease: Lease) -> Request | None:
        return self._on_loan.get(lease.id)

    def end(self, lease: Lease, *, again: bool = False) -> bool:
        """End a lease, with the request back in the first place if ``again``; False for a lease of the frontier."""
        request = self._on_loan.pop(lease.id, None)
        if request and again:
            self._waiting.setdefault(lease.host, deque()).appendleft(request)
        return request is not None


def request_of(lease: Lease, spider: Spider) -> Request:
    """The request for a lease; its meta has the lease, its discovery and the host as download slot.

    Pages go to the spider's ``parse``, unless its own stored request says otherwise; robots.txt, sitemaps and feeds go
    to no callback. Failures go to its ``errback``, if it has one. Raises ValueError for a URL that Scrapy refuses.
    """
    errback = getattr(spider, "errback", None)
    if lease.target.kind in PAGE_KINDS:
        return marked(_stored(lease.target, spider) or Request(lease.target.url, errback=errback), lease)
    return marked(Request(lease.target.url, callback=_no_callback, errback=errback), lease)


def _no_callback(_response: Response, **_: Any) -> None:
    """Scrapy gives an answer without callback to the spider's ``parse``: what serves discovery alone is not for it."""


def marked(request: Request, lease: Lease) -> Request:
    """``request`` with what the download handler and the committer look for in its meta."""
    depth = {"depth": lease.target.depth, "download_slot": lease.host}
    request.meta.update(depth, lease=lease, discovery=lease.target.discovery)
    return request


def target_of(request: Request, spider: Spider) -> Target | None:
    """The durable form of a spider's request, or None for one that can only live in memory.

    Durable are GET requests without body or ``dont_filter`` whose meta and arguments are plain data, and whose callbacks
    are methods of the spider.
    """
    if request.method != "GET" or request.body or request.dont_filter or request.cookies:
        return None
    try:
        stored = None if _is_plain(request) else _serialised(request, spider)
    except (TypeError, ValueError):
        return None
    seed = bool(request.meta.get("is_start_request"))
    discovery = request.meta.get("discovery") or Discovery(hops="" if seed else "L")
    return Target(
        url=request.url,
        kind="seed" if seed else "page",
        depth=int(request.meta.get("depth", 0)),
        priority=request.priority + (SEED_PRIORITY if seed else 0),
        source=discovery.source,
        discovery=discovery,
        request=stored,
    )


def _is_plain(request: Request) -> bool:
    extra = request.meta.keys() - SCRAPYS_OWN_META
    calls = request.callback or request.errback or request.cb_kwargs
    return not (extra or calls or request.headers or request.flags)


def _serialised(request: Request, spider: Spider) -> str:
    form = request.to_dict(spider=spider)
    form["meta"] = {key: value for key, value in form["meta"].items() if key not in SCRAPYS_OWN_META}
    return json.dumps(_packed(form), separators=(",", ":"))


def _stored(target: Target, spider: Spider) -> Request | None:
    if target.request is None:
        return None
    try:
        return request_from_dict(_unpacked(json.loads(target.request)), spider=spider)
    except ValueError:  # written by another spider: this one has no such method
        return None


def _packed(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {_BYTES: b64encode(value).decode()}
        case dict():
            return {_PAIRS: [[_packed(key), _packed(each)] for key, each in value.items()]}
        case list() | tuple():
            return [_packed(each) for each in value]
        case _:
            raise TypeError(f"{type(value).__name__} cannot be stored")


def _unpacked(value: Any) -> Any:
    match value:
        case {"bytes": text}:
            return b64decode(text)
        case {"pairs": pairs}:
            return {_unpacked(key): _unpacked(each) for key, each in pairs}
        case list():
            return [_unpacked(each) for each in value]
        case _:
            return value
