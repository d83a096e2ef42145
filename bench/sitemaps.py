"""Sitemaps of 50,000 entries: ours against Scrapy's SitemapSpider, in one run. ``python -m bench.sitemaps``

Ours gives every entry's address, date and title as links; Scrapy gives requests. The target is five times as fast.
"""

import argparse
import gc
import resource
import time
from collections.abc import Callable, Iterable

from scrapy import Request
from scrapy.http import XmlResponse
from scrapy.spiders import SitemapSpider

from archive.extraction.listing import examine_listing

URL = "https://news.example.org/sitemap.xml"
ENTRIES = 50_000
ROUNDS = 7
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Spider(SitemapSpider):
    name = "bench"

    def parse(self, response: object) -> None:
        """Never called: only finding the entries is measured."""


def plain(count: int) -> str:
    """As most generators write it."""
    entries = (
        f"  <url>\n    <loc>https://news.example.org/2026/11/22/an-article-with-a-slug-{number}.html</loc>\n"
        "    <lastmod>2026-11-22T10:00:00+00:00</lastmod>\n"
        "    <changefreq>daily</changefreq>\n    <priority>0.8</priority>\n  </url>\n"
        for number in range(count)
    )
    return f"{HEAD}>\n{''.join(entries)}</urlset>"


def news(count: int) -> str:
    """With Google's news and image extensions: what the parser has to read."""
    entries = (
        f"<url><loc>https://news.example.org/2026/11/22/an-article-with-a-slug-{number}.html</loc>"
        "<image:image><image:loc>https://cdn.example.org/a.jpg</image:loc></image:image>"
        "<news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>"
        f"<news:publication_date>2026-11-22T10:00:00+00:00</news:publication_date><news:title>Title {number}</news:title>"
        "</news:news></url>\n"
        for number in range(count)
    )
    spaces = (
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    )
    return f"{HEAD}{spaces}>\n{''.join(entries)}</urlset>"


def ours(payload: bytes) -> int:
    outcome = examine_listing(payload, url=URL)
    return len(outcome.links) if outcome else 0


def scrapys(payload: bytes) -> int:
    requests: Iterable[Request] = Spider()._parse_sitemap(XmlResponse(URL, body=payload))
    return len(list(requests))


def seconds(read: Callable[[bytes], int], payload: bytes, expected: int) -> float:
    """CPU time of one reading, which must find all entries."""
    gc.collect()
    start = time.process_time()
    found = read(payload)
    took = time.process_time() - start
    if found != expected:
        raise SystemExit(f"{read.__name__} found {found} of {expected} entries")
    return took


def compare(name: str, payload: bytes, count: int, rounds: int) -> None:
    pairs = [(seconds(ours, payload, count), seconds(scrapys, payload, count)) for _ in range(rounds)]
    mine, theirs = (min(column) for column in zip(*pairs, strict=True))
    print(
        f"{name:6} {count} entries, {len(payload) / 1e6:.1f} MB: ours {mine * 1000:.0f} ms, Scrapy {theirs * 1000:.0f} ms,"
        f" {theirs / mine:.1f} times as fast"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    for name, write in (("plain", plain), ("news", news)):
        compare(name, write(options.entries).encode(), options.entries, options.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of both together: {peak:.0f} MB")


if __name__ == "__main__":
    main()
