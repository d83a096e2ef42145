"""A news site that is made up as it is asked for, and a log of every answer that went out whole."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.patience import PATIENCE_S

SECTION_SIZE = 20
MOVED_EVERY, GONE_EVERY = 10, 15
"""Every tenth article is linked by an address that redirects; each fifteenth has a neighbour that is gone."""
_WORDS = (
    "harbour",
    "council",
    "morning",
    "bridge",
    "letter",
    "engine",
    "winter",
    "station",
    "library",
    "river",
)


@dataclass(frozen=True, slots=True)
class Served:
    """An answer that went out whole: ``at`` is monotonic, in seconds."""

    url: str
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str = ""
    kind: str = "text/html; charset=utf-8"
    location: str | None = None


def pages_of(name: str, articles: int) -> dict[str, Answer]:
    """Every address of the site ``name``: half of the articles are in its sitemap, all are on its section pages."""
    numbers = range(articles)
    sections = [numbers[start : start + SECTION_SIZE] for start in range(0, articles, SECTION_SIZE)]
    listed = "".join(f"<url><loc>{{base}}{_path(n)}</loc></url>" for n in numbers[::2])
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    pages = {
        "/robots.txt": Answer(
            200, "User-agent: *\nDisallow: /private/\nSitemap: {base}/sitemap.xml\n", "text/plain"
        ),
        "/sitemap.xml": Answer(200, f'<urlset xmlns="{namespace}">{listed}</urlset>', "application/xml"),
        "/": _listing(name, [f"/section/{number}" for number in range(len(sections))]),
    }
    for number, section in enumerate(sections):
        gone = [f"/gone/{n}" for n in section if n % GONE_EVERY == 0]
        pages[f"/section/{number}"] = _listing(
            f"{name}, section {number}", [*map(_link, section), *gone, "/private/x"]
        )
        pages |= {path: Answer(410, "<p>Gone.</p>") for path in gone}
    for n in numbers:
        pages[_path(n)] = Answer(200, _article(name, n))
        if n % MOVED_EVERY == 0:
            pages[_link(n)] = Answer(301, location=_path(n))
    return pages


def _path(number: int) -> str:
    return f"/2026/11/{number % 28 + 1:02}/story-number-{number}.html"


def _link(number: int) -> str:
    return f"/moved/{number}" if number % MOVED_EVERY == 0 else _path(number)


def _listing(title: str, paths: Sequence[str]) -> Answer:
    links = "".join(f'<li><a href="{path}">About {path.strip("/")}</a></li>' for path in paths)
    return Answer(
        200, f"<html><head><title>{title}</title></head><body><h1>{title}</h1><ul>{links}</ul></body></html>"
    )


def _article(name: str, number: int) -> str:
    words = random.Random(f"{name} {number}")
    paragraphs = "".join(
        f"<p>{' '.join(words.choices(_WORDS, k=60)).capitalize()}, as the {name} reported.</p>"
        for _ in range(4)
    )
    title = f"Story number {number} of the {name}"
    head = f'<title>{title}</title><meta property="og:type" content="article">'
    body = f"<article><h1>{title}</h1><p>By Ada Marsh</p>{paragraphs}</article>"
    return f'<html lang="en"><head>{head}</head><body>{body}</body></html>'


class GeneratedSite:
    """``hosts`` sites of ``articles`` articles each, on ports of their own, which are hosts to the crawler.

    ``on_served`` is called in the server's thread after each whole answer, with the number of answers so far.
    A context manager.
    """

    def __init__(self, articles: int, hosts: int = 3) -> None:
        self.log: list[Served] = []
        self.on_served: Callable[[int], None] = lambda _: None
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        self._connections = 0
        self._servers = [self._server(f"Gazette {number}", articles) for number in range(hosts)]
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            for server in self._servers
        ]

    def _server(self, name: str, articles: int) -> "_Server":
        server = _Server(("127.0.0.1", 0), _Handler)
        server.site, server.pages = self, pages_of(name, articles)
        server.base = f"http://127.0.0.1:{server.server_address[1]}"
        return server

    @property
    def seeds(self) -> list[str]:
        return [f"{server.base}/" for server in self._servers]

    @property
    def addresses(self) -> dict[str, int]:
        """The status that each address answers with, but for what robots.txt keeps from crawlers."""
        return {
            server.base + path: answer.status
            for server in self._servers
            for path, answer in server.pages.items()
        }

    def served(self, url: str) -> None:
        with self._lock:
            self.log.append(Served(url, time.monotonic()))
            count = len(self.log)
        self.on_served(count)

    def connections(self, change: int) -> None:
        with self._quiet:
            self._connections += change
            self._quiet.notify_all()

    def wait_until_quiet(self) -> None:
        """Until no crawler is connected: from then on the log does not grow."""
        with self._quiet:
            if not self._quiet.wait_for(lambda: self._connections == 0, PATIENCE_S):
                raise AssertionError(f"{self._connections} connections stay open")

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: GeneratedSite
    pages: dict[str, Answer]
    base: str

    def handle_error(self, *_: object) -> None:
        """A crawler that was killed leaves its connections; that is what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.site.connections(+1)

    def finish(self) -> None:
        super().finish()
        self.server.site.connections(-1)

    def do_GET(self) -> None:
        answer = self.server.pages.get(self.path, Answer(404, "<p>Not found.</p>"))
        body = answer.body.replace("{base}", self.server.base).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)
        self.server.site.served(self.server.base + self.path)

    def log_message(self, *_: object) -> None:
        pass
