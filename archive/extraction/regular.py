"""Sitemaps as generators write them, without a parser: the bulk of all entries that a crawl reads.

Entries are taken from the start as long as each follows the last and has just the usual elements. What is left is
itself a sitemap, for the parser; so nothing depends on how far this comes.
"""

import re

from archive.extraction.links import MAX_URL_CHARACTERS
from archive.extraction.listed import Listed, clean_date
from archive.outcome import Relation

_ROOT = re.compile(r"<urlset(?:\s[^<>]*)?(?<!/)>")
_ENTRY = re.compile(
    r"\s*<url>\s*<loc>\s*(https?://[\w.:-]+/[!\"$-;=?-\[\]-~]*)\s*</loc>\s*"
    r"(?:<lastmod>([^<&]*)</lastmod>\s*)?"
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
    at = root.end()
    while (entry := _ENTRY.match(text, at)) and not listed.full:
        url, date = entry.groups()
        if not _is_plain(url):
            break
        listed.keep(url.replace("&amp;", "&"), Relation.LISTED, clean_date(date) if date else None, None)
        at = entry.end()
    return (text[: root.end()] + text[at:]).encode("utf-8", "surrogateescape")


def _is_plain(url: str) -> bool:
    return len(url) <= MAX_URL_CHARACTERS and ("&" not in url or url.count("&") == url.count("&amp;"))
