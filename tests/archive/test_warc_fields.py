"""Named fields, dates, URIs and encoded values: what is written is one line, and comes back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.fields import (
    decode_value,
    encode_value,
    every,
    first,
    format_date,
    parse_date,
    parse_fields,
    serialise_fields,
    uri,
)

ANY_TEXT = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("A: b\r\nC:d\r\n\r\n", (("A", "b"), ("C", "d"))),
        ("A: b\nC: d\n", (("A", "b"), ("C", "d"))),
        ("A: b\r\r\nC: d\r\r\n", (("A", "b"), ("C", "d"))),
        ("A: b\r\n c\r\n\td\r\n", (("A", "b c d"),)),
        ("A:\r\n b\r\n", (("A", "b"),)),
        ("no colon\r\nA: b:c\r\n: nameless\r\n", (("A", "b:c"),)),
        (" A : b \r\n", (("A", "b"),)),
        ("A: \u00a0b\u2028c\x85d\r\n", (("A", "\u00a0b\u2028c\x85d"),)),
        ("", ()),
    ],
)
def test_fields_are_read_as_tolerantly_as_http(text: str, fields: tuple[tuple[str, str], ...]) -> None:
    assert parse_fields(text) == fields


def test_names_have_no_case() -> None:
    fields = parse_fields("warc-type: a\r\nWARC-TYPE: b\r\n")
    assert first(fields, "WARC-Type") == "a"
    assert every(fields, "Warc-Type") == ["a", "b"]
    assert first(fields, "WARC-Date") is None


@pytest.mark.parametrize(
    "field", [("A", "b\r\nC: d"), ("A", "b\nc"), ("A\n", "b"), ("A:", "b"), ("A b", "c"), ("Ä", "b")]
)
def test_nothing_breaks_out_of_its_line(field: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not a named field"):
        serialise_fields([field])


@given(st.binary(max_size=40))
def test_bytes_that_are_no_utf8_survive(value: bytes) -> None:
    text = value.replace(b"\r", b"").replace(b"\n", b"").strip(b" \t").decode("utf-8", "surrogateescape")
    data = serialise_fields([("Name", text)])
    assert parse_fields(data.decode("utf-8", "surrogateescape")) == (("Name", text),)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026", (2026, 1, 1)),
        ("2026-11", (2026, 11, 1)),
        ("2026-11-22", (2026, 11, 22)),
        ("2026-11-22T09:33Z", (2026, 11, 22, 9, 33)),
        ("2026-11-22T09:33:01Z", (2026, 11, 22, 9, 33, 1)),
        ("2026-11-22T09:33:01.5Z", (2026, 11, 22, 9, 33, 1, 500000)),
        ("2026-11-22T09:33:01.123456789Z", (2026, 11, 22, 9, 33, 1, 123456)),
        ("2026-11-22T09:33:01+02:30", (2026, 11, 22, 7, 3, 1)),
        ("2026-11-22T09:33:01-01:00", (2026, 11, 22, 10, 33, 1)),
    ],
)
def test_dates_of_every_granularity(text: str, date: tuple[int, ...]) -> None:
    year, month, day, *time = date
    assert parse_date(text) == datetime(year, month, day, *time, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-11-22T25:00:00Z",
        "2026-11-22T09:33:01",
        "20261122093301",
        "0001-01-01T00:00+01:00",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=3))), min_value=datetime(2, 1, 1)))  # noqa: DTZ001
def test_dates_come_back_to_the_microsecond(date: datetime) -> None:
    assert parse_date(format_date(date)) == date
    assert len(format_date(date)) == len("2026-11-22T09:33:00.123456Z")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("http://a/b?c=d&e#f", "http://a/b?c=d&e#f"),
        ("http://a/%C3%BC%zz%", "http://a/%C3%BC%zz%"),
        ("http://a/ü", "http://a/%C3%BC"),
        ("http://a/\r\nWARC-Type: x", "http://a/%0D%0AWARC-Type:%20x"),
        ('http://a/<>"{}|\\^`', "http://a/%3C%3E%22%7B%7D%7C%5C%5E%60"),
        ("http://a/\udcff", "http://a/%FF"),
        ("http://a/\ud800", "http://a/%ED%A0%80"),
        ("http://[::1]:80/;x='(y)'!*~", "http://[::1]:80/;x='(y)'!*~"),
        ("http://a/" + "b" * 100_000, "http://a/" + "b" * 100_000),
    ],
)
def test_uris_are_written_as_rfc_3986_has_them(text: str, written: str) -> None:
    assert uri(text) == written
    assert uri(written) == written


@given(ANY_TEXT)
def test_a_uri_never_breaks_its_line(text: str) -> None:
    assert uri(text).isascii()
    assert not set(uri(text)) & set(' \r\n\t<>"')


@given(ANY_TEXT)
def test_values_come_back_whatever_they_hold(text: str) -> None:
    line = serialise_fields([("Name", encode_value(text))])
    assert line.count(b"\n") == 1
    ((_, value),) = parse_fields(line.decode("utf-8", "surrogateescape"))
    assert decode_value(value) == text


@pytest.mark.parametrize("text", ["plain", "Zoë, 日本", "a = b ? c", ""])
def test_ordinary_values_stay_readable(text: str) -> None:
    assert encode_value(text) == text


@given(st.text(st.characters(), min_size=1, max_size=300))
def test_encoded_words_keep_to_their_length(text: str) -> None:
    words = encode_value("\n" + text).split(" ")
    assert max(map(len, words)) <= 75


@pytest.mark.parametrize("value", ["=?utf-8?B?!!!?=", "=?utf-8?B?/w==?=", "=?iso-8859-1?Q?a?=", "=?utf-8?B?"])
def test_what_only_looks_encoded_stays(value: str) -> None:
    assert decode_value(value) == value
