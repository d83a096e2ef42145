"""What may be written to a terminal: text from outside can hold control sequences."""

import sys
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_KEPT_CONTROLS = "\n\t"
_BIDI_OVERRIDES = {0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}
"""Characters that reorder what follows them (Unicode Standard Annex 9), a table's other columns included."""


def printable(text: str) -> str:
    """``text`` with control characters replaced, line ends and tabs kept."""
    return "".join(REPLACEMENT if _is_control(character) else character for character in text)


def on_one_line(text: str | None) -> str:
    """``text`` for a cell of a table: no control characters, no characters that reorder the line, white space collapsed."""
    kept = (character for character in text or "" if ord(character) not in _BIDI_OVERRIDES)
    return printable(" ".join("".join(kept).split()))


def write_out(text: str) -> None:
    """Write a text as it is; to a terminal, without control characters and with a line end."""
    if sys.stdout.isatty():
        text = printable(text) + ("" if text.endswith("\n") else "\n")
    write_bytes(text.encode("utf-8", "surrogateescape"))


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output, unaltered."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in _KEPT_CONTROLS
