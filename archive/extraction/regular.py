"""Sitemaps as generators write them, without a parser: the bulk of all entries that a crawl reads.

Entries are taken from the start as long as each follows the last and has just the usual elements, those of Google's
extensions among them. What is left is itself a sitemap, for the parser; so nothing depends on how far this comes.
"""

import html
import re
from collections.abc import Iterator

from archive.extraction.entrygrammar import PLAIN, ROOT, Grammar, grammar_of, prefixes_of
from archive.extraction.links import MAX_URL_CHARACTERS
from archive.extraction.listed import Listed, clean_date, clean_title

MAX_ROOT_BYTES = 8192
MAX_ENTRY_CHARACTERS = 100_000
"""Of a regular entry; the parser has limits of its own."""
LEARNED_AFTER = 500
"""Entries of a new layout before it is learned: to learn one takes as long as to tell some hundred."""
MAX_LEARNED = 4

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_REFERENCE = re.compile(r"&#?[A-Za-z0-9]{1,32};")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Entries = Iterator[tuple[str, str | None, str | None, int]]
"""Address, date and title of each regular entry, and where the next begins."""


def read_regular(document: bytes, listed: Listed) -> bytes:
    """Take the regular entries at the start of ``document``, in UTF-8, into ``listed``; returns it without them.

    Control characters that XML does not allow must have been blanked.
    """
    root = ROOT.match(document[:MAX_ROOT_BYTES].decode("utf-8", "replace"))
    text = _decoded(document) if root else None
    if root is None or text is None:
        return document
    start = root.end()
    prefixes = prefixes_of(root[1])
    entries = _extended(text, start, grammar_of(prefixes), listed) if prefixes else _plain(text, start)
    end = listed.keep_entries(entries) or start
    return (text[:start] + text[end:]).encode()


def _decoded(document: bytes) -> str | None:
    """None for what is no UTF-8, or holds what XML does not."""
    try:
        text = document.decode()
    except UnicodeDecodeError:
        return None
    return None if "\ufffe" in text or "\uffff" in text else text


def _plain(text: str, at: int) -> Entries:
    """The regular entries of a sitemap without extensions from ``at`` on."""
    match = PLAIN.match
    while entry := match(text, at):
        url, date, other = entry.groups()
        if "&" in url:
            url = _unescaped(url)
        if not 0 < len(url) <= MAX_URL_CHARACTERS:
            return
        at = entry.end()
        yield url, clean_date(other) if other else date, None, at


def _extended(text: str, at: int, grammar: Grammar, listed: Listed) -> Entries:
    """The regular entries of a sitemap with extensions. Alternates go into ``listed`` before the entry that names them."""
    for entry, fields in _matches(text, at, grammar):
        url, modified, later, date, later_date, title, later_title, before, after = entry.group(*fields)
        if "&" in url:
            url = _unescaped(url)
        if not 0 < len(url) <= MAX_URL_CHARACTERS:
            return
        title = title or later_title
        if title and ("&" in title or "<" in title or "]]>" in title):
            title = _plain_text(title)
            if title is None:
                return
        if grammar.alternate and not _keep_alternates(grammar.alternate, before + (after or ""), listed):
            return
        date = date or later_date or (later if modified is None else modified)
        title = clean_title(title) if title else None
        yield url, clean_date(date) if date else None, title, entry.end()


def _matches(text: str, at: int, grammar: Grammar) -> Iterator[tuple[re.Match[str], tuple[int, ...]]]:
    """The entries that ``grammar`` tells, each with the numbers of its groups.

    A long sitemap repeats a few layouts: they are learned, and tried first.
    """
    layouts = [grammar.layout]
    unlike = 0
    while True:
        for layout in layouts:
            if entry := layout.entry.match(text, at):
                break
        else:
            return
        if entry.end() - at > MAX_ENTRY_CHARACTERS:
            return
        yield entry, layout.fields
        at = entry.end()
        if layout is grammar.layout:
            unlike += 1
            if unlike % LEARNED_AFTER == 0 and len(layouts) <= MAX_LEARNED:
                layouts.insert(-1, grammar.alike(entry))


def _unescaped(url: str) -> str:
    """``url`` without ``&amp;``; empty where it has another ``&``, which is for the parser."""
    return url.replace("&amp;", "&") if url.count("&") == url.count("&amp;") else ""


def _keep_alternates(alternate: re.Pattern[str], span: str, listed: Listed) -> bool:
    """Keep the alternates in ``span``; False, and none kept, where one is better left to the parser."""
    found = alternate.findall(span)
    if "&" in span:
        found = [(language, _unescaped(url)) for language, url in found]
    if not all(0 < len(url) <= MAX_URL_CHARACTERS for _, url in found):
        return False
    listed.keep_alternates(found)
    return True


def _plain_text(markup: str) -> str | None:
    """The text of an element without children, as the parser gives it; None for what XML does not allow."""
    if markup.startswith("<![CDATA[") and markup.count("]]>") == 1 and markup.endswith("]]>"):
        return markup[9:-3]
    pieces = _CDATA.split(markup)
    if any("]]>" in piece for piece in pieces[::2]):
        return None
    pieces[::2] = [_REFERENCE.sub(lambda found: html.unescape(found[0]), piece) for piece in pieces[::2]]
    text = "".join(pieces)
    return None if _NO_XML.search(text) else text
