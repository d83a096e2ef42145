import gzip
import io
import random
import tracemalloc
import zlib
from collections.abc import Callable
from typing import BinaryIO

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.http import Payload, ResponseHead, decode_payload, entity_body, parse_response_head
from archive.http.codings import REPLAY_BYTES, ZSTD_WINDOW_BYTES

WORDS = random.Random(7).choices(
    [
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "a",
        "lazy",
        "dog",
        "and",
        "so",
        "on",
        "é",
        "ü",
        "漢字",
    ],
    k=4000,
)
TEXT = " ".join(WORDS).encode()
LIMIT = 10_000_000


def deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def head(*fields: bytes, status: int = 200) -> ResponseHead:
    return parse_response_head(
        b"HTTP/1.1 %d OK\r\n" % status + b"".join(field + b"\r\n" for field in fields) + b"\r\n"
    )


def decode(coding: str, body: BinaryIO | bytes, limit: int = LIMIT) -> Payload:
    return decode_payload(head(b"Content-Encoding: " + coding.encode()), body, limit=limit)


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("spelt", [str, str.upper], ids=["lower", "upper"])
def test_each_coding(coding: str, spelt: Callable[[str], str]) -> None:
    payload = decode(spelt(coding), ENCODERS[coding](TEXT))
    assert payload.data == TEXT
    assert payload.complete
    assert payload.problem is None
    assert payload.codings == (coding,)
    assert payload.remaining == ()


@pytest.mark.parametrize("coding", ENCODERS)
def test_from_a_file_it_starts_where_the_file_stands(coding: str) -> None:
    file = io.BytesIO(b"head" + ENCODERS[coding](TEXT))
    file.seek(4)
    assert decode(coding, file).data == TEXT


def test_deflate_without_its_wrapper() -> None:
    assert decode("deflate", deflate(TEXT)) == decode("deflate", zlib.compress(TEXT))


@pytest.mark.parametrize("outer", ENCODERS)
@pytest.mark.parametrize("inner", ENCODERS)
def test_doubled_codings(inner: str, outer: str) -> None:
    payload = decode(f"{inner}, {outer}", ENCODERS[outer](ENCODERS[inner](TEXT)))
    assert (payload.data, payload.complete, payload.codings) == (TEXT, True, (inner, outer))


def test_members_and_frames_follow_each_other() -> None:
    assert decode("gzip", gzip.compress(TEXT) + gzip.compress(b"more")).data == TEXT + b"more"
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    assert (
        decode("zstd", skippable + ENCODERS["zstd"](TEXT) + ENCODERS["zstd"](b"more")).data == TEXT + b"more"
    )


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("text", [TEXT, b"short text"], ids=["long", "short"])
def test_bytes_after_the_end_cost_nothing(coding: str, text: bytes) -> None:
    payload = decode(coding, ENCODERS[coding](text) + b"garbage")
    assert payload.data == text
    assert payload.complete
    assert payload.problem == f"bytes after the end of the {coding.removeprefix('x-')} stream"


def test_padding_with_zeros_is_no_problem() -> None:
    assert decode("gzip", gzip.compress(TEXT) + bytes(512)).problem is None


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_stream_cut_anywhere_gives_what_came(coding: str) -> None:
    coded = ENCODERS[coding](TEXT)
    lengths = []
    for cut in range(98, len(coded), 97):
        payload = decode(coding, coded[:cut])
        assert TEXT.startswith(payload.data)
        assert not payload.complete
        assert "ends early" in payload.problem
        lengths.append(len(payload.data))
    assert lengths == sorted(lengths)
    assert lengths[-1] > 0.9 * len(TEXT) or coding == "zstd"


