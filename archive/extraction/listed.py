"""What a sitemap or feed lists, as it is read: bounded, each URL once, dates and titles in one form."""

import html
import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from archive.extraction.links import absolute
from archive.outcome import Link, Relation

MAX_TITLE_CHARACTERS = 500

_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_ISO = re.compile(
    rf"\s*(?:(?P<day>{_DAY})(?:[T\s]\s*(?P<time>{_TIME}(?::[0-5]\d(?:\.\d+)?)?)\s*(?P<zone>Z|[+-]\d\d:?\d\d|UTC|GMT)?)?"
    r"|(?P<period>\d{4}(?:-(?:0[1-9]|1[0-2]))?))\s*",
    re.ASCII | re.IGNORECASE,
)
FINISHED_DATE = rf"{_DAY}(?:T{_TIME}:[0-5]\d[+-]\d\d:\d\d)?"
"""A date that stays as it is written, as a regular expression."""
_FINISHED = re.compile(FINISHED_DATE, re.ASCII)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


class Listed:
    """Collects the links of one listing at ``base``; ``full`` once there are more than ``limit`` entries."""

    def __init__(self, base: str, limit: int) -> None:
        self.base, self.limit = base, limit
        self.entries = 0
        self.full = False
        self.title: str | None = None
        self.notes: tuple[str, ...] = ()
        self._links: dict[str, Link] = {}

    def add(
        self,
        reference: str,
        relation: Relation = Relation.LISTED,
        date: str | None = None,
        title: str | None = None,
        *,
        base: str | None = None,
    ) -> None:
        """Take a link, resolved. A URL named twice keeps its first place; no http or https URL, no link."""
        url = absolute(reference, base or self.base)
        if url is not None:
            self.keep(url, relation, date, title)

    def add_alternate(self, reference: str, language: str | None) -> None:
        """Take the same page in another language."""
        url = absolute(reference, self.base)
        if url is not None and not self.full:
            self._links.setdefault(f"alternate {url}", Link(url, Relation.ALTERNATE, language=language))

    def keep(self, url: str, relation: Relation, date: str | None, title: str | None) -> None:
        """Take a link that is known to be as `absolute` gives it."""
        if self.full:
            return
        is_entry = relation is Relation.LISTED or relation is Relation.SITEMAP
        key = url if is_entry else f"{relation.value} {url}"
        if key not in self._links:
            if self.entries == self.limit:
                self.full = True
                self.note(f"more than {self.limit} entries")
                return
            self._links[key] = Link(url, relation, date, title)
            self.entries += is_entry

    def keep_entries(self, entries: Iterable[tuple[str, str | None, str | None, int]]) -> int | None:
        """Take entries given as URL, date, title and a mark; returns the mark of the last one taken.

        As `keep`, but in bulk.
        """
        links, last = self._links, None
        for url, date, title, mark in entries:
            if url not in links:
                if self.entries == self.limit:
                    self.keep(url, Relation.LISTED, date, title)
                    break
                links[url] = Link(url, Relation.LISTED, date, title)
                self.entries += 1
            last = mark
        return last

    def keep_alternates(self, alternates: Iterable[tuple[str, str]]) -> None:
        """Take the same page in other languages, given as language and URL. As `keep`, but in bulk."""
        links = self._links
        for language, url in () if self.full else alternates:
            key = f"alternate {url}"
            if key not in links:
                links[key] = Link(url, Relation.ALTERNATE, language=language)

    def note(self, text: str) -> None:
        """Keep a remark on the listing, once."""
        if text not in self.notes:
            self.notes = (*self.notes, text)

    def links(self) -> tuple[Link, ...]:
        return tuple(self._links.values())


def clean_date(text: str) -> str | None:
    """An ISO 8601 or RFC 822 date in ISO 8601, with an offset where one is given; None when it is no date."""
    if _FINISHED.fullmatch(text):
        return text
    matched = _ISO.fullmatch(text)
    if not matched:
        return _rfc822(text)
    day, time, zone, period = matched.groups()
    return f"{day}T{time}{_offset(zone)}" if time else day or period


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


_ZONES = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "AT": -4, "ET": -5, "CT": -6, "MT": -7, "PT": -8, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Zones that feeds name and RFC 822 does not know, in hours from UTC. Abbreviations with several meanings are left out."""
_ZONE = re.compile(
    r"(?<=\s)(?:(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)|(?P<name>[A-Z]{2,4}))\Z"
)
_DAY_ALONE = re.compile(r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}")
_STRAY_COMMA = re.compile(r"(?<=[A-Za-z]),(?=\s+\d{4})")


def _rfc822(text: str) -> str | None:
    """A date as RFC 822 has it, or as feeds take it to be: zones with a colon or by name, a stray comma, no time."""
    text = _ZONE.sub(_numeric_zone, _STRAY_COMMA.sub("", text.strip()[:100]))
    if _DAY_ALONE.fullmatch(text):
        day = _moment(f"{text} 00:00:00")
        return day and day.partition("T")[0]
    return _moment(text)


def _numeric_zone(zone: re.Match[str]) -> str:
    if zone["sign"]:
        return f"{zone['sign']}{zone['hours']}{zone['minutes']}"
    return f"{_ZONES[zone['name']]:+03d}00" if zone["name"] in _ZONES else zone[0]


def _moment(text: str) -> str | None:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _without_tags(text: str) -> str:
    return _TAG.sub("", text) if "<" in text else text


def clean_title(text: str) -> str | None:
    """A title on one line: entities resolved (feeds escape them twice), tags dropped, spaces collapsed."""
    text = _without_tags(text)
    if "&" in text:
        text = _without_tags(html.unescape(text))
    return " ".join(text.split())[:MAX_TITLE_CHARACTERS] or None
