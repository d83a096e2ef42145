"""What the shape of a URL tells before it is fetched: an article, a section, a trap."""

import re
from collections import Counter
from urllib.parse import SplitResult, unquote, urlsplit

MAX_URL_CHARACTERS = 2000
MAX_SEGMENTS = 14
"""Parts of a path: no news site nests deeper, endless relative links do."""
MAX_SEGMENT_REPEATS = 3
"""How often one part may stand in a path."""
MAX_PARAMETERS = 8
MAX_PARAMETER_REPEATS = 2
ARTICLE_LIKE = 0.5
"""The score from which on an address is taken for an article's."""
MIN_SLUG_WORDS = 4
MIN_SLUG_LETTERS = 10
"""Letters of a shorter slug for it to count at all."""
MIN_ID_DIGITS = 5
LONG_ID_DIGITS = 6
"""From this length on a number in the last part of a path is hardly anything but an article's."""
MIN_UNSPACED_SLUG = 12
"""Characters of a slug in a script that has no spaces, or that is percent-encoded."""

_DATED = re.compile(
    r"(?:^|[/_-])(?:19|20)\d\d[/_.-]?(?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/_.-]?(?:[0-2]?\d|3[01]))?(?=[/_.-]|$)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+")
_LONG_ID = re.compile(rf"(?<!\d)\d{{{LONG_ID_DIGITS},}}")
_DIGIT = re.compile(r"\d")
_ID = re.compile(
    rf"\d{{{MIN_ID_DIGITS},}}|[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-|(?<![a-z0-9])(?=[a-z]*\d)[a-z0-9]{{8,}}(?![a-z0-9])",
    re.IGNORECASE,
)
_PAGE_SUFFIX = re.compile(
    r"\.(?:html?|shtml|xhtml|phtml|php|aspx?|jsp|cms|ece|story|article)$", re.IGNORECASE
)
_ARTICLE_WORDS = frozenset(("article", "articles", "story", "artikel", "articulo", "beitrag"))
"""Parts of a path that articles alone have behind them."""
_NEWS_WORDS = frozenset(("news", "noticia", "noticias", "nachrichten"))
_SECTIONS = """
    tag tags tagged topic topics thema themen category categories kategorie categoria categorie rubrique rubrik section sections
    author authors autor autore autori autoren auteur auteurs contributor contributors redaktion redaction profile profil user users
    search suche recherche buscar
    page pages login signin register subscribe abo account konto newsletter newsletters contact kontakt impressum imprint about
    terms privacy datenschutz legal cookies jobs shop coupons feed feeds rss sitemap live-tv program programm
    video videos gallery galleries galerie photos photostory slideshow podcast podcasts mediathek special-report specials
"""
_SECTION_WORDS = frozenset(_SECTIONS.split())
_SERVICES = """
    shop store abo subscribe subscription membership coupons jobs games spiele account login mediakit classifieds support help
"""
_SERVICE_HOSTS = frozenset(_SERVICES.split())
_INDEXES = """
    home index default about contact kontakt privacy terms impressum newsletter newsletters subscribe
"""
_INDEX_WORDS = frozenset(_INDEXES.split())
"""First words of short names of pages that list or serve."""
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mjs|json|woff2?|ttf|eot|mp[34]|m4[av]|webm|ogg|wav|avi|mov|zip|gz|rar|7z|exe|dmg|apk|docx?|xlsx?|pptx?|pdf|epub)$",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"(?:^|[/_-])(?:calendar|kalender|calendrier|calendario|agenda|events?|termine|eventos)(?=[/_.-]|$)",
    re.IGNORECASE,
)
_CALENDAR_PARAMETERS = frozenset(
    (
        "month",
        "monat",
        "mois",
        "year",
        "jahr",
        "day",
        "date",
        "tribe-bar-date",
        "calendar",
        "eventdate",
        "week",
        "ical",
    )
)
_ACTION_PARAMETERS = frozenset(
    (
        "replytocom",
        "action",
        "share",
        "print",
        "redirect_to",
        "returnurl",
        "add-to-cart",
        "sort",
        "orderby",
        "order",
        "filter",
    )
)


