"""Sitemaps and feeds: which URLs they list, when these were published, what they are called.

Sitemaps, sitemap indexes and text sitemaps (sitemaps.org protocol 0.9), Google's news extension, RSS 0.9 to 2.0,
RDF, Atom (RFC 4287; paging RFC 5005) and JSON Feed 1.1; gzipped or not. Malformed ones are read as far as they go.
"""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from archive.extraction.feedxml import FORMATS, read_xml, root_name
from archive.extraction.listed import Listed, clean_date, clean_title
from archive.outcome import Kind, Outcome, Relation

MAX_LISTING_BYTES = 64 * 1024 * 1024
"""Read of one listing after decompression (the protocol's own limit for a sitemap is 50 MB)."""
MAX_ENTRIES = 100_000
"""Entries taken from one listing (the protocol's own limit is 50,000)."""
MAX_GZIP_LAYERS = 2
SNIFF_BYTES = 16 * 1024

_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org', re.IGNORECASE)
_TEXT_URL = re.compile(rb"\s*https?://\S+\s*$", re.IGNORECASE)


def examine_listing(payload: bytes, *, url: str) -> Outcome | None:
    """Read the sitemap or feed that was fetched from ``url``; None when ``payload`` is neither.

    Children of an index and further pages of a feed have ``Relation.SITEMAP`` and ``Relation.FEED``, entries
    ``Relation.LISTED`` with date and title. Never raises for what the bytes may be.
    """
    data, evidence = _unzipped(payload)
    listed = Listed(url, MAX_ENTRIES)
    name = _read(data, listed)
    if name is None:
        return None
    evidence = (*evidence, *listed.notes)
    reason = f"{name} with {listed.entries} entr{'y' if listed.entries == 1 else 'ies'}"
    return Outcome(Kind.LISTING, reason, links=listed.links(), title=listed.title, evidence=evidence)


def _read(data: bytes, listed: Listed) -> str | None:
    start = data[:SNIFF_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _read_json(data, listed) if _JSON_FEED.search(data[:SNIFF_BYTES]) else None
    if root_name(data[:SNIFF_BYTES]) in FORMATS:
        return read_xml(data, listed)
    return _read_text(data, listed)


def _unzipped(payload: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes below up to MAX_GZIP_LAYERS of gzip, at most MAX_LISTING_BYTES of them, and what was wrong."""
    notes: tuple[str, ...] = ()
    for _ in range(MAX_GZIP_LAYERS):
        if not payload.startswith(b"\x1f\x8b"):
            break
        payload, problem = _gunzip(payload)
        notes = (*notes, problem) if problem else notes
    if len(payload) > MAX_LISTING_BYTES:
        return payload[:MAX_LISTING_BYTES], (*notes, f"read up to {MAX_LISTING_BYTES} bytes")
    return payload, notes


def _gunzip(payload: bytes) -> tuple[bytes, str | None]:
    """Every gzip member in turn; damage and bytes after the last member end the reading."""
    parts: list[bytes] = []
    room = MAX_LISTING_BYTES + 1
    while payload.startswith(b"\x1f\x8b") and room > 0:
        inflate = zlib.decompressobj(wbits=31)
        try:
            parts.append(inflate.decompress(payload, room))
        except zlib.error:
            return b"".join((*parts, _salvaged(payload, room))), "broken gzip"
        room -= len(parts[-1])
        payload = inflate.unused_data
        if not inflate.eof and room > 0:
            return b"".join(parts), "gzip ends early"
    return b"".join(parts), None


def _salvaged(payload: bytes, room: int) -> bytes:
    """What stands before the damage: zlib gives nothing of a block in which it fails, so it is fed in small ones."""
    inflate = zlib.decompressobj(wbits=31)
    out = bytearray()
    try:
        for at in range(0, len(payload), 512):
            out += inflate.decompress(payload[at : at + 512], room - len(out))
            if len(out) >= room or inflate.eof:
                break
    except zlib.error:
        pass
    return bytes(out)


def _read_text(data: bytes, listed: Listed) -> str | None:
    """A text sitemap: one URL a line. It is one when its first line and most of the first lines are URLs."""
    sample = [line for line in _lines(data[:SNIFF_BYTES]) if line.strip()]
    urls = sum(1 for line in sample if _TEXT_URL.match(line))
    if not sample or not _TEXT_URL.match(sample[0]) or urls * 2 < len(sample):
        return None
    for line in _lines(data):
        if listed.full:
            break
        if _TEXT_URL.match(line):
            listed.add(line.decode("utf-8", "replace"))
    return "text sitemap"


def _lines(data: bytes) -> Iterator[bytes]:
    return (match.group() for match in re.finditer(rb"[^\r\n]+", data.removeprefix(b"\xef\xbb\xbf")))


@dataclass(frozen=True, slots=True)
class _JsonItem:
    url: object
    title: object
    date: object


def _read_json(data: bytes, listed: Listed) -> str:
    text = data.decode("utf-8-sig", "replace")
    for item in _json_items(text, listed):
        if listed.full:
            break
        if isinstance(item.url, str):
            date = clean_date(item.date) if isinstance(item.date, str) else None
            title = clean_title(item.title) if isinstance(item.title, str) else None
            listed.add(item.url, Relation.LISTED, date, title)
    return "JSON feed"


def _json_items(text: str, listed: Listed) -> Iterator[_JsonItem]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        listed.note("malformed JSON")
        yield from map(_json_item, _json_salvaged(text))
        return
    if not isinstance(feed, dict):
        return
    if isinstance(feed.get("title"), str):
        listed.title = clean_title(feed["title"])
    if isinstance(feed.get("next_url"), str):
        listed.add(feed["next_url"], Relation.FEED)
    items = feed.get("items")
    yield from map(_json_item, items if isinstance(items, list) else ())


def _json_item(item: object) -> _JsonItem:
    if not isinstance(item, dict):
        return _JsonItem(None, None, None)
    address = item.get("url") or item.get("id")
    return _JsonItem(address, item.get("title"), item.get("date_published") or item.get("date_modified"))


def _json_salvaged(text: str) -> Iterator[object]:
    """The whole objects of an ``items`` array that is cut off or broken further on."""
    opening = re.search(r'"items"\s*:\s*\[\s*', text)
    decoder, at = json.JSONDecoder(), opening.end() if opening else len(text)
    while at < len(text):
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield item
        separator = re.compile(r"\s*,\s*").match(text, at)
        at = separator.end() if separator else len(text)
