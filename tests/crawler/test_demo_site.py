"""The demo site holds what it promises: each kind of page that a crawler of news meets, sent as real servers do."""

import gzip
import http.client
import re
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest

from crawler.demo import DemoSite
from crawler.demo.articles import DemoArticle, load_articles
from crawler.demo.site import CONSENT_WALL, DISALLOWED, MISSING, MOVED, NO_ARTICLE
from tests.patience import PATIENCE_S

LANGUAGES = {"ar", "de", "en", "es", "fr", "it", "ja", "pt", "ru", "zh"}


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as served:
        yield served


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def get(
    site: DemoSite, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    try:
        connection.request(
            method, quote(path), headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def internal_links(site: DemoSite, path: str) -> set[str]:
    text = site.answers[path].body.decode("utf-8", "replace")
    urls = (urljoin(site.url + path, link) for link in _Links(text).found)
    return {unquote(urlsplit(url).path) for url in urls if url.startswith(site.url)}


def locations(body: bytes) -> list[str]:
    return [
        unquote(urlsplit(e.text or "").path) for e in ET.fromstring(body).iter() if e.tag.endswith("}loc")
    ]


def test_articles_are_many_and_in_ten_languages() -> None:
    articles = load_articles()
    assert len(articles) == 14
    assert {article.language for article in articles} == LANGUAGES
    assert len({article.path for article in articles}) == len(articles)
    assert [a.published for a in articles] == sorted((a.published for a in articles), reverse=True)
    assert all(article.published.tzinfo for article in articles)


@pytest.mark.parametrize("article", load_articles(), ids=lambda article: article.slug)
def test_article_page_shows_its_text_in_its_encoding(site: DemoSite, article: DemoArticle) -> None:
    response, body = get(site, article.path)
    if article.coding == "gzip":
        assert response.headers["Content-Encoding"] == "gzip"
        body = gzip.decompress(body)
    text = body.decode(article.encoding)
    assert f'<meta charset="{article.encoding}">' in text
    assert f"<h1>{article.title.replace(chr(39), '&#x27;')}</h1>" in text
    assert re.search(r"\$[a-z]", text) is None
    named = response.headers.get_content_charset()
    assert named == (article.encoding if article.charset_in_header else None)


def test_every_link_leads_to_a_page_save_the_withdrawn_one(site: DemoSite) -> None:
    pages = [path for path, answer in site.answers.items() if answer.content_type.startswith("text/html")]
    missing = {link for path in pages for link in internal_links(site, path)} - site.answers.keys()
    assert missing == {MISSING}


def test_every_article_can_be_reached_and_each_list_alone_does_not_do(site: DemoSite) -> None:
    articles = {article.path for article in load_articles()}
    linked = {link for path in site.answers if path.count("/") <= 2 for link in internal_links(site, path)}
    assert articles <= linked
    for name in ("news", "archive", "rss", "atom"):
        listed = {article.path for article in load_articles() if name in article.listed}
        assert listed
        assert listed < articles


def test_robots_names_the_sitemap_index_which_names_both_sitemaps(site: DemoSite) -> None:
    _, robots = get(site, "/robots.txt")
    assert f"Sitemap: {site.url}/sitemap.xml" in robots.decode().splitlines()
    assert "Disallow: /private/" in robots.decode().splitlines()
    _, index = get(site, "/sitemap.xml")
    assert locations(index) == ["/sitemaps/news.xml", "/sitemaps/archive.xml.gz"]
    _, news = get(site, "/sitemaps/news.xml")
    assert locations(news) == [a.path for a in load_articles() if "news" in a.listed]
    response, archive = get(site, "/sitemaps/archive.xml.gz")
    assert response.headers["Content-Type"] == "application/gzip"
    assert locations(gzip.decompress(archive)) == [
        *(a.path for a in load_articles() if "archive" in a.listed),
        MOVED,
    ]


@pytest.mark.parametrize(("path", "root"), [("/feeds/latest.rss", "rss"), ("/feeds/essays.atom", "feed")])
def test_feeds_are_well_formed(site: DemoSite, path: str, root: str) -> None:
    _, body = get(site, path)
    assert ET.fromstring(body).tag.rpartition("}")[2] == root


def test_chunked_page_comes_in_several_chunks(site: DemoSite) -> None:
    article = next(article for article in load_articles() if article.transfer == "chunked")
    response, body = get(site, article.path)
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in response.headers
    assert body == site.answers[article.path].body
    assert len(body) > 2000


def test_odd_pages(site: DemoSite) -> None:
    moved, _ = get(site, MOVED)
    assert moved.status == 301
    assert unquote(urlsplit(moved.headers["Location"]).path) in site.answers
    assert get(site, MISSING)[0].status == 404
    assert b"<article" not in get(site, NO_ARTICLE)[1]
    assert b"cookies" in get(site, CONSENT_WALL)[1]
    assert get(site, DISALLOWED)[0].status == 200
    assert get(site, "/", method="POST")[0].status == 405


def test_unchanged_page_answers_304(site: DemoSite) -> None:
    first, _ = get(site, "/")
    again, body = get(site, "/", If_None_Match=first.headers["ETag"])
    assert (again.status, body) == (304, b"")
    assert get(site, "/", If_None_Match='"other"')[0].status == 200


def test_log_holds_the_bytes_of_each_exchange_on_a_kept_connection() -> None:
    with DemoSite() as site:
        host, port = urlsplit(site.url).netloc.split(":")
        first = b"GET /robots.txt HTTP/1.1\r\nhOsT: demo\r\nX-Odd:  two  \r\n\r\n"
        second = b"HEAD /weather/ HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as client:
            client.sendall(first + second)
            received = b"".join(iter(lambda: client.recv(65536), b""))
        assert [served.request for served in site.log] == [first, second]
        assert b"".join(served.response for served in site.log) == received
        assert [(served.method, served.path, served.status) for served in site.log] == [
            ("GET", "/robots.txt", 200),
            ("HEAD", "/weather/", 200),
        ]
