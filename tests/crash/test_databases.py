"""Databases that are lost, damaged or older than the archive: the WARCs tell what they knew."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.steps import Steps

HALFWAY, LATER = 3, 3
"""Fetches before the copies are taken, and between that and the next start."""


def files_of(root: Path, name: str) -> list[Path]:
    return [path for path in root.glob(f"{name}*") if not path.name.endswith("-shm")]


def delete(root: Path, copies: Path, name: str) -> None:
    for path in root.glob(f"{name}*"):
        path.unlink()


def delete_all_but_wal(root: Path, copies: Path, name: str) -> None:
    (root / name).unlink()


def put_back(root: Path, copies: Path, name: str) -> None:
    """As `cp -a` of everything that belongs to it would."""
    delete(root, copies, name)
    for path in files_of(copies, name):
        shutil.copy(path, root)


def put_main_file_back(root: Path, copies: Path, name: str) -> None:
    """As a careless `cp` would: an older file beneath a younger WAL."""
    shutil.copy(copies / name, root)


def cut_in_half(root: Path, copies: Path, name: str) -> None:
    delete_all_but_main(root, name)
    data = (root / name).read_bytes()
    (root / name).write_bytes(data[: len(data) // 2])


def overwrite(root: Path, copies: Path, name: str) -> None:
    delete_all_but_main(root, name)
    (root / name).write_bytes(b"no database" * 1000)


def empty(root: Path, copies: Path, name: str) -> None:
    delete_all_but_main(root, name)
    (root / name).write_bytes(b"")


def delete_all_but_main(root: Path, name: str) -> None:
    for suffix in ("-wal", "-shm"):
        (root / (name + suffix)).unlink(missing_ok=True)


HARM = [delete, delete_all_but_wal, put_back, put_main_file_back, cut_in_half, overwrite, empty]
DATABASES = [("catalog.sqlite",), ("state.sqlite",), ("catalog.sqlite", "state.sqlite")]


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
@pytest.mark.parametrize("names", DATABASES, ids=["catalog", "state", "both"])
@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_the_crawl_goes_on_where_the_archive_is(
    tmp_path: Path, harm: Callable[[Path, Path, str], None], names: tuple[str, ...], killed: bool
) -> None:
    root, copies, dead = tmp_path / "news", tmp_path / "copies", tmp_path / "dead"
    steps = Steps(root)
    steps.run(HALFWAY, before_end=lambda: copy(root, copies))
    steps.run(LATER, before_end=lambda: copy(root, dead))
    if killed:
        shutil.rmtree(root)
        dead.rename(root)
    for name in names:
        harm(root, copies, name)
    assert steps.run() is None
    assert steps.faults == []
    assert Counter(steps.fetched).most_common(1)[0][1] == 1, "something was fetched again"
    assert steps.acknowledged == set(steps.fetched) == set(steps.captured)
    assert len(steps.fetched) > HALFWAY + LATER


@pytest.mark.parametrize("name", ["catalog.sqlite", "state.sqlite"])
def test_an_older_file_beneath_a_younger_wal_is_noticed(tmp_path: Path, name: str) -> None:
    """SQLite itself reads the mixture as if nothing were wrong, as long as its pages happen to fit."""
    root, dead = tmp_path / "news", tmp_path / "dead"
    steps = Steps(root, articles=20)
    steps.run(8)
    shutil.copy(root / name, tmp_path)
    steps.run(8)
    steps.run(8, before_end=lambda: copy(root, dead))
    shutil.copy(tmp_path / name, dead)
    steps.root = dead
    assert steps.run() is None
    assert steps.faults == []
    assert len(steps.fetched) == len(steps.captured) == len(set(steps.fetched))
    assert list((dead / "quarantine").glob(f"{name}.*"))


def copy(root: Path, target: Path) -> None:
    """The collection as a process that is killed now would leave it."""
    shutil.copytree(root, target, ignore=shutil.ignore_patterns("*-shm"))
