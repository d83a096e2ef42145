"""The frontier as Scrapy's SCHEDULER: a request leaves it only when its host is due and its robots.txt is known."""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from archive.errors import ArchiveError
from crawler.frontier.frontier import LOWEST, Frontier
from crawler.frontier.targets import Lease, Settlement, Target
from crawler.scheduling.alarm import Alarm
from crawler.scheduling.daybudgets import DayBudgets
from crawler.scheduling.limit import PageLimit
from crawler.scheduling.policy import RETRIED_STATUSES, CrawlPolicy
from crawler.scheduling.politeness import Politeness
from crawler.scheduling.prerequisites import PRIORITY, Prerequisites
from crawler.scheduling.requests import PAGE_KINDS, MemoryRequests, marked, request_of, target_of
from crawler.scheduling.robots import is_unreachable
from crawler.scheduling.shared import SharedHosts
from crawler.scheduling.turns import Answer, Turns
from crawler.urls import identity as urls

logger = logging.getLogger(__name__)

LEASES_AHEAD = 16
"""Targets of as many hosts are leased in one transaction; they are handed out at once."""
ROUNDS = 64
"""Rounds of leases that lead to no request (robots.txt forbids them) before the event loop has its turn."""


class FrontierScheduler(BaseScheduler):
    """Scrapy's scheduler over a Frontier, Politeness and Prerequisites.

    Every request carries meta ``lease``, ``discovery`` and ``download_slot``. For each, the crawl must say once what came
    of it: `fetched` and then ``frontier.settle`` with what it returns, or `failed`, or `release`; for a robots.txt also
    `robots_answered`. Requests of ordinary spiders go into the frontier when they are plain GETs; others (POST,
    ``dont_filter``, callbacks that are no methods) live in memory and are lost with the process.
    """

    def __init__(
        self,
        crawler: Crawler,
        policy: CrawlPolicy,
        clock: Callable[[], float] = time.monotonic,
        host_key: Callable[[str], str] = urls.host_key,
    ) -> None:
        self._crawler, self.policy, self._clock, self._host_key = crawler, policy, clock, host_key
        self.stopped: str | None = None
        """Why nothing more is handed out: ``pageLimit``, ``timeLimit``, or what `stop` was given."""
        self.error: Exception | None = None
        self.on_error: Callable[[Exception], None] | None = None
        """Called once with the error for which nothing can be settled any more, if it is met here."""
        self.on_drop: Callable[[Target, str], None] | None = None
        """Hears of each target that is passed over, with the reason in a word."""
        self.politeness = Politeness(policy.spacing(), clock)
        self._ready: deque[Request] = deque()
        self._memory = MemoryRequests()
        self.limit = PageLimit(policy.limit)
        self._alone: int | None = None
        self._alarm = Alarm(crawler)
        self._given_up: set[str] = set()
        self._asked_again: set[int] = set()
        self._deadline: float | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, CrawlPolicy.from_settings(crawler.settings))

    def open(self, spider: Spider) -> None:
        self._spider = spider
        shared: Frontier | None = getattr(self._crawler, "frontier", None)
        self._owns = shared is None
        self.frontier = shared or Frontier(Path(self._crawler.settings["PALMYRA_STATE"]))
        self.prerequisites = Prerequisites(self.frontier, self._host_key, self._clock)
        self._turns = self._new_turns()
        self.frontier.on_change = self._changed
        if self.policy.time_limit is not None:
            self._deadline = self._clock() + self.policy.time_limit
        self._turns.offer(self.frontier.hosts())

    def _new_turns(self) -> Turns:
        policy = self.policy
        budgets = DayBudgets(policy.day_requests, policy.day_bytes, self.frontier)
        shared = SharedHosts(policy.hosts_file, self._clock)
        return Turns(self.politeness, self._clock, shared, budgets, self._give_up)

    def close(self, reason: str) -> None:  # noqa: ARG002
        self._withdraw()
        with self._guarded():
            self.frontier.flush()
        self.frontier.on_change = None
        self._alarm.set(None)
        self._turns.close()
        if self._owns:
            self.frontier.close()

    def stop(self, reason: str) -> None:
        """Hand out nothing more; what is pending stays pending. The crawl ends once all leases are settled."""
        self.stopped = self.stopped or reason
        self._withdraw()
        self._alarm.ring()

    def fail(self, error: Exception) -> None:
        """Nothing can be settled any more (a full disk): end without waiting for leases; all of them stay pending."""
        if self.error is None:
            self.error = error
            self._ready.clear()
            self.stop(type(error).__name__)
            if self.on_error:
                self.on_error(error)

    def has_pending_requests(self) -> bool:
        if self.error or self.frontier.leased() or self._memory.on_loan():
            return self.error is None
        if self.limit.reached and not self.limit.lift():
            self.stopped = self.stopped or "pageLimit"
        if self.stopped:
            return False
        if self._turns or self._memory.waiting() or self.frontier.next_retry() is not None:
            return True
        return self._tried(self._look_again)

    def enqueue_request(self, request: Request) -> bool:
        """Take a spider's request; False for one that is known already, or too deep."""
        if self.policy.depth is not None and request.meta.get("depth", 0) > self.policy.depth:
            with self._guarded():
                self.frontier.skip("depth", request.url)
            return False
        target = target_of(request, self._spider)
        if target:
            return self._tried(lambda: self.frontier.offer(target))
        host = self._host_key(request.url)
        self._memory.add(host, request)
        self._turns.offer([host])
        return True

    def next_request(self) -> Request | None:
        with self._guarded():
            if not self._ready and not self._halted():
                self._fill()
        if self._ready and not self.stopped:
            return self._ready.popleft()
        self._set_alarm()
        return None

    def fetched(self, lease: Lease, answer: Answer, *, problem: str | None = None) -> Settlement:
        """An answer came, whole or cut short by ``problem``.

        Returns the settlement to make once the capture is durable: done, or waiting for another try, or failed.
        """
        status = answer.status
        with self._guarded():
            self._turns.ended(lease.host, answer)
        problem = problem or (f"status {status}" if status is None or status in RETRIED_STATUSES else None)
        settlement = self._retry(lease, problem) if problem else Settlement(lease.id, "done")
        if lease.target.kind == "robots" and settlement.state == "retry":
            self._asked_again.add(lease.id)
        self._left(lease, settlement)
        return settlement

    def failed(self, lease: Lease, reason: str, retryable: bool = True) -> Settlement:
        """No answer came; settles the lease, as waiting for another try or as failed, and returns how."""
        self._turns.failed(lease.host, reason)
        settlement = self._retry(lease, reason) if retryable else Settlement(lease.id, "failed", reason)
        if lease.target.kind == "robots" and settlement.state == "failed":
            self._unreachable(lease.target)
        self._left(lease, settlement)
        with self._guarded():
            self.frontier.settle([settlement])
        return settlement

    def release(self, lease: Lease) -> None:
        """The request was given up before an answer, by us: its target is pending again, the try not counted."""
        with self._guarded():
            self._turns.withdrawn(lease.host)
        self.limit.pages -= lease.target.kind in PAGE_KINDS
        with self._guarded():
            self._put_back(lease)
        self._turns.offer([lease.host])

    def postpone(self, lease: Lease, answer: Answer | str) -> None:
        """The request went to another address of its host, with that answer, or for that reason without one.

        Its target is pending again, the try not counted.
        """
        with self._guarded():
            if isinstance(answer, str):
                self._turns.failed(lease.host, answer)
            else:
                self._turns.ended(lease.host, answer)
            self._put_back(lease)
        self._left(lease, Settlement(lease.id, "retry"))

    def refuse(self, lease: Lease, reason: str) -> None:
        """The request was given up before it was sent, because the target is not to be fetched."""
        with self._guarded():
            self._turns.withdrawn(lease.host)
        self.limit.pages -= lease.target.kind in PAGE_KINDS
        self._drop(lease, reason)

    def robots_answered(self, lease: Lease, status: int, payload: bytes, location: str | None = None) -> None:
        """Take the answer to a robots.txt (``payload`` decoded); `fetched` is to be told first.

        Redirects are followed through the frontier. While it is tried again nothing else of the host is leased.
        """
        if lease.id in self._asked_again:
            self._asked_again.discard(lease.id)
        elif is_unreachable(status):
            self._unreachable(lease.target)
        else:
            with self._guarded():
                self._turns.offer(self.prerequisites.answered(lease.target, status, payload, location))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Errors of the state file end the crawl: Scrapy would log them and go on."""
        try:
            yield
        except ArchiveError as error:
            self.fail(error)

    def _tried(self, action: Callable[[], bool]) -> bool:
        try:
            return action()
        except ArchiveError as error:
            self.fail(error)
            return False

    def _halted(self) -> bool:
        if self._deadline is not None and self._clock() >= self._deadline:
            self.stop("timeLimit")
        if self._alone is not None and not self.frontier.holds(self._alone):
            self._alone = None
        return bool(self.stopped) or self.limit.reached or self._alone is not None

    def _withdraw(self) -> None:
        """Give back what was leased and not handed out."""
        while self._ready:
            self.release(self._ready.popleft().meta["lease"])

    def _look_again(self) -> bool:
        """Nothing is known to be left: ask the frontier itself, so that no crawl ends before its work.

        What it names are suspects, or hosts that wait for an answer which got lost.
        """
        left = [host for host in self.frontier.hosts() if not self.politeness.given_up(host)]
        self.prerequisites.forget()
        self._turns.offer(left)
        return bool(left)

    def _fill(self) -> None:
        """Lease a target of each host that is due, until there is one to hand out."""
        self.frontier.awaken()
        self.frontier.flush()
        for _ in range(ROUNDS):
            hosts = self._turns.take(self.limit.room(LEASES_AHEAD))
            try:
                for lease in self._leases(hosts):
                    self._admit(lease)
            finally:
                self._turns.leave(hosts)
            if self._ready or not hosts:
                return
        self._alarm.ring()

    def _leases(self, hosts: list[str]) -> list[Lease]:
        wanted = {host: PRIORITY if self.prerequisites.awaited(host) else LOWEST for host in hosts}
        idle = [host for host in hosts if self._memory.has(host) and wanted[host] == LOWEST]
        loans = [self._memory.lease(host) for host in idle]
        for lease in loans:
            del wanted[lease.host]
        leases = loans + (self.frontier.lease_each(wanted) if wanted else [])
        if leases or self._turns or self.frontier.leased() or self._memory.on_loan():
            return leases
        return self._suspect(wanted)

    def _suspect(self, hosts: Collection[str]) -> list[Lease]:
        """All else is done: a target that was in flight when a process died, alone."""
        for host in hosts:
            lease = None if self.prerequisites.awaited(host) else self.frontier.lease(host)
            if lease:
                self._alone = lease.id
                self._turns.offer(hosts)
                return [lease]
        return []

    def _admit(self, lease: Lease) -> None:
        try:
            verdict = self._verdict(lease) if lease.host else "invalid"
        except ValueError:
            verdict = "invalid"
        match verdict:
            case "allowed":
                self._start(lease)
            case "disallowed":
                self._drop(lease, "robotsTxt")
            case "invalid":
                self._drop(lease, "invalidUrl")
            case _:
                self._put_back(lease)

    def _verdict(self, lease: Lease) -> str:
        target = lease.target
        if (
            target.kind == "robots"
            or not self.policy.obeys(target.source)
            or not target.url.startswith("http")
        ):
            return "allowed"
        rules = self.prerequisites.rules(target.url)
        if rules is None:
            self.prerequisites.ask(target)
            return "unknown"
        token = self.policy.token(target.source)
        self.politeness.set_crawl_delay(lease.host, rules.crawl_delay(token))
        if self.politeness.next_due(lease.host) > self._clock():
            return "early"
        return "allowed" if rules.allows(target.url, token) else "disallowed"

    def _start(self, lease: Lease) -> None:
        try:
            request = self._memory.request(lease) or request_of(lease, self._spider)
        except ValueError:
            self._drop(lease, "invalidUrl")
            return
        self.limit.pages += lease.target.kind in PAGE_KINDS
        self._turns.started(lease.host)
        self._turns.offer([lease.host])
        self._ready.append(marked(request, lease))

    def _drop(self, lease: Lease, reason: str) -> None:
        self._memory.end(lease)
        self.frontier.settle([Settlement(lease.id, "skipped", reason)])
        if self.on_drop:
            self.on_drop(lease.target, reason)
        self._turns.offer([lease.host])

    def _put_back(self, lease: Lease) -> None:
        if self._memory.end(lease, again=True):
            self._turns.offer([lease.host])
        else:
            self.frontier.release(lease)

    def _retry(self, lease: Lease, reason: str) -> Settlement:
        if lease.failures + 1 >= self.policy.max_tries:
            return Settlement(lease.id, "failed", reason)
        due = self.frontier.clock() + self.policy.retry_delay * 2**lease.failures
        return Settlement(lease.id, "retry", reason, due)

    def _left(self, lease: Lease, settlement: Settlement) -> None:
        """The request of ``lease`` is off the network. One from memory is settled by that."""
        if settlement.state == "retry":
            self.limit.pages -= lease.target.kind in PAGE_KINDS
        self._memory.end(lease, again=settlement.state == "retry")
        reason = self.politeness.given_up(lease.host)
        if reason:
            self._give_up(lease.host, reason)
        self._turns.offer([lease.host])

    def _unreachable(self, target: Target) -> None:
        """Without an answer to robots.txt nothing is allowed (RFC 9309, section 2.3.1.4): what waits, waits for another run."""
        for host in self.prerequisites.unreachable(target):
            self._give_up(host, "robotsUnreachable")

    def _give_up(self, host: str, reason: str) -> None:
        if host in self._given_up:
            return
        self._given_up.add(host)
        self.politeness.give_up(host, reason)
        logger.warning("%s is given up in this run: %s", host, reason)
        with self._guarded():
            self.frontier.give_up(host, reason)

    def _changed(self, hosts: Collection[str]) -> None:
        self._turns.offer(hosts)
        self._alarm.ring()

    def _set_alarm(self) -> None:
        times = [self._turns.next_due(), self._deadline]
        retry = self.frontier.next_retry()
        if retry is not None:
            times.append(self._clock() + retry - self.frontier.clock())
        due = min((each for each in times if each is not None), default=None)
        self._alarm.set(None if due is None else due - self._clock())
