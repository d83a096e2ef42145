"""Rights that sites state in files, header fields and pages: recorded, held when fetching, applied when exporting."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.outcome import Kind
from crawler.reports.skips import reported
from tests.patience import PATIENCE_S
from tests.site.command import palmyra
from tests.site.crawling import ROOT, crawl, run
from tests.site.newsroom import Newsroom, Page, article, front, robots

OPEN, RESERVED, META, HEADER, GRANTED, NOAI, NOARCHIVE = (
    f"/2026/03/15/{name}-story-of-the-day"
    for name in ("open", "reserved", "meta", "header", "granted", "noai", "noarchive")
)
TDMREP = [
    {
        "location": "/2026/03/15/reserved*",
        "tdm-reservation": 1,
        "tdm-policy": "https://a.example/policy.json",
    },
    {"location": "/2026/03/15/granted*", "tdm-reservation": "1"},
    {"location": "/2026/", "tdm-reservation": 0},
]


def site() -> dict[str, Page]:
    stories = {
        OPEN: article(1),
        RESERVED: article(2),
        META: article(3, head='<meta name="tdm-reservation" content="1">'),
        HEADER: article(4, fields={"TDM-Reservation": "1"}),
        GRANTED: article(5, head='<meta name="tdm-reservation" content="0">'),
        NOAI: article(6, fields={"X-Robots-Tag": "noai, noimageai"}),
        NOARCHIVE: article(7, head='<meta name="robots" content="noarchive">'),
    }
    return stories | {
        "/": front(list(stories)),
        "/robots.txt": robots(
            "User-agent: GPTBot", "User-agent: CCBot", "Disallow: /", "", "User-agent: *", "Allow: /"
        ),
        "/.well-known/tdmrep.json": Page(json.dumps(TDMREP), "application/json"),
        "/ai.txt": robots("User-Agent: *", "Disallow: /images/", "Allow: *.txt"),
    }


Site = tuple[Path, Newsroom]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A crawl that holds every policy."""
    folder = tmp_path_factory.mktemp("held")
    (folder / "palmyra.toml").write_text('respect = ["noarchive", "noai", "tdm"]\n')
    with Newsroom(site()) as server:
        crawl(folder, server.url("/"))
    return folder / "news", server


