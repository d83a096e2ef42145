"""Frontiers of crawls beside each other: one copied for a crawl of its own, and joined again when that has ended."""

import json
import logging
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw

from crawler.frontier.ledger import BUDGETS
from crawler.frontier.state import Database, StateDamaged, transaction, translated

logger = logging.getLogger(__name__)

MARK = "CREATE TABLE lane(sources TEXT NOT NULL, run INTEGER NOT NULL)"
"""In a copy: the sources that are crawled with it, as in ``run``, and the last run that it was copied with."""
FORGET = """
DELETE FROM watermark; DELETE FROM skip; DELETE FROM skip_sample;
DELETE FROM lease WHERE target NOT IN (SELECT id FROM target WHERE source IN (SELECT value FROM json_each(?)));
"""
BEFORE = "CREATE TABLE spent_before AS SELECT * FROM spent"
"""In a copy: what budgets had been spent without it."""
JOINED = "CREATE TABLE IF NOT EXISTS joined(lane TEXT PRIMARY KEY) WITHOUT ROWID"
OWN = "(SELECT value FROM json_each((SELECT sources FROM lane.lane)))"

_KEPT = """
url, kind, depth, priority, source, via, hops, listed, title, request, state, failures, due, reason, outcome
"""
_EXCLUDED = ", ".join(f"{name} = excluded.{name}" for name in ["host", *_KEPT.strip().split(", ")])
_STATEMENTS = (
    "INSERT INTO host(name) SELECT name FROM lane.host WHERE true ON CONFLICT DO NOTHING",
    f"""
    INSERT INTO target(identity, host, {_KEPT})
    SELECT identity, (SELECT id FROM main.host WHERE name = (SELECT name FROM lane.host WHERE id = theirs.host)),
        {_KEPT}
    FROM lane.target AS theirs WHERE source IN {OWN} ORDER BY id
    ON CONFLICT(identity) DO UPDATE SET {_EXCLUDED}
    """,
    f"DELETE FROM main.lease WHERE target IN (SELECT id FROM main.target WHERE source IN {OWN})",
    """
    INSERT INTO lease SELECT ours.id, ours.host, times FROM lane.lease AS held
    JOIN lane.target AS theirs ON theirs.id = held.target JOIN main.target AS ours ON ours.identity = theirs.identity
    WHERE true ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO skip SELECT * FROM lane.skip WHERE true ON CONFLICT DO UPDATE SET count = count + excluded.count
    """,
    """
    INSERT INTO robots SELECT * FROM lane.robots WHERE true ON CONFLICT DO UPDATE SET
        status = excluded.status, payload = excluded.payload, answered = excluded.answered
    WHERE excluded.answered > answered
    """,
    """
    INSERT INTO spent SELECT host, day, now.requests - ifnull(before.requests, 0), now.size - ifnull(before.size, 0)
    FROM lane.spent AS now LEFT JOIN lane.spent_before AS before USING(host, day)
    WHERE true ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, size = size + excluded.size
    """,
    """
    INSERT INTO pattern SELECT * FROM lane.pattern WHERE true ON CONFLICT DO UPDATE SET
        fetched = max(fetched, excluded.fetched), articles = max(articles, excluded.articles),
        counted = max(counted, excluded.counted)
    """,
    "INSERT INTO skip_sample(reason, url, via) SELECT reason, url, via FROM lane.skip_sample ORDER BY id",
)


def copy_state(home: Path, lane: Path, sources: Collection[str]) -> None:
    """Copy the state file ``home``, which another process may be using, for a crawl of ``sources`` alone.

    What is in flight over there stays theirs. Raises StateError or DiskFull.
    """
    names = selection(sources)
    with _opened(home) as known, translated(lane), closing(apsw.Connection(str(lane))) as copy:
        with copy.backup("main", known, "main") as backup:
            backup.step()
        with transaction(copy):
            copy.execute(BUDGETS)
            copy.execute(BEFORE)
            copy.execute(FORGET, (names,))
            copy.execute(MARK)
            copy.execute("INSERT INTO lane SELECT ?, coalesce(max(id), 0) FROM run", (names,))


