"""Checking a WARC file part by part: what one part tells by itself, and how the parts join to what one pass tells."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from archive.warc.checks import Problem, problems, values_of
from archive.warc.members import GZIP_MAGIC
from archive.warc.reader import after_skippable, iter_records, next_record
from archive.warc.records import Loss, Record
from archive.warc.references import Mention, mention_of
from archive.warc.values import value_problems

PART_BYTES = 8 << 20


class At(NamedTuple):
    """A problem of what lies at ``offset`` (bytes)."""

    offset: int
    problem: Problem


Fact = At | Mention


class Span(NamedTuple):
    """A part of a file: from the first record at or after ``start`` to the first at or after ``stop`` (bytes).

    ``stop`` is None for the file's last part.
    """

    path: Path
    start: int
    stop: int | None


class Reached(NamedTuple):
    """Where a pass ended: the offset of the first thing that is not of the part, and how many records came before."""

    offset: int
    records: int


@dataclass(frozen=True, slots=True)
class Part:
    """All facts of a part that began at ``start`` (bytes), on the assumption that the file's ``first`` record is in it."""

    start: int
    first: bool
    facts: list[Fact]
    reached: Reached


def spans(path: Path, part_bytes: int = PART_BYTES) -> Iterator[Span]:
    """The parts of a file. One that is not in gzip members is one part."""
    starts = range(0, size_of(path) if _is_gzip(path) else 1, part_bytes)
    for start, stop in zip(starts, [*starts[1:], None], strict=True):
        yield Span(path, start, stop)


def size_of(path: Path) -> int:
    """The bytes of a file; 0 where that cannot be told, and reading it will say why."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_gzip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    except OSError:
        return False


def check_part(span: Span) -> Part:
    """The facts of a part, found without those before it. One within a record, however large, has none."""
    path, start, stop = span
    begin = next_record(path, start, stop) if start else 0
    if begin is None:
        return Part(stop or size_of(path), False, [], Reached(stop or size_of(path), 0))
    return _part(path, begin, stop, first=start == 0)


def joined(parts: Iterator[tuple[Span, Part]]) -> Iterator[Fact]:
    """The facts of one file, from its parts in their order: what `facts_of` gives in one pass.

    A part that did not begin where the one before it ended was misled by a payload that looks like a record, or by
    damage: it is checked again from the right place.
    """
    offset = records = 0
    for (path, _, stop), part in parts:
        if stop is not None and offset >= stop:
            continue
        if part.start != offset or part.first == bool(records):
            part = _part(path, offset, stop, first=not records)  # noqa: PLW2901
        yield from part.facts
        offset, records = part.reached.offset, records + part.reached.records
    if not records:
        yield EMPTY


EMPTY = At(0, Problem("empty", "the file holds no record"))


def facts_of(path: Path) -> Iterator[Fact]:
    """Every problem in a file, and what its records say of each other, in the order of the file."""
    reached = yield from _facts(path, 0, None, first=True)
    if not reached.records:
        yield EMPTY


def _part(path: Path, start: int, stop: int | None, *, first: bool) -> Part:
    facts: list[Fact] = []
    found = _facts(path, start, stop, first=first)
    while True:
        try:
            facts.append(next(found))
        except StopIteration as end:
            return Part(start, first, facts, end.value)


def _facts(path: Path, start: int, stop: int | None, *, first: bool) -> Generator[Fact, None, Reached]:
    """``accounted`` is the byte up to which the file is accounted for; None behind a member of several records."""
    accounted: int | None = start
    records = 0
    for found in iter_records(path, start=start):
        yield from _gap(path, accounted, found.offset)
        if stop is not None and found.offset >= stop:
            return Reached(found.offset, records)
        accounted = max(accounted or 0, found.end) if found.length else None
        if isinstance(found, Loss):
            yield At(found.offset, Problem("damaged", _words(found)))
            continue
        yield from _of_record(found, first=first and not records)
        records += 1
    size = path.stat().st_size
    yield from _gap(path, accounted, size)
    return Reached(size, records)


def _of_record(record: Record, *, first: bool) -> Iterator[Fact]:
    by_name, offset = values_of(record), record.offset
    if not record.length and record.position:
        message = f"record {record.position + 1} of one gzip member: no index can point to it"
        yield At(offset, Problem("shared-member", message))
    if first and (record.get("WARC-Type") or "").lower() != "warcinfo":
        message = "the file does not begin with a warcinfo record"
        yield At(offset, Problem("no-warcinfo", message, "warning"))
    yield mention_of(record, by_name)
    for problem in problems(record, by_name):
        yield At(offset, problem)
    for problem in value_problems(record, by_name):
        yield At(offset, problem)


def _gap(path: Path, accounted: int | None, offset: int) -> Iterator[At]:
    if accounted is None or offset <= accounted:
        return
    accounted = after_skippable(path, accounted)
    if offset > accounted:
        message = f"{offset - accounted} bytes hold no record"
        yield At(accounted, Problem("no-record", message, "warning"))


def _words(loss: Loss) -> str:
    return f"{loss.length} bytes cannot be read: {loss.reason}" if loss.length else loss.reason
