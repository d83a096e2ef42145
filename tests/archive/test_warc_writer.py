"""What the writer leaves on disk, held against the standard by hand and against readers that others wrote."""

import fcntl
import gzip
import hashlib
import os
import re
import tracemalloc
from base64 import b32encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.capture import Digest, Discovery
from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Record
from archive.warc.verify import verify_file
from archive.warc.writer import Original, WarcWriter
from tests.archive.warc_samples import DATE, PAGE, REQUEST, RESPONSE, exchange, members, sample, writer

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
    b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
)
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
AWKWARD = [
    b"HTTP/1.1 200 OK\r\nset-cookie:a=1\r\nSet-Cookie: a=2\r\nX-Odd:  caf\xe9\r\n folded\r\n\r\nbody",
    b"HTTP/1.0 200\n\nbare line feeds",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nContent-Enco",
    b"\x00\x01 no HTTP at all",
    CHUNKED,
    CHUNKED[:-20],
    b"HTTP/1.1 200 OK\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n\r\n\r\n",
]


def sha1(data: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


def by_type(path: Path) -> dict[str, Record]:
    found = [record for record in iter_records(path) if isinstance(record, Record)]
    return {record.type: record for record in found}


def test_a_file_to_the_byte(tmp_path: Path) -> None:
    path = sample(tmp_path)
    warcinfo, response, request, metadata = [content for _, content in members(path.read_bytes())]
    ids = re.findall(rb"WARC-Record-ID: (<urn:uuid:[0-9a-f-]{36}>)\r\n", gzip.decompress(path.read_bytes()))
    assert len(set(ids)) == 4
    common = b"WARC-Target-URI: http://example.com/a\r\nWARC-Date: 2026-11-22T09:33:00.123456Z\r\n"
    info = warcinfo.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    assert info == (
        b"software: palmyra/test\r\nformat: WARC File Format 1.1\r\n"
        b"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        b"hostname: host.example\r\noperator: Zo\xc3\xab\r\n"
    )
    assert warcinfo.startswith(b"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: %s\r\n" % ids[0])
    assert b"\r\nWARC-Filename: %s\r\n" % path.name.encode() in warcinfo
    assert response == (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: %s\r\nWARC-Warcinfo-ID: %s\r\n"
        % (ids[1], ids[0])
        + common
        + b"Content-Type: application/http; msgtype=response\r\n"
        + b"WARC-IP-Address: 192.0.2.7\r\nWARC-Protocol: http/1.1\r\n"
        + f"WARC-Payload-Digest: {sha1(PAGE)}\r\nWARC-Block-Digest: {sha1(RESPONSE)}\r\n".encode()
        + b"Content-Length: %d\r\n\r\n" % len(RESPONSE)
        + RESPONSE
        + b"\r\n\r\n"
    )
    assert request == (
        b"WARC/1.1\r\nWARC-Type: request\r\nWARC-Record-ID: %s\r\nWARC-Warcinfo-ID: %s\r\n" % (ids[2], ids[0])
        + b"WARC-Concurrent-To: %s\r\n" % ids[1]
        + common
        + b"Content-Type: application/http; msgtype=request\r\n"
        + b"WARC-IP-Address: 192.0.2.7\r\nWARC-Protocol: http/1.1\r\n"
        + f"WARC-Block-Digest: {sha1(REQUEST)}\r\nContent-Length: {len(REQUEST)}\r\n\r\n".encode()
        + REQUEST
        + b"\r\n\r\n"
    )
    block = (
        b"via: http://example.com/feed.xml\r\npalmyra-source: Example\r\npalmyra-listed: 2026-11-21\r\n"
        b"palmyra-title: A & B\r\nhopsFromSeed: M\r\nfetchTimeMs: 12\r\n"
    )
    assert metadata == (
        b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: %s\r\nWARC-Warcinfo-ID: %s\r\n"
        % (ids[3], ids[0])
        + b"WARC-Concurrent-To: %s\r\n" % ids[1]
        + common
        + b"Content-Type: application/warc-fields\r\n"
        + f"WARC-Block-Digest: {sha1(block)}\r\nContent-Length: {len(block)}\r\n\r\n".encode()
        + block
        + b"\r\n\r\n"
    )


def test_what_write_returns_is_where_it_lies(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        written = [warc.write(exchange()), warc.write(exchange("http://example.com/b"))]
    (path,) = tmp_path.iterdir()
    spans = list(iter_captures(path))
    assert [(each.ref.offset, each.end) for each in written] == spans
    assert spans[-1].end == path.stat().st_size
    for each in written:
        stored = read_capture(path, each.ref.offset)
        assert each.ref.file == path.name
        assert each.ref.record_id == stored.record.record_id
        assert (each.length, each.record_type) == (stored.record.length, "response")
        assert each.payload_digest == Digest.of(PAGE)


@pytest.mark.parametrize("response", AWKWARD)
def test_awkward_responses_are_kept_byte_for_byte(tmp_path: Path, response: bytes) -> None:
    path = sample(tmp_path, exchange(response=response))
    assert by_type(path)["response"].block.read() == response
    with path.open("rb") as stream:
        blocks = [record.raw_stream.read() for record in ArchiveIterator(stream, no_record_parse=True)]
    assert blocks[1:3] == [response, REQUEST]
    with path.open("rb") as stream:
        found = FastIterator(
            stream, record_types=WarcRecordType.response, parse_http=False, auto_decode="none"
        )
        assert [record.reader.read() for record in found] == [response]
    assert [finding.code for finding in verify_file(path) if finding.severity == "error"] == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.binary(max_size=200), st.binary(min_size=1, max_size=400)), min_size=1, max_size=4)
)
def test_any_bytes_come_back(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[bytes, bytes]]
) -> None:
    directory = tmp_path_factory.mktemp("any")
    path = sample(directory, *(exchange(request=request, response=response) for request, response in bodies))
    stored = [read_capture(path, span.offset) for span in iter_captures(path)]
    assert [
        (each.request and each.request.block.read(), each.record.block.read()) for each in stored
    ] == bodies


