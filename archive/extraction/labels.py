"""What kind of page this is, with the evidence: an article, or which of the pages that show none.

No sign is a verdict alone: a page with a body of text stays an article, whatever ``isAccessibleForFree`` or a
subscription box say of it; what they say is kept as evidence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.extraction.metadata import Metadata
from archive.extraction.phrases import CONSENT
from archive.extraction.structured import ARTICLE_TYPES, types
from archive.extraction.tree import Line, weighed_length
from archive.outcome import Kind

MIN_BODY = 200
"""Characters of body below which a page needs other signs of an article."""
MIN_CLAIMED_BODY = 80
"""Characters of body that are enough where the page says that it is an article."""
MIN_LETTERS = 40
FULL_BODY = 1200
"""Characters of body above which block, error and wall phrases no longer count."""
SMALL_PAGE = 3000
"""Characters shown, at most, by a page that stands in place of another."""
CONSENT_SHARE = 0.4
"""Share of the text shown from which a page is a consent wall."""
SECTION_SCORE = 3
MAX_SCRIPT = 2000
"""Characters of a script that are looked at."""
MANY_TEASERS = 5
"""Linked headlines that make a section of a page whose address looks like an article's."""
TEASER_LENGTH = 25
"""Characters from which a linked line may be the headline of another article."""

