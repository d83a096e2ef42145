"""Crawled again: what has not changed is asked for conditionally, and nothing is lost by it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import CaptureRow
from archive.warc.reader import read_capture
from archive.warc.records import NOT_MODIFIED
from tests.site.command import palmyra
from tests.site.crawling import crawl
from tests.site.newsroom import Asked, Newsroom, Page, article, feed, front, robots, sitemap

MODIFIED = "Sun, 15 Mar 2026 08:00:00 GMT"


def site() -> dict[str, Page]:
    return {
        "/": front(["/politics/", "/2026/03/15/first-story-of-the-day"], '<link rel="alternate" type="application/rss+xml" href="/feed">'),
        "/politics/": front(["/2026/03/15/second-story-of-the-day"]),
        "/2026/03/15/first-story-of-the-day": article(1),
        "/2026/03/15/second-story-of-the-day": article(2),
    }  # fmt: skip


def captures(folder: Path, url: str) -> list[CaptureRow]:
    with Catalog.open(folder / "news" / "catalog.sqlite", readonly=True) as catalog:
        return catalog.captures_of(url)


def lists(server: Newsroom, *paths: str) -> dict[str, Page]:
    """robots.txt, a sitemap and a feed that list these pages; the feed has Last-Modified for its only validator."""
    urls = [server.url(path) for path in paths]
    plain = feed(urls)
    return {
        "/robots.txt": robots(f"Sitemap: {server.url('/map.xml')}"),
        "/map.xml": sitemap(urls),
        "/feed": Page(plain.body, plain.media, tagged=False, fields={"Last-Modified": MODIFIED}),
    }


@dataclass(frozen=True)
class Twice:
    """A site crawled twice without a change between: the collection's folder, the site as it was, and the second log."""

    folder: Path
    server: Newsroom
    second: list[Asked]

    def captures(self, path: str) -> list[CaptureRow]:
        return captures(self.folder, self.server.url(path))


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    folder = tmp_path_factory.mktemp("twice")
    with Newsroom(site()) as server:
        server.pages |= lists(server, "/2026/03/15/first-story-of-the-day")
        crawl(folder, server.url("/"))
        first = len(server.log)
        crawl(folder, server.url("/"))
        return Twice(folder, server, server.log[first:])


def test_what_did_not_change_is_asked_for_conditionally(twice: Twice) -> None:
    assert {asked.path: asked.status for asked in twice.second} == {
        "/robots.txt": 200, "/map.xml": 304, "/feed": 304, "/": 304, "/politics/": 304
    }  # fmt: skip
    fields = {asked.path: asked.fields for asked in twice.second}
    assert fields["/feed"]["if-modified-since"] == MODIFIED
    assert "if-none-match" not in fields["/feed"]
    assert fields["/"]["if-none-match"] == twice.server.pages["/"].etag
    assert not {"if-none-match", "if-modified-since"} & fields["/robots.txt"].keys()


@pytest.mark.parametrize("path", ["/", "/politics/", "/map.xml", "/feed"])
def test_what_did_not_change_is_a_revisit(twice: Twice, path: str) -> None:
    original, revisit = twice.captures(path)
    assert (revisit.entry.type, revisit.entry.profile) == ("revisit", NOT_MODIFIED)
    assert (revisit.entry.refers_to_url, revisit.entry.refers_to_date) == (
        original.entry.url,
        original.entry.date,
    )
    assert revisit.kind == original.kind


def test_a_revisit_keeps_the_bytes_that_came(twice: Twice) -> None:
    _, revisit = twice.captures("/")
    etag = twice.server.pages["/"].etag
    path = Collection(twice.folder / "news").warc_path(revisit.entry.ref.file)
    stored = read_capture(path, revisit.entry.ref.offset)
    assert stored.record.content_length == 0
    assert stored.message().read() == f"HTTP/1.1 304 Answer\r\nETag: {etag}\r\n\r\n".encode()
    assert stored.request
    assert f"If-None-Match: {etag}\r\n".encode() in stored.request.block.read()


