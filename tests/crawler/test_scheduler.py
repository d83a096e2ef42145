"""The scheduler in real crawls: Scrapy in a process of its own, a local site of many hosts, and the site's log."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from crawler.frontier.frontier import Frontier
from crawler.scheduling.hostqueue import HostQueue
from tests.site.forked import ROOT, run_module

ALLOW = "User-agent: *\nDisallow: /forbidden\n"


@dataclass(frozen=True)
class Answer:
    """What the site sends: the body, after ``pause`` seconds and once ``among`` requests have come to all its hosts."""

    body: str = ""
    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    among: int = 0


class Site:
    """An HTTP server on many loopback addresses. ``answers`` maps (host number, path) or a path to what is sent."""

    def __init__(self, hosts: int) -> None:
        self.addresses = [f"127.0.1.{number + 1}" for number in range(hosts)]
        self.answers: dict[str | tuple[int, str], Answer | list[Answer]] = {"/robots.txt": Answer(ALLOW)}
        self.log: list[tuple[float, int, str]] = []
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait()

    def url(self, path: str, host: int = 0) -> str:
        return f"http://{self.addresses[host]}:{self.port}{path}"

    def paths(self, host: int = 0) -> list[str]:
        return [path for _, number, path in self.log if number == host]

    def gaps(self) -> list[float]:
        """The seconds between each two requests to the same host."""
        times = defaultdict(list)
        for at, host, _ in self.log:
            times[host].append(at)
        return [later - earlier for each in times.values() for earlier, later in pairwise(each)]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        first = await asyncio.start_server(self._connection, self.addresses[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        others = [
            await asyncio.start_server(self._connection, address, self.port) for address in self.addresses[1:]
        ]
        self._ready.set()
        await self._stop.wait()
        for server in (first, *others):
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = self.addresses.index(writer.get_extra_info("sockname")[0])
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.log.append((time.monotonic(), host, head.split(b" ", 2)[1].decode()))
                await self._answer(writer, host, self.log[-1][2])
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, host: int, path: str) -> None:
        answer = self.answers.get((host, path)) or self.answers.get(path) or Answer()
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        await asyncio.sleep(answer.pause)
        while len(self.log) < answer.among:
            await asyncio.sleep(0.01)
        body = answer.body.encode()
        fields = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": len(body), **answer.fields}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {answer.status} Any\r\n{head}\r\n".encode() + body)
        await writer.drain()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    opened = Site(getattr(request, "param", 1))
    yield opened
    opened.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


SPIDER = "tests.crawler.scheduled_crawl"


def given(state: Path, seeds: list[str], settings: dict[str, Any]) -> str:
    options = {
        "PALMYRA_STATE": str(state),
        "PALMYRA_DELAY": 0.05,
        "PALMYRA_RETRY_DELAY": 0.1,
        "SEEDS": seeds,
        **settings,
    }
    return json.dumps(options)


def crawl(state: Path, *seeds: str, **settings: Any) -> str:
    """Crawl to the end; what the spider printed."""
    done = run_module(SPIDER, [given(state, list(seeds), settings)], folder=ROOT, environment=os.environ)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def counts(state: Path) -> dict[tuple[str, str | None], int]:
    with Frontier(state) as frontier:
        return {(each.state, each.reason): each.count for each in frontier.counts()}


def test_a_host_is_spaced_and_the_crawl_does_not_wait_for_scrapys_heartbeat(site: Site, state: Path) -> None:
    site.answers["/"] = Answer("\n".join(site.url(f"/{number}") for number in range(12)))
    crawl(state, site.url("/"), PALMYRA_DELAY=0.1)
    assert Counter(site.paths()) == Counter(["/robots.txt", "/", *(f"/{number}" for number in range(12))])
    assert site.paths()[:2] == ["/robots.txt", "/"]
    assert min(site.gaps()) >= 0.1
    assert sum(site.gaps()) < 30  # thirteen heartbeats are 65 s
    assert counts(state) == {("done", None): 14}


@pytest.mark.parametrize("site", [20], indirect=True)
def test_no_request_before_the_answer_of_robots_txt(site: Site, state: Path) -> None:
    """1,000 disallowed URLs queue up while robots.txt is slow: not one is fetched."""
    site.answers["/robots.txt"] = Answer(ALLOW, pause=0.3)
    for host in range(20):
        forbidden = [
            site.url(f"/forbidden/{number}", (host + number) % 20)
            for number in range(host * 50, host * 50 + 50)
        ]
        site.answers[host, "/"] = Answer("\n".join([*forbidden, site.url("/open", host)]))
    crawl(state, *(site.url("/", host) for host in range(20)), PALMYRA_DELAY=0)
    assert [path for _, _, path in site.log if path.startswith("/forbidden")] == []
    assert counts(state) == {("done", None): 60, ("skipped", "robotsTxt"): 1000}
    for host in range(20):
        assert site.paths(host) == ["/robots.txt", "/", "/open"]


@pytest.mark.parametrize("site", [40], indirect=True)
def test_many_hosts_are_spaced_and_served_alike(site: Site, state: Path) -> None:
    """All hosts begin together; when the first of them has been asked for all it has, none is far behind."""
    site.answers["/robots.txt"] = Answer(ALLOW, among=40)
    for host in range(40):
        site.answers[host, "/"] = Answer("\n".join(site.url(f"/{number}", host) for number in range(5)))
    crawl(state, *(site.url("/", host) for host in range(40)), PALMYRA_DELAY=0.25)
    assert len(site.log) == 40 * 7
    assert min(site.gaps()) >= 0.25
    asked: Counter[int] = Counter()
    for _, host, _ in sorted(site.log):
        asked[host] += 1
        if asked[host] == 7:
            break
    assert min(asked[host] for host in range(40)) >= 3


def test_crawl_delay_is_held(site: Site, state: Path) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.4\n")
    site.answers["/"] = Answer(site.url("/a"))
    crawl(state, site.url("/"))
    assert len(site.log) == 3
    assert min(site.gaps()) >= 0.4


def test_retry_after_is_waited_for(site: Site, state: Path) -> None:
    site.answers["/"] = [Answer(status=429, fields={"Retry-After": "1"}), Answer(site.url("/a"))]
    crawl(state, site.url("/"))
    assert site.paths() == ["/robots.txt", "/", "/", "/a"]
    assert site.gaps()[1] >= 1.0


def test_an_error_that_no_other_try_betters_is_robots_unreachable_at_once(site: Site, state: Path) -> None:
    site.answers["/robots.txt"] = Answer(status=501)
    crawl(state, site.url("/"))
    assert site.paths() == ["/robots.txt"]


def test_a_host_whose_robots_txt_fails_is_not_touched(site: Site, state: Path) -> None:
    site.answers["/robots.txt"] = Answer(status=500)
    crawl(state, site.url("/"))
    assert site.paths() == ["/robots.txt"] * 3
    assert counts(state) == {("failed", "status 500"): 1, ("pending", None): 1}
    with Frontier(state) as frontier:
        assert set(frontier.given_up().values()) == {"robotsUnreachable"}


@pytest.mark.parametrize("status", [500, 408])
def test_a_robots_txt_that_recovers(site: Site, state: Path, status: int) -> None:
    site.answers["/robots.txt"] = [Answer(status=status), Answer(ALLOW)]
    crawl(state, site.url("/"), site.url("/forbidden"))
    assert site.paths() == ["/robots.txt", "/robots.txt", "/"]


@pytest.mark.parametrize("site", [3], indirect=True)
def test_redirects_of_robots_txt_are_followed_also_to_other_hosts(site: Site, state: Path) -> None:
    site.answers[0, "/robots.txt"] = Answer(status=301, fields={"Location": "/moved"})
    site.answers[0, "/moved"] = Answer(status=302, fields={"Location": site.url("/robots.txt", 1)})
    crawl(state, site.url("/"), site.url("/forbidden"), site.url("/forbidden", 1), site.url("/", 1))
    assert Counter(site.paths(0)) == Counter(["/robots.txt", "/moved", "/"])
    assert Counter(site.paths(1)) == Counter(["/robots.txt", "/"])


@pytest.mark.parametrize(
    ("redirects", "fetched"),
    [
        ({"/robots.txt": "/robots.txt"}, 1),
        ({"/robots.txt": "/x", "/x": "/robots.txt"}, 2),
        ({"/robots.txt": "ftp://x/"}, 1),
    ],
    ids=["to itself", "in a circle", "to another scheme"],
)
def test_a_robots_txt_that_redirects_nowhere_is_unavailable(
    site: Site, state: Path, redirects: dict[str, str], fetched: int
) -> None:
    for path, location in redirects.items():
        site.answers[path] = Answer(status=301, fields={"Location": location})
    crawl(state, site.url("/"))
    assert site.paths()[fetched:] == ["/"]


def test_five_redirects_of_robots_txt_are_followed_and_no_sixth(site: Site, state: Path) -> None:
    for number in range(7):
        path = f"/{number}" if number else "/robots.txt"
        site.answers[path] = Answer(status=301, fields={"Location": f"/{number + 1}"})
    crawl(state, site.url("/page"))
    assert site.paths() == ["/robots.txt", "/1", "/2", "/3", "/4", "/5", "/page"]


def test_robots_may_be_ignored(site: Site, state: Path) -> None:
    crawl(state, site.url("/forbidden"), PALMYRA_UNRULY_SOURCES=[""])
    assert site.paths() == ["/forbidden"]


def test_a_limit_leaves_the_rest_for_the_next_crawl(site: Site, state: Path) -> None:
    site.answers["/"] = Answer("\n".join(site.url(f"/{number}") for number in range(9)))
    crawl(state, site.url("/"), PALMYRA_LIMIT=4)
    assert len(site.paths()) == 5
    crawl(state, site.url("/"))
    assert Counter(site.paths()) == Counter(["/robots.txt", "/", *(f"/{number}" for number in range(9))])


def test_a_time_limit_ends_the_crawl(site: Site, state: Path) -> None:
    site.answers["/"] = Answer("\n".join(site.url(f"/{number}") for number in range(500)))
    crawl(state, site.url("/"), PALMYRA_TIME_LIMIT=1)
    assert len(site.log) < 250  # which take twelve times as long
    assert counts(state)["pending", None]


def test_a_passing_failure_is_tried_three_times(site: Site, state: Path) -> None:
    site.answers["/"] = Answer(f"{site.url('/twice')} {site.url('/never')}")
    site.answers["/twice"] = [Answer(status=500), Answer(status=502), Answer()]
    site.answers["/never"] = Answer(status=500)
    crawl(state, site.url("/"))
    assert Counter(site.paths()) == {"/robots.txt": 1, "/": 1, "/twice": 3, "/never": 3}
    assert counts(state) == {("done", None): 3, ("failed", "status 500"): 1}


def test_a_host_that_refuses_connections_ends_the_crawl(site: Site, state: Path) -> None:
    crawl(state, "http://127.0.2.1:9/", site.url("/"))
    assert site.paths() == ["/robots.txt", "/"]
    assert counts(state)["pending", None] == 1


def test_what_scrapy_cannot_request_is_skipped_in_words(site: Site, state: Path) -> None:
    site.answers["/"] = Answer(f"http://[::1 http://x:99999/ {site.url('/a')}")
    crawl(state, site.url("/"))
    assert counts(state) == {("done", None): 3, ("skipped", "invalidUrl"): 2}


def test_a_full_disk_ends_the_crawl_and_leaves_the_rest_pending(site: Site, state: Path) -> None:
    site.answers["/"] = Answer("\n".join(site.url(f"/{number}/{'x' * 300}") for number in range(2000)))
    crawl(state, site.url("/"), FULL_AT=40)
    assert len(site.log) == 2
    assert counts(state)["pending", None] == 1
    crawl(state, site.url("/"), PALMYRA_LIMIT=3)
    assert counts(state)["pending", None] > 1900


def test_ordinary_spiders_keep_their_callbacks(site: Site, state: Path) -> None:
    said = crawl(state, site.url("/"), spider="ordinary")
    assert sorted(said.split("\n")) == [
        "",
        "[\"GET\", 7, \"['kept', b'\\\\xff']\"]",
        '["GET", 9, "None"]',
        '["POST", 8, "None"]',
    ]
    assert Counter(site.paths()) == {"/robots.txt": 1, "/": 2, "/get": 1, "/post": 1}


def test_a_killed_crawl_goes_on_where_it_was(site: Site, state: Path) -> None:
    """Each kill may cost what was in flight a second fetch, and nothing else; nothing is lost."""
    paths = [f"/{number}" for number in range(60)]
    site.answers["/"] = Answer("\n".join(map(site.url, paths)))
    kills = 0
    for target in (6, 20, 40):
        command = [sys.executable, "-m", SPIDER, given(state, [site.url("/")], {"PALMYRA_DELAY": 0.02})]
        with subprocess.Popen(command, cwd=ROOT) as process:
            while len(site.log) < target and process.poll() is None:
                time.sleep(0.005)
            process.kill()
        kills += 1
    crawl(state, site.url("/"), PALMYRA_DELAY=0.02)
    fetches = Counter(site.paths())
    assert set(fetches) == {"/robots.txt", "/", *paths}
    assert sum(fetches.values()) <= 62 + kills
    assert counts(state) == {("done", None): 62}


class TestHostQueue:
    def test_the_longest_due_comes_first(self) -> None:
        queue = HostQueue()
        for host, due in (("c", 3.0), ("a", 1.0), ("b", 1.0)):
            queue.offer(host, due)
        assert [queue.take(2.0), queue.take(2.0), queue.take(2.0), len(queue)] == ["a", "b", None, 1]

    def test_a_host_is_in_it_once(self) -> None:
        queue = HostQueue()
        for due in (5.0, 1.0, 3.0, 3.0):
            queue.offer("a", due)
        assert (queue.next_due(), queue.take(2.0), queue.take(3.0), queue.next_due()) == (
            3.0,
            None,
            "a",
            None,
        )
