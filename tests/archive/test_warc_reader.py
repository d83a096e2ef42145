"""Reading what others wrote: every container, every irregularity that real files have."""

import gzip
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.errors import ArchiveError, CaptureNotFound, HttpFormatError, WarcFormatError
from archive.warc.reader import iter_captures, iter_records, read_capture, read_record
from archive.warc.records import Loss, Record
from archive.warc.spool import SPOOL_BYTES, spooled
from tests.archive.warc_samples import DATE, PAGE, exchange, members, sample, uncompressed, writer

FILES = Path(__file__).parent / "warcs"
WHOLE = [
    "example.warc.gz",
    "example.warc",
    "example-iana.org-chunked.warc",
    "example-resource.warc.gz",
    "post-test.warc.gz",
]


def read(path: Path) -> list[Record | Loss]:
    return list(iter_records(path))


def records(path: Path) -> list[Record]:
    found = read(path)
    assert [each for each in found if isinstance(each, Loss)] == []
    return [each for each in found if isinstance(each, Record)]


def shape(path: Path) -> str:
    """Type, offset and length of everything found."""
    return ", ".join(
        f"{'loss' if isinstance(found, Loss) else found.type} {found.offset} {found.length}"
        for found in iter_records(path)
    )


@pytest.mark.parametrize("name", WHOLE)
def test_blocks_are_those_that_other_readers_find(name: str) -> None:
    path = FILES / name
    with path.open("rb") as stream:
        theirs = [
            (r.rec_headers.get_header("WARC-Record-ID"), r.raw_stream.read())
            for r in ArchiveIterator(stream, no_record_parse=True)
        ]
    assert [(f"<{each.record_id}>", each.block.read()) for each in records(path)] == theirs
    with path.open("rb") as stream:
        fast = [
            (r.headers["WARC-Record-ID"], r.reader.read())
            for r in FastIterator(stream, parse_http=False, auto_decode="none")
        ]
    assert fast == theirs


@pytest.mark.parametrize("name", WHOLE)
def test_offsets_and_lengths_cover_the_file(name: str) -> None:
    found = records(FILES / name)
    assert [each.offset for each in found[1:]] == [each.end for each in found[:-1]]
    assert (found[0].offset, found[-1].end) == (0, (FILES / name).stat().st_size)
    for each in found:
        assert read_record(FILES / name, each.offset).fields == each.fields


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example-wrong-chunks.warc.gz", "response 0 1130, request 1130 445"),
        (
            "example-trunc.warc",
            "warcinfo 0 488, warcinfo 488 709, response 1197 1363, loss 2560 6, request 2566 804",
        ),
        ("example-digest.warc", "request 0 922, request 922 918, request 1840 918, request 2758 914"),
        ("example.arc", "warcinfo 0 151, response 151 1657"),
        ("example.arc.gz", "warcinfo 0 171, response 171 856"),
        ("example-space-in-url.arc", "warcinfo 0 151, loss 151 1722"),
        ("bad.arc", "loss 0 202, response 202 60, loss 262 69"),
        ("mutliple-headers.warc", "response 0 1661"),
        (
            "example-bad-non-chunked.warc.gz",
            "warcinfo 0 0, warcinfo 0 0, response 0 0, request 0 0, revisit 0 0, request 0 0",
        ),
        (
            "example-bad.warc.gz.bad",
            "warcinfo 0 0, response 0 0, request 0 0, revisit 0 0, request 0 0, response 0 0",
        ),
    ],
)
def test_odd_files(name: str, expected: str) -> None:
    assert shape(FILES / name) == expected


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_nothing_makes_the_reader_raise(path: Path) -> None:
    found = read(path)
    assert found
    for span in iter_captures(path):
        stored = read_capture(path, span.offset)
        assert stored.entry(path.name).ref.offset == span.offset


def test_a_record_that_goes_on_in_the_next_members_is_whole() -> None:
    path = FILES / "example-wrong-chunks.warc.gz"
    stored = read_capture(path, 0)
    assert stored.body().read().endswith(b"</html>\n")
    assert stored.request is not None
    assert read_record(path, 1130).type == "request"


def test_target_uris_are_given_as_uris() -> None:
    assert {each.target_uri for each in records(FILES / "example-wget-bad-target-uri.warc.gz")} >= {
        "http://example.com/"
    }
    assert (
        records(FILES / "example-space-in-target-uri.warc.gz")[1].target_uri
        == "file:///example%20with%20spaces.png"
    )


