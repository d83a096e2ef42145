"""Every check of WARC files: that each byte belongs to a whole record, and that each record is what it should be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from archive.warc.checks import Problem, Severity, Values, problems, values_of
from archive.warc.fields import bare_id
from archive.warc.reader import after_skippable, iter_records
from archive.warc.records import Loss, Record

SEVERITY_OF_DANGLING: dict[str, Severity] = {
    "WARC-Concurrent-To": "error",
    "WARC-Warcinfo-ID": "warning",
    "WARC-Refers-To": "warning",
    "WARC-Segment-Origin-ID": "warning",
}
"""What a record names by its id. A capture's records are written together; the others may lie in files not given."""


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
    ids = _Ids()
    for path in paths:
        yield from _structure(path, ids)
    yield from ids.dangling()


def _structure(path: Path, ids: "_Ids") -> Iterator[Finding]:
    for offset, problem in _checks(path, ids):
        yield Finding(path, offset, problem.code, problem.message, problem.severity)


class _At(NamedTuple):
    offset: int
    problem: Problem


def _checks(path: Path, ids: "_Ids") -> Iterator[_At]:
    """``reached`` is the byte up to which the file is accounted for; None behind a member of several records."""
    reached: int | None = 0
    count = 0
    for found in iter_records(path):
        yield from _gap(path, reached, found.offset)
        reached = max(reached or 0, found.end) if found.length else None
        if isinstance(found, Loss):
            yield _At(found.offset, Problem("damaged", _words(found)))
            continue
        for problem in _check(found, count, ids):
            yield _At(found.offset, problem)
        count += 1
    yield from _gap(path, reached, path.stat().st_size)
    if not count:
        yield _At(0, Problem("empty", "the file holds no record"))


def _check(record: Record, count: int, ids: "_Ids") -> Iterator[Problem]:
    by_name = values_of(record)
    yield from _in_file(record, count)
    yield from ids.add(record, by_name)
    yield from problems(record, by_name)


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


@dataclass(slots=True)
class _Ids:
    """Record ids, as 64-bit hashes, and the references that none of them has answered yet."""

    seen: set[bytes] = field(default_factory=set)
    open: dict[bytes, list[Finding]] = field(default_factory=dict)

    def add(self, record: Record, by_name: Values) -> Iterator[Problem]:
        for own in by_name.get("warc-record-id", ())[:1]:
            key = _key(own)
            if key in self.seen:
                yield Problem("duplicate-id", f"another record has the WARC-Record-ID {own} too")
            self.seen.add(key)
            self.open.pop(key, None)
        for name, severity in SEVERITY_OF_DANGLING.items():
            for value in by_name.get(name.lower(), ()):
                self._refer(record, name, value, severity)

    def _refer(self, record: Record, name: str, value: str, severity: Severity) -> None:
        key = _key(value)
        if key not in self.seen:
            message = f"{name} names {value}, which is in none of the files checked"
            finding = Finding(record.path, record.offset, "dangling", message, severity)
            self.open.setdefault(key, []).append(finding)

    def dangling(self) -> Iterator[Finding]:
        for findings in self.open.values():
            yield from findings


def _key(record_id: str) -> bytes:
    return blake2b(bare_id(record_id).encode("utf-8", "surrogatepass"), digest_size=8).digest()
