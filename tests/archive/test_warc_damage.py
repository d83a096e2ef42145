"""Files cut, flipped and overwritten at every byte: no reader error, and no damage that goes unsaid."""

import gzip
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.reader import iter_captures, iter_records, read_capture
from archive.warc.records import Loss, Record
from archive.warc.verify import verify_file
from tests.archive.warc_samples import REQUEST, exchange, members, sample, uncompressed

SHORT = b"HTTP/1.1 200 OK\r\n\r\nshort"


def scan(path: Path) -> tuple[list[Record], list[Loss]]:
    found = list(iter_records(path))
    return [f for f in found if isinstance(f, Record)], [f for f in found if isinstance(f, Loss)]


def content(path: Path) -> list[tuple[str, bytes]]:
    return [(record.record_id, record.block.read()) for record in scan(path)[0]]


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    return sample(tmp_path, exchange(response=SHORT), exchange("http://example.com/b", response=SHORT))


@pytest.mark.parametrize("plain", [False, True], ids=["gzip", "plain"])
def test_cut_at_every_byte(warc: Path, tmp_path: Path, plain: bool) -> None:
    whole = uncompressed(warc) if plain else warc
    data, records = whole.read_bytes(), content(whole)
    ends = [record.end for record in scan(whole)[0]]
    cut = tmp_path / "cut"
    for size in range(len(data)):
        cut.write_bytes(data[:size])
        before = sum(end <= size for end in ends)
        found, losses = scan(cut)
        assert [(record.record_id, record.block.read()) for record in found][:before] == records[:before]
        complete = size in (0, *ends)
        if plain and not complete:
            assert len(found) <= before + 1  # all but line ends of the last block may be there
        else:
            assert len(found) == before
            assert bool(losses) != complete
        assert not complete or size == 0 or [f for f in verify_file(cut) if f.code == "damaged"] == []
        assert complete or [f for f in verify_file(cut) if f.severity == "error"]


