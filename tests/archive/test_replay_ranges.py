"""Byte ranges (RFC 9110, section 14), held against slices."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.replay.exchange import Reply, Request, ranged

DATA = b"0123456789"


def asked(value: str | None, **headers: str) -> Reply:
    fields = headers if value is None else {"range": value, **headers}
    body = BytesIO(b"skipped" + DATA)
    body.seek(7)
    return ranged(Request("/", fields), Reply(200, (), body, len(DATA)), '"etag"')


def sent(answer: Reply) -> bytes:
    return answer.body.read(answer.length)


@pytest.mark.parametrize(
    ("value", "expected", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-99", DATA, "bytes 0-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
    ],
)
def test_a_range_is_cut(value: str, expected: bytes, content_range: str) -> None:
    answer = asked(value)
    assert (answer.status, sent(answer)) == (206, expected)
    assert ("Content-Range", content_range) in answer.headers


@pytest.mark.parametrize(
    "value", [None, "bytes=", "bytes=-", "lines=0-3", "bytes=0-1,3-4", "bytes=a-b", "bytes=5-2"]
)
def test_what_is_no_single_range_gives_the_whole(value: str | None) -> None:
    answer = asked(value)
    assert (answer.status, sent(answer)) == (200, DATA)


@pytest.mark.parametrize("value", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(value: str) -> None:
    answer = asked(value)
    assert answer.status == 416
    assert ("Content-Range", "bytes */10") in answer.headers


def test_if_range_asks_for_the_whole_of_another_version() -> None:
    assert asked("bytes=0-3", **{"if-range": '"other"'}).status == 200
    assert asked("bytes=0-3", **{"if-range": '"etag"'}).status == 206


@given(st.integers(0, 20), st.integers(0, 20))
def test_every_range_is_the_slice(first: int, last: int) -> None:
    answer = asked(f"bytes={first}-{last}")
    expected = {200: DATA, 206: DATA[first : last + 1], 416: b"No such range.\n"}
    assert answer.status == (200 if last < first else 206 if first < len(DATA) else 416)
    assert sent(answer) == expected[answer.status]
