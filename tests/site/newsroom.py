"""A news site whose pages a test may change while it is served, with validators, on any loopback address, and its log."""

import asyncio
import gzip
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Event, Thread
from typing import Self

_LIST = (
    "harbour council ferry winter market bridge archive river school budget orchard railway library museum garden "
    "hospital theatre quarry festival lighthouse committee engineer teacher fisherman baker printer"
)
WORDS = tuple(_LIST.split())


@dataclass(frozen=True)
class Page:
    """What an address answers. ``fields`` are further header fields; with ``tagged`` off there is no ETag."""

    body: bytes | str = b""
    media: str = "text/html; charset=utf-8"
    status: int = 200
    fields: Mapping[str, str] = field(default_factory=dict)
    tagged: bool = True

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    @property
    def etag(self) -> str | None:
        return f'"{sha256(self.data).hexdigest()[:12]}"' if self.tagged and self.status == 200 else None


@dataclass(frozen=True)
class Asked:
    """A request as the site saw it: when (monotonic), on which address, and what was answered."""

    at: float
    host: str
    path: str
    fields: Mapping[str, str]
    status: int


Find = Callable[[str, str], Page | None]
"""Finds the page of a host (without port) and path."""


class Newsroom:
    """Serves ``pages`` (a mapping by path, or a function of host and path) on loopback addresses, at a free port."""

    def __init__(self, pages: dict[str, Page] | Find, hosts: Sequence[str] = ("127.0.0.1",)) -> None:
        self.hosts = hosts
        self.pages: dict[str, Page] = pages if isinstance(pages, dict) else {}
        self._find: Find = (lambda _, path: self.pages.get(path)) if isinstance(pages, dict) else pages
        self.log: list[Asked] = []
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def url(self, path: str = "", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self, since: int = 0) -> list[str]:
        return [asked.path for asked in self.log[since:]]

    def statuses(self, since: int = 0) -> dict[str, int]:
        return {asked.path: asked.status for asked in self.log[since:]}

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        servers = []
        for host in self.hosts:
            server = await asyncio.start_server(self._answer_all, host, self.port, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            servers.append(server)
        self._ready.set()
        await self._end.wait()
        for each in (*servers, *self._open):
            each.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        host = writer.get_extra_info("sockname")[0]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(host, head.decode("latin-1")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, host: str, head: str) -> bytes:
        at = time.monotonic()
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        page = self._find(host, path) or Page("<p>There is no such page.", status=404)
        same = page.etag is not None and fields.get("if-none-match") == page.etag
        since = page.fields.get("Last-Modified")
        same = same or (page.etag is None and since is not None and fields.get("if-modified-since") == since)
        status = 304 if same else page.status
        self.log.append(Asked(at, host, path, fields, status))
        answer = {"ETag": page.etag} if page.etag else {}
        answer |= {} if same else {"Content-Type": page.media, "Content-Length": str(len(page.data))}
        answer |= page.fields
        text = f"HTTP/1.1 {status} Answer\r\n" + "".join(f"{n}: {v}\r\n" for n, v in answer.items())
        return f"{text}\r\n".encode("latin-1") + (b"" if same else page.data)


def article(
    number: int, *, edition: int = 1, head: str = "", fields: Mapping[str, str] | None = None
) -> Page:
    """An article with text of its own; another ``edition`` has another text."""
    title = f"{WORDS[number % len(WORDS)].title()} and {WORDS[(number // len(WORDS)) % len(WORDS)]} number {number}"
    paragraphs = "".join(f"<p>{_paragraph(number, part, edition)}</p>" for part in range(6))
    return Page(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">{head}</head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>",
        fields=fields or {},
    )


def _paragraph(number: int, part: int, edition: int) -> str:
    at = number * 31 + part * 7 + edition * 13
    names = [WORDS[(at + step * (part + 3)) % len(WORDS)] for step in range(9)]
    return (
        f"In report {number}.{part}.{edition} the {names[0]} and the {names[1]} asked the {names[2]} what had become of "
        f"the {names[3]}, because the {names[4]} had closed its doors to the {names[5]} on Tuesday. Nobody at the "
        f"{names[6]} could say, and the {names[7]} was told to wait until the {names[8]} met again in the spring."
    )


def front(links: list[str], head: str = "") -> Page:
    """A front page: teasers, no text of its own."""
    items = "".join(f'<li><a href="{link}">Teaser {number}</a></li>' for number, link in enumerate(links))
    return Page(
        f"<!doctype html><html><head><title>Front</title>{head}</head><body><ul>{items}</ul></body></html>"
    )


def sitemap(urls: list[str], *, zipped: bool = False) -> Page:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return _xml(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>', zipped=zipped
    )


def sitemap_index(urls: list[str]) -> Page:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>')


def feed(urls: list[str]) -> Page:
    items = "".join(
        f"<item><title>Entry {at}</title><link>{url}</link></item>" for at, url in enumerate(urls)
    )
    page = _xml(f'<rss version="2.0"><channel><title>Latest</title>{items}</channel></rss>')
    return replace(page, media="application/rss+xml")


def robots(*lines: str) -> Page:
    return Page("\n".join(lines) + "\n", "text/plain", tagged=False)


def _xml(text: str, *, zipped: bool = False) -> Page:
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return Page(gzip.compress(data, mtime=0), "application/gzip") if zipped else Page(data, "application/xml")
