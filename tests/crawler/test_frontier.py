"""The durable frontier: order, identity, leases, retries, runs, and what survives a death of the process."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from archive.capture import Discovery
from archive.errors import ArchiveError, DiskFull
from crawler.frontier.frontier import Frontier, Lease, Settlement, StateError, Target, connect
from crawler.frontier.state import SCHEMA_VERSION

SITE = "https://news.example"


class Clock:
    """Unix time that moves when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def frontier(path: Path, clock: Clock) -> Iterator[Frontier]:
    with Frontier(path, clock=clock) as opened:
        yield opened


def leased(frontier: Frontier, host: str = "news.example") -> Lease:
    lease = frontier.lease(host)
    assert lease
    return lease


def drained(frontier: Frontier, host: str = "news.example") -> list[str]:
    """The URLs of ``host`` in the order leased, each settled as done."""
    order = []
    while lease := frontier.lease(host):
        order.append(lease.target.url.removeprefix(SITE))
        frontier.settle([Settlement(lease.id, "done", outcome="article")])
    return order


def states(frontier: Frontier) -> dict[tuple[str, str | None], int]:
    return {(each.state, each.reason): each.count for each in frontier.counts()}


class TestAdding:
    def test_counts_what_is_new(self, frontier: Frontier) -> None:
        assert frontier.add([Target(f"{SITE}/a"), Target(f"{SITE}/b"), Target(f"{SITE}/a#part")]) == 2
        assert frontier.add([Target(f"{SITE}/a?utm_source=feed"), Target(f"{SITE}/c")]) == 1
        assert frontier.pending() == 3

    def test_keeps_the_url_as_it_was_written(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a?utm_source=feed&b=%7e")])
        assert leased(frontier).target.url == f"{SITE}/a?utm_source=feed&b=%7e"

    def test_gives_back_the_whole_target(self, frontier: Frontier) -> None:
        target = Target(
            f"{SITE}/a",
            "feed",
            2,
            -5,
            "A Source",
            Discovery(f"{SITE}/", "LM", "A Source", "2026-11-01", "Títle"),
            "{}",
        )
        frontier.add([target])
        assert leased(frontier).target == target

    def test_lone_surrogates_are_replaced(self, frontier: Frontier) -> None:
        odd = Target(f"{SITE}/\ud800", discovery=Discovery(via=f"{SITE}/\udfff", title="\ud800 é"))
        frontier.add([odd])
        lease = leased(frontier)
        assert (lease.target.url, lease.target.discovery.title) == (f"{SITE}/?", "? é")
        frontier.settle(
            [Settlement(lease.id, "done", discovered=(odd,), skips=(("trap", odd.url, odd.url),))]
        )
        assert (frontier.renew(odd), frontier.adopt(odd).id) == (True, lease.id)

    def test_injected_identity_decides(self, path: Path) -> None:
        with Frontier(path, identity=str.lower, host_key=lambda _: "one") as frontier:
            assert frontier.add([Target("http://A/"), Target("http://a/"), Target("http://b/")]) == 2
            assert list(frontier.hosts()) == ["one"]

    def test_a_pending_page_takes_the_higher_priority_and_its_evidence(self, frontier: Frontier) -> None:
        listed = Discovery(via=f"{SITE}/news.xml", hops="M", listed="2026-11-20", title="News")
        frontier.add([Target(f"{SITE}/old", priority=5), Target(f"{SITE}/new", priority=1)])
        assert frontier.add([Target(f"{SITE}/new", priority=9, discovery=listed)]) == 0
        assert leased(frontier).target == Target(f"{SITE}/new", priority=9, discovery=listed)

    def test_a_lower_priority_changes_nothing(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a", priority=5), Target(f"{SITE}/a", priority=1)])
        assert leased(frontier).target.priority == 5

    def test_a_page_becomes_the_feed_it_is_named_as_without_being_fetched_again(
        self, frontier: Frontier
    ) -> None:
        frontier.add([Target(f"{SITE}/rss")])
        drained(frontier)
        frontier.add([Target(f"{SITE}/rss", "feed")])
        assert frontier.pending() == 0
        frontier.begin_run()
        assert leased(frontier).target.kind == "feed"

    def test_offered_targets_are_durable_with_the_settlement_that_follows(self, path: Path) -> None:
        frontier = Frontier(path)
        frontier.add([Target(f"{SITE}/")])
        lease = leased(frontier)
        assert frontier.offer(Target(f"{SITE}/a"))
        assert not frontier.offer(Target(f"{SITE}/a#b"))
        assert not frontier.offer(Target(f"{SITE}/"))
        frontier.settle([Settlement(lease.id, "done")])
        frontier.close()
        with Frontier(path) as again:
            assert drained(again) == ["/a"]


class TestLeasing:
    def test_priority_then_first_seen(self, frontier: Frontier) -> None:
        frontier.add(
            Target(f"{SITE}/{name}", priority=priority)
            for name, priority in zip("abcde", (1, 3, 2, 3, 1), strict=True)
        )
        assert drained(frontier) == ["/b", "/d", "/c", "/a", "/e"]

    def test_hosts_are_apart(self, frontier: Frontier) -> None:
        frontier.add(
            [Target("https://a.example/"), Target("https://b.example:8443/"), Target("https://b.example/")]
        )
        assert list(frontier.hosts()) == ["a.example", "b.example", "b.example:8443"]
        assert frontier.lease("c.example") is None

    def test_a_lease_is_not_given_twice(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a")])
        lease = leased(frontier)
        assert (frontier.lease("news.example"), frontier.pending(), frontier.leased()) == (None, 0, 1)
        assert frontier.holds(lease.id)

    def test_release_does_not_count_the_try(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a")])
        for _ in range(5):
            lease = leased(frontier)
            assert lease.tries == 1
            frontier.release(lease)
        assert frontier.pending() == 1

    def test_least_priority(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a", priority=5)])
        assert frontier.lease("news.example", least_priority=6) is None
        assert frontier.lease("news.example", least_priority=5)

    def test_one_of_each_host(self, frontier: Frontier) -> None:
        frontier.add(Target(f"https://{host}.example/{path}") for host in "abc" for path in "xy")
        leases = frontier.lease_each({"a.example": 0, "b.example": 1, "c.example": 0, "d.example": 0})
        assert [lease.target.url for lease in leases] == ["https://a.example/x", "https://c.example/x"]
        assert frontier.leased() == 2


class TestSettling:
    def test_discovered_and_watermark_come_with_it(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/")])
        found = (Target(f"{SITE}/a"), Target(f"{SITE}/"))
        frontier.settle(
            [Settlement(leased(frontier).id, "done", discovered=found, outcome="section")], ("x.warc.gz", 99)
        )
        assert (frontier.pending(), frontier.watermark("x.warc.gz"), frontier.watermark("y")) == (1, 99, None)

    def test_a_watermark_never_falls(self, frontier: Frontier) -> None:
        frontier.settle([], ("x", 99))
        frontier.settle([], ("x", 5))
        assert frontier.watermark("x") == 99

    def test_a_retry_waits_until_it_is_due(self, frontier: Frontier, clock: Clock) -> None:
        frontier.add([Target(f"{SITE}/a")])
        frontier.settle([Settlement(leased(frontier).id, "retry", "status 503", due=clock.now + 60)])
        assert (frontier.lease("news.example"), frontier.pending()) == (None, 1)
        assert frontier.next_retry() == clock.now + 60
        clock.now += 60
        lease = leased(frontier)
        assert (lease.tries, lease.failures, frontier.next_retry()) == (2, 1, None)

    @pytest.mark.parametrize("jump", [365 * 86_400, -365 * 86_400], ids=["a year on", "a year back"])
    def test_no_clock_makes_a_retry_wait_for_ever(
        self, frontier: Frontier, clock: Clock, jump: float
    ) -> None:
        frontier.add([Target(f"{SITE}/a")])
        frontier.settle([Settlement(leased(frontier).id, "retry", due=clock.now + 60)])
        clock.now += jump
        assert leased(frontier)

    def test_a_second_settlement_changes_nothing(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a"), Target(f"{SITE}/b")])
        lease = leased(frontier)
        frontier.settle([Settlement(lease.id, "done")])
        frontier.settle([Settlement(lease.id, "failed", "status 500")])
        assert (states(frontier), frontier.pending()) == ({("done", None): 1, ("pending", None): 1}, 1)

    def test_what_is_passed_over_is_counted_with_samples(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/")])
        skips = tuple(("outOfScope", f"https://other.example/{number}", f"{SITE}/") for number in range(150))
        frontier.settle(
            [Settlement(leased(frontier).id, "done", skips=(*skips, ("trap", f"{SITE}/x", None)))]
        )
        frontier.skip("trap", f"{SITE}/y")
        assert frontier.skips() == {"outOfScope": 150, "trap": 2}
        samples = list(frontier.skip_samples())
        assert samples[0] == ("outOfScope", "https://other.example/0", f"{SITE}/")
        assert len(samples) == 102

    def test_hosts_with_something_new_are_told_after_the_commit(self, frontier: Frontier) -> None:
        told: list[tuple[set[str], int]] = []
        frontier.on_change = lambda hosts: told.append((set(hosts), frontier.pending()))
        frontier.add([Target(f"{SITE}/")])
        frontier.settle([Settlement(leased(frontier).id, "done", discovered=(Target("https://b.example/"),))])
        assert told == [({"news.example"}, 1), ({"b.example"}, 1)]

    def test_a_failing_transaction_leaves_nothing(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/")])
        lease = leased(frontier)
        with pytest.raises(StateError):
            frontier.settle(
                [Settlement(lease.id, "done", discovered=(Target("https://b.example/", depth=None),))]
            )  # type: ignore[arg-type]
        assert (frontier.holds(lease.id), list(frontier.hosts())) == (True, [])
        frontier.settle([Settlement(lease.id, "done", discovered=(Target("https://b.example/"),))])
        assert list(frontier.hosts()) == ["b.example"]


class TestAfterADeath:
    """A process that dies closes nothing: here the file is opened again beside it."""

    def test_what_was_in_flight_comes_last_and_counts(self, frontier: Frontier, path: Path) -> None:
        frontier.add([Target(f"{SITE}/a", priority=9), Target(f"{SITE}/b")])
        leased(frontier)
        with Frontier(path) as again:
            assert again.pending() == 2
            assert [leased(again).target.url for _ in "ab"] == [f"{SITE}/b", f"{SITE}/a"]

    def test_without_suspects_it_waits(self, frontier: Frontier, path: Path) -> None:
        frontier.add([Target(f"{SITE}/a")])
        leased(frontier)
        with Frontier(path) as again:
            assert again.lease("news.example", suspects=False) is None
            assert (again.suspect_hosts(), list(again.hosts())) == ({"news.example"}, ["news.example"])
            assert leased(again).tries == 2
            assert again.suspect_hosts() == set()

    def test_three_deaths_end_in_quarantine(self, path: Path) -> None:
        dead = [Frontier(path)]
        dead[0].add([Target(f"{SITE}/killer")])
        for tries in (1, 2, 3):
            assert leased(dead[-1]).tries == tries
            dead.append(Frontier(path))
        assert dead[-1].lease("news.example") is None
        assert (dead[-1].pending(), states(dead[-1])) == (0, {("quarantined", "processDied"): 1})
        for each in dead:
            each.close()

    def test_a_settled_try_clears_the_suspicion(self, path: Path, clock: Clock) -> None:
        opened = [Frontier(path, clock=clock)]
        opened[0].add([Target(f"{SITE}/a")])
        for _ in range(2):
            leased(opened[-1])
            opened.append(Frontier(path, clock=clock))
        opened[-1].settle([Settlement(leased(opened[-1]).id, "retry", due=clock.now)])
        assert leased(opened[-1]).tries == 2
        for each in opened:
            each.close()

    def test_a_capture_that_was_kept_settles_it_without_a_fetch(self, frontier: Frontier, path: Path) -> None:
        frontier.add([Target(f"{SITE}/a")])
        leased(frontier)
        with Frontier(path) as again:
            lease = again.adopt(Target(f"{SITE}/a"))
            again.settle([Settlement(lease.id, "done", outcome="article", discovered=(Target(f"{SITE}/b"),))])
            assert drained(again) == ["/b"]

    def test_adopting_the_unknown(self, frontier: Frontier) -> None:
        lease = frontier.adopt(Target(f"{SITE}/a"))
        frontier.settle([Settlement(lease.id, "done", outcome="article")])
        assert states(frontier) == {("done", None): 1}
        assert frontier.add([Target(f"{SITE}/a")]) == 0

    def test_renewing_a_robots_txt_that_was_in_flight(self, frontier: Frontier, path: Path) -> None:
        robots = Target(f"{SITE}/robots.txt", "robots", priority=100)
        frontier.add([robots])
        leased(frontier)
        assert not frontier.renew(robots)
        with Frontier(path) as again:
            assert again.renew(robots)
            assert leased(again).tries == 1
            assert again.pending() == 0


class TestRuns:
    def test_what_recurs_is_pending_again_in_a_new_run(self, frontier: Frontier) -> None:
        kinds = ("seed", "robots", "sitemap", "feed", "page")
        frontier.add(Target(f"{SITE}/{kind}", kind) for kind in kinds)
        frontier.add([Target(f"{SITE}/near", depth=1), Target(f"{SITE}/far", depth=2)])
        first = frontier.begin_run()
        while lease := frontier.lease("news.example"):
            outcome = "section" if lease.target.url.endswith("ar") else "article"
            frontier.settle([Settlement(lease.id, "done", outcome=outcome)])
        frontier.end_run()
        second = frontier.begin_run()
        assert (first.resumed, second.resumed, second.id - first.id) == (False, False, 1)
        assert frontier.pending() == 5
        assert sorted(drained(frontier)) == ["/feed", "/near", "/robots", "/seed", "/sitemap"]

    def test_failures_and_refusals_have_another_chance(self, frontier: Frontier) -> None:
        frontier.add(Target(f"{SITE}/{name}") for name in "abcd")
        ends = [("failed", "status 503"), ("skipped", "robotsTxt"), ("skipped", "trap"), ("done", None)]
        for state, reason in ends:
            frontier.settle([Settlement(leased(frontier).id, state, reason)])  # type: ignore[arg-type]
        frontier.begin_run()
        assert drained(frontier) == ["/a", "/b"]

    def test_a_run_that_did_not_end_goes_on(self, frontier: Frontier, path: Path) -> None:
        frontier.add([Target(f"{SITE}/", "seed"), Target(f"{SITE}/a")])
        frontier.begin_run()
        frontier.settle([Settlement(leased(frontier).id, "done", outcome="section")])
        with Frontier(path) as again:
            assert again.begin_run().resumed
            assert drained(again) == ["/a"]

    def test_a_host_is_given_up_for_a_run(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/")])
        frontier.give_up("news.example", "status 429")
        assert (frontier.given_up(), frontier.pending()) == ({"news.example": "status 429"}, 1)
        frontier.begin_run()
        assert frontier.given_up() == {}

    def test_robots_answers_are_kept_within_a_run(self, frontier: Frontier, path: Path, clock: Clock) -> None:
        frontier.begin_run()
        frontier.keep_robots(SITE, 200, b"User-agent: *")
        clock.now += 5
        with Frontier(path, clock=clock) as again:
            again.begin_run()
            assert again.robots(SITE) == (200, b"User-agent: *", 5.0)
            again.end_run()
            again.begin_run()
            assert again.robots(SITE) is None

    def test_no_new_run_scans_the_table(self, path: Path) -> None:
        from crawler.frontier import sql

        connection = connect(path)
        connection.execute(sql.SELECTED)
        plans = []
        for hosts, repeat, values in sql.recurring(sql.RECURRING):
            for statement in (hosts, repeat):
                plans += [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        connection.close()
        assert len([plan for plan in plans if plan.startswith("SEARCH target USING INDEX")]) == 14
        assert not [plan for plan in plans if plan.startswith("SCAN target")]


class TestRedirects:
    def test_to_another_spelling_of_the_same_address_is_fetched(self, path: Path) -> None:
        with Frontier(path) as frontier:
            frontier.add([Target("https://a.example/story?utm_source=feed")])
            lease = frontier.lease("a.example")
            assert lease
            clean = Target("https://a.example/story", discovery=Discovery(via=lease.target.url, hops="LR"))
            frontier.settle([Settlement(lease.id, "done", discovered=(clean,), outcome="redirect")])
            assert frontier.pending() == 1
            onward = frontier.lease("a.example")
            assert onward
            assert (onward.target.url, onward.target.discovery) == (clean.url, clean.discovery)
            frontier.settle([Settlement(onward.id, "done", discovered=(clean,), outcome="article")])
            assert (frontier.pending(), frontier.lease("a.example")) == (0, None)


class TestSelection:
    """A process leases, counts and repeats only what belongs to the sources that it crawls."""

    @staticmethod
    def targets() -> list[Target]:
        return [Target(f"https://{source}.example/", "seed", source=source) for source in ("a", "b", "c")]

    def test_other_sources_are_left_alone(self, path: Path) -> None:
        with Frontier(path) as frontier:
            frontier.add(self.targets())
            frontier.select(["a", "c"])
            assert (frontier.pending(), list(frontier.hosts())) == (2, ["a.example", "c.example"])
            assert frontier.lease("b.example") is None
            assert frontier.lease("a.example") is not None

    def test_another_selection_has_runs_of_its_own(self, path: Path) -> None:
        with Frontier(path) as frontier:
            frontier.add(self.targets())
            for source in ("a", "b"):
                frontier.select([source])
                assert not frontier.begin_run().resumed
                lease = frontier.lease(f"{source}.example")
                assert lease
                frontier.settle([Settlement(lease.id, "done")])
            frontier.select(["a"])
            assert frontier.begin_run().resumed
            frontier.end_run()
            assert not frontier.begin_run().resumed
            assert list(frontier.hosts()) == ["a.example"]

    def test_a_robots_txt_that_another_source_asked_for_is_renewed_for_this_one(self, path: Path) -> None:
        robots = Target("https://shared.example/robots.txt", "robots", priority=9, source="a")
        with Frontier(path) as frontier:
            frontier.add([robots, Target("https://shared.example/", source="b")])
            frontier.select(["b"])
            assert frontier.pending() == 1
            assert frontier.renew(replace(robots, source="b"))
            assert frontier.pending() == 2
            lease = frontier.lease("shared.example")
            assert lease
            assert lease.target.kind == "robots"

    def test_a_source_that_names_a_known_page_as_its_seed_takes_it(self, path: Path) -> None:
        with Frontier(path) as frontier:
            frontier.add([Target("https://shared.example/", source="a")])
            frontier.select(["b"])
            frontier.add([Target("https://shared.example/", "seed", source="b")])
            assert frontier.lease("shared.example") is not None


class TestTheFile:
    def test_a_newer_version_is_refused(self, path: Path) -> None:
        connection = connect(path)
        connection.pragma("user_version", SCHEMA_VERSION + 1)
        connection.close()
        with pytest.raises(StateError, match="newer palmyra"):
            Frontier(path)

    @pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
    def test_what_is_no_database_is_refused(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(StateError, match=r"state\.sqlite"):
            Frontier(path)

    def test_another_programs_database_is_refused(self, path: Path) -> None:
        other = apsw.Connection(str(path))
        other.execute("CREATE TABLE moz_places(id)")
        other.close()
        with pytest.raises(StateError, match="another program"):
            Frontier(path)

    def test_a_directory_in_its_place(self, path: Path) -> None:
        path.mkdir()
        with pytest.raises(StateError):
            Frontier(path)

    def test_a_full_disk_is_said_and_loses_nothing(self, frontier: Frontier) -> None:
        frontier.add([Target(f"{SITE}/a")])
        connection = frontier._database.connection
        connection.pragma("max_page_count", connection.pragma("page_count") + 1)
        with pytest.raises(DiskFull) as caught:
            frontier.add(Target(f"{SITE}/{number}/{'x' * 500}") for number in range(200))
        assert isinstance(caught.value, ArchiveError)
        assert "\n" not in str(caught.value)
        connection.pragma("max_page_count", 1_000_000)
        assert (frontier.pending(), drained(frontier)) == (1, ["/a"])

    def test_two_processes_may_use_it(self, frontier: Frontier, path: Path) -> None:
        frontier.add([Target(f"{SITE}/a")])
        leased(frontier)
        with Frontier(path) as reader:
            assert states(reader) == {("pending", None): 1}
            reader.skip("trap", f"{SITE}/t")
        assert frontier.skips() == {"trap": 1}

    def test_wal_mode_and_an_sqlite_without_its_reset_bug(self, frontier: Frontier) -> None:
        assert frontier._database.connection.pragma("journal_mode") == "wal"
        assert tuple(map(int, apsw.sqlite_lib_version().split("."))) > (3, 51, 2)


class Model(RuleBasedStateMachine):
    """The frontier against a plain model, with deaths of the process in between."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.sqlite"
        self.frontier = Frontier(self.path)
        self.todo: set[str] = set()
        self.ended: set[str] = set()
        self.held: dict[str, Lease] = {}
        self.deaths: dict[str, int] = {}

    def teardown(self) -> None:
        self.frontier.close()
        self.folder.cleanup()

    @rule(names=st.lists(st.sampled_from("abcdef"), max_size=4))
    def add(self, names: list[str]) -> None:
        found = {f"{SITE}/{name}" for name in names}
        new = found - self.todo - self.ended - self.held.keys()
        assert self.frontier.add(Target(f"{SITE}/{name}") for name in names) == len(new)
        self.todo |= new

    @rule()
    def lease(self) -> None:
        lease = self.frontier.lease("news.example")
        """Suspects come after all else; those of three deaths, last of all, are quarantined."""
        dangerous = {url for url in self.todo if self.deaths.get(url, 0) >= 3}
        if lease is None:
            assert self.todo <= dangerous
            self.ended |= self.todo
            self.todo.clear()
            return
        assert lease.target.url in self.todo - dangerous
        assert lease.tries == self.deaths.get(lease.target.url, 0) + 1
        if self.deaths.get(lease.target.url):
            assert all(self.deaths.get(url) for url in self.todo)
        self.todo.discard(lease.target.url)
        self.held[lease.target.url] = lease

    @rule(done=st.booleans(), found=st.sampled_from("abcdef"))
    def end(self, done: bool, found: str) -> None:
        if not self.held:
            return
        url, lease = self.held.popitem()
        if done:
            self.frontier.settle([Settlement(lease.id, "done", discovered=(Target(f"{SITE}/{found}"),))])
            self.ended.add(url)
            self.deaths.pop(url, None)
            if f"{SITE}/{found}" not in self.todo | self.ended | self.held.keys():
                self.todo.add(f"{SITE}/{found}")
        else:
            self.frontier.release(lease)
            self.todo.add(url)

    @rule()
    def die(self) -> None:
        self.frontier.close()
        self.frontier = Frontier(self.path)
        for url in self.held:
            self.deaths[url] = self.deaths.get(url, 0) + 1
        self.todo |= self.held.keys()
        self.held.clear()

    @invariant()
    def nothing_is_lost(self) -> None:
        assert (self.frontier.pending(), self.frontier.leased()) == (len(self.todo), len(self.held))
        assert sum(each.count for each in self.frontier.counts()) == len(
            self.todo | self.ended | self.held.keys()
        )


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)

VICTIM = """
import sys
from pathlib import Path
from crawler.frontier.frontier import Frontier, Settlement, Target
frontier = Frontier(Path(sys.argv[1]))
frontier.begin_run()
frontier.add([Target("https://news.example/0")])
while lease := frontier.lease("news.example"):
    print("lease", lease.target.url, flush=True)
    number = int(lease.target.url.rpartition("/")[2])
    found = tuple(Target(f"https://news.example/{each}") for each in (2 * number + 1, 2 * number + 2) if each < 400)
    frontier.settle([Settlement(lease.id, "done", outcome="article", discovered=found)], ("x.warc.gz", number))
    print("done", lease.target.url, flush=True)
frontier.end_run()
print("end", flush=True)
"""


def test_random_kills_lose_nothing_acknowledged(path: Path) -> None:
    """At each kill: what was acknowledged stays done, and at most what was in flight is leased again."""
    chance = random.Random(20261122)
    done, uncertain = set[str](), set[str]()
    kills, last = 0, ""
    while last != "end":
        lines = _killed_after(chance.randrange(1, 90), path)
        leased_now = [url for word, url in lines if word == "lease"]
        assert not done.intersection(leased_now)
        assert len(set(leased_now)) == len(leased_now)
        done.update(url for word, url in lines if word == "done")
        uncertain.update(set(leased_now) - done)
        kills, last = kills + 1, lines[-1][0]
    assert kills > 5
    with Frontier(path) as frontier:
        counts = {each.state: each.count for each in frontier.counts()}
    assert counts == {"done": 400}
    assert len(uncertain - done) <= kills


def _killed_after(lines: int, path: Path) -> list[tuple[str, str]]:
    """What a victim said until it was killed ``lines`` lines in: each word was flushed when it was true."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, path], stdout=subprocess.PIPE, text=True, cwd=root
    ) as victim:
        assert victim.stdout
        said = [line for _, line in zip(range(lines), victim.stdout, strict=False)]
        victim.send_signal(signal.SIGKILL)
        said += victim.stdout
    return [(words[0], words[-1]) for words in map(str.split, said)]