@pytest.fixture(scope="module")
def unheld(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A crawl without a policy that asks for no file of the site."""
    folder = tmp_path_factory.mktemp("unheld")
    (folder / "palmyra.toml").write_text("rights_files = false\n")
    with Newsroom(site()) as server:
        crawl(folder, server.url("/"))
    return folder / "news", server


def test_nothing_is_asked_before_the_files_have_answered(held: Site) -> None:
    _, server = held
    assert server.paths()[:4] == ["/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/"]
    assert len(server.paths()) == len(set(server.paths()))


def test_a_page_that_the_file_reserves_is_not_fetched_and_reported(held: Site) -> None:
    collection, server = held
    assert RESERVED not in server.paths()
    reasons = {skip["url"]: skip["reason"] for skip in reported(collection / "reports")}
    assert reasons[server.url(RESERVED)] == "tdmReserved"
    assert reasons[server.url(META)] == "tdmReserved"
    assert reasons[server.url(NOAI)] == "noAi"
    assert reasons[server.url(NOARCHIVE)] == "noArchive"
    assert server.url(OPEN) not in reasons


def test_without_a_policy_everything_is_fetched_and_its_signals_are_recorded(unheld: Site) -> None:
    collection, server = unheld
    assert RESERVED in server.paths()
    assert "/ai.txt" not in server.paths()
    with Catalog.open(collection / "catalog.sqlite", readonly=True) as catalog:
        rights = {row.entry.url: row.rights for row in catalog.captures()}
    assert rights[server.url(META)] == ("tdm-reservation=1",)
    assert rights[server.url(HEADER)] == ("tdm-reservation=1",)
    assert "noai" in rights[server.url(NOAI)]
    assert rights[server.url(NOARCHIVE)] == ("noarchive",)
    assert rights[server.url("/robots.txt")] == ("robots gptbot disallow /", "robots ccbot disallow /")


def test_files_of_the_site_are_captures_with_their_signals(held: Site) -> None:
    collection, server = held
    with Catalog.open(collection / "catalog.sqlite", readonly=True) as catalog:
        [file] = catalog.captures_of(server.url("/.well-known/tdmrep.json"))
        [ai] = catalog.captures_of(server.url("/ai.txt"))
    assert file.kind is Kind.OTHER
    assert file.rights == (
        "tdm-reservation=1 /2026/03/15/reserved*",
        "tdm-policy=https://a.example/policy.json /2026/03/15/reserved*",
        "tdm-reservation=1 /2026/03/15/granted*",
        "tdm-reservation=0 /2026/",
    )
    assert ai.rights == ("ai.txt disallow /images/", "ai.txt allow *.txt")


def exported(collection: Path, folder: Path, *policies: str) -> set[str]:
    flags = [word for policy in policies for word in ("--respect", policy)]
    done = palmyra("export", "jsonl", folder / "out.jsonl", "--force", "-c", collection, "--json", *flags)
    assert done.code == 0, done.error
    return {json.loads(line)["url"] for line in (folder / "out.jsonl").read_text().splitlines()}


@pytest.mark.parametrize(
    ("policies", "left"),
    [
        ((), {OPEN, RESERVED, META, HEADER, GRANTED, NOAI, NOARCHIVE}),
        (("noarchive",), {OPEN, RESERVED, META, HEADER, GRANTED, NOAI}),
        (("noai",), {OPEN, RESERVED, META, HEADER, GRANTED, NOARCHIVE}),
        (("tdm",), {OPEN, RESERVED, GRANTED, NOAI, NOARCHIVE}),
        (("tdm", "noai", "noarchive"), {OPEN, RESERVED, GRANTED}),
        (("aiagents",), set()),
    ],
)
def test_an_export_leaves_out_what_its_policy_says(
    unheld: Site, tmp_path: Path, policies: tuple[str, ...], left: set[str]
) -> None:
    collection, server = unheld
    assert exported(collection, tmp_path, *policies) == {server.url(path) for path in left}


def test_an_export_says_how_many_it_left_out_and_why(unheld: Site, tmp_path: Path) -> None:
    done = palmyra(
        "export", "txt", tmp_path / "out", "-c", unheld[0], "--respect", "tdm", "--respect", "noai"
    )
    assert done.lines[1:] == ["left out 1 documents: noAi", "left out 2 documents: tdmReserved"]
    refused = palmyra("export", "wacz", tmp_path / "x.wacz", "-c", unheld[0], "--respect", "tdm")
    assert refused.code == 4
    assert "whole WARC files" in refused.error


def test_files_of_the_site_count_when_exporting_too(tmp_path: Path) -> None:
    """Fetched under one policy, exported under another: the file that was recorded decides."""
    (tmp_path / "palmyra.toml").write_text('respect = ["noai"]\n')
    with Newsroom(site()) as server:
        crawl(tmp_path, server.url("/"))
    everything = {OPEN, RESERVED, META, HEADER, GRANTED, NOAI, NOARCHIVE}
    assert exported(tmp_path / "news", tmp_path) == {server.url(path) for path in everything}
    left = {server.url(path) for path in everything - {RESERVED, META, HEADER}}
    assert exported(tmp_path / "news", tmp_path, "tdm") == left


def test_without_a_policy_what_the_files_say_is_recorded_all_the_same(tmp_path: Path) -> None:
    """And they are asked for once a day: a 404 is an answer, too."""
    pages = site()
    del pages["/ai.txt"]
    with Newsroom(pages) as server:
        crawl(tmp_path, server.url("/"))
        first = len(server.log)
        assert server.paths()[:4] == ["/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/"]
        assert RESERVED in server.paths()
        assert len(server.paths()) == len(set(server.paths()))
        crawl(tmp_path, server.url("/"))
        assert not {"/.well-known/tdmrep.json", "/ai.txt"}.intersection(server.paths(first))
    everything = {OPEN, RESERVED, META, HEADER, GRANTED, NOAI, NOARCHIVE}
    left = {server.url(path) for path in everything - {RESERVED, META, HEADER}}
    assert exported(tmp_path / "news", tmp_path, "tdm") == left


def test_a_file_of_the_site_is_asked_for_again_after_a_day_if_it_has_changed(tmp_path: Path) -> None:
    """By its own validators, never by those of the page that waits for it."""
    with Newsroom(site() | {"/": article(1)}) as server:
        crawl(tmp_path, server.url("/"))
        first = len(server.log)
        done = subprocess.run(
            [sys.executable, "-c", TOMORROW, server.url("/")],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0
        asked = {each.path: each for each in server.log[first:]}
    assert {path: each.status for path, each in asked.items()} == {
        "/robots.txt": 200, "/.well-known/tdmrep.json": 304, "/ai.txt": 200, "/": 304,
    }  # fmt: skip
    assert "if-none-match" not in asked["/ai.txt"].fields


TOMORROW = """
import sys
from datetime import timedelta
from crawler.cli.main import main
from crawler.session import permission

permission.VALID = timedelta(0)
main(["crawl", sys.argv[1], "--collection", "news", "--allow-private", "--delay", "0", "--quiet"])
"""


def test_pages_that_robots_txt_keeps_agents_of_ai_from_are_left_where_that_is_respected(
    tmp_path: Path,
) -> None:
    (tmp_path / "palmyra.toml").write_text('respect = ["aiagents"]\nrights_files = false\n')
    pages = {"/": front([OPEN, RESERVED]), OPEN: article(1), RESERVED: article(2)}
    rules = robots(
        "User-agent: CCBot", "Allow: /", "", "User-agent: Google-Extended", f"Disallow: {RESERVED}$"
    )
    with Newsroom(pages | {"/robots.txt": rules}) as server:
        crawl(tmp_path, server.url("/"))
    assert OPEN in server.paths()
    assert RESERVED not in server.paths()
    reasons = {skip["url"]: skip["reason"] for skip in reported(tmp_path / "news" / "reports")}
    assert reasons == {server.url(RESERVED): "aiAgents"}


def test_spacing_holds_between_the_files_and_the_page(tmp_path: Path) -> None:
    (tmp_path / "palmyra.toml").write_text("delay = 0.3\n")
    with Newsroom({"/": article(1), "/robots.txt": robots()}) as server:
        assert run("crawl", server.url("/"), "--allow-private", folder=tmp_path).returncode == 0
        times = [asked.at for asked in server.log]
    assert server.paths()[:4] == ["/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/"]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.299


def test_a_host_that_asks_for_a_pause_by_such_a_file_gets_it(tmp_path: Path) -> None:
    busy = Page("later", "text/plain", 503, {"Retry-After": "2"})
    with Newsroom({"/": article(1), "/robots.txt": robots(), "/ai.txt": busy}) as server:
        crawl(tmp_path, server.url("/"))
        at = {asked.path: asked.at for asked in server.log}
    assert at["/"] - at["/ai.txt"] >= 1.99
