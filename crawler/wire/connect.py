"""Opening connections: to the server itself, or through a proxy."""

import asyncio
import base64
import errno
import os
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.errors import HttpFormatError, StorageError
from archive.http import MAX_HEAD_BYTES, parse_response_head
from archive.http.head import head_end
from archive.warc.disk import translated
from crawler.wire.address import Address, refuse_private_literal, resolve
from crawler.wire.channel import Channel
from crawler.wire.errors import (
    ConnectionFailed,
    ConnectionRefused,
    ConnectTimeout,
    ProxyFailure,
    TlsFailure,
    WireError,
)
from crawler.wire.target import Origin, target_of

ATTEMPT_S = 3.0
"""Longest time for one of several addresses of a host, in seconds, before the next is tried."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of Proxy-Authorization."""

    origin: Origin
    authorization: bytes | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """How to reach a server. Connections of one route can stand in for each other."""

    origin: Origin
    proxy: Proxy | None = None

    @property
    def tunnels(self) -> bool:
        return self.proxy is not None and self.origin.scheme == "https"

    @property
    def forwards(self) -> bool:
        """Requests go to the proxy in absolute-form (RFC 9112, section 3.2.2)."""
        return self.proxy is not None and not self.tunnels


def proxy_of(url: str) -> Proxy:
    """The proxy at ``url``, user name and password included; ProxyFailure where it is no http:// URL."""
    try:
        origin = target_of(url).origin
    except WireError as error:
        raise ProxyFailure(f"proxy: {error}") from None
    if origin.scheme != "http":
        raise ProxyFailure(f"proxy {origin.endpoint}: only http:// proxies can be used")
    parts = urlsplit(url)
    if parts.username is None:
        return Proxy(origin)
    secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return Proxy(origin, b"Basic " + base64.b64encode(secret))


async def connect(route: Route, *, tls: ssl.SSLContext, allow_private: bool, timeout_s: float) -> Channel:
    """A connection to the server of ``route``, under TLS for https, within ``timeout_s`` seconds.

    Raises a WireError. Behind a proxy the proxy resolves the name, so that only a host that is itself an address (or
    localhost) can be refused as private; the proxy's own address is never refused: the operator chose it.
    """
    origin = route.origin
    async with _translated(origin, timeout_s):
        if route.proxy is None:
            addresses = await resolve(origin.host, allow_private=allow_private)
            channel = await _dial(addresses, origin.port)
        else:
            if not allow_private:
                refuse_private_literal(origin.host)
            channel = await _dial_proxy(route.proxy)
        try:
            await _prepare(channel, route, tls)
        except BaseException:
            channel.abort()
            raise
    return channel


async def _prepare(channel: Channel, route: Route, tls: ssl.SSLContext) -> None:
    if route.proxy and route.tunnels:
        await _open_tunnel(channel, route.origin, route.proxy)
    if route.origin.scheme != "https":
        return
    try:
        await channel.start_tls(tls, route.origin.host.removesuffix("."))
    except ConnectionError:
        raise TlsFailure(f"{route.origin.endpoint} ends the connection within the TLS handshake") from None


@asynccontextmanager
async def _translated(origin: Origin, timeout_s: float) -> AsyncIterator[None]:
    where = origin.endpoint
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise ConnectTimeout(f"{where}: no connection within {timeout_s:g} s") from None
    except ssl.SSLCertVerificationError as error:
        raise TlsFailure(f"{where}: its certificate is not valid: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise TlsFailure(f"{where}: no TLS connection: {error.reason or error}") from None
    except ConnectionRefusedError:
        raise ConnectionRefused(f"{where} refuses connections") from None
    except OSError as error:
        if isinstance(refusal := translated(error, Path(where)), StorageError):
            raise refusal from None
        raise ConnectionFailed(f"{where} cannot be reached: {_words(error)}") from None


async def _dial_proxy(proxy: Proxy) -> Channel:
    try:
        return await _dial(await resolve(proxy.origin.host, allow_private=True), proxy.origin.port)
    except (WireError, OSError) as error:
        raise ProxyFailure(f"proxy {proxy.origin.endpoint} cannot be reached: {error}") from None


async def _dial(addresses: Sequence[Address], port: int) -> Channel:
    """Connect to the first address that answers."""
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("no address")
    for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        try:
            async with asyncio.timeout(ATTEMPT_S if left else None):
                _, channel = await loop.create_connection(Channel, str(address), port)
                return channel
        except OSError as error:
            failure = error
    raise failure


async def _open_tunnel(channel: Channel, origin: Origin, proxy: Proxy) -> None:
    lines = [f"CONNECT {origin.endpoint} HTTP/1.1".encode(), f"Host: {origin.endpoint}".encode()]
    if proxy.authorization:
        lines.append(b"Proxy-Authorization: " + proxy.authorization)
    channel.write(b"\r\n".join([*lines, b"", b""]))
    answer = b""
    while (end := head_end(answer)) is None:
        data = await channel.read()
        answer += data
        if not data or len(answer) > MAX_HEAD_BYTES:
            raise ProxyFailure(f"proxy {proxy.origin.endpoint} gave no answer to CONNECT {origin.endpoint}")
    _check_tunnel(answer, end, origin, proxy)


def _check_tunnel(answer: bytes, end: int, origin: Origin, proxy: Proxy) -> None:
    try:
        head = parse_response_head(answer)
    except HttpFormatError as error:
        raise ProxyFailure(f"proxy {proxy.origin.endpoint}: {error}") from None
    if not 200 <= head.status < 300 or len(answer) > end:
        line = head.start_line[:100].decode("latin-1")
        raise ProxyFailure(f"proxy {proxy.origin.endpoint} opens no tunnel to {origin.endpoint}: {line}")


def _words(error: OSError) -> str:
    known = error.errno is not None and error.errno in errno.errorcode
    return os.strerror(error.errno or 0) if known else str(error) or type(error).__name__
