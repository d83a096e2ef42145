"""`--requisites`: what a browser loads to show an article is fetched with it; off, none of it is."""

from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.entries import CaptureRow
from tests.site.command import palmyra
from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, front, robots

PNG = Page(b"\x89PNG\r\n\x1a\n" + bytes(32), "image/png")
STORY = "/2026/03/15/first-story-of-the-day"
CDN = "127.0.0.2"
NEEDED = {
    "/style.css", "/print.css", "/lead.png", "/lead-2x.png", "/lazy.png", "/webp.png", "/icon.png", "/app.js",
    "/background.png", "/font.woff2", "/deep.css",
}  # fmt: skip
HEAD = (
    '<link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon.png">'
    '<script src="/app.js"></script><style>@import "/print.css";</style>'
)
BODY = (
    '<picture><source srcset="/webp.png"><img src="/lead.png" srcset="/lead-2x.png 2x, /lead.png 1x"></picture>'
    '<img data-src="/lazy.png"><img src="data:image/png;base64,AAAA">'
)


def site(cdn: str) -> dict[str, Page]:
    story = article(1, head=HEAD).body
    assert isinstance(story, str)
    return {
        "/": Page(str(front([STORY]).body) + '<img src="/never.png">'),
        STORY: Page(story.replace("</h1>", f'</h1>{BODY}<img src="{cdn}/elsewhere.png">', 1)),
        "/style.css": Page('@import url(deep.css); body { background: url("/background.png") }', "text/css"),
        "/deep.css": Page("@font-face { src: url(/font.woff2) } @import '/style.css';", "text/css"),
        "/print.css": Page("p { color: black }", "text/css"),
        "/app.js": Page("1;", "text/javascript"),
        "/font.woff2": Page(b"wOF2" + bytes(16), "font/woff2"),
        **dict.fromkeys(
            [
                "/lead.png",
                "/lead-2x.png",
                "/lazy.png",
                "/webp.png",
                "/icon.png",
                "/background.png",
                "/never.png",
            ],
            PNG,
        ),
        "/elsewhere.png": Page(status=302, fields={"Location": "/moved.png"}),
        "/moved.png": PNG,
        "/private.png": PNG,
    }


def captures(folder: Path) -> dict[str, CaptureRow]:
    with Catalog.open(folder / "news" / "catalog.sqlite", readonly=True) as catalog:
        return {row.entry.url: row for row in catalog.captures()}


@pytest.fixture
def server() -> Newsroom:
    return Newsroom({}, ("127.0.0.1", CDN))


def test_an_article_is_kept_with_all_that_shows_it(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN))
        crawl(tmp_path, server.url("/"), "--requisites")
        asked = {(each.host, each.path) for each in server.log}
        assert {path for host, path in asked if host == "127.0.0.1"} >= NEEDED
        assert {path for host, path in asked if host == CDN} == {
            "/robots.txt",
            "/elsewhere.png",
            "/moved.png",
        }
        assert ("127.0.0.1", "/never.png") not in asked  # of a page that is no article
        assert len(server.log) == len(asked)  # each once, though named again and again
        known = captures(tmp_path)
    assert known[server.url("/lead.png")].entry.discovery.hops == "LE"
    assert known[server.url("/lead.png")].entry.discovery.via == server.url(STORY)
    assert known[server.url("/font.woff2")].entry.discovery.hops == "LEEE"
    assert known[server.url("/moved.png", CDN)].entry.discovery.hops == "LER"
    assert palmyra("verify", "--collection", tmp_path / "news").code == 0


def test_off_by_default(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN))
        crawl(tmp_path, server.url("/"))
        assert not NEEDED & set(server.paths())
        assert {each.host for each in server.log} == {"127.0.0.1"}


def test_a_source_may_ask_for_them(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN))
        declared = f'[[source]]\nurl = "{server.url("/")}"\nrequisites = true\ndelay = 0\n'
        (tmp_path / "sources.toml").write_text(declared)
        result = run("run-due", "--collection", "news", "--allow-private", folder=tmp_path)
        assert result.returncode == 0, result.stderr
        assert set(server.paths()) >= NEEDED


def test_robots_txt_holds_for_them(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN)) | {
            "/robots.txt": robots("User-agent: *", "Disallow: /lead")
        }
        crawl(tmp_path, server.url("/"), "--requisites")
        assert "/lazy.png" in server.paths()
        assert not {path for path in server.paths() if path.startswith("/lead")}


def test_a_limit_of_pages_leaves_no_page_without_what_it_needs(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN)) | {
            "/": front([STORY, *(f"/2026/03/16/story-{n}" for n in range(5))]),
            **{f"/2026/03/16/story-{n}": article(n) for n in range(5)},
        }
        done = crawl(tmp_path, server.url("/"), "--requisites", "--limit", "2")
        assert "2 pages" in done.stdout or "limit" in done.stdout.lower()
        pages = [path for path in server.paths() if path == "/" or path.startswith("/2026/")]
        assert len(pages) == 2
        if STORY in pages:
            assert set(server.paths()) >= NEEDED
            assert ("127.0.0.2", "/moved.png") in {(each.host, each.path) for each in server.log}
        crawl(tmp_path, server.url("/"), "--requisites")
        assert set(server.paths()) >= {STORY} | NEEDED


def test_a_source_that_has_had_its_pages_gets_what_they_need(tmp_path: Path, server: Newsroom) -> None:
    with server:
        server.pages |= site(server.url(host=CDN))
        declared = f'[[source]]\nurl = "{server.url("/")}"\nrequisites = true\ndelay = 0\nlimit = 2\n'
        (tmp_path / "sources.toml").write_text(declared)
        assert run("run-due", "--collection", "news", "--allow-private", folder=tmp_path).returncode == 0
        assert set(server.paths()) >= {STORY} | NEEDED
