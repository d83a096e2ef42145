"""The document format: blocks of lines, a blank line between two blocks; file names that carry their own digest."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, Self

from archive.errors import DigestMismatch

BlockKind = Literal["heading", "paragraph", "list", "quote", "table", "caption", "pre", "lines"]

FOLDER_SIZE = 1000
"""Documents in one folder."""
NAME_DIGITS = 16
"""Hex digits of the SHA-256 in a document's name."""

_NAME = re.compile(r"(\d{3})_([0-9a-f]{16})\.txt")
_LIST_LINE = re.compile(r"(?:  )*(?:- |\d+\. )")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand under each other without a blank line; each non-empty, none with a line end in it."""

    kind: BlockKind
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.lines or any(not line or "\n" in line for line in self.lines):
            raise ValueError(f"a block needs non-empty lines without line ends: {self.lines!r}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one block back. Plain text keeps no more of the kind than list, paragraph and lines."""
        lines = tuple(text.split("\n"))
        if _LIST_LINE.match(lines[0]):
            return cls("list", lines)
        return cls("paragraph" if len(lines) == 1 else "lines", lines)


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document read back: title, bylines without their ``- ``, blocks."""

    title: str
    bylines: tuple[str, ...]
    blocks: tuple[Block, ...]


def render(title: str, bylines: Iterable[str], blocks: Iterable[Block]) -> str:
    """The document's text: no blank line at its start, no line end after its last line."""
    parts = [title] if title else []
    if listed := "\n".join(f"- {byline}" for byline in bylines):
        parts.append(listed)
    parts.extend(block.text for block in blocks)
    return "\n\n".join(parts)


def parse(text: str) -> ParsedDocument:
    """Read a rendered document; ValueError where the text breaks the format.

    A list that opens the document reads as its bylines: ``render`` gives the same text for either.
    """
    if not text or "\n\n\n" in text or text.startswith("\n") or text.endswith("\n") or "\r" in text:
        raise ValueError("text is not in the document format")
    title, *parts = text.split("\n\n")
    blocks = [Block.parse(part) for part in parts]
    bylines: tuple[str, ...] = ()
    if blocks and all(line.startswith("- ") and len(line) > 2 for line in blocks[0].lines):
        bylines = tuple(line[2:] for line in blocks.pop(0).lines)
    return ParsedDocument(title, bylines, tuple(blocks))


def document_name(ordinal: int, text: str) -> str:
    """The path of document ``ordinal`` (from 0) below ``documents/``: ``00000/000_<16 hex of SHA-256>.txt``."""
    if ordinal < 0:
        raise ValueError(f"ordinal {ordinal} is negative")
    folder, number = divmod(ordinal, FOLDER_SIZE)
    return f"{folder:05d}/{number:03d}_{_digits(text.encode())}.txt"


def is_document_name(name: str) -> bool:
    """Whether ``name`` is the last part of a path as `document_name` gives it."""
    return _NAME.fullmatch(name) is not None


def check_name(path: Path) -> None:
    """Hold a document's bytes against the digest in its name; DigestMismatch where they differ."""
    name = _NAME.fullmatch(PurePosixPath(path).name)
    if name is None:
        raise DigestMismatch(f"{path}: not a document's name (NNN_ and {NAME_DIGITS} hex digits, .txt)")
    if (found := _digits(path.read_bytes())) != name[2]:
        raise DigestMismatch(f"{path}: the name says SHA-256 {name[2]}…, the bytes have {found}…")


def _digits(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:NAME_DIGITS]
