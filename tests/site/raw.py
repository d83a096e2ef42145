"""A server that sends what it is told, to the byte, and logs every byte of both directions."""

import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

After = Literal["keep", "close", "reset", "stall"]


@dataclass(frozen=True)
class Reply:
    """``pieces`` are sent one by one. Then the connection is kept, closed, reset, or held open in silence.

    A piece that is None waits until the server's ``release`` is set.
    """

    pieces: Sequence[bytes | None]
    after: After = "keep"


@dataclass
class ConnectionLog:
    """What one connection carried, above TLS; ``requests`` with the offsets in ``sent`` where their answers start."""

    received: bytearray = field(default_factory=bytearray)
    sent: bytearray = field(default_factory=bytearray)
    requests: list[tuple[bytes, int]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def exchanges(self) -> list[tuple[bytes, bytes]]:
        """Requests and responses, as far as each went."""
        ends = [start for _, start in self.requests[1:]] + [len(self.sent)]
        pairs = zip(self.requests, ends, strict=True)
        return [(request, bytes(self.sent[start:end])) for (request, start), end in pairs]


Script = Mapping[str, Reply | bytes | Sequence[Reply | bytes]]


class RawServer:
    """Answers each path with its reply; a list of replies is used up in turn, the last one again and again.

    ``tls`` speaks TLS from the first byte; ``tunnel`` answers CONNECT and then speaks TLS as the server asked for.
    With ``logs`` off, what is sent is not kept (for measuring memory).
    Requests in absolute-form are answered by their path, as a proxy would. A context manager; the port is any free one.
    """

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        tunnel: ssl.SSLContext | None = None,
        logs: bool = True,
    ) -> None:
        self._script, self._logs = script, logs
        self._tls, self._tunnel = tls, tunnel
        self._counts: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self.connections: list[ConnectionLog] = []
        self.connects: list[bytes] = []
        self.release = threading.Event()
        self.stalling = threading.Event()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    @property
    def exchanges(self) -> list[tuple[bytes, bytes]]:
        return [exchange for log in self.connections for exchange in log.exchanges]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        log = ConnectionLog()
        with self._lock:
            self.connections.append(log)
            self._sockets.append(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls:
                connection = self._wrap(connection, self._tls)
            elif self._tunnel:
                connection = self._open_tunnel(connection, self._tunnel)
            while (request := self._read_request(connection, log)) and self._answer(connection, request, log):
                pass
        except OSError:
            pass  # the client has gone, as tests make it do
        finally:
            connection.close()
            log.closed.set()

    def _wrap(self, connection: socket.socket, context: ssl.SSLContext) -> socket.socket:
        wrapped = context.wrap_socket(connection, server_side=True)
        with self._lock:
            self._sockets.append(wrapped)
        return wrapped

    def _open_tunnel(self, connection: socket.socket, context: ssl.SSLContext) -> socket.socket:
        self.connects.append(self._read_request(connection, ConnectionLog()))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return self._wrap(connection, context)

    def _read_request(self, connection: socket.socket, log: ConnectionLog) -> bytes:
        data = bytearray()
        while not _is_whole(data):
            received = connection.recv(65536)
            if not received:
                return b""
            data += received
            log.received += received
        return bytes(data)

    def _answer(self, connection: socket.socket, request: bytes, log: ConnectionLog) -> bool:
        """Send the reply; whether the connection lives on."""
        reply = self._reply(request)
        log.requests.append((request, len(log.sent)))
        for piece in reply.pieces:
            if piece is None:
                self._stall()
                continue
            if self._logs:
                log.sent += piece
            connection.sendall(piece)
        if reply.after == "stall":
            self._stall()
        if reply.after == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return reply.after == "keep"

    def _stall(self) -> None:
        self.stalling.set()
        self.release.wait()

    def _reply(self, request: bytes) -> Reply:
        path = _path(request.split(b" ", 2)[1].decode("latin-1"))
        replies = self._script.get(path, NOT_FOUND)
        if isinstance(replies, bytes | Reply):
            replies = [replies]
        with self._lock:
            turn = min(self._counts[path], len(replies) - 1)
            self._counts[path] += 1
        reply = replies[turn]
        return Reply([reply]) if isinstance(reply, bytes) else reply


NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
"""The answer where a script has none: a crawl also looks where sites usually have their feeds."""


def response(body: bytes = b"", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    """A plain response with Content-Length."""
    head = [b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body), b"", b""]
    return b"\r\n".join(head) + body


def _path(target: str) -> str:
    if target.startswith("http://"):
        parts = urlsplit(target)
        return f"{parts.path}?{parts.query}".removesuffix("?")
    return target


def _is_whole(data: bytearray) -> bool:
    head, end, body = bytes(data).partition(b"\r\n\r\n")
    if not end:
        return False
    fields = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    lengths = [int(value) for name, _, value in fields if name.lower() == b"content-length"]
    return len(body) >= sum(lengths)