def test_the_payload_digest_leaves_transfer_coding_out_and_content_coding_in(tmp_path: Path) -> None:
    coded = gzip.compress(PAGE, mtime=0)
    response = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n" % len(coded) + coded + b"\r\n0\r\n\r\n"
    )  # fmt: skip
    record = by_type(sample(tmp_path, exchange(response=response)))["response"]
    assert record.get("WARC-Payload-Digest") == sha1(coded)
    assert record.get("WARC-Block-Digest") == sha1(response)


def test_sha256_is_written_in_lower_case_hex(tmp_path: Path) -> None:
    with writer(tmp_path, digest="sha256") as warc:
        warc.write(exchange())
    (path,) = tmp_path.iterdir()
    for record in by_type(path).values():
        block = record.block.read()
        assert record.get("WARC-Block-Digest") == f"sha256:{hashlib.sha256(block).hexdigest()}"
    assert list(verify_file(path)) == []


def test_a_record_of_a_response_that_is_no_http_has_no_payload_digest(tmp_path: Path) -> None:
    record = by_type(sample(tmp_path, exchange(response=b"\x00\x01")))["response"]
    assert record.get("WARC-Payload-Digest") is None


def test_no_byte_of_a_response_leaves_request_and_metadata(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        written = warc.write(exchange(response=b"", truncated="disconnect"))
    (path,) = tmp_path.iterdir()
    found = by_type(path)
    assert set(found) == {"warcinfo", "request", "metadata"}
    assert found["metadata"].concurrent_to == (written.ref.record_id,) == (found["request"].record_id,)
    assert (written.record_type, written.payload_digest) == ("request", None)
    assert list(iter_captures(path)) == []
    assert list(verify_file(path)) == []


@pytest.mark.parametrize("reason", ["length", "time", "disconnect", "unspecified"])
def test_what_was_cut_short_says_so(tmp_path: Path, reason: Any) -> None:
    path = sample(tmp_path, exchange(response=RESPONSE[:150], truncated=reason))
    found = by_type(path)
    assert found["response"].get("WARC-Truncated") == reason
    assert found["request"].get("WARC-Truncated") is None
    (span,) = iter_captures(path)
    assert read_capture(path, span.offset).entry("x").truncated == reason


def test_connection_facts_stand_on_both_messages(tmp_path: Path) -> None:
    facts: dict[str, Any] = {
        "ip": "2001:db8::1",
        "protocols": ("http/1.1", "tls/1.3"),
        "cipher_suite": "TLS_AES_128_GCM_SHA256",
    }
    found = by_type(sample(tmp_path, exchange(**facts)))
    for kind in ("response", "request"):
        assert found[kind].get("WARC-IP-Address") == "2001:db8::1"
        assert found[kind].get_all("WARC-Protocol") == ["http/1.1", "tls/1.3"]
        assert found[kind].get("WARC-Cipher-Suite") == "TLS_AES_128_GCM_SHA256"
    assert found["metadata"].get("WARC-Protocol") is None


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Discovery,
        via=st.none() | st.text(max_size=30),
        hops=st.text(max_size=5),
        source=st.none() | st.text(max_size=30),
        listed=st.none() | st.text(max_size=30),
        title=st.none() | st.text(st.characters(), max_size=90),
    ),
    st.binary(max_size=50),
)
def test_discovery_comes_back_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, discovery: Discovery, interim: bytes
) -> None:
    path = sample(tmp_path_factory.mktemp("d"), exchange(discovery=discovery, interim=interim))
    (span,) = iter_captures(path)
    stored = read_capture(path, span.offset)
    assert stored.discovery == discovery
    assert stored.fetch_metadata.interim == interim
    assert stored.fetch_metadata.fetch_time_ms == 12
    assert list(verify_file(path)) == []


