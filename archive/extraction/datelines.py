"""When an article was published and modified: as its page states it, else as it shows it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import cast
from urllib.parse import urlsplit

from lxml.etree import _Element

from archive.extraction.attributes import having
from archive.extraction.dates import iso_date
from archive.extraction.inline import shown_text
from archive.extraction.months import MAX_TEXT, shown_days
from archive.extraction.others import is_anothers
from archive.extraction.structured import Structured, clean
from archive.outcome import Value


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MAX_TIMES = 100
"""Elements that may hold a date, of one page, that are looked at."""
NEAR_BEFORE, NEAR_AFTER = 6, 14
"""Texts before and after the heading among which a dateline is looked for."""
MAX_STATED = 60
"""Characters of a date that is stated in words."""
MAX_REST = 45
"""Letters besides its date that a dateline has at most: a name, a place, ``published on``."""

_PUBLISHED = _words(
    "article:published_time og:article:published_time og:published_time datepublished parsely-pub-date"
    " sailthru.date dc.date.issued dcterms.created dc.date.created dcterms.date dc.date publish-date"
    " published_at pubdate publishdate publication_date date_published article.published"
    " cxenseparse:recs:publishtime article_date_original originalpublicationdate ptime date"
)
_MODIFIED = _words(
    "article:modified_time og:article:modified_time og:updated_time article:updated_time datemodified"
    " dcterms.modified dc.date.modified last-modified lastmod revised updated_at date_modified"
)
_UPDATED = re.compile(
    r"update|edited|modified|revised|aktualis|geändert|bearbeitet|mis(?:e)? à jour|modifié|actualizad|modificad"
    r"|atualizad|aggiornat|modificat|bijgewerkt|gewijzigd|uppdaterad|oppdatert|opdateret|päivitetty|muokattu"
    r"|aktualiz|zaktualiz|frissít|módosít|actualizat|ažuriran|posodob|обновл|оновл|измен[её]н|обновен|ενημ[έε]ρ"
    r"|güncel|atnaujint|atjaunin|uuendat|cập nhật|تحديث|עודכן|अपडेट|更新|수정|업데이트|diperbarui",
    re.IGNORECASE,
)
_PATH = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2]|[a-z]{3})[/-]?([0-3]\d)(?=[/_.-]|\Z)")
_ISO_LIKE = re.compile(r"\d{4}-\d")
_WORD = re.compile(r"[^\W\d_]")
_DAY_LENGTH = len("2026-03-10")
_MINUTE_LENGTH = len("2026-03-10T19:45")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one of the two dates is called where."""

    key: str
    metas: tuple[str, ...]


PUBLISHED = _Kind("datePublished", _PUBLISHED)
MODIFIED = _Kind("dateModified", _MODIFIED)


def find_dates(root: _Element, data: Structured, heading: _Element | None, url: str) -> dict[str, Value]:
    """``published`` and ``modified``, as far as the page gives them: ISO 8601, with an offset where it gives one."""
    found = {
        "published": _stated(root, data, heading, PUBLISHED) or _timed(root, heading) or _in_address(url),
        "modified": _stated(root, data, heading, MODIFIED),
    }
    if found["published"] is None and heading is not None:
        shown = _shown(heading, _language(root))
        found = {name: value or shown.get(name) for name, value in found.items()}
    return {name: value for name, value in found.items() if value is not None}


def _stated(root: _Element, data: Structured, heading: _Element | None, kind: _Kind) -> Value | None:
    """The surest statement; with the offset, or the time, that another one gives of the same day."""
    claims = _claims(root, data, heading, kind)
    first = next(claims, None)
    if first is None or _has_offset(first.text):
        return first
    return next((claim for claim in claims if _says_more(claim.text, first.text)), first)


def _says_more(claim: str, first: str) -> bool:
    """Whether ``claim`` has an offset that ``first`` lacks, and is otherwise the same as far as that goes."""
    return _has_offset(claim) and not _has_offset(first) and claim.startswith(first[:_MINUTE_LENGTH])


def _has_offset(text: str) -> bool:
    return re.search(r"[+-]\d\d:\d\d\Z", text[_DAY_LENGTH:]) is not None


def _claims(root: _Element, data: Structured, heading: _Element | None, kind: _Kind) -> Iterator[Value]:
    yield from _read(((data.article.get(kind.key)), data.page.get(kind.key)), "json-ld")
    for name in kind.metas:
        yield from _read(data.meta.get(name, ()), "opengraph" if ":" in name else "meta")
    yield from _read((data.marked.get(kind.key),), data.marked_by)
    yield from _read(map(_date_text, _marked(root, heading, kind)), "microdata")
    yield from _read_words((data.article.get(kind.key), data.page.get(kind.key)), _language(root))


