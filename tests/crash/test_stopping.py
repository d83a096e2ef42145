"""How a crawl ends when it is told to, or when the system refuses: in time, with its exit code and one line."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.verify import verify_collection
from crawler.settings import Options
from tests.crash.killer import crawling, wait_for_orphans
from tests.crash.site import GeneratedSite
from tests.patience import PATIENCE_S
from tests.site.raw import RawServer, Reply

PROMISE_S = 10.0
"""A crawl ends within this after the first signal, on a machine that is not busy."""
TMPFS_BYTES = 1_500_000
HANGS = Reply([], after="stall")
NO_ROBOTS = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"
NEEDS_PRLIMIT = pytest.mark.skipif(not shutil.which("prlimit"), reason="sets limits by util-linux's prlimit")
INTERRUPTED, FULL, SIZE_LIMIT, TIME_LIMIT = 11, 3, 14, 15


def run(site: GeneratedSite, root: Path, *flags: str, limit: str | None = None) -> tuple[int, str]:
    """Exit code and output of a crawl, under a ``limit`` of `prlimit`."""
    prefix = ["prlimit", limit] if limit else []
    with crawling(site.seeds, root, *flags, prefix=prefix) as process:
        output = process.communicate(timeout=PATIENCE_S)[0]
    wait_for_orphans(str(root))
    assert "Traceback" not in output, output
    return process.returncode, output


def goes_on(site: GeneratedSite, root: Path) -> None:
    """The same command finishes the crawl, and all is whole."""
    code, output = run(site, root, "--min-free", "0")
    assert code == 0, output
    assert [f"{found.code} {found.message}" for found in verify_collection(Collection(root))] == []
    with Catalog.open(Collection(root).catalog_path, readonly=True) as catalog:
        statuses = {row.entry.url: row.entry.status for row in catalog.captures()}
    assert site.addresses.items() <= statuses.items()


@pytest.mark.parametrize(("signals", "grace"), [([signal.SIGTERM], 1), ([signal.SIGINT] * 2, 10**6)])
def test_signals_end_a_crawl_in_time_whatever_the_server_does(
    tmp_path: Path, signals: list[signal.Signals], grace: int
) -> None:
    """Neither the request's own time nor, after a second signal, the grace is waited for: both would be days."""
    assert Options().stop_grace < PROMISE_S
    (tmp_path / "palmyra.toml").write_text(f"timeout = {10**6}\nstop_grace = {grace}\n")
    with RawServer({"/robots.txt": NO_ROBOTS, "/sitemap.xml": HANGS, "/": HANGS}) as server:
        with crawling([f"http://127.0.0.1:{server.port}/"], tmp_path / "news") as process:
            assert server.stalling.wait(PATIENCE_S)
            for number in signals:
                process.send_signal(number)
                time.sleep(0.5)  # two of one kind at once are one to the kernel
            output = process.communicate(timeout=PATIENCE_S)[0]
        wait_for_orphans(str(tmp_path / "news"))
    assert process.returncode == INTERRUPTED, output
    assert "Traceback" not in output
    assert [found.message for found in verify_collection(Collection(tmp_path / "news"))] == []


@pytest.mark.parametrize(
    ("flags", "code"),
    [(["--limit", "5"], 0), (["--size-limit", "20000"], SIZE_LIMIT), (["--time-limit", "0.4"], TIME_LIMIT)],
    ids=["pages", "bytes", "seconds"],
)
def test_limits_end_a_crawl_with_their_exit_codes(tmp_path: Path, flags: list[str], code: int) -> None:
    with GeneratedSite(30, hosts=1) as site:
        assert run(site, tmp_path / "news", *flags)[0] == code
        goes_on(site, tmp_path / "news")


def test_the_reserve_ends_a_crawl_before_the_disk_is_full(tmp_path: Path) -> None:
    with GeneratedSite(10) as site:
        code, output = run(site, tmp_path / "news", "--min-free", str(10**18))
        assert code == FULL
        assert re.search(r"left on its disk, under the reserve of .* \(--min-free\); free at least", output)
        assert site.log == []
        goes_on(site, tmp_path / "news")


@NEEDS_PRLIMIT
@pytest.mark.parametrize("size", [20_000, 200_000])
def test_files_that_cannot_grow(tmp_path: Path, size: int) -> None:
    with GeneratedSite(30) as site:
        code, output = run(site, tmp_path / "news", limit=f"--fsize={size}")
        assert code == FULL, output
        goes_on(site, tmp_path / "news")


@NEEDS_PRLIMIT
def test_too_few_open_files(tmp_path: Path) -> None:
    with GeneratedSite(5) as site:
        code, output = run(site, tmp_path / "news", limit="--nofile=60")
        assert code == FULL, output
        assert "only 60 open files are allowed" in output
        goes_on(site, tmp_path / "news")


def test_a_full_file_system(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = f"size={TMPFS_BYTES}"
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here; test_files_that_cannot_grow stands in for it")
    try:
        with GeneratedSite(30) as site:
            code, output = run(site, disk / "news", "--min-free", "0")
            assert code == FULL, output
            assert re.search(r"no space left.*free some", output), output
            subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
            goes_on(site, disk / "news")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root writes where it must not; a file's own size limit stands in"
)
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    root = tmp_path / "news"
    with GeneratedSite(5) as site:
        assert run(site, root)[0] == 0
        (root / "archive").chmod(0o555)
        code, output = run(site, root)
        (root / "archive").chmod(0o755)
        assert code != 0, output
        goes_on(site, root)
