"""What dead processes leave: cut files, orphan documents, an older index, half an `extract`; and clocks that jump."""

import os
import random
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import derive
from archive.catalog import Catalog
from archive.cdxj import write_index
from archive.collection import OPEN_SUFFIX, Collection
from archive.derive import STAGING, derive_again
from archive.indexing import update_index
from crawler.frontier.frontier import Frontier
from crawler.session import opening
from crawler.session import session as sessions
from tests.crash.faults import tree
from tests.crash.steps import Steps
from tests.crash.test_databases import copy
from tests.site.collections import InlineExaminer

CUTS = 12
YEAR = timedelta(days=365)


def killed_crawl(tmp_path: Path, fetches: int = 6) -> Steps:
    """A collection as a crawl leaves it that is killed after so many fetches."""
    steps, dead = Steps(tmp_path / "news", articles=6), tmp_path / "dead"
    steps.run(fetches, before_end=lambda: copy(steps.root, dead))
    shutil.rmtree(steps.root)
    dead.rename(steps.root)
    return steps


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_a_file_may_end_anywhere(tmp_path: Path, closed: bool) -> None:
    """Also before what was committed, as after a disk that lied: then just that is fetched again.

    A later file may hold revisits of what was lost; `verify` says so, and nothing else.
    """
    steps = killed_crawl(tmp_path)
    if closed:
        steps.run(1)
    [path] = sorted(Collection(steps.root).warc_files())[:1]
    size = path.stat().st_size
    for cut in [0, 1, *random.Random(0).sample(range(2, size), CUTS), size - 1]:
        shutil.copytree(steps.root, tmp_path / "cut")
        os.truncate(tmp_path / "cut" / path.relative_to(steps.root), cut)
        again = Steps(tmp_path / "cut", articles=6)
        assert again.run() is None
        assert [fault for fault in again.faults if "which is in none of the files" not in fault] == [], cut
        assert steps.acknowledged <= again.captured.keys(), cut
        shutil.rmtree(again.root)


def test_orphan_documents_go_to_quarantine(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "news")
    steps.run()
    orphans = [
        steps.root / "documents" / name for name in ("00000/777_0123456789abcdef.txt", "00003/001_x.txt")
    ]
    for orphan in orphans:
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_text("never committed")
    assert steps.run() is None
    assert steps.faults == []
    assert len(list((steps.root / "quarantine" / "documents").rglob("*.txt"))) == len(orphans)


def test_a_document_file_without_its_transaction_is_written_anew(tmp_path: Path) -> None:
    steps = killed_crawl(tmp_path, 10)
    count = len(list((steps.root / "documents").rglob("*.txt")))
    half = steps.root / "documents" / "00000" / f"{count:03d}_0123456789abcdef.txt"
    half.write_text("half a docum")
    assert steps.run() is None
    assert steps.faults == []
    assert not half.exists()


@pytest.mark.parametrize("harm", ["missing", "older", "edited"])
def test_the_index_is_brought_up_to_the_catalog(tmp_path: Path, harm: str) -> None:
    steps = killed_crawl(tmp_path)
    index = Collection(steps.root).index_path
    steps.run(1)
    match harm:
        case "missing":
            index.unlink()
        case "older":
            index.write_bytes(b"".join(index.read_bytes().splitlines(keepends=True)[:2]))
        case _:
            index.write_bytes(index.read_bytes() + b"zz 20260101000000 {}\n")
    assert steps.run(0) is None
    assert steps.faults == []


def test_lines_put_into_the_index_give_the_index_written_anew(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "news", articles=40)
    steps.run(45)
    path, whole = tmp_path / "index.cdxj", tmp_path / "whole.cdxj"
    with Catalog.open(Collection(steps.root).catalog_path) as catalog:
        rows = list(catalog.captures())
        write_index(whole, (row.entry for row in rows))
        for known in (len(rows) - 1, len(rows) - 2, len(rows) - 4, 1, 0, len(rows)):
            write_index(path, (row.entry for row in rows[:known]))
            with catalog.transaction():
                catalog.set_indexed(known, path.stat().st_size)
            update_index(path, catalog)
            assert path.read_bytes() == whole.read_bytes()


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", range(9))
def test_extract_killed_while_it_swaps_is_finished_by_the_next_start(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(tmp_path / "news")
    steps.run()
    before = derived(steps.root)
    left = [step]

    def rename(source: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        os.rename(source, target)  # noqa: PTH104
        return target

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        try:
            derive_again(Collection(steps.root), InlineExaminer())
        except Killed:
            assert (steps.root / STAGING / derive.COMPLETE).exists()
    assert steps.run(0) is None
    assert steps.faults == []
    assert derived(steps.root) == before
    assert not (steps.root / STAGING).exists()


def derived(root: Path) -> dict[str, bytes]:
    return tree(root / "documents") | tree(root / "indexes")


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["ahead", "back"])
def test_a_clock_that_jumps_a_year_between_two_starts(
    tmp_path: Path, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = killed_crawl(tmp_path, 10)
    with monkeypatch.context() as jumped:
        under_clock(jumped, jump)
        steps.run(3)
    assert steps.run() is None
    assert steps.faults == []
    assert set(Counter(steps.fetched).values()) == {1}
    files = [path.name for path in Collection(steps.root).warc_files()]
    assert len(files) >= 3
    assert not [name for name in files if name.endswith(OPEN_SUFFIX)]
    before = derived(steps.root)
    derive_again(Collection(steps.root), InlineExaminer())
    assert derived(steps.root) == before


def under_clock(patch: pytest.MonkeyPatch, jump: timedelta) -> None:
    """Give the frontier and the WARC writer of every session another time."""
    seconds = jump.total_seconds()
    writer = sessions.WarcWriter

    def ahead(*arguments: object, **options: object) -> object:
        return writer(*arguments, **options, clock=lambda: datetime.now(UTC) + jump)  # type: ignore[arg-type]

    def frontier(path: Path) -> Frontier:
        return Frontier(path, clock=lambda: datetime.now(UTC).timestamp() + seconds)

    patch.setattr(sessions, "WarcWriter", ahead)
    patch.setattr(opening, "Frontier", frontier)
