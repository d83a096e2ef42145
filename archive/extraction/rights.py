"""Rights signals that a page and its response carry, in one normal form each.

robots meta and X-Robots-Tag (RFC 9309 leaves them to the vendors: directives as Google documents them, ``noai`` and
``noimageai`` as DeviantArt introduced them) and the TDM Reservation Protocol (W3C Community Group report, sections 6
and 7: header and meta ``tdm-reservation`` and ``tdm-policy``).
"""

import re
from collections.abc import Iterable, Iterator

from archive.extraction.structured import Structured
from archive.http import ResponseHead

DIRECTIVES = frozenset(
    (
        "noindex",
        "nofollow",
        "none",
        "noarchive",
        "nocache",
        "nosnippet",
        "noimageindex",
        "notranslate",
        "noai",
        "noimageai",
        "unavailable_after",
    )
)
_AGENT = re.compile(r"\A\s*([A-Za-z][\w-]*)\s*:\s*(?=\S)")


def rights_signals(data: Structured, head: ResponseHead | None) -> tuple[str, ...]:
    """Sorted signals: ``noarchive``, ``noai``, ``tdm-reservation=1``, ``tdm-policy=URL``, ``googlebot:noarchive`` …"""
    found = set(_page_signals(data))
    if head is not None:
        found |= set(header_signals(head))
    return tuple(sorted(found))


def _page_signals(data: Structured) -> Iterator[str]:
    for name, contents in data.meta.items():
        if name == "robots":
            yield from _directives(contents)
        elif name.endswith("bot") or name in ("googlebot-news", "otherbots", "slurp"):
            yield from (f"{name}:{signal}" for signal in _directives(contents))
        elif name in ("tdm-reservation", "tdm-policy"):
            yield from (f"{name}={content.strip()}" for content in contents if content.strip())


def header_signals(head: ResponseHead) -> Iterator[str]:
    """What the header of a response says, whatever it carries: X-Robots-Tag and the TDM Reservation Protocol."""
    for value in _values(head, "x-robots-tag"):
        agent = _AGENT.match(value)
        if agent and agent[1].lower() != "unavailable_after":
            signals = _directives([value[agent.end() :]])
            yield from (f"{agent[1].lower()}:{signal}" for signal in signals)
        else:
            yield from _directives([value])
    for name in ("tdm-reservation", "tdm-policy"):
        yield from (f"{name}={value}" for value in _values(head, name) if value)


def _values(head: ResponseHead, name: str) -> list[str]:
    return [value.decode("utf-8", "replace").strip() for value in head.get_all(name.encode())]


def _directives(contents: Iterable[str]) -> Iterator[str]:
    for content in contents:
        for part in content.lower().split(","):
            name = part.split(":")[0].strip()
            if name in DIRECTIVES:
                yield name
