"""What `status --sources` says of sources: figures against what a site served, flags against made figures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.reports import health
from crawler.reports.figures import RunFigures, SourceFigures
from crawler.reports.health import flags
from tests.site.command import palmyra
from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots, sitemap

NOW = datetime(2026, 3, 15, tzinfo=UTC)
STORIES = [f"/2026/03/{day}/a-story-of-this-day" for day in range(10, 16)]


def runs(*rows: tuple[int, int, int, int]) -> list[RunFigures]:
    """Runs, one a day, by listed entries, listed pages fetched, articles and characters an article."""
    return [
        RunFigures(
            NOW + timedelta(days=day),
            listed=listed,
            candidates=pages,
            articles=articles,
            characters=articles * size,
        )
        for day, (listed, pages, articles, size) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("figures", "names"),
    [
        (runs((10, 10, 9, 3000)), []),
        (runs((10, 10, 9, 3000), (10, 0, 0, 0)), []),
        (runs((10, 6, 0, 0)), ["feedAliveNoArticles"]),
        (runs((0, 0, 0, 0)), []),
        (runs((10, 0, 0, 0)), []),
        (runs((10, 6, 0, 0), (10, 3, 1, 900)), []),
        (runs((10, 9, 8, 900), *[(10, 1, 0, 0)] * 3), []),
        (runs((10, 9, 8, 900), *[(10, 2, 0, 0)] * 3), ["feedAliveNoArticles"]),
        (runs(*[(30, 20, 20, 3000)] * 3, (30, 4, 4, 3000)), ["yieldFell"]),
        (runs(*[(30, 20, 20, 3000)] * 2, (30, 4, 4, 3000)), []),
        (runs(*[(30, 20, 20, 3000)] * 3, (30, 10, 10, 3000)), []),
        (runs(*[(9, 2, 2, 3000)] * 5, (9, 0, 0, 0)), []),
        (runs((30, 20, 18, 3000), (30, 20, 6, 3000)), ["extractionFell"]),
        (runs((30, 20, 18, 3000), (30, 20, 18, 1000)), ["extractionFell"]),
        (runs((30, 20, 18, 3000), (30, 20, 14, 2500)), []),
    ],
)
def test_flags_of_made_figures(figures: list[RunFigures], names: list[str]) -> None:
    assert [flag.name for flag in flags(SourceFigures("a", figures))] == names


def test_nights_and_hours_without_news_are_no_fall() -> None:
    """A source that is crawled each hour, and publishes by day."""
    hours = [
        RunFigures(NOW + timedelta(hours=hour), listed=20, articles=3 if 8 <= hour % 24 < 20 else 0)
        for hour in range(24 * 5)
    ]
    assert [flags(SourceFigures("a", hours[:at])) for at in range(1, len(hours))] == [()] * (len(hours) - 1)
    silent = [RunFigures(NOW + timedelta(days=5, hours=hour), listed=20) for hour in range(24)]
    [flag] = flags(SourceFigures("a", hours + silent))
    assert flag.words == "yield fell: 0 articles in the last day of runs, 36 before (median)"


def test_foreign_hosts_and_dead_lists_are_named() -> None:
    run = RunFigures(NOW, listed=10, elsewhere=4, articles=3)
    found = flags(SourceFigures("a", [run], [("https://a.example/map.xml", "sitemap", "http-error")]))
    assert [flag.name for flag in found] == ["foreignHosts", "sitemapDead"]
    assert "4 of 10 entries" in found[0].words
    assert "https://a.example/map.xml (http-error)" in found[1].words


def test_figures_are_what_the_sites_served(tmp_path: Path) -> None:
    with Newsroom({}) as well, Newsroom({}) as ill:
        well.pages |= {path: article(number) for number, path in enumerate(STORIES)}
        well.pages |= {"/": front(STORIES[:2]), "/robots.txt": robots(f"Sitemap: {well.url('/map.xml')}")}
        well.pages["/map.xml"] = sitemap([well.url(path) for path in STORIES[:4]])
        ill.pages |= {"/": front([]), "/robots.txt": robots(f"Sitemap: {ill.url('/gone.xml')}")}
        ill.pages["/feed"] = feed([ill.url("/one"), ill.url("/two"), "https://elsewhere.example/"])
        ill.pages["/one"] = Page("<p>Nothing here.")
        (tmp_path / "sources.toml").write_text(
            f'[defaults]\ndelay = 0\nevery = "1m"\n[[source]]\nname = "well"\nurl = "{well.url()}"\n'
            f'[[source]]\nname = "ill"\nurl = "{ill.url()}"\nfeeds = ["{ill.url("/feed")}"]\n'
        )
        done = run("run-due", "--allow-private", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        served = {each: len(each.log) - each.paths().count("/robots.txt") for each in (well, ill)}
        well.pages["/map.xml"] = sitemap([well.url(path) for path in STORIES])
        done = run("run-due", "--allow-private", folder=tmp_path)
        assert done.stdout == "Nothing is due.\n"
    found = {
        each["source"]: each
        for each in palmyra("status", "--sources", "--json", "-c", tmp_path / "collections/default").json()
    }
    first = found["well"]["runs"][0]
    assert (first["listed"], first["new"], first["fetched"]) == (4, 4, served[well])
    assert (first["articles"], first["failures"], first["elsewhere"]) == (4, 0, 0)
    assert first["mean_characters"] > 1000
    assert found["well"]["flags"] == []
    bad = found["ill"]["runs"][0]
    assert (bad["listed"], bad["elsewhere"], bad["fetched"], bad["articles"]) == (3, 1, served[ill], 0)
    assert bad["failures"] == 2
    assert [flag["name"] for flag in found["ill"]["flags"]] == [
        "feedAliveNoArticles",
        "foreignHosts",
        "sitemapDead",
    ]
    plain = palmyra("status", "--sources", "-c", tmp_path / "collections/default").lines
    assert f"  ! sitemap dead: {ill.url('/gone.xml')} (http-error)" in plain
    assert plain[0].split() == [
        "source",
        "runs",
        "last",
        "run",
        "listed",
        "new",
        "fetched",
        "articles",
        "length",
        "failures",
    ]


WELL, NO_ARTICLES, YIELD, EXTRACTION, FOREIGN, DEAD = (f"127.0.4.{number}" for number in range(1, 7))


def day(number: int, base: Callable[[str], str]) -> dict[str, dict[str, Page]]:
    """What six sites have on a day: six stories each, and from the fourth day on what is wrong with four of them."""
    paths = [f"/2026/03/{number + 1}/story-{at}-of-that-day" for at in range(6)]
    empty = dict.fromkeys(paths, Page("<p>Accept our terms."))
    ill = number >= 3
    foreign = [f"https://elsewhere.example/{at}" for at in range(3)] if ill else []
    sites = {}
    for place, host in enumerate((WELL, NO_ARTICLES, YIELD, EXTRACTION, FOREIGN, DEAD)):
        stories = {path: article(1000 * place + 10 * number + at) for at, path in enumerate(paths)}
        without = host == NO_ARTICLES or (ill and host == EXTRACTION)
        pages = empty if without else {} if ill and host == YIELD else stories
        urls = [f"{base(host)}{path}" for path in pages] + (foreign if host == FOREIGN else [])
        known = {"/": front([]), "/robots.txt": robots(f"Sitemap: {base(host)}/map.xml")}
        sites[host] = pages | known | ({} if ill and host == DEAD else {"/map.xml": sitemap(urls)})
    return sites


def test_each_flag_comes_of_real_runs_and_none_of_a_source_that_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DAY", timedelta(microseconds=1))
    sites: dict[str, dict[str, Page]] = {}
    hosts = [WELL, NO_ARTICLES, YIELD, EXTRACTION, FOREIGN, DEAD]
    told: list[dict[str, set[str]]] = []
    with Newsroom(lambda host, path: sites[host].get(path), hosts) as server:
        for number in range(4):
            sites |= day(number, lambda host: server.url("", host))
            crawl(tmp_path, *(server.url("/", host) for host in hosts))
            found = palmyra("status", "--sources", "--json", "-c", tmp_path / "news").json()
            told.append(
                {each["source"].partition(":")[0]: {flag["name"] for flag in each["flags"]} for each in found}
            )
    well: dict[str, set[str]] = {host: set() for host in hosts} | {NO_ARTICLES: {"feedAliveNoArticles"}}
    assert told[:3] == [well] * 3
    assert told[3] == well | {
        YIELD: {"yieldFell"},
        EXTRACTION: {"yieldFell", "extractionFell"},
        FOREIGN: {"foreignHosts"},
        DEAD: {"sitemapDead", "yieldFell"},
    }


def test_a_collection_without_a_crawl_says_so(tmp_path: Path) -> None:
    (tmp_path / "news" / "archive").mkdir(parents=True)
    assert palmyra("status", "--sources", "-c", tmp_path / "news").lines == [
        "No source has been crawled into this collection."
    ]