def _read_words(texts: Iterable[object], language: str) -> Iterator[Value]:
    """The days of JSON-LD that are written as for readers: ``10.03.2026``, ``March 10, 2026``."""
    for text in texts:
        stated = clean(text[0] if isinstance(text, list) and text else text)
        if stated and len(stated) <= MAX_STATED and not _ISO_LIKE.match(stated) and iso_date(stated) is None:
            yield from (
                Value(day.isoformat(), "json-ld") for _, day in islice(shown_days(stated, language), 1)
            )


def _read(texts: Iterable[object], source: str) -> Iterator[Value]:
    for text in texts:
        first = text[0] if isinstance(text, list) and text else text
        if found := iso_date(clean(first)):
            yield Value(found, source)


def _marked(root: _Element, heading: _Element | None, kind: _Kind) -> list[_Element]:
    """Elements that are marked as the date, inside of an object or not: those nearest to the heading first."""
    marked = having(root, ("itemprop", "pubdate"), most=100 * MAX_TIMES)
    found = [element for element in marked if _is_marked(element, kind)][:MAX_TIMES]
    above = _above(heading)
    return sorted(found, key=lambda element: _distance(element, above))


def _is_marked(element: _Element, kind: _Kind) -> bool:
    marked = kind.key.lower() in (element.get("itemprop") or "").lower()
    return marked or (kind is PUBLISHED and element.get("pubdate") is not None)


def _date_text(element: _Element) -> str:
    stated = (element.get(name) for name in ("datetime", "content", "title"))
    return next((text for text in stated if text), None) or shown_text(element, 100)


def _timed(root: _Element, heading: _Element | None) -> Value | None:
    """The ``time`` element that is nearest to the heading in the page's structure; without a heading the first."""
    above = _above(heading)
    times = [
        (_distance(element, above), found)
        for element in islice(root.iter("time"), MAX_TIMES)
        if (found := iso_date(_date_text(element)))
        and not _UPDATED.search(_around(element))
        and not is_anothers(element, above)
    ]
    return Value(min(times, key=lambda pair: pair[0])[1], "time") if times else None


def _above(heading: _Element | None) -> dict[_Element, int]:
    return {e: depth for depth, e in enumerate(heading.iterancestors())} if heading is not None else {}


def _distance(element: _Element, above: Mapping[_Element, int]) -> int:
    """Levels from the heading up to the first element that holds both."""
    return next((above[e] for e in element.iterancestors() if e in above), 0)


def _around(element: _Element) -> str:
    """What stands right before a date, and how it is marked."""
    before = element.getprevious()
    parent = element.getparent()
    texts = [element.get("class") or "", element.get("itemprop") or "", (element.text or "")[:50]]
    texts.append((before.tail if before is not None else parent.text if parent is not None else "") or "")
    return " ".join(text[-50:] for text in texts)


def _in_address(url: str) -> Value | None:
    """A day in the path: ``/2026/03/10/``, ``/2026/mar/10/``, ``/2026-03-10-``, ``/20260310/``."""
    match = _PATH.search(urlsplit(url).path.lower())
    if match is None:
        return None
    year, month, day = match.groups()
    found = iso_date(f"{year}-{month}-{day}") if month.isdigit() else None
    if found is None:
        found = next((str(named) for _, named in shown_days(f"{day} {month} {year}")), None)
    return Value(found, "url") if found else None


def _shown(heading: _Element, language: str) -> dict[str, Value]:
    """The dateline near the heading: a short text that is mostly a date."""
    near = (
        "[normalize-space() and not(parent::script or parent::style or parent::title)][position() <= $count]"
    )
    after = cast("list[str]", heading.xpath(f"following::text(){near}", count=NEAR_AFTER))
    before = cast("list[str]", heading.xpath(f"preceding::text(){near}", count=NEAR_BEFORE))
    found: dict[str, Value] = {}
    for text in (*after, *before):
        for name, day in _dateline(str(text), language):
            found.setdefault(name, Value(day.isoformat(), "text"))
    return found


def _dateline(text: str, language: str) -> Iterator[tuple[str, date]]:
    if len(text) > MAX_TEXT:
        return
    days = list(shown_days(text, language))
    length = len(_WORD.findall(text)) - sum(len(_WORD.findall(match[0])) for match, _ in days)
    end = 0
    for match, day in days if length <= MAX_REST else ():
        yield "modified" if _UPDATED.search(text[end : match.start()]) else "published", day
        end = match.end()


def _language(root: _Element) -> str:
    return (root.get("lang") or "").replace("_", "-")