def test_zstd_cut_short_gives_its_whole_blocks() -> None:
    long = " ".join(random.Random(3).choices(WORDS, k=100_000)).encode()
    coded = ENCODERS["zstd"](long)
    payload = decode("zstd", coded[:-20])
    assert long.startswith(payload.data)
    assert len(payload.data) > len(long) - 128 * 1024


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_wrong_checksum_costs_no_byte(coding: str) -> None:
    coded = bytearray(ENCODERS[coding](TEXT))
    coded[-5 if coding == "gzip" else -1] ^= 1
    payload = decode(coding, bytes(coded))
    assert payload.data == TEXT
    assert not payload.complete
    assert "incorrect data check" in payload.problem


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_broken_stream_gives_all_before_the_break(coding: str) -> None:
    coded = ENCODERS[coding](TEXT)
    at = len(coded) // 2
    payload = decode(coding, coded[:at] + b"\xff" * 40 + coded[at + 40 :])
    whole = decode(coding, coded[:at]).data
    assert payload.data.startswith(whole)
    assert not payload.complete


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("text", [b"<!doctype html><p>plain", b"{}", b"OK", TEXT, "\ufefföä\r\n\t".encode()])
def test_text_that_is_not_coded_at_all(coding: str, text: bytes) -> None:
    payload = decode(coding, text)
    assert payload.data == text
    assert payload.complete
    assert payload.problem == f"said to be {coding.removeprefix('x-')}, but is not"


@pytest.mark.parametrize("coding", ENCODERS)
def test_an_empty_body_is_no_problem(coding: str) -> None:
    assert decode(coding, b"") == decode(coding, io.BytesIO())
    assert decode(coding, b"").problem is None


def test_unknown_codings_are_named_and_stop_the_decoding() -> None:
    payload = decode("gzip, compress, br", brotli.compress(b"lzw"))
    assert payload.data == b"lzw"
    assert payload.problem == "unknown content coding 'compress'"
    assert payload.remaining == ("gzip", "compress")
    assert decode("utf-8, gzip", gzip.compress(TEXT)).data == TEXT
    assert decode("identity, chunked", TEXT).codings == ()


def test_ever_more_codings_are_not_followed() -> None:
    payload = decode(", ".join(["gzip"] * 50), gzip.compress(TEXT))
    assert "more than 5 content codings" in payload.problem


@pytest.mark.parametrize(
    "codings", [["gzip"], ["br"], ["zstd"], ["deflate"], ["gzip", "gzip"], ["zstd", "zstd"], ["gzip", "br"]]
)
def test_bombs_cost_the_limit_and_a_buffer(codings: list[str]) -> None:
    body = bytes(40_000_000)
    for coding in codings:
        body = ENCODERS[coding](body)
    tracemalloc.start()
    payload = decode(", ".join(codings), body, limit=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert payload.data == bytes(1_000_000)
    assert not payload.complete
    assert payload.problem == "decodes to more than 1000000 bytes"
    assert peak < 1_000_000 + 3 * ZSTD_WINDOW_BYTES


def test_a_bomb_that_unfolds_to_nothing_is_stopped_between_the_codings() -> None:
    empty_members = gzip.compress(gzip.compress(b"") * 100_000)
    payload = decode("gzip, gzip", empty_members, limit=1_000_000)
    assert payload.data == b""
    assert payload.problem == "decodes to more than 1000000 bytes"


def test_a_payload_of_just_the_limit_is_complete() -> None:
    assert decode("gzip", gzip.compress(TEXT), limit=len(TEXT)).complete
    assert decode_payload(head(), TEXT, limit=len(TEXT)).complete
    cut = decode_payload(head(), TEXT, limit=len(TEXT) - 1)
    assert (cut.data, cut.complete) == (TEXT[:-1], False)


def test_zstd_windows_beyond_the_standard_are_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    payload = decode("zstd", stream.compress(TEXT) + stream.flush())
    assert not payload.complete
    assert "too much memory" in payload.problem


def test_a_break_beyond_what_is_kept_for_replay_still_gives_most() -> None:
    noise = random.Random(1).randbytes(REPLAY_BYTES + 100_000)
    coded = bytearray(gzip.compress(noise, 1))
    coded[-5] ^= 1
    payload = decode("gzip", bytes(coded))
    assert not payload.complete
    assert len(payload.data) > len(noise) - 10_000
    assert noise.startswith(payload.data)


CHUNKED = b"Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("body", "data", "complete", "problem"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello", True, None),
        (b"5;x\nhello\n1\n!\n0\nA: b\n\n", b"hello!", True, None),
        (b"5\r\nhello\r\n0\r\n\r\nexcess", b"hello", True, None),
        (b"5\r\nhello\r\n5\r\nwor", b"hellowor", False, "the chunked body ends early"),
        (b"5\r\nhello\r\n0\r\n", b"hello", False, "the chunked body ends early"),
        (b"5\r\nhelloXX\r\n0\r\n\r\n", b"hello", False, "a chunk is longer than its size says"),
        (b"1f", b"", False, "the chunked body ends early"),
        (b"", b"", False, "the chunked body ends early"),
        (b"<html>\r\nbody", b"<html>\r\nbody", True, "said to be chunked, but is not"),
        (b"no line end", b"no line end", True, "said to be chunked, but is not"),
        (TEXT * 9, TEXT * 9, True, "said to be chunked, but is not"),
    ],
)
def test_chunked_bodies(body: bytes, data: bytes, complete: bool, problem: str | None) -> None:
    assert b"".join(entity_body(head(CHUNKED), body)) == data
    assert b"".join(entity_body(head(CHUNKED), io.BytesIO(body))) == data
    payload = decode_payload(head(CHUNKED), body, limit=LIMIT)
    assert (payload.data, payload.complete, payload.problem) == (data, complete, problem)


