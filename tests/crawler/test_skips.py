"""What a crawl passes over: each address in the report with its reason, and what `status --skipped` says of it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.discovery.discover import Skip
from crawler.reports.skips import FORMER_NAME, NAME, REASONS, SkipReport, reported, words_of
from crawler.wire import WireError
from crawler.wire.errors import Interrupted
from tests.site.command import palmyra
from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots

STORY = "/2026/03/15/a-story-at-its-first-address"
COPY = "/2026/03/15/a-story-at-its-second-address"


def site() -> dict[str, Page]:
    return {
        "/robots.txt": robots("User-agent: *", "Disallow: /private"),
        "/": front([
            STORY, "/private/draft", "https://elsewhere.example/story", "/calendar/2026/03/?month=4", "/deep/",
            "/paper.pdf", "/moved", "/long-page-that-is-cut", "/private/draft",
        ]),
        STORY: article(1),
        "/deep/": front(["/deeper/"]),
        "/paper.pdf": Page(b"%PDF-1.7 ...", "application/pdf"),
        "/moved": Page(status=301, fields={"Location": "https://elsewhere.example/"}),
        "/long-page-that-is-cut": Page("<p>long</p>" * 20_000),
    }  # fmt: skip


@pytest.fixture(scope="module")
def skipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Newsroom]:
    folder = tmp_path_factory.mktemp("skips")
    (folder / "palmyra.toml").write_text("max_response_size = 100000\n")
    with Newsroom(site()) as server:
        crawl(folder, server.url("/"), "--depth", "1")
    return folder / "news", server


@pytest.mark.parametrize(
    ("reason", "url"),
    [
        ("robotsTxt", "/private/draft"),
        ("outOfScope", "https://elsewhere.example/story"),
        ("redirectToExcluded", "https://elsewhere.example/"),
        ("trap", "/calendar/2026/03/?month=4"),
        ("depth", "/deeper/"),
        ("notHtml", "/paper.pdf"),
        ("tooLarge", "/long-page-that-is-cut"),
    ],
)
def test_each_address_passed_over_is_reported_once_with_its_reason(
    skipped: tuple[Path, Newsroom], reason: str, url: str
) -> None:
    collection, server = skipped
    url = url if url.startswith("https:") else server.url(url)
    [found] = [skip for skip in reported(collection / "reports") if skip["url"] == url]
    assert found["reason"] == reason
    assert found["via"] in [server.url(path) for path in ("/", "/deep/", "/moved")]
    assert (found["run"], found["source"]) == (1, f"127.0.0.1:{server.port}")
    assert reason in REASONS


ELSEWHERE = "https://elsewhere.example/story"
HOSTS = [f"127.0.3.{number}" for number in range(1, 8)]
MAIN, FEEDS, SILENT, BUSY, LARGE, AGENTS, RESERVED = HOSTS


def everything(url: Callable[[str, str], str]) -> dict[str, dict[str, Page]]:
    """Sites that between them give the reasons to pass over an address; ``url`` makes one of a path and a host.

    Duplicates, budgets of patterns, quiet hours and windows of time have tests of their own.
    """
    pages = {f"/2026/03/15/story-number-{number}-of-many": article(number) for number in range(60)}
    stories = list(pages)
    hops = [f"/moved-{letter}" for letter in "abcdefghijklm"]
    chain = {here: Page(status=302, fields={"Location": there}) for here, there in pairwise(hops)}
    main = {
        "/": front([
            STORY, ELSEWHERE, "/private/draft", "/calendar/2026/03/?month=4", "/deep/", "/paper.pdf", "/long",
            "/gone-elsewhere", hops[0], "/archive/old", "/no-archive", "/no-ai", "/no-tdm", "http://[broken/",
        ]),
        "/robots.txt": robots("User-agent: *", "Disallow: /private"),
        STORY: article(31),
        "/deep/": front(["/deeper/"]),
        "/paper.pdf": Page(b"%PDF-1.7 ...", "application/pdf"),
        "/long": Page("<p>long</p>" * 20_000),
        "/gone-elsewhere": Page(status=301, fields={"Location": ELSEWHERE}),
        "/no-archive": article(32, head='<meta name="robots" content="noarchive">'),
        "/no-ai": article(33, fields={"X-Robots-Tag": "noai"}),
        "/no-tdm": article(34, fields={"TDM-Reservation": "1"}),
    }  # fmt: skip
    tdmrep = '[{"location": "/2026/*number-1*", "tdm-reservation": 1}]'
    return {
        MAIN: main | chain,
        FEEDS: {"/": front(["/linked"]), "/feed": feed([url(stories[0], FEEDS)])} | pages,
        SILENT: {"/": front([]), "/robots.txt": Page("down", status=503)},
        BUSY: {"/": Page("later", status=503, fields={"Retry-After": "86400"})},
        LARGE: {"/": front(stories)} | pages,
        AGENTS: {"/": front(stories[:1]), "/robots.txt": robots("User-agent: GPTBot", "Disallow: /2026/")},
        RESERVED: {
            "/": front([*stories[:3], "/ai-free"]),
            "/.well-known/tdmrep.json": Page(tdmrep, "application/json"),
            "/ai.txt": robots("User-Agent: *", "Disallow: /ai-free"),
        } | pages,
    }  # fmt: skip


@pytest.fixture(scope="module")
def passed_over(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, set[str]]]:
    """A crawl of all those sites at once, and the hosts for which it gave each reason."""
    folder = tmp_path_factory.mktemp("everything")
    (folder / "palmyra.toml").write_text(
        "max_response_size = 100000\nhost_budget = 45\ntries = 1\ndepth = 1\n"
        'respect = ["noarchive", "noai", "tdm", "aiagents"]\nrights_files = false\n'
    )
    further = {MAIN: 'exclude = ["/archive/"]', FEEDS: "only_feeds = true"}
    sites: dict[str, dict[str, Page]] = {}
    with Newsroom(lambda host, path: sites[host].get(path), HOSTS) as server:
        sites |= everything(server.url)
        sources = [
            f'[[source]]\nurl = "{server.url("/", host)}"\n{further.get(host, "")}\n' for host in HOSTS
        ]
        (folder / "sources.toml").write_text("[defaults]\ndelay = 0\n" + "".join(sources))
        done = run("run-due", "--allow-private", folder=folder)
        assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {}
    for skip in reported(folder / "collections" / "default" / "reports"):
        found.setdefault(skip["reason"], set()).add(urlsplit(skip["url"]).hostname or "")
    return folder / "collections" / "default", found


@pytest.mark.parametrize(
    ("reason", "host"),
    [
        ("outOfScope", "elsewhere.example"),
        ("redirectToExcluded", "elsewhere.example"),
        *[(reason, MAIN) for reason in (
            "excluded", "redirectLimit", "depth", "trap", "robotsTxt", "noArchive", "noAi", "tdmReserved", "notHtml",
            "tooLarge",
        )],
        ("onlyFeeds", FEEDS),
        ("robotsUnreachable", SILENT),
        ("retryAfter", BUSY),
        ("budget", LARGE),
        ("aiAgents", AGENTS),
        ("tdmReserved", RESERVED),
        ("noAi", RESERVED),
    ],
)  # fmt: skip
def test_every_reason_comes_of_a_real_crawl(
    passed_over: tuple[Path, dict[str, set[str]]], reason: str, host: str
) -> None:
    assert host in passed_over[1].get(reason, set()), passed_over[1]


def test_every_reason_has_words_and_a_count(passed_over: tuple[Path, dict[str, set[str]]]) -> None:
    collection, found = passed_over
    said = {
        each["reason"]: each for each in palmyra("status", "--skipped", "--json", "-c", collection).json()
    }
    assert said.keys() == found.keys()
    assert all(each["words"] and each["count"] for each in said.values())


def passing_problems(kind: type[WireError]) -> Iterator[type[WireError]]:
    for each in kind.__subclasses__():
        yield from passing_problems(each)
        if each.passing and each is not Interrupted:
            yield each


@pytest.mark.parametrize("kind", [*passing_problems(WireError)])
def test_what_a_host_can_be_given_up_for_has_words(kind: type[WireError]) -> None:
    assert words_of(kind.reason)


def test_a_status_has_words() -> None:
    assert words_of("status 429") == "its host answered so again and again; it waits for the next run"
    assert words_of("noSuchReason") is None


def test_a_page_known_under_another_address_is_a_duplicate(tmp_path: Path) -> None:
    with Newsroom({"/": front([STORY]), STORY: article(1), COPY: article(1)}) as server:
        crawl(tmp_path, server.url("/"))
        server.pages["/"] = front([STORY, COPY])
        crawl(tmp_path, server.url("/"))
    [skip] = reported(tmp_path / "news" / "reports")
    assert (skip["url"], skip["reason"], skip["run"]) == (server.url(COPY), "duplicate", 2)


def test_status_counts_and_shows_what_was_passed_over(skipped: tuple[Path, Newsroom]) -> None:
    collection, server = skipped
    found = palmyra("status", "--skipped", "--json", "--collection", collection).json()
    counts = Counter(skip["reason"] for skip in reported(collection / "reports"))
    assert {each["reason"]: each["count"] for each in found} == counts
    assert all(each["words"] and each["samples"] for each in found)
    lines = palmyra("status", "--skipped", "--collection", collection).lines
    assert f"      1  robotsTxt: {REASONS['robotsTxt']}" in lines
    assert f"           {server.url('/private/draft')}  (on {server.url('/')})" in lines


def test_nothing_skipped_makes_no_report_and_says_so(tmp_path: Path) -> None:
    with Newsroom({"/": article(1), "/robots.txt": robots()}) as server:
        crawl(tmp_path, server.url("/"))
    assert not (tmp_path / "news" / "reports").exists()
    assert palmyra("status", "--skipped", "--collection", tmp_path / "news").lines == [
        "Nothing was passed over."
    ]


def test_the_report_is_bounded_and_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.reports.skips.MAX_BYTES", 2_000)
    report = SkipReport(tmp_path, 1)
    for number in range(100):
        report.add([Skip(f"http://a.example/{number}", "trap", None)], "a")
    report.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [FORMER_NAME, NAME]
    assert all(path.stat().st_size < 2_300 for path in tmp_path.iterdir())
    urls = [skip["url"] for skip in reported(tmp_path)]
    assert urls == [f"http://a.example/{number}" for number in range(100 - len(urls), 100)]


def test_what_is_new_is_told_from_what_was_said_before(tmp_path: Path) -> None:
    report = SkipReport(tmp_path, 1)
    first = [Skip("http://a.example/", "trap", None), Skip("http://a.example/", "depth", None)]
    assert report.add(first, "a") == tuple(first)
    assert report.add([*first, Skip("http://b.example/", "trap", None)], "a") == (
        Skip("http://b.example/", "trap", None),
    )
    report.close()


def test_a_report_with_a_torn_line_and_odd_urls_is_read(tmp_path: Path) -> None:
    report = SkipReport(tmp_path, 1)
    report.add([Skip("http://a.example/\ud800\n\x1b[31m", "trap", "\u202e")], None)
    report.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"url": "http://cut.exa')
    [skip] = reported(tmp_path)
    assert skip["url"] == "http://a.example/\ud800\n\x1b[31m"
    assert len((tmp_path / NAME).read_bytes().splitlines()) == 2
    assert json.loads((tmp_path / NAME).read_bytes().splitlines()[0])["via"] == "\u202e"
