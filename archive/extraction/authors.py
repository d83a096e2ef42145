"""Names of authors: from what a page states or shows, without roles, dates, agencies' addresses and markup."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from lxml.html import HtmlElement

MAX_NAME_LENGTH = 60
"""Characters; longer strings are no name."""
MAX_AUTHORS = 30

_PREFIX = re.compile(
    r"\A(?:(?:written|reported|posted|published|story|text|article|words|review(?:ed)?|analysis"
    r"|opinion|interview|photographs?)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|autor(?:in|es)?|autore|auteurs?|authors?|redaktion|text"
    r"|texte|texto|oleh|przez|автор|от)\b\s*:?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[;|•·\n]\s*|\s+(?:and|und|et|y|e|og|och|en|dan|i|&|with|mit|avec|con)\s+|\s*&\s*")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_COMMA = re.compile(r"\s*,\s*")
_ROLE = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|writers?|columnists?|contributors?|producers?"
    r"|journalists?|redakteure?|redakteurin|reporterin"
    r"|korrespondent(?:in)?|chef(?:in)?|journaliste|rédact\w+|correspondant\w*|redactor\w*"
    r"|corresponsal|staff writer|director|professor|host"
    r"|analyst|photographer|critic|senior|chief|bureau|lecturer|fellow|policy|politics|news desk)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"by|von|par|sponsored|staff|news|admin|editor(?:ial)?|guest|redaktion|redaction|rédaction"
    r"|(?:senior |staff |contributing )?(?:writer|reporter|editor|columnist)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\d{2}|@|://|www\.|\b(?:updated|published|min read|read more|follow|share|comments?|view all|bio"
    r"|see all|facebook|twitter|subscribe)\b",
    re.IGNORECASE,
)
_AUTHOR_MARK = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore|byl)(?:[\s_-]*(?:name|link|title))?(?:$|[\s_-])",
    re.IGNORECASE,
)


def clean_authors(found: Iterable[str], publisher: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """Clean names in order, each once; the publisher's own name only where nobody else is named."""
    cleaned = _without_roles(list(dict.fromkeys(name for text in found for name in _names(text))))
    people = [name for name in cleaned if name.casefold() not in publisher]
    return tuple((people or cleaned)[:MAX_AUTHORS])


def shown_authors(root: HtmlElement) -> Iterator[str]:
    """Texts of elements that are marked as naming an author: ``rel=author``, ``itemprop=author``, or by class."""
    for element in root.iter("a", "span", "div", "p", "address", "li"):
        if (
            element.get("rel") == "author"
            or "author" in (element.get("itemprop") or "")
            or _AUTHOR_MARK.search(element.get("class") or "")
        ):
            text = " ".join(element.text_content().split())
            if text and len(text) <= 2 * MAX_NAME_LENGTH:
                yield text


def _without_roles(names: list[str]) -> list[str]:
    """Drop what repeats another name with a role or paper behind it."""
    return [
        name for name in names if not any(name != other and name.startswith(f"{other} ") for other in names)
    ]


def _names(text: str) -> Iterator[str]:
    text = _PREFIX.sub("", " ".join(text.split()))
    for part in _SPLIT.split(text):
        pieces = _COMMA.split(_ASIDE.sub("", part))
        for index, piece in enumerate(pieces):
            name = _PREFIX.sub("", piece).strip(" .,:;-–—|/()")
            if index and (_ROLE.search(name) or len(name.split()) < 2):
                continue
            if _is_name(name):
                yield name


def _is_name(name: str) -> bool:
    if _ALONE.fullmatch(name):
        return False
    return 1 < len(name) <= MAX_NAME_LENGTH and len(name.split()) <= 7 and not _NO_NAME.search(name)
