"""What is wrong in ``sources.toml``, in words, and on which line."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from tomllib import TOMLDecodeError

from pydantic import ValidationError

HEADER = re.compile(r"\s*\[\[\s*source\s*\]\]")
WORDS = {
    "tuple_type": 'is a list, as in ["…", "…"]',
    "string_type": 'is a text in quotes: "…"',
    "dict_type": "is a table of its own: [source.{key}]",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "string_too_long": "has {max_length} characters at most",
    "literal_error": "is one of {expected}",
    "greater_than_equal": "is {ge} at least",
    "less_than_equal": "is {le} at most",
}
"""What a key is, by the kind of the validator's complaint."""
PATTERNS = {
    "language": 'is a language tag (BCP 47) such as "de" or "pt-BR"',
    "headers": "has names and values of header fields (RFC 9110), each on one line",
    "user_agent": "is a header field's value, on one line",
}
"""What a key is whose value has to fit a pattern."""
SHOWN = 60
"""Characters of a wrong value that are shown."""

_PLACE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")


def fault_in_words(error: ValidationError, known: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The key at fault, with the key within it where it is a table, and what is wrong with it."""
    fault = error.errors()[0]
    keys = tuple(str(part) for part in fault["loc"] if isinstance(part, str) and part != "[key]")
    key = keys[0] if keys else ""
    if fault["type"] == "extra_forbidden":
        return keys, unknown(key, known)
    if fault["type"] == "string_pattern_mismatch" and key in PATTERNS:
        words = PATTERNS[key]
    elif fault["type"] in WORDS:
        words = WORDS[fault["type"]].format(key=key, **fault.get("ctx", {}))
    else:
        words = fault["msg"].removeprefix("Value error, ")
        return keys, f"{key}: {words[:1].lower()}{words[1:]}" if key else words
    return keys, f"{key} {words} (given: {_shown(fault['input'])})"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"unknown key {key!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
    )


def syntax_fault(path: Path, error: TOMLDecodeError) -> str:
    """What a TOML parser says, with the line where lines stand."""
    text = str(error)
    found = _PLACE.search(text)
    words = _PLACE.sub("", text)
    line = f":{found[1]}" if found and found[1] else ""
    return f"{path}{line}: is no TOML: {words[:1].lower()}{words[1:]}"


def encoding_fault(path: Path, error: UnicodeDecodeError) -> str:
    line = error.object[: error.start].count(b"\n") + 1
    return f"{path}:{line}: cannot be read as UTF-8 (byte {error.object[error.start]:#x}); save it in that encoding"


class Places:
    """Finds the line of a key, which a TOML parser does not tell."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.splitlines()
        self._starts = [number for number, line in enumerate(self._lines) if HEADER.match(line)]

    def of(self, at: int, *keys: str) -> str:
        """``file:line`` of a key in the source counted ``at`` from 0, of its header where there is no such line.

        Further keys are those within it, where it is a table.
        """
        if at >= len(self._starts):
            return str(self._path)
        start = self._starts[at]
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self._lines)
        return f"{self._path}:{self._line(keys, start, end) + 1}"

    def of_top(self, *keys: str) -> str:
        """``file:line`` of the first line that gives a key or opens a table of that name."""
        return f"{self._path}:{self._line(keys, 0, len(self._lines)) + 1}"

    def _line(self, keys: Sequence[str], start: int, end: int) -> int:
        for key in keys:
            given = re.compile(
                rf"""\s*(?:\[+\s*(?:source\s*\.\s*)?)?["']?{re.escape(key)}["']?\s*(?:[=.\]]|$)""",
                re.IGNORECASE,
            )
            start = next(
                (number for number in range(start, end) if key and given.match(self._lines[number])), start
            )
        return start
