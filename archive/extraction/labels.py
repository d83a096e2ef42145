"""What kind of page this is, with the evidence: an article, or which of the pages that show none.

No sign is a verdict alone: a page with a body of text stays an article, whatever ``isAccessibleForFree`` or a
subscription box say of it; what they say is kept as evidence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from urllib.parse import urlsplit

from lxml.etree import _Element

from archive.extraction import consent
from archive.extraction.held import MIN_HELD, HeldText, held_texts
from archive.extraction.lines import Line, weighed_length
from archive.extraction.metadata import Metadata
from archive.extraction.phrasing import Phrases
from archive.extraction.signs import (
    AGREE,
    BLOCKED,
    CONSENTED,
    LISTING,
    MISSING,
    READ_ON,
    REFUSED,
    SHOWING,
    WALL,
)
from archive.extraction.structured import ARTICLE_TYPES, clean, types
from archive.extraction.traces import SURE_CHALLENGE
from archive.outcome import PARTLY_VISIBLE, Kind

MIN_BODY = 150
"""Characters of body below which a page needs other signs of an article."""
MIN_UNNAMED_BODY = 300
"""The same where neither a date nor the address looks like an article's."""
MIN_CLAIMED_BODY = 80
"""Characters of body that are enough where the page says that it is an article."""
SHORT_BODY = 400
"""Characters of body below which the rest of it may be in a script."""
HELD_TIMES = 4
"""How much longer such a text is than the body."""
MIN_LETTERS = 40
"""Letters of a body, those of dense scripts counted three times, below which it is no text."""
FULL_BODY = 1200
"""Characters of body above which block, error and wall phrases no longer count."""
SMALL_PAGE = 3000
"""Characters shown, at most, by a page that stands in place of another."""
CONSENT_SHARE = 0.4
"""Share of the text shown from which a page is a consent wall."""
ASKING_SHARE = 0.5
"""The same of lines that only speak of data, on a page with buttons to agree; its navigation left aside."""
SECTION_SCORE = 3
MOST_BY_LINES = 4
"""Points that a page's lines give for being a section."""
SCRIPT_HELD = "the text is held in a script"
"""How the reason of an empty page opens whose scripts hold a text."""
NEAR_BODY = 4
"""Lines under the body among which a wall shows that it is cut off."""
MAX_SAID = 1000
"""Characters of a line that are looked at for what pages say that stand in place of an article."""
WALL_LENGTH = 300
"""Characters of a line that is a wall, at most."""
MANY_TEASERS = 5
"""Linked headlines that make a section of a page whose address looks like an article's."""
MAX_TEASER_LINKS = 2
"""Links in such a line; more are a menu."""
TEASER_LENGTH = 25
"""Characters, those of dense scripts counted three times, from which a linked line may be another article's headline."""

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
    """What the page shows: its lines, the body chosen from them, its metadata; and what its scripts leave and hold."""

    url: str
    lines: Sequence[Line]
    body: Sequence[Line]
    metadata: Metadata
    marks: frozenset[str] = frozenset()
    scripts: Sequence[_Element] = ()

    @cached_property
    def body_length(self) -> int:
        """Characters of the body, but for lines that say that it is cut off."""
        walls = {id(line) for line in _saying(WALL, _short(self.body))}
        return sum(weighed_length(line.text) for line in self.body if id(line) not in walls)

    @cached_property
    def shown(self) -> list[Line]:
        return [line for line in self.lines if not line.unshown]

    @cached_property
    def shown_length(self) -> int:
        return sum(len(line.text) for line in self.shown)

    @cached_property
    def ending(self) -> list[Line]:
        """The body's last lines and those right under it."""
        last = id(self.body[-1].element) if self.body else 0
        ends = [i for i, line in enumerate(self.shown) if id(line.element) == last]
        return self.shown[max(ends[-1] - 1, 0) : ends[-1] + 1 + NEAR_BODY] if ends else []

    @cached_property
    def teasers(self) -> int:
        """Lines that are the linked headline of another article, or look it."""
        return sum(1 for line in self.shown if line.linked and _is_teaser(line))


def judge(sight: Sight) -> Verdict:
    """The page's kind. Signs are tried from the most to the least certain."""
    evidence = tuple(_evidence(sight))
    for sign in (_blocked, _empty, _missing, _consent_wall, _section, _media, _paywall, _too_little):
        if (found := sign(sight)) is not None:
            kind, reason = found
            return Verdict(kind, reason, evidence)
    return Verdict(Kind.ARTICLE, _partly_visible(sight), evidence)


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
    if sight.shown or sight.body:
        return None
    return Kind.EMPTY, _held(sight) or "the page shows no text"


def _held(sight: Sight, least: int = MIN_HELD) -> str | None:
    """The text of at least so many characters that the page holds and does not show, if any."""
    stated = clean(sight.metadata.structured.article.get("articleBody"))
    texts = (HeldText("articleBody of JSON-LD", len(stated)), *held_texts(sight.scripts))
    longest = max(texts, key=lambda held: held.length)
    return f"{SCRIPT_HELD}: {longest.name}, {longest.length} characters" if longest.length >= least else None


