"""Kills a real crawl with SIGKILL, again and again, and holds what it kept against what the server sent.

`Killer.run` ends when a crawl ends by itself; `Killer.judge` then says what was lost, fetched again, left behind.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import apsw

from archive.catalog import Catalog
from archive.collection import Collection
from archive.verify import verify_collection
from tests.crash.site import GeneratedSite
from tests.patience import PATIENCE_S

LONGEST_DELAY_S = 4.0
"""The latest moment for a kill by time; most crawls here are at work by then."""
MOST_REQUESTS = 40
MARK = "PALMYRA_CRASH_TEST"
ENDED = "SELECT url FROM target WHERE state IN ('done', 'failed', 'skipped')"


@dataclass(slots=True)
class Kill:
    """One start that was killed: when, how many answers had gone out, and what was acknowledged by then.

    ``before`` and ``after`` count the server's answers; ``recovery_s`` is from start to the first answer, if there was one.
    """

    before: int
    after: int
    recovery_s: float | None
    acknowledged: frozenset[str]


@dataclass(slots=True)
class Verdict:
    """What a series of kills came to; every list is empty where the contract was kept."""

    kills: int
    answers: int
    addresses: int
    lost: list[str] = field(default_factory=list)
    again: int = 0
    unexplained: list[str] = field(default_factory=list)
    acknowledged_again: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    torn_tails: int = 0
    recoveries_s: list[float] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not (
            self.lost or self.unexplained or self.acknowledged_again or self.findings or self.differences
        )


class Killer:
    """Crawls ``site`` into ``collection`` and kills the crawl ``kills`` times at most, by ``seed``."""

    def __init__(self, site: GeneratedSite, collection: Path, *, kills: int, seed: int) -> None:
        self.site, self.collection = site, Collection(collection)
        self.kills: list[Kill] = []
        self._limit, self._random = kills, random.Random(seed)
        self.output = ""

    def run(self) -> None:
        """Start, kill and start again until a crawl ends by itself."""
        while self._start(kill=len(self.kills) < self._limit):
            pass

    def _start(self, *, kill: bool) -> bool:
        """One crawl; True if it was killed."""
        before, began = len(self.site.log), time.monotonic()
        with crawling(self.site.seeds, self.collection.root) as process:
            if kill:
                self._kill(process, before)
            self.output = process.communicate(timeout=PATIENCE_S)[0]
            self.site.on_served = lambda _: None
        wait_for_orphans(str(self.collection.root))
        self.site.wait_until_quiet()
        if process.returncode != -signal.SIGKILL:
            if process.returncode:
                raise AssertionError(f"exit code {process.returncode}: {self.output}")
            return False
        answers = self.site.log[before:]
        recovery = answers[0].at - began if answers else None
        ended, over = acknowledged(self.collection)
        self.kills.append(Kill(before, len(self.site.log), recovery, ended))
        return not over

    def _kill(self, process: subprocess.Popen[str], before: int) -> None:
        """Arrange for the kill: at a moment, or right after (or somewhat after) an answer."""
        delay = self._random.uniform(0, LONGEST_DELAY_S)
        if self._random.random() < 0.3:
            _after(delay, process)
            return
        last = before + self._random.randint(1, MOST_REQUESTS)
        pause = self._random.choice([0, 0, self._random.uniform(0, 0.05), self._random.uniform(0, 0.5)])

        def served(count: int) -> None:
            if count == last:
                process.kill() if not pause else _after(pause, process)

        self.site.on_served = served

    def judge(self) -> Verdict:
        log = self.site.log
        verdict = Verdict(len(self.kills), len(log), len(self.site.addresses))
        served = Counter(each.url for each in log)
        with Catalog.open(self.collection.catalog_path, readonly=True) as catalog:
            captured = Counter(row.entry.url for row in catalog.captures())
            statuses = {row.entry.url: row.entry.status for row in catalog.captures()}
        verdict.lost = [url for url, status in self.site.addresses.items() if statuses.get(url) != status]
        verdict.again = sum((served - Counter(served.keys())).values())
        verdict.unexplained = self._unexplained()
        for kill in self.kills:
            verdict.lost += sorted(kill.acknowledged - captured.keys() - _uncaptured(kill.acknowledged))
            verdict.acknowledged_again += [e.url for e in log[kill.after :] if e.url in kill.acknowledged]
        verdict.findings = [f"{f.code} {f.message}" for f in verify_collection(self.collection)]
        verdict.differences = differences(self.collection)
        verdict.torn_tails = len(list(self.collection.quarantine.glob("*.tail-*")))
        verdict.recoveries_s = [k.recovery_s for k in self.kills if k.recovery_s is not None]
        return verdict

    def _unexplained(self) -> list[str]:
        """Addresses fetched again though their earlier answer was not in flight at a kill: not their host's last one."""
        log = self.site.log
        excused: set[int] = set()
        for kill in self.kills:
            answers = enumerate(log[kill.before : kill.after], kill.before)
            excused.update({urlsplit(each.url).netloc: number for number, each in answers}.values())
        previous: dict[str, int] = {}
        found = []
        for number, each in enumerate(log):
            if each.url in previous and previous[each.url] not in excused:
                found.append(each.url)
            previous[each.url] = number
        return found


