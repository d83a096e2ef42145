"""What records say of each other by their ids (WARC 1.1, sections 5.2, 5.4, 5.7, 5.11 and 5.16)."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from archive.warc.checks import Problem, Severity, Values
from archive.warc.fields import bare_id, parse_date
from archive.warc.records import Record

SEVERITY_OF_DANGLING: dict[str, Severity] = {
    "WARC-Concurrent-To": "error",
    "WARC-Warcinfo-ID": "warning",
    "WARC-Refers-To": "warning",
    "WARC-Segment-Origin-ID": "warning",
}
"""What a record names by its id. A capture's records are written together; the others may lie in files not given."""

NAMED_TYPES = {
    "WARC-Concurrent-To": frozenset({"request", "response", "resource", "metadata", "revisit"}),
    "WARC-Warcinfo-ID": frozenset({"warcinfo"}),
}
"""The types of record that a field can name (sections 5.7 and 5.16)."""

NEIGHBOURS = 256
"""Records whose date and URI are remembered: those of one capture stand close to each other."""

Captured = tuple[str, str]
"""Date and URI of a capture, as a record states them."""

_FIELDS = tuple((name, name.lower()) for name in SEVERITY_OF_DANGLING)


class Mention(NamedTuple):
    """What the record at ``offset`` (bytes) says of itself and, by field name and id, of others.

    Its own id is None where it has none, its date and its target's URI "" so; ``kind`` is its type in lower case.
    """

    offset: int
    record_id: str | None
    kind: str
    date: str
    target: str
    named: tuple[tuple[str, str], ...]


def mention_of(record: Record, by_name: Values) -> Mention:
    named = tuple([(name, value) for name, lower in _FIELDS for value in by_name.get(lower, ())])
    own = by_name.get("warc-record-id", (None,))[0]
    kind, date = by_name.get("warc-type", ("",))[0], by_name.get("warc-date", ("",))[0]
    target = by_name.get("warc-target-uri", ("",))[0]
    return Mention(record.offset, own, kind.lower(), date, target, named)


class Dangling(NamedTuple):
    """A reference, made by the record at ``offset`` of ``path``, that no record answers."""

    path: Path
    offset: int
    problem: Problem


@dataclass(slots=True)
class References:
    """Record ids, as 64-bit hashes, with their records' types; and the references that none has answered yet."""

    _types: dict[int, str] = field(default_factory=dict)
    _captured: OrderedDict[int, Captured] = field(default_factory=OrderedDict)
    _open: dict[int, list[Dangling]] = field(default_factory=dict)
    _expected: dict[int, Captured] = field(default_factory=dict)

    def add(self, path: Path, mention: Mention) -> Iterator[Problem]:
        """Take the next record; what is wrong between it and those before it."""
        if mention.record_id is not None:
            yield from self._own(mention.record_id, mention)
        for name, value in mention.named:
            yield from self._refer(path, mention, name, value)

    def _own(self, record_id: str, mention: Mention) -> Iterator[Problem]:
        key = _key(record_id)
        if key in self._types:
            yield Problem("duplicate-id", f"another record has the WARC-Record-ID {record_id} too")
        self._types[key] = mention.kind
        self._open.pop(key, None)
        if expected := self._expected.pop(key, None):
            yield from _of_one_capture((mention.date, mention.target), expected)
        self._remember(key, (mention.date, mention.target))

    def dangling(self) -> Iterator[Dangling]:
        for references in self._open.values():
            yield from references

    def _remember(self, key: int, captured: Captured) -> None:
        self._captured[key] = captured
        if len(self._captured) > NEIGHBOURS:
            self._captured.popitem(last=False)

    def _refer(self, path: Path, mention: Mention, name: str, value: str) -> Iterator[Problem]:
        key, captured = _key(value), (mention.date, mention.target)
        kind = self._types.get(key)
        if kind is None:
            problem = Problem(
                "dangling",
                f"{name} names {value}, which is in none of the files checked",
                SEVERITY_OF_DANGLING[name],
            )
            self._open.setdefault(key, []).append(Dangling(path, mention.offset, problem))
            if name == "WARC-Concurrent-To":
                self._expected[key] = captured
        elif kind not in NAMED_TYPES.get(name, (kind,)):
            yield Problem("reference", f"{name} names {value}, which is a {kind} record")
        elif name == "WARC-Concurrent-To" and key in self._captured:
            yield from _of_one_capture(captured, self._captured[key])


def _of_one_capture(one: Captured, other: Captured) -> Iterator[Problem]:
    """A capture is a retrieval of a single URI (section 5.7), its records shall have the same date (section 5.4)."""
    if (
        one[1] != other[1] and _is_web(one[1]) and _is_web(other[1])
    ):  # what describes a capture has URIs of its own
        message = f"WARC-Target-URI is {one[1]!r}, that of another record of the same capture is {other[1]!r}"
        yield Problem("uri-differs", message)
    if one[0] != other[0]:
        yield from _same_date(one[0], other[0])


def _is_web(target: str) -> bool:
    return target.lower().lstrip("<").startswith(("http:", "https:"))


def _same_date(date: str, other: str) -> Iterator[Problem]:
    try:
        if parse_date(date) == parse_date(other):
            return
    except ValueError:
        return  # said already
    yield Problem(
        "date-differs", f"WARC-Date is {date}, that of another record of the same capture is {other}"
    )


def _key(record_id: str) -> int:
    return hash(bare_id(record_id))
