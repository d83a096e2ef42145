"""What the state file records beside the targets: watermarks, answers to robots.txt, URLs passed over, hosts given up."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from archive.capture import Discovery
from crawler.frontier import sql
from crawler.frontier.state import Database
from crawler.frontier.targets import Tally, Target, encodable

SAMPLES_PER_REASON = 100
"""Skipped URLs kept as examples of each reason."""

BUDGETS = """
CREATE TABLE IF NOT EXISTS spent(
    host TEXT NOT NULL, day TEXT NOT NULL, requests INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (host, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pattern(
    pattern TEXT PRIMARY KEY, fetched INTEGER NOT NULL, articles INTEGER NOT NULL, counted REAL NOT NULL
) WITHOUT ROWID;
"""
"""What budgets have been spent: by a host in a day, and by a pattern of addresses. Files of older releases have none."""


class Ledger:
    """The records of one state file; ``clock`` gives Unix time."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self.clock = database, clock
        with database.reading():
            database.execute(BUDGETS)

    def spend(self, host: str, day: date, requests: int, size: int) -> tuple[int, int]:
        """Add to the requests and bytes of ``host`` on ``day``; returns both sums."""
        if not requests and not size:
            with self._database.reading():
                row = self._database.first(
                    "SELECT requests, size FROM spent WHERE host = ? AND day = ?", host, day.isoformat()
                )
            return (row[0], row[1]) if row else (0, 0)
        with self._database.writing():
            self._database.execute("DELETE FROM spent WHERE host = ? AND day < ?", host, day.isoformat())
            rows = self._database.rows(
                "INSERT INTO spent VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " requests = requests + excluded.requests, size = size + excluded.size RETURNING requests, size",
                *(host, day.isoformat(), requests, size),
            )
        return rows[0][0], rows[0][1]

    def keep_patterns(self, counts: Iterable[tuple[str, int, int]]) -> None:
        """Keep how many pages of a pattern of addresses were fetched, and how many articles they brought."""
        now = self.clock()
        with self._database.writing():
            for count in counts:
                self._database.execute("INSERT OR REPLACE INTO pattern VALUES(?, ?, ?, ?)", *count, now)

    def patterns(self, age_s: float) -> list[tuple[str, int, int]]:
        """What `keep_patterns` kept within so many seconds; what is older is forgotten."""
        with self._database.writing():
            self._database.execute("DELETE FROM pattern WHERE counted < ?", self.clock() - age_s)
            rows = self._database.rows("SELECT pattern, fetched, articles FROM pattern")
        return [(pattern, fetched, articles) for pattern, fetched, articles in rows]

    def skip(self, reason: str, url: str, via: str | None = None) -> None:
        """Count a URL that is passed over without becoming a target; the first ones are kept as samples."""
        with self._database.writing():
            self._skip(reason, url, via)

    def give_up(self, host: str, reason: str) -> None:
        """Note why ``host`` is asked for nothing more in this run; its targets stay pending."""
        with self._database.writing():
            self._database.execute("UPDATE host SET given_up = ? WHERE name = ?", reason, host)

    def given_up(self) -> Mapping[str, str]:
        """The hosts given up in this run, and why."""
        with self._database.reading():
            return dict(
                self._database.rows(
                    "SELECT name, given_up FROM host WHERE given_up IS NOT NULL ORDER BY name"
                )
            )

    def waiting_in_vain(self, limit: int = 10_000) -> Iterator[tuple[Target, str]]:
        """Targets that wait for hosts given up in this run, and why those were."""
        with self._database.reading():
            rows = self._database.rows(sql.WAITING_IN_VAIN, limit)
        for url, source, via, reason in rows:
            yield Target(url, source=source, discovery=Discovery(via=via)), reason

    def waiting_of(self, source: str, limit: int = 10_000) -> Iterator[Target]:
        """Targets of ``source`` that are still to be fetched."""
        with self._database.reading():
            rows = self._database.rows(
                "SELECT url, via FROM target WHERE state IN ('pending', 'waiting') AND source = ? LIMIT ?",
                source,
                limit,
            )
        for url, via in rows:
            yield Target(url, source=source, discovery=Discovery(via=via))

    def watermark(self, file: str) -> int | None:
        """Up to which byte the captures of a WARC are settled; None when none is."""
        with self._database.reading():
            row = self._database.first("SELECT end FROM watermark WHERE file = ?", file)
        return row[0] if row else None

    def keep_robots(self, origin: str, status: int, payload: bytes) -> None:
        """Keep the answer to robots.txt of ``origin`` (scheme, host and port) for restarts."""
        with self._database.writing():
            self._database.execute(
                "INSERT OR REPLACE INTO robots VALUES(?, ?, ?, ?)", origin, status, payload, self.clock()
            )

    def robots(self, origin: str) -> tuple[int, bytes, float] | None:
        """The kept answer: status, payload, age in seconds (negative when the clock was set back)."""
        with self._database.reading():
            row = self._database.first(
                "SELECT status, payload, answered FROM robots WHERE origin = ?", origin
            )
        return (row[0], row[1], self.clock() - row[2]) if row else None

    def counts(self) -> tuple[Tally, ...]:
        """Every state with its outcomes and reasons, and how many targets each has; what is in flight is pending."""
        with self._database.reading():
            return tuple(Tally(*row) for row in self._database.rows(sql.COUNTS))

    def skips(self) -> Mapping[str, int]:
        """How many URLs were passed over, by reason, the most frequent first."""
        with self._database.reading():
            return dict(self._database.rows("SELECT reason, count FROM skip ORDER BY count DESC, reason"))

    def skip_samples(self) -> Iterator[tuple[str, str, str | None]]:
        """The first URLs passed over for each reason: (reason, URL, via)."""
        with self._database.reading():
            yield from self._database.rows("SELECT reason, url, via FROM skip_sample ORDER BY reason, id")

    def _skip(self, reason: str, url: str, via: str | None) -> None:
        count = self._database.rows(
            "INSERT INTO skip VALUES(?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
            reason,
        )[0][0]
        if count <= SAMPLES_PER_REASON:
            sample = (reason, encodable(url), via and encodable(via))
            self._database.execute("INSERT INTO skip_sample(reason, url, via) VALUES(?, ?, ?)", *sample)