def looks_like_article(url: str) -> float:
    """How much the address looks like an article's, from 0 (a section, a form, a file) to 1; see ARTICLE_LIKE.

    The weights were set by hand, by what ``bench/pagetypes.py`` measures.
    """
    parts = _parts(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    if not segments or _FILE.search(path):
        return 0.0
    last = _PAGE_SUFFIX.sub("", segments[-1])
    date = _DATED.search(path)
    score = 0.1 + _name_score(segments) + _id_score(segments) + 0.15 * (last != segments[-1])
    score += 0.3 * (date is not None and bool(_WORDS.search(path, date.end())))
    score += _place_score(segments[:-1], last)
    if _lists_or_serves(parts.netloc, segments, last):
        score -= 0.5
    return max(0.0, min(1.0, score))


def _name_score(segments: list[str]) -> float:
    """The last part that has words; where only a number stands behind it, it is the article's."""
    named = [segment for segment in segments[-2:] if _WORDS.search(_PAGE_SUFFIX.sub("", segment))]
    return _slug_score(named[-1]) if named and (named[-1] == segments[-1] or _is_id(segments[-1])) else 0.0


def _is_id(segment: str) -> bool:
    return bool(_LONG_ID.search(segment))


def _id_score(segments: list[str]) -> float:
    if _is_id(segments[-1]) and not _DATED.fullmatch(segments[-1]):
        return 0.35
    return 0.2 if any(map(_ID.search, segments[-2:])) else 0.0


def _place_score(above: list[str], last: str) -> float:
    """What the parts above the last one promise."""
    if not _ARTICLE_WORDS.isdisjoint(above):
        return 0.25 if _DIGIT.search(last) else 0.1
    return 0.0 if _NEWS_WORDS.isdisjoint(above) else 0.1


def _lists_or_serves(host: str, segments: list[str], last: str) -> bool:
    words = _WORDS.findall(last.lower())
    service = len(words) < MIN_SLUG_WORDS and words[:1] and words[0] in _INDEX_WORDS
    listing = not _SECTION_WORDS.isdisjoint(segment.lower() for segment in segments)
    return bool(service) or listing or host.partition(".")[0].lower() in _SERVICE_HOSTS


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _slug_score(segment: str) -> float:
    stem = _PAGE_SUFFIX.sub("", segment)
    words = _WORDS.findall(stem)
    letters = sum(map(len, words))
    if len(words) >= MIN_SLUG_WORDS or (not stem.isascii() and letters >= MIN_UNSPACED_SLUG):
        return 0.5
    return {3: 0.2, 2: 0.1}.get(len(words), 0.0) if letters >= MIN_SLUG_LETTERS else 0.0


def is_trap(url: str) -> bool:
    """Whether the address is of a kind that has no end: see `trap_kind`."""
    return trap_kind(url) is not None


def trap_kind(url: str) -> str | None:
    """Why ``url`` is likely one of endlessly many: ``long``, ``deep``, ``repeated``, ``parameters``, ``calendar``,
    ``action``; None for an ordinary address."""
    if len(url) > MAX_URL_CHARACTERS:
        return "long"
    parts = _parts(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return "deep"
    if segments and max(Counter(segments).values()) >= MAX_SEGMENT_REPEATS:
        return "repeated"
    return _query_trap(
        parts.path, [pair.partition("=")[0].lower() for pair in parts.query.split("&") if pair]
    )


def _query_trap(path: str, names: list[str]) -> str | None:
    if len(names) > MAX_PARAMETERS or (names and max(Counter(names).values()) > MAX_PARAMETER_REPEATS):
        return "parameters"
    calendar = _CALENDAR.search(path)
    if (calendar and _DATED.search(path, calendar.end() - 1)) or len(
        _CALENDAR_PARAMETERS.intersection(names)
    ) >= 2:
        return "calendar"
    if calendar and not _CALENDAR_PARAMETERS.isdisjoint(names):
        return "calendar"
    return "action" if not _ACTION_PARAMETERS.isdisjoint(names) else None
