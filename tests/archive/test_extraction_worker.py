"""The one road from a stored capture to its outcome: decided by status and bytes."""

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from archive.capture import Digest, Discovery, Exchange
from archive.errors import CaptureNotFound
from archive.extraction import worker
from archive.extraction.worker import examine
from archive.outcome import Kind, Link, Outcome, Relation
from archive.warc.writer import Original, WarcWriter
from tests.archive.stored import REQUEST, response, store

URL = "https://news.example.org/2026/11/22/rain"
ARTICLE = (
    "<!doctype html><html lang=en><head><title>Rain over the hills</title></head><body><article><h1>Rain over the hills</h1>"
    + "".join(
        f"<p>Paragraph {number} tells how the rain fell over the hills, for hours, and what it did there.</p>"
        for number in range(12)
    )
    + "</article><a href='/next'>next</a></body></html>"
).encode()
FEED = b"<rss><channel><item><link>https://news.example.org/1</link></item></channel></rss>"
ROBOTS = b"User-agent: *\nSitemap: /map.xml\n"


def outcome_of(directory: Path, raw: bytes, url: str = URL) -> Outcome:
    [(path, offset)] = store(directory, [(url, raw)])
    return examine(str(path), offset).outcome


def test_an_article(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, response(ARTICLE))
    assert outcome.kind is Kind.ARTICLE
    assert outcome.article
    assert "Paragraph 11 tells" in outcome.article.text
    assert Link("https://news.example.org/next") in outcome.links


@pytest.mark.parametrize(
    ("status", "location", "target"),
    [
        ("301 Moved", "/new", "https://news.example.org/new"),
        ("302 Found", "https://other.example/x#part", "https://other.example/x"),
        ("303 See Other", "?q", f"{URL}?q"),
        ("307 Temporary Redirect", "//cdn.example/", "https://cdn.example/"),
        ("308 Permanent Redirect", "/caf\u00e9", "https://news.example.org/caf\u00e9"),
        ("301 Moved", URL, URL),
    ],
)
def test_redirects(tmp_path: Path, status: str, location: str, target: str) -> None:
    outcome = outcome_of(tmp_path, response(ARTICLE, "text/html", f"Location: {location}", status=status))
    assert outcome == Outcome(Kind.REDIRECT, f"status {status[:3]}", links=(Link(target, Relation.REDIRECT),))


def test_a_location_in_utf_8(tmp_path: Path) -> None:
    raw = "HTTP/1.1 301 Moved\r\nLocation: /日本\r\n\r\n".encode()
    assert outcome_of(tmp_path, raw).links == (Link("https://news.example.org/日本", Relation.REDIRECT),)


@pytest.mark.parametrize("fields", [(), ("Location: javascript:x",), ("Location: ",)])
def test_a_redirect_to_nowhere_is_an_error(tmp_path: Path, fields: tuple[str, ...]) -> None:
    outcome = outcome_of(tmp_path, response(b"", "text/html", *fields, status="302 Found"))
    assert outcome == Outcome(Kind.HTTP_ERROR, "status 302 without a usable Location")


@pytest.mark.parametrize(
    "status", ["400 Bad", "404 Not Found", "410 Gone", "429 Slow Down", "500 Oops", "503 Later", "999 Denied"]
)
def test_errors_name_their_status_and_no_links(tmp_path: Path, status: str) -> None:
    assert outcome_of(tmp_path, response(ARTICLE, status=status)) == Outcome(
        Kind.HTTP_ERROR, f"status {status[:3]}"
    )


def test_not_modified(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, b"HTTP/1.1 304 Not Modified\r\n\r\n").kind is Kind.NOT_MODIFIED


def test_a_revisit_is_left_to_the_caller(tmp_path: Path) -> None:
    original = Original(URL, datetime(2026, 11, 1, tzinfo=UTC), payload_digest=Digest.of(ARTICLE))
    [(path, offset)] = store(tmp_path, [(URL, response(ARTICLE))], original=original)
    examination = examine(str(path), offset)
    assert examination.entry.type == "revisit"
    assert examination.outcome == Outcome(Kind.NOT_MODIFIED, "identical-payload-digest")


def test_a_revisited_redirect_still_redirects(tmp_path: Path) -> None:
    original = Original(URL, datetime(2026, 11, 1, tzinfo=UTC), payload_digest=Digest.of(b"moved"))
    raw = response(b"moved", "text/html", "Location: /new", status="301 Moved")
    [(path, offset)] = store(tmp_path, [(URL, raw)], original=original)
    assert examine(str(path), offset).outcome.links == (
        Link("https://news.example.org/new", Relation.REDIRECT),
    )


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", None, "application/octet-stream"])
def test_robots_by_its_address(tmp_path: Path, content_type: str | None) -> None:
    outcome = outcome_of(tmp_path, response(ROBOTS, content_type), "https://news.example.org/robots.txt")
    assert outcome.kind is Kind.ROBOTS
    assert outcome.links == (Link("https://news.example.org/map.xml", Relation.SITEMAP),)
    assert (
        outcome_of(tmp_path, response(ROBOTS, "text/plain"), "https://news.example.org/a/robots.txt").kind
        is Kind.OTHER
    )


