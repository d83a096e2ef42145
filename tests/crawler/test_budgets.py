"""Sites without end: what a crawl finds of them, and where it stops."""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from archive.capture import Discovery
from archive.catalog import Catalog
from crawler.discovery.budgets import PathBudgets, pattern_of
from crawler.frontier.frontier import Frontier, Settlement
from crawler.frontier.state import connect
from crawler.frontier.targets import Target
from crawler.reports.skips import reported
from crawler.scheduling.daybudgets import DayBudgets
from crawler.scheduling.politeness import Politeness, Spacing
from tests.site.command import palmyra
from tests.site.crawling import crawl, run
from tests.site.large import FORBIDDEN, TRAPS, LargeSite, article_path
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots, sitemap, sitemap_index

FEED = '<link rel="alternate" type="application/rss+xml" href="/latest">'

ARTICLES = 320
BUDGET = 8
"""Half as many as there are section pages, which are no articles but lead to some."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Newsroom]:
    folder = tmp_path_factory.mktemp("large")
    (folder / "palmyra.toml").write_text(f"path_budget = {BUDGET}\n")
    site = LargeSite(ARTICLES, teasers=20)
    with Newsroom(site.find) as server:
        site.base = server.url()
        crawl(folder, server.url("/"))
    return folder / "news", server


def test_every_article_is_found_once(large: tuple[Path, Newsroom]) -> None:
    collection, server = large
    asked = Counter(path for path in server.paths() if path.startswith("/2026/"))
    assert asked == Counter(article_path(number) for number in range(ARTICLES))
    with Catalog.open(collection / "catalog.sqlite", readonly=True) as catalog:
        assert catalog.document_count() == ARTICLES


def test_no_trap_goes_beyond_its_budget(large: tuple[Path, Newsroom]) -> None:
    _, server = large
    trapped = Counter(pattern_of(server.url(path)) for path in server.paths() if path.startswith(TRAPS))
    assert trapped
    assert max(trapped.values()) <= BUDGET


def test_nothing_disallowed_is_fetched(large: tuple[Path, Newsroom]) -> None:
    assert not [path for path in large[1].paths() if path.startswith(FORBIDDEN)]


def test_each_stop_is_reported(large: tuple[Path, Newsroom]) -> None:
    collection, server = large
    stopped = {
        pattern_of(skip["url"]) for skip in reported(collection / "reports") if skip["reason"] == "pathBudget"
    }
    spent = Counter(pattern_of(server.url(path)) for path in server.paths() if path.startswith(TRAPS))
    assert {pattern for pattern, fetched in spent.items() if fetched == BUDGET} <= stopped
    assert stopped


def test_a_host_budget_ends_the_run_and_says_what_waits(tmp_path: Path) -> None:
    (tmp_path / "palmyra.toml").write_text("host_budget = 8\n")
    stories = [f"/2026/03/15/story-number-{number}-of-many" for number in range(9)]
    lists = {"/robots.txt": robots("Sitemap: /map.xml"), "/": front(stories, FEED), "/latest": feed([])}
    with Newsroom({path: article(at) for at, path in enumerate(stories)} | lists) as server:
        crawl(tmp_path, server.url("/"))
        assert len(server.log) == 8
        waiting = {
            skip["url"] for skip in reported(tmp_path / "news" / "reports") if skip["reason"] == "budget"
        }
        assert waiting.issuperset({server.url(path) for path in stories if path not in server.paths()})
        assert waiting.isdisjoint({server.url(path) for path in server.paths()})
        for _ in range(2):
            run(
                "crawl",
                server.url("/"),
                "--collection",
                "news",
                "--allow-private",
                "--delay",
                "0",
                folder=tmp_path,
            )
        assert set(stories) <= set(server.paths())


@pytest.mark.parametrize(("budget", "most"), [("host_day_requests = 6", 6), ("host_day_bytes = 1200", 12)])
def test_a_budget_of_the_day_is_that_of_all_its_runs(tmp_path: Path, budget: str, most: int) -> None:
    (tmp_path / "palmyra.toml").write_text(f"{budget}\n")
    stories = [f"/2026/03/15/story-number-{number}-of-many" for number in range(9)]
    flags = ("--limit", "2", "--collection", "news", "--allow-private", "--delay", "0")
    with Newsroom({path: article(at) for at, path in enumerate(stories)} | {"/": front(stories)}) as server:
        for _ in range(3):
            done = run("crawl", server.url("/"), *flags, folder=tmp_path)
            assert done.returncode == 0, done.stderr
        assert len(server.log) <= most
        spent = len(server.log)
        reasons = {skip["reason"] for skip in reported(tmp_path / "news" / "reports") if skip["run"] == 3}
        assert reasons == {"budget"}
        assert f"127.0.0.1:{server.port} is given up in this run: budget" in done.stderr
        [status] = palmyra("status", "--json", "-c", tmp_path / "news").json()
        assert status["frontier"]["given_up"] == {f"127.0.0.1:{server.port}": "budget"}
        lines = palmyra("status", "-c", tmp_path / "news").lines
        assert "waiting:    what is left of 1 host (budget)" in lines
        with closing(connect(tmp_path / "news" / "state.sqlite")) as state:
            state.execute("UPDATE spent SET day = '2026-01-01'")
        run("crawl", server.url("/"), *flags, folder=tmp_path)
        assert len(server.log) > spent


def test_what_a_host_has_spent_is_counted_by_the_day(tmp_path: Path) -> None:
    today = date(2026, 3, 15)
    with Frontier(tmp_path / "state.sqlite") as frontier:
        budgets = DayBudgets(3, None, frontier, lambda: today)
        assert [budgets.asked("a.example") for _ in range(3)] == [False, False, True]
        assert budgets.is_spent("a.example")
        assert not budgets.is_spent("b.example")
        assert not budgets.asked("a.example", -1)
        by_size = DayBudgets(None, 1000, frontier, lambda: today)
        assert not by_size.received("a.example", 999)
        assert by_size.received("a.example", 1)
        today = date(2026, 3, 16)
        assert not by_size.is_spent("a.example")
        assert not budgets.asked("a.example")
        assert frontier.spend("a.example", date(2026, 3, 15), 0, 0) == (0, 0)
        assert not DayBudgets(None, None, frontier).asked("a.example", 10**9)


def test_sitemaps_without_end_are_left(tmp_path: Path) -> None:
    numbers = count()

    def find(_host: str, path: str) -> Page | None:
        if path == "/robots.txt":
            return robots(f"Sitemap: {server.url('/map-0.xml')}")
        if path.startswith("/map-"):
            return sitemap_index([server.url(f"/map-{next(numbers) + 1}.xml")])
        return front([]) if path == "/" else None

    with Newsroom(find) as server:
        crawl(tmp_path, server.url("/"))
        maps = [path for path in server.paths() if path.startswith("/map-")]
    assert len(maps) == 5
    assert [skip["reason"] for skip in reported(tmp_path / "news" / "reports")] == ["trap"]


def test_what_a_sitemap_lists_has_a_larger_budget(tmp_path: Path) -> None:
    (tmp_path / "palmyra.toml").write_text("path_budget = 3\n")
    pages = [f"/page/{number}" for number in range(50)]
    with Newsroom(dict.fromkeys(pages, Page("<p>nothing"))) as server:
        server.pages |= {"/": front([]), "/sitemap.xml": sitemap([server.url(path) for path in pages])}
        crawl(tmp_path, server.url("/"))
        assert len([path for path in server.paths() if path in pages]) == 30


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://a.example/", "a.example/"),
        ("https://a.example/calendar/2026/03/15", "a.example/calendar/0/0/0"),
        ("https://a.example/2026/03/15/a-slug-of-words", "a.example/0/0/0/a"),
        ("https://a.example/tag/red-wine", "a.example/tag/a"),
        ("https://a.example/s?page=3&q=x", "a.example/s?page&q"),
        ("https://a.example/s?q=y&page=4", "a.example/s?page&q"),
        ("https://a.example:81/a/b/c/d/e/f/g/h", "a.example:81/a/a/a/a/a/a"),
        ("https://[broken/", ""),
    ],
)
def test_patterns(url: str, pattern: str) -> None:
    assert pattern_of(url) == pattern


def test_articles_lift_the_bound() -> None:
    budgets = PathBudgets(10)
    page = Target("https://a.example/story/1", discovery=Discovery(hops="L"))
    for number in range(200):
        assert budgets.spend(page)
        if number % 8 == 0:
            budgets.found(page)
    seed = Target("https://a.example/story/1", "seed")
    for _ in range(100):
        budgets.spend(page)
    assert not budgets.spend(page)
    assert budgets.spend(seed)


class Kept:
    """Counts kept for as long as a test lasts."""

    def __init__(self) -> None:
        self.counts: dict[str, tuple[str, int, int]] = {}

    def keep_patterns(self, counts: Iterable[tuple[str, int, int]]) -> None:
        self.counts |= {count[0]: count for count in counts}

    def patterns(self, _age_s: float) -> Iterable[tuple[str, int, int]]:
        return self.counts.values()


def test_a_budget_is_that_of_all_runs() -> None:
    page = Target("https://a.example/story/1", discovery=Discovery(hops="L"))
    kept = Kept()
    spent = 0
    for _ in range(4):
        budgets = PathBudgets(10)
        budgets.recall(kept)
        spent += sum(budgets.spend(page) for _ in range(4))
        budgets.keep(kept)
    assert spent == 10


def test_a_long_past_of_articles_does_not_open_a_trap() -> None:
    page = Target("https://a.example/story/1", discovery=Discovery(hops="L"))
    kept = Kept()
    kept.keep_patterns([("a.example/story/0", 1_000_000, 900_000)])
    budgets = PathBudgets(10)
    budgets.recall(kept)
    assert sum(budgets.spend(page) for _ in range(100_000)) <= 1000


def test_counts_of_patterns_are_kept_and_forgotten(tmp_path: Path) -> None:
    now = 1_000_000.0
    with Frontier(tmp_path / "state.sqlite", clock=lambda: now) as frontier:
        frontier.keep_patterns([("a.example/x", 3, 1), ("a.example/y", 1, 0)])
        now += 500
        frontier.keep_patterns([("a.example/x", 4, 2)])
        now += 600
        assert frontier.patterns(1000) == [("a.example/x", 4, 2)]
        assert frontier.patterns(1e9) == [("a.example/x", 4, 2)]


def test_a_second_run_goes_no_further_into_a_trap_and_asks_its_sections_again(tmp_path: Path) -> None:
    (tmp_path / "palmyra.toml").write_text("path_budget = 6\ndepth = 100\n")
    sections = [f"/section/{name}" for name in ("world", "sport", "home", "art", "food", "law", "sea", "sky")]

    def find(_host: str, path: str) -> Page | None:
        if path == "/":
            return front([*sections, "/room/1"])
        if path.startswith("/room/"):
            number = int(path.rpartition("/")[2])
            return front([f"/room/{number + 1}", f"/room/{number + 2}"])
        return front(["/"]) if path in sections else None

    with Newsroom(find) as server:
        crawl(tmp_path, server.url("/"))
        rooms = [path for path in server.paths() if path.startswith("/room/")]
        seen = [path for path in server.paths() if path in sections]
        first = len(server.log)
        crawl(tmp_path, server.url("/"))
    assert (len(rooms), len(seen)) == (6, 6)
    assert [path for path in server.paths(first) if path.startswith("/room/")] == ["/room/1"]
    assert sorted(path for path in server.paths(first) if path in sections) == sorted(seen)


def test_a_page_passed_over_at_the_last_moment_costs_its_host_no_delay() -> None:
    now = 100.0
    politeness = Politeness(Spacing(delay=10.0), lambda: now)
    politeness.started("a.example")
    politeness.withdrawn("a.example")
    assert politeness.next_due("a.example") <= now
    politeness.started("a.example")
    politeness.finished("a.example", now, now, 200)
    politeness.started("a.example")
    politeness.withdrawn("a.example")
    assert politeness.next_due("a.example") == now + 10.0


def test_what_is_done_can_be_made_pending_again_and_nothing_else(tmp_path: Path) -> None:
    done, waiting, never = (f"https://a.example/{name}" for name in ("done", "waiting", "never"))
    with Frontier(tmp_path / "state.sqlite") as frontier:
        frontier.add([Target(done, priority=1)])
        lease = frontier.lease("a.example")
        assert lease
        frontier.settle([Settlement(lease.id, "done", outcome="article")])
        frontier.add([Target(waiting)])
        assert frontier.pending() == 1
        frontier.repeat([done, waiting, never])
        assert frontier.pending() == 2
        again = frontier.lease("a.example")
        assert again
        assert (again.target.url, again.failures) == (done, 0)