@pytest.mark.parametrize(
    ("url", "written"),
    [
        (
            "http://example.com/\r\nWARC-Type: request\r\n\r\nx",
            "http://example.com/%0D%0AWARC-Type:%20request%0D%0A%0D%0Ax",
        ),
        ("http://example.com/Zürich?q=a b", "http://example.com/Z%C3%BCrich?q=a%20b"),
        ("http://example.com/" + "a" * 70_000, "http://example.com/" + "a" * 70_000),
    ],
)
def test_no_url_breaks_out_of_its_field(tmp_path: Path, url: str, written: str) -> None:
    path = sample(tmp_path, exchange(url))
    assert [record.target_uri for record in by_type(path).values()][1:] == [written] * 3
    with path.open("rb") as stream:
        assert [r.rec_headers.get_header("WARC-Target-URI") for r in ArchiveIterator(stream)][1:] == [
            written
        ] * 3


@pytest.mark.parametrize("value", ["x\r\nWARC-Type: y", "x\ny"])
def test_what_the_connection_says_cannot_inject_fields_either(tmp_path: Path, value: str) -> None:
    with writer(tmp_path) as warc:
        first = warc.write(exchange())
        with pytest.raises(ValueError, match="not a named field"):
            warc.write(exchange(cipher_suite=value))
        assert warc.write(exchange()).ref.offset == first.end