def _blocked(sight: Sight) -> tuple[Kind, str] | None:
    if not _stands_in(sight):
        return None
    headings = [
        sight.metadata.title,
        *(line.text[:MAX_SAID] for line in sight.shown if line.kind == "heading"),
    ]
    named = next((m for text in headings if (m := BLOCKED.search(text) or REFUSED.search(text))), None)
    said = (BLOCKED.search(line.text[:MAX_SAID]) for line in _saying(BLOCKED, sight.shown))
    named = named or next(said, None)
    challenged = sight.marks & SURE_CHALLENGE
    if named and (challenged or sight.body_length < (MIN_BODY if _claim(sight) else FULL_BODY)):
        return Kind.BLOCKED, f"a block or challenge page: {named[0]!r}"
    if challenged and sight.body_length < MIN_BODY and not _article_claim(sight):
        return Kind.BLOCKED, f"a challenge page ({min(challenged)})"
    return None


def _missing(sight: Sight) -> tuple[Kind, str] | None:
    if sight.body_length >= FULL_BODY or _article_claim(sight):
        return None
    if sight.body_length >= MIN_BODY and (_claim(sight) or sight.metadata.get("published") is not None):
        return None
    found = _says_missing(sight)
    return (Kind.SOFT_404, f"the page says that it is missing: {found!r}") if found else None


def _says_missing(sight: Sight) -> str | None:
    """In which words; beside a text of its own, a title or heading that says so needs a line that does as well."""
    titled = MISSING.search(sight.metadata.title)
    shown = [] if _claim(sight) else [line for line in _short(sight.shown) if not line.linked]
    headed = (m for line in shown if line.kind == "heading" and (m := MISSING.search(line.text)))
    if (found := titled or next(headed, None)) is not None and sight.body_length < MIN_UNNAMED_BODY:
        return found[0]
    if found is None and sight.body_length >= MIN_BODY:
        return None
    said = (m for line in shown if line.kind != "heading" and (m := MISSING.search(line.text)))
    found = next(said, None)
    return found[0] if found else None


def _consent_wall(sight: Sight) -> tuple[Kind, str] | None:
    if sight.body_length >= FULL_BODY:
        return None
    asking = [sight.shown[i] for i in consent.asking([line.text for line in sight.shown])]
    if _length(asking) > CONSENT_SHARE * sight.shown_length and next(_saying(CONSENTED, asking), None):
        return Kind.CONSENT_WALL, "the page asks for consent and shows little else"
    if _asks_for_consent(sight):
        return Kind.CONSENT_WALL, "the page asks for consent and shows little else"
    if consent.asks(sight.metadata.title) and sight.body_length < MIN_BODY and _speaks_of_consent(sight):
        return Kind.CONSENT_WALL, "the page's title asks for consent"
    return None


def _speaks_of_consent(sight: Sight) -> bool:
    return next(_saying(CONSENTED, sight.shown), None) is not None


def _asks_for_consent(sight: Sight) -> bool:
    """Whether most of what the page says is on data, with buttons to agree, and it has no article to show beside it."""
    if _article_claim(sight) or sight.teasers >= MANY_TEASERS:
        return False
    said = [
        line for line in sight.shown if line.linked < 0.8 * len(line.text) or len(line.text) >= TEASER_LENGTH
    ]
    asking = [line for line in _saying(CONSENTED, said) if "©" not in line.text]
    if _length(asking) <= ASKING_SHARE * _length(said):
        return False
    return next(_saying(AGREE, _short(sight.shown)), None) is not None


