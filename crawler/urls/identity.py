"""The identity of a URL, its host, and what is in scope.

Identity: when two addresses count as one page. It decides what is new to the frontier; what is fetched is always the
address as the page wrote it. Two addresses that a site may join by a redirect (http and https, with and without
``www.`` or a last slash) stay two: each hop is a capture of its own, and a redirect must not lead to a page that
seems to be known.
"""

import ipaddress
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import SplitResult, urlsplit

import idna
import tldextract

from archive.errors import ConfigurationError
from crawler.urls.shape import is_trap, looks_like_article, trap_kind
from crawler.urls.tracking import SESSION_NAMES, is_tracking

__all__ = [
    "Scope",
    "ascii_host",
    "checked_seed",
    "host_key",
    "identity",
    "is_trap",
    "looks_like_article",
    "site_of",
    "trap_kind",
]

DEFAULT_PORTS = {"http": 80, "https": 443}
SCHEMES = ("http", "https")
SESSION_VALUE_CHARACTERS = 16
"""From this length on, the value of a parameter named like a session is one."""

_PLAIN_PATH = r"(?:/[A-Za-z0-9\-_~!$&'*+,=:@][A-Za-z0-9\-._~!$&'*+,=:@]*)*/?"
_PLAIN_URL = re.compile(rf"https?://[a-z0-9.-]*[a-z0-9-](?=/){_PLAIN_PATH}")
"""What most addresses look like: their own normal form."""
_PLAIN_PATH_ALONE = re.compile(_PLAIN_PATH)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_TO_ENCODE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]|%(?![0-9A-Fa-f]{2})")
_SLASHES = re.compile(r"/{2,}")
_PATH_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/;]*|/\((?:[A-Z]\([A-Za-z0-9_-]{8,}\))+\)(?=/|$)",
    re.IGNORECASE,
)
_SESSION_VALUE = re.compile(rf"[A-Za-z0-9_.,%\-]{{{SESSION_VALUE_CHARACTERS},}}")
_SIMPLE_HOST = re.compile(r"(https?)://([a-z0-9.-]*[a-z0-9-])(?::(\d{1,5}))?(?=[/?#]|$)")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def identity(url: str) -> str:
    """The normal form of ``url`` that all addresses of the same page share as far as the address tells.

    RFC 3986, section 6.2.2 and 6.2.3: case of scheme and host, default port, percent-encoding, dot segments, empty
    path. Beyond it: IDNA in its ASCII form; no fragment, user, tracking parameters, session ids, empty parameters or
    doubled slashes; parameters in the order of their names. ``url`` itself where it does not parse.
    """
    if _PLAIN_URL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
        netloc = _netloc(parts)
    except ValueError:
        return url
    if not netloc:
        return url
    query = _query(parts.query) if parts.query else ""
    return f"{parts.scheme}://{netloc}{_path(parts.path)}" + (f"?{query}" if query else "")


def _path(path: str) -> str:
    if _PLAIN_PATH_ALONE.fullmatch(path):
        return path or "/"
    path = _SLASHES.sub("/", _normal_encoding(_PATH_SESSION.sub("", path)))
    if "/." not in path:
        return path or "/"
    resolved = posixpath.normpath(path)
    return resolved + "/" if path.endswith(("/", "/.", "/..")) and resolved != "/" else resolved


def _query(query: str) -> str:
    kept = []
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if parameter and not is_tracking(name) and not _is_session(name, value):
            kept.append(_normal_encoding(parameter.replace("%20", "+").replace(" ", "+")))
    kept.sort(key=lambda parameter: parameter.partition("=")[0])
    return "&".join(kept)


def _is_session(name: str, value: str) -> bool:
    lower = name.lower()
    known = lower in SESSION_NAMES or lower.startswith("aspsessionid")
    return known and bool(_SESSION_VALUE.fullmatch(value))


def _normal_encoding(text: str) -> str:
    if "%" in text:
        text = _PERCENT.sub(_decoded_if_unreserved, text)
    return _TO_ENCODE.sub(_encoded, text)