def test_the_entity_body_keeps_content_codings() -> None:
    coded = gzip.compress(TEXT)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(coded), coded)
    fields = head(CHUNKED, b"Content-Encoding: gzip")
    assert b"".join(entity_body(fields, chunks)) == coded
    assert decode_payload(fields, chunks, limit=LIMIT).data == TEXT


def test_transfer_codings_besides_chunked_are_undone_in_the_payload() -> None:
    coded = gzip.compress(TEXT)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(coded), coded)
    payload = decode_payload(head(b"Transfer-Encoding: gzip, chunked"), chunks, limit=LIMIT)
    assert (payload.data, payload.codings) == (TEXT, ())


@pytest.mark.parametrize(
    ("fields", "status", "complete"),
    [
        ([b"Content-Length: 9"], 200, False),
        ([b"Content-Length: 4"], 200, True),
        ([b"Content-Length: 3"], 200, True),
        ([b"Content-Length: 9", b"Content-Length: 8"], 200, True),
        ([b"Content-Length: nine"], 200, True),
        ([b"Content-Length: 9"], 304, True),
    ],
)
def test_a_body_shorter_than_promised(fields: list[bytes], status: int | None, complete: bool) -> None:
    payload = decode_payload(head(*fields, status=status), b"four", limit=LIMIT)
    assert payload.data == b"four"
    assert payload.complete is complete


@given(
    st.binary(max_size=2000),
    st.lists(st.sampled_from([*ENCODERS, "compress"]), max_size=3),
    st.booleans(),
    st.integers(0, 3000),
)
def test_whatever_the_bytes_are_nothing_is_raised_and_the_limit_holds(
    body: bytes, codings: list[str], chunked: bool, limit: int
) -> None:
    fields = [b"Content-Encoding: " + coding.encode() for coding in codings] + [CHUNKED] * chunked
    payload = decode_payload(head(*fields), body, limit=limit)
    assert len(payload.data) <= limit
    assert payload.complete or payload.problem


@given(st.binary(max_size=3000), st.lists(st.sampled_from(list(ENCODERS)), max_size=3), st.integers(1, 500))
def test_what_was_coded_is_decoded(data: bytes, codings: list[str], size: int) -> None:
    body = data
    for coding in codings:
        body = ENCODERS[coding](body)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    fields = [CHUNKED, b"Content-Encoding: " + ", ".join(codings).encode()]
    payload = decode_payload(head(*fields), chunks, limit=LIMIT)
    assert (payload.data, payload.complete) == (data, True)
