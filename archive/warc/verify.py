"""Every check of WARC files: that each byte belongs to a whole record, and that each record is what it should be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.warc.checks import Problem, Severity
from archive.warc.parallel import in_parts
from archive.warc.parts import At, Fact, facts_of
from archive.warc.references import References

if TYPE_CHECKING:
    from concurrent.futures import Executor


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


def verify_files(paths: Iterable[Path], *, executor: "Executor | None" = None) -> Iterator[Finding]:
    """Check files and the references between their records, in the order given.

    Found are: bytes that belong to no whole record (a torn or corrupt gzip member, a wrong Content-Length, anything
    between records), gzip members of several records, wrong digests, and every breach of the standard that
    `archive.warc.checks` knows; duplicate record ids, and references to records that are in none of the files.
    With an ``executor``, parts of the files are checked at the same time; what is found stays the same.
    """
    references = References()
    for path, facts in in_parts(paths, executor) if executor else ((path, facts_of(path)) for path in paths):
        for fact in facts:
            yield from _findings(path, fact, references)
    for path, offset, problem in references.dangling():
        yield _finding(path, offset, problem)


def _findings(path: Path, fact: Fact, references: References) -> Iterator[Finding]:
    if isinstance(fact, At):
        yield _finding(path, fact.offset, fact.problem)
        return
    for problem in references.add(path, fact):
        yield _finding(path, fact.offset, problem)


def _finding(path: Path, offset: int, problem: Problem) -> Finding:
    return Finding(path, offset, problem.code, problem.message, problem.severity)
