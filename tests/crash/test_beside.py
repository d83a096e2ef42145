"""Several crawls into one collection at a time: each with files of its own, joined when they have ended, nothing lost."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import ArchiveError
from archive.verify import verify_collection
from crawler.session import lanes
from tests.crash.faults import Faults, failing
from tests.crash.killer import acknowledged, crawling, differences, wait_for_orphans
from tests.crash.site import GeneratedSite
from tests.patience import PATIENCE_S
from tests.site.raw import RawServer, Reply

HANGS = {"/robots.txt": Reply([], after="stall")}
"""A server whose first answer never comes: who crawls it holds the collection."""
CONFIGURATION = 4
EVERY = int(os.environ.get("PALMYRA_CRASH_EVERY", "7"))
"""Of the calls to the disk that a join makes, each of so many is made to fail once."""


def is_whole(collection: Collection, *sites: GeneratedSite) -> None:
    """Every address of the sites is captured once, or as often as it recurs; all is as a fresh `extract` makes it."""
    assert ended(collection) == []
    assert [f"{found.code} {found.message}" for found in verify_collection(collection)] == []
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        statuses = {row.entry.url: row.entry.status for row in catalog.captures()}
    for site in sites:
        assert site.addresses.items() <= statuses.items()
    assert differences(collection) == []


def ended(collection: Collection) -> list[Path]:
    return sorted(collection.lanes.iterdir()) if collection.lanes.exists() else []


def asked_again(site: GeneratedSite) -> set[str]:
    """Articles that were fetched more than once: nothing recurs in them."""
    return {
        url for url, times in Counter(each.url for each in site.log).items() if times > 1 and "story" in url
    }


def crawl(seeds: list[str], root: Path, *, code: int = 0) -> str:
    with crawling(seeds, root) as process:
        output = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode == code, output
    assert "Traceback" not in output, output
    return output


def status(root: Path) -> str:
    command = [sys.executable, "-m", "crawler.cli", "status", "--collection", str(root)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_crawls_at_the_same_time_end_in_one_collection(tmp_path: Path) -> None:
    root = tmp_path / "news"
    with GeneratedSite(12) as one, GeneratedSite(12) as other, GeneratedSite(12) as third:
        with (
            crawling(one.seeds, root) as first,
            crawling(other.seeds, root) as second,
            crawling(third.seeds, root) as last,
        ):
            outputs = [process.communicate(timeout=PATIENCE_S)[0] for process in (first, second, last)]
        assert [process.returncode for process in (first, second, last)] == [0, 0, 0], outputs
        wait_for_orphans(str(root))
        is_whole(Collection(root), one, other, third)


def test_what_was_crawled_beside_is_known(tmp_path: Path) -> None:
    root = tmp_path / "news"
    collection = Collection(root)
    with RawServer(HANGS) as server, GeneratedSite(10) as site, GeneratedSite(3) as another:
        with crawling([f"http://127.0.0.1:{server.port}/"], root) as first:
            assert server.stalling.wait(PATIENCE_S)
            output = crawl(site.seeds, root)
            assert re.search(
                rf"in use by process {first.pid} since \S+; this crawl goes on beside it", output
            )
            assert "is still in use; what was crawled beside is joined when that ends" in output
            assert len(ended(collection)) == 1
            report = status(root)
            assert f"crawled:    127.0.0.1:{server.port} now, by process {first.pid} since" in report
            assert "beside:     1 crawl in lanes/, joined by the next" in report
            first.send_signal(signal.SIGKILL)
        wait_for_orphans(str(root))
        crawl(another.seeds, root)
        is_whole(collection, site, another)
        before = len(site.log)
        crawl(site.seeds, root)
        assert len(site.log) > before
        assert asked_again(site) == set()
        is_whole(collection, site, another)


def test_a_crawl_beside_that_is_killed_goes_on(tmp_path: Path) -> None:
    root = tmp_path / "news"
    collection = Collection(root)
    with RawServer(HANGS) as server, GeneratedSite(20) as site:
        with crawling([f"http://127.0.0.1:{server.port}/"], root) as first:
            assert server.stalling.wait(PATIENCE_S)
            with crawling(site.seeds, root) as second:
                site.on_served = lambda count: second.kill() if count == 25 else None
                second.communicate(timeout=PATIENCE_S)
            assert second.returncode == -signal.SIGKILL
            [lane] = map(Collection, ended(collection))
            settled = acknowledged(lane)[0]
            first.send_signal(signal.SIGTERM)
            first.communicate(timeout=PATIENCE_S)
        wait_for_orphans(str(root))
        site.wait_until_quiet()
        before = len(site.log)
        crawl(site.seeds, root)
        assert settled
        assert settled & {each.url for each in site.log[before:]} == set()
        is_whole(collection, site)


def test_a_source_is_crawled_once_at_a_time(tmp_path: Path) -> None:
    with RawServer(HANGS) as server, RawServer(HANGS) as beside, GeneratedSite(3) as site:
        seed, other = (f"http://127.0.0.1:{each.port}/" for each in (server, beside))
        root = tmp_path / "news"
        with crawling([seed], root) as first:
            assert server.stalling.wait(PATIENCE_S)
            with crawling([other], root) as second:
                assert beside.stalling.wait(PATIENCE_S)
                for taken, process in ((seed, first), (other, second)):
                    output = crawl([taken, *site.seeds], root, code=CONFIGURATION)
                    assert re.search(
                        rf"\S+ in use by process {process.pid} since \d{{4}}-\d\d-\d\dT[\d:]+", output
                    ), output
                second.kill()
            first.kill()
        wait_for_orphans(str(root))
        assert site.log == []


def test_a_lane_in_the_making_is_not_joined(tmp_path: Path) -> None:
    home = Collection.create(tmp_path / "news")
    with ExitStack() as held, home.lock(), ThreadPoolExecutor(1) as thread:
        with lanes._admission(home):
            lane = lanes._new_lane(home, ["gazette"])
            joined = thread.submit(lanes.join, home)
            assert not wait([joined], timeout=0.3).done
            held.enter_context(lane.lock(["gazette"]))
        assert joined.result(PATIENCE_S) == 0
        assert lane.state_path.exists()


@pytest.fixture(scope="module")
def with_a_lane(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with a lane that has ended, and what it holds."""
    root = tmp_path_factory.mktemp("beside") / "news"
    with RawServer(HANGS) as server, GeneratedSite(4) as site, GeneratedSite(4) as other:
        crawl(other.seeds, root)
        with crawling([f"http://127.0.0.1:{server.port}/"], root) as first:
            assert server.stalling.wait(PATIENCE_S)
            crawl(site.seeds, root)
            first.send_signal(signal.SIGTERM)
            first.communicate(timeout=PATIENCE_S)
        wait_for_orphans(str(root))
    return root


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_a_join_that_fails_anywhere_is_done_again(with_a_lane: Path, tmp_path: Path, error: int) -> None:
    with Catalog.open(Collection(with_a_lane).catalog_path, readonly=True) as catalog:
        home_captures = catalog.capture_count()
    [lane] = ended(Collection(with_a_lane))
    with Catalog.open(lane / "catalog.sqlite", readonly=True) as catalog:
        lane_captures = catalog.capture_count()
    expected = _joined(with_a_lane, tmp_path / "whole", Faults())
    calls = len(expected.calls)
    assert calls > 4
    for step in range(error % EVERY, calls, EVERY):
        root = tmp_path / str(step)
        _joined(with_a_lane, root, Faults(step, error))
        with Collection(root).lock():
            lanes.join(Collection(root))
        assert ended(Collection(root)) == []
        assert _files(root) == _files(tmp_path / "whole")
        shutil.rmtree(root)
    subject = Collection(tmp_path / "whole")
    assert home_captures
    assert lane_captures
    assert len(subject.warc_files()) == len(Collection(with_a_lane).warc_files()) + 1


def _joined(original: Path, root: Path, faults: Faults) -> Faults:
    """A copy of ``original`` whose lane is joined as far as ``faults`` let it."""
    shutil.copytree(original, root)
    home = Collection(root)
    with (
        home.lock(),
        failing(faults),
        nullcontext() if faults.step is None else suppress(ArchiveError, OSError),
    ):
        lanes.join(home)
    return faults


def _files(root: Path) -> list[tuple[str, bytes]]:
    """WARC files by their order, without the stamps that a join may give."""
    return [(path.name.rpartition("-")[2], path.read_bytes()) for path in Collection(root).warc_files()]