def _decoded_if_unreserved(match: re.Match[str]) -> str:
    character = chr(int(match.group(1), 16))
    return character if character in _UNRESERVED else match.group().upper()


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _netloc(parts: SplitResult) -> str:
    host, port = parts.hostname or "", parts.port
    host = f"[{_shortest(host)}]" if ":" in host else ascii_host(host)
    return host if port is None or port == DEFAULT_PORTS.get(parts.scheme) else f"{host}:{port}"


def _shortest(address: str) -> str:
    """An address of IPv6 in its one text form (RFC 5952); as it is where it is none."""
    try:
        return ipaddress.ip_address(address).compressed
    except ValueError:
        return address


@lru_cache(maxsize=4096)
def ascii_host(host: str) -> str:
    """A host name in lower case and IDNA's ASCII form (UTS 46), without a last dot; as it is where that fails."""
    host = host.rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def host_key(url: str) -> str:
    """The host that politeness counts: its name, with the port where that is not the scheme's own; "" without one."""
    simple = _SIMPLE_HOST.match(url)
    if simple and not simple.group(3):
        return simple.group(2)
    try:
        return _netloc(urlsplit(url.strip()))
    except ValueError:
        return ""


def checked_seed(url: str) -> str:
    """``url`` as a place to start from; ConfigurationError, saying what to write instead, when it is none."""
    url = url.strip()
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigurationError(f"{url!r} is no URL: write https://{url.lstrip('/')}")
    if scheme.lower() not in SCHEMES:
        raise ConfigurationError(f"{url!r}: only http and https are fetched, not {scheme}")
    if not host_key(url) or any(character.isspace() for character in rest):
        raise ConfigurationError(f"{url!r} is no URL: no valid host after {scheme}://")
    return url


@cache
def _suffixes() -> tldextract.TLDExtract:
    """The public-suffix list as it is packed with tldextract: the network is never asked for a newer one."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def site_of(url: str) -> str:
    """The registrable domain of ``url``'s host with its port, if that is not the default.

    For an address of IPv4 or IPv6, a single label or an unlisted suffix it is the host itself, without ``www.``.
    """
    key = host_key(url)
    host, colon, port = key.partition(":") if not key.startswith("[") else (key, "", "")
    domain = "" if _is_address(host) else _suffixes()(host).top_domain_under_public_suffix
    return f"{domain or host.removeprefix('www.')}{colon}{port}"


def is_public_name(url: str) -> bool:
    """Whether the host of ``url`` is a name under a public suffix: no address, no name of a local network."""
    host = host_key(url).partition(":")[0]
    return not _is_address(host) and bool(_suffixes()(host).top_domain_under_public_suffix)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Scope:
    """Which URLs a crawl may fetch.

    ``hosts`` are covered with their subdomains; one with a port means that port only. ``include`` and ``exclude`` are
    patterns as in robots.txt (RFC 9309, section 2.2.3): a path with query from its start, ``*`` for anything, ``$`` for
    the end. With ``include``, a path must fit one of them; none may fit ``exclude``.
    """

    hosts: tuple[str, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @classmethod
    def of_seeds(
        cls, urls: Iterable[str], *, include: Iterable[str] = (), exclude: Iterable[str] = ()
    ) -> "Scope":
        """The seeds' whole sites: a seed's path does not narrow it."""
        hosts = dict.fromkeys(site_of(url) for url in urls)
        return cls(tuple(hosts), tuple(include), tuple(exclude))

    def admits(self, url: str) -> str | None:
        """None when ``url`` is in scope, else the reason in a word: ``outOfScope`` or ``excluded``."""
        key = host_key(url)
        if not any(key == host or key.endswith(f".{host}") for host in self.hosts):
            return "outOfScope"
        if not self.include and not self.exclude:
            return None
        path = _path_and_query(url)
        if self.include and not any(_pattern(pattern).match(path) for pattern in self.include):
            return "outOfScope"
        return "excluded" if any(_pattern(pattern).match(path) for pattern in self.exclude) else None


def _path_and_query(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    body = ".*".join(map(re.escape, pattern.removesuffix("$").split("*")))
    return re.compile(body + (r"\Z" if pattern.endswith("$") else ""), re.DOTALL)