class TestRevisits:
    ORIGINAL = Original("http://example.com/ä", DATE - timedelta(days=1), "urn:uuid:1", Digest.of(PAGE))

    def test_an_identical_payload_keeps_the_head_alone(self, tmp_path: Path) -> None:
        with writer(tmp_path) as warc:
            written = warc.write(exchange(), original=self.ORIGINAL)
        (path,) = tmp_path.iterdir()
        record = by_type(path)["revisit"]
        assert written.record_type == "revisit"
        assert record.block.read() == RESPONSE[: RESPONSE.index(b"<")]
        assert (
            record.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        )
        assert record.get("WARC-Refers-To") == "<urn:uuid:1>"
        assert record.get("WARC-Refers-To-Target-URI") == "http://example.com/%C3%A4"
        assert record.get("WARC-Refers-To-Date") == "2026-11-21T09:33:00.123456Z"
        assert record.get("WARC-Payload-Digest") == sha1(PAGE)
        assert record.get("WARC-Truncated") == "length"
        entry = read_capture(path, written.ref.offset).entry(path.name)
        assert (entry.type, entry.status, entry.mime) == ("revisit", 200, "text/html")
        assert entry.refers_to_url == "http://example.com/%C3%A4"
        assert entry.refers_to_date == self.ORIGINAL.date

    def test_a_payload_seen_before_is_looked_up_by_its_digest(self, tmp_path: Path) -> None:
        asked: list[Digest] = []

        def seen(digest: Digest) -> Original:
            asked.append(digest)
            return self.ORIGINAL

        with writer(tmp_path) as warc:
            assert warc.write(exchange(), seen=seen).record_type == "revisit"
            assert warc.write(exchange(), seen=lambda _: None).record_type == "response"
        assert asked == [Digest.of(PAGE)]

    def test_not_modified_refers_to_what_was_validated(self, tmp_path: Path) -> None:
        with writer(tmp_path) as warc:
            written = warc.write(exchange(response=NOT_MODIFIED), original=self.ORIGINAL)
        (path,) = tmp_path.iterdir()
        record = by_type(path)["revisit"]
        assert (record.block.read(), record.content_type) == (b"", None)
        assert record.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        assert record.get("WARC-Truncated") == "length"
        assert record.get("WARC-Payload-Digest") == sha1(PAGE)
        assert written.payload_digest == Digest.of(PAGE)
        stored = read_capture(path, written.ref.offset)
        assert stored.fetch_metadata.response == stored.message().read() == NOT_MODIFIED
        assert (stored.http_head.status, stored.http_head.get(b"etag")) == (304, b'"a"')
        assert stored.body().read() == b""
        assert stored.entry(path.name).status == 304
        with path.open("rb") as stream:
            theirs = [(found.rec_type, found.http_headers) for found in ArchiveIterator(stream)]
        assert theirs[1] == ("revisit", None)

    @pytest.mark.parametrize(
        "case",
        [
            {"response": RESPONSE.replace(b"council", b"Council")},
            {"truncated": "time"},
            {"response": b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"},
            {"response": b"no HTTP"},
        ],
        ids=["another payload", "cut short", "no payload", "no head"],
    )
    def test_everything_else_is_kept_whole(self, tmp_path: Path, case: dict[str, Any]) -> None:
        given = exchange(**case)
        with writer(tmp_path) as warc:
            assert warc.write(given, original=self.ORIGINAL).record_type == "response"
        (path,) = tmp_path.iterdir()
        given.response.seek(0)
        assert by_type(path)["response"].block.read() == given.response.read()

    def test_a_304_without_an_original_is_a_response(self, tmp_path: Path) -> None:
        assert (
            by_type(sample(tmp_path, exchange(response=NOT_MODIFIED)))["response"].block.read()
            == NOT_MODIFIED
        )

    def test_an_empty_payload_is_never_looked_up(self, tmp_path: Path) -> None:
        def seen(_: Digest) -> Original:
            raise AssertionError

        with writer(tmp_path) as warc:
            warc.write(exchange(response=b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"), seen=seen)


class TestFiles:
    NAME = re.compile(r"TEST-\d{17}-\d{5}-host\.example\.warc\.gz")

    def test_the_name_says_open_until_it_is_closed(self, tmp_path: Path) -> None:
        warc = writer(tmp_path)
        assert list(tmp_path.iterdir()) == []
        written = warc.write(exchange())
        (path,) = tmp_path.iterdir()
        assert path.name == written.ref.file + ".open"
        warc.close()
        (path,) = tmp_path.iterdir()
        assert path.name == written.ref.file
        assert self.NAME.fullmatch(path.name)

    def test_an_open_file_is_locked(self, tmp_path: Path) -> None:
        with writer(tmp_path) as warc:
            warc.write(exchange())
            (path,) = tmp_path.iterdir()
            descriptor = os.open(path, os.O_RDWR)
            with pytest.raises(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(descriptor)

    def test_what_is_open_can_be_read(self, tmp_path: Path) -> None:
        with writer(tmp_path) as warc:
            for url in ("http://example.com/a", "http://example.com/b"):
                written = warc.write(exchange(url))
                (path,) = tmp_path.iterdir()
                assert read_capture(path, written.ref.offset).record.target_uri == url
                assert list(iter_captures(path))[-1] == (written.ref.offset, written.end)

    def test_a_reader_that_knows_the_other_name_finds_the_file(self, tmp_path: Path) -> None:
        warc = writer(tmp_path)
        written = warc.write(exchange())
        (path,) = tmp_path.iterdir()
        warc.close()
        assert read_capture(path, written.ref.offset).record.record_id == written.ref.record_id

    def test_a_file_past_its_size_is_closed_between_captures(self, tmp_path: Path) -> None:
        with writer(tmp_path, max_size=2000) as warc:
            written = [warc.write(exchange(f"http://example.com/{n}")) for n in range(5)]
        names = sorted(path.name for path in tmp_path.iterdir())
        assert len(names) > 1
        assert sorted({each.ref.file for each in written}) == names
        for path in tmp_path.iterdir():
            assert next(iter(iter_records(path))).type == "warcinfo"  # type: ignore[union-attr]
            assert list(verify_file(path)) == []

    def test_a_file_past_its_age_is_closed(self, tmp_path: Path) -> None:
        with writer(tmp_path, max_age=0.0) as warc:
            assert len({warc.write(exchange()).ref.file for _ in range(3)}) == 3

    @pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(days=365), timedelta()])
    def test_names_sort_as_written_when_the_clock_jumps(self, tmp_path: Path, jump: timedelta) -> None:
        times = [datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC) + jump]
        clock = iter(time for time in times for _ in range(6))
        with writer(tmp_path, max_size=1, clock=lambda: next(clock)) as warc:
            names = [warc.write(exchange()).ref.file for _ in range(6)]
        assert names == sorted(names)
        assert len(set(names)) == 6
        with writer(tmp_path, clock=lambda: times[0] - timedelta(days=1)) as warc:
            assert warc.write(exchange()).ref.file > names[-1]

    def test_no_file_is_ever_overwritten(self, tmp_path: Path) -> None:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        first, second = (writer(tmp_path, clock=lambda: now) for _ in range(2))
        for warc in (first, second):
            warc.write(exchange())
        first.close()
        second.close()
        third = writer(tmp_path, clock=lambda: now)
        third.write(exchange())
        third.close()
        assert len(list(tmp_path.iterdir())) == 3

    @pytest.mark.parametrize("prefix", ["", "a/b", "../a", "a b", "-a", ".a", "a\n"])
    def test_a_prefix_that_is_no_file_name_is_refused(self, tmp_path: Path, prefix: str) -> None:
        with pytest.raises(ValueError, match="WARC prefix"):
            writer(tmp_path, prefix=prefix)

    def test_an_unknown_digest_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="sha1, sha256"):
            writer(tmp_path, digest="md5")

    def test_odd_host_names_make_valid_file_names(self, tmp_path: Path) -> None:
        with writer(tmp_path, hostname="my host/é") as warc:
            assert warc.write(exchange()).ref.file.endswith("-my_host_.warc.gz")


def test_a_large_response_costs_a_fixed_buffer(tmp_path: Path) -> None:
    size = 96 << 20
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with TemporaryFile() as response, writer(tmp_path) as warc:
        response.write(head)
        response.truncate(len(head) + size)
        tracemalloc.start()
        written = warc.write(replace(exchange(), response=response, response_length=len(head) + size))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 16 << 20
    (path,) = tmp_path.iterdir()
    record = read_capture(path, written.ref.offset).record
    assert record.content_length == len(head) + size
    record.block.seek(-1, os.SEEK_END)
    assert record.block.read() == b"\0"
    assert list(verify_file(path)) == []


def test_a_writer_without_captures_leaves_no_file(tmp_path: Path) -> None:
    warc = WarcWriter(tmp_path, prefix="P", hostname="h", info={})
    warc.sync()
    warc.close()
    assert list(tmp_path.iterdir()) == []
