"""Prose that a page's scripts hold, for themselves to show: of no use to a reader without them, and worth a word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.etree import _Element

MIN_HELD = 200
"""Characters from which a text that a script holds counts."""
MAX_SCRIPTS = 100
MAX_SCRIPT = 2_000_000
"""Characters of one script that are looked at."""
MAX_WORD_LENGTH = 20
"""Characters of a word, on average, in prose."""
MIN_STRING = 40
"""Characters of a string that may be prose."""
MAX_STRINGS = 50_000
"""Strings of one script that are looked at."""

STATE = re.compile(
    r"__NEXT_DATA__|__next_f|__NUXT__|__INITIAL_STATE__|__PRELOADED_STATE__|__APOLLO_STATE__"
    r"|window\.__?[A-Za-z_]{3,40}\s*=|Fusion\.globalContent|\bself\.__\w{1,40}"
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)("?)')  # also one without an end: none is begun inside of it
_SENTENCES = re.compile(r"\w{2,}[.!?…。]['\"”»]?(?:\s+\S|\\n|$)|。")
_CODE = re.compile(r"[{};=<>]|https?:|\\u003c/?(?:script|style)")
_ESCAPES = re.compile(r"\\u[0-9a-fA-F]{4}|\\.")


@dataclass(frozen=True, slots=True)
class HeldText:
    """A script by the name that it gives its data, and how many characters of prose it holds."""

    name: str
    length: int


def held_texts(scripts: Iterable[_Element]) -> tuple[HeldText, ...]:
    """Those of ``scripts`` that hold prose. Meant for pages that show none: it costs a pass over each."""
    found = (_held(script) for script in islice(scripts, MAX_SCRIPTS))
    return tuple(held for held in found if held is not None)


def _held(script: _Element) -> HeldText | None:
    code = (script.text or "")[:MAX_SCRIPT]
    kind = (script.get("type") or "").lower()
    if len(code) < MIN_HELD or "ld+json" in kind:
        return None
    named = STATE.search(script.get("id") or "") or STATE.search(code[:MAX_SCRIPT])
    if named is None and "json" not in kind:
        return None
    length = sum(map(len, _prose(code)))
    name = named[0].rstrip(" =") if named else script.get("id") or kind
    return HeldText(name, length) if length >= MIN_HELD else None


def _prose(code: str) -> Iterator[str]:
    for string in _strings(code):
        if '\\"' in string:  # a program in a string: what it quotes is escaped once more
            inner = string.replace('\\"', '"')
            yield from (text for found in _strings(inner) if _is_prose(text := _plain(found)))
        if _is_prose(text := _plain(string)):
            yield text


def _strings(code: str) -> Iterator[str]:
    for found in islice(_STRING.finditer(code), MAX_STRINGS):
        if found[2] and len(found[1]) >= MIN_STRING:
            yield found[1]


def _plain(string: str) -> str:
    return _ESCAPES.sub(" ", string)


def _is_prose(text: str) -> bool:
    words = text.count(" ") * MAX_WORD_LENGTH >= len(text) or "。" in text
    return words and _CODE.search(text) is None and _SENTENCES.search(text) is not None
