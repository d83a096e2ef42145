"""Whole crawls by the commands, from outside: what the sockets of the other side carried is what lies in the WARC files."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from archive.collection import Collection
from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Record
from archive.warc.stored import StoredCapture
from tests.patience import PATIENCE_S
from tests.site.awkward import CHUNKED, HTML, OK, chunks, coded, page
from tests.site.certs import make_tls
from tests.site.command import palmyra
from tests.site.crawling import ROOT, run
from tests.site.raw import RawServer, Reply, Script, response
from tests.site.strict import faults

Exchanges = list[tuple[bytes, bytes]]

LINKED: dict[str, Reply | bytes] = {
    "/chunked": CHUNKED + b"\r\n" + chunks(page("chunked")) + b"0\r\nX-Trailer: 1\r\n\r\n",
    "/http10": Reply([b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", page("old")], "close"),
    "/interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + response(page("final"), HTML),
    "/moved": response(b"", b"Location: /moved-again", status=b"301 Moved Permanently"),
    "/gone": response(page("gone"), HTML, status=b"410 Gone"),
    "/latin-1": b"HTTP/1.1 200 D\xe9j\xe0\r\nX: caf\xe9\r\nContent-Length: 1\r\n\r\n\xff",
    "/short": Reply([OK + HTML + b"\r\nContent-Length: 500\r\n\r\n" + page("short")], "close"),
    "/caf%C3%A9?q=%C3%A9": response(page("a name that is no ASCII"), HTML),
}
HOPS = {
    "/moved-again": response(b"moved", b"Location: /end", status=b"302 Found"),
    "/end": response(page("the end"), HTML),
}


class _Paths(dict[str, Reply | bytes | Sequence[Reply | bytes]]):
    def __missing__(self, path: str) -> bytes:
        return response(b"", status=b"404 Not Found")


def site() -> Script:
    front = "".join(f'<a href="{path}">{path}</a> ' for path in LINKED)
    return _Paths(
        {"/": response(f"<!doctype html><title>Front</title>{front}".encode(), HTML), **LINKED, **HOPS}
    )


def configured(folder: Path, **options: object) -> None:
    lines = [f"{name} = {value!r}\n".replace("'", '"') for name, value in options.items()]
    (folder / "palmyra.toml").write_text("".join(lines))


def crawl(folder: Path, url: str) -> Collection:
    flags = ("--collection", folder / "news", "--allow-private", "--delay", "0")
    done = run("crawl", url, *flags, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return Collection(folder / "news")


def captures(collection: Collection) -> Iterator[StoredCapture]:
    for path in collection.warc_files():
        for span in iter_captures(path):
            yield read_capture(path, span.offset)


def kept(collection: Collection) -> Exchanges:
    """Request and answer, interim responses included, of every capture: blocks, and of revisits the original's body."""
    found, bodies = [], {}
    for capture in captures(collection):
        assert capture.request is not None
        answer = capture.message().read()
        if capture.record.type == "revisit":
            answer += bodies[capture.record.get("WARC-Refers-To")]
        bodies[f"<{capture.record.record_id}>"] = answer.partition(b"\r\n\r\n")[2]
        found.append((capture.request.block.read(), capture.fetch_metadata.interim + answer))
    return found


def records(collection: Collection, kind: str) -> list[Record]:
    found = (each for path in collection.warc_files() for each in iter_records(path))
    return [each for each in found if isinstance(each, Record) and each.type == kind]


def assert_whole(collection: Collection, sent: Exchanges) -> None:
    """Every exchange is one capture, to the byte, and nothing else is; no judge of ours objects."""
    assert Counter(kept(collection)) == Counter(sent)
    assert len(sent) >= len(LINKED) + len(HOPS) + 1
    assert [fault for path in collection.warc_files() for fault in faults(path)] == []
    result = palmyra("verify", "--collection", collection.root)
    assert (result.code, result.error) == (0, ""), result.out.decode()


def of_origin(exchanges: Exchanges) -> Exchanges:
    """What the origin would have got of what a forwarding proxy got (RFC 9112, section 3.2.2)."""
    found = []
    for request, answer in exchanges:
        line, _, rest = request.partition(b"\r\n")
        method, target, version = line.split(b" ")
        path = re.sub(rb"^http://[^/]+", b"", target)
        fields = re.sub(rb"(?i)proxy-[a-z-]+: [^\r]*\r\n", b"", rest)
        found.append((b" ".join([method, path, version]) + b"\r\n" + fields, answer))
    return found


def test_plain_on_connections_that_are_kept(tmp_path: Path) -> None:
    configured(tmp_path, tries=1)
    with RawServer(site()) as server:
        collection = crawl(tmp_path, server.url("/"))
        sent = server.exchanges
        shared = [len(log.requests) for log in server.connections]
    assert_whole(collection, sent)
    assert max(shared) > 2
    for kind in ("response", "request"):
        for record in records(collection, kind):
            assert record.get("WARC-IP-Address") == "127.0.0.1"
            assert record.get_all("WARC-Protocol") in (["http/1.1"], ["http/1.0"])
            assert record.get("WARC-Cipher-Suite") is None


