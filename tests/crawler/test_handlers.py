"""A real Scrapy crawl over the archiving handler, against a server that logs every byte."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import brotli
import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import HtmlResponse, Response, TextResponse
from twisted.python.failure import Failure

from archive.capture import Discovery, Exchange
from crawler.handlers import NO_STATUS
from crawler.wire import Fetched, WireError
from tests.site.raw import RawServer, Reply, response

SETTINGS = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.handlers.ArchivingHandler",
        "https": "crawler.handlers.ArchivingHandler",
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    },
    "DEFAULT_REQUEST_HEADERS": {
        "If-None-Match": '"x"',
        "X-Own": "1",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": "de",
        "Accept": "text/html",
        "From": "crawl@example.org",
    },
    "USER_AGENT": "palmyra/0",
    "HTTPERROR_ALLOW_ALL": True,
    "ROBOTSTXT_OBEY": False,
    "TWISTED_REACTOR_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "PALMYRA_ALLOW_PRIVATE": True,
}
PAGE = b"<!doctype html><title>Palmyra</title><p>" + "caf\u00e9 \u6f22\u5b57".encode()


@dataclass
class Memory:
    """A recorder that keeps what it is given, and in which order spider and recorder saw it."""

    exchanges: list[tuple[Exchange, bytes]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def record(self, exchange: Exchange, request: scrapy.Request) -> object:
        self.exchanges.append((exchange, exchange.response.read()))
        self.events.append(f"recorded {request.url}")
        return len(self.exchanges)


class Visitor(scrapy.Spider):
    name = "visitor"

    def __init__(self, requests: list[scrapy.Request], memory: Memory) -> None:
        super().__init__()
        self.requests, self.memory = requests, memory
        self.responses: list[Response] = []
        self.failures: list[Failure] = []

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for request in self.requests:
            yield request.replace(callback=self.parse, errback=self.fail, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> None:
        self.memory.events.append(f"parsed {response.url}")
        self.responses.append(response)

    def fail(self, failure: Failure) -> None:
        self.failures.append(failure)


def visit(*requests: scrapy.Request, recorder: bool = True, **settings: Any) -> tuple[Visitor, Memory]:
    memory = Memory()

    async def crawl() -> Visitor:
        crawler = AsyncCrawlerRunner({**SETTINGS, **settings}).create_crawler(Visitor)
        if recorder:
            crawler.recorder = memory  # type: ignore[attr-defined]
        await crawler.crawl_async(list(requests), memory)
        assert isinstance(crawler.spider, Visitor)
        return crawler.spider

    return asyncio.run(crawl()), memory


def test_an_ordinary_spider_gets_ordinary_responses() -> None:
    fields = [
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Encoding: gzip",
        b"Set-Cookie: a",
        b"set-cookie: b",
    ]
    with RawServer({"/page": response(gzip.compress(PAGE), *fields)}) as server:
        url = server.url("/page")
        spider, memory = visit(scrapy.Request(url))
        logged = server.exchanges
    (page,) = spider.responses
    assert isinstance(page, HtmlResponse)
    assert (page.status, page.url, page.protocol, str(page.ip_address)) == (200, url, "HTTP/1.1", "127.0.0.1")
    assert page.body == PAGE
    assert page.css("title::text").get() == "Palmyra"
    assert page.headers.getlist("Set-Cookie") == [b"a", b"b"]
    assert "Content-Encoding" not in page.headers
    assert page.flags == []
    assert [(exchange.request, data) for exchange, data in memory.exchanges] == logged


def test_the_exchange_is_recorded_before_the_spider_sees_it() -> None:
    with RawServer({"/": response(b"x")}) as server:
        spider, memory = visit(scrapy.Request(server.url("/")))
    assert memory.events == [f"recorded {server.url('/')}", f"parsed {server.url('/')}"]
    meta = spider.responses[0].meta
    assert meta["capture"] == 1
    assert isinstance(meta["fetched"], Fetched)
    assert meta["download_latency"] == meta["fetched"].latency_s
    assert memory.exchanges[0][0].response.closed


def test_headers_go_out_in_the_order_of_browsers() -> None:
    with RawServer({"/": response()}) as server:
        visit(scrapy.Request(server.url("/")))
        lines = server.exchanges[0][0].split(b"\r\n")
    assert [line.partition(b":")[0] for line in lines[1:-2]] == [
        b"Host",
        b"User-Agent",
        b"From",
        b"Accept",
        b"Accept-Language",
        b"Accept-Encoding",
        b"If-None-Match",
        b"X-Own",
    ]


def test_the_discovery_reaches_the_record() -> None:
    discovery = Discovery(via="http://a/feed", hops="M")
    with RawServer({"/": response()}) as server:
        _, memory = visit(scrapy.Request(server.url("/"), meta={"discovery": discovery}))
    assert memory.exchanges[0][0].discovery == discovery


def test_errors_and_redirects_are_responses() -> None:
    script = {
        "/moved": response(b"", b"Location: /", status=b"301 Moved"),
        "/gone": response(b"", status=b"410 Gone"),
    }
    with RawServer(script) as server:
        spider, memory = visit(*(scrapy.Request(server.url(path)) for path in script))
    assert {page.status for page in spider.responses} == {301, 410}
    assert len(memory.exchanges) == 2


def test_what_is_cut_short_is_flagged() -> None:
    script = {
        "/short": Reply(
            [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<p>half"], "close"
        ),
        "/broken": response(gzip.compress(PAGE)[:-4], b"Content-Type: text/html", b"Content-Encoding: gzip"),
        "/long": response(b"0123456789" * 10, b"Content-Type: text/plain"),
    }
    with RawServer(script) as server:
        requests = [scrapy.Request(server.url(path), meta={"download_maxsize": 90}) for path in script]
        requests[1].meta.clear()
        spider, memory = visit(*requests)
    bodies = {page.url.rpartition("/")[2]: page.body for page in spider.responses}
    assert all(page.flags == ["truncated"] for page in spider.responses)
    assert bodies["short"] == b"<p>half"
    assert bodies["broken"] == PAGE
    assert (b"0123456789" * 10).startswith(bodies["long"])
    truncated = {exchange.url.rpartition("/")[2]: exchange.truncated for exchange, _ in memory.exchanges}
    assert truncated == {"short": "disconnect", "broken": None, "long": "length"}


def test_bombs_are_stored_whole_and_decoded_to_the_limit() -> None:
    bomb = response(brotli.compress(bytes(10_000_000)), b"Content-Encoding: br")
    with RawServer({"/": bomb}) as server:
        spider, memory = visit(scrapy.Request(server.url("/")), PALMYRA_MAX_PAYLOAD_SIZE=1000)
    assert memory.exchanges[0][1] == bomb
    assert spider.responses[0].body == bytes(1000)
    assert spider.responses[0].flags == ["truncated"]


def test_unknown_codings_stay_named() -> None:
    with RawServer(
        {"/": response(b"\x1f\x9d\x90\x00lzw", b"Content-Type: text/html", b"Content-Encoding: compress")}
    ) as server:
        spider, _ = visit(scrapy.Request(server.url("/")))
    assert spider.responses[0].headers["Content-Encoding"] == b"compress"
    assert not isinstance(spider.responses[0], TextResponse)


def test_an_answer_without_status_line_is_recorded_too() -> None:
    with RawServer({"/": Reply([b"<html>HTTP/0.9"], "close")}) as server:
        spider, memory = visit(scrapy.Request(server.url("/")))
    assert (spider.responses[0].status, spider.responses[0].body) == (NO_STATUS, b"<html>HTTP/0.9")
    assert memory.exchanges[0][1] == b"<html>HTTP/0.9"


def test_a_head_request_is_whole_without_a_body() -> None:
    with RawServer({"/": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}) as server:
        spider, _ = visit(scrapy.Request(server.url("/"), method="HEAD"))
    assert (spider.responses[0].body, spider.responses[0].flags) == (b"", [])


def test_errbacks_read_the_reason() -> None:
    with RawServer({"/": Reply([], "close")}) as server:
        spider, memory = visit(scrapy.Request(server.url("/")))
        private, _ = visit(scrapy.Request(server.url("/")), PALMYRA_ALLOW_PRIVATE=False)
    reasons = [failure.value.reason for failure in [*spider.failures, *private.failures]]
    assert reasons == ["emptyResponse", "privateAddress"]
    assert all(isinstance(failure.value, WireError) for failure in spider.failures)
    assert memory.exchanges == []


def test_the_options_limit_the_time_of_every_request() -> None:
    with RawServer({"/": Reply([], "stall")}) as server:
        spider, _ = visit(scrapy.Request(server.url("/")), PALMYRA_TIMEOUT=0.2)
    assert [failure.value.reason for failure in spider.failures] == ["responseTimeout"]


def test_without_a_recorder_nothing_is_fetched() -> None:
    with RawServer({"/": response()}) as server:
        spider, _ = visit(scrapy.Request(server.url("/")), recorder=False)
        assert server.connections == []
    assert "set crawler.recorder before the crawl starts" in str(spider.failures[0].value)
