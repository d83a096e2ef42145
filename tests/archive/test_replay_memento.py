"""Memento's datetimes, links and choices, without a server."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.capture import CaptureRef
from archive.entries import CaptureEntry, CaptureRow
from archive.outcome import Kind
from archive.replay import memento

URL = "https://news.example/a"
NOON = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
ORIGIN = "http://localhost:8041"


def row(number: int, hours: float, *, url: str = URL, status: int | None = 200) -> CaptureRow:
    entry = CaptureEntry(
        CaptureRef("a.warc.gz", number, "urn:uuid:0"), 1, url, NOON + timedelta(hours=hours), status=status
    )
    return CaptureRow(number, entry, Kind.OTHER, "", None, None, (), None)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("202605", datetime(2026, 5, 1, tzinfo=UTC)),
        ("20260501", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026050112", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("20260501123456", datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)),
        ("202", None),
        ("20261301", None),
        ("20260230", None),
        ("2026050112345", datetime(2026, 5, 1, 12, 34, 50, tzinfo=UTC)),
        ("202605011234567", None),
        ("0000", None),
        ("２０２６", None),
        ("", None),
    ],
)
def test_timestamps(digits: str, expected: datetime | None) -> None:
    assert memento.parse_timestamp(digits) == expected


def test_a_timestamp_is_cut_to_the_second_and_padded() -> None:
    assert memento.timestamp(NOON) == "20260501120000"
    assert memento.timestamp(datetime(33, 4, 3, tzinfo=UTC)) == "00330403000000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri, 01 May 2026 12:00:00 GMT", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("Fri, 01 May 2026 14:00:00 +0200", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("Fri, 99 May 2026 12:00:00 GMT", None),
    ],
)
def test_http_dates(text: str, expected: datetime | None) -> None:
    assert memento.parse_http_date(text) == expected


def test_an_http_date_reads_back() -> None:
    assert memento.http_date(NOON) == "Fri, 01 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    "url",
    [
        "https://x/\r\nSet-Cookie: a=1",
        "https://x/>; rel=evil",
        'https://x/"',
        "https://x/é",
        "https://x/a b\x00",
    ],
)
def test_no_url_can_end_a_header_or_a_link(url: str) -> None:
    written = memento.in_header(url)
    assert written.isascii()
    assert not set(written) & set('\r\n<>" \x00')


def test_an_encoded_url_is_not_encoded_again() -> None:
    assert memento.in_header("https://x/%C3%A9?a=1&b=%2F#f") == "https://x/%C3%A9?a=1&b=%2F#f"


class TestNearest:
    def test_the_nearest_in_time(self) -> None:
        rows = [row(0, -5), row(1, 1), row(2, 3)]
        assert memento.nearest(rows, URL, NOON).id == 1

    def test_none_of_none(self) -> None:
        assert memento.nearest([], URL, NOON) is None

    def test_the_url_itself_before_one_that_shares_its_key(self) -> None:
        rows = [row(0, 0, url="http://www.news.example/a"), row(1, 9)]
        assert memento.nearest(rows, URL, NOON).id == 1

    def test_a_url_is_the_same_however_it_is_encoded(self) -> None:
        rows = [row(0, 9, url="https://news.example/é"), row(1, 0, url="http://news.example/é")]
        assert memento.nearest(rows, "https://news.example/%C3%A9", NOON).id == 0

    def test_a_redirect_to_the_url_itself_does_not_stand_for_it(self) -> None:
        rows = [row(0, 0, url="http://news.example/a", status=301)]
        assert memento.nearest(rows, URL, NOON) is None
        assert memento.nearest(rows, "http://news.example/a", NOON).id == 0

    def test_of_one_second_the_full_answer_then_the_later(self) -> None:
        rows = [row(0, 0, status=503), row(1, 0), row(2, 0), row(3, 0, status=404)]
        assert memento.nearest(rows, URL, NOON).id == 2

    def test_fractions_of_a_second_do_not_count(self) -> None:
        rows = [row(0, 0), row(1, 0.0001, status=500)]
        assert memento.nearest(rows, URL, NOON.replace(microsecond=0)).id == 0


def relations(header: str) -> list[tuple[str, str]]:
    return [
        (part.partition(">")[0].lstrip("\n <"), part.partition('rel="')[2].partition('"')[0])
        for part in header.replace(", <", "\0<").replace(",\n<", "\0<").split("\0")
    ]


def test_the_links_of_a_memento_in_the_middle() -> None:
    rows = [row(n, n) for n in range(5)]
    at = {n: f"{ORIGIN}{memento.path_of(found)}" for n, found in enumerate(rows)}
    assert relations(memento.links(ORIGIN, rows, rows[2], URL)) == [
        (URL, "original"),
        (f"{ORIGIN}/timegate/{URL}", "timegate"),
        (f"{ORIGIN}/timemap/link/{URL}", "timemap"),
        (at[0], "first memento"),
        (at[1], "prev memento"),
        (at[2], "memento"),
        (at[3], "next memento"),
        (at[4], "last memento"),
    ]


def test_the_links_of_an_only_memento() -> None:
    rows = [row(0, 0)]
    assert relations(memento.links(ORIGIN, rows, rows[0], URL))[3:] == [
        (f"{ORIGIN}/web/20260501120000/{URL}", "first last memento")
    ]


def test_a_time_map_lists_every_memento() -> None:
    rows = [row(n, n) for n in range(3)]
    found = relations(memento.timemap(ORIGIN, rows, URL))
    assert [relation for _, relation in found] == [
        "original", "self", "timegate", "first memento", "memento", "last memento",
    ]  # fmt: skip
    assert 'from="Fri, 01 May 2026 12:00:00 GMT"; until="Fri, 01 May 2026 14:00:00 GMT"' in memento.timemap(
        ORIGIN, rows, URL
    )
