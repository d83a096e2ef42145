"""Policies over rights signals: which pages a site asks not to be fetched, or not to be handed on, and why.

Signals are those of a page and its response (`archive.extraction.rights`) and of the site's files
(`archive.extraction.site_rights`).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

Policy = Literal["noarchive", "noai", "tdm", "aiagents"]
POLICIES: tuple[Policy, ...] = ("noarchive", "noai", "tdm", "aiagents")
SITE_POLICIES = frozenset({"noai", "tdm", "aiagents"})
"""Those that a file of the site can state."""


def refusal(url: str, page: Collection[str], site: Collection[str], respect: Collection[str]) -> str | None:
    """Why the page at ``url`` is left out, in a word; None where nothing is against it.

    ``noArchive``, ``noAi`` and ``tdmReserved`` are what it is asked by name; ``aiAgents``, that robots.txt keeps an agent which
    gathers text for AI from the page.

    ``page`` are its own signals, ``site`` those of the site's files, ``respect`` the policies held. What a page says
    of text and data mining goes before what the site's file says.
    """
    if "noarchive" in respect and not {"noarchive", "nocache"}.isdisjoint(page):
        return "noArchive"
    if "noai" in respect and "noai" in page:
        return "noAi"
    stated = {signal.partition("=")[2] for signal in page if signal.startswith("tdm-reservation=")}
    if "tdm" in respect and "1" in stated:
        return "tdmReserved"
    return site_refusal(url, site, frozenset(respect) - ({"tdm"} if "0" in stated else set()))


def site_refusal(url: str, site: Iterable[str], respect: Collection[str]) -> str | None:
    """The same as far as the site's files tell, before the page is fetched.

    The longest pattern that fits decides, as in robots.txt (RFC 9309, section 2.2.2); of equal ones the refusal.
    """
    rules = [signal.split(" ") for signal in site]
    ai = ((rule == "disallow", pattern) for name, rule, pattern in _of_length(rules, 3) if name == "ai.txt")
    if "noai" in respect and _decided(url, ai):
        return "noAi"
    tdm = (
        (rule == "tdm-reservation=1", pattern)
        for rule, pattern in _of_length(rules, 2)
        if rule.startswith("tdm-reservation=")
    )
    if "tdm" in respect and _decided(url, tdm):
        return "tdmReserved"
    return "aiAgents" if "aiagents" in respect and _keeps_agents_out(url, _of_length(rules, 4)) else None


def _keeps_agents_out(url: str, rules: list[list[str]]) -> bool:
    by_agent: defaultdict[str, list[tuple[bool, str]]] = defaultdict(list)
    for name, agent, rule, pattern in rules:
        if name == "robots":
            by_agent[agent].append((rule == "disallow", pattern))
    return any(_decided(url, of_agent) for of_agent in by_agent.values())


def _of_length(rules: list[list[str]], length: int) -> list[list[str]]:
    return [rule for rule in rules if len(rule) == length]


def _decided(url: str, rules: Iterable[tuple[bool, str]]) -> bool:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fitting = [(len(pattern), refused) for refused, pattern in rules if _pattern(pattern).match(path)]
    return max(fitting)[1] if fitting else False


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    text = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    body = ".*?".join(map(re.escape, re.sub(r"\*+", "*", text.removesuffix("$")).split("*")))
    return re.compile(body + (r"\Z" if pattern.endswith("$") else ""), re.DOTALL)
