"""Sitemaps of 50,000 entries: ours against Scrapy's SitemapSpider, in one run. ``python -m bench.sitemaps``

Ours gives every entry's address, date and title, and its alternates, as links; Scrapy gives a request for each.
Exits with 1 where ours is not five times as fast.
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Callable, Iterable

from scrapy import Request
from scrapy.http import XmlResponse
from scrapy.spiders import SitemapSpider

from archive.extraction.listing import examine_listing

URL = "https://news.example.org/sitemap.xml"
ENTRIES = 50_000
ROUNDS = 7
TARGET = 5.0
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Spider(SitemapSpider):
    name = "bench"
    sitemap_alternate_links = True

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


NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def extended(spaces: str, extensions: str) -> Callable[[int], str]:
    """Writes a sitemap with these extensions in each entry; ``%d`` in them is its number."""

    def write(count: int) -> str:
        entries = (
            f"<url><loc>https://news.example.org/2026/11/22/an-article-with-a-slug-{number}.html</loc>\n"
            f"{extensions.replace('%d', str(number))}</url>\n"
            for number in range(count)
        )
        return f"{HEAD} {spaces}>\n{''.join(entries)}</urlset>"

    return write


IMAGES = "<image:image><image:loc>https://cdn.example.org/%d.jpg</image:loc></image:image>\n"
PUBLISHED = (
    "<news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>"
    "<news:publication_date>2026-11-22T10:00:00+00:00</news:publication_date><news:title>%s</news:title></news:news>"
)
LANGUAGES = "".join(
    f'<xhtml:link rel="alternate" hreflang="{code}" href="https://news.example.org/{code}/an-article-%d"/>\n'
    for code in ("de", "fr", "es")
)
SITEMAPS: dict[str, Callable[[int], str]] = {
    "plain": plain,
    "news": extended(f"{NEWS} {IMAGE}", IMAGES + PUBLISHED % "Title %d"),
    "news, CDATA": extended(NEWS, PUBLISHED % "<![CDATA[Rain and wind, number %d]]>"),
    "images": extended(IMAGE, "<lastmod>2026-11-22T10:00:00Z</lastmod>\n" + IMAGES * 2),
    "languages": extended(XHTML, "<lastmod>2026-11-22</lastmod>\n" + LANGUAGES),
}


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


def compare(name: str, payload: bytes, count: int, rounds: int) -> float:
    """How many times as fast ours is, by the best of so many rounds."""
    found = count * (1 + payload.count(b'rel="alternate"') // count)
    pairs = [(seconds(ours, payload, found), seconds(scrapys, payload, found)) for _ in range(rounds)]
    mine, theirs = (min(column) for column in zip(*pairs, strict=True))
    print(
        f"{name:11} {count} entries, {len(payload) / 1e6:.1f} MB: ours {mine * 1000:.0f} ms, Scrapy {theirs * 1000:.0f} ms,"
        f" {theirs / mine:.1f} times as fast"
    )
    ratio: float = theirs / mine
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    ratios = [
        compare(name, write(options.entries).encode(), options.entries, options.rounds)
        for name, write in SITEMAPS.items()
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of both together: {peak:.0f} MB")
    print(f"least ratio {min(ratios):.1f} (target {TARGET:.0f})")
    sys.exit(min(ratios) < TARGET)


if __name__ == "__main__":
    main()
