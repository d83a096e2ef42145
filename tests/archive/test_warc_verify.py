"""Each fault that `verify` knows, put into a file that has no other."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.warc.reader import iter_records
from archive.warc.records import Record
from archive.warc.verify import verify_file, verify_files
from archive.warc.writer import Original
from tests.archive.warc_samples import DATE, PAGE, exchange, members, sample, uncompressed, writer

FILES = Path(__file__).parent / "warcs"
Change = Callable[[bytes], bytes]


def codes(path: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in verify_file(path)]


def replaced(old: bytes, new: bytes) -> Change:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def field_of(kind: bytes, field: bytes) -> Change:
    """Add a field to the first record of a type."""
    return replaced(b"WARC-Type: " + kind, b"WARC-Type: " + kind + b"\r\n" + field)


def without(name: bytes) -> Change:
    def change(data: bytes) -> bytes:
        before, _, after = data.partition(b"\r\n" + name + b":")
        return before + b"\r\n" + after.partition(b"\r\n")[2]

    return change


def damaged(tmp_path: Path, kind: str, change: Change) -> Path:
    """The sample with one record of the type changed, each record a member again."""
    path = sample(tmp_path)
    contents = [content for _, content in members(path.read_bytes())]
    place = ["warcinfo", "response", "request", "metadata"].index(kind)
    contents[place] = change(contents[place])
    path.write_bytes(b"".join(gzip.compress(content, mtime=0) for content in contents))
    return path


def test_what_we_write_has_no_fault(tmp_path: Path) -> None:
    with writer(tmp_path) as warc:
        first = warc.write(exchange())
        original = Original("http://example.com/a", DATE, first.ref.record_id, first.payload_digest)
        warc.write(exchange(), original=original)
        warc.write(exchange(response=b"HTTP/1.1 304 Not Modified\r\n\r\n"), original=original)
        warc.write(
            exchange(response=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        )
    (path,) = tmp_path.iterdir()
    assert list(verify_file(path)) == []
    assert list(verify_file(uncompressed(path))) == []


@pytest.mark.parametrize(
    ("kind", "change", "code", "severity"),
    [
        ("response", replaced(b"The council", b"The Council"), "block-digest", "error"),
        ("response", replaced(b"content-type", b"Content-Type"), "block-digest", "error"),
        ("response", replaced(b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:7"), "payload-digest", "error"),
        ("response", replaced(b"Payload-Digest: sha1:", b"Payload-Digest: xxh3:"), "payload-digest", "warning"),
        ("response", replaced(b"Payload-Digest: sha1:", b"Payload-Digest: shake_128:"), "payload-digest", "warning"),
        ("response", replaced(b"Payload-Digest: sha1:", b"Payload-Digest: "), "payload-digest", "error"),
        ("request", replaced(b"GET", b"PUT"), "block-digest", "error"),
        ("metadata", replaced(b"via:", b"viA:"), "block-digest", "error"),
        ("response", without(b"WARC-Date"), "missing-field", "error"),
        ("response", without(b"WARC-Record-ID"), "missing-field", "error"),
        ("response", without(b"WARC-Type"), "missing-field", "error"),
        ("response", without(b"WARC-Target-URI"), "missing-field", "error"),
        ("response", without(b"Content-Type"), "missing-field", "warning"),
        ("request", without(b"WARC-Target-URI"), "missing-field", "error"),
        ("response", without(b"Content-Length"), "damaged", "error"),
        ("response", replaced(b"Content-Length: ", b"Content-Length: 1"), "damaged", "error"),
        ("response", replaced(b"Content-Length: ", b"Content-Length: +"), "damaged", "error"),
        ("warcinfo", field_of(b"warcinfo", b"WARC-Payload-Digest: sha1:" + b"A" * 32), "forbidden-field", "error"),
        ("metadata", field_of(b"metadata", b"WARC-Payload-Digest: sha1:" + b"A" * 32), "forbidden-field", "error"),
        ("warcinfo", field_of(b"warcinfo", b"WARC-Target-URI: http://a/"), "forbidden-field", "error"),
        ("warcinfo", field_of(b"warcinfo", b"WARC-IP-Address: 192.0.2.1"), "forbidden-field", "error"),
        ("response", field_of(b"response", b"WARC-Filename: a"), "forbidden-field", "error"),
        ("response", field_of(b"response", b"WARC-Refers-To: <urn:uuid:1>"), "forbidden-field", "error"),
        ("metadata", field_of(b"metadata", b"WARC-Refers-To-Date: 2026-01-01T00:00:00Z"), "forbidden-field", "error"),
        ("response", field_of(b"response", b"WARC-Profile: http://a/"), "forbidden-field", "error"),
        ("response", field_of(b"response", b"WARC-Date: 2026-01-01T00:00:00Z"), "repeated-field", "error"),
        ("response", field_of(b"response", b"no colon"), "head-line", "error"),
        ("response", field_of(b"response", b"X: a\r\n folded"), "head-line", "error"),
        ("response", replaced(b"Type: response\r\n", b"Type: response\n"), "head-line", "error"),
        ("response", field_of(b"response", b"X: \xff"), "not-utf-8", "error"),
        ("response", replaced(b"WARC/1.1\r\n", b"WARC/1.1\n"), "head-line", "error"),
        ("response", replaced(b"WARC/1.1", b"WARC/3.7"), "version", "warning"),
        ("response", replaced(b"Type: response", b"Type: answer"), "type", "warning"),
        ("response", replaced(b"Date: 2026-11-22T", b"Date: 2026-99-22T"), "date", "error"),
        ("response", replaced(b".123456Z", b".123456+01:00"), "date", "error"),
        ("response", replaced(b"URI: http://example.com/a", b"URI: <http://example.com/a>"), "uri", "error"),
        ("response", replaced(b"URI: http://example.com/a", b"URI: http://example.com/\xc3\xa4"), "uri", "error"),
        ("response", replaced(b"URI: http://example.com/a", b"URI: /a"), "uri", "error"),
        ("response", replaced(b"192.0.2.7", b"192.0.2.700"), "ip-address", "error"),
        ("request", replaced(b"Concurrent-To: <urn:", b"Concurrent-To: <no urn:"), "identifier", "error"),
        ("request", replaced(b"Concurrent-To: <urn:uuid:", b"Concurrent-To: <urn:uuid:0"), "dangling", "error"),
        ("response", replaced(b"Warcinfo-ID: <urn:uuid:", b"Warcinfo-ID: <urn:uuid:0"), "dangling", "warning"),
        ("metadata", field_of(b"metadata", b"WARC-Refers-To: <urn:uuid:1>"), "dangling", "warning"),
        ("response", lambda data: data[:-2], "record-end", "error"),
        ("response", lambda data: data[:-4], "record-end", "error"),
        ("response", lambda data: data + b"\r\n", "record-end", "error"),
        ("response", lambda data: data + b"more", "damaged", "error"),
        ("response", lambda data: data[:0], "no-record", "warning"),
        ("response", lambda data: data + data, "duplicate-id", "error"),
        ("response", lambda data: data + data, "shared-member", "error"),
        ("warcinfo", replaced(b"format: ", b"format "), "warc-fields", "warning"),
        ("warcinfo", replaced(b"Type: warcinfo", b"Type: resource"), "no-warcinfo", "warning"),
        ("response", replaced(b"HTTP/1.1 200", b"HTTQ/1.1 200"), "http", "warning"),
        ("response", replaced(b"application/http; msgtype=response", b"text/html"), "content-type", "error"),
        ("response", replaced(b"msgtype=response", b"msgtype=request"), "content-type", "error"),
        ("response", replaced(b"msgtype=response", b"msgtype=responsf"), "content-type", "error"),
        ("request", replaced(b"application/http; msgtype=request", b"text/plain"), "content-type", "error"),
        ("request", replaced(b"msgtype=request", b'msgtype="response"'), "content-type", "error"),
        ("response", replaced(b"application/http; msgtype=response", b"application"), "media-type", "error"),
        ("response", field_of(b"response", b"WARC-Identified-Payload-Type: html"), "media-type", "error"),
        ("response", field_of(b"response", b"WARC-Truncated: too long"), "truncated", "error"),
        ("response", field_of(b"response", b"WARC-Truncated: boredom"), "truncated", "warning"),
        ("response", replaced(b"Length: 577", b"Length: 777"), "not-whole", "warning"),
        ("response", field_of(b"response", b"WARC-Segment-Number: 2"), "segment", "error"),
        ("response", field_of(b"response", b"WARC-Segment-Number: one"), "segment", "error"),
        ("metadata", replaced(b"Type: metadata", b"Type: continuation"), "missing-field", "error"),
        ("response", field_of(b"response", b"WARC-Profile: no URI"), "profile", "error"),
        ("request", replaced(b".123456Z", b".123457Z"), "date-differs", "error"),
        ("request", replaced(b"URI: http://example.com/a", b"URI: http://example.com/b"), "uri-differs", "error"),
        ("response", replaced(b"WARC-Block-Digest", b"WARC-Block-Digesu"), "unknown-field", "warning"),
        ("response", replaced(b"WARC-Warcinfo-ID", b"WARC-Warcinfo-Id-"), "unknown-field", "warning"),
        ("response", replaced(b"Protocol: http/1.1", b"Protocol: http 1.1"), "protocol", "warning"),
        ("response", field_of(b"response", b"WARC-Cipher-Suite: TLS AES"), "cipher-suite", "warning"),
        ("metadata", replaced(b"Date: 2026-11-22T", b"Date: 2026-11-23T"), "date-differs", "error"),
    ],
)  # fmt: skip
def test_each_fault_is_found(tmp_path: Path, kind: str, change: Change, code: str, severity: str) -> None:
    path = damaged(tmp_path, kind, change)
    assert (code, severity) in codes(path)


@pytest.mark.parametrize(
    ("profile", "fields", "code"),
    [
        (b"", b"", "missing-field"),
        (b"WARC-Profile: http://example.com/\r\n", b"", "profile"),
        (
            b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n",
            b"",
            "missing-field",
        ),
        (b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n", b"", "refers-to"),
    ],
)
def test_a_revisit_needs_its_profile_and_original(
    tmp_path: Path, profile: bytes, fields: bytes, code: str
) -> None:
    def change(data: bytes) -> bytes:
        return without(b"WARC-Payload-Digest")(
            replaced(b"Type: response\r\n", b"Type: revisit\r\n" + profile + fields)(data)
        )

    assert code in [each for each, _ in codes(damaged(tmp_path, "response", change))]


def test_a_digest_over_the_transfer_coding_is_a_warning() -> None:
    path = FILES / "example-iana.org-chunked.warc"
    assert [(f.code, f.severity) for f in verify_file(path) if f.offset == 405] == [
        ("payload-digest", "warning")
    ]


def test_references_are_resolved_across_the_files_given(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with writer(tmp_path / "a") as warc:
        first = warc.write(exchange())
    original = Original("http://example.com/a", DATE, first.ref.record_id, first.payload_digest)
    with writer(tmp_path / "b") as warc:
        warc.write(exchange(), original=original)
    (one,), (two,) = (tmp_path / "a").iterdir(), (tmp_path / "b").iterdir()
    assert codes(two) == [("dangling", "warning")]
    for order in ([one, two], [two, one]):
        assert list(verify_files(order)) == []
    assert [finding.code for finding in verify_files([one, one])] == ["duplicate-id"] * 4


def test_references_name_records_of_their_kind(tmp_path: Path) -> None:
    path = sample(tmp_path)
    contents = [content for _, content in members(path.read_bytes())]
    info, response = (re.search(rb"Record-ID: (<.*>)", content) for content in contents[:2])
    assert info
    assert response
    for old, new in ((b"Warcinfo-ID: " + info[1], response[1]), (b"Concurrent-To: " + response[1], info[1])):
        changed = replaced(old, old.partition(b"<")[0] + new)(contents[2])
        path.write_bytes(b"".join(map(gzip.compress, [*contents[:2], changed, contents[3]])))
        assert codes(path) == [("reference", "error")]


def test_the_date_of_a_capture_is_one_whichever_record_comes_first(tmp_path: Path) -> None:
    path = sample(tmp_path)
    info, response, request, metadata = (content for _, content in members(path.read_bytes()))
    path.write_bytes(b"".join(map(gzip.compress, [info, request, response, metadata])))
    assert codes(path) == []
    later = replaced(b".123456Z", b".12345699Z")(response)
    path.write_bytes(b"".join(map(gzip.compress, [info, request, later, metadata])))
    assert codes(path) == []  # the same to the microsecond
    later = replaced(b".123456Z", b".2Z")(response)
    path.write_bytes(b"".join(map(gzip.compress, [info, request, later, metadata])))
    assert codes(path) == [("date-differs", "error")] * 2


def test_findings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = sample(tmp_path, *(exchange(f"http://example.com/{n}") for n in range(60)))
    plain = uncompressed(path)
    plain.write_bytes(plain.read_bytes().replace(PAGE[:30], PAGE[:30].swapcase()))
    offsets = [finding.offset for finding in verify_file(plain)]
    assert offsets == sorted(offsets)
    assert len(set(offsets)) == 60
    responses = [f for f in iter_records(plain) if isinstance(f, Record) and f.type == "response"]
    assert sorted(set(offsets)) == [record.offset for record in responses]


def test_a_large_block_is_checked_too(tmp_path: Path) -> None:
    body = bytes(range(256)) * 40_000
    plain = uncompressed(sample(tmp_path, exchange(response=b"HTTP/1.1 200 OK\r\n\r\n" + body)))
    assert list(verify_file(plain)) == []
    data = bytearray(plain.read_bytes())
    data[len(data) // 2] ^= 1
    plain.write_bytes(data)
    assert [code for code, _ in codes(plain)] == ["block-digest", "payload-digest"]


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.write_bytes(b"")
    assert codes(path) == [("empty", "error")]


@pytest.mark.parametrize(
    "stated", [b"sh\xe91:AAAA", b"\xe9", b"sha1", b":", b"sha1:\xff", b"sh\0a1:AAAA", b"sha1\0:AAAA"]
)
def test_a_digest_that_is_none_is_said_to_be_none(tmp_path: Path, stated: bytes) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(
        b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:a:b>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: urn:c:d\r\nContent-Type: text/plain\r\nWARC-Block-Digest: %s\r\nContent-Length: 1\r\n\r\nx\r\n\r\n"
        % stated
    )
    assert "block-digest" in {finding.code for finding in verify_file(path)}
    [record] = [each for each in iter_records(path) if isinstance(each, Record)]
    assert record.block_digest is None
