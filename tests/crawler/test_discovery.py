"""What a crawl goes on to from a capture: further pages, usual addresses, other editions, the order of what it finds."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.capture import CaptureRef, Discovery
from archive.entries import CaptureEntry, Examination
from archive.extraction.listing import examine_listing
from archive.outcome import Article, Kind, Link, Outcome, Relation
from archive.window import Window
from crawler.discovery.alternates import addresses_without_amp, same_language
from crawler.discovery.discover import Rules, Skip, discovered, left_aside
from crawler.discovery.usual import FEEDS, SITEMAPS
from crawler.frontier.targets import Target
from crawler.reports.skips import reported
from crawler.urls.identity import Scope
from tests.site.command import palmyra
from tests.site.crawling import crawl
from tests.site.newsroom import Newsroom, Page, article, feed, front, robots

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
SITE = "https://news.example.org"
RULES = Rules(Scope(("news.example.org",)), depth=3, source="news", declared=frozenset({"seed"}))
BACK_TO_2020 = replace(RULES, window=Window.stated("2020", None, NOW))


def seen(url: str, outcome: Outcome) -> Examination:
    return Examination(
        CaptureEntry(CaptureRef("a.warc.gz", 0, "urn:uuid:1"), 100, url, NOW, status=200), outcome
    )


def listing(url: str, *links: Link) -> Examination:
    return seen(url, Outcome(Kind.LISTING, links=links))


def entries(*dates: str | None, first: int = 0) -> list[Link]:
    return [Link(f"{SITE}/{number}", Relation.LISTED, date, "T") for number, date in enumerate(dates, first)]


def found(
    examination: Examination,
    parent: Target | None = None,
    rules: Rules = RULES,
    known: frozenset[str] = frozenset(),
) -> tuple[list[Target], list[Skip]]:
    parent = parent or Target(examination.entry.url, "page", discovery=Discovery(hops="M"))
    targets, skips = discovered(examination, parent, rules, is_known=known.__contains__)
    return list(targets), list(skips)


FEED = Target(f"{SITE}/feed", "feed", discovery=Discovery(hops="M"))
NEXT = Link(f"{SITE}/feed?p=2", Relation.FEED)


class TestOrder:
    def test_of_a_list_the_newest_come_first_and_what_has_no_date_last(self) -> None:
        links = entries("2020-01-01", None, "2026-03-14", "2019-05-05", "2026-03-15T08:00:00+01:00")
        targets, _ = found(listing(f"{SITE}/map.xml", *links))
        assert [target.url[-1] for target in targets] == ["4", "2", "0", "3", "1"]
        assert [target.priority for target in targets] == sorted(
            (each.priority for each in targets), reverse=True
        )

    def test_dated_sitemaps_come_just_before_the_pages_of_their_time(self) -> None:
        maps = [
            Link(f"{SITE}/map-{month}.xml", Relation.SITEMAP, "2026-03-15")
            for month in ("2019-01", "2026-02", "2026-03")
        ]
        targets, _ = found(listing(f"{SITE}/index.xml", *maps), Target(f"{SITE}/index.xml", "sitemap"))
        assert [target.url[-11:-4] for target in targets] == ["2026-03", "2026-02", "2019-01"]
        pages, _ = found(listing(f"{SITE}/map.xml", *entries("2026-02-28", "2026-01-31")))
        assert targets[0].priority > pages[0].priority > pages[1].priority > targets[2].priority


class TestFeeds:
    def test_a_next_page_is_asked_for_while_there_is_news(self) -> None:
        page = listing(FEED.url, *entries("2026-03-14", "2026-03-13"), NEXT)
        [*_, further], _ = found(page, FEED)
        assert (further.url, further.kind, further.discovery.hops) == (NEXT.url, "feed", "MN")
        known, _ = found(page, FEED, known=frozenset({f"{SITE}/0", f"{SITE}/1"}))
        assert NEXT.url not in [target.url for target in known]
        partly, _ = found(page, FEED, known=frozenset({f"{SITE}/0"}))
        assert NEXT.url in [target.url for target in partly]

    def test_a_back_fill_goes_on_over_what_is_known_until_the_window_is_left(self) -> None:
        known = frozenset({f"{SITE}/0", f"{SITE}/1"})
        inside = listing(FEED.url, *entries("2021-03-14", "2020-01-01"), NEXT)
        assert NEXT.url in [target.url for target in found(inside, FEED, BACK_TO_2020, known)[0]]
        across = listing(FEED.url, *entries("2020-01-02", "2019-12-01"), NEXT)
        assert NEXT.url in [target.url for target in found(across, FEED, BACK_TO_2020, known)[0]]
        before = listing(FEED.url, *entries("2019-12-02", "2019-12-01"), NEXT)
        assert found(before, FEED, BACK_TO_2020)[0] == []

    def test_pages_of_a_wordpress_feed_are_asked_for_in_a_back_fill_alone(self) -> None:
        page = listing(FEED.url, *entries("2021-03-14", "2021-01-01"))
        assert len(found(page, FEED)[0]) == 2
        [*_, second], _ = found(page, FEED, BACK_TO_2020)
        assert (second.url, second.discovery.listed) == (f"{SITE}/feed?paged=2", "2021-01-01T00:00:00+00:00")
        older = listing(second.url, *entries("2020-12-14", "2020-11-01", first=2))
        assert found(older, second, BACK_TO_2020)[0][-1].url == f"{SITE}/feed?paged=3"
        same = listing(second.url, *entries("2021-03-14", "2021-01-01"))
        assert "paged" not in "".join(target.url for target in found(same, second, BACK_TO_2020)[0])

    def test_pages_that_bring_nothing_end(self) -> None:
        assert found(listing(FEED.url, NEXT), FEED)[0] == []
        assert found(listing(FEED.url, NEXT), FEED, BACK_TO_2020)[0] == []

    def test_a_feed_without_end_is_left(self) -> None:
        page = listing(FEED.url, *entries(None), NEXT)
        deep = replace(FEED, discovery=Discovery(hops="M" + "N" * 100))
        assert NEXT.url not in [target.url for target in found(page, deep)[0]]
        assert [(skip.url, skip.reason) for skip in found(page, deep)[1]] == [(NEXT.url, "trap")]
        assert NEXT.url in [target.url for target in found(page, deep, BACK_TO_2020)[0]]
        deeper = replace(FEED, discovery=Discovery(hops="M" + "N" * 1000))
        assert NEXT.url not in [target.url for target in found(page, deeper, BACK_TO_2020)[0]]

    @pytest.mark.parametrize(
        ("body", "further"),
        [
            (b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/older"/>%s</feed>', "/older"),
            (b'<rss><channel><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="/p/2"/>%s</channel></rss>', "/p/2"),
            (b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="prev-archive" href="/2025"/>%s</feed>', "/2025"),
        ],
    )  # fmt: skip
    def test_feeds_name_their_next_page(self, body: bytes, further: str) -> None:
        entry = (
            b'<entry><title>A</title><link href="/a"/></entry>'
            if b"<feed" in body
            else b"<item><link>https://news.example.org/a</link></item>"
        )
        outcome = examine_listing(body % entry, url=FEED.url)
        assert outcome
        targets, _ = found(seen(FEED.url, outcome), FEED)
        assert [target.url for target in targets] == [f"{SITE}/a", SITE + further]

    def test_a_json_feed_names_its_next_page(self) -> None:
        body = {
            "version": "https://jsonfeed.org/version/1.1",
            "next_url": f"{SITE}/2.json",
            "items": [{"url": f"{SITE}/a"}],
        }
        outcome = examine_listing(json.dumps(body).encode(), url=FEED.url)
        assert outcome
        assert [target.url for target in found(seen(FEED.url, outcome), FEED)[0]] == [
            f"{SITE}/a",
            f"{SITE}/2.json",
        ]


class TestSections:
    PAGE = Outcome(
        Kind.SECTION,
        links=(Link(f"{SITE}/2021/05/05/a-story"), Link(f"{SITE}/politics/page/2/", Relation.NEXT)),
    )
    DEEP = Target(f"{SITE}/politics", "page", depth=2, discovery=Discovery(hops="LL"))

    def test_in_a_back_fill_the_next_page_adds_no_depth(self) -> None:
        plain, _ = found(seen(self.DEEP.url, self.PAGE), self.DEEP)
        assert [(target.url, target.depth) for target in plain][-1] == (f"{SITE}/politics/page/2/", 3)
        targets, _ = found(seen(self.DEEP.url, self.PAGE), self.DEEP, BACK_TO_2020)
        assert [(target.url, target.depth) for target in targets][-1] == (f"{SITE}/politics/page/2/", 2)

    def test_not_with_feeds_alone_and_not_beyond_the_depth(self) -> None:
        for rules in (replace(BACK_TO_2020, only_feeds=True), replace(BACK_TO_2020, depth=2)):
            assert found(seen(self.DEEP.url, self.PAGE), self.DEEP, rules)[0] == []


class TestArticles:
    URL = f"{SITE}/2026/03/14/a-long-read"
    ARTICLE = Article("Text", "A long read", published="2026-03-14")

    def outcome(self, *links: Link, canonical: str | None = None) -> Outcome:
        return Outcome(Kind.ARTICLE, links=links, article=self.ARTICLE, canonical_url=canonical)

    def test_it_is_made_whole_whatever_the_depth(self) -> None:
        second = f"{self.URL}?page=2"
        outcome = self.outcome(Link(second, Relation.NEXT), Link(second), Link(f"{SITE}/else"))
        rules = replace(RULES, depth=0, only_feeds=True)
        targets, skips = found(seen(self.URL, outcome), Target(self.URL, "page", 0, 390), rules)
        assert [(target.url, target.kind, target.depth, target.priority) for target in targets] == [
            (second, "page", 0, 390)
        ]
        assert [skip.url for skip in skips] == [f"{SITE}/else"]

    def test_the_next_article_is_no_next_page(self) -> None:
        outcome = self.outcome(Link(f"{SITE}/2026/03/15/another-read", Relation.NEXT))
        assert found(seen(self.URL, outcome), rules=replace(RULES, depth=0))[0] == []

    def test_the_whole_on_one_page_is_fetched_where_it_is_canonical(self) -> None:
        outcome = self.outcome(Link(f"{self.URL}?page=2", Relation.NEXT), canonical=f"{self.URL}?page=all")
        targets, _ = found(seen(self.URL, outcome), rules=replace(RULES, depth=0))
        assert [target.url for target in targets] == [f"{self.URL}?page=2", f"{self.URL}?page=all"]

    def test_pages_without_end_are_left(self) -> None:
        outcome = self.outcome(Link(f"{self.URL}?page=52", Relation.NEXT))
        parent = Target(f"{self.URL}?page=51", discovery=Discovery(hops="M" + "N" * 50))
        targets, skips = found(seen(parent.url, outcome), parent, replace(RULES, depth=0))
        assert (targets, [skip.reason for skip in skips]) == ([], ["trap"])

    def test_links_of_what_was_published_outside_the_window_are_not_followed(self) -> None:
        page = seen(self.URL, self.outcome(Link(f"{SITE}/politics")))
        late = replace(RULES, window=Window.stated(None, "2025", NOW))
        assert found(page, rules=late) == ([], [])
        assert left_aside(page, late) == "publishedOutside"
        assert left_aside(page, RULES) is None

    def test_links_of_an_article_in_another_language_are_not_followed(self) -> None:
        article_in_french = replace(self.ARTICLE, language="fr", declared_language="en")
        page = seen(self.URL, replace(self.outcome(Link(f"{SITE}/politique")), article=article_in_french))
        german, french = replace(RULES, language="de-AT"), replace(RULES, language="fr")
        assert (left_aside(page, german), left_aside(page, french)) == ("otherLanguage", None)
        assert (len(found(page, rules=german)[0]), len(found(page, rules=french)[0])) == (0, 1)


class TestUsualAddresses:
    ROBOTS = Target(f"{SITE}/robots.txt", "robots", discovery=Discovery(hops="P"))
    SEED = Target(f"{SITE}/start", "seed")

    def tried(self, parent: Target, first: Outcome, rules: Rules = RULES) -> list[str]:
        """The addresses asked for in a row, each but the first in vain."""
        urls: list[str] = []
        outcome = first
        while targets := [
            each
            for each in found(seen(parent.url, outcome), parent, rules)[0]
            if each.discovery.hops[-1:] == "I"
        ]:
            [parent] = targets
            urls.append(parent.url.removeprefix(SITE))
            outcome = Outcome(Kind.HTTP_ERROR, "status 404")
        return urls

    def test_are_tried_one_after_another_where_nothing_is_named(self) -> None:
        assert self.tried(self.ROBOTS, Outcome(Kind.ROBOTS)) == list(SITEMAPS)
        assert self.tried(self.ROBOTS, Outcome(Kind.HTTP_ERROR)) == list(SITEMAPS)
        assert self.tried(self.SEED, Outcome(Kind.SECTION)) == list(FEEDS)

    def test_are_not_tried_where_the_site_or_the_source_names_one(self) -> None:
        named = Outcome(Kind.ROBOTS, links=(Link(f"{SITE}/map.xml", Relation.SITEMAP),))
        assert self.tried(self.ROBOTS, named) == []
        named = Outcome(Kind.SECTION, links=(Link(f"{SITE}/latest", Relation.FEED),))
        assert self.tried(self.SEED, named) == []
        declared = replace(RULES, declared=frozenset({"feed", "sitemap"}))
        assert self.tried(self.SEED, Outcome(Kind.SECTION), declared) == []
        assert self.tried(self.ROBOTS, Outcome(Kind.ROBOTS), declared) == []

    def test_on_other_hosts_the_first_alone_is_tried(self) -> None:
        other = Target(f"{SITE}/robots.txt", "robots", discovery=Discovery(hops="LLP"))
        assert self.tried(other, Outcome(Kind.ROBOTS)) == list(SITEMAPS[:1])
        moved = Target(f"{SITE}/robots.txt", "robots", discovery=Discovery(hops="RP"))
        assert self.tried(moved, Outcome(Kind.ROBOTS)) == list(SITEMAPS)

    def test_nothing_follows_one_that_answers_and_nothing_is_tried_for_an_article(self) -> None:
        first = Target(f"{SITE}/feed", "feed", discovery=Discovery(hops="I"))
        assert self.tried(first, Outcome(Kind.LISTING)) == []
        assert self.tried(first, Outcome(Kind.REDIRECT, links=(Link(f"{SITE}/x", Relation.REDIRECT),))) == []
        assert self.tried(self.SEED, Outcome(Kind.ARTICLE, article=TestArticles.ARTICLE)) == []


class TestEditions:
    @pytest.mark.parametrize(
        ("amp", "plain"),
        [
            ("/story/amp", "/story"),
            ("/story/amp/", "/story/"),
            ("/amp/story", "/story"),
            ("/story.amp.html", "/story.html"),
            ("/story.amp", "/story"),
            ("/story?amp=1", "/story"),
            ("/story?amp", "/story"),
            ("/story?id=7&amp=1", "/story?id=7"),
            ("/story?outputType=amp", "/story"),
        ],
    )
    def test_the_page_behind_an_amp_address(self, amp: str, plain: str) -> None:
        assert SITE + plain in list(addresses_without_amp(SITE + amp))

    def test_hosts_of_amp_pages(self) -> None:
        found = list(addresses_without_amp("https://amp.example.org/story"))
        assert {"https://example.org/story", "https://www.example.org/story"} <= set(found)

    @pytest.mark.parametrize("path", ["/story", "/camp/amplifier", "/story?example=1", "/guitar-amp-review"])
    def test_others_are_left(self, path: str) -> None:
        assert list(addresses_without_amp(SITE + path)) == []

    def test_an_amp_page_is_passed_over_where_its_page_is_known(self) -> None:
        page = seen(f"{SITE}/", Outcome(Kind.SECTION, links=(Link(f"{SITE}/story/amp"),)))
        targets, skips = found(page, known=frozenset({f"{SITE}/story"}))
        assert (targets, [skip.reason for skip in skips]) == ([], ["alternate"])
        assert [target.url for target in found(page)[0]] == [f"{SITE}/story/amp"]

    def test_an_amp_page_leads_to_its_page(self) -> None:
        links = (Link(f"{SITE}/story", Relation.CANONICAL),)
        page = Outcome(Kind.SECTION, links=links)
        assert [target.url for target in found(seen(f"{SITE}/story/amp", page))[0]] == [f"{SITE}/story"]
        assert found(seen(f"{SITE}/copy", page))[0] == []

    def test_a_page_names_its_amp_page(self) -> None:
        links = (Link(f"{SITE}/x7", Relation.ALTERNATE), Link(f"{SITE}/x7"))
        assert [
            skip.reason for skip in found(seen(f"{SITE}/story", Outcome(Kind.SECTION, links=links)))[1]
        ] == ["alternate"]

    def test_translations_are_passed_over_where_a_language_is_declared(self) -> None:
        links = (
            Link(f"{SITE}/fr/", Relation.ALTERNATE, language="fr"),
            Link(f"{SITE}/de/", Relation.ALTERNATE, language="de-AT"),
            Link(f"{SITE}/", Relation.ALTERNATE, language="x-default"),
            Link(f"{SITE}/fr/"),
            Link(f"{SITE}/es/", language="es"),
            Link(f"{SITE}/politik"),
        )
        page = seen(f"{SITE}/en/", Outcome(Kind.SECTION, links=links))
        targets, skips = found(page, rules=replace(RULES, language="de"))
        assert [target.url.removeprefix(SITE) for target in targets] == ["/de/", "/", "/politik"]
        assert {(skip.url.removeprefix(SITE), skip.reason) for skip in skips} == {
            ("/fr/", "otherLanguage"),
            ("/es/", "otherLanguage"),
        }
        assert len(found(page)[0]) == 3  # what is linked is followed where no language is declared

    def test_a_sitemap_tells_the_languages_of_what_it_lists(self) -> None:
        entry = (
            '<url><loc>https://news.example.org/{0}/a</loc><xhtml:link rel="alternate" hreflang="de" href="https://news.example.org/de/a"/>'
            '<xhtml:link rel="alternate" hreflang="fr" href="https://news.example.org/fr/a"/></url>'
        )
        body = (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
            + entry.format("de") + entry.format("fr") + "</urlset>"
        )  # fmt: skip
        outcome = examine_listing(body.encode(), url=f"{SITE}/map.xml")
        assert outcome
        targets, skips = found(seen(f"{SITE}/map.xml", outcome), rules=replace(RULES, language="fr"))
        assert ([each.url for each in targets], [each.url for each in skips]) == (
            [f"{SITE}/fr/a"],
            [f"{SITE}/de/a"],
        )

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("de", "de-AT", True),
            ("DE", "de", True),
            ("de", "en", False),
            ("x-default", "de", True),
            ("pt-BR", "pt", True),
        ],
    )
    def test_languages_are_compared_without_their_regions(self, one: str, other: str, *, same: bool) -> None:
        assert same_language(one, other) == same


def rss(server: Newsroom, dates: dict[str, str]) -> Page:
    items = "".join(
        f"<item><title>{path}</title><link>{server.url(path)}</link><pubDate>{date}</pubDate></item>"
        for path, date in dates.items()
    )
    return Page(
        f'<rss version="2.0"><channel><title>All</title>{items}</channel></rss>', "application/rss+xml"
    )


def test_a_back_fill_walks_a_paged_feed_to_the_end_of_its_window(tmp_path: Path) -> None:
    years = {
        2024: "Mon, 01 Jul 2024",
        2023: "Sat, 01 Jul 2023",
        2022: "Fri, 01 Jul 2022",
        2021: "Thu, 01 Jul 2021",
    }
    with Newsroom({}) as server:
        paths = {year: f"/a-story-of-the-year-number-{year}" for year in years}
        server.pages |= {paths[year]: article(year) for year in years}
        server.pages |= {"/robots.txt": robots(f"Sitemap: {server.url('/none.xml')}"), "/": front([])}
        for number, year in enumerate(years, 1):
            address = f"/feed?paged={number}" if number > 1 else "/feed"
            server.pages[address] = rss(server, {paths[year]: f"{years[year]} 08:00:00 GMT"})
        crawl(tmp_path, server.url("/"))
        assert "/feed?paged=2" not in server.paths()
        assert paths[2024] in server.paths()
        first = len(server.log)
        crawl(tmp_path, server.url("/"), "--since", "2022-12-31", "--until", "2023-12-31")
        asked = server.paths(first)
        assert [path for path in asked if path.startswith("/feed")] == [
            "/feed",
            "/feed?paged=2",
            "/feed?paged=3",
        ]
        assert [path for path in asked if "story" in path] == [paths[2023]]
        again = len(server.log)
        crawl(tmp_path, server.url("/"), "--since", "2021")
        assert {paths[2022], paths[2021]} <= set(server.paths(again))
        assert "/feed?paged=5" in server.paths(again)
        assert not [path for path in ("/rss", "/sitemap.xml") if path in server.paths()]
    status = palmyra("status", "--sources", "--json", "-c", tmp_path / "news").json()
    assert "feedDead" not in [flag["name"] for each in status for flag in each["flags"]]


def test_usual_addresses_are_tried_once_and_are_no_failures(tmp_path: Path) -> None:
    with Newsroom(
        {"/": front(["/2026/03/15/a-story-of-this-day"]), "/2026/03/15/a-story-of-this-day": article(1)}
    ) as server:
        server.pages["/rss.xml"] = feed([server.url("/2026/03/14/a-story-of-yesterday")])
        server.pages["/2026/03/14/a-story-of-yesterday"] = article(2)
        crawl(tmp_path, server.url("/"))
        assert [path for path in server.paths() if path in FEEDS] == ["/feed", "/rss", "/rss.xml"]
        assert [path for path in server.paths() if path in SITEMAPS] == list(SITEMAPS)
        assert "/2026/03/14/a-story-of-yesterday" in server.paths()
        first = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert sorted(server.paths(first)) == ["/", "/robots.txt", "/rss.xml"]
    [source] = palmyra("status", "--sources", "--json", "-c", tmp_path / "news").json()
    assert [run["failures"] for run in source["runs"]] == [0, 0]
    assert source["flags"] == []


def test_an_article_on_several_pages_is_fetched_whole_and_joined(tmp_path: Path) -> None:
    story = "/2026/03/15/a-very-long-read"
    with Newsroom({"/": front([story]), "/robots.txt": robots("Sitemap: /none.xml")}) as server:
        for number in (1, 2, 3):
            page = article(1, edition=number).data
            link = (
                f'<a href="{story}?page={number + 1}">{number + 1}</a></article>'
                if number < 3
                else "</article>"
            )
            server.pages[story + (f"?page={number}" if number > 1 else "")] = Page(
                page.replace(b"</article>", link.encode())
            )
        crawl(tmp_path, server.url("/"), "--depth", "1")
        assert {story, f"{story}?page=2", f"{story}?page=3"} <= set(server.paths())
    news = tmp_path / "news"
    live = palmyra("show", server.url(story), "--join-pages", "-c", news).out
    assert all(f"In report 1.0.{edition} ".encode() in live for edition in (1, 2, 3))
    assert palmyra("extract", "-c", news, "--quiet").code == 0
    assert palmyra("show", server.url(f"{story}?page=2"), "--join-pages", "-c", news).out == live
    assert not list(reported(news / "reports"))
