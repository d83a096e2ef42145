"""Sitemaps as generators write them, without a parser: the bulk of all entries that a crawl reads.

Entries are taken from the start as long as each follows the last and has just the usual elements. What is left is
itself a sitemap, for the parser; so nothing depends on how far this comes.
"""

import re
from collections.abc import Iterator

from archive.extraction.links import MAX_URL_CHARACTERS
from archive.extraction.listed import FINISHED_DATE, Listed, clean_date

_ROOT = re.compile(r"<urlset(?:\s[^<>]*)?(?<!/)>")
_ENTRY = re.compile(
    r"\s*<url>\s*<loc>\s*(https?://[\w.:-]+/[!\"$-;=?-\[\]-~]*)\s*</loc>\s*"
    rf"(?:<lastmod>(?:({FINISHED_DATE})|([^<&]*))</lastmod>\s*)?"
    r"(?:<changefreq>[^<&]*</changefreq>\s*)?"
    r"(?:<priority>[^<&]*</priority>\s*)?</url>",
    re.ASCII,
)


def read_regular(document: bytes, listed: Listed) -> bytes:
    """Take the regular entries at the start of ``document``, in UTF-8, into ``listed``; returns it without them."""
    root = _ROOT.match(document[:MAX_URL_CHARACTERS].decode("utf-8", "replace"))
    if not root:
        return document
    text = document.decode("utf-8", "surrogateescape")
    start = root.end()
    end = listed.keep_entries(_entries(text, start)) or start
    return (text[:start] + text[end:]).encode("utf-8", "surrogateescape")


def _entries(text: str, at: int) -> Iterator[tuple[str, str | None, int]]:
    """Address and date of each regular entry from ``at`` on, and where the next begins."""
    while entry := _ENTRY.match(text, at):
        url, date, other = entry.groups()
        if "&" in url:
            if url.count("&") != url.count("&amp;"):
                return
            url = url.replace("&amp;", "&")
        if len(url) > MAX_URL_CHARACTERS:
            return
        at = entry.end()
        yield url, clean_date(other) if other else date, at
