"""What the values of a record's fields may be, and how they fit its block (WARC 1.1, clauses 5 and 6)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from archive.warc.checks import REMEMBERED, Problem, Values
from archive.warc.fields import uri
from archive.warc.records import Record

REASONS = frozenset({"length", "time", "disconnect", "unspecified"})
"""For which a block is truncated (section 5.15); other tokens are left to the future."""

FIRST_BYTES = 256
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_IS_TOKEN = re.compile(_WORD)
_MEDIA_TYPE = re.compile(
    rf'{_WORD}/{_WORD}(?:[ \t]*;[ \t]*(?:{_WORD}=(?:{_WORD}|"(?:[^"\\]|\\.)*"))?)*[ \t]*'
)
_DIGITS = re.compile(r"[0-9]{1,18}")
_SCHEME = re.compile(r"<?[A-Za-z][A-Za-z0-9+.-]*:\S+")
_MESSAGE = {
    "response": re.compile(rb"[\r\n]*HTTP/\d", re.IGNORECASE),
    "request": re.compile(rb"[\r\n]*[A-Z]+ \S+ HTTP/\d"),
}
_MESSAGE_OF = {"response": "response", "revisit": "response", "request": "request"}
_MESSAGE_TYPE = re.compile(r'msgtype *= *"?([^";]*)')
_MEDIA_TYPES = (
    ("Content-Type", "content-type"),
    ("WARC-Identified-Payload-Type", "warc-identified-payload-type"),
)
_NUMBERS = (
    ("WARC-Segment-Number", "warc-segment-number"),
    ("WARC-Segment-Total-Length", "warc-segment-total-length"),
)


def value_problems(record: Record, by_name: Values) -> Iterator[Problem]:
    """Field values that are not what the grammar lets them be, and a Content-Type that is not the block's."""
    if record.version.startswith("ARC"):
        return
    kind = (by_name.get("warc-type") or ("",))[0].lower()
    for name, key in _MEDIA_TYPES:
        for value in by_name.get(key, ()):
            if not _is_media_type(value):
                yield Problem("media-type", f"{name}: {value[:100]!r} is no media type")
    for value in by_name.get("warc-truncated", ()):
        yield from _truncated(value)
    if "warc-segment-number" in by_name or kind == "continuation":
        yield from _segment(by_name, kind)
    for value in by_name.get("warc-profile", ()):
        if not _SCHEME.fullmatch(value) or uri(value.strip("<>")) != value.strip("<>"):
            yield Problem("profile", f"WARC-Profile: {value[:200]!r} is no URI")
    if kind in _MESSAGE_OF and record.content_length:
        yield from _message(record, by_name, _MESSAGE_OF[kind])


@lru_cache(maxsize=REMEMBERED)
def _is_media_type(value: str) -> bool:
    return _MEDIA_TYPE.fullmatch(value) is not None


def _truncated(value: str) -> Iterator[Problem]:
    if not _IS_TOKEN.fullmatch(value):
        yield Problem("truncated", f"WARC-Truncated: {value[:100]!r} is no token")
    elif value.lower() not in REASONS:
        yield Problem("truncated", f"WARC-Truncated: {value[:100]!r} is no reason of the standard", "warning")


def _segment(by_name: Values, kind: str) -> Iterator[Problem]:
    """Clause 7: the first segment has the number 1, those that continue it have the numbers after."""
    for name, key in _NUMBERS:
        for value in by_name.get(key, ()):
            if not _DIGITS.fullmatch(value):
                yield Problem("segment", f"{name}: {value[:100]!r} is no number")
    number = (by_name.get("warc-segment-number") or ("",))[0]
    if not number:
        yield Problem("missing-field", "a continuation record without WARC-Segment-Number")
    elif _DIGITS.fullmatch(number) and (int(number) > 1) != (kind == "continuation"):
        yield Problem("segment", f"a {kind} record has the WARC-Segment-Number {number}")


def _message(record: Record, by_name: Values, kind: str) -> Iterator[Problem]:
    """Sections 6.3.2 and 6.5.2: readers take the block of an HTTP capture apart by its Content-Type."""
    stated = (by_name.get("content-type") or ("",))[0].lower()
    target = (by_name.get("warc-target-uri") or ("",))[0].lower().lstrip("<")
    if not stated or not target.startswith(("http:", "https:")):
        return
    media_type, _, parameters = stated.partition(";")
    if media_type.strip() != "application/http":
        record.block.seek(0)
        if _MESSAGE[kind].match(record.block.read(FIRST_BYTES)):
            yield Problem("content-type", f"Content-Type is {stated[:100]!r}, the block is an HTTP {kind}")
        else:
            yield Problem("content-type", f"Content-Type of an HTTP {kind} is {stated[:100]!r}", "warning")
    elif (stated_kind := _MESSAGE_TYPE.search(parameters)) and stated_kind[1].strip() != kind:
        yield Problem("content-type", f"Content-Type is {stated[:100]!r} on a {kind} record")
