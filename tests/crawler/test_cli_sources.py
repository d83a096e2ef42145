"""`palmyra sources`: a site looked at over the wire, and the file that declares sources."""

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.sources.declared import load_sources
from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots, sitemap, sitemap_index

STORIES = [f"/2026/03/{day}/a-story-of-this-day" for day in range(10, 18)]
FORBIDDEN = "/2026/03/19/a-story-kept-from-crawlers"


def news_site(server: Newsroom) -> dict[str, Page]:
    pages = {path: article(number) for number, path in enumerate(STORIES)}
    return pages | {
        "/": front(
            [STORIES[0], FORBIDDEN], '<link rel="alternate" type="application/rss+xml" href="/rss/latest">'
        ),
        "/robots.txt": robots(
            "User-agent: *", "Disallow: /2026/03/19/", f"Sitemap: {server.url('/index.xml')}"
        ),
        "/index.xml": sitemap_index([server.url("/map.xml.gz")]),
        "/map.xml.gz": sitemap([server.url(path) for path in STORIES], zipped=True),
        "/rss/latest": feed([server.url(STORIES[0]), "https://elsewhere.example/story"]),
        FORBIDDEN: article(99),
    }


def test_probe_prints_an_entry_that_can_be_used_as_it_is(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= news_site(server)
        probed = run("sources", "probe", server.url(), "--allow-private", "--delay", "0.05", folder=tmp_path)
        assert (probed.returncode, probed.stderr) == (0, "")
        (tmp_path / "sources.toml").write_text(probed.stdout)
        [source] = load_sources(tmp_path / "sources.toml")
        assert source.feeds == (server.url("/rss/latest"),)
        assert source.sitemaps == (server.url("/index.xml"),)
        assert re.search(r"^# In report \d.0.1 the ", probed.stdout, re.MULTILINE)
        assert "1 links: outOfScope" in probed.stdout
        assert server.paths()[0] == "/robots.txt"
        assert len(server.log) == len(set(server.paths())) == 8
        assert FORBIDDEN not in server.paths()
        times = [asked.at for asked in server.log]
        assert min(later - earlier for earlier, later in pairwise(times)) >= 0.045
    assert list(tmp_path.iterdir()) == [tmp_path / "sources.toml"]


def test_probe_of_a_site_that_does_not_answer_says_so(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        gone = server.url()
    probed = run("sources", "probe", gone, "--allow-private", "--delay", "0", "--json", folder=tmp_path)
    assert (probed.returncode, probed.stderr) == (1, "")
    [found] = [json.loads(line) for line in probed.stdout.splitlines()]
    assert found["samples"] == []


def test_probe_heeds_a_robots_txt_that_forbids_everything(tmp_path: Path) -> None:
    with Newsroom({"/robots.txt": robots("User-agent: *", "Disallow: /"), "/": article(1)}) as server:
        probed = run("sources", "probe", server.url(), "--allow-private", "--delay", "0", folder=tmp_path)
        assert server.paths() == ["/robots.txt"]
    assert "robotsTxt" in probed.stdout
    assert probed.returncode == 1


def test_a_site_without_links_to_its_feed_has_the_usual_addresses_tried(tmp_path: Path) -> None:
    with Newsroom({"/": front([])}) as server:
        server.pages["/rss.xml"] = feed([server.url(STORIES[0])])
        server.pages[STORIES[0]] = article(1)
        probed = run(
            "sources", "probe", server.url(), "--allow-private", "--delay", "0", "--json", folder=tmp_path
        )
    assert json.loads(probed.stdout)["source"]["feeds"] == [server.url("/rss.xml")]


def test_a_dry_run_says_what_would_be_fetched_and_fetches_lists_alone(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= news_site(server)
        planned = run(
            "crawl",
            server.url("/"),
            "--dry-run",
            "--allow-private",
            "--delay",
            "0",
            "--json",
            folder=tmp_path,
        )
        assert (planned.returncode, planned.stderr) == (0, "")
        assert set(server.paths()) == {"/robots.txt", "/index.xml", "/map.xml.gz"}
        found = [json.loads(line) for line in planned.stdout.splitlines()]
        assert {each["url"] for each in found} == {server.url(path) for path in ["/", *STORIES]}
        assert all(each["why"] for each in found)
        assert list(tmp_path.iterdir()) == []


def test_a_dry_run_keeps_to_the_limit_and_to_the_newest(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= news_site(server)
        given = (
            "--dry-run",
            "--allow-private",
            "--delay",
            "0",
            "--limit",
            "3",
            "--depth",
            "0",
            "--only-feeds",
        )
        planned = run("crawl", server.url("/"), *given, folder=tmp_path)
    lines = planned.stdout.splitlines()
    assert lines[0].endswith(": 3 pages to fetch, 0 known already")
    assert lines[1] == "  6 more are beyond the limit of 3 pages"
    shown = [line.split()[0] for line in lines if line.startswith("  http")]
    assert shown == [server.url(path) for path in ("/", STORIES[-1], STORIES[-2])]


def test_a_dry_run_over_a_collection_leaves_out_what_is_known(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= news_site(server)
        crawl(tmp_path, server.url("/"))
        server.pages["/map.xml.gz"] = sitemap(
            [server.url(path) for path in [*STORIES, "/2026/03/20/new"]], zipped=True
        )
        planned = run(
            "crawl",
            server.url("/"),
            "--collection",
            "news",
            "--dry-run",
            "--allow-private",
            "--delay",
            "0",
            folder=tmp_path,
        )
    assert "2 pages to fetch, 8 known already" in planned.stdout
    assert f"{server.url('/2026/03/20/new')}  (listed in {server.url('/map.xml.gz')})" in planned.stdout


def test_what_is_added_is_declared_and_what_was_written_stays(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('# ours\n[defaults]\ndelay = 2\n\n[[source]]\nurl = "https://a.example/"   # first')
    added = run("sources", "add", "https://b.example/", "--every", "90m", folder=tmp_path)
    assert (added.returncode, added.stdout) == (0, "sources.toml: 1 added\n")
    assert file.read_text().startswith(
        '# ours\n[defaults]\ndelay = 2\n\n[[source]]\nurl = "https://a.example/"   # first\n'
    )
    assert [source.name for source in load_sources(file)] == ["a.example", "b.example"]
    assert tomllib.loads(file.read_text())["source"][1]["every"] == "90m"


@pytest.mark.parametrize(
    "words", [["https://a.example/"], ["https://new.example/", "--name", "a.example"], ["nowhere"]]
)
def test_what_cannot_be_added_leaves_the_file_as_it_was(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nurl = "https://a.example/"\n')
    refused = run("sources", "add", *words, folder=tmp_path)
    assert refused.returncode == 4
    assert refused.stderr.startswith("palmyra: ")
    assert refused.stderr.count("\n") == 1
    assert file.read_text() == '[[source]]\nurl = "https://a.example/"\n'
    assert list(tmp_path.iterdir()) == [file]


def test_opml_goes_in_and_out(tmp_path: Path) -> None:
    (tmp_path / "in.opml").write_text(
        '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>'
        '<outline text="B"><outline text="C" xmlUrl="https://c.example/rss"/></outline></body></opml>'
    )
    assert run("sources", "import-opml", "in.opml", folder=tmp_path).stdout == "sources.toml: 2 added\n"
    again = run("sources", "import-opml", "in.opml", folder=tmp_path)
    assert (again.returncode, again.stdout) == (0, "sources.toml: 0 added, 2 declared already\n")
    exported = run("sources", "export-opml", folder=tmp_path).stdout
    assert 'xmlUrl="https://a.example/feed"' in exported
    listed = run("sources", "list", "--json", folder=tmp_path).stdout.splitlines()
    assert [json.loads(line)["name"] for line in listed] == ["A", "C"]
    assert run("sources", "check", folder=tmp_path).stdout == "sources.toml: 2 sources, 3 starts, all well\n"


def test_opml_adds_the_feeds_of_a_site_that_is_declared(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('# ours\r\n[[source]]\r\nname = "A"\r\nurl = "https://a.example/"\r\n')
    (tmp_path / "in.opml").write_text(
        '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/></body></opml>'
    )
    assert run("sources", "import-opml", "in.opml", folder=tmp_path).stdout == "sources.toml: 1 added\n"
    declared = load_sources(file)
    assert [(each.name, each.feeds) for each in declared] == [
        ("A", ()),
        ("A (2)", ("https://a.example/feed",)),
    ]
    assert file.read_bytes().startswith(
        b'# ours\r\n[[source]]\r\nname = "A"\r\nurl = "https://a.example/"\r\n'
    )


def test_a_list_of_urls_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    with Newsroom({"/": article(1), "/two": article(2), "/robots.txt": robots()}) as server:
        (tmp_path / "urls.txt").write_text(f"# ours\r\n{server.url('/')}\r\n\r\n{server.url('/two')}")
        given = ("--dry-run", "--allow-private", "--delay", "0", "--json")
        from_file = run("crawl", "-i", "urls.txt", *given, folder=tmp_path)
        assert [json.loads(line)["url"] for line in from_file.stdout.splitlines()] == [
            server.url("/"),
            server.url("/two"),
        ]
    (tmp_path / "urls.txt").write_text("https://a.example/\nb.example\n")
    refused = run("crawl", "-i", "urls.txt", folder=tmp_path)
    assert (refused.returncode, refused.stderr) == (
        4,
        "palmyra: urls.txt:2: 'b.example' is no URL: write https://b.example\n",
    )