def selection(sources: Collection[str]) -> str:
    """Names of sources as the table ``run`` has them."""
    return json.dumps(sorted(set(sources)))


def join_state(lane: Path, home: Path, name: str) -> dict[str, int]:
    """Take what the crawl beside has found out of its sources into the state file ``home``, once for each ``name``.

    Returns up to which byte the captures of its WARC files are settled. A damaged ``lane`` tells nothing: its captures
    do. Raises StateError or DiskFull.
    """
    if not lane.exists() or not _is_whole(lane):
        return {}
    with _opened(home) as db:
        db.pragma("synchronous", "full")  # the lane is removed once this is durable
        db.execute(JOINED)
        db.execute("ATTACH ? AS lane", (str(lane),))
        with transaction(db):
            db.execute("INSERT OR IGNORE INTO joined VALUES(?)", (name,))
            if db.changes():
                first = _scalar(db, "SELECT coalesce(max(id), 0) FROM main.target")
                for statement in _STATEMENTS:
                    db.execute(statement)
                _join_runs(db, first)
        return dict(db.execute("SELECT file, end FROM lane.watermark"))


def note_watermark(home: Path, file: str, end: int) -> None:
    """Note that the captures of the WARC ``file`` are settled up to byte ``end``."""
    with _opened(home) as db:
        db.execute(
            "INSERT INTO watermark VALUES(?, ?) ON CONFLICT DO UPDATE SET end = excluded.end", (file, end)
        )


@contextmanager
def _opened(path: Path) -> Iterator[apsw.Connection]:
    with closing(Database(path)) as database, translated(path):
        yield database.connection


def _is_whole(lane: Path) -> bool:
    try:
        with _opened(lane) as db:
            marked = _scalar(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'lane'")
            if marked and _scalar(db, "PRAGMA quick_check(1)") == "ok":
                return True
    except StateDamaged:
        pass
    logger.warning("%s: damaged; what it knew is taken from the WARCs beside it", lane)
    return False


def _join_runs(db: apsw.Connection, first: int) -> None:
    """The runs of the crawl beside, and their figures; ``first`` is the last target known before."""
    query = "SELECT id, started, finished, reason FROM lane.run WHERE sources = (SELECT sources FROM lane.lane) ORDER BY id"
    copied: int = _scalar(db, "SELECT run FROM lane.lane")
    rows: list[tuple[Any, ...]] = db.execute(query).fetchall()
    for id_, started, finished, reason in rows:
        if id_ <= copied:
            db.execute(
                "UPDATE main.run SET finished = ?, reason = ? WHERE id = ? AND finished IS NULL",
                (finished, reason, id_),
            )
            ours = id_
        else:
            ours = _scalar(
                db,
                "INSERT INTO main.run(sources, started, finished, reason)"
                " SELECT sources, ?, ?, ? FROM lane.lane RETURNING id",
                (started, finished, reason),
            )
        _join_figures(db, id_, ours, first)


def _join_figures(db: apsw.Connection, theirs: int, ours: int, first: int) -> None:
    tables = {name for (name,) in db.execute("SELECT name FROM lane.sqlite_schema WHERE type = 'table'")}
    tables &= {name for (name,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")}
    if "source_run" in tables:
        db.execute(
            "INSERT OR REPLACE INTO main.source_run SELECT ?, source, listed, elsewhere, failed"
            " FROM lane.source_run WHERE run = ?",
            (ours, theirs),
        )
    if "run_start" in tables:
        db.execute("INSERT OR IGNORE INTO main.run_start VALUES(?, ?)", (ours, first))


def _scalar(db: apsw.Connection, query: str, values: tuple[Any, ...] = ()) -> Any:
    [[value]] = db.execute(query, values).fetchall()
    return value
