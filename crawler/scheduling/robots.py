"""What robots.txt allows (RFC 9309): from the answer of a server to the rules for its origin."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SIZE_LIMIT = 500 * 1024
"""Bytes of robots.txt that are read (section 2.5)."""
REDIRECT_LIMIT = 5
"""Redirects followed to a robots.txt; past it the file counts as unavailable (section 2.3.1.2)."""
TOO_MANY_REQUESTS = 429
VALID_S = 24 * 3600.0
"""How long an answer holds (section 2.4)."""

_NAMES = {
    "user-agent": "user-agent", "useragent": "user-agent", "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow", "dissallow": "disallow", "dissalow": "disallow", "disalow": "disallow",
    "diasllow": "disallow", "disallaw": "disallow",
    "crawl-delay": "crawl-delay",
}  # fmt: skip
"""Names of lines, with the misspellings that crawlers take for what they mean."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]+")
_OCTETS = re.compile(rb"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?#\[\]@!&'()+,;=]")
_ODD = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!&'()+,;=]")
_UNRESERVED = re.compile(rb"[A-Za-z0-9\-._~]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The path of a rule in normal form (section 2.2.2): ``*`` any octets, ``$`` at its end that of the path."""

    parts: tuple[str, ...]
    ends: bool
    octets: int

    @classmethod
    def of(cls, value: str) -> "Pattern":
        ends = value.endswith("$")
        parts = tuple(_normal(part) for part in value.removesuffix("$").split("*"))
        return cls(parts, ends, sum(map(len, parts)) + len(parts) - 1 + ends)

    def matches(self, path: str) -> bool:
        """Whether ``path``, in normal form, begins as the pattern says."""
        first, *others = self.parts
        if not path.startswith(first):
            return False
        if not others:
            return not self.ends or len(path) == len(first)
        at = len(first)
        for part in others[:-1] if self.ends else others:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return not self.ends or (path.endswith(others[-1]) and len(path) - len(others[-1]) >= at)


@dataclass(slots=True)
class Group:
    """The rules for one crawler, those that decide first in front: the longest, of equal ones that which allows."""

    rules: list[tuple[Pattern, bool]] = field(default_factory=list)
    crawl_delay: float | None = None

    def allows(self, path: str) -> bool:
        return next((allowed for pattern, allowed in self.rules if pattern.matches(path)), True)


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one origin. ``text`` is its robots.txt; ``verdict`` decides for all URLs where there is none."""

    text: str = ""
    verdict: bool | None = None
    _groups: dict[str, Group] = field(default_factory=dict, repr=False, compare=False)

    def allows(self, url: str, user_agent_token: str) -> bool:
        """Whether the crawler named by its product token may fetch ``url``; robots.txt itself always."""
        if urlsplit(url).path == "/robots.txt":
            return True
        if self.verdict is not None:
            return self.verdict
        return self._for(user_agent_token).allows(_path(url))

    def crawl_delay(self, user_agent_token: str) -> float | None:
        """The Crawl-delay of the crawler's group, in seconds: no part of the RFC, but widely meant."""
        return None if self.verdict is not None else self._for(user_agent_token).crawl_delay

    def _for(self, token: str) -> Group:
        token = token.lower()
        if token not in self._groups:
            self._groups[token] = group_of(self.text, token)
        return self._groups[token]


ALLOW_ALL = RobotsRules(verdict=True)
DISALLOW_ALL = RobotsRules(verdict=False)


def rules_of(status: int | None, payload: bytes = b"") -> RobotsRules:
    """The rules that an answer to robots.txt sets (section 2.3.1); ``status`` is None when none came.

    Successful: its text. 3xx that led nowhere and 4xx: unavailable, all is allowed. 5xx and no answer: unreachable,
    nothing is; nor by a server that has too many requests already (429), of which it says no more.
    """
    if status is None or is_unreachable(status):
        return DISALLOW_ALL
    if status >= 300:
        return ALLOW_ALL
    return RobotsRules(_text(payload))


def is_unreachable(status: int) -> bool:
    """Whether the answer to robots.txt says nothing of what is allowed, so that nothing is."""
    return status >= 500 or status < 200 or status == TOO_MANY_REQUESTS


def group_of(text: str, token: str) -> Group:
    """All groups for ``token`` (in lower case) as one, else all for ``*`` (section 2.2.1).

    Lines of other names do not part a group (section 2.2.4); Crawl-delay belongs to it as rules do.
    """
    own, general, known = Group(), Group(), False
    named: set[str] = set()
    in_rules = False
    for name, value in _lines(text):
        if name == "user-agent":
            named = {_agent(value)} if in_rules else named | {_agent(value)}
            in_rules = False
            known = known or token in named
            continue
        in_rules = True
        for agent, group in ((token, own), ("*", general)):
            if agent in named:
                _add(group, name, value)
    group = own if known else general
    group.rules.sort(key=lambda rule: (-rule[0].octets, not rule[1]))
    return group


def product_token(user_agent: str) -> str:
    """The token by which robots.txt names a crawler (section 2.2.1): the first name in its User-Agent header."""
    found = _PRODUCT_TOKEN.search(user_agent)
    return found[0].lower() if found else "*"


def origin_of(url: str, host: str) -> str:
    """The origin whose robots.txt rules ``url``: scheme, and the host with its port unless it is the scheme's own."""
    return f"{urlsplit(url).scheme.lower()}://{host}"


def _text(payload: bytes) -> str:
    if len(payload) > SIZE_LIMIT:  # a rule cut in half may say the opposite
        payload = payload[: max(payload.rfind(end, 0, SIZE_LIMIT) for end in (b"\n", b"\r")) + 1]
    return payload.decode("utf-8", "replace").lstrip("\ufeff\ufffd")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Names in lower case, and values, of the lines that count; a colon may be missing, as crawlers allow."""
    for line in _LINE_END.split(text):
        content = line.partition("#")[0].strip()
        name, colon, value = content.partition(":")
        if not colon:
            name, _, value = content.partition(" ")
        name = _NAMES.get(name.strip().lower(), "")
        if name:
            yield name, value.strip()


def _agent(value: str) -> str:
    """The crawler that a user-agent line names: section 2.2.1 compares whole tokens, without case."""
    if value.split(None, 1)[:1] == ["*"]:
        return "*"
    found = _PRODUCT_TOKEN.match(value)
    return found[0].lower() if found else ""


def _add(group: Group, name: str, value: str) -> None:
    if name == "crawl-delay":
        group.crawl_delay = max(filter(None, (group.crawl_delay, _seconds(value))), default=None)
    elif value:
        group.rules.append((Pattern.of(value), name == "allow"))


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


def _path(url: str) -> str:
    """Path and query of ``url`` in normal form."""
    rest = url.partition("://")[2].partition("#")[0]
    start = re.search(r"[/?]", rest)
    path = rest[start.start() :] if start else ""
    return _normal(path if path.startswith("/") else f"/{path}")


def _normal(path: str) -> str:
    """Unreserved octets as themselves, reserved ones as they are, all others percent-encoded (section 2.2.2)."""
    if not _ODD.search(path):
        return path
    return _OCTETS.sub(_octet, path.encode("utf-8", "replace")).decode("ascii")


def _octet(found: re.Match[bytes]) -> bytes:
    octets = found[0]
    if len(octets) == 1:
        return b"%%%02X" % octets[0]
    decoded = bytes([int(octets[1:], 16)])
    return decoded if _UNRESERVED.fullmatch(decoded) else octets.upper()
