"""A threaded web server on loopback that serves the demo site and logs every byte it reads and sends."""

import socketserver
import threading
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from crawler.demo.answers import Answer
from crawler.demo.site import build_site

IDLE_SECONDS = 30.0
"""A connection that stays silent for so long is closed."""
MAX_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Served:
    """One exchange as the server saw it: the bytes read and the bytes sent. ``path`` is percent-decoded."""

    method: str
    path: str
    status: int
    request: bytes
    response: bytes


class _Connection(socketserver.StreamRequestHandler):
    timeout = IDLE_SECONDS
    server: "_Server"

    def handle(self) -> None:
        while (request := self._read_head()) and self._answer(request):
            pass

    def _read_head(self) -> bytes:
        """One request's head, or nothing when the client has gone or sends no end of it."""
        head = b""
        try:
            while line := self.rfile.readline(MAX_HEAD_BYTES):
                head += line
                if line in (b"\r\n", b"\n"):
                    return head
                if len(head) > MAX_HEAD_BYTES:
                    break
        except OSError:
            pass
        return b""

    def _answer(self, request: bytes) -> bool:
        """Send the answer; whether the connection stays open."""
        words = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, target = words[0], words[1] if len(words) > 1 else "/"
        fields = _fields(request)
        answer = self.server.find(method, target)
        sent = answer.serialise(head_only=method == "HEAD", known_etag=fields.get("if-none-match"))
        path = unquote(urlsplit(target).path)
        self.server.log.append(Served(method, path, int(sent.split(b" ", 2)[1]), request, sent))
        try:
            self.wfile.write(sent)
        except OSError:
            return False
        return method in ("GET", "HEAD") and fields.get("connection", "").lower() != "close"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answers = build_site(self.url)
        self.log: list[Served] = []

    def find(self, method: str, target: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return Answer(b"Only GET and HEAD.\n", "text/plain", HTTPStatus.METHOD_NOT_ALLOWED)
        missing = Answer(
            b"<title>Not found</title><p>There is no such page.</p>", status=HTTPStatus.NOT_FOUND
        )
        return self.answers.get(unquote(urlsplit(target).path), missing)


class DemoSite:
    """The demo site, served on 127.0.0.1 for as long as the context lasts.

    ``url`` is its address without a slash at the end. ``log`` holds one ``Served`` an exchange, in the order in which
    they were answered. Port 0 takes a free one; OSError where the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def answers(self) -> dict[str, Answer]:
        """What the site answers by path (not percent-encoded)."""
        return self._server.answers

    @property
    def log(self) -> list[Served]:
        return list(self._server.log)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _fields(request: bytes) -> dict[str, str]:
    lines = request.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