def test_an_arc_record_reads_as_a_response() -> None:
    record = records(FILES / "example.arc.gz")[1]
    assert record.date == datetime(2014, 2, 16, 5, 2, 21, tzinfo=UTC)
    assert record.target_uri == "http://example.com/"
    assert record.get("WARC-IP-Address") == "93.184.216.119"
    entry = read_capture(FILES / "example.arc.gz", record.offset).entry("example.arc.gz")
    assert (entry.status, entry.mime) == (200, "text/html")
    assert records(FILES / "example.arc")[1].record_id == record.record_id


def test_requests_and_metadata_belong_to_the_capture_that_they_name(tmp_path: Path) -> None:
    path = sample(tmp_path, exchange(), exchange("http://example.com/b"))
    first, second = iter_captures(path)
    stored = read_capture(path, first.offset)
    assert stored.request is not None
    assert stored.metadata is not None
    assert {stored.request.concurrent_to, stored.metadata.concurrent_to} == {(stored.record.record_id,)}
    assert first.end == second.offset


def test_a_request_of_another_capture_is_not_taken(tmp_path: Path) -> None:
    data = [
        content
        for _, content in members(sample(tmp_path, exchange(), exchange("http://example.com/b")).read_bytes())
    ]
    warcinfo, response, _, _, _, other_request, _ = data
    path = tmp_path / "mixed.warc"
    path.write_bytes(warcinfo + response + other_request)
    (span,) = iter_captures(path)
    assert read_capture(path, span.offset).request is None
    assert span.end == len(warcinfo) + len(response)


def as_plain(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def as_one_member(path: Path) -> bytes:
    return gzip.compress(as_plain(path))


def as_blocks(path: Path) -> bytes:
    """Members of 100 bytes each, as bgzip makes them."""
    plain = as_plain(path)
    return b"".join(gzip.compress(plain[start : start + 100]) for start in range(0, len(plain), 100))


def as_zstd(path: Path) -> bytes:
    return b"".join(zstandard.compress(content) for _, content in members(path.read_bytes()))


def with_dictionary(compressed: bool) -> Callable[[Path], bytes]:
    def convert(path: Path) -> bytes:
        plain = [content for _, content in members(path.read_bytes())]
        trained = zstandard.ZstdCompressionDict(plain[1] * 4, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        stored = zstandard.compress(trained.as_bytes()) if compressed else trained.as_bytes()
        deflater = zstandard.ZstdCompressor(dict_data=trained)
        head = struct.pack("<II", 0x184D2A5D, len(stored)) + stored
        return head + b"".join(deflater.compress(content) for content in plain)

    return convert


@pytest.mark.parametrize(
    "convert",
    [as_plain, as_one_member, as_blocks, as_zstd, with_dictionary(False), with_dictionary(True)],
    ids=["plain", "one member", "members across records", "zstd", "dictionary", "compressed dictionary"],
)
def test_the_container_makes_no_difference(tmp_path: Path, convert: Callable[[Path], bytes]) -> None:
    path = sample(tmp_path, exchange(), exchange("http://example.com/b"))
    other = tmp_path / "other"
    other.write_bytes(convert(path))
    assert [(each.fields, each.block.read()) for each in records(other)] == [
        (each.fields, each.block.read()) for each in records(path)
    ]


@pytest.mark.parametrize(
    "convert", [as_plain, as_zstd, with_dictionary(True)], ids=["plain", "zstd", "dictionary"]
)
def test_captures_are_found_and_read_in_every_container(
    tmp_path: Path, convert: Callable[[Path], bytes]
) -> None:
    path = sample(tmp_path, exchange(), exchange("http://example.com/b"))
    other = tmp_path / "other"
    other.write_bytes(convert(path))
    urls = [read_capture(other, span.offset).entry("other").url for span in iter_captures(other)]
    assert urls == ["http://example.com/a", "http://example.com/b"]


def test_records_that_share_a_member_are_numbered_and_not_captures(tmp_path: Path) -> None:
    other = tmp_path / "other.warc.gz"
    other.write_bytes(as_one_member(sample(tmp_path)))
    assert [(each.offset, each.length, each.position) for each in records(other)] == [
        (0, 0, n) for n in range(4)
    ]
    assert list(iter_captures(other)) == []


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 1, 1), (0, None, 4), (1, None, 3), (2, 3, 1)])
def test_a_part_of_a_file(tmp_path: Path, start: int, end: int | None, expected: int) -> None:
    for path in (sample(tmp_path), uncompressed(next(tmp_path.glob("*.gz")))):
        offsets = [each.offset for each in records(path)] + [path.stat().st_size]
        stop = None if end is None else offsets[end]
        found = list(iter_records(path, start=offsets[start], end=stop))
        assert [each.offset for each in found] == offsets[start : start + expected]


