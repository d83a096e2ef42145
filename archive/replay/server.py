"""Two sites on loopback, the reading room and the archive, each on a host name and port of its own.

Cookies ignore ports, so another port alone would be no other site: the reading room is ``127.0.0.1``, the archive
``localhost``, and neither answers to the other's name, nor to any name that someone else's DNS may point here.
"""

import errno
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import ArchiveError
from archive.replay import policy
from archive.replay.exchange import Reply, Request, redirect, reply
from archive.replay.reading_room import ReadingRoom
from archive.replay.wayback import Wayback

ROOM_HOST, ARCHIVE_HOST = "127.0.0.1", "localhost"
LOOPBACK = "127.0.0.1"
IDLE_S = 30
"""How long a connection may stay open between two requests, or stall within one, in seconds."""
SEND_BYTES = 64 * 1024

_STATIC = {"/style.css": ("room.css", "text/css; charset=utf-8"), "/icon.svg": ("icon.svg", "image/svg+xml")}
_log = logging.getLogger(__name__)

Answer = Callable[[Request, Collection, Catalog], Reply]


class ServeError(ArchiveError):
    """A port that cannot be listened on."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two sites are served."""

    room: str
    archive: str


@contextmanager
def serving(collection: Collection, *, port: int, replay_port: int) -> Iterator[Addresses]:
    """Serve both sites from threads until the block ends; port 0 takes a free one. ServeError where a port is taken.

    The catalog is opened anew for each request, read-only: a crawl may write it meanwhile, and `palmyra extract` replace it.
    """
    with ExitStack() as stack:
        room = stack.enter_context(_listening(ROOM_HOST, port, "--port"))
        archive = stack.enter_context(_listening(ARCHIVE_HOST, replay_port, "--replay-port"))
        addresses = Addresses(room.origin, archive.origin)
        sites = (
            (room, ReadingRoom(archive.origin).answer),
            (archive, Wayback(archive.origin, room.origin).answer),
        )
        for server, answer in sites:
            server.collection, server.site_answer = collection, answer
            stack.enter_context(_running(server))
        yield addresses


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    collection: Collection
    site_answer: Answer

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        """Without the look-up of this machine's name that HTTPServer makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.server_address[1]}"

    @property
    def origin(self) -> str:
        return f"http://{self.authority}"

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        _log.debug("connection of %s broke off", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "palmyra", ""
    timeout = IDLE_S

    def do_GET(self) -> None:
        self._send(self._answer())

    do_HEAD = do_GET  # noqa: N815

    def _refuse(self) -> None:
        self.close_connection = True
        self._send(reply(405, "text/plain; charset=utf-8", b"Only GET and HEAD.\n", ("Allow", "GET, HEAD")))

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = _refuse  # noqa: N815

    def _answer(self) -> Reply:
        if refused := self._misdirected():
            return refused
        request = Request(self.path, {name.lower(): value for name, value in self.headers.items()})
        if request.path in _STATIC:
            name, media_type = _STATIC[request.path]
            return reply(200, media_type, _static(name))
        try:
            with Catalog.open(self.server.collection.catalog_path, readonly=True) as catalog:
                return self.server.site_answer(request, self.server.collection, catalog)
        except ArchiveError as error:
            return reply(503, "text/plain; charset=utf-8", f"{error}\n".encode())
        except Exception as error:
            _log.error("%s: %r", self.path, error)
            _log.debug("raised here", exc_info=True)
            return reply(500, "text/plain; charset=utf-8", b"This page failed; the log says how.\n")

    def _misdirected(self) -> Reply | None:
        """Names of this machine lead to the right one; any other may be an attacker's (DNS rebinding)."""
        host = (self.headers.get("Host") or "").lower()
        if host == self.server.authority:
            return None
        if host in {f"{name}:{self.server.server_address[1]}" for name in (ROOM_HOST, ARCHIVE_HOST)}:
            return redirect(f"{self.server.origin}{self.path}", status=307)
        return reply(421, "text/plain; charset=utf-8", f"This is {self.server.authority}.\n".encode())

    def _send(self, answer: Reply) -> None:
        with answer.body as body:
            self.send_response(answer.status)
            for name, value in policy.complete(answer.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.length))
            self.end_headers()
            if self.command != "HEAD":
                self._copy(body.read, answer.length)

    def _copy(self, read: Callable[[int], bytes], length: int) -> None:
        with suppress(ConnectionError):
            while length and (piece := read(min(length, SEND_BYTES))):
                self.wfile.write(piece)
                length -= len(piece)
        if length:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        _log.debug(format, *args)


@cache
def _static(name: str) -> bytes:
    return files("archive.replay").joinpath(name).read_bytes()


@contextmanager
def _listening(host: str, port: int, option: str) -> Iterator[_Server]:
    try:
        server = _Server(host, port)
    except OSError as error:
        words = "in use by another program" if error.errno == errno.EADDRINUSE else error.strerror
        raise ServeError(f"port {port}: {words}; name another with {option}") from None
    with server:
        yield server


@contextmanager
def _running(server: _Server) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
