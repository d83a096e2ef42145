"""What the standard says of one record's fields and block (WARC 1.1, clauses 4 to 6)."""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import BinaryIO, Literal

from archive.capture import Digest
from archive.errors import HttpFormatError
from archive.http import Head, entity_body, parse_request_head, parse_response_head, read_head
from archive.warc.cursor import HEAD_BYTES
from archive.warc.fields import parse_date
from archive.warc.records import WARC_FIELDS, Record
from archive.warc.scan import ENDING
from archive.warc.serialise import CHUNK_BYTES, digest_of, read_chunks

Severity = Literal["error", "warning"]
Values = dict[str, list[str]]

VERSIONS = frozenset({"WARC/1.0", "WARC/1.1"})
TYPES = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)
MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol", "warc-cipher-suite"})
"""Concurrent-To by section 5.7, the others by IIPC's proposals."""
WITH_TARGET = frozenset({"response", "resource", "request", "revisit", "conversion", "continuation"})
WITHOUT_PAYLOAD = frozenset({"warcinfo", "metadata"})
ID_FIELDS = (
    "WARC-Record-ID",
    "WARC-Concurrent-To",
    "WARC-Refers-To",
    "WARC-Warcinfo-ID",
    "WARC-Segment-Origin-ID",
)
ONLY_ON = {
    "warc-concurrent-to": frozenset({"request", "response", "resource", "metadata", "revisit"}),
    "warc-ip-address": frozenset({"response", "resource", "request", "metadata", "revisit"}),
    "warc-refers-to": frozenset({"metadata", "revisit", "conversion"}),
    "warc-refers-to-target-uri": frozenset({"revisit"}),
    "warc-refers-to-date": frozenset({"revisit"}),
    "warc-target-uri": TYPES - {"warcinfo"},
    "warc-warcinfo-id": TYPES - {"warcinfo"},
    "warc-filename": frozenset({"warcinfo"}),
    "warc-profile": frozenset({"revisit"}),
    "warc-payload-digest": TYPES - WITHOUT_PAYLOAD,
    "warc-identified-payload-type": TYPES - WITHOUT_PAYLOAD,
    "warc-segment-origin-id": frozenset({"continuation"}),
    "warc-segment-total-length": frozenset({"continuation"}),
}
"""The types of record that may have a field (clause 5)."""

KNOWN_FIELDS = frozenset(
    {
        *ONLY_ON, *REPEATABLE, *(name.lower() for name in MANDATORY), "content-type", "warc-block-digest",
        "warc-truncated", "warc-segment-number",
    }
)  # fmt: skip
"""Those of the standard and of IIPC's proposals. Others may be extensions, or misspelt."""
ALIKE = 0.85
"""How alike a name is to a known one that it is taken for (of 1)."""

REMEMBERED = 4096
"""Values whose check is remembered: the records of a capture share theirs, those of a file its warcinfo's."""

