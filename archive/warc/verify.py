"""Every check of WARC files: that each byte belongs to a whole record, and that each record is what it should be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from archive.warc.checks import Problem, Severity, problems, values_of
from archive.warc.reader import after_skippable, iter_records
from archive.warc.records import Loss, Record
from archive.warc.references import References
from archive.warc.values import value_problems


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, in the record at ``offset`` (bytes) of ``file``. See `archive.warc.checks.Problem`."""

    file: Path
    offset: int
    code: str
    message: str
    severity: Severity = "error"


def verify_file(path: Path) -> Iterator[Finding]:
    """Check one file. Errors of the system are raised, what is wrong with the file is given."""
    return verify_files([path])


def verify_files(paths: Iterable[Path]) -> Iterator[Finding]:
    """Check files and the references between their records, in the order given.

    Found are: bytes that belong to no whole record (a torn or corrupt gzip member, a wrong Content-Length, anything
    between records), gzip members of several records, wrong digests, and every breach of the standard that
    `archive.warc.checks` knows; duplicate record ids, and references to records that are in none of the files.
    """
    references = References()
    for path in paths:
        yield from _structure(path, references)
    for path, offset, problem in references.dangling():
        yield Finding(path, offset, problem.code, problem.message, problem.severity)


def _structure(path: Path, references: References) -> Iterator[Finding]:
    for offset, problem in _checks(path, references):
        yield Finding(path, offset, problem.code, problem.message, problem.severity)


class _At(NamedTuple):
    offset: int
    problem: Problem


def _checks(path: Path, references: References) -> Iterator[_At]:
    """``reached`` is the byte up to which the file is accounted for; None behind a member of several records."""
    reached: int | None = 0
    count = 0
    for found in iter_records(path):
        yield from _gap(path, reached, found.offset)
        reached = max(reached or 0, found.end) if found.length else None
        if isinstance(found, Loss):
            yield _At(found.offset, Problem("damaged", _words(found)))
            continue
        for problem in _check(found, count, references):
            yield _At(found.offset, problem)
        count += 1
    yield from _gap(path, reached, path.stat().st_size)
    if not count:
        yield _At(0, Problem("empty", "the file holds no record"))


def _check(record: Record, count: int, references: References) -> Iterator[Problem]:
    by_name = values_of(record)
    yield from _in_file(record, count)
    yield from references.add(record, by_name)
    yield from problems(record, by_name)
    yield from value_problems(record, by_name)


def _gap(path: Path, reached: int | None, offset: int) -> Iterator[_At]:
    if reached is None or offset <= reached:
        return
    reached = after_skippable(path, reached)
    if offset > reached:
        message = f"{offset - reached} bytes hold no record"
        yield _At(reached, Problem("no-record", message, "warning"))


def _words(loss: Loss) -> str:
    return f"{loss.length} bytes cannot be read: {loss.reason}" if loss.length else loss.reason


def _in_file(record: Record, count: int) -> Iterator[Problem]:
    if not record.length and record.position:
        yield Problem(
            "shared-member", f"record {record.position + 1} of one gzip member: no index can point to it"
        )
    if count == 0 and (record.get("WARC-Type") or "").lower() != "warcinfo":
        yield Problem("no-warcinfo", "the file does not begin with a warcinfo record", "warning")
