"""The lists of the demo site: robots.txt, sitemaps (sitemaps.org 0.9, Google's news extension), RSS 2.0 and Atom."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.demo.articles import DemoArticle

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
Listed = tuple[str, DemoArticle]
"""A URL and its article."""


def robots(sitemap_url: str) -> str:
    return f"User-agent: *\nDisallow: /private/\n\nSitemap: {sitemap_url}\n"


def sitemap_index(urls: Iterable[str]) -> str:
    entries = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>\n" for url in urls)
    return f'{DECLARATION}<sitemapindex xmlns="{SITEMAP}">\n{entries}</sitemapindex>\n'


def sitemap(entries: Iterable[tuple[str, datetime | None]]) -> str:
    rows = "".join(
        f"<url><loc>{escape(url)}</loc>{f'<lastmod>{date:%Y-%m-%d}</lastmod>' if date else ''}</url>\n"
        for url, date in entries
    )
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}">\n{rows}</urlset>\n'


def news_sitemap(name: str, listed: Iterable[Listed]) -> str:
    rows = "".join(_news_entry(name, url, article) for url, article in listed)
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}">\n{rows}</urlset>\n'


def _news_entry(name: str, url: str, article: DemoArticle) -> str:
    return (
        f"<url><loc>{escape(url)}</loc><news:news><news:publication><news:name>{escape(name)}</news:name>"
        f"<news:language>{article.language}</news:language></news:publication>"
        f"<news:publication_date>{article.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>\n"
    )


def rss(name: str, base: str, listed: Iterable[Listed]) -> str:
    items = "".join(
        f"<item><title>{escape(a.title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid>"
        f"<pubDate>{format_datetime(a.published)}</pubDate>"
        f"<description>{escape(a.description)}</description></item>\n"
        for url, a in listed
    )
    channel = f"<title>{escape(name)}</title><link>{base}/</link><description>Latest</description>\n"
    return f'{DECLARATION}<rss version="2.0"><channel>{channel}{items}</channel></rss>\n'


def atom(name: str, base: str, listed: Iterable[Listed]) -> str:
    rows = list(listed)
    entries = "".join(_atom_entry(url, article) for url, article in rows)
    newest = max(article.published for _, article in rows).isoformat()
    head = f"<title>{escape(name)}</title><id>{base}/</id><updated>{newest}</updated>\n"
    return f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>\n'


def _atom_entry(url: str, article: DemoArticle) -> str:
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in article.authors)
    return (
        f'<entry><title>{escape(article.title)}</title><link href="{escape(url)}"/><id>{escape(url)}</id>'
        f"<published>{article.published.isoformat()}</published>"
        f"<updated>{(article.modified or article.published).isoformat()}</updated>{authors}"
        f"<summary>{escape(article.description)}</summary></entry>\n"
    )
