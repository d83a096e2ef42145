"""The archive's own origin: captures by URL and time, as pages or raw, with Memento (RFC 7089)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlencode, urljoin, urlsplit

from archive.catalog import Catalog
from archive.collection import Collection
from archive.errors import ArchiveError, CaptureNotFound
from archive.extraction.encoding import decode_html
from archive.http.head import Fields
from archive.replay import policy
from archive.replay.css import rewrite_css
from archive.replay.exchange import Reply, Request, ranged, redirect, reply
from archive.replay.memento import (
    RAW,
    asked_url,
    http_date,
    in_header,
    links,
    memento_path,
    nearest,
    parse_http_date,
    parse_timestamp,
    path_of,
    timemap,
    timestamp,
)
from archive.replay.near import near, not_captured
from archive.replay.rewrite import rewrite_html
from archive.replay.snapshots import Resource, Snapshots

REWRITE_LIMIT = 8 << 20
"""Longest page or style sheet that is rewritten, in bytes; a longer one is cut there."""
ORIGINAL_FIELDS = 64
ORIGINAL_FIELDS_BYTES = 32 << 10
"""Most fields, and most bytes of them, that are handed on from an archived head."""

_WEB = re.compile(r"/web/(?:([0-9]{4,14})?([a-z]{2}_)?/)?(.+)", re.DOTALL)
_ALL = re.compile(r"/web/\*/(.+)", re.DOTALL)
_GATE = re.compile(r"/timegate/(.+)", re.DOTALL)
_MAP = re.compile(r"/timemap/link/(.+)", re.DOTALL)
_TEXT = "text/plain; charset=utf-8"
_REWRITTEN = frozenset({"text/html", "application/xhtml+xml", "text/css"})
_SHOWN_AS_DOCUMENT = frozenset({"document", "iframe", "frame", "object", "embed"})
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Wayback:
    """Answers requests for archived pages. ``origin`` is where it is served, ``room`` the reading room's origin."""

    origin: str
    room: str

    def answer(self, request: Request, collection: Collection, catalog: Catalog) -> Reply:
        """The reply to one request. Everything an archived page could reach is under a policy of `archive.replay.policy`."""
        for pattern, handle in ((_ALL, self._all), (_WEB, self._web), (_GATE, self._gate), (_MAP, self._map)):
            if match := pattern.fullmatch(request.target):
                try:
                    return handle(request, match, collection, catalog)
                except CaptureNotFound as error:
                    return reply(404, _TEXT, f"{error}\n".encode())
                except ArchiveError as error:
                    return reply(500, _TEXT, f"{error}\n".encode())
        if request.path == "/":
            return redirect(f"{self.room}/")
        return reply(404, _TEXT, b"Nothing is served here.\n")

    def _web(self, request: Request, match: re.Match[str], collection: Collection, catalog: Catalog) -> Reply:
        stamp, modifier, url = match[1], match[2] or "", asked_url(match[3])
        when = parse_timestamp(stamp) if stamp else datetime.now(UTC)
        if when is None:
            return reply(400, _TEXT, f"{stamp} is no timestamp (YYYYMMDDhhmmss).\n".encode())
        rows = catalog.captures_of(url)
        row = nearest(rows, url, when)
        if row is None:
            return self._near(catalog, url)
        if timestamp(row.entry.date) != stamp:
            return redirect(path_of(row, modifier))
        resource = Snapshots(collection, catalog).resource(row)
        shown = self._raw(request, resource) if modifier == RAW else self._page(request, resource)
        return shown.adding(
            ("Memento-Datetime", http_date(row.entry.date)),
            ("Link", links(self.origin, rows, row, row.entry.url)),
        )

    def _all(self, _request: Request, match: re.Match[str], _: Collection, _catalog: Catalog) -> Reply:
        return redirect(f"{self.room}/captures?{urlencode({'url': asked_url(match[1])})}")

    def _raw(self, request: Request, resource: Resource) -> Reply:
        etag = f'"{resource.row.entry.payload_digest or resource.row.entry.ref.record_id}"'
        whole = _whole(request, resource, RAW).adding(("ETag", etag))
        if etag in request.headers.get("if-none-match", ""):
            whole.body.close()
            return reply(304, _content_type(resource), b"", ("ETag", etag))
        return ranged(request, whole, etag)

    def _page(self, request: Request, resource: Resource) -> Reply:
        media_type = _content_type(resource).partition(";")[0].strip().lower()
        shown = (
            _rewritten(resource, media_type) if media_type in _REWRITTEN else _whole(request, resource, "")
        )
        return shown.adding(*policy.readable(self.room))

    def _gate(self, request: Request, match: re.Match[str], _: Collection, catalog: Catalog) -> Reply:
        """Datetime negotiation (RFC 7089, section 4.1, pattern 2.1)."""
        url = asked_url(match[1])
        stated = request.headers.get("accept-datetime")
        when = parse_http_date(stated) if stated else datetime.now(UTC)
        if when is None:
            return reply(400, _TEXT, b"Accept-Datetime is no HTTP-date.\n", ("Vary", "accept-datetime"))
        rows = catalog.captures_of(url)
        row = nearest(rows, url, when)
        if row is None:
            return self._near(catalog, url).adding(("Vary", "accept-datetime"))
        link = ("Link", links(self.origin, rows, None, url))
        return redirect(f"{self.origin}{path_of(row)}", ("Vary", "accept-datetime"), link)

    def _map(self, _request: Request, match: re.Match[str], _: Collection, catalog: Catalog) -> Reply:
        url = asked_url(match[1])
        rows = catalog.captures_of(url)
        if not rows:
            return self._near(catalog, url)
        return reply(200, "application/link-format", timemap(self.origin, rows, url).encode())

    def _near(self, catalog: Catalog, url: str) -> Reply:
        body = not_captured(url, near(catalog, url), self.room)
        return reply(404, "text/html; charset=utf-8", body).adding(*policy.readable(self.room))


