"""The demo site's pages: every address and what it answers.

An invented multilingual newspaper with what real ones have: fronts, sitemaps, feeds, page furniture in each language,
and the awkward pages that a crawler of news meets.
"""

import gzip
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from http import HTTPStatus
from json import dumps
from string import Template
from urllib.parse import quote

from crawler.demo.answers import Answer
from crawler.demo.articles import CONTENT, DemoArticle, load_articles, load_languages, load_template
from crawler.demo.lists import atom, news_sitemap, robots, rss, sitemap, sitemap_index

NAME = "The Tamarisk"
CONSENT_WALL = "/en/2026/03/10/letters-for-members/"
MOVED = "/fr/regions/bac-saint-aure.html"
DISALLOWED = "/private/drafts/"
MISSING = "/en/2025/11/30/withdrawn-story/"
NO_ARTICLE = "/weather/"
FEATURED = "/fr/2026/03/14/carnets-observatoire-val-dor%C3%A9/"
"""Percent-encoded, as in the sitemap: the article with bylines, a caption, U+00A0 and a consent dialogue around it."""
RIGHT_TO_LEFT = {"ar"}


def build_site(base: str) -> dict[str, Answer]:
    """Every page by path (not percent-encoded), for a site that is reached at ``base``."""
    return _Builder(base).build()