_BLOCKED = re.compile(
    r"just a moment|attention required|access (?:denied|to this page has been denied)"
    r"|are you (?:a )?(?:human|robot)|captcha"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|pardon our interruption|request unsuccessful"
    r"|unusual (?:traffic|activity)"
    r"|enable javascript and cookies to continue|checking your browser|ddos protection"
    r"|bot (?:detection|protection)|you have been blocked"
    r"|security check|zugriff verweigert|accès refusé|acceso denegado|accesso negato|доступ (?:запрещ"
    r"|ограничен)|アクセスが拒否|访问被拒绝",
    re.IGNORECASE,
)
_CHALLENGE = (
    *("cf-chl", "challenge-platform", "captcha-delivery", "px-captcha", "_incapsula_resource"),
    *("awswafintegration", "g-recaptcha", "hcaptcha", "distil_"),
)
_PLAYER = re.compile(r"youtube|vimeo|dailymotion|player|embed")
_MISSING = re.compile(
    r"\b404\b|(?:page|article|story|content|site) (?:(?:was|is|could|can) ?not (?:be )?found"
    r"|not found|no longer (?:available|exists)|does(?:n['’]t| not) exist"
    r"|is gone|has been (?:removed|deleted))|(?:page|article) (?:introuvable|n['’]existe (?:pas"
    r"|plus))|(?:seite|artikel) (?:wurde )?nicht (?:gefunden|verfügbar)"
    r"|página no (?:encontrada|existe)|pagina non (?:trovata|esiste)|página não (?:encontrada|existe)"
    r"|pagina niet gevonden|siden (?:blev|ble) ikke (?:fundet|funnet)"
    r"|sidan (?:hittades inte|finns inte)|sivua ei löy|nie znaleziono strony|stránka nenalezena"
    r"|sayfa bulunamadı|страница не найдена"
    r"|ページ(?:が|は)見つかりません|페이지를 찾을 수 없|页面不存在|找不到(?:页面|頁面)|الصفحة غير موجودة",
    re.IGNORECASE,
)
_WALLED = re.compile(
    r"subscri(?:be|bers?|ption)\b.{0,60}(?:continue|read|access|unlock|only|full)|(?:continue"
    r"|keep) reading|already (?:a )?subscrib|sign in to (?:read|continue)"
    r"|exclusive to subscribers|to read (?:the|this) full|unlock this article|free articles? (?:left"
    r"|remaining)|réservé (?:aux|à nos) abonnés|déjà abonné"
    r"|lire la suite|pour lire (?:la suite|cet article)|weiterlesen mit|jetzt weiterlesen"
    r"|bereits abonn|nur für abonnent|exklusiv für abonnent|mit .{0,30}\+ (?:weiter)?lesen"
    r"|seguir leyendo|ya (?:eres|soy) suscriptor|solo (?:para )?suscriptores|contenuto riservato"
    r"|già abbonat|exclusivo para assinantes|já (?:é|sou) assinante"
    r"|alleen voor abonnees|verder lezen|for abonnenter|allerede abonnent|redan prenumerant"
    r"|läs vidare|vain tilaajille|dostęp dla prenumerator"
    r"|会員限定|有料会員|続きを読むには|구독자 전용|подписчик",
    re.IGNORECASE,
)
_SECTION_TYPES = frozenset(("CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage"))
_MEDIA_TYPES = frozenset(
    ("VideoObject", "AudioObject", "ImageGallery", "MediaGallery", "PodcastEpisode", "Clip")
)
_SLUG = re.compile(r"\d{4,}|(?:[^/-]+-){3,}|\.(?:s?html?|php|aspx?)$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A page's kind, the reason in words where it is no article, and the evidence as short phrases."""

    kind: Kind
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sight:
    """What the page shows: its lines, the body chosen from them, its metadata, and marks that scripts leave."""

    url: str
    lines: Sequence[Line]
    body: Sequence[Line]
    metadata: Metadata
    marks: frozenset[str] = frozenset()

    @cached_property
    def body_length(self) -> int:
        return sum(weighed_length(line.text) for line in self.body)

    @cached_property
    def shown(self) -> list[Line]:
        return [line for line in self.lines if not line.unshown]

    @cached_property
    def shown_length(self) -> int:
        return sum(len(line.text) for line in self.shown)

    @cached_property
    def teasers(self) -> int:
        """Lines that are the linked headline of another article, or look it."""
        long = (line for line in self.shown if len(line.text) >= TEASER_LENGTH)
        return sum(1 for line in long if line.linked >= 0.8 * len(line.text.replace(" ", "")))


def marks(root: HtmlElement) -> frozenset[str]:
    """Traces of challenges and players in the page's scripts and embedded documents; before those are dropped."""
    found: set[str] = set()
    for element in root.iter("script", "iframe", "video", "audio"):
        text = _named(element)
        found.update(trace for trace in _CHALLENGE if trace in text)
        if element.tag in ("video", "audio") or (element.tag == "iframe" and _PLAYER.search(text)):
            found.add("player")
    return frozenset(found)


def _named(element: HtmlElement) -> str:
    names = [element.get(name) or "" for name in ("src", "id", "class")]
    code = (element.text or "")[:MAX_SCRIPT] if element.tag == "script" else ""
    return " ".join((*names, code)).lower()


def judge(sight: Sight) -> Verdict:
    """The page's kind. Signs are tried from the most to the least certain."""
    evidence = tuple(_evidence(sight))
    for sign in (_empty, _blocked, _missing, _consent_wall, _section, _media, _paywall, _too_little):
        if (found := sign(sight)) is not None:
            kind, reason = found
            return Verdict(kind, reason, evidence)
    return Verdict(Kind.ARTICLE, "", evidence)


def _evidence(sight: Sight) -> Iterator[str]:
    yield f"body={sight.body_length}"
    if claim := _claim(sight):
        yield f"claims={claim}"
    if sight.metadata.free is not None:
        yield f"isAccessibleForFree={str(sight.metadata.free).lower()}"
    if (sight.body_length < FULL_BODY or sight.metadata.free is False) and (wall := _wall_line(sight)):
        yield f"wall={wall[:80]}"
    yield from sorted(f"mark={mark}" for mark in sight.marks)


def _empty(sight: Sight) -> tuple[Kind, str] | None:
    return (Kind.EMPTY, "the page shows no text") if not sight.shown and not sight.body else None


def _blocked(sight: Sight) -> tuple[Kind, str] | None:
    if not _stands_in(sight):
        return None
    named = _BLOCKED.search(sight.metadata.title) or _said(sight, _BLOCKED)
    challenged = sight.marks & set(_CHALLENGE[:7])
    if named and (challenged or sight.body_length < FULL_BODY):
        return Kind.BLOCKED, f"a block or challenge page: {named[0]!r}"
    if challenged and sight.body_length < MIN_BODY and not _claim(sight):
        return Kind.BLOCKED, f"a challenge page ({min(challenged)})"
    return None


def _missing(sight: Sight) -> tuple[Kind, str] | None:
    found = _MISSING.search(sight.metadata.title)
    if found is None and _stands_in(sight) and not _claim(sight):
        found = next(
            (m for line in sight.shown if line.kind == "heading" and (m := _MISSING.search(line.text))), None
        )
    if found is not None and sight.body_length < FULL_BODY and not _article_claim(sight):
        return Kind.SOFT_404, f"the page says that it is missing: {found[0]!r}"
    return None


def _consent_wall(sight: Sight) -> tuple[Kind, str] | None:
    if sight.body_length >= FULL_BODY:
        return None
    asking = sum(len(line.text) for line in sight.shown if CONSENT.search(line.text))
    if asking > CONSENT_SHARE * sight.shown_length:
        return Kind.CONSENT_WALL, "the page asks for consent and shows little else"
    if CONSENT.search(sight.metadata.title) and sight.body_length < MIN_BODY:
        return Kind.CONSENT_WALL, "the page's title asks for consent"
    return None


def _section(sight: Sight) -> tuple[Kind, str] | None:
    score, why = 0, []
    for points, sign in _section_signs(sight):
        score += points
        if points > 0:
            why.append(sign)
    return (Kind.SECTION, f"a page of links: {', '.join(why)}") if score >= SECTION_SCORE else None


def _section_signs(sight: Sight) -> Iterator[tuple[int, str]]:
    data, path = sight.metadata.structured, urlsplit(sight.url).path
    if any(types(node) & _SECTION_TYPES for node in data.objects[:3]) and not data.article:
        yield 2, "described as a collection"
    if (kind := data.first("og:type")) and kind[0].lower() == "website":
        yield 1, "og:type website"
    if not path.strip("/"):
        yield 2, "the site's front page"
    elif not _SLUG.search(path):
        yield 1, "an address without a slug"
    if sight.metadata.get("published") is None:
        yield 1, "no date"
    teasers = sight.teasers
    if teasers >= 12:
        yield 1, f"{teasers} linked headlines"
    if _is_scattered(sight.body):
        yield 1, "text in many small pieces"
    if sight.body_length < MIN_BODY and teasers >= 5:
        yield 1, "little text"
    yield -3 if _article_claim(sight) else 0, ""
    yield -2 if _in_one_piece(sight.body) else 0, ""


def _media(sight: Sight) -> tuple[Kind, str] | None:
    data = sight.metadata.structured
    kind = (data.first("og:type") or ("",))[0].lower()
    described = any(types(node) & _MEDIA_TYPES for node in data.objects)
    if sight.body_length < MIN_BODY and (
        kind.startswith(("video", "music")) or described or "player" in sight.marks
    ):
        return Kind.MEDIA, "a video, audio or gallery page with little text"
    return None


def _paywall(sight: Sight) -> tuple[Kind, str] | None:
    walled = _wall_line(sight)
    if sight.body_length < MIN_BODY and (sight.metadata.free is False or (walled and _claim(sight))):
        return Kind.PAYWALL, f"behind a paywall: {(walled or 'isAccessibleForFree is false')[:80]!r}"
    return None


def _too_little(sight: Sight) -> tuple[Kind, str] | None:
    letters = sum(map(str.isalpha, " ".join(line.text for line in sight.body)))
    if sight.body_length >= (MIN_CLAIMED_BODY if _claim(sight) else MIN_BODY) and letters >= MIN_LETTERS:
        return None
    if sight.teasers >= (MANY_TEASERS if _SLUG.search(urlsplit(sight.url).path) else 1):
        return Kind.SECTION, "linked headlines and no text of its own"
    return Kind.EMPTY, "the page shows no article text"


def _article_claim(sight: Sight) -> bool:
    return bool(sight.metadata.structured.article.get("headline"))


def _claim(sight: Sight) -> str | None:
    """Where the page says that it is an article."""
    data = sight.metadata.structured
    if types(data.article) & ARTICLE_TYPES and data.article.get("headline"):
        return "json-ld"
    if (kind := data.first("og:type")) and kind[0].lower() in ("article", "news", "blog", "newsarticle"):
        return "og:type"
    return None


def _stands_in(sight: Sight) -> bool:
    return sight.shown_length <= SMALL_PAGE


def _said(sight: Sight, phrases: re.Pattern[str]) -> re.Match[str] | None:
    return next((m for line in sight.shown if (m := phrases.search(line.text))), None)


def _wall_line(sight: Sight) -> str | None:
    body = {id(line) for line in sight.body}
    return next(
        (
            line.text
            for line in sight.shown
            if len(line.text) < 300 and id(line) not in body and _WALLED.search(line.text)
        ),
        None,
    )


def _is_scattered(body: Sequence[Line]) -> bool:
    parents = Counter(line.element.getparent() for line in body)
    return len(parents) >= 4 and max(parents.values()) <= 2


def _in_one_piece(body: Sequence[Line]) -> bool:
    """At least three long lines under one element."""
    parents = Counter(line.element.getparent() for line in body if weighed_length(line.text) >= 100)
    return max(parents.values(), default=0) >= 3
