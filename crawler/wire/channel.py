"""One TCP or TLS connection as a stream of reads, on asyncio."""

import asyncio
import re
import ssl
import time
from collections import deque
from typing import cast

HIGH_WATER_BYTES = 1024 * 1024
"""Past this much unread data the connection stops reading: no faster than what it is written to."""


class Channel(asyncio.Protocol):
    """The bytes of a connection, above TLS.

    ``error`` is what broke the connection, None while it lives and after a clean end; ``ended`` is true once nothing
    more will come. ``peer`` is the address at the other end; ``first_byte_at`` is the monotonic time of the first byte since ``expect``.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.peer: str | None = None
        self.error: Exception | None = None
        self.ended = False
        self.first_byte_at: float | None = None
        self.closed = asyncio.get_running_loop().create_future()
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    @property
    def waiting_size(self) -> int:
        """How many bytes have come that nobody has read yet."""
        return self._size

    @property
    def quiet(self) -> bool:
        """Alive, with nothing received that was not asked for: fit for another exchange."""
        return not (self.ended or self._pieces or self.transport.is_closing())

    def expect(self) -> None:
        """Another response begins."""
        self.first_byte_at = None

    async def read(self) -> bytes:
        """The next bytes, as they came; none at the end of the connection."""
        while not self._pieces and not self.ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._pieces:
            return b""
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._size < HIGH_WATER_BYTES and not self.ended:
            self.transport.resume_reading()
        return piece

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def abort(self) -> None:
        """End the connection at once, without TLS's farewell."""
        self.transport.abort()

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on under TLS. OSError (ssl.SSLError among them) where the handshake fails."""
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self.transport, self, context, server_hostname=host)
        if transport is None:
            raise ConnectionResetError("the connection ended within the TLS handshake")
        self.transport = transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if name else None

    def data_received(self, data: bytes) -> None:
        if self.first_byte_at is None:
            self.first_byte_at = time.monotonic()
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= HIGH_WATER_BYTES:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self._end()
        if not self.closed.done():
            self.closed.set_result(None)

    def _end(self) -> None:
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


def protocols_of(channel: Channel, http_version: tuple[int, int]) -> tuple[str, ...]:
    """As WARC-Protocol names them (IIPC's proposal): HTTP first, then the TLS beneath it."""
    http = f"http/{http_version[0]}.{http_version[1]}"
    tls = _tls_object(channel)
    if tls is None:
        return (http,)
    version = tls.version() or "TLS"
    return (http, version.replace("TLSv", "tls/") if "." in version else version.replace("TLSv1", "tls/1.0"))


def cipher_suite_of(channel: Channel) -> str | None:
    """The cipher suite's name in IANA's registry, as WARC-Cipher-Suite wants it; None without TLS."""
    tls = _tls_object(channel)
    cipher = tls.cipher() if tls else None
    return iana_cipher_suite(cipher[0]) if cipher else None


def iana_cipher_suite(name: str) -> str:
    """IANA's name for the cipher suite that OpenSSL calls ``name``; names of other patterns stay as they are."""
    match = _OPENSSL_SUITE.fullmatch(name)
    if match is None:
        return name
    key_exchange = "_".join(filter(None, (match["exchange"], match["authentication"]))) or "RSA"
    if match["stream"]:
        return f"TLS_{key_exchange}_WITH_CHACHA20_POLY1305_SHA256"
    mode = match["mode"] or "CBC"
    return f"TLS_{key_exchange}_WITH_{match['cipher']}_{match['bits']}_{mode}_{match['hash']}"


def _tls_object(channel: Channel) -> ssl.SSLObject | None:
    return cast("ssl.SSLObject | None", channel.transport.get_extra_info("ssl_object"))


_OPENSSL_SUITE = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-(?P<authentication>RSA|ECDSA|DSS)-)?"
    r"(?:(?P<stream>CHACHA20-POLY1305)"
    r"|(?P<cipher>AES|CAMELLIA)(?P<bits>128|256)-(?:(?P<mode>GCM|CCM)-)?(?P<hash>SHA(?:256|384)?))"
)