def test_a_large_block_goes_to_disk_and_leaves_with_its_record(tmp_path: Path) -> None:
    body = bytes(range(256)) * (SPOOL_BYTES // 256 + 1)
    path = sample(tmp_path, exchange(response=b"HTTP/1.1 200 OK\r\n\r\n" + body))
    (span,) = iter_captures(path)
    stored = read_capture(path, span.offset)
    assert not isinstance(stored.record.block, BytesIO)
    assert stored.body().read() == body
    assert stored.http_head.status == 200


def test_spooled_files_stand_at_their_start() -> None:
    for size in (3, SPOOL_BYTES + 3):
        assert spooled([b"a", b"bc"], size).read() == b"abc"


class TestRefusals:
    def test_no_such_file(self, tmp_path: Path) -> None:
        for ask in (
            lambda path: read_record(path, 0),
            lambda path: read_capture(path, 0),
            lambda path: list(iter_records(path)),
        ):
            with pytest.raises(CaptureNotFound, match=r"no such WARC file"):
                ask(tmp_path / "none.warc.gz")

    def test_a_directory(self, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match=r"cannot be read"):
            list(iter_records(tmp_path))

    def test_an_offset_past_the_end(self, tmp_path: Path) -> None:
        path = sample(tmp_path)
        with pytest.raises(CaptureNotFound, match=r"ends before byte 100000"):
            read_capture(path, 100_000)

    def test_an_offset_inside_a_record(self, tmp_path: Path) -> None:
        path = sample(tmp_path)
        (span,) = iter_captures(path)
        with pytest.raises(WarcFormatError, match=rf"at byte {span.offset + 1}: "):
            read_capture(path, span.offset + 1)

    def test_a_record_that_is_no_capture(self, tmp_path: Path) -> None:
        with pytest.raises(CaptureNotFound, match=r"a warcinfo record, not a capture"):
            read_capture(sample(tmp_path), 0)

    def test_a_block_without_an_http_head(self, tmp_path: Path) -> None:
        path = sample(tmp_path, exchange(response=b"\x00"))
        (span,) = iter_captures(path)
        stored = read_capture(path, span.offset)
        with pytest.raises(HttpFormatError):
            stored.body()
        assert (stored.entry("x").status, stored.entry("x").mime) == (None, None)

    @pytest.mark.parametrize("name", ["WARC-Type", "WARC-Record-ID", "WARC-Date"])
    def test_a_record_without_a_mandatory_field(self, tmp_path: Path, name: str) -> None:
        path = uncompressed(sample(tmp_path))
        path.write_bytes(path.read_bytes().replace(name.encode() + b":", b"X-Other:"))
        record = records(path)[1]
        attribute = {"WARC-Type": "type", "WARC-Record-ID": "record_id", "WARC-Date": "date"}[name]
        with pytest.raises(WarcFormatError, match=f"no {name}"):
            getattr(record, attribute)
        assert list(iter_captures(path)) == []

    def test_a_date_that_is_none(self, tmp_path: Path) -> None:
        path = uncompressed(sample(tmp_path))
        path.write_bytes(path.read_bytes().replace(b"WARC-Date: 2026-11", b"WARC-Date: 2026-99"))
        with pytest.raises(WarcFormatError, match="WARC-Date"):
            _ = records(path)[1].date


def test_an_entry_says_what_the_index_needs(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        written = warc.write(exchange())
    (path,) = tmp_path.iterdir()
    entry = read_capture(path, written.ref.offset).entry(path.name)
    assert entry.ref == written.ref
    assert (entry.url, entry.date, entry.status, entry.mime) == (
        "http://example.com/a",
        DATE,
        200,
        "text/html",
    )
    assert (entry.length, entry.payload_digest) == (written.length, str(written.payload_digest))
    assert read_capture(path, written.ref.offset).body().read() == PAGE
