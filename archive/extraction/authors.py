"""Names of authors: from what a page states or shows, without roles, dates, agencies' addresses and markup."""

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

MAX_NAME_LENGTH = 60
"""Characters; longer strings are no name."""
MAX_AUTHORS = 30

_PREFIX = re.compile(
    r"\A(?:(?:written|reported|posted|published|story|text|article|words|review(?:ed)?|analysis|opinion|interview|photographs?)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|autor(?:in|es)?|autore|auteurs?|authors?|redaktion|text|texte|texto|oleh|przez|автор|от)\b\s*:?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*[;|•·\n]\s*|\s+(?:and|und|et|y|e|og|och|en|dan|i|&|with|mit|avec|con)\s+|\s*&\s*")
_COMMA = re.compile(r"\s*,\s*")
_ROLE = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|writers?|columnists?|contributors?|producers?|journalists?|redakteure?|redakteurin|reporterin"
    r"|korrespondent(?:in)?|chef(?:in)?|journaliste|rédact\w+|correspondant\w*|redactor\w*|corresponsal|staff writer|director|professor|host"
    r"|analyst|photographer|critic|senior|chief|bureau|lecturer|fellow|policy|politics|news desk)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\d{2}|@|://|www\.|\b(?:updated|published|min read|read more|follow|share|comments?|view all|bio|see all|facebook|twitter|subscribe)\b",
    re.IGNORECASE,
)
_AUTHOR_MARK = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore|byl)(?:[\s_-]*(?:name|link|title))?(?:$|[\s_-])",
    re.IGNORECASE,
)


def clean_authors(found: Iterable[str], publisher: set[str] = frozenset()) -> tuple[str, ...]:  # type: ignore[assignment]
    """Clean names in order, each once; the publisher's own name only where nobody else is named."""
    cleaned = list(dict.fromkeys(name for text in found for name in _names(text)))
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


def _names(text: str) -> Iterator[str]:
    text = _PREFIX.sub("", " ".join(text.split()))
    for part in _SPLIT.split(text):
        pieces = _COMMA.split(part)
        for index, piece in enumerate(pieces):
            name = _PREFIX.sub("", piece).strip(" .,:;-–—|/()")
            if index and (_ROLE.search(name) or len(name.split()) < 2):
                continue
            if _is_name(name):
                yield name


def _is_name(name: str) -> bool:
    return 1 < len(name) <= MAX_NAME_LENGTH and len(name.split()) <= 7 and not _NO_NAME.search(name)
