"""Windows of dates: what a user says, what lists and addresses tell, and what a crawl then asks a site for."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from archive.errors import ConfigurationError
from archive.outcome import Link, Relation
from archive.window import Span, Window, stated_span
from crawler.discovery.dates import NEWEST, address_span, freshness, list_span, numbered, outside
from crawler.reports.skips import reported
from crawler.sources.declared import Source
from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots

NOW = datetime(2026, 3, 15, 12, 30, tzinfo=UTC)
SITE = "https://news.example.org"
MAY = Window.stated("2024-05-10", "2024-05-20", NOW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2024-05-31T10:00:00+02:00", "2024-05-31T08:00", "2024-05-31T08:00"),
        ("2024-05-31T10:00", "2024-05-31T10:00", "2024-05-31T10:00"),
        ("today", "2026-03-15", "2026-03-16"),
        ("yesterday", "2026-03-14", "2026-03-15"),
        ("7d", "2026-03-08T12:30", "2026-03-08T12:30"),
        ("24h", "2026-03-14T12:30", "2026-03-14T12:30"),
    ],
)
def test_what_a_date_covers(text: str, start: str, end: str) -> None:
    assert stated_span(text, NOW) == Span(at(start), at(end))


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024-13", "2023-02-29", "7", "7 apples", "31.05.2024", "9999999w", 20240531, 7.5, True],
)
def test_what_is_no_date(text: object) -> None:
    if text == "9999999w":
        assert stated_span(str(text), NOW).start < at("0002-01-01")
        return
    with pytest.raises(ValidationError, match="a date is"):
        Source(name="a", url=SITE, since=text)  # type: ignore[arg-type]


def test_toml_dates_are_dates() -> None:
    source = Source(name="a", url=SITE, **tomllib.loads("since = 2024-05-31\nuntil = 2024-06-01T10:00:00Z"))
    assert (source.since, source.until) == ("2024-05-31", "2024-06-01T10:00:00+00:00")


def test_both_dates_belong_to_the_window() -> None:
    assert Window.stated("2020", "2020-12-31", NOW) == Window(at("2020-01-01"), at("2021-01-01"))
    assert Window.stated("2020-05-05", "2020-05-05", NOW) == Window(at("2020-05-05"), at("2020-05-06"))
    assert not Window.stated(None, None, NOW)
    with pytest.raises(ConfigurationError, match="both since 2020-05-06 and until 2020-05-05"):
        Window.stated("2020-05-06", "2020-05-05", NOW)


def test_dates_that_exclude_each_other_are_a_fault_of_the_source() -> None:
    with pytest.raises(ValidationError, match="no date is both"):
        Source(name="a", url=SITE, since="2020-05-06", until="2019")


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/2024/05/12/a-story", "2024-05-12"),
        ("/politics/2024/5/2/a-story.html", "2024-05-02"),
        ("/2024/05/a-story", "2024-05"),
        ("/world/2024/may/12/a-story", "2024-05-12"),
        ("/news/2024-05-12-a-story", "2024-05-12"),
        ("/news/2024-05-12", "2024-05-12"),
        ("/20240512/a-story", "2024-05-12"),
        ("/20240512-a-story.html", "2024-05-12"),
        ("/2024-12-things-to-do", None),
        ("/2024/a-story", None),
        ("/2024/13/a-story", None),
        ("/2024/02/30/a-story", None),
        ("/products/2005/12345/a-story", None),
        ("/a-story-of-2024-05-12-again", None),
        ("/12024/05/12/a-story", None),
    ],
)
def test_the_date_in_an_address(path: str, covered: str | None) -> None:
    assert address_span(SITE + path) == (Span.of(covered) if covered else None)


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/sitemap-2024-05.xml", "2024-05"),
        ("/sitemap-posts-2024-05-12.xml", "2024-05"),
        ("/sitemap-pt-post-2024-05.xml", "2024-05"),
        ("/sitemap_2024_5.xml.gz", "2024-05"),
        ("/sitemap-202405.xml", "2024-05"),
        ("/sitemap-20240512.xml", "2024-05-12"),
        ("/sitemaps/2024/05/12.xml", "2024-05-12"),
        ("/sitemaps/2024/05/sitemap.xml", "2024-05"),
        ("/sitemap.xml?yyyy=2024&mm=05", "2024-05"),
        ("/sitemap.xml?yyyy=2024&mm=05&dd=12", "2024-05-12"),
        ("/sitemap.xml?year=2024", "2024"),
        ("/sitemap-2024.xml", "2024"),
        ("/sitemap.xml?page=2024", None),
        ("/sitemap-17.xml", None),
        ("/sitemap-123456789.xml", None),
        ("/sitemap-2023-01-2024-05.xml", None),
    ],
)
def test_the_time_that_a_sitemap_lists_by_its_name(path: str, covered: str | None) -> None:
    assert list_span(SITE + path) == (Span.of(covered) if covered else None)


def test_numbers_that_count_sitemaps_are_no_years() -> None:
    counted = [Link(f"{SITE}/sitemap-{number}.xml", Relation.SITEMAP) for number in (1, 17, 2019, 2024)]
    years = [Link(f"{SITE}/archive-{year}.xml", Relation.SITEMAP) for year in range(2019, 2025)]
    found = numbered([*counted, *years])
    assert found == {link.url for link in counted}
    assert outside(counted[2], MAY, found) is None
    assert [outside(link, MAY, found) for link in years[-3:]] == ["beforeSince", "beforeSince", None]


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (Link(f"{SITE}/a", Relation.LISTED), None),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05-09"), "beforeSince"),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05-10"), None),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05"), None),
        (Link(f"{SITE}/a", Relation.LISTED, "no date"), None),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05-20T23:59:59+00:00", "Title"), None),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05-21", "Title"), "afterUntil"),
        (Link(f"{SITE}/a", Relation.LISTED, "2024-05-21"), None),  # changed then, published perhaps before
        (Link(f"{SITE}/2024/05/12/a", Relation.LISTED, "2025-01-01"), None),
        (Link(f"{SITE}/2024/05/21/a", Relation.LISTED, "2024-05-12"), "afterUntil"),
        (Link(f"{SITE}/2024/05/a", Relation.LISTED, "2024-05-02", "Title"), "beforeSince"),
        (Link(f"{SITE}/2024/04/a", Relation.LISTED, "2024-05-12"), "beforeSince"),
        (Link(f"{SITE}/2019/04/30/a"), "beforeSince"),
        (Link(f"{SITE}/politics"), None),
        (Link(f"{SITE}/2019/04/30/a", Relation.REDIRECT), None),
        (Link(f"{SITE}/map.xml", Relation.SITEMAP, "2024-05-09"), "beforeSince"),
        (Link(f"{SITE}/map.xml", Relation.SITEMAP, "2025-01-01"), None),
        (Link(f"{SITE}/map-2024-04.xml", Relation.SITEMAP, "2026-01-01"), "beforeSince"),
        (Link(f"{SITE}/map-2024-05.xml", Relation.SITEMAP, "2026-01-01"), None),
        (Link(f"{SITE}/map-2024-06.xml", Relation.SITEMAP), "afterUntil"),
    ],
)
def test_what_lies_outside(link: Link, reason: str | None) -> None:
    assert outside(link, MAY) == reason


def test_what_is_newer_is_never_less_fresh() -> None:
    days = [
        freshness(Span.of((NOW - timedelta(days=days)).date().isoformat()), NOW) for days in range(0, 4000, 7)
    ]
    assert days == sorted(days, reverse=True)
    assert (days[0], days[-1], freshness(None, NOW)) == (NEWEST, 1, 0)


STORIES = {
    "/2020/11/28/november-of-the-year-twenty": "2020-11-28",
    "/2020/12/24/december-of-the-year-twenty": "2020-12-24",
    "/2021/01/03/january-of-the-year-after": "2021-01-03",
    "/2026/03/14/march-of-the-present-year": "2026-03-14",
}


def urlset(server: Newsroom, paths: list[str]) -> Page:
    entries = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in paths)
    return Page(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>', "application/xml"
    )


def archive_site(server: Newsroom) -> dict[str, Page]:
    """Monthly sitemaps, all changed lately; a feed of the news; undated pages, one of which was published in the window."""
    maps = {f"/map-{date[:7]}.xml": urlset(server, [path]) for path, date in STORIES.items()}
    maps |= {
        "/map-pages.xml": urlset(server, ["/about-a-winter-of-that-year", "/about-another-summer-altogether"])
    }
    index = "".join(
        f"<sitemap><loc>{server.url(path)}</loc><lastmod>2026-03-01</lastmod></sitemap>" for path in maps
    )
    dates = {"/about-a-winter-of-that-year": "2020-12-30", "/about-another-summer-altogether": "2019-07-01"}
    pages = {
        path: article(number, head=f'<meta property="article:published_time" content="{date}T08:00:00Z">')
        for number, (path, date) in enumerate((STORIES | dates).items())
    }
    summer = pages["/about-another-summer-altogether"]
    link = b'<a href="/only-linked-from-the-summer-page">More</a></article>'
    pages["/about-another-summer-altogether"] = Page(summer.data.replace(b"</article>", link))
    return pages | maps | {
        "/robots.txt": robots(f"Sitemap: {server.url('/index.xml')}"),
        "/index.xml": Page(
            f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{index}</sitemapindex>', "application/xml"
        ),
        "/": front([], '<link rel="alternate" type="application/rss+xml" href="/latest">'),
        "/latest": feed([server.url("/2026/03/14/march-of-the-present-year")]),
    }  # fmt: skip


def test_a_back_fill_takes_the_sitemaps_of_its_time_and_a_later_crawl_the_rest(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= archive_site(server)
        crawl(tmp_path, server.url("/"), "--since", "2020-12-01", "--until", "2020-12-31")
        asked = set(server.paths())
        assert {"/map-2020-12.xml", "/map-pages.xml", "/2020/12/24/december-of-the-year-twenty"} <= asked
        assert "/about-another-summer-altogether" in asked  # no list says when it was published
        assert asked.isdisjoint({
            "/map-2020-11.xml", "/map-2021-01.xml", "/map-2026-03.xml", "/2026/03/14/march-of-the-present-year",
            "/only-linked-from-the-summer-page",
        })  # fmt: skip
        reasons = {skip["url"]: skip["reason"] for skip in reported(tmp_path / "news" / "reports")}
        assert reasons == {
            server.url("/map-2020-11.xml"): "beforeSince",
            server.url("/map-2021-01.xml"): "afterUntil",
            server.url("/map-2026-03.xml"): "afterUntil",
            server.url("/2026/03/14/march-of-the-present-year"): "afterUntil",
            server.url("/about-another-summer-altogether"): "publishedOutside",
        }
        before = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert set(STORIES) - {"/2020/12/24/december-of-the-year-twenty"} <= set(server.paths(before))
        assert "/2020/12/24/december-of-the-year-twenty" not in server.paths(before)


def test_what_an_earlier_crawl_left_is_held_against_the_window_of_the_next(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= archive_site(server)
        crawl(tmp_path, server.url("/"), "--limit", "1")
        crawl(tmp_path, server.url("/"), "--since", "2026")
        old = [path for path in STORIES if not path.startswith("/2026")]
        assert not set(old) & set(server.paths())
        crawl(tmp_path, server.url("/"))
        assert set(old) <= set(server.paths())


def test_a_dry_run_heeds_the_window(tmp_path: Path) -> None:
    with Newsroom({}) as server:
        server.pages |= archive_site(server)
        given = ("--dry-run", "--allow-private", "--delay", "0", "--since", "2020-12", "--until", "2020-12")
        planned = run("crawl", server.url("/"), *given, folder=tmp_path)
    assert "2020/12/24" in planned.stdout
    assert "2021/01/03" not in planned.stdout
    assert "not: 2 afterUntil" in planned.stdout


def test_a_wrong_date_is_one_clear_line(tmp_path: Path) -> None:
    refused = run("crawl", "https://a.example/", "--since", "soon", folder=tmp_path)
    assert refused.returncode == 4
    assert refused.stderr.count("\n") == 1
    assert "--since" in refused.stderr
    refused = run("crawl", "https://a.example/", "--since", "2024", "--until", "2023", folder=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (4, 1)


def test_articles_in_the_archive_are_fetched_again_outside_the_window(tmp_path: Path) -> None:
    old = "/2020/11/28/november-of-the-year-twenty"
    with Newsroom({}) as server:
        server.pages |= archive_site(server)
        crawl(tmp_path, server.url("/"), "--since", "2020-11-28", "--until", "2020-11-28")
        (tmp_path / "palmyra.toml").write_text('recheck = ["0.1s"]\n')
        before = len(server.log)
        crawl(tmp_path, server.url("/"), "--since", "2026")
        assert old in server.paths(before)
        assert "/map-2020-11.xml" not in server.paths(before)
