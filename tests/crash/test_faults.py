"""Calls to the disk fail in turn, archive and SQLite alike: the crawl ends with one line, and the next one goes on."""

import errno
import os
from pathlib import Path

import pytest

from archive.errors import StorageError
from tests.crash.faults import STILL_WORK_WHEN_FULL, Faults, failing
from tests.crash.steps import Steps

CALLS = 380
"""The calls of one small crawl, and not many more."""
EVERY = int(os.environ.get("PALMYRA_CRASH_EVERY", "29"))
"""Each so many-th call to SQLite fails; 1 is `make crash`."""
OURS_EVERY = min(EVERY, 3)
"""The same of our own calls, of which each errno takes others."""


def calls_of_one_crawl(root: Path) -> list[str]:
    with failing(Faults()) as faults:
        assert Steps(root).run() is None
    return faults.calls


# SQLite goes on from some failures, as of a remove; apsw then hands the exception to nobody.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["disk full", "input/output error"])
def test_every_call_fails_in_turn(tmp_path: Path, error: int) -> None:
    calls = calls_of_one_crawl(tmp_path / "whole")
    assert len(calls) > CALLS
    for step, call in enumerate(calls):
        works = error == errno.ENOSPC and call.split()[-1] in STILL_WORK_WHEN_FULL
        every = OURS_EVERY if call.startswith("disk") else EVERY
        if not works and step % every == error % every:
            fails_and_goes_on(tmp_path / str(step), Faults(step, error))


def fails_and_goes_on(root: Path, faults: Faults) -> None:
    """The failure is reported, or cost nothing; after it, nothing acknowledged is missing and the rest is fetched."""
    steps = Steps(root)
    with failing(faults):
        try:
            end: Exception | None = steps.run()
        except StorageError as refused:
            end = refused
    assert end is None or (isinstance(end, StorageError) and end.exit_code == 3), (faults.step, end)
    assert end is None or "\n" not in str(end)
    if end is None:
        assert steps.faults == [], faults.step
    early = set(steps.acknowledged)
    assert steps.run() is None, faults.step
    assert steps.faults == [], faults.step
    assert early <= steps.captured.keys() == set(steps.fetched)