@pytest.mark.parametrize(
    "content_type",
    ["application/rss+xml", "text/html", "text/plain", None, "application/x-gzip", "image/png"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_listings_are_told_by_their_bytes(tmp_path: Path, content_type: str | None, packed: bool) -> None:
    outcome = outcome_of(tmp_path, response(gzip.compress(FEED) if packed else FEED, content_type))
    assert outcome.kind is Kind.LISTING
    assert [link.url for link in outcome.links] == ["https://news.example.org/1"]


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "reason"),
    [
        (ARTICLE, "text/html", Kind.ARTICLE, ""),
        (ARTICLE, "application/xhtml+xml", Kind.ARTICLE, ""),
        (ARTICLE, None, Kind.ARTICLE, ""),
        (ARTICLE, "text/plain", Kind.ARTICLE, ""),
        (b"\xef\xbb\xbf<!-- x -->\n" + ARTICLE, None, Kind.ARTICLE, ""),
        (ARTICLE.decode().encode("utf-16"), None, Kind.ARTICLE, ""),
        (ARTICLE, "application/json", Kind.OTHER, "application/json"),
        (b"just text", "text/plain", Kind.OTHER, "text/plain"),
        (b"body { color: red }", "text/css", Kind.OTHER, "text/css"),
        (b"\x89PNG\r\n\x1a\n....", "text/html", Kind.OTHER, "image/png"),
        (b"%PDF-1.7 ....", "application/octet-stream", Kind.OTHER, "application/pdf"),
        (b"\x00\x01\x02", None, Kind.OTHER, "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", Kind.OTHER, "image/svg+xml"),
        (b"", "text/html", Kind.EMPTY, "no content"),
        (b" \n ", "text/html", Kind.EMPTY, "no content"),
    ],
)
def test_resources(tmp_path: Path, body: bytes, content_type: str | None, kind: Kind, reason: str) -> None:
    outcome = outcome_of(tmp_path, response(body, content_type))
    assert (outcome.kind, outcome.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(ARTICLE)),
        ("zstd", zstandard.compress(ARTICLE)),
        ("x-gzip, gzip", gzip.compress(gzip.compress(ARTICLE))),
    ],
)
def test_content_codings_are_undone(tmp_path: Path, coding: str, packed: bytes) -> None:
    assert (
        outcome_of(tmp_path, response(packed, "text/html", f"Content-Encoding: {coding}")).kind
        is Kind.ARTICLE
    )


def test_a_body_that_does_not_decode_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(ARTICLE)
    cut = outcome_of(tmp_path, response(packed[:-30], "text/html", "Content-Encoding: gzip"))
    assert any("gzip" in words for words in cut.evidence)
    nothing = outcome_of(tmp_path, response(packed[:5], "text/html", "Content-Encoding: gzip"))
    assert nothing.kind is Kind.EMPTY
    assert "gzip" in nothing.reason


def test_a_bomb_is_decoded_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAX_PAYLOAD_BYTES", 10_000)
    packed = gzip.compress(b"\x01" * 5_000_000)
    outcome = outcome_of(tmp_path, response(packed, "application/octet-stream", "Content-Encoding: gzip"))
    assert outcome.kind is Kind.OTHER
    assert any("10000" in words for words in outcome.evidence)


def test_a_truncated_capture_says_so(tmp_path: Path) -> None:
    raw = response(ARTICLE)[:-100]
    writer = WarcWriter(tmp_path, prefix="test", hostname="host", info={}, max_size=10**9)
    ref = writer.write(
        Exchange(URL, REQUEST, io.BytesIO(raw), len(raw), datetime.now(UTC), truncated="disconnect")
    ).ref
    writer.close()
    outcome = examine(str(tmp_path / ref.file), ref.offset).outcome
    assert outcome.kind is Kind.ARTICLE
    assert "truncated: disconnect" in outcome.evidence


def test_what_is_no_http(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, b"SSH-2.0-OpenSSH_9.2\r\n")
    assert outcome.kind is Kind.FAILED
    assert "status line" in outcome.reason


def test_the_entry_names_the_file_as_it_will_be_called(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, prefix="test", hostname="host", info={}, max_size=10**9)
    raw = response(ARTICLE)
    discovery = Discovery(via="https://news.example.org/feed", hops="M", title="Rain")
    written = writer.write(
        Exchange(URL, REQUEST, io.BytesIO(raw), len(raw), datetime.now(UTC), discovery=discovery)
    )
    [still_open] = tmp_path.glob("*.open")
    examination = examine(str(still_open), written.ref.offset)
    writer.close()
    assert examination.entry.ref == written.ref
    assert examination.entry.discovery == discovery
    assert examination == examine(str(tmp_path / written.ref.file), written.ref.offset)


def test_no_capture_there(tmp_path: Path) -> None:
    [(path, offset)] = store(tmp_path, [(URL, response(ARTICLE))])
    with pytest.raises(CaptureNotFound):
        examine(str(path), 0)
    with pytest.raises(CaptureNotFound):
        examine(str(path), 10**9)
    with pytest.raises(CaptureNotFound):
        examine(str(tmp_path / "none.warc.gz"), offset)
