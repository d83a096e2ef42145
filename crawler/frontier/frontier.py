"""The durable frontier: every URL that the crawl knows, and what became of it, on ``state.sqlite``.

A URL is ``pending`` until it is leased; a lease is settled (done, failed, skipped, or waiting for another try) or released.
Leases live in memory: a row still ``leased`` from a process that died is pending again, as a suspect. Suspects come
after all else and one at a time, so that a page which kills the process is told from those in flight beside it.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from archive.sqlite import closed_on_error
from crawler.frontier import sql
from crawler.frontier.ledger import Ledger
from crawler.frontier.state import Database, StateError, connect
from crawler.frontier.targets import Lease, Run, Settlement, Tally, Target, lease_of, row_of, storable
from crawler.urls import identity as urls

__all__ = ["Frontier", "Lease", "Run", "Settlement", "StateError", "Tally", "Target", "connect"]

UNSETTLED_LIMIT = 3
"""A URL in flight at this many deaths of the process is quarantined."""
LONGEST_WAIT_S = 86_400.0
"""No retry lies further ahead; one that seems to was written under another clock, and is due."""
OFFERS_HELD = 256
"""Offered targets are written past this many."""
HOSTS_CACHED = 10_000
"""Row ids of hosts held in memory."""

LOWEST = -(1 << 63)
"""A priority below all."""


@dataclass(slots=True)
class _Change:
    """What a transaction changes in memory, applied once it is committed."""

    opened: int = 0
    hosts: set[str] = field(default_factory=set)
    leased: dict[int, str] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)


class Frontier(Ledger):
    """The frontier at ``path``. Methods may be called from any thread, and raise StateError or DiskFull.

    ``identity`` tells which URLs are one; ``host_key`` names the host a URL belongs to; ``clock`` gives Unix time.
    """

    def __init__(
        self,
        path: Path,
        *,
        identity: Callable[[str], str] = urls.identity,
        host_key: Callable[[str], str] = urls.host_key,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.on_change: Callable[[Collection[str]], None] | None = None
        """Called after a commit that ended leases or gave hosts something new to lease, with those hosts."""
        self._identity, self._host_key = identity, host_key
        self._host_ids: dict[str, int] = {}
        self._leases: dict[int, str] = {}
        self._offered: list[tuple[bytes, Target]] = []
        self._offered_digests: set[bytes] = set()
        self._selected: str | None = None
        database = Database(path)
        with closed_on_error(database.connection), database.reading():
            super().__init__(database, clock)
            database.execute(sql.SELECTED)
            self._recount()

    def close(self) -> None:
        self._database.close()

    def claim(self) -> None:
        """StateDamaged where the file was put back from a copy older than its WAL. For a crawl, before anything else."""
        self._database.claim()

    def select(self, sources: Iterable[str | None], completing: Iterable[str] = ()) -> None:
        """Lease and count only targets of these (None: of no source) and requisites of ``completing``; without any, all."""
        chosen = sorted(set(sources), key=str)
        self._selected = json.dumps(chosen) if chosen else None
        with self._database.reading():
            self._database.execute("DELETE FROM temp.selected")
            rows = [(source, 0) for source in chosen] + [(source, 1) for source in completing]
            self._database.connection.executemany("INSERT INTO temp.selected VALUES(?, ?)", rows)
        self._recount()

    def _recount(self) -> None:
        with self._database.reading():
            self._open: int = self._database.rows(sql.OPEN)[0][0]
        self._earliest: float | None = self._first_due()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, targets: Iterable[Target]) -> int:
        """Make targets pending, and say how many of them were new.

        One known as a mere page becomes a seed, sitemap or feed when named as such; a pending one takes the higher
        priority, with the evidence that gave it. What is done stays done: `begin_run` decides what is fetched again.
        """
        with self._writing() as change:
            return self._insert(self._digested(targets), change)

    def offer(self, target: Target) -> bool:
        """`add` one target, durable with the next transaction: the settlement of the page that named it at the latest."""
        target = storable(target)
        digest = self._digest(target.url)
        with self._database.reading():
            known = digest in self._offered_digests or bool(self._database.rows(sql.KNOWN, digest))
            self._offered.append((digest, target))
            self._offered_digests.add(digest)
        if len(self._offered) >= OFFERS_HELD:
            self.flush()
        return not known

    def knows(self, url: str) -> bool:
        """Whether ``url`` was ever added, whatever became of it."""
        with self._database.reading():
            return bool(self._database.rows(sql.KNOWN, self._digest(url)))

    def flush(self) -> None:
        """Make what was offered durable."""
        if self._offered:
            with self._writing():
                pass

    def renew(self, target: Target) -> bool:
        """Make ``target`` pending, known or not; False, and nothing done, if it is in flight."""
        target = storable(target)
        with self._writing() as change:
            self._insert(self._digested([target]), change)
            id_, counted = self._database.rows(sql.STANDING, self._digest(target.url))[0]
            if id_ in self._leases:
                return False
            change.opened += not counted
            change.hosts.add(self._host_key(target.url))
            self._database.execute(sql.UNLEASE, id_)
            self._database.execute(sql.RENEW, target.kind, target.source, target.priority, id_)
        return True

    def repeat(self, urls: Iterable[str]) -> None:
        """Make those of the selected sources that are done pending again; all others stay as they are."""
        with self._writing() as change:
            for url in urls:
                self._database.execute(sql.REPEAT, self._digest(url))
                change.opened += self._database.changes()
                change.hosts.add(self._host_key(url))

    def adopt(self, target: Target) -> Lease:
        """A lease by which to settle a capture found in the archive; the target is added if it is not known.

        No try is counted: nothing is fetched.
        """
        target = storable(target)
        with self._writing() as change:
            self._insert(self._digested([target]), change)
            row = self._database.rows(sql.BY_IDENTITY, self._digest(target.url))[0]
        return lease_of(row, self._host_key(target.url), times=0)

    def lease(self, host: str, *, suspects: bool = True, least_priority: int = LOWEST) -> Lease | None:
        """Lease the pending target of ``host`` with the highest priority, the first seen of equals; None without one.

        The try is counted durably before this returns. Targets left in flight by a dead process come last, or not
        at all with ``suspects`` false; those it happened to three times are quarantined.
        """
        self.awaken()
        with self._writing() as change:
            row = self._database.first(sql.BEST, self._host_id(host), least_priority)
            if row is None and suspects:
                row = self._suspect(host, change)
            return self._take(row, host, change) if row else None

    def lease_each(self, hosts: Mapping[str, int]) -> list[Lease]:
        """Lease a target of each host in one transaction, of at least the priority given with it, suspects left out."""
        self.awaken()
        with self._writing() as change:
            best = [
                (self._database.first(sql.BEST, self._host_id(host), hosts[host]), host) for host in hosts
            ]
            taken = [(row, host) for row, host in best if row]
            self._database.connection.executemany(
                sql.FIRST_LEASE, [(row[0], self._host_id(host)) for row, host in taken]
            )
            change.leased.update((row[0], host) for row, host in taken)
            return [lease_of(row, host, times=1) for row, host in taken]

    def release(self, lease: Lease) -> None:
        """Give a lease back unused: pending again, the try not counted."""
        with self._writing() as change:
            change.closed.append(lease.id)
            change.hosts.add(lease.host)
            self._database.execute("UPDATE lease SET times = times - 1 WHERE target = ?", lease.id)
            self._database.execute("DELETE FROM lease WHERE target = ? AND times = 0", lease.id)

    def settle(self, batch: Sequence[Settlement], watermark: tuple[str, int] | None = None) -> None:
        """Settle leases, add what they discovered and move the watermark of a WARC, in one transaction.

        ``watermark`` is (file name, bytes from its start): every capture that ends there or before is settled.
        """
        with self._writing() as change:
            for settlement in batch:
                self._settle(settlement, change)
            if watermark:
                self._database.execute(
                    "INSERT INTO watermark VALUES(?, ?) ON CONFLICT DO UPDATE SET end = max(end, excluded.end)",
                    *watermark,
                )

    def awaken(self) -> None:
        """Make the waiting targets that are due pending."""
        now = self.clock()
        if self._earliest is None or now < self._earliest <= now + LONGEST_WAIT_S:
            return
        with self._writing() as change:
            rows = self._database.rows(
                "UPDATE target SET state = 'pending', due = NULL WHERE state = 'waiting' AND (due <= ? OR due > ?)"
                " RETURNING host",
                now,
                now + LONGEST_WAIT_S,
            )
            change.hosts |= self._names(id_ for (id_,) in rows)
            self._earliest = self._first_due()

    def next_retry(self) -> float | None:
        """When the first waiting target is due, in Unix time."""
        return self._earliest

    def pending(self) -> int:
        """How many targets are still to be fetched: pending, waiting for another try, or left by a dead process."""
        return self._open - len(self._leases)

    def leased(self) -> int:
        """How many leases are neither settled nor released."""
        return len(self._leases)

    def holds(self, lease_id: int) -> bool:
        """Whether a lease is neither settled nor released."""
        return lease_id in self._leases

    def hosts(self) -> Iterator[str]:
        """The hosts with something to lease now, suspects included."""
        self.flush()
        with self._database.reading():
            rows = self._database.rows(sql.HOSTS)
        yield from sorted({name for (name,) in rows} | self.suspect_hosts())

    def suspect_hosts(self) -> set[str]:
        """The hosts with targets that were in flight when a process died."""
        with self._database.reading():
            rows = self._database.rows(sql.SUSPECTS)
            return self._names(host for id_, host in rows if id_ not in self._leases)

    def begin_run(self, refetch: Collection[str] = sql.RECURRING) -> Run:
        """Go on with a run of the selected sources that did not end, else begin one, in which what recurs is pending again.

        Add the seeds first. Articles stay done.
        """
        with self._writing() as change:
            self._database.execute("UPDATE host SET given_up = NULL WHERE given_up IS NOT NULL")
            last = self._database.first(
                "SELECT id, started FROM run WHERE finished IS NULL AND sources IS ? ORDER BY id DESC",
                self._selected,
            )
            if last:
                return Run(last[0], datetime.fromisoformat(last[1]), resumed=True)
            started = datetime.fromtimestamp(self.clock(), UTC)
            insert = "INSERT INTO run(sources, started) VALUES(?, ?) RETURNING id"
            id_ = self._database.rows(insert, self._selected, started.isoformat())[0][0]
            self._database.execute("DELETE FROM robots")
            for hosts, repeat, values in sql.recurring(refetch):
                change.hosts |= self._names(host for (host,) in self._database.rows(hosts, *values))
                self._database.execute(repeat, *values)
                change.opened += self._database.changes()
        return Run(id_, started, resumed=False)

    def end_run(self, reason: str = "finished") -> None:
        """Mark the run as ended: the next one is new. A run that was interrupted is left open."""
        finished = datetime.fromtimestamp(self.clock(), UTC).isoformat()
        with self._writing():
            self._database.execute(
                "UPDATE run SET finished = ?, reason = ? WHERE finished IS NULL AND sources IS ?",
                finished,
                reason,
                self._selected,
            )

    @contextmanager
    def _writing(self) -> Iterator[_Change]:
        change = _Change()
        with self._database.lock:
            try:
                with self._database.writing():
                    if self._offered:
                        self._insert(self._offered, change)
                    yield change
            except BaseException:
                self._host_ids.clear()  # a host first seen in what was rolled back has no row
                raise
            self._offered.clear()
            self._offered_digests.clear()
            self._open += change.opened
            self._leases |= change.leased
            for id_ in change.closed:
                self._leases.pop(id_, None)
        if self.on_change and (change.hosts or change.closed):
            self.on_change(change.hosts)

    def _digest(self, url: str) -> bytes:
        return blake2b(self._identity(url).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def _first_due(self) -> float | None:
        with self._database.reading():
            due: float | None = self._database.rows(sql.FIRST_DUE)[0][0]
        return due

    def _host_id(self, name: str) -> int:
        if name not in self._host_ids:
            if len(self._host_ids) >= HOSTS_CACHED:
                self._host_ids.clear()
            insert = "INSERT INTO host(name) VALUES(?) ON CONFLICT DO UPDATE SET name = name RETURNING id"
            self._host_ids[name] = self._database.rows(insert, name)[0][0]
        return self._host_ids[name]

    def _names(self, ids: Iterable[int]) -> set[str]:
        return {self._database.rows("SELECT name FROM host WHERE id = ?", id_)[0][0] for id_ in set(ids)}

    def _digested(self, targets: Iterable[Target]) -> Iterator[tuple[bytes, Target]]:
        return ((self._digest(target.url), target) for target in map(storable, targets))

    def _insert(self, targets: Iterable[tuple[bytes, Target]], change: _Change) -> int:
        """Insert what is new, and count it: only an insertion moves SQLite's last row id."""
        connection = self._database.connection
        new = 0
        for digest, target in targets:
            host = self._host_key(target.url)
            host_id = self._host_id(host)
            connection.set_last_insert_rowid(0)
            connection.execute(sql.INSERT, (digest, target.url, host_id, *row_of(target)))
            if connection.last_insert_rowid():
                new += 1
                change.hosts.add(host)
        change.opened += new
        return new

    def _take(self, row: tuple[Any, ...], host: str, change: _Change) -> Lease:
        change.leased[row[0]] = host
        times: int = self._database.rows(sql.LEASE, row[0], self._host_id(host))[0][0]
        return lease_of(row, host, times)

    def _suspect(self, host: str, change: _Change) -> tuple[Any, ...] | None:
        for id_, times in self._database.rows(sql.LEFT_BEHIND, self._host_id(host)):
            if id_ in self._leases:
                continue
            if times < UNSETTLED_LIMIT:
                return self._database.first(sql.BY_ID, id_)
            self._settle(Settlement(id_, "quarantined", "processDied"), change)
        return None

    def _settle(self, settlement: Settlement, change: _Change) -> None:
        retry = settlement.state == "retry"
        state = "waiting" if retry else settlement.state
        values = (state, settlement.reason, settlement.outcome, settlement.due if retry else None, retry)
        self._database.execute(sql.SETTLE, *values, settlement.lease_id)
        change.opened -= self._database.changes() if not retry else 0
        self._database.execute(sql.UNLEASE, settlement.lease_id)
        change.closed.append(settlement.lease_id)
        if retry:
            self._earliest = min(filter(None, (self._earliest, settlement.due)), default=None)
        self._insert(self._digested(settlement.discovered), change)
        for target in settlement.discovered:
            self._follow(settlement.lease_id, target, change)
        for skip in settlement.skips:
            self._skip(*skip)

    def _follow(self, id_: int, target: Target, change: _Change) -> None:
        """A redirect to another spelling of the same address, as from ``?utm_source=x``: one target, still to be fetched.

        So is a further page of a list or an article, as often as the page before it is fetched.
        """
        found = storable(target)
        via, hops = found.discovery.via, found.discovery.hops
        if hops.endswith("R"):
            self._database.execute(sql.MOVED, found.url, via, hops, id_, self._digest(found.url), found.url)
        elif hops.endswith("N"):
            self._database.execute(sql.FURTHER, via, found.discovery.listed, self._digest(found.url), hops)
        else:
            return
        if self._database.changes():
            change.opened += 1
            change.hosts.add(self._host_key(found.url))
