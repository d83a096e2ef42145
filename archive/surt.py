"""SURT keys: URLs in the form under which indexes of web archives sort and find them.

The form is the one that the Internet Archive's wayback keys established and pywb and wabac look up: host reversed,
``www`` and default port left out, all in lower case, query sorted, session ids removed.
"""

import re
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from archive.warc.fields import uri

_SCHEME = re.compile(rb"(https?|[a-z][a-z0-9+.-]*(?=://)):", re.IGNORECASE)
_OPAQUE = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(?!\d*(?:[/?#]|$))", re.IGNORECASE)
"""A scheme without an authority (dns:, urn:, mailto:), as against ``host:port``."""
_WWW = re.compile(rb"^www\d*\.")
_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_UNWRITTEN = re.compile(rb"[\x00-\x20#%\x7f-\xff]")
_PATH_SESSIONS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rb"(?P<before>.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/(?P<after>[^?]+\.aspx.*)",
        rb"(?P<before>.*/)\([0-9a-z]{24}\)/(?P<after>[^?]+\.aspx.*)",
    )
)
_QUERY_SESSIONS = tuple(
    re.compile(rb"(?P<before>.*)" + pattern + rb"(?:&(?P<after>.*))?", re.IGNORECASE | re.DOTALL)
    for pattern in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """The SURT key of a URL: ``http://www.Example.com:80/A?y=2&x=1#f`` is ``com,example)/a?x=1&y=2``.

    ASCII, without spaces; anything that is no hierarchical URL comes back as it is, percent-encoded where needed.
    """
    text = re.sub(r"[\r\n\t]", "", url).strip()
    if not text or _OPAQUE.match(text):
        return uri(text) or "-"
    scheme, authority, path, query = _parts(text.encode("utf-8", "surrogatepass"))
    arguments = _query(query)
    key = _host(authority, scheme) + b")" + _path(path) + (b"?" + arguments if arguments else b"")
    return key.decode("ascii")


def _parts(url: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Scheme (http if none), authority, path and query."""
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() if scheme else 0 :].lstrip(b"/").partition(b"#")[0]
    before, _, query = rest.partition(b"?")
    authority, slash, path = before.partition(b"/")
    return (scheme[1].lower() if scheme else b"http"), authority, slash + path, query


def _host(authority: bytes, scheme: bytes) -> bytes:
    written, port = _host_and_port(authority)
    host = _address(_named_host(_unescaped(written)))
    suffix = b"" if port in (0, _DEFAULT_PORTS.get(scheme)) else b":%d" % port
    return b",".join(reversed(_WWW.sub(b"", host).split(b"."))) + suffix


def _host_and_port(authority: bytes) -> tuple[bytes, int]:
    host, bracket, rest = authority.rpartition(b"@")[2].rpartition(b"]")
    name, _, port = rest.partition(b":")
    digits = re.match(rb"\d{0,9}", port)
    return host + bracket + name, int(digits[0] or 0) if digits else 0


def _named_host(host: bytes) -> bytes:
    host = re.sub(rb"\.{2,}", b".", host.strip(b".")).removeprefix(b"[").removesuffix(b"]")
    with suppress(UnicodeError):
        host = host.decode().encode("idna")
    return _escaped(host).lower()


def _address(host: bytes) -> bytes:
    """An IPv4 address written as one number or with octal parts, in the usual form; any other host as it is."""
    if host.isdigit():
        return b".".join(b"%d" % part for part in (int(host) & 0xFFFFFFFF).to_bytes(4, "big"))
    parts = host.split(b".")
    if len(parts) != 4 or not re.fullmatch(rb"0[0-7]*(\.[0-7]+){3}", host):
        return host
    numbers = [int(part, 8) for part in parts]
    return b".".join(b"%d" % number for number in numbers) if max(numbers) < 256 else host


def _path(path: bytes) -> bytes:
    kept: list[bytes] = []
    for segment in _unescaped(path).split(b"/")[1:]:
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    plain = _escaped(b"/" + b"/".join(filter(None, kept))).lower()
    stripped = _without(plain, _PATH_SESSIONS)
    return stripped.rstrip(b"/") or b"/"


def _query(query: bytes) -> bytes:
    stripped = _without(_escaped(_unescaped(query)), _QUERY_SESSIONS).lower()
    arguments = sorted(stripped.split(b"&"), key=_name_and_value)
    return b"&".join(arguments)


def _name_and_value(argument: bytes) -> list[bytes]:
    return argument.split(b"=", 1)


def _without(text: bytes, sessions: tuple[re.Pattern[bytes], ...]) -> bytes:
    for session in sessions:
        if match := session.fullmatch(text):
            text = match["before"] + (match["after"] or b"")
    return text


def _unescaped(text: bytes) -> bytes:
    while (plain := unquote_to_bytes(text)) != text:
        text = plain
    return text


def _escaped(text: bytes) -> bytes:
    return _UNWRITTEN.sub(lambda match: b"%%%02x" % ord(match[0]), text)
