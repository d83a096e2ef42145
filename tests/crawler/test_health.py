"""What `status --sources` says of sources: figures against what a site served, flags against made figures."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.reports.figures import RunFigures, SourceFigures
from crawler.reports.health import flags
from tests.site.command import palmyra
from tests.site.crawling import run
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots, sitemap

NOW = datetime(2026, 3, 15, tzinfo=UTC)
STORIES = [f"/2026/03/{day}/a-story-of-this-day" for day in range(10, 16)]


def runs(*rows: tuple[int, int, int, int]) -> list[RunFigures]:
    """Runs by listed entries, listed pages fetched, articles and characters an article."""
    return [
        RunFigures(NOW, listed=listed, candidates=pages, articles=articles, characters=articles * size)
        for listed, pages, articles, size in rows
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


def test_a_collection_without_a_crawl_says_so(tmp_path: Path) -> None:
    (tmp_path / "news" / "archive").mkdir(parents=True)
    assert palmyra("status", "--sources", "-c", tmp_path / "news").lines == [
        "No source has been crawled into this collection."
    ]
