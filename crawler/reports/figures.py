"""What each run of each source brought: counted while it crawls, and from the catalog and the frontier afterwards."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.collection import Collection
from archive.entries import Examination
from archive.history import CaptureFigures, History
from archive.outcome import Kind, Relation
from archive.sqlite import closed_on_error
from crawler.discovery.discover import Skip
from crawler.frontier.state import connect

RUNS = 10
SPAN = timedelta(days=8)
"""Looked back upon: so many runs at least, and all of this time before the last."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS run_start(run INTEGER PRIMARY KEY, targets INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS source_run(
    run INTEGER NOT NULL, source TEXT NOT NULL, listed INTEGER NOT NULL, elsewhere INTEGER NOT NULL,
    failed INTEGER NOT NULL, PRIMARY KEY (run, source)
) WITHOUT ROWID;
"""
COUNT = """
INSERT INTO source_run VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    listed = listed + excluded.listed, elsewhere = elsewhere + excluded.elsewhere, failed = failed + excluded.failed
"""
NEW = "SELECT source, count(*) FROM target WHERE id > ? AND id <= ? AND kind = 'page' GROUP BY source"
LISTS = """
SELECT source, url, kind, coalesce(outcome, state) FROM target
WHERE kind IN ('sitemap', 'feed') AND hops NOT LIKE '%I' AND hops NOT LIKE '%N' AND (state = 'failed'
    OR state = 'done' AND outcome NOT IN ('listing', 'redirect', 'not-modified'))
ORDER BY source, id
"""
UNPROMISED = ("I", "N")
"""Hops to addresses that nobody promised to be there: usual ones tried, pages after the last."""
FAILED = frozenset({Kind.HTTP_ERROR, Kind.FAILED, Kind.BLOCKED})


class RunCounters:
    """Counts what only the crawl sees, in the tables ``source_run`` and ``run_start`` of the state file at ``path``."""

    def __init__(self, path: Path, run: int) -> None:
        self._run = run
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._db = connect(path)
        with closed_on_error(self._db):
            self._db.execute(SCHEMA)
            self._db.execute(
                "INSERT OR IGNORE INTO run_start SELECT ?, coalesce(max(id), 0) FROM target", (run,)
            )

    def found(self, source: str | None, examination: Examination, skips: Sequence[Skip]) -> None:
        """Count the entries of a sitemap or feed, and those that lie elsewhere."""
        if source is None or examination.outcome.kind is not Kind.LISTING:
            return
        listed = {link.url for link in examination.outcome.links if link.relation is Relation.LISTED}
        counts = self._counts[source]
        counts[0] += len(listed)
        counts[1] += sum(skip.reason == "outOfScope" and skip.url in listed for skip in skips)

    def failed(self, source: str | None) -> None:
        """Count a request that brought no capture."""
        if source is not None:
            self._counts[source][2] += 1

    def flush(self) -> None:
        """Write what was counted since the last time."""
        for source, counts in self._counts.items():
            self._db.execute(COUNT, (self._run, source, *counts))
        self._counts.clear()

    def close(self) -> None:
        self._db.close()


@dataclass(slots=True)
class RunFigures:
    """A source in one run.

    ``listed``: entries of its sitemaps and feeds, ``elsewhere`` of them on foreign hosts; ``new``: pages not known
    before; ``fetched``: answers, robots.txt apart; ``candidates``: listed pages that answered; ``articles``: new
    documents, with ``characters`` altogether; ``failures``: error answers, and requests without an answer.
    """

    started: datetime
    listed: int = 0
    elsewhere: int = 0
    new: int = 0
    fetched: int = 0
    candidates: int = 0
    articles: int = 0
    characters: int = 0
    failures: int = 0

    @property
    def mean_characters(self) -> int:
        return self.characters // self.articles if self.articles else 0


@dataclass(slots=True)
class SourceFigures:
    """The last runs of a source, the oldest first, and its sitemaps and feeds that are dead: (URL, kind, what it was)."""

    name: str
    runs: list[RunFigures] = field(default_factory=list)
    dead: list[tuple[str, str, str]] = field(default_factory=list)


def source_figures(collection: Collection) -> list[SourceFigures]:
    """Figures of every source that a run of ``collection`` crawled, by name."""
    if not (collection.state_path.exists() and collection.catalog_path.exists()):
        return []
    with closing(connect(collection.state_path)) as db:
        db.execute(SCHEMA)
        return _Reader(db, collection).read()


class _Reader:
    def __init__(self, db: Any, collection: Collection) -> None:
        self._db, self._collection = db, collection
        self._runs: dict[str, dict[int, RunFigures]] = defaultdict(dict)

    def read(self) -> list[SourceFigures]:
        self._read_runs()
        self._add_counted()
        self._add_new()
        self._add_captures()
        dead = defaultdict(list)
        for source, url, kind, outcome in self._db.execute(LISTS):
            dead[source].append((url, kind, outcome))
        return [
            SourceFigures(name, list(runs.values()), dead[name]) for name, runs in sorted(self._runs.items())
        ]

    def _read_runs(self) -> None:
        for run, sources, started in self._db.execute("SELECT id, sources, started FROM run ORDER BY id"):
            for name in json.loads(sources or "[]"):
                if name is not None:
                    self._runs[name][run] = RunFigures(datetime.fromisoformat(started))
        for runs in self._runs.values():
            earliest = max(run.started for run in runs.values()) - SPAN
            for run in list(runs)[:-RUNS]:
                if runs[run].started < earliest:
                    del runs[run]

    def _add_counted(self) -> None:
        for run, source, listed, elsewhere, failed in self._db.execute("SELECT * FROM source_run"):
            figures = self._runs.get(source, {}).get(run)
            if figures:
                figures.listed, figures.elsewhere = listed, elsewhere
                figures.failures = failed

    def _add_new(self) -> None:
        starts = self._db.execute("SELECT run, targets FROM run_start ORDER BY run").fetchall()
        ends = [targets for _, targets in starts[1:]] + [1 << 62]
        for (run, first), last in zip(starts, ends, strict=True):
            for source, count in self._db.execute(NEW, (first, last)):
                if run in self._runs.get(source, {}):
                    self._runs[source][run].new = count

    def _add_captures(self) -> None:
        firsts = [run.started for runs in self._runs.values() for run in runs.values()]
        if not firsts:
            return
        with History(self._collection.catalog_path) as history:
            for capture in history.figures_since(min(firsts)):
                runs = list(self._runs.get(capture.source, {}).values())
                at = bisect_right(runs, capture.date, key=lambda run: run.started)
                if at:
                    _count(runs[at - 1], capture)


def _count(run: RunFigures, capture: CaptureFigures) -> None:
    hops = capture.hops.rstrip("R")
    if hops.endswith("P") or capture.kind == Kind.ROBOTS:
        return
    run.fetched += 1
    run.failures += capture.kind in FAILED and not hops.endswith(UNPROMISED)
    listed = hops.endswith("M") and capture.kind not in (Kind.LISTING, Kind.REDIRECT)
    run.candidates += listed and capture.anew
    if capture.characters is not None:
        run.articles += 1
        run.characters += capture.characters
