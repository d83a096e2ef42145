import asyncio
import socket
from ipaddress import ip_address

import pytest

from crawler.wire.address import is_public, refuse_private_literal, resolve
from crawler.wire.channel import iana_cipher_suite
from crawler.wire.errors import DnsFailure, PrivateAddress

REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "febf::1",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "5f00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:100.64.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2001:0:5ef5:79fd::1",
    "fe80::1%1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "::1", "::ffff:7f00:1", "localhost"]
)
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(PrivateAddress, match="not public"):
        asyncio.run(resolve(host, allow_private=False))
    assert asyncio.run(resolve(host, allow_private=True))


@pytest.mark.parametrize(
    "host", ["127.1", "10.0.0.1", "0x0a000001", "::1", "localhost", "localhost.", "a.localhost"]
)
def test_behind_a_proxy_the_host_itself_is_judged(host: str) -> None:
    with pytest.raises(PrivateAddress):
        refuse_private_literal(host)


@pytest.mark.parametrize("host", ["example.org", "8.8.8.8", "2606:4700::1111", "localhost.example.org"])
def test_behind_a_proxy_other_hosts_pass(host: str) -> None:
    refuse_private_literal(host)


def answer(*addresses: str) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]


def test_a_name_is_looked_up_once_and_its_private_addresses_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def rebinding(host: bytes, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return answer("8.8.8.8", "10.0.0.1") if len(asked) == 1 else answer("127.0.0.1")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert asyncio.run(resolve("rebinding.example", allow_private=False)) == [ip_address("8.8.8.8")]
    assert asked == [b"rebinding.example"]


def test_both_families_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer("2606:4700::1", "2606:4700::2", "2606:4700::3", "8.8.8.8", "1.1.1.1")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    order = [str(address) for address in asyncio.run(resolve("dual.example", allow_private=False))]
    assert order == ["2606:4700::1", "8.8.8.8", "2606:4700::2", "1.1.1.1", "2606:4700::3"]


@pytest.mark.parametrize(
    ("number", "passing"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (socket.EAI_FAIL, True)]
)
def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch, number: int, passing: bool) -> None:
    def fail(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(number, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(
        DnsFailure, match=r"^nosuch\.example does not resolve: Name or service not known$"
    ) as info:
        asyncio.run(resolve("nosuch.example", allow_private=False))
    assert info.value.passing is passing


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("DHE-RSA-AES256-SHA256", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-CAMELLIA256-SHA384", "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"),
        ("PSK-AES128-CBC-SHA", "PSK-AES128-CBC-SHA"),
    ],
)
def test_cipher_suites_have_their_registered_names(openssl: str, iana: str) -> None:
    assert iana_cipher_suite(openssl) == iana