def _uncaptured(urls: frozenset[str]) -> frozenset[str]:
    return frozenset(url for url in urls if "/private/" in url)


def _after(seconds: float, process: subprocess.Popen[str]) -> None:
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()


@contextmanager
def crawling(
    seeds: Sequence[str], root: Path, *flags: str, prefix: Sequence[str] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A `palmyra crawl` of the seeds, its outputs in one; killed at the end if it still runs. ``root`` is its mark."""
    command = [*prefix, sys.executable, "-m", "crawler.cli", "crawl", *seeds, "--collection", str(root)]
    ours = ("PALMYRA", "COVERAGE")  # what measures coverage would fail where the disk is made to
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    process = subprocess.Popen(
        [*command, "--allow-private", "--delay", "0", *flags],
        cwd=root.parent,
        env=environment | {MARK: str(root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close() if process.stdout else None


def orphans(mark: str) -> list[int]:
    """The processes that a crawl with this mark started and that still live."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def wait_for_orphans(mark: str) -> None:
    """Wait until nothing that a dead crawl started lives; AssertionError where something stays."""
    deadline = time.monotonic() + PATIENCE_S
    while left := orphans(mark):
        if time.monotonic() > deadline:
            raise AssertionError(f"processes {left} outlive their crawl by {PATIENCE_S:g} s")
        time.sleep(0.02)


def acknowledged(collection: Collection) -> tuple[frozenset[str], bool]:
    """The URLs that the frontier holds for settled, and whether the run has ended; the collection is not touched."""
    if not collection.state_path.exists():
        return frozenset(), False
    with tempfile.TemporaryDirectory() as folder:
        for path in collection.root.glob("state.sqlite*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        connection = apsw.Connection(str(Path(folder) / "state.sqlite"))
        try:
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'run'").fetchall():
                return frozenset(), False
            urls = frozenset(str(url) for (url,) in connection.execute(ENDED))
            runs = connection.execute("SELECT finished IS NOT NULL FROM run ORDER BY id DESC").fetchall()
        finally:
            connection.close()
    return urls, bool(runs and runs[0][0])


def differences(collection: Collection) -> list[str]:
    """What a fresh `palmyra extract` of a copy gives otherwise: documents by name and bytes, index, order of captures."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Collection.create(Path(folder) / "fresh")
        for path in collection.warc_files():
            shutil.copy(path, fresh.archive)
        command = [sys.executable, "-m", "crawler.cli", "extract", "--collection", str(fresh.root), "--quiet"]
        subprocess.run(command, check=True, timeout=PATIENCE_S, cwd=folder)
        live, again = _derived(collection), _derived(fresh)
    return sorted(name for name in live.keys() | again.keys() if live.get(name) != again.get(name))


def _derived(collection: Collection) -> dict[str, bytes]:
    files = {
        str(path.relative_to(collection.root)): path.read_bytes()
        for folder in (collection.documents, collection.indexes)
        for path in folder.rglob("*")
        if path.is_file()
    }
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        captures = {f"capture {row.id}": repr(row).encode() for row in catalog.captures()}
        documents = {f"document {row.id}": repr(row).encode() for row in catalog.documents()}
    return files | captures | documents
