"""When something was published, as far as a list or an address tells: what lies outside of a window, what comes first."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from archive.outcome import Link, Relation
from archive.window import AFTER, Span, Window

NEWEST = 99
"""The freshness of what is dated today."""
DAYS_APART = 60
"""So many days each have a freshness of their own; then come months, then the rest."""
MONTH_DAYS = 30
FIRST_YEAR, LAST_YEAR = 1990, 2099

_YEAR = r"(?P<year>199\d|20\d\d)"
_MONTH, _DAY = r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>0?[1-9]|[12]\d|3[01])"
_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ADDRESS_DATE = re.compile(
    rf"/{_YEAR}(?:/(?P<month>0?[1-9]|1[0-2]|(?:{'|'.join(_NAMES)})[a-z]*)(?:/{_DAY})?/"
    r"|(?P<dash>-?)(?P<month2>0[1-9]|1[0-2])(?P=dash)(?P<day2>0[1-9]|[12]\d|3[01])(?=[/_.-]|$))",
    re.IGNORECASE,
)
_LIST_MONTHS = (
    re.compile(rf"(?<!\d){_YEAR}/{_MONTH}(?:/{_DAY})?(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}[-_.](?P<month>0?[1-9]|1[0-2])(?!\d)(?P<day>)"),
)
_LIST_YEAR = re.compile(rf"(?<![\d]){_YEAR}(?!\d)")
_NUMBER = re.compile(r"\d+")
_PARAMETERS = {
    "yyyy": "year", "year": "year", "y": "year", "mm": "month", "month": "month", "m": "month",
    "dd": "day", "day": "day", "d": "day",
}  # fmt: skip


def address_span(url: str) -> Span | None:
    """The day or month of publication that an article's address carries: ``/2024/05/31/``, ``/2024-05-31-…`` …"""
    found = _ADDRESS_DATE.search(url.partition("?")[0])
    if found is None:
        return None
    return _span(found["year"], found["month"] or found["month2"], found["day"] or found["day2"])


def list_span(url: str) -> Span | None:
    """The day, month or year whose articles a sitemap lists, by its address: ``sitemap-2024-05.xml``, ``?yyyy=2024``.

    In ``sitemap-2024-05-12.xml`` the last number may be a day as well as a count: the month is what is certain.
    """
    parts = urlsplit(url)
    given = {_PARAMETERS[name]: value for name, value in parse_qsl(parts.query) if name in _PARAMETERS}
    if "year" in given and all(value.isascii() and value.isdigit() for value in given.values()):
        return _span(**given)
    found = [match for pattern in _LIST_MONTHS for match in pattern.finditer(parts.path)]
    if found:
        return _span(**found[0].groupdict()) if len(found) == 1 else None
    years = _LIST_YEAR.findall(parts.path)
    return _span(years[0]) if len(years) == 1 else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _span(year: str, month: str | None = None, day: str | None = None) -> Span | None:
    if month and month[:3].lower() in _NAMES:
        month = str(_NAMES.index(month[:3].lower()) + 1)
    try:
        return Span.of_period(year, month or None, (month and day) or None)
    except ValueError:
        return None


def numbered(links: Iterable[Link]) -> frozenset[str]:
    """Sitemaps of an index that are numbered through: their ``2024`` is no year where another has number ``17``."""
    series: dict[str, list[str]] = {}
    for link in links:
        if link.relation is Relation.SITEMAP:
            series.setdefault(_NUMBER.sub("0", link.url), []).append(link.url)
    return frozenset(url for urls in series.values() if _counts(urls) for url in urls)


def _counts(urls: Iterable[str]) -> bool:
    """Whether addresses of one pattern have, in the place of a single number, one that is no year."""
    numbers = [_NUMBER.findall(_path(url)) for url in urls]
    return all(len(each) == 1 for each in numbers) and not all(
        len(each[0]) > 4 or FIRST_YEAR <= int(each[0]) <= LAST_YEAR for each in numbers
    )


def outside(link: Link, window: Window, counted: frozenset[str] = frozenset()) -> str | None:
    """Why nothing that ``link`` leads to can have been published in ``window``, in a word; None where something may.

    The date of an address is that of publication. So is a list's own where it gives the title too (a feed, Google's
    news extension); ``lastmod`` tells only that what has not changed since was not published since. The ``lastmod`` of
    a sitemap is the date of its last change, and that of its articles at most.
    """
    if not window:
        return None
    if link.relation is Relation.SITEMAP:
        span = None if link.url in counted else list_span(link.url)
        return window.refusal(span) or _since_change(link, window)
    if link.relation not in (Relation.LISTED, Relation.LINK):
        return None
    span = address_span(link.url)
    if span and span.days == 1:
        return window.refusal(span)
    published = window.refusal(Span.of(link.date)) if link.title else _since_change(link, window)
    return window.refusal(span) or published


def _since_change(link: Link, window: Window) -> str | None:
    reason = window.refusal(Span.of(link.date))
    return None if reason == AFTER else reason


def dated(link: Link, counted: frozenset[str] = frozenset()) -> Span | None:
    """The date that says most of when the content of ``link`` is from."""
    span = list_span(link.url) if link.relation is Relation.SITEMAP else address_span(link.url)
    span = None if link.url in counted else span
    given = Span.of(link.date)
    return given if span is None or (given and span.start <= given.start < span.end) else span


def freshness(span: Span | None, today: datetime) -> int:
    """NEWEST for what is from today, less the older it is: by days, then by months; 0 without a date."""
    if span is None:
        return 0
    days = max(0, (today - min(max(span.start, span.end), today)).days)
    if days <= DAYS_APART:
        return NEWEST - days
    return max(1, NEWEST - DAYS_APART - days // MONTH_DAYS)
