"""What robots.txt allows (RFC 9309): from the answer of a server to the rules for its origin."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

SIZE_LIMIT = 500 * 1024
"""Bytes of robots.txt that are read (section 2.5)."""
REDIRECT_LIMIT = 5
"""Redirects followed to a robots.txt; past it the file counts as unavailable (section 2.3.1.2)."""
VALID_S = 24 * 3600.0
"""How long an answer holds (section 2.4)."""

_GROUP_LINE = re.compile(r"^(\s*user-?\s?agent\s*:)\s*([^#]*)", re.IGNORECASE)
_PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]+")
_ANOTHER = "-another-crawler-"


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one origin. ``text`` is its robots.txt; ``verdict`` decides for all URLs where there is none."""

    text: str = ""
    verdict: bool | None = None
    _parsed: dict[str, Protego] = field(default_factory=dict, repr=False, compare=False)

    def allows(self, url: str, user_agent_token: str) -> bool:
        """Whether the crawler named by its product token may fetch ``url``; robots.txt itself always."""
        if urlsplit(url).path == "/robots.txt":
            return True
        if self.verdict is not None:
            return self.verdict
        encodable = url.encode("utf-8", "replace").decode()
        return bool(self._for(user_agent_token).can_fetch(encodable, user_agent_token))

    def crawl_delay(self, user_agent_token: str) -> float | None:
        """The Crawl-delay of the crawler's group, in seconds: no part of the RFC, but widely meant."""
        if self.verdict is not None:
            return None
        delay: float | None = self._for(user_agent_token).crawl_delay(user_agent_token)
        return delay

    def _for(self, token: str) -> Protego:
        token = token.lower()
        if token not in self._parsed:
            self._parsed[token] = Protego.parse(_only_for(self.text, token))
        return self._parsed[token]


ALLOW_ALL = RobotsRules(verdict=True)
DISALLOW_ALL = RobotsRules(verdict=False)


def rules_of(status: int | None, payload: bytes = b"") -> RobotsRules:
    """The rules that an answer to robots.txt sets (section 2.3.1); ``status`` is None when none came.

    Successful: its text. 3xx that led nowhere and 4xx: unavailable, all is allowed. 5xx and no answer: unreachable,
    nothing is.
    """
    if status is None or status >= 500 or status < 200:
        return DISALLOW_ALL
    if status >= 300:
        return ALLOW_ALL
    return RobotsRules(_text(payload))


def product_token(user_agent: str) -> str:
    """The token by which robots.txt names a crawler (section 2.2.1): the first name in its User-Agent header."""
    found = _PRODUCT_TOKEN.search(user_agent)
    return found[0].lower() if found else "*"


def origin_of(url: str, host: str) -> str:
    """The origin whose robots.txt rules ``url``: scheme, and the host with its port unless it is the scheme's own."""
    return f"{urlsplit(url).scheme.lower()}://{host}"


def _text(payload: bytes) -> str:
    if len(payload) > SIZE_LIMIT:  # a rule cut in half may say the opposite
        payload = payload[:SIZE_LIMIT].rpartition(b"\n")[0]
    return payload.decode("utf-8-sig", "replace")


def _only_for(text: str, token: str) -> str:
    """The text with its user-agent lines reduced to product tokens that are ours, ``*``, or another's.

    Section 2.2.1 compares whole tokens, without case; protego would take ``palm`` for a group of ``palmyra``, and not
    see ``palmyra/2.0``.
    """
    return "\n".join(_reduced(line, token) for line in text.splitlines())


def _reduced(line: str, token: str) -> str:
    found = _GROUP_LINE.match(line)
    if not found:
        return line
    name = found[2].strip()
    if name.split(None, 1)[:1] == ["*"]:
        return "User-agent: *"
    named = _PRODUCT_TOKEN.match(name)
    return f"User-agent: {token if named and named[0].lower() == token else _ANOTHER}"
