"""What a URL asks for: where to connect, and what the request line and Host say. Pure."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna

from crawler.wire.errors import InvalidUrl, UnsupportedScheme

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_HOST_LENGTH = 253
MAX_LABEL_LENGTH = 63

_WHITESPACE = "".join(map(chr, range(0x21)))
_REFUSED = re.compile(r"[\t\r\n\ud800-\udfff]")
_PATH_KEPT = "".join(map(chr, range(0x21, 0x7F))).translate(str.maketrans("", "", '"<>`{}'))
_QUERY_KEPT = "".join(map(chr, range(0x21, 0x7F))).translate(str.maketrans("", "", '"<>'))
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\x7f\"#%/:<>?@\[\\\]^`{|}]")


@dataclass(frozen=True, slots=True)
class Origin:
    """A server. ``host`` is ASCII and lower case: a name, or an address without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host and port as the Host field has them (RFC 9110, section 7.2): the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def endpoint(self) -> str:
        """Host and port, always both (the target of CONNECT)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A resource on a server; ``path`` is the request target in origin-form (RFC 9112, section 3.2.1)."""

    origin: Origin
    path: str

    @property
    def url(self) -> str:
        """The target URI (RFC 9110, section 7.1): ASCII, without user name, password and fragment."""
        return f"{self.origin.scheme}://{self.origin.authority}{self.path}"


def target_of(url: str) -> Target:
    """What to ask for to fetch ``url``.

    Path and query stay as they were written, dot segments and escapes included; percent-encoded (in UTF-8) is only
    what cannot stand in a request line: controls, spaces, bytes beyond ASCII, quotes, angle brackets, and in paths
    backticks and braces. User name, password and fragment are dropped. Raises InvalidUrl (line breaks and tabs are
    refused, never repaired) and UnsupportedScheme.
    """
    url = url.strip(_WHITESPACE)
    if _REFUSED.search(url):
        raise InvalidUrl(f"line break, tab or half a character in the URL {_shown(url)}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidUrl(f"{_shown(url)}: {error}") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise UnsupportedScheme(f"{_shown(url)}: only http and https can be fetched")
    if port == 0:
        raise InvalidUrl(f"{_shown(url)}: port 0")
    origin = Origin(parts.scheme, _host(parts, url), port or DEFAULT_PORTS[parts.scheme])
    return Target(origin, _path(url, parts))


def _path(url: str, parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_PATH_KEPT)
    asks = "?" in url.partition("#")[0]  # an empty query is kept: the server sees it
    return f"{path}?{quote(parts.query, safe=_QUERY_KEPT)}" if asks else path


def _host(parts: SplitResult, url: str) -> str:
    host = parts.hostname or ""
    if parts.netloc.rpartition("@")[2].startswith("["):
        return _ipv6(host, url)
    host = _ascii(unquote(host), url)
    labels = host.removesuffix(".").split(".")
    if _FORBIDDEN_IN_HOST.search(host) or len(host) > MAX_HOST_LENGTH:
        raise InvalidUrl(f"{_shown(url)}: no valid host name")
    if not all(0 < len(label) <= MAX_LABEL_LENGTH for label in labels):
        raise InvalidUrl(f"{_shown(url)}: no valid host name")
    return host


def _ipv6(host: str, url: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError as error:
        raise InvalidUrl(f"{_shown(url)}: {error}") from None
    if address.scope_id:
        raise InvalidUrl(f"{_shown(url)}: an IPv6 zone in the host")
    return str(address)


def _ascii(host: str, url: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii").lower()
    except idna.IDNAError as error:
        raise InvalidUrl(f"{_shown(url)}: {error}") from None


def _shown(url: str) -> str:
    return repr(url[:200])
