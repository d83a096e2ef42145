"""What a crawl writes through, from open to close: the collection, its WARC writer, workers, catalog and frontier."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Self

from archive.capture import Discovery
from archive.collection import Collection
from archive.conversion import write_conversions
from archive.derive import Examined
from archive.errors import ArchiveError, CatalogDamaged, DiskFull
from archive.outcome import Kind
from archive.recovery import set_aside
from archive.warc.writer import WarcWriter
from crawler.discovery.budgets import PathBudgets
from crawler.discovery.discover import Rules, Skip, discovered, left_aside
from crawler.frontier.sql import RECURRING
from crawler.frontier.state import StateDamaged, connect
from crawler.frontier.targets import Lease, Run, Settlement, Target
from crawler.reports.figures import RunCounters
from crawler.reports.skips import SkipReport, kept_aside, skipped_so_far
from crawler.scheduling.requests import SEED_PRIORITY
from crawler.scheduling.scheduler import FrontierScheduler
from crawler.session import lanes
from crawler.session.commit import Committer, Kept, Recorded
from crawler.session.opening import open_collection
from crawler.session.refusals import reported
from crawler.session.reserve import Reserve, require_files
from crawler.session.revisits import Standing
from crawler.session.tally import Tally
from crawler.session.warcinfo import warcinfo
from crawler.settings import Options
from crawler.sources.declared import Source
from crawler.sources.recheck import due_again
from crawler.sources.schedule import Schedule
from crawler.urls.identity import Scope, host_key
from crawler.wire import Fetched

logger = logging.getLogger(__name__)

ENDS = frozenset({"finished", "pageLimit", "timeLimit", "sizeLimit"})
"""Reasons for which a run is over; after any other the next one goes on with it."""
DATABASES = 2
"""Each may prove damaged once."""
HOST_NAME = socket.gethostname() or "localhost"


class Session:
    """An open collection under a crawl. ``error`` is what ended the crawl early, if something did.

    ``home`` is the collection that users know; ``collection`` is that, or a lane below it.
    """

    def __init__(
        self,
        options: Options,
        collection: Collection,
        sources: Sequence[Source],
        tally: Tally,
        home: Collection | None = None,
    ) -> None:
        self.options, self.collection, self.sources, self.tally = options, collection, tuple(sources), tally
        self.home = home or collection
        self.error: Exception | None = None
        self.scheduler: FrontierScheduler | None = None
        self._held, self._stack = ExitStack(), ExitStack()
        self._settlements: dict[int, Settlement] = {}
        self._closed = False
        self._names, self._left = {source.name for source in self.sources}, set[str]()
        self._resting: frozenset[str] = frozenset()
        self._interrupt: Callable[[], None] | None = None
        self._abort: Callable[[], None] | None = None
        self._failed = False
        self._reserve = Reserve(collection.root, options.min_free)
        self.budgets = PathBudgets(options.path_budget)
        self._rules = {source.name: Rules.of(source, options) for source in self.sources}

    @classmethod
    def open(cls, options: Options, root: Path, sources: Sequence[Source], tally: Tally) -> Self:
        """Open the collection at ``root``, made if need be, after recovering what a dead crawl left in it.

        While another process holds it, a lane is opened beside (see `crawler.session.lanes`).
        Raises ArchiveError: a source that another process crawls into it now, not a collection, a full disk.
        """
        require_files()
        home, names = Collection.create(root), [source.name for source in sources]
        with ExitStack() as held:
            session = cls(options, lanes.enter(held, home, names), sources, tally, home)
            session._held = held.pop_all()
        try:
            session._open_whatever_is_damaged()
        except BaseException as error:
            session._release()
            if (
                isinstance(error, Exception)
                and (known := reported(error, session.collection.root)) is not error
            ):
                raise known from error
            raise
        return session

    def _open_whatever_is_damaged(self) -> None:
        """Open; a database that proves damaged is set aside, and what it knew is taken from the archive."""
        for _ in range(DATABASES):
            try:
                return self._open()
            except (CatalogDamaged, StateDamaged) as damage:
                self._stack.close()
                self._set_aside(damage)
        return self._open()

    def _set_aside(self, damage: Exception) -> None:
        state = isinstance(damage, StateDamaged)
        database = self.collection.state_path if state else self.collection.catalog_path
        aside = set_aside(self.collection, database)
        logger.warning("%s (it lies in %s now)", damage, aside)

    def _open(self) -> None:
        collection, stack = self.collection, self._stack
        opened = open_collection(
            stack,
            self.options,
            collection,
            self.rules_of,
            requisites=any(rules.requisites for rules in self._rules.values()),
        )
        self.catalog, self.frontier, self._derivation = opened.catalog, opened.frontier, opened.derivation
        self.history, self.revisits = opened.history, opened.revisits
        self._writer = stack.enter_context(self._new_writer())
        self.budgets.recall(self.frontier)
        self._documents_before = self.catalog.document_count()
        run = self._begin_run(adopted=opened.adopted > 0)
        self.skips = stack.enter_context(closing(SkipReport(collection.reports, run.id)))
        self.counters = stack.enter_context(closing(RunCounters(collection.state_path, run.id)))
        self._skipped_before = skipped_so_far(self.frontier)
        self._note_turns(Schedule.begin)
        self.committer = Committer(self._derivation, self._writer.sync, self._settle, self.fail, self._kept)

    def _begin_run(self, *, adopted: bool) -> Run:
        """Go on with the run that a dead crawl left, also where the state file does not know it any more."""
        self.frontier.select(self._names)
        self.frontier.add(_seeds(self.sources))
        unfinished = adopted and self.frontier.pending() > 0
        run = self.frontier.begin_run(() if unfinished else RECURRING)
        self.frontier.repeat(due_again(self.history, self.sources, self.options.recheck, datetime.now(UTC)))
        return run

    def _note_turns(
        self, note: Callable[[Schedule, str, datetime], None], but: frozenset[str] = frozenset()
    ) -> None:
        with closing(connect(self.home.state_path)) as connection:
            for name in {source.name for source in self.sources} - but:
                note(Schedule(connection), name, datetime.now(UTC))

    def _new_writer(self) -> WarcWriter:
        options = self.options
        return WarcWriter(
            self.collection.archive,
            prefix=options.warc_prefix,
            hostname=HOST_NAME,
            info=warcinfo(options, self.sources, self.home.root.resolve().name),
            max_size=options.warc_max_size,
            max_age=options.warc_max_age,
            digest=options.digest,
        )

    def close(self) -> None:
        """Close everything; what was recorded is committed before, by `finish`. Harmless when closed already."""
        if not self._closed:
            self._closed = True
            self._stack.close()
            if isinstance(self.error, (CatalogDamaged, StateDamaged)):
                self._set_aside(self.error)
            self._held.close()

    def _release(self) -> None:
        self._stack.close()
        self._held.close()

    async def finish(self) -> None:
        """Commit what is recorded, close the WARC file and write the index. Errors end in ``error``."""
        try:
            await self.committer.drain()
            self._count()
            self._close_writer()
            if not self._failed:
                self._derivation.update_index()
                if self.options.conversion_records:
                    write_conversions(self.collection, self.catalog.documents(start=self._documents_before))
                self._end_run()
        except Exception as error:  # whatever it is, Scrapy would only log it
            self.fail(error)

    def _close_writer(self) -> None:
        """A file that holds more than the catalog knows stays open for the next start: it tells what is missing."""
        if self.committer.left:
            self._writer.leave()
        else:
            self._writer.close()

    def _count(self) -> None:
        ended = "pageLimit" if self._left and self._left == self._names else "finished"
        self.tally.reason = (self.scheduler and self.scheduler.stopped) or ended
        self.frontier.select(self._names)
        self.tally.pending = self.frontier.pending() + self.frontier.leased()
        self.tally.skipped = skipped_so_far(self.frontier) - self._skipped_before
        self.counters.flush()
        self.budgets.keep(self.frontier)
        quiet = (
            (target, "quietHours") for name in self._resting for target in self.frontier.waiting_of(name)
        )
        for target, reason in (*self.frontier.waiting_in_vain(), *quiet):
            self.tally.waiting[reason] += 1
            self.passed_over(target, reason)

    def _end_run(self) -> None:
        """A run that came to its end or to a limit is followed by a new one, which looks for news again."""
        if self.tally.reason in ENDS:
            self.frontier.end_run(self.tally.reason)
            self._note_turns(Schedule.finish, but=self._resting)

    # --- what the download handler and Scrapy's components call

    def record(
        self, fetched: Fetched, lease: Lease | None, standing: Standing | None = None
    ) -> Recorded | None:
        """Write the exchange to the WARC, have it examined, and queue its acknowledgement.

        ``standing`` is the capture whose validators the request carried.
        None where not one byte of a response came: its request is kept, but there is nothing to examine.
        Raises ArchiveError when it cannot be written; the crawl then stops.
        """
        exchange = fetched.exchange
        try:
            written = self._writer.write(
                exchange,
                original=standing.original if standing else None,
                seen=lambda digest: self.revisits.seen(digest, exchange.url),
            )
        except (ArchiveError, OSError, MemoryError) as error:
            raise self.fail(error) from error
        self.tally.add_capture(host_key(exchange.url), exchange.url, exchange.response_length)
        if written.record_type == "request":
            return None
        self._check_limits()
        examination = self.revisits.examine(written, exchange.url, lease, standing)
        kept = self.committer.add(examination, written.end, lease)
        return Recorded(written.ref, kept)

    def answered(self, lease: Lease, settlement: Settlement) -> None:
        """Note how a lease is to be settled once its capture is committed."""
        self._settlements[lease.id] = settlement

    def passed_over(self, target: Target, reason: str) -> None:
        """Report a target that is not fetched, or brings no document of its own."""
        try:
            self.skips.add([Skip(target.url, reason, target.discovery.via)], target.source)
        except OSError as error:
            self.fail(error)

    def stop(self, reason: str) -> None:
        """Fetch nothing more; what is pending stays pending."""
        if self.scheduler:
            self.scheduler.stop(reason)

    def leave(self, source: str) -> None:
        """Fetch no more pages of ``source`` in this run, only what its pages need to be shown: it has had its most."""
        self._left.add(source)
        self._choose("pageLimit")

    def complete(self) -> bool:
        """`leave` all sources; whether there may be anything left to fetch."""
        self._left |= self._names
        self._choose("pageLimit")
        return any(rules.requisites for rules in self._rules.values())

    def rest(self, resting: frozenset[str]) -> None:
        """Fetch nothing of these sources until told again: they have quiet hours."""
        self._resting = resting
        self._choose("quietHours")

    def _choose(self, reason: str) -> None:
        names = self._names - self._resting
        active, completing = names - self._left, {n for n in names & self._left if self._rules[n].requisites}
        if not active | completing:
            self.stop(reason)
            return
        self.frontier.select(active, completing)
        if self.frontier.on_change:
            self.frontier.on_change(set(self.frontier.hosts()))

    def fail(self, error: Exception) -> Exception:
        """Stop because nothing can be kept any more; what is in flight is given up. Returns the error as reported."""
        error = reported(error, self.collection.root)
        self.error, self._failed = self.error or error, True
        if self.scheduler:
            self.scheduler.fail(error)
        self.give_up()
        return error

    def give_up(self) -> None:
        """Wait neither for answers nor for examinations any more: what is not acknowledged is left to the next start."""
        if self._abort:
            self._abort()
        try:
            for lease in self.committer.give_up():
                self.frontier.release(lease)
        except ArchiveError as error:
            self.error, self._failed = self.error or error, True

    def on_stop(
        self, loop: asyncio.AbstractEventLoop, interrupt: Callable[[], None], abort: Callable[[], None]
    ) -> None:
        """What `interrupt` is to call, in the thread of ``loop``; and what ends the requests in flight at once."""
        self._interrupt, self._abort = partial(_call_soon, loop, interrupt), abort

    def interrupt(self) -> None:
        """Stop soon (``^C``, SIGTERM); called a second time, at once. For signal handlers."""
        if self._interrupt is None:
            raise KeyboardInterrupt
        self._interrupt()

    def _check_limits(self) -> None:
        if self.options.size_limit is not None and self.tally.received >= self.options.size_limit:
            self.stop("sizeLimit")
        try:
            self._reserve.check()
        except DiskFull as error:  # there is room yet to keep what is in flight
            self.error = self.error or error
            self.stop(type(error).__name__)

    # --- what the committer calls

    def _settle(self, group: Sequence[tuple[Lease | None, Examined]]) -> None:
        for file, captures in groupby(group, lambda each: each[1].examination.entry.ref.file):
            of_file = list(captures)
            settlements = [self._settlement(lease, examined) for lease, examined in of_file if lease]
            self.frontier.settle(settlements, watermark=(file, of_file[-1][1].end))
        self.counters.flush()
        self.budgets.keep(self.frontier)
        self.tally.pending = self.frontier.pending()

    def _kept(self, kept: Kept) -> None:
        self.tally.add_kept(kept.examination.outcome.kind, new_document=kept.document is not None)

    def _settlement(self, lease: Lease, examined: Examined) -> Settlement:
        decided = self._settlements.pop(lease.id, None) or Settlement(lease.id, "done")
        examination = self.revisits.confirmed(lease, examined.examination)
        rules = self.rules_of(lease.target)
        if examination.outcome.kind is Kind.ARTICLE and not self.revisits.known(lease.target.url):
            self.budgets.found(lease.target)
        targets, skips = discovered(
            examination, lease.target, rules, self.budgets.is_exhausted, self.frontier.knows
        )
        self.counters.found(lease.target.source, examination, skips)
        skips = self.skips.add(skips, lease.target.source)
        aside = kept_aside(examination, lease.target, rules.respect) or left_aside(examination, rules)
        if aside:
            self.passed_over(lease.target, aside)
        words = tuple((skip.reason, skip.url, skip.via) for skip in skips)
        return replace(decided, discovered=targets, outcome=str(examination.outcome.kind), skips=words)

    def rules_of(self, target: Target) -> Rules:
        known = self._rules.get(target.source or "")
        if known:
            return known
        scope, options = Scope.of_seeds([target.url]), self.options
        return Rules(scope, options.depth, target.source, respect=options.respect)


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(call)


def _seeds(sources: Sequence[Source]) -> list[Target]:
    return [
        Target(seed.url, seed.kind, 0, SEED_PRIORITY, source.name, Discovery(source=source.name))
        for source in sources
        for seed in source.seeds
    ]
