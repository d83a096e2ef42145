"""From a stored capture to what it is: the one road that a live crawl and a replay both take."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from archive.entries import CaptureEntry, Examination
from archive.errors import HttpFormatError
from archive.extraction.links import absolute
from archive.extraction.listing import examine_listing
from archive.extraction.page import examine_page
from archive.extraction.requisites import requisites
from archive.extraction.rights import header_signals
from archive.extraction.robots import sitemap_links
from archive.extraction.site_rights import robots_signals, site_signals
from archive.http import Payload, ResponseHead, decode_payload
from archive.outcome import Kind, Link, Outcome, Relation
from archive.warc.reader import read_capture
from archive.warc.stored import StoredCapture

MAX_PAYLOAD_BYTES = 50_000_000
"""Decoded of one payload: no article and no sitemap is longer, only compression bombs are."""
SNIFF_BYTES = 1024
"""Looked at to tell a media type (WHATWG MIME Sniffing reads 1,445 bytes)."""

HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
UNTOLD_TYPES = frozenset(
    (
        "text/plain",
        "text/xml",
        "application/xml",
        "application/octet-stream",
        "application/unknown",
        "unknown/unknown",
    )
)
"""Media types that servers give to anything: the bytes decide."""

_HTML_START = re.compile(
    rb"(?:<!--.*?-->|<\?.*?\?>|\s)*<(?:!doctype\s+html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|meta|link|main|article|section|header|nav|span)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
)


def final_name(path: Path) -> str:
    """The name a WARC file has, or will have once it is closed."""
    return path.name.removesuffix(".open")


def examine(path: str, offset: int, url: str | None = None, *, with_requisites: bool = False) -> Examination:
    """Read the capture at byte ``offset`` of the WARC file ``path`` and say what it holds.

    With ``url`` as it were, had it been fetched from there: a payload that another address shares is stored once.
    ``with_requisites`` adds to the links what a browser loads to show an article.

    Decided by status and bytes alone, so that the same capture gives the same outcome whenever it is asked.
    CaptureNotFound or WarcFormatError where there is no such capture; what a page holds never raises.
    """
    capture = read_capture(Path(path), offset)
    entry = capture.entry(final_name(Path(path)))
    entry = replace(entry, url=url) if url else entry
    outcome = _outcome(capture, entry)
    if with_requisites and (found := requisites(capture, outcome, entry.mime, entry.url)):
        outcome = replace(outcome, links=(*outcome.links, *found))
    return Examination(entry, outcome)


def warm_up() -> None:
    """Examine a page and a feed, so that the first real ones do not wait for what libraries load when first used."""
    examine_page(_WARM_PAGE, url="https://example.org/2026/03/03/warm", content_type="text/html")
    examine_listing(_WARM_FEED, url="https://example.org/")


_WARM_PAGE = (
    b"<!doctype html><html lang=en><head><title>Warm</title></head><body><article><h1>Warm</h1>"
    b"<time class=date>xyzzy 99 foo</time>"  # a date in no language: whoever searches for dates loads all it has
    + b"<p>A paragraph long enough to be taken for the text of an article, with commas, and a stop.</p>" * 5
    + b"</article></body></html>"
)
_WARM_FEED = b"<rss><channel><item><link>https://example.org/</link></item></channel></rss>"


def _outcome(capture: StoredCapture, entry: CaptureEntry) -> Outcome:
    try:
        head = capture.http_head
    except HttpFormatError as error:
        # Some writers keep no head of what has not changed.
        return _unchanged(entry) if entry.type == "revisit" else Outcome(Kind.FAILED, str(error))
    if entry.type == "revisit":
        return _revisit(head, entry)
    if head.status == 304:
        return Outcome(Kind.NOT_MODIFIED, "status 304")
    if 300 <= head.status < 400:
        return _redirect(head, entry.url)
    if head.status >= 400:
        return Outcome(Kind.HTTP_ERROR, f"status {head.status}")
    return _resource(head, capture, entry)


def _revisit(head: ResponseHead, entry: CaptureEntry) -> Outcome:
    if 300 <= head.status < 400 and head.status != 304:
        return _redirect(head, entry.url)
    return _unchanged(entry)


def _unchanged(entry: CaptureEntry) -> Outcome:
    what = (entry.profile or "").rstrip("/").rpartition("/")[2] or "revisit"
    return Outcome(Kind.NOT_MODIFIED, what)


def _redirect(head: ResponseHead, url: str) -> Outcome:
    location = head.get(b"Location")
    target = absolute(_text(location), url) if location else None
    if target is None:
        return Outcome(Kind.HTTP_ERROR, f"status {head.status} without a usable Location")
    return Outcome(Kind.REDIRECT, f"status {head.status}", links=(Link(target, Relation.REDIRECT),))


def _text(value: bytes) -> str:
    """A field value as the browsers read it: UTF-8 where it is, else Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _resource(head: ResponseHead, capture: StoredCapture, entry: CaptureEntry) -> Outcome:
    payload = decode_payload(head, capture.body(), limit=MAX_PAYLOAD_BYTES)
    evidence = tuple(filter(None, (payload.problem, entry.truncated and f"truncated: {entry.truncated}")))
    outcome = _recognised(payload, head, entry)
    unsaid = [signal for signal in sorted(set(header_signals(head))) if signal not in outcome.rights]
    if unsaid:
        outcome = replace(outcome, rights=(*outcome.rights, *unsaid))
    if not evidence:
        return outcome
    return replace(outcome, evidence=(*evidence, *outcome.evidence))


def _recognised(payload: Payload, head: ResponseHead, entry: CaptureEntry) -> Outcome:
    data, url = payload.data, entry.url
    path = urlsplit(url).path
    if path == "/robots.txt":
        return Outcome(Kind.ROBOTS, links=sitemap_links(data, url=url), rights=robots_signals(data))
    rights = site_signals(path, data)
    if rights is not None:
        return Outcome(Kind.OTHER, "rights reserved by the site" if rights else "no rights", rights=rights)
    if not data.strip():
        return Outcome(Kind.EMPTY, payload.problem or "no content")
    listing = examine_listing(data, url=url)
    if listing is not None:
        return listing
    if is_html(data, entry.mime):
        content_type = head.get(b"Content-Type")
        return examine_page(
            data, url=url, content_type=_text(content_type) if content_type else None, head=head
        )
    return Outcome(Kind.OTHER, media_type(data, entry.mime))


def is_html(data: bytes, declared: str | None) -> bool:
    """Whether browsers would show it as a page: as declared, unless the declaration says nothing."""
    start = data[:SNIFF_BYTES]
    if any(start.startswith(signature) for signature, _ in _SIGNATURES):
        return False
    if declared in HTML_TYPES:
        return True
    return (declared is None or declared in UNTOLD_TYPES) and bool(_HTML_START.match(_ascii(start)))


def _ascii(start: bytes) -> bytes:
    return (
        start.removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .replace(b"\0", b"")
    )


def media_type(data: bytes, declared: str | None) -> str:
    """The media type by signature, else as declared."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    return declared or "application/octet-stream"
