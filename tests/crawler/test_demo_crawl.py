"""The whole way over the demo site: crawled by the command, compared with what the server logged, derived again."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.outcome import Kind
from archive.warc.reader import iter_captures, read_capture
from crawler.demo import DemoSite, Served
from crawler.demo.articles import load_articles
from crawler.demo.site import CONSENT_WALL, DISALLOWED, MISSING, MOVED, NO_ARTICLE
from tests.patience import PATIENCE_S
from tests.site.command import palmyra

TITLES = {article.title for article in load_articles()}


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PALMYRA")}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def crawl(site: DemoSite, root: Path) -> subprocess.CompletedProcess[str]:
    return run(
        "crawl", f"{site.url}/", "--collection", root, "--allow-private", "--delay", "0", cwd=root.parent
    )


@dataclass(frozen=True)
class Crawled:
    """Two crawls of the demo site into one collection, and what the server saw of each."""

    collection: Collection
    base: str
    output: str
    first: list[Served]
    second: list[Served]
    documents_after_first: int


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    collection = Collection(tmp_path_factory.mktemp("demo") / "news")
    with DemoSite() as site:
        first = crawl(site, collection.root)
        assert (first.returncode, first.stderr.count("Traceback")) == (0, 0), first.stderr
        seen = len(site.log)
        documents = len(list(collection.documents.rglob("*.txt")))
        second = crawl(site, collection.root)
        assert second.returncode == 0, second.stderr
        return Crawled(collection, site.url, first.stdout, site.log[:seen], site.log[seen:], documents)


def stored(collection: Collection) -> Counter[tuple[bytes, bytes]]:
    """Every (request, response) in the WARC files; a revisit's response is its head."""
    found: Counter[tuple[bytes, bytes]] = Counter()
    for path in collection.warc_files():
        for offset, _ in iter_captures(path):
            capture = read_capture(path, offset)
            assert capture.request is not None
            message = capture.message()
            message.seek(0)
            capture.request.block.seek(0)
            found[capture.request.block.read(), message.read()] += 1
    return found


def test_every_article_is_kept_once_and_nothing_else(crawled: Crawled) -> None:
    with Catalog.open(crawled.collection.catalog_path, readonly=True) as catalog:
        titles = Counter(row.article.title for row in catalog.documents())
    assert titles == Counter(TITLES)
    assert crawled.documents_after_first == len(TITLES)


def test_metadata_is_what_the_pages_state(crawled: Crawled) -> None:
    with Catalog.open(crawled.collection.catalog_path, readonly=True) as catalog:
        found = {row.article.title: row.article for row in catalog.documents()}
    for article in load_articles():
        kept = found[article.title]
        assert (kept.authors, kept.published) == (article.authors, article.published.isoformat())
        assert kept.language == article.language


def test_bytes_in_the_archive_are_those_that_the_server_read_and_sent(crawled: Crawled) -> None:
    served = Counter((each.request, each.response) for each in [*crawled.first, *crawled.second])
    kept = stored(crawled.collection)
    whole = Counter({pair: count for pair, count in kept.items() if pair in served})
    revisits = kept - whole
    heads = Counter(
        (request, response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n") for request, response in served - whole
    )
    assert revisits == heads


def test_robots_txt_comes_first_and_is_obeyed(crawled: Crawled) -> None:
    paths = [each.path for each in crawled.first]
    assert paths[0] == "/robots.txt"
    assert DISALLOWED not in paths
    assert "robotsTxt" in crawled.output


def test_each_address_is_asked_for_once(crawled: Crawled) -> None:
    repeated = {
        path: count for path, count in Counter(each.path for each in crawled.first).items() if count > 1
    }
    assert repeated == {}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (CONSENT_WALL, Kind.CONSENT_WALL),
        (MOVED, Kind.REDIRECT),
        (MISSING, Kind.HTTP_ERROR),
        ("/", Kind.SECTION),
        ("/en/", Kind.SECTION),
        ("/sitemaps/archive.xml.gz", Kind.LISTING),
        ("/feeds/essays.atom", Kind.LISTING),
        ("/robots.txt", Kind.ROBOTS),
    ],
)
def test_what_is_no_article_has_its_kind(crawled: Crawled, path: str, kind: Kind) -> None:
    with Catalog.open(crawled.collection.catalog_path, readonly=True) as catalog:
        captures = catalog.captures_of(crawled.base + path)
    assert captures[0].kind is kind
    assert captures[0].document is None


def test_page_without_an_article_is_none(crawled: Crawled) -> None:
    with Catalog.open(crawled.collection.catalog_path, readonly=True) as catalog:
        [capture, *_] = catalog.captures_of(crawled.base + NO_ARTICLE)
    assert capture.document is None
    assert capture.reason


def test_featured_article_is_in_the_format(crawled: Crawled) -> None:
    with Catalog.open(crawled.collection.catalog_path, readonly=True) as catalog:
        [row] = [row for row in catalog.documents() if "carnets" in row.url]
    text = crawled.collection.document_text(row)
    title, bylines, cover, lead, *blocks = text.split("\n\n")
    assert title == row.article.title
    assert bylines == "- Avec Presse des Vallées"
    assert (
        cover
        == f"{title}© L. ARMANDIER Source: PDV\nL'observatoire du Val-Doré (photographie d'illustration)"
    )
    assert lead.startswith("La cave de l'observatoire a pris l'eau")
    assert blocks[-1] == "Lire aussi : À Saint-Aure, le bac reprend du service après six ans"
    assert "à 3\u00a0heures.\u00a0\n" in text
    assert not re.search("Suivez|cookies|Tout accepter|Partager|Telegraf", text)


def test_second_crawl_fetches_no_article_again(crawled: Crawled) -> None:
    articles = {article.path for article in load_articles()}
    assert articles <= {each.path for each in crawled.first}
    assert not articles & {each.path for each in crawled.second}
    assert "/sitemaps/news.xml" in {each.path for each in crawled.second}


def test_verify_finds_everything_whole(crawled: Crawled) -> None:
    result = palmyra("verify", "--collection", crawled.collection.root)
    assert (result.code, result.error) == (0, "")
    assert "all whole" in result.out.decode()


def test_status_counts_what_the_server_served(crawled: Crawled) -> None:
    [status] = palmyra("status", "--json", "--collection", crawled.collection.root).json()
    served = Counter(str(each.status) for each in [*crawled.first, *crawled.second])
    assert status["statuses"] == dict(sorted(served.items()))
    assert (status["captures"], status["documents"]) == (served.total(), len(TITLES))
    assert status["frontier"]["states"].get("pending", 0) == 0
    assert status["frontier"]["skipped"]["robotsTxt"] >= 1
    plain = "\n".join(palmyra("status", "--collection", crawled.collection.root).lines)
    assert f"documents:  {len(TITLES)}" in plain
    assert f"{status['warc_files']} WARC file" in plain


def test_extract_gives_the_same_bytes_again(crawled: Crawled, tmp_path: Path) -> None:
    copy = Collection(tmp_path / "copy")
    shutil.copytree(crawled.collection.archive, copy.archive)
    result = run("extract", "--collection", copy.root, "--quiet", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert tree(copy.documents) == tree(crawled.collection.documents)
    assert copy.index_path.read_bytes() == crawled.collection.index_path.read_bytes()
    assert rows(copy) == rows(crawled.collection)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def rows(collection: Collection) -> list[object]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return [*catalog.captures(), *catalog.documents()]
