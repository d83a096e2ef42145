"""A real crawl of a misbehaving site: every byte of both directions is in the archive, and other readers find it there."""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import CaptureRow
from archive.errors import HttpFormatError
from archive.http import decode_payload, entity_body
from archive.outcome import Kind
from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Record
from archive.warc.stored import StoredCapture
from tests.site.awkward import BOMB_BYTES, CUT, MOST_BYTES, REDIRECTS, TIMEOUT_S, WHOLE, awkward_site
from tests.site.command import palmyra
from tests.site.crawling import ROOT, crawl
from tests.site.raw import RawServer
from tests.site.strict import faults
from tests.site.wayback import fetch, serving


@dataclass(frozen=True)
class Crawled:
    """A crawl of the awkward site, and what the server's sockets carried: (request, answer) of each exchange."""

    collection: Collection
    base: str
    exchanges: list[tuple[bytes, bytes]]

    def stored(self) -> list[StoredCapture]:
        return [
            read_capture(path, span.offset)
            for path in self.collection.warc_files()
            for span in iter_captures(path)
        ]

    def row(self, path: str) -> CaptureRow:
        with Catalog.open(self.collection.catalog_path, readonly=True) as catalog:
            return catalog.captures_of(self.base + path)[0]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("awkward")
    (folder / "palmyra.toml").write_text(
        f"timeout = {TIMEOUT_S}\nmax_response_size = {MOST_BYTES}\ntries = 1\n"
    )
    with RawServer(awkward_site()) as server:
        crawl(folder, server.url("/"))
        exchanges = server.exchanges
        return Crawled(Collection(folder / "news"), server.url(""), exchanges)


def message(capture: StoredCapture) -> bytes:
    """What came, interim responses included."""
    file = capture.message()
    file.seek(0)
    return capture.fetch_metadata.interim + file.read()


def request(capture: StoredCapture) -> bytes:
    assert capture.request is not None
    capture.request.block.seek(0)
    return capture.request.block.read()


def test_every_byte_of_both_directions_is_kept(crawled: Crawled) -> None:
    served = Counter(crawled.exchanges)
    kept = Counter((request(capture), message(capture)) for capture in crawled.stored())
    cut = [(asked, data) for asked, data in (kept - served)]
    assert served - kept == Counter({pair: 1 for pair in crawled.exchanges if pair[0] in dict(cut)})
    for asked, data in cut:
        [sent] = [answer for each, answer in crawled.exchanges if each == asked]
        assert asked.startswith(b"GET /too-long ")
        assert sent.startswith(data)
        assert len(data) == MOST_BYTES


def test_every_address_was_asked_for_once(crawled: Crawled) -> None:
    asked = Counter(request.split(b" ", 2)[1] for request, _ in crawled.exchanges)
    assert max(asked.values()) == 1
    assert len(asked) >= len(WHOLE) + len(REDIRECTS) + len(CUT) + 2


@pytest.mark.parametrize("path", CUT)
def test_what_was_cut_says_why(crawled: Crawled, path: str) -> None:
    assert crawled.row(path).entry.truncated == CUT[path][1]


@pytest.mark.parametrize("path", [path for path in WHOLE if path.isascii()])
def test_what_came_whole_is_not_called_cut(crawled: Crawled, path: str) -> None:
    assert crawled.row(path).entry.truncated is None


def test_each_hop_is_a_capture_of_its_own(crawled: Crawled) -> None:
    hops = [crawled.row(path).entry for path in ("/301", "/302", "/307", "/end")]
    assert [hop.status for hop in hops] == [301, 302, 307, 200]
    assert [hop.discovery.hops for hop in hops] == ["L", "LR", "LRR", "LRRR"]
    assert [hop.discovery.via for hop in hops[1:]] == [hop.url for hop in hops[:-1]]


@pytest.mark.parametrize(
    "path", ["/bad-gzip", "/not-gzip", "/http09", *(path for path in CUT if path != "/too-long")]
)
def test_what_does_not_decode_is_kept_and_said(crawled: Crawled, path: str) -> None:
    assert crawled.row(path).kind in (Kind.EMPTY, Kind.SECTION, Kind.FAILED, Kind.OTHER)


@pytest.mark.parametrize("path", ["/bomb", "/bomb-twice"])
def test_bombs_are_kept_as_they_came_and_decoded_in_part(crawled: Crawled, path: str) -> None:
    row = crawled.row(path)
    assert row.entry.length < 100_000
    assert row.kind in (Kind.EMPTY, Kind.FAILED, Kind.OTHER)


def test_verify_finds_everything_whole(crawled: Crawled) -> None:
    result = palmyra("verify", "--collection", crawled.collection.root)
    assert (result.code, result.error) == (0, ""), result.out.decode()