class _Builder:
    def __init__(self, base: str) -> None:
        self.base = base
        self.articles = load_articles()
        self.words = load_languages()

    def build(self) -> dict[str, Answer]:
        pages = {article.path: self.article(article) for article in self.articles}
        return pages | self.fronts() | self.lists() | self.odd() | self.static()

    def url(self, path: str) -> str:
        return self.base + quote(path)

    def render(self, template: str, **values: str) -> str:
        return Template(load_template(template)).substitute(values, base=self.base)

    def page(
        self, main: str, title: str, language: str = "en", charset: str = "utf-8", head: str = ""
    ) -> str:
        fronts = "\n".join(
            f'<li><a href="{self.base}/{code}/" lang="{code}">{words["name"]}</a></li>'
            for code, words in self.words.items()
        )
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        words = self.words[language]
        values = {"page_title": escape(f"{title} | {NAME}"), "language": language, "direction": direction}
        start = self.render(
            "head", **values, charset=charset, extra_head=head, fronts=fronts, tagline=words["tagline"]
        )
        return start + main + self.render("foot", **words)

    def article(self, article: DemoArticle) -> Answer:
        words = self.words[article.language]
        main = self.render(
            article.template,
            **words,
            **_escaped(article),
            published=article.published.isoformat(),
            published_day=f"{article.published:%Y-%m-%d}",
            body=Template(article.body.strip()).substitute(base=self.base),
            related_list=self.related(article),
        )
        text = self.page(main, article.title, article.language, article.encoding, self.metadata(article))
        content_type = f"text/html; charset={article.encoding}" if article.charset_in_header else "text/html"
        body = text.encode(article.encoding, "xmlcharrefreplace")
        return Answer(body, content_type, coding=article.coding, chunked=article.transfer == "chunked")

    def metadata(self, article: DemoArticle) -> str:
        """Canonical address, OpenGraph and JSON-LD (schema.org NewsArticle)."""
        url = self.url(article.path)
        graph = {"og:type": "article", "og:title": article.title, "og:url": url, "og:site_name": NAME}
        tags = [f'<meta property="{name}" content="{escape(value)}">' for name, value in graph.items()]
        linked = dumps(_news_article(article, url), ensure_ascii=False).replace("</", "<\\/")
        return "\n".join(
            [
                f'<link rel="canonical" href="{url}">',
                f'<meta name="description" content="{escape(article.description)}">',
                *tags,
                f'<script type="application/ld+json">{linked}</script>',
            ]
        )

    def related(self, article: DemoArticle) -> str:
        others = [other for other in self.articles if other is not article and "news" in other.listed][:3]
        return "\n".join(f'<li><a href="{self.base}{o.path}">{escape(o.title)}</a></li>' for o in others)

    def fronts(self) -> dict[str, Answer]:
        home = self.front(
            "Latest", [a for a in self.articles if "news" in a.listed], "en", self.odd_teasers()
        )
        return {"/": home} | {
            f"/{code}/": self.front(words["name"], [a for a in self.articles if a.language == code], code)
            for code, words in self.words.items()
        }

    def front(self, title: str, articles: Iterable[DemoArticle], language: str, more: str = "") -> Answer:
        teasers = "".join(self.teaser(a.path, a.title, a.description) for a in articles)
        main = self.render("front", title=title, teasers=teasers + more)
        return Answer(self.page(main, title, language).encode())

    def teaser(self, path: str, title: str, description: str) -> str:
        return self.render(
            "teaser", url=self.base + path, title=escape(title), description=escape(description)
        )

    def odd_teasers(self) -> str:
        return self.teaser(CONSENT_WALL, "Letters to the editor", "Our readers write back.") + self.teaser(
            MISSING, "A story that was withdrawn", "The link is still here, the page is gone."
        )

    def lists(self) -> dict[str, Answer]:
        """robots.txt, sitemaps and feeds."""
        xml = "application/xml"
        archive = [
            *((self.url(a.path), a.published) for a in self.listed("archive")),
            (self.url(MOVED), None),
        ]
        maps = [self.url("/sitemaps/news.xml"), self.url("/sitemaps/archive.xml.gz")]
        return {
            "/robots.txt": Answer(robots(self.url("/sitemap.xml")).encode(), "text/plain; charset=utf-8"),
            "/sitemap.xml": Answer(sitemap_index(maps).encode(), xml),
            "/sitemaps/news.xml": Answer(news_sitemap(NAME, self.dated("news")).encode(), xml),
            "/sitemaps/archive.xml.gz": Answer(
                gzip.compress(sitemap(archive).encode(), mtime=0), "application/gzip"
            ),
            "/feeds/latest.rss": Answer(
                rss(NAME, self.base, self.dated("rss")).encode(), "application/rss+xml"
            ),
            "/feeds/essays.atom": Answer(
                atom(NAME, self.base, self.dated("atom")).encode(), "application/atom+xml"
            ),
        }

    def listed(self, name: str) -> list[DemoArticle]:
        return [article for article in self.articles if name in article.listed]

    def dated(self, name: str) -> list[tuple[str, DemoArticle]]:
        return [(self.url(article.path), article) for article in self.listed(name)]

    def odd(self) -> dict[str, Answer]:
        """A redirect, a consent wall, a page without an article, a page that robots.txt keeps crawlers from."""
        new = next(self.url(article.path) for article in self.articles if article.slug == "bac-de-saint-aure")
        plain = {NO_ARTICLE: "weather", "/about/": "about", DISALLOWED: "drafts"}
        pages = {
            path: Answer(self.page(self.render(name), name.title()).encode()) for path, name in plain.items()
        }
        moved = Answer(b"", status=HTTPStatus.MOVED_PERMANENTLY, location=new)
        return pages | {MOVED: moved, CONSENT_WALL: Answer(self.render("consent-wall").encode())}

    def static(self) -> dict[str, Answer]:
        types = {"css": "text/css", "svg": "image/svg+xml"}
        entries = (CONTENT / "static").iterdir()
        return {
            f"/static/{e.name}": Answer(e.read_bytes(), types[e.name.rpartition(".")[2]]) for e in entries
        }


def _escaped(article: DemoArticle) -> Mapping[str, str]:
    names = ("language", "section", "slug", "title", "credit", "caption")
    return {name: escape(getattr(article, name)) for name in names} | {
        "authors": escape(", ".join(article.authors))
    }


def _news_article(article: DemoArticle, url: str) -> dict[str, object]:
    def stamp(moment: datetime | None) -> str:
        return (moment or article.published).isoformat()

    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": url,
        "headline": article.title,
        "description": article.description,
        "inLanguage": article.language,
        "datePublished": stamp(article.published),
        "dateModified": stamp(article.modified),
        "articleSection": article.section,
        "keywords": list(article.tags),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": NAME},
    }