def _whole(request: Request, resource: Resource, modifier: str) -> Reply:
    content_type = _content_type(resource)
    if request.headers.get("sec-fetch-dest") in _SHOWN_AS_DOCUMENT and _is_markup(content_type):
        content_type = _as_source(content_type)
    headers = (*_headers(resource, modifier, content_type), ("Vary", "Sec-Fetch-Dest"))
    return Reply(_status(resource), headers, resource.body, resource.length)


def _is_markup(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.endswith(("/html", "/xml", "+xml"))


def _as_source(content_type: str) -> str:
    """A browser that opens unchanged markup gets its source to read: a preconnect in it passes every policy by."""
    _, separator, parameters = content_type.partition(";")
    return f"text/plain{separator}{parameters}"


def _rewritten(resource: Resource, media_type: str) -> Reply:
    url, stamp = resource.row.entry.url, timestamp(resource.row.entry.date)
    with resource.body as body:
        text, _ = decode_html(body.read(min(resource.length, REWRITE_LIMIT)), resource.field(b"Content-Type"))
    if media_type == "text/css":
        data = rewrite_css(text, lambda written: _placed_in_css(url, written, stamp)).encode()
    else:
        media_type = "text/html"
        data = rewrite_html(text, url, lambda absolute: memento_path(absolute, stamp)).encode()
    return Reply(
        _status(resource), _headers(resource, "", f"{media_type}; charset=utf-8"), BytesIO(data), len(data)
    )


def _place(base: str, written: str, stamp: str) -> str | None:
    """Where the archive serves what ``base`` calls ``written``; None for what is no web address."""
    try:
        absolute = urljoin(base, written.strip())
        return memento_path(absolute, stamp) if urlsplit(absolute).scheme in ("http", "https") else None
    except ValueError:
        return None


def _placed_in_css(base: str, written: str, stamp: str) -> str | None:
    return written if written.startswith(("#", "data:")) else _place(base, written, stamp)


def _headers(resource: Resource, modifier: str, content_type: str) -> tuple[tuple[str, str], ...]:
    headers = [("Content-Type", content_type)]
    if location := _location(resource, modifier):
        headers.append(("Location", location))
    if resource.problem:
        headers.append(("X-Archive-Problem", in_header(resource.problem)))
    return (*headers, *_original_fields(resource.head.fields))


def _original_fields(fields: Fields) -> Iterator[tuple[str, str]]:
    """The archived head's fields under names of their own, as far as clients bear: many stop at a hundred."""
    room = ORIGINAL_FIELDS_BYTES
    for name, value in fields[:ORIGINAL_FIELDS]:
        original = f"X-Archive-Orig-{name.decode('latin-1')}", value.decode("latin-1")
        room -= len(original[0]) + len(original[1])
        if room >= 0 and _FIELD_NAME.fullmatch(original[0]) and _FIELD_VALUE.fullmatch(original[1]):
            yield original


def _location(resource: Resource, modifier: str) -> str | None:
    """Where an archived redirect leads inside the archive; None where it leads nowhere that could be archived."""
    written = resource.head.get(b"Location")
    if not 300 <= resource.status < 400 or not written:
        return None
    stamp = timestamp(resource.row.entry.date)
    return _place(resource.row.entry.url, in_header(written), f"{stamp}{modifier}")


def _status(resource: Resource) -> int:
    """The archived status, where it can stand alone: a 206 or 304 answers a request that nobody makes here."""
    status = resource.status
    return status if 200 <= status <= 599 and status not in (204, 205, 206, 304) else 200


def _content_type(resource: Resource) -> str:
    """What the server said, in a form that fits a header; a page that says nothing is taken for HTML as it begins."""
    stated = (resource.field(b"Content-Type") or "").strip()
    if stated and _FIELD_VALUE.fullmatch(stated):
        return stated
    return "text/html" if resource.start(512).lstrip()[:1] == b"<" else "application/octet-stream"