def test_derived_again_the_revisits_are_what_they_were(twice: Twice) -> None:
    collection = Collection(twice.folder / "news")
    assert palmyra("verify", "--collection", collection.root).code == 0
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        before = [*catalog.captures(), *catalog.documents()]
    index = collection.index_path.read_bytes()
    assert palmyra("extract", "--collection", collection.root, "--quiet").code == 0
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        assert [*catalog.captures(), *catalog.documents()] == before
    assert collection.index_path.read_bytes() == index


def test_a_third_crawl_asks_again_and_finds_what_is_new_by_then(tmp_path: Path) -> None:
    """A 304 must not take a section page, feed or seed out of the next round."""
    new = "/2026/03/16/third-story-of-the-week"
    with Newsroom(site()) as server:
        for _ in range(2):
            crawl(tmp_path, server.url("/"))
        server.pages |= {new: article(3), "/politics/": front([new])}
        at = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert server.statuses(at)["/politics/"] == 200
        assert server.statuses(at)[new] == 200
        at = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert server.statuses(at)["/politics/"] == 304
        assert new not in server.paths(at)


@pytest.mark.parametrize("tagged", [True, False], ids=["not modified", "same payload"])
def test_links_of_an_unchanged_page_are_taken_anew_where_the_rules_have_changed(
    tmp_path: Path, *, tagged: bool
) -> None:
    with Newsroom(site()) as server:
        server.pages = {
            path: Page(page.body, page.media, tagged=tagged) for path, page in server.pages.items()
        }
        crawl(tmp_path, server.url("/"), "--depth", "0")
        assert not [path for path in server.paths() if "story" in path]
        at = len(server.log)
        crawl(tmp_path, server.url("/"), "--depth", "3")
        assert server.statuses(at)["/"] == (304 if tagged else 200)
        assert sum("story" in path for path in server.paths(at)) == 2


def test_a_lost_frontier_comes_back_by_pages_that_have_not_changed(tmp_path: Path) -> None:
    with Newsroom(site()) as server:
        crawl(tmp_path, server.url("/"), "--limit", "1")
        for path in (tmp_path / "news").glob("state.sqlite*"):
            path.unlink()
        at = len(server.log)
        crawl(tmp_path, server.url("/"))
        fetched = Counter(server.paths(at))
        assert fetched["/2026/03/15/first-story-of-the-day"] == 1
        assert fetched["/2026/03/15/second-story-of-the-day"] == 1
        assert max(fetched.values()) == 1


def test_a_server_that_says_304_unasked_is_kept_as_it_answered(tmp_path: Path) -> None:
    with Newsroom({"/": Page(status=304)}) as server:
        crawl(tmp_path, server.url("/"))
    [capture] = captures(tmp_path, server.url("/"))
    assert (capture.entry.type, capture.entry.status, capture.kind) == ("response", 304, "not-modified")


def test_odd_validators_are_sent_back_as_they_came_or_not_at_all(tmp_path: Path) -> None:
    given = {
        "/a": '"a\u00ff"',
        "/b": "unquoted",
        "/c": 'W/"weak"',
        "/d": '"' + "x" * 5000 + '"',
        "/e": "",
        "/f": "\t",
    }
    pages = {
        path: Page(f"<p>A page {path}", fields={"ETag": etag}, tagged=False) for path, etag in given.items()
    }
    with Newsroom(pages) as server:
        for _ in range(2):
            crawl(tmp_path, *map(server.url, given))
        second = {
            asked.path: asked.fields.get("if-none-match") for asked in server.log if asked.path in given
        }
    assert second == {
        "/a": given["/a"],
        "/b": "unquoted",
        "/c": 'W/"weak"',
        "/d": None,
        "/e": None,
        "/f": None,
    }


def test_a_payload_that_two_addresses_share_has_the_links_of_each(tmp_path: Path) -> None:
    """Relative links of a page that is stored once, for another host, lead to its own host all the same."""
    first, second = "127.0.0.1", "127.0.0.2"
    with Newsroom(site(), [first, second]) as server:
        crawl(tmp_path, server.url("/", first))
        at = len(server.log)
        crawl(tmp_path, server.url("/", second))
        [revisit] = captures(tmp_path, server.url("/", second))
        assert revisit.entry.type == "revisit"
        asked = {asked.path for asked in server.log[at:] if asked.host == second}
    assert asked >= {
        "/politics/",
        "/2026/03/15/first-story-of-the-day",
        "/2026/03/15/second-story-of-the-day",
    }