def test_records_before_a_cut_in_a_member_of_many_are_given(warc: Path, tmp_path: Path) -> None:
    records, shared = content(warc), tmp_path / "shared.warc.gz"
    data = gzip.compress(gzip.decompress(warc.read_bytes()), mtime=0)
    for size in range(len(data) // 2, len(data) - 8, 11):
        shared.write_bytes(data[:size])
        found, losses = scan(shared)
        inflated = zlib.decompressobj(31).decompress(data[:size])
        assert len(found) == inflated.count(b"WARC-Type:") - 1
        assert [(record.record_id, record.block.read()) for record in found] == records[: len(found)]
        assert [loss.reason for loss in losses] == ["the gzip member is cut short"]


def test_records_before_a_corrupt_byte_in_a_member_of_many_are_given(tmp_path: Path) -> None:
    body = random.Random(1).randbytes(9000)
    path = sample(tmp_path, *(exchange(response=SHORT + body) for _ in range(5)))
    records = content(path)
    data = bytearray(gzip.compress(gzip.decompress(path.read_bytes()), mtime=0))
    data[-12_000:-11_990] = bytes(10)
    path.write_bytes(data)
    found = content(path)
    assert found == records[: len(found)]
    assert (
        len(found) >= len(records) - 3 * 3
    )  # the damaged capture, the one behind it, and what one step of inflating loses
    assert [loss.offset for loss in scan(path)[1]] == [0]


def meaning(data: bytes) -> list[bytes] | None:
    """What zlib alone reads; None where it finds damage."""
    try:
        return [found for _, found in members(data)]
    except (AssertionError, zlib.error):
        return None


def test_every_flip_that_changes_meaning_is_reported(warc: Path, tmp_path: Path) -> None:
    data, flipped = warc.read_bytes(), tmp_path / "flipped"
    before = meaning(data)
    harmless = 0
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 0xFF
        flipped.write_bytes(changed)
        findings = list(verify_file(flipped))
        harmless += not findings
        assert findings or meaning(bytes(changed)) == before, f"byte {position} flipped, nothing said"
    # Time (4 bytes), extra flags and operating system of each member's header mean nothing to a reader.
    assert harmless <= 6 * len(before or ())


def test_every_flipped_bit_costs_one_member_at_most(warc: Path, tmp_path: Path) -> None:
    data, flipped, records = warc.read_bytes(), tmp_path / "flipped", content(warc)
    choose = random.Random(5)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 << choose.randrange(8)
        flipped.write_bytes(changed)
        found = content(flipped)
        assert len(found) >= len(records) - 1
        assert len([record for record in records if record not in found]) <= 1
        list(iter_captures(flipped))


def test_a_flip_in_a_plain_block_is_reported(warc: Path, tmp_path: Path) -> None:
    plain = uncompressed(warc)
    data, flipped = plain.read_bytes(), tmp_path / "flipped"
    for record in scan(plain)[0]:
        start = record.offset + len(record.head)
        for position in range(start, record.end):
            changed = bytearray(data)
            changed[position] ^= 0x01
            flipped.write_bytes(changed)
            assert [f for f in verify_file(flipped) if f.severity == "error"], f"byte {position}"


def test_a_wrong_content_length_costs_its_record_alone(warc: Path, tmp_path: Path) -> None:
    plain = uncompressed(warc)
    data, changed, records = plain.read_bytes(), tmp_path / "changed", content(plain)
    start = scan(plain)[0][2].offset
    for length in (b"0", b"1", b"59", b"300", b"5000", b"99999999999"):
        changed.write_bytes(
            data[:start]
            + data[start:].replace(b"Content-Length: %d" % len(REQUEST), b"Content-Length: " + length, 1)
        )
        found = content(changed)
        assert [record for record in records if record not in found] in ([], [records[2]])
        assert [finding for finding in verify_file(changed) if finding.severity == "error"], length


@pytest.mark.parametrize(
    "junk",
    [
        b"\0" * 1000,
        b"junk",
        b"\r\n\r\n",
        gzip.compress(b"junk", mtime=0),
        b"\x1f\x8b\x08",
        b"WARC/",
        b"WARC/1.1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("plain", [False, True], ids=["gzip", "plain"])
def test_junk_between_records_costs_none_of_them(
    warc: Path, tmp_path: Path, junk: bytes, plain: bool
) -> None:
    whole = uncompressed(warc) if plain else warc
    data, records = whole.read_bytes(), content(whole)
    mixed = tmp_path / "mixed"
    for place in [record.offset for record in scan(whole)[0]] + [len(data)]:
        mixed.write_bytes(data[:place] + junk + data[place:])
        assert content(mixed) == records
        if junk.strip():
            assert list(verify_file(mixed)), f"junk at {place} went unsaid"


def test_a_wrong_crc_or_size_loses_its_member_alone(warc: Path, tmp_path: Path) -> None:
    data, changed, records = warc.read_bytes(), tmp_path / "changed", content(warc)
    end = scan(warc)[0][1].end
    for position, reason in ((end - 8, "CRC"), (end - 1, "size")):
        broken = bytearray(data)
        broken[position] ^= 0xFF
        changed.write_bytes(broken)
        found, losses = scan(changed)
        assert [record.record_id for record in found] == [each for each, _ in (records[0], *records[2:])]
        assert [loss.end for loss in losses] == [end]
        assert reason in losses[0].reason


def test_a_gzip_header_with_every_option_is_read(warc: Path, tmp_path: Path) -> None:
    dressed = tmp_path / "dressed"
    out = b""
    for _, found in members(warc.read_bytes()):
        body = gzip.compress(found, mtime=0)[10:]
        header = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03" + b"\x04\0abcd" + b"name\0" + b"comment\0"
        out += header + (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little") + body
    dressed.write_bytes(out)
    assert content(dressed) == content(warc)
    for position in range(10, 31):
        broken = bytearray(out)
        broken[position] ^= 0x01
        dressed.write_bytes(broken)
        assert [finding.code for finding in verify_file(dressed) if finding.code == "damaged"]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"WARC/1.0\r\n",
            b"\x1f\x8b\x08\0",
            b"\x28\xb5\x2f\xfd",
            b"\x5d\x2a\x4d\x18\x05\0\0\0",
            b"filedesc://x 0 20200101000000 text/plain 5\n",
        ]
    ),
)
def test_no_bytes_make_the_reader_raise(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.warc.gz"
    path.write_bytes(start + data)
    found = list(iter_records(path))
    assert sum(each.length for each in found) <= len(start + data)
    list(verify_file(path))
    for span in iter_captures(path):
        read_capture(path, span.offset)


def test_a_bomb_is_read_in_bounded_pieces(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(gzip.compress(b"WARC/1.0\r\nA: " + b"b" * (64 << 20)))
    ((), losses) = scan(path)
    assert [loss.reason for loss in losses] == ["the record's head is too long"]
