"""From host to addresses, and which of them may be connected to."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import zip_longest

from crawler.wire.errors import DnsFailure, PrivateAddress, UnknownHost

Address = IPv4Address | IPv6Address

_REFUSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # "this network" (RFC 1122)
        "100.64.0.0/10",  # shared, behind carrier-grade NAT (RFC 6598)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays, deprecated (RFC 7526)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "240.0.0.0/4",  # reserved and broadcast (RFC 1112)
        "::/96",  # unspecified, loopback, IPv4-compatible (RFC 4291)
        "64:ff9b:1::/48",  # NAT64 of a local network (RFC 8215)
        "100::/64",  # discard-only (RFC 6666)
        "2001::/23",  # Teredo, ORCHID and other assignments (RFC 2928)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local, deprecated (RFC 3879)
    )
)
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether ``address`` is one that the whole Internet routes to.

    False for loopback, private, link-local, shared, multicast, unspecified and reserved ones; IPv4 addresses inside
    IPv6 ones (mapped, 6to4, NAT64) are judged as what they stand for.
    """
    if isinstance(address, IPv6Address) and (inner := _embedded(address)):
        return is_public(inner)
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address.version == network.version and address in network for network in _REFUSED)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


async def resolve(host: str, *, allow_private: bool) -> Sequence[Address]:
    """The addresses of ``host`` that may be connected to, in the order to try them.

    They are looked up once and returned as numbers, so that what was judged is what gets connected to. Raises
    DnsFailure (UnknownHost where there is no such name), and PrivateAddress when none of them is public.
    """
    addresses = await _look_up(host)
    allowed = [address for address in addresses if allow_private or is_public(address)]
    if not allowed:
        raise PrivateAddress(f"{host} is at {addresses[0]}, which is not public; --allow-private admits it")
    return _interleaved(allowed)


def _interleaved(addresses: list[Address]) -> list[Address]:
    """IPv4 and IPv6 in turn, the family of the first one first (RFC 8305, section 4): one of them may lead nowhere."""
    first = addresses[0].version
    preferred = [address for address in addresses if address.version == first]
    others = [address for address in addresses if address.version != first]
    return [address for pair in zip_longest(preferred, others) for address in pair if address]


def refuse_private_literal(host: str) -> None:
    """PrivateAddress where ``host`` itself says that it is not public: all that can be known behind a proxy."""
    if host.removesuffix(".").rpartition(".")[2] == "localhost":
        raise PrivateAddress(f"{host} is not public")
    with suppress(ValueError, OSError):
        address = _literal(host)
        if not is_public(address):
            raise PrivateAddress(f"{host} is not public")


def _literal(host: str) -> Address:
    """``host`` as an address, in any of the forms that resolvers take: 127.1, 0x7f000001, 2130706433."""
    if ":" in host:
        return ip_address(host)
    return IPv4Address(socket.inet_aton(host))


async def _look_up(host: str) -> list[Address]:
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Address] | OSError] = loop.create_future()

    def answer(result: "list[Address] | OSError") -> None:
        if not found.done():
            found.set_result(result)

    def work() -> None:
        try:
            result: list[Address] | OSError = _getaddrinfo(host)
        except OSError as error:
            result = error
        with suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(answer, result)

    # A thread of its own: a pool's threads would be waited for at exit, as long as the slowest name server takes.
    threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
    result = await found
    if isinstance(result, OSError):
        kind = UnknownHost if result.errno in _NO_SUCH_NAME else DnsFailure
        raise kind(f"{host} does not resolve: {result.strerror or result}")
    return result


def _getaddrinfo(host: str) -> list[Address]:
    entries = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries)
    return list(addresses)