def test_the_files_are_what_the_standard_says(crawled: Crawled) -> None:
    assert {path.name: faults(path) for path in crawled.collection.warc_files()} == {
        path.name: [] for path in crawled.collection.warc_files()
    }


def test_extract_gives_the_same_again(crawled: Crawled, tmp_path: Path) -> None:
    copy = Collection(tmp_path / "copy")
    shutil.copytree(crawled.collection.archive, copy.archive)
    assert palmyra("extract", "--collection", copy.root, "--quiet").code == 0
    with (
        Catalog.open(copy.catalog_path, readonly=True) as derived,
        Catalog.open(crawled.collection.catalog_path, readonly=True) as live,
    ):
        assert list(derived.captures()) == list(live.captures())
    assert copy.index_path.read_bytes() == crawled.collection.index_path.read_bytes()


def raw_blocks(collection: Collection) -> list[tuple[str, bytes]]:
    """Record id and block of every record, as our own reader has them."""
    found = (each for path in collection.warc_files() for each in iter_records(path))
    return [(each.record_id, each.block.read()) for each in found if isinstance(each, Record)]


def test_warcio_reads_the_same_bytes(crawled: Crawled) -> None:
    read = []
    for path in crawled.collection.warc_files():
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                own = record.rec_headers.get_header("WARC-Record-ID").strip("<>")
                read.append((own, record.raw_stream.read()))
    assert read == raw_blocks(crawled.collection)


def test_fastwarc_reads_the_same_bytes(crawled: Crawled) -> None:
    read = []
    for path in crawled.collection.warc_files():
        with path.open("rb") as file:
            records = FastIterator(file, parse_http=False, auto_decode="none")
            read += [(record.record_id.strip("<>"), record.reader.read()) for record in records]
    assert read == raw_blocks(crawled.collection)


def test_warcio_js_reads_the_same_bytes(crawled: Crawled) -> None:
    modules = ROOT / ".venv-node" / "node_modules"
    node = shutil.which("node")
    if node is None or not modules.is_dir():
        pytest.skip("warcio.js is not installed: `make test` does it where there is npm")
    script = Path(__file__).parent.parent / "site" / "read_warc.mjs"
    read = []
    for path in crawled.collection.warc_files():
        done = subprocess.run([node, script, modules, path], capture_output=True, text=True, check=True)
        read += [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["id"].strip("<>"), each["block"]) for each in read] == [
        (own, hashlib.sha1(block).hexdigest()) for own, block in raw_blocks(crawled.collection)
    ]


def test_py_wacz_takes_the_export(crawled: Crawled, tmp_path: Path) -> None:
    package = tmp_path / "news.wacz"
    assert palmyra("export", "wacz", package, "--collection", crawled.collection.root).code == 0
    assert palmyra("verify", package).code == 0
    wacz = Path(sys.executable).with_name("wacz")
    done = subprocess.run([wacz, "validate", "-f", package], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


PYWB_DIFFERS = {
    "/304": "fails over a 304 that announces a body",
    "/chunked": "takes trailers for content",
    "/bad-chunk": "takes what follows a broken chunk for content",
    "/two-lengths": "sends as much as the first length says",
    "/http09": "needs a status line",
    "/circle": "refuses redirects to the same address",
}
"""What of the site pywb (2.10) serves in another way than it was sent, and why. All else it serves to the byte."""


def test_pywb_serves_what_was_sent(crawled: Crawled, tmp_path: Path) -> None:
    (tmp_path / "collections").mkdir()
    (tmp_path / "collections" / "news").symlink_to(crawled.collection.root)
    wrong = set()
    with serving(tmp_path) as address:
        for capture in crawled.stored():
            url = capture.record.target_uri or ""
            status, body = fetch(f"{address}/news/{capture.record.date:%Y%m%d%H%M%S}id_/{url}")
            if status != status_of(capture) or body not in bodies_of(capture):
                wrong.add(url.removeprefix(crawled.base))
    assert wrong == set(PYWB_DIFFERS)


def status_of(capture: StoredCapture) -> int | None:
    try:
        return capture.http_head.status
    except HttpFormatError:
        return None


def bodies_of(capture: StoredCapture) -> set[bytes]:
    """The body as it was sent, without its transfer coding, and without its content codings too."""
    try:
        head, body = capture.http_head, capture.body().read()
    except HttpFormatError:
        return set()
    limit = BOMB_BYTES + 1
    return {b"".join(entity_body(head, body)), decode_payload(head, body, limit=limit).data}


def test_nothing_is_left_running(crawled: Crawled) -> None:
    port = int(crawled.base.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
