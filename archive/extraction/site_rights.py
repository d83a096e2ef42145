"""Rights signals that hold for a whole site, from files at known places, one line of text each.

``/.well-known/tdmrep.json`` (TDM Reservation Protocol, W3C Community Group report, section 5): ``tdm-reservation=1 PATTERN``
and ``tdm-policy=URL PATTERN``. ``/ai.txt`` (Spawning): ``ai.txt disallow PATTERN`` and ``ai.txt allow PATTERN`` of the group
for all agents. ``/robots.txt``: ``robots AGENT disallow PATTERN`` for agents that gather text for AI.
"""

import json
from collections.abc import Iterator

MAX_SIGNALS = 200
"""Taken from one file."""
MAX_FILE_BYTES = 500 * 1024
TDMREP_PATH = "/.well-known/tdmrep.json"
AI_PATH = "/ai.txt"
ROBOTS_PATH = "/robots.txt"

AI_AGENTS = frozenset(
    (
        "ai2bot", "amazonbot", "anthropic-ai", "applebot-extended", "bytespider", "ccbot", "chatgpt-user", "claude-web",
        "claudebot", "cohere-ai", "diffbot", "facebookbot", "google-extended", "gptbot", "meta-externalagent",
        "oai-searchbot", "omgilibot", "perplexitybot", "timpibot",
    )
)  # fmt: skip
"""Product tokens by which sites address gatherers for AI, in lower case."""


def site_signals(path: str, payload: bytes) -> tuple[str, ...] | None:
    """The signals of the file at ``path``; None where that is no such place, or does not hold such a file."""
    text = payload[:MAX_FILE_BYTES].decode("utf-8-sig", "replace")
    if path == TDMREP_PATH:
        return _tdmrep(text)
    if path == AI_PATH and not text.lstrip().startswith("<"):
        rules = (f"ai.txt {rule} {pattern}" for agent, rule, pattern in _rules(text) if agent == "*")
        return _bounded(rules)
    return None


def robots_signals(payload: bytes) -> tuple[str, ...]:
    """What a robots.txt says to gatherers for AI."""
    text = payload[:MAX_FILE_BYTES].decode("utf-8-sig", "replace")
    rules = (
        f"robots {agent} {rule} {pattern}" for agent, rule, pattern in _rules(text) if agent in AI_AGENTS
    )
    return _bounded(rules)


def _tdmrep(text: str) -> tuple[str, ...] | None:
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return None
    rules = [rules] if isinstance(rules, dict) else rules
    return _bounded(_tdm_signals(rules)) if isinstance(rules, list) else None


def _tdm_signals(rules: list[object]) -> Iterator[str]:
    for rule in rules:
        location = rule.get("location") if isinstance(rule, dict) else None
        if not isinstance(rule, dict) or not isinstance(location, str) or not location.strip():
            continue
        pattern = _one_word(location)
        if str(rule.get("tdm-reservation")) in ("0", "1"):
            yield f"tdm-reservation={rule['tdm-reservation']} {pattern}"
        if isinstance(rule.get("tdm-policy"), str):
            yield f"tdm-policy={_one_word(rule['tdm-policy'])} {pattern}"


def _rules(text: str) -> Iterator[tuple[str, str, str]]:
    """(agent in lower case, ``allow`` or ``disallow``, pattern), as robots.txt groups them (RFC 9309, section 2.2)."""
    agents: list[str] = []
    in_rules = False
    for line in text.splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            agents = [*([] if in_rules else agents), value.lower()]
            in_rules = False
        elif name in ("allow", "disallow"):
            in_rules = True
            if value:
                yield from ((agent, name, _one_word(value)) for agent in agents)


def _one_word(text: str) -> str:
    return "%20".join(text.split())


def _bounded(signals: Iterator[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for signal in signals:
        if len(found) >= MAX_SIGNALS:
            break
        found[signal[:2000]] = None
    return tuple(found)