def test_under_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = make_tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    configured(tmp_path, tries=1)
    with RawServer(site(), tls=tls.server) as server:
        collection = crawl(tmp_path, server.url("/", "localhost"))
        sent = server.exchanges
    assert_whole(collection, sent)
    for kind in ("response", "request"):
        for record in records(collection, kind):
            assert (record.target_uri or "").startswith("https://localhost:")
            assert record.get_all("WARC-Protocol")[1:] == ["tls/1.3"]
            assert (record.get("WARC-Cipher-Suite") or "").startswith("TLS_AES_")


def test_by_a_proxy_that_forwards(tmp_path: Path) -> None:
    with RawServer(site()) as proxy:
        configured(tmp_path, tries=1, proxy=f"http://user:pass@127.0.0.1:{proxy.port}")
        collection = crawl(tmp_path, "http://news.example/")
        sent = proxy.exchanges
    assert all(request.startswith(b"GET http://news.example/") for request, _ in sent)
    assert all(b"\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n" in request for request, _ in sent)
    assert_whole(collection, of_origin(sent))
    assert {record.get("WARC-IP-Address") for record in records(collection, "response")} == {None}
    assert b"dXNlcjpwYXNz" not in b"".join(request for request, _ in kept(collection))


def test_through_the_tunnel_of_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = make_tls(tmp_path, "news.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with RawServer(site(), tunnel=tls.server) as proxy:
        configured(tmp_path, tries=1, proxy=f"http://user:pass@127.0.0.1:{proxy.port}")
        collection = crawl(tmp_path, "https://news.example/")
        sent, connects = proxy.exchanges, proxy.connects
    assert all(connect.startswith(b"CONNECT news.example:443 HTTP/1.1\r\n") for connect in connects)
    assert_whole(collection, sent)
    assert not [request for request, _ in kept(collection) if b"CONNECT" in request or b"roxy" in request]
    assert {record.get("WARC-IP-Address") for record in records(collection, "response")} == {None}


OWN_SPIDER = """
import scrapy


class Own(scrapy.Spider):
    name = "own"

    async def start(self):
        yield scrapy.Request(BASE + "/form", method="POST", body=b"a=1&b=%C3%A9", dont_filter=True)
        yield scrapy.Request(BASE + "/head", method="HEAD", callback=self.parse)
        yield scrapy.Request(BASE + "/empty", method="POST", callback=self.parse)
        yield scrapy.Request(BASE + "/unsteady", callback=self.parse)
        yield scrapy.Request(BASE + "/torn", callback=self.parse)
        yield scrapy.Request(BASE + "/never", callback=self.parse)

    def parse(self, response):
        yield {"url": response.url, "status": response.status}
        if response.url.endswith("/form"):
            yield response.follow("/next", headers={"X-Own": "caf\\u00e9"})
"""


def test_the_requests_of_an_ordinary_spider(tmp_path: Path) -> None:
    """HEAD, POST, and each try of what fails: every one a capture of its own."""
    torn = Reply([OK + HTML + b"\r\nContent-Length: 99\r\n\r\n" + page("torn")], "reset")
    busy = response(b"busy", b"Retry-After: 0", status=b"503 Service Unavailable")
    script: Script = _Paths(
        {
            "/form": coded("/form", b"identity", page("posted")),
            "/head": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n",
            "/empty": b"HTTP/1.1 204 No Content\r\n\r\n",
            "/unsteady": [busy, response(page("at last"), HTML)],
            "/torn": [torn, response(page("mended"), HTML)],
            "/never": response(b"broken", status=b"502 Bad Gateway"),
            "/next": response(page("next"), HTML),
        }
    )
    with RawServer(script) as server:
        (tmp_path / "own.py").write_text(OWN_SPIDER.replace("BASE", repr(server.url(""))))
        settings = {
            "COLLECTION": tmp_path / "news", "ALLOW_PRIVATE": 1, "DELAY": 0, "RETRY_DELAY": 0.1, "TRIES": 3,
        }  # fmt: skip
        given = [word for name, value in settings.items() for word in ("-s", f"PALMYRA_{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "runspider", "own.py", *given, "-O", "items.jsonl"]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        sent = server.exchanges
    collection = Collection(tmp_path / "news")
    assert Counter(kept(collection)) == Counter(sent)
    asked = Counter(tuple(request.split(b" ", 2)[:2]) for request, _ in sent)
    tries = {b"/unsteady": 2, b"/torn": 2, b"/never": 3, b"/next": 1, b"/head": 0}
    assert {path: asked[b"GET", path] for path in tries} == tries
    assert {asked[b"POST", b"/form"], asked[b"POST", b"/empty"], asked[b"HEAD", b"/head"]} == {1}
    assert [request for request, _ in kept(collection) if request.endswith(b"\r\n\r\na=1&b=%C3%A9")]
    assert [fault for path in collection.warc_files() for fault in faults(path)] == []
    assert palmyra("verify", "--collection", collection.root).code == 0