_PROPER_HEAD = re.compile(rb"WARC/1\.[01]\r\n(?:[!#-'*+.0-9A-Z^_`a-z|~-]++:[^\r\n]*+\r\n)++\r\n")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:[A-Za-z0-9!#$%&'()*+,\-./:;=?@\[\]_~]++")
_HEAD_LINE = re.compile(rb"[!#-'*+.0-9A-Z^_`a-z|~-]+:[^\r\n]*\r\n")
_PROFILE = re.compile(
    r"http://netpreserve\.org/warc/\d\.\d+/revisit/((uri-agnostic-)?identical-payload-digest|server-not-modified)"
)
_USUAL_LABELS = ("sha1:", "sha256:")
_PROTOCOL = re.compile(r"(http|tls)/\d(\.\d)?|h2c?|h3|quic/1|spdy/[123]|ssl/[23]|dns|ftp|gopher|gemini")
_CIPHER_SUITE = re.compile(r"[A-Z0-9_]+")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a record: a ``code`` for programs, a ``message`` for people.

    An error is a breach of what the standard says a record shall be, or bytes that are not what they were; a warning
    is a breach of a recommendation, or what cannot be checked.
    """

    code: str
    message: str
    severity: Severity = "error"


def _warning(code: str, message: str) -> Problem:
    return Problem(code, message, "warning")


def problems(record: Record, by_name: Values) -> Iterator[Problem]:
    """Everything wrong with a record by itself; ``by_name`` is `values_of` it.

    An ARC record has only its structure, which reading it checked.
    """
    if record.version.startswith("ARC"):
        return
    kind = (by_name.get("warc-type") or ("",))[0].lower()
    yield from _syntax(record)
    names, empty = tuple(by_name), frozenset([name for name, values in by_name.items() if not any(values)])
    yield from _of_names(names, empty, kind, record.content_length > 0)
    for name, values in by_name.items():
        if len(values) > 1 and name.startswith(("warc-", "content-")) and name not in REPEATABLE:
            yield Problem("repeated-field", f"{name} stands {len(values)} times")
        if check := _OF_VALUE.get(name):
            for value in values:
                if problem := check(value, record.version):
                    yield problem
    if kind == "revisit":
        yield from _profile(record)
    yield from _block(record, by_name, kind)


def values_of(record: Record) -> Values:
    """The values of each field, by its name in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in record.fields:
        found.setdefault(name.lower(), []).append(value)
    return found


def _syntax(record: Record) -> Iterator[Problem]:
    if not _PROPER_HEAD.fullmatch(record.head):
        yield from _head_lines(record)
    if not record.head.isascii() and any(_has_surrogates(value) for _, value in record.fields):
        yield Problem("not-utf-8", "a field's value is not UTF-8")
    if record.ending != ENDING:
        yield Problem("record-end", f"the block is followed by {record.ending!r}, not by two CR LF")


def _head_lines(record: Record) -> Iterator[Problem]:
    if record.version not in VERSIONS:
        yield _warning("version", f"{record.version} is no known version")
    lines = record.head.splitlines(keepends=True)
    odd = [line for line in lines[1:-1] if not _HEAD_LINE.fullmatch(line)]
    if odd:
        yield Problem(
            "head-line", f"{len(odd)} lines are no named fields ended by CR LF, first {odd[0][:80]!r}"
        )
    if lines and (lines[0].rstrip(b"\r\n") + b"\r\n" != lines[0] or lines[-1] != b"\r\n"):
        yield Problem("head-line", "the version line or the blank line does not end by CR LF")


@lru_cache(maxsize=REMEMBERED)
def _of_names(
    names: tuple[str, ...], empty: frozenset[str], kind: str, has_block: bool
) -> tuple[Problem, ...]:
    """What the names of the fields, in lower case, are enough to tell; ``empty`` are those without a value."""
    return (*_missing(frozenset(names), empty, kind, has_block), *_misplaced(names, kind))


def _missing(names: frozenset[str], empty: frozenset[str], kind: str, has_block: bool) -> Iterator[Problem]:
    for name in MANDATORY:
        if name.lower() not in names - empty:
            yield Problem("missing-field", f"no {name}")
    if kind and kind not in TYPES:
        yield _warning("type", f"{kind!r} is no type of the standard")
    if kind in WITH_TARGET and "warc-target-uri" not in names:
        yield Problem("missing-field", f"a {kind} record without WARC-Target-URI")
    if has_block and kind != "continuation" and "content-type" not in names:
        yield _warning("missing-field", "no Content-Type")
    if kind == "continuation" and "warc-segment-origin-id" not in names:
        yield Problem("missing-field", "a continuation record without WARC-Segment-Origin-ID")


def _misplaced(names: tuple[str, ...], kind: str) -> Iterator[Problem]:
    if kind not in TYPES:
        return
    for name in names:
        if kind not in ONLY_ON.get(name, TYPES):
            yield Problem("forbidden-field", f"{name} on a {kind} record")
        if name not in KNOWN_FIELDS and (near := get_close_matches(name, KNOWN_FIELDS, 1, ALIKE)):
            yield _warning("unknown-field", f"{name} is no field of the standard; {near[0]} is one")


def _identifier(name: str, value: str, version: str) -> Problem | None:
    if not _is_uri(value.strip("<>")):
        return Problem("identifier", f"{name}: {value!r} is no URI")
    if version != "WARC/1.0" and not (value.startswith("<") and value.endswith(">")):
        return _warning("identifier", f"{name}: {value!r} lacks its angle brackets")
    return None


def _date(name: str, value: str, _: str) -> Problem | None:
    return (
        None
        if _is_date(value)
        else Problem("date", f"{name}: {value!r} is no date in UTC as W3CDTF has them")
    )


def _place(name: str, value: str, _: str) -> Problem | None:
    return None if _is_uri(value) else Problem("uri", f"{name}: {value[:200]!r} is no URI")


def _protocol(name: str, value: str, _: str) -> Problem | None:
    known = _PROTOCOL.fullmatch(value)
    return None if known else _warning("protocol", f"{name}: {value[:100]!r} is no known protocol")


def _cipher_suite(name: str, value: str, _: str) -> Problem | None:
    known = _CIPHER_SUITE.fullmatch(value)
    return (
        None if known else _warning("cipher-suite", f"{name}: {value[:100]!r} is no name of a cipher suite")
    )


def _address(name: str, value: str, _: str) -> Problem | None:
    return None if _is_address(value) else Problem("ip-address", f"{name}: {value!r} is none")


_OF_VALUE: dict[str, Callable[[str, str], Problem | None]] = {
    name.lower(): partial(check, name)
    for check, names in (
        (_identifier, ID_FIELDS),
        (_date, ("WARC-Date", "WARC-Refers-To-Date")),
        (_place, ("WARC-Target-URI", "WARC-Refers-To-Target-URI")),
        (_address, ("WARC-IP-Address",)),
        (_protocol, ("WARC-Protocol",)),
        (_cipher_suite, ("WARC-Cipher-Suite",)),
    )
    for name in names
}
"""What is wrong with a field's value in a record of a version."""


def _profile(record: Record) -> Iterator[Problem]:
    profile = (record.get("WARC-Profile") or "").strip("<>")
    if not profile:
        yield Problem("missing-field", "a revisit record without WARC-Profile")
    elif not _PROFILE.fullmatch(profile):
        yield _warning("profile", f"{profile!r} is no known profile")
    identical = profile.endswith("identical-payload-digest")
    if identical and not record.get("WARC-Payload-Digest"):
        yield Problem("missing-field", "an identical-payload-digest revisit without WARC-Payload-Digest")
    if not record.get("WARC-Refers-To-Target-URI") or not record.get("WARC-Refers-To-Date"):
        yield _warning(
            "refers-to", "a revisit without WARC-Refers-To-Target-URI and -Date: few replays resolve it"
        )


def _block(record: Record, by_name: Values, kind: str) -> Iterator[Problem]:
    for stated in by_name.get("warc-block-digest", ()):
        yield from _digest("block", stated, read_chunks(record.block, record.content_length))
    media_type = (by_name.get("content-type") or [""])[0].partition(";")[0].strip().lower()
    if media_type == WARC_FIELDS:
        yield from _warc_fields(record.block)
    if "warc-segment-number" in by_name:
        return
    if kind in ("response", "request") and media_type == "application/http":
        yield from _http(record, by_name, kind)
    elif kind in ("resource", "conversion"):
        for stated in by_name.get("warc-payload-digest", ()):
            yield from _digest("payload", stated, read_chunks(record.block, record.content_length))


def _http(record: Record, by_name: Values, kind: str) -> Iterator[Problem]:
    record.block.seek(0)
    data = read_head(record.block)
    try:
        head: Head = parse_response_head(data) if kind == "response" else parse_request_head(data)
    except HttpFormatError as error:
        yield _warning("http", f"the block is no HTTP {kind}: {error}")
        return
    if kind == "response" and "warc-truncated" not in by_name:
        yield from _whole(record, head)
    for stated in by_name.get("warc-payload-digest", ()):
        yield from _payload(record, head, stated)


def _whole(record: Record, head: Head) -> Iterator[Problem]:
    """What is known to be cut short shall say so (section 5.15). Nothing at all may be the answer to HEAD."""
    length, size = head.get(b"Content-Length", b""), record.content_length - head.size
    if length and length.isdigit() and 0 < size < int(length[:18]) and not head.get(b"Transfer-Encoding"):
        said = length.decode()
        yield _warning("not-whole", f"{size} bytes of a body of {said}, and no WARC-Truncated")


def _payload(record: Record, head: Head, stated: str) -> Iterator[Problem]:
    record.block.seek(head.size)
    found = list(_digest("payload", stated, entity_body(head, record.block)))
    if found and found[0].severity == "error":
        record.block.seek(head.size)
        undecoded = iter(lambda: record.block.read(CHUNK_BYTES), b"")
        if not list(_digest("payload", stated, undecoded)):
            found = [
                _warning(
                    "payload-digest", "WARC-Payload-Digest covers the transfer coding, which it should not"
                )
            ]
    yield from found


def _digest(what: str, stated: str, chunks: Iterable[bytes | memoryview]) -> Iterator[Problem]:
    name = f"WARC-{what.capitalize()}-Digest"
    try:
        digest = _parsed(stated)
    except _Unknown:
        yield _warning(f"{what}-digest", f"{name}: {stated!r} is of a kind that cannot be checked")
        return
    except ValueError:
        yield Problem(f"{what}-digest", f"{name}: {stated!r} is no digest")
        return
    actual = digest_of(chunks, digest.algorithm)
    if actual != digest:
        yield Problem(f"{what}-digest", f"{name} is {stated}, the {what}'s is {actual}")


@lru_cache(maxsize=64)
def _is_known(algorithm: str) -> bool:
    """Whether digests of that name can be computed; those of no fixed size (shake) cannot."""
    if not (algorithm.isascii() and algorithm.isprintable()):
        return False
    try:
        return hashlib.new(algorithm, usedforsecurity=False).digest_size > 0
    except ValueError:
        return False


class _Unknown(ValueError):
    """A digest by an algorithm that is not at hand."""


def _parsed(stated: str) -> Digest:
    """A digest in base32 or hex, or in base64 as some writers have it. ValueError if it is none."""
    if stated.startswith(_USUAL_LABELS):
        with suppress(ValueError):
            return Digest.parse(stated)
    algorithm, colon, _ = stated.lower().replace("-", "").partition(":")
    if colon and not _is_known(algorithm):
        raise _Unknown
    try:
        return Digest.parse(stated)
    except ValueError:
        if not colon:
            raise
        value = base64.b64decode(stated.partition(":")[2].translate(_URL_SAFE), validate=True)
        if len(value) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
            raise
        return Digest(algorithm, value)


def _warc_fields(block: BinaryIO) -> Iterator[Problem]:
    block.seek(0)
    for line in block.read(HEAD_BYTES).splitlines(keepends=True):
        if line.strip() and not line.startswith((b" ", b"\t")) and b":" not in line:
            yield _warning("warc-fields", f"not a named field: {line[:80]!r}")


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _is_uri(value: str) -> bool:
    return _URI.fullmatch(value) is not None


@lru_cache(maxsize=REMEMBERED)
def _is_date(value: str) -> bool:
    try:
        parse_date(value)
    except ValueError:
        return False
    return "T" not in value or value.endswith("Z")


@lru_cache(maxsize=REMEMBERED)
def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
