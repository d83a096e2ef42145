"""A collection of the demo site, written by the real writer and derived by the real worker, without a network."""

import io
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from archive.capture import Discovery, Exchange
from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import Derivation, catch_up
from archive.entries import Examination
from archive.extraction.worker import examine
from archive.warc.writer import WarcWriter
from crawler.demo.answers import Answer
from crawler.demo.articles import load_articles
from crawler.demo.site import build_site

BASE = "http://tamarisk.example"
FIRST_CAPTURE = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


class InlineExaminer:
    """The worker's function in this process."""

    def submit(self, path: Path, offset: int) -> "Future[Examination]":
        done: Future[Examination] = Future()
        done.set_result(examine(str(path), offset))
        return done


def demo_exchanges() -> list[Exchange]:
    """One exchange a page of the demo site, a second apart, in the order of their addresses."""
    return _exchanges(build_site(BASE))


def article_exchanges() -> list[Exchange]:
    """Those of the articles alone."""
    pages = build_site(BASE)
    return _exchanges({article.path: pages[article.path] for article in load_articles()})


def _exchanges(pages: dict[str, Answer]) -> list[Exchange]:
    return [
        exchange(path, answer.serialise(), FIRST_CAPTURE + timedelta(seconds=number))
        for number, (path, answer) in enumerate(sorted(pages.items()))
    ]


def exchange(path: str, response: bytes, date: datetime) -> Exchange:
    target = quote(path)
    return Exchange(
        url=BASE + target,
        request=f"GET {target} HTTP/1.1\r\nHost: tamarisk.example\r\n\r\n".encode(),
        response=io.BytesIO(response),
        response_length=len(response),
        date=date,
        ip="192.0.2.7",
        discovery=Discovery(via=f"{BASE}/sitemaps/news.xml", hops="MM"),
    )


def write_collection(root: Path, exchanges: list[Exchange]) -> Collection:
    """A collection of these exchanges, with documents, catalog and index."""
    collection = Collection.create(root)
    info = {"software": "palmyra"}
    with WarcWriter(
        collection.archive, prefix="test", hostname="example", info=info, max_size=10**9
    ) as writer:
        for each in exchanges:
            writer.write(each)
    with Catalog.open(collection.catalog_path) as catalog:
        catch_up(collection, catalog, InlineExaminer())
        Derivation(collection, catalog).write_index()
    return collection
