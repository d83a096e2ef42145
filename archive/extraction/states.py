"""The data that a page's scripts hold for the browser: JSON alone or assigned, and the rows of React's flight format.

Flight rows are ``ID:JSON`` lines, and ``ID:T<hex>,`` with a text of so many bytes behind it; ``$ID`` and ``$LID`` in a
row stand for another row, ``$ID:a:b`` for a part of it, ``$$`` for a dollar sign.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml.etree import _Element

from archive.extraction.held import MAX_SCRIPT, MAX_SCRIPTS, MIN_HELD, STATE

MAX_ROWS = 20_000
"""Flight rows of one page that are read."""
MAX_TRIES = 8
"""Places of one script at which a value may begin that are tried."""
MAX_HOPS = 8
"""References that lead to another reference before one is given up."""

_PUSHED = re.compile(r"__next_f\.push\(\s*(?=\[\s*1\s*,)")
_BEGINS = re.compile(r"(?:[=(]\s*|\A\s*)(?=[\[{])|JSON\.parse\(\s*(?=\")")
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*undefined\b")
_ROW = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),|([\[{\"$tfn\d-])?)")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]{1,8})((?::[^:]{1,200}){0,20})")
_DECODER = json.JSONDecoder(strict=False)


class Text(str):
    """A row of text, in which a dollar sign is one."""


@dataclass(frozen=True, slots=True)
class State:
    """What scripts hold, by the name that they give it; ``rows`` are what references in flight data stand for."""

    name: str
    value: Any
    rows: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """The value that a reference stands for; any other as it is. None for what is not there."""
        for _ in range(MAX_HOPS):
            if not self.rows or not isinstance(value, str) or value[:1] != "$" or isinstance(value, Text):
                return value
            if value.startswith("$$"):
                return value[1:]
            found = _REFERENCE.fullmatch(value)
            value = _part(self.rows.get(found[1]), found[2]) if found else None
        return None


def read_states(scripts: Iterable[_Element]) -> Iterator[State]:
    """The data of ``scripts``, in the page's order; flight data last, which many of them hold together."""
    pushed: list[str] = []
    for script in islice(scripts, MAX_SCRIPTS):
        code = script.text or ""
        kind = (script.get("type") or "").lower()
        if len(code) > MAX_SCRIPT or "ld+json" in kind:
            continue
        if "__next_f" in code[:200]:
            pushed += _chunks(code)
        elif len(code) >= MIN_HELD:
            yield from _stated(script, code, "json" in kind)
    if rows := flight_rows("".join(pushed)[:MAX_SCRIPT]):
        yield State("__next_f", list(rows.values()), rows)


def _chunks(code: str) -> Iterator[str]:
    for found in islice(_PUSHED.finditer(code), MAX_TRIES):
        value = _decoded(code, found.end())
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
            yield value[1]


def _stated(script: _Element, code: str, is_json: bool) -> Iterator[State]:
    named = STATE.search(script.get("id") or "") or STATE.search(code)
    if named is None and not is_json:
        return
    name = named[0].rstrip(" =") if named else script.get("id") or "application/json"
    for found in islice(_BEGINS.finditer(code), MAX_TRIES):
        value = _decoded(code, found.end())
        if isinstance(value, str):
            value = _decoded(value, 0)
        if isinstance(value, dict | list) and value and not _is_flat(value):
            yield State(name, value)
            return


def _is_flat(value: Any) -> bool:
    """Whether a page's values stand in one list and point to each other by their places in it, as Nuxt has them."""
    first = value[0] if isinstance(value, list) else None
    members = list(first.values()) if isinstance(first, dict) else first
    return isinstance(members, list) and bool(members) and isinstance(members[-1], int)


def _decoded(code: str, start: int) -> Any:
    """The JSON value that begins there; None where none does."""
    try:
        return _DECODER.raw_decode(code, start)[0]
    except (ValueError, RecursionError):
        pass
    if "undefined" not in code:
        return None
    try:
        return _DECODER.raw_decode(_UNDEFINED.sub("null", code[start:]))[0]
    except (ValueError, RecursionError):
        return None


def flight_rows(text: str) -> dict[str, Any]:
    """The rows that hold text or JSON, by their ids; a broken one costs itself."""
    data = text.encode("utf-8", "replace")
    rows: dict[str, Any] = {}
    position = 0
    for _ in range(MAX_ROWS):
        found = _ROW.match(data, position)
        if found is not None and found[2] is not None:
            stop = found.end() + int(found[2], 16)
            rows[found[1].decode()] = Text(data[found.end() : stop], "utf-8", "replace")
            position = stop
            continue
        stop = data.find(b"\n", position)
        stop = stop if stop >= 0 else len(data)
        if found is not None and found[3] is not None:
            rows[found[1].decode()] = _decoded(data[found.start(3) : stop].decode("utf-8", "replace"), 0)
        position = stop + 1
        if position >= len(data):
            break
    return rows


def _part(value: Any, path: str) -> Any:
    for name in filter(None, path.split(":")):
        if isinstance(value, list) and name == "props" and is_element(value):
            value = value[3]
        elif isinstance(value, list):
            value = value[int(name)] if name.isdigit() and len(name) < 8 and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def is_element(value: Any) -> bool:
    """Whether a list is a React element: ``["$", type, key, props]``."""
    return (
        isinstance(value, list)
        and len(value) >= 4
        and value[0] == "$"
        and isinstance(value[1], str)
        and isinstance(value[3], dict)
    )
