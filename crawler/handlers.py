"""Scrapy's download handler over the wire: each exchange is stored before anyone sees its response."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Protocol, Self, TypeVar
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.capture import Exchange
from archive.http import Payload, decode_payload
from crawler.settings import Options
from crawler.wire import Fetched, Wire, WireRequest

NO_STATUS = 0
"""The status of a response without a status line (HTTP/0.9, or no HTTP at all)."""

_FIRST_HEADERS = (
    b"User-Agent",
    b"From",
    b"Accept",
    b"Accept-Language",
    b"Accept-Encoding",
    b"If-None-Match",
    b"If-Modified-Since",
)
Limit = TypeVar("Limit", int, float)

_wires: WeakKeyDictionary[Crawler, Wire] = WeakKeyDictionary()


class Recorder(Protocol):
    """Where exchanges are stored."""

    def record(self, exchange: Exchange, request: Request) -> object:
        """Store ``exchange`` for good before returning; its ``response`` file is closed afterwards.

        ``request.meta["fetched"]`` is its `crawler.wire.Fetched`. What is returned becomes ``meta["capture"]``.
        """
        ...


def wire_of(crawler: Crawler) -> Wire:
    """The wire that all requests of ``crawler`` go over. Closing it gives up the exchanges under way (Interrupted)."""
    if crawler not in _wires:
        options = Options.from_scrapy(crawler.settings)
        _wires[crawler] = Wire(allow_private=options.allow_private, verify=options.verify_certificates)
    return _wires[crawler]


class ArchivingHandler(BaseDownloadHandler):
    """Fetches over the wire, hands the exchange to ``crawler.recorder``, and only then answers.

    Reads of ``request.meta``: ``discovery`` (archive.capture.Discovery), ``proxy`` (an http:// URL), and within the
    options' own limits ``download_timeout`` (seconds) and ``download_maxsize`` (bytes). Sets ``capture`` (what the
    recorder returned), ``fetched`` (crawler.wire.Fetched) and ``download_latency`` (seconds). Raises
    crawler.wire.WireError, with its ``reason``, when nothing of a response came; what came in part is a response with
    the flag ``truncated``.
    """

    lazy = True

    def __init__(self, crawler: Crawler, options: Options, recorder: Recorder) -> None:
        super().__init__(crawler)
        self._options = options
        self._recorder = recorder
        self._wire = wire_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder = getattr(crawler, "recorder", None)
        if recorder is None:
            raise NotConfigured(
                "nothing is fetched without an archive: set crawler.recorder before the crawl starts"
            )
        return cls(crawler, Options.from_scrapy(crawler.settings), recorder)

    async def download_request(self, request: Request) -> Response:
        fetched = await self._wire.fetch(self._wire_request(request), request.meta.get("discovery"))
        with fetched.exchange.response:
            request.meta["fetched"] = fetched
            request.meta["download_latency"] = fetched.latency_s
            request.meta["capture"] = self._recorder.record(fetched.exchange, request)
            payload = _payload(fetched, self._options.max_payload_size)
        return _response(request, fetched, payload)

    async def close(self) -> None:
        await self._wire.close()

    def _wire_request(self, request: Request) -> WireRequest:
        meta = request.meta
        return WireRequest(
            url=request.url,
            method=request.method,
            headers=list(_ordered(request.headers)),
            body=request.body,
            proxy=meta.get("proxy", self._options.proxy),
            timeout_s=_least(meta.get("download_timeout"), self._options.timeout),
            max_size=_least(meta.get("download_maxsize"), self._options.max_response_size),
        )


def _least(asked: Limit | None, most: Limit) -> Limit:
    """A request's own limit within that of the options: Scrapy gives every request its DOWNLOAD_TIMEOUT."""
    return min(asked, most) if asked else most


def _ordered(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """The fields that every request has first, in the order that browsers send them; then the others."""
    names: list[bytes] = list(headers.keys())
    first = [name for name in _FIRST_HEADERS if name in names]
    for name in [*first, *(name for name in names if name not in first)]:
        for value in headers.getlist(name):
            yield name, value


def _payload(fetched: Fetched, limit: int) -> Payload:
    file = fetched.exchange.response
    if fetched.head is None:
        file.seek(0)
        return Payload(file.read(limit), complete=False, problem=fetched.problem, codings=())
    file.seek(fetched.head.size)
    return decode_payload(fetched.head, file, limit=limit)


def _response(request: Request, fetched: Fetched, payload: Payload) -> Response:
    """The response as Scrapy's own handlers give it after decompression."""
    headers, exchange, head = _headers(fetched, payload), fetched.exchange, fetched.head
    kind: Any = responsetypes.from_args(headers=headers, url=request.url, body=payload.data)
    response: Response = kind(
        url=request.url,
        status=head.status if head else NO_STATUS,
        headers=headers,
        body=payload.data,
        flags=["truncated"] if _is_truncated(request, fetched, payload) else [],
        request=request,
        ip_address=ip_address(exchange.ip) if exchange.ip else None,
        protocol=exchange.protocols[0].upper(),
    )
    return response


def _is_truncated(request: Request, fetched: Fetched, payload: Payload) -> bool:
    return bool(fetched.exchange.truncated) or (request.method != "HEAD" and not payload.complete)


def _headers(fetched: Fetched, payload: Payload) -> Headers:
    headers = Headers()
    for name, value in fetched.head.fields if fetched.head else ():
        headers.appendlist(name, value)
    if payload.codings:
        headers[b"Content-Encoding"] = [coding.encode("latin-1") for coding in payload.remaining]
        if not payload.remaining:
            del headers[b"Content-Encoding"]
    return headers
