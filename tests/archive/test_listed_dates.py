"""Dates as sitemaps and feeds write them."""

from datetime import datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extraction.listed import clean_date
from archive.extraction.listing import examine_listing


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-05-31", "2024-05-31"),
        ("2024-05", "2024-05"),
        ("2024-05-31T08:00:00Z", "2024-05-31T08:00:00+00:00"),
        (" 2024-05-31 08:00 +0200 ", "2024-05-31T08:00+02:00"),
        ("Fri, 31 May 2024 08:00:00 GMT", "2024-05-31T08:00:00+00:00"),
        ("Fri, 31 May 2024 08:00:00 +0200", "2024-05-31T08:00:00+02:00"),
        ("Fri, 31 May 2024 08:00:00 +02:00", "2024-05-31T08:00:00+02:00"),
        ("Fri, 31 May 2024 08:00:00 GMT+02:00", "2024-05-31T08:00:00+02:00"),
        ("Fri, 31 May 2024 08:00:00 CEST", "2024-05-31T08:00:00+02:00"),
        ("Fri, 31 May 2024 08:00:00 PT", "2024-05-31T08:00:00-08:00"),
        ("Fri, 31 May 2024 08:00:00 PDT", "2024-05-31T08:00:00-07:00"),
        ("Fri, 31 May, 2024 08:00:00 UTC", "2024-05-31T08:00:00+00:00"),
        ("31 May 2024 08:00", "2024-05-31T08:00:00"),
        ("Fri, 31 May 2024", "2024-05-31"),
        ("31 May 2024", "2024-05-31"),
        ("Fri, 31 Foo 2024", None),
        ("soon", None),
        ("", None),
        ("2024-13-01", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert clean_date(text) == date


@given(st.datetimes(timezones=st.timezones()))
def test_what_mail_writes_is_read_back(moment: datetime) -> None:
    written = moment.replace(microsecond=0)
    offset = written.utcoffset()
    if written.year >= 1900 and offset is not None and offset.total_seconds() % 60 == 0:
        assert clean_date(format_datetime(written)) == written.isoformat()


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("<pubDate>Fri, 31 May 2024</pubDate><dcterms:modified>2025-01-01</dcterms:modified>", "2024-05-31"),
        (
            "<dcterms:modified>2025-01-01</dcterms:modified><dcterms:issued>2024-05-31</dcterms:issued>",
            "2024-05-31",
        ),
        (
            "<dcterms:modified>2025-01-01</dcterms:modified><dcterms:created>2024-05-31</dcterms:created>",
            "2024-05-31",
        ),
        ("<dcterms:modified>2025-01-01</dcterms:modified>", "2025-01-01"),
        ("<pubDate>soon</pubDate><dc:date>2024-05-31</dc:date>", "2024-05-31"),
    ],
)
def test_publication_goes_before_the_last_change(fields: str, date: str) -> None:
    feed = (
        '<rss version="2.0" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<item><link>https://news.example.org/a</link>{fields}</item></channel></rss>"
    )
    outcome = examine_listing(feed.encode(), url="https://news.example.org/feed")
    assert outcome
    assert [link.date for link in outcome.links] == [date]