def _length(lines: Iterable[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _section(sight: Sight) -> tuple[Kind, str] | None:
    signs = list(_stated_signs(sight))
    score = sum(points for points, _ in signs)
    score -= (3 if _article_claim(sight) else 0) + (2 if _in_one_piece(sight.body) else 0)
    if score + MOST_BY_LINES < SECTION_SCORE:
        return None
    shown = list(_shown_signs(sight))
    score += sum(points for points, _ in shown)
    why = ", ".join(sign for _, sign in (*signs, *shown))
    return (Kind.SECTION, f"a page of links: {why}") if score >= SECTION_SCORE else None


def _stated_signs(sight: Sight) -> Iterator[tuple[int, str]]:
    data, path = sight.metadata.structured, urlsplit(sight.url).path
    if any(types(node) & _SECTION_TYPES for node in data.objects[:3]) and not data.article:
        yield 2, "described as a collection"
    if (kind := data.first("og:type")) and kind[0].lower() == "website":
        yield 1, "og:type website"
    if not path.strip("/"):
        yield 2, "the site's front page"
    elif not _SLUG.search(path):
        yield 1, "an address without a slug"
    if LISTING.search(sight.url):
        yield 1, "an address of a list"
    if sight.metadata.get("published") is None:
        yield 1, "no date"


def _shown_signs(sight: Sight) -> Iterator[tuple[int, str]]:
    """At most `MOST_BY_LINES` points."""
    teasers = sight.teasers
    if teasers >= 12:
        yield 1, f"{teasers} linked headlines"
    if _is_scattered(sight.body):
        yield 1, "text in many small pieces"
    if _is_under_headlines(sight):
        yield 1, "text under linked headlines"
    if sight.body_length < MIN_BODY and teasers >= 5:
        yield 1, "little text"


def _media(sight: Sight) -> tuple[Kind, str] | None:
    data = sight.metadata.structured
    kind = (data.first("og:type") or ("",))[0].lower()
    described = any(types(node) & _MEDIA_TYPES for node in data.objects)
    if sight.body_length < MIN_BODY and _article_claim(sight) and (held := _held(sight)):
        return Kind.EMPTY, held
    called = SHOWING.search(urlsplit(sight.url).path) and not _article_claim(sight)
    if sight.body_length < MIN_BODY and (
        kind.startswith(("video", "music")) or described or called or "player" in sight.marks
    ):
        return Kind.MEDIA, "a video, audio or gallery page with little text"
    return None


def _paywall(sight: Sight) -> tuple[Kind, str] | None:
    if sight.body_length >= MIN_BODY and not _is_offer(sight):
        return None
    walled = _wall_line(sight)
    if sight.metadata.free is False or (walled and _claim(sight)):
        return Kind.PAYWALL, f"behind a paywall: {(walled or 'isAccessibleForFree is false')[:80]!r}"
    return None


def _is_offer(sight: Sight) -> bool:
    """Whether a short body is what stands under a wall: what a subscription brings and costs."""
    if not sight.body or sight.body_length >= SHORT_BODY:
        return False
    first = id(sight.body[0].element)
    above = next((a for a, line in pairwise(sight.shown) if id(line.element) == first), sight.body[0])
    return next(_saying(WALL, _short((above, sight.body[0]))), None) is not None


def _too_little(sight: Sight) -> tuple[Kind, str] | None:
    letters = (c for line in sight.body for c in line.text if c.isalpha())
    named = _SLUG.search(urlsplit(sight.url).path) is not None
    dated = sight.metadata.get("published") is not None
    least = MIN_CLAIMED_BODY if _claim(sight) else MIN_BODY if named or dated else MIN_UNNAMED_BODY
    if sight.body_length >= least and weighed_length("".join(islice(letters, MIN_LETTERS))) >= MIN_LETTERS:
        return None
    if sight.teasers >= (MANY_TEASERS if named else 1):
        return Kind.SECTION, "linked headlines and no text of its own"
    return Kind.EMPTY, _held(sight) or "the page shows no article text"


def _partly_visible(sight: Sight) -> str:
    """In words, where a wall cuts the text off; nothing where the page shows the whole of it."""
    if sight.body_length >= 2 * FULL_BODY:
        return ""
    ending = _short(sight.ending)
    cut = next((line.text for line in _saying(READ_ON, ending)), None)
    if cut is None and sight.metadata.free is False and sight.body_length < FULL_BODY:
        cut = next((line.text for line in _saying(WALL, ending)), None)
    if cut is None and sight.body_length < SHORT_BODY:
        held = _held(sight, HELD_TIMES * sight.body_length)
        return f"{PARTLY_VISIBLE}: {held}" if held else ""
    return f"{PARTLY_VISIBLE}: {cut[:80]!r}" if cut else ""


def _saying(phrases: Phrases, lines: Sequence[Line]) -> Iterator[Line]:
    """Those of ``lines`` that hold one of ``phrases``."""
    return (lines[i] for i in phrases.among([line.text[:MAX_SAID] for line in lines]))


def _short(lines: Iterable[Line]) -> list[Line]:
    """Lines that may be a wall, or a button."""
    return [line for line in lines if len(line.text) < WALL_LENGTH]


def _is_teaser(line: Line) -> bool:
    if line.links > MAX_TEASER_LINKS or line.linked < 0.8 * (len(line.text) - line.text.count(" ")):
        return False
    return weighed_length(line.text) >= TEASER_LENGTH


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


def _wall_line(sight: Sight) -> str | None:
    return next((line.text for line in _saying(WALL, _short(sight.shown))), None)


def _is_scattered(body: Sequence[Line]) -> bool:
    parents = Counter(line.element.getparent() for line in body)
    return len(parents) >= 4 and max(parents.values()) <= 2


def _is_under_headlines(sight: Sight) -> bool:
    """Whether half of the body's sentences, two at least, stand each right under the linked headline of an article."""
    sentences = (line for line in sight.body if weighed_length(line.text) >= TEASER_LENGTH)
    own = {id(line.element) for line in sentences if not line.linked}
    under = {
        id(line.element)
        for above, line in pairwise(sight.shown)
        if above.linked and id(line.element) in own and _is_teaser(above)
    }
    return len(under) >= max(2, len(own) / 2)


def _in_one_piece(body: Sequence[Line]) -> bool:
    """At least three long lines under one element."""
    parents = Counter(line.element.getparent() for line in body if weighed_length(line.text) >= 100)
    return max(parents.values(), default=0) >= 3
