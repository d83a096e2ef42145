"""Who wrote an article: names from what its page states or shows, without roles, dates and markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from functools import lru_cache
from itertools import islice

from lxml.etree import _Element
from trafilatura.metadata import extract_author

from archive.extraction.addresses import registrable_domain
from archive.extraction.attributes import having
from archive.extraction.inline import shown_text
from archive.extraction.others import is_anothers
from archive.extraction.structured import Json, Structured, names

MAX_GUESSED = 20_000
"""Elements of a page up to which it is asked: it looks at all of them with many expressions."""
MAX_NAMES = 1000
"""Characters of an element's names that are looked at."""
MAX_MARKED = 100
"""Elements marked as naming an author that are read."""
MAX_BYLINE_BOX = 300
"""Characters of a box around a page's first byline, within which its other authors are named."""
MAX_BYLINE_LEVELS = 4
"""Levels from a byline up to such a box."""
MAX_STATEMENT = 5000
"""Characters of a statement on authors that are read."""
MAX_NAME_LENGTH = 60
"""Characters; longer strings are no name."""
MAX_AUTHORS = 30

_OPENING = (
    r"\A(?:(?:written|reported|posted|published|story|text|article|words|review(?:ed)?|analysis"
    r"|opinion|interview|photographs?|eine?\s+(?:bericht|reportage|kommentar|analyse|interview|kolumne|gastbeitrag))\s+)?"
    r"(?:by|por|door|av|af|autor(?:in|es)?|autore|auteurs?|authors?|redaktion|text"
    r"|texte|texto|oleh|przez|автор|текст|от|מאת|بقلم|كتب|كتبت|نویسنده|نوشته|yazan|(?:yazar|haber)(?=\s*:)|लेखक|文|作者|撰文|%s)"
    r"(?:\b\s*:?\s+|\s*[:：]\s*)(?:(?:onze|unser(?:en?)?|notre|nos|nuestr[oa]s?|our)\s+\w+\s+(?-i:(?=[^\W\d_a-z])))?"
    r"|\A(?:取材・)?(?:文|撰文|글)\s*[・·/／]\s*"
)
_SHOWN_PREFIX = re.compile(_OPENING % "von|par|di|da", re.IGNORECASE)
"""What a byline opens with that a page shows."""
_PREFIX = re.compile(
    _OPENING % r"von(?!\s+(?-i:d[eiu][a-z]?|zu[rm]?)\b)|par|(?-i:d[ia](?=\s+\w+\s+\w))", re.IGNORECASE
)
"""The same of names that are stated: those may open with such a word themselves."""
_SPLIT = re.compile(
    r"\s*[;|•·、\n]\s*|\s+(?:and|und|et|og|och|en|dan|&|with|mit|avec|con|и|та|και|ve)\s+|\s*&\s*"
)
_SPLIT_FULL = re.compile(r"(\s+(?:y|e|i)\s+)")
"""What parts names of two words and more: ``Ortega y Gasset`` is one."""
_ASIDE = re.compile(
    r"\s*\([^()]*\)|(?:\A|\s*[–—|,]|\s+-)\s*(?:foto\w*|fotoğraf|photos?|photographs?|bild(?:er)?|imagen(?:es)?|фото)\s*[:：].*",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*[,،]\s*")
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
_ROLE_BEHIND = re.compile(r"\s+(?:link copied|기자|記者|记者|특파원|논설위원)\Z")
_ABBREVIATED = re.compile(r"(?:\b(?:jr|sr|ph\.d|m\.d)|\.\w|\s\w)\.\Z", re.IGNORECASE)
_FULL_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’-]+){1,3}\Z")
"""What a name must look like where the page states the publisher for the author."""
_NO_NAME = re.compile(
    r"\d{2}|\b\d\b|@|://|www\.|\b(?:updated|published|min read|read more|follow|share|comments?|view all|bio"
    r"|see all|facebook|twitter|subscribe)\b",
    re.IGNORECASE,
)
_METAS = (
    *("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator"),
    *("byl", "cxenseparse:author"),
)
_WRITTEN_BY = ("written", "geschrieben", "verfasst", "écrit", "escrito", "scritto", "author", "autor")
_NEWSROOM = frozenset(
    [
        "the",
        "der",
        "die",
        "das",
        "le",
        "la",
        "les",
        "el",
        "los",
        "il",
        "staff",
        "team",
        "editors",
        "redaktion",
        "newsroom",
        "nachrichten",
    ]
)
_AUTHOR_MARK = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore|byl)(?:[\s_-]*(?:name|link|title))?(?:$|[\s_-])",
    re.IGNORECASE,
)

_MARKS = ("aut", "byl")
"""Of which one is in each mark of an author."""
_NAMING = frozenset(("a", "span", "div", "p", "address", "li"))
"""Elements that name authors."""
_GUESSED_TAGS = frozenset(("author", "rel"))
GUESSED_BY = ("class", "id", "itemprop", "rel", "data-testid", "data-component")
"""Attributes."""
_GUESSED_WORDS = (
    *("author", "byl", "bbl", "username", "screenname", "writer", "zuozhe", "bian", "-by"),
    *("channel-name", "journalist-name"),
)
"""Of which one is in each name that trafilatura knows authors by."""


def find_authors(
    root: _Element, data: Structured, url: str, heading: _Element | None
) -> tuple[tuple[str, ...], str | None]:
    """Names in the page's order, and where they are from: the first place that names anybody but the publisher."""
    houses = _houses(data, url)
    publisher: tuple[tuple[str, ...], str | None] = ((), None)
    for source, found in _claims(root, data, heading):
        cleaned = clean_authors(found, _SHOWN_PREFIX if source == "html" else _PREFIX)
        people = tuple(name for name in cleaned if _packed(name) not in houses)
        if people and (not publisher[0] or source != "html" or all(map(_FULL_NAME.match, people))):
            return people, source
        publisher = publisher if publisher[0] else (cleaned, source if cleaned else None)
    return publisher


def byline_authors(bylines: Sequence[str]) -> tuple[str, ...]:
    """The names in bylines that open as such: ``By Ada Kline``."""
    return clean_authors((line for line in bylines if _SHOWN_PREFIX.match(line)), _SHOWN_PREFIX)


def guessed_authors(root: _Element) -> tuple[str, ...]:
    """What trafilatura takes for the authors of a page that states none."""
    if sum(1 for _ in islice(root.iter(), MAX_GUESSED)) == MAX_GUESSED:
        return ()
    named = [e for e in having(root, GUESSED_BY, _GUESSED_WORDS) if is_guessed_by(_names_of(e))]
    named += [above for element in root.iter(*_GUESSED_TAGS) if (above := element.getparent()) is not None]
    return clean_authors([extract_author(sketch(root, named)) or ""]) if named else ()


def _names_of(element: _Element) -> str:
    get = element.get
    return "\n".join([name for attribute in GUESSED_BY if (name := get(attribute))])[:MAX_NAMES]


def sketch(root: _Element, elements: Iterable[_Element]) -> _Element:
    """A copy of the page with no more than the elements, whole, and those that they stand in.

    trafilatura tells authors by attributes of elements and of those around them: on all of a page that takes longer
    than anything else here.
    """
    whole = set(elements)
    around = {above for element in whole for above in element.iterancestors()}
    copy = deepcopy(root)
    todo = [] if root in whole else [(root, copy)]
    while todo:
        outer, its_copy = todo.pop()
        for inner, inner_copy in zip(list(outer), list(its_copy), strict=True):
            if inner in whole:
                continue
            if inner in around:
                todo.append((inner, inner_copy))
            else:
                its_copy.remove(inner_copy)
    return copy


@lru_cache(maxsize=4096)
def is_guessed_by(names: str) -> bool:
    low = names.lower()
    return any(word in low for word in _GUESSED_WORDS)


def clean_authors(found: Iterable[str], prefix: re.Pattern[str] = _PREFIX) -> tuple[str, ...]:
    """Clean names in order, each once."""
    cleaned = _without_roles(list(dict.fromkeys(name for text in found for name in _names(text, prefix))))
    return tuple(cleaned[:MAX_AUTHORS])


def _houses(data: Structured, url: str) -> set[str]:
    """What the publisher is called, packed."""
    domain = registrable_domain(url)
    stated = [*data.meta.get("og:site_name", ()), *data.meta.get("application-name", ()), domain]
    stated += [
        domain.partition(".")[0],
        *(name for _, one in data.articles() for name in names(one.get("publisher"))),
    ]
    return {_packed(name) for name in stated} - {""}


def _packed(name: str) -> str:
    """Letters and digits in lower case, less an article and what calls a name a newsroom's."""
    words = re.findall(r"\w+", name.casefold())
    return "".join(word for word in words if word not in _NEWSROOM)


def _claims(root: _Element, data: Structured, heading: _Element | None) -> Iterator[tuple[str, list[str]]]:
    for source, article in data.articles():
        yield source, _described(article, data)
    for name in _METAS:
        yield "meta", [content for content in data.meta.get(name, ())[:MAX_MARKED] if "://" not in content]
    if data.meta.get("twitter:label1", ("",))[0].lower().startswith(_WRITTEN_BY):
        yield "meta", list(data.meta.get("twitter:data1", ()))
    yield "html", list(_shown_authors(root, heading))


def _described(article: Json, data: Structured) -> list[str]:
    value = article.get("author") or article.get("creator")
    return names([data.referred(a) for a in (value if isinstance(value, list) else [value])])


def _shown_authors(root: _Element, heading: _Element | None) -> Iterator[str]:
    """Texts of elements that are marked as naming an author, from the first on as far as its box goes."""
    box: set[_Element] = set()
    own = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    for element in islice(_marked(root), MAX_MARKED):
        if is_anothers(element, own):
            continue
        text = " ".join(shown_text(element, 2 * MAX_NAME_LENGTH + 1).split())
        if not text or len(text) > 2 * MAX_NAME_LENGTH or (box and box.isdisjoint(element.iterancestors())):
            continue
        box = box or {element, *_byline_boxes(element)}
        yield text


def _marked(root: _Element) -> Iterator[_Element]:
    for element in having(root, ("class", "rel", "itemprop"), _MARKS):
        if element.tag in _NAMING and _is_marked(element):
            yield element


def _is_marked(element: _Element) -> bool:
    classes, relation = element.get("class"), element.get("rel")
    if classes and _is_author_mark(classes):
        return True
    return (relation is not None and "author" in relation.split()) or "author" in element.get("itemprop", "")


def _is_author_mark(classes: str) -> bool:
    low = classes.lower()
    return ("aut" in low or "byl" in low) and _AUTHOR_MARK.search(classes) is not None


def _byline_boxes(element: _Element) -> Iterator[_Element]:
    for above in islice(element.iterancestors(), MAX_BYLINE_LEVELS):
        if len(shown_text(above, MAX_BYLINE_BOX + 1)) > MAX_BYLINE_BOX:
            break
        yield above


def _without_roles(names: list[str]) -> list[str]:
    """Drop what repeats another name with a role or paper behind it."""
    return [
        name for name in names if not any(name != other and name.startswith(f"{other} ") for other in names)
    ]


def _names(text: str, prefix: re.Pattern[str]) -> Iterator[str]:
    text = prefix.sub("", " ".join(text[:MAX_STATEMENT].split()))
    for part in _SPLIT.split(text):
        for full in _full_names(_ASIDE.sub("", part)):
            pieces = _COMMA.split(full)
            for index, piece in enumerate(pieces):
                name = _ROLE_BEHIND.sub("", _stripped(prefix.sub("", piece)))
                if index and (_ROLE.search(name) or len(name.split()) < 2):
                    continue
                if _is_name(name):
                    yield name


def _full_names(text: str) -> Iterator[str]:
    """The text parted where full names stand on both sides of an ``and`` that also stands within names."""
    whole, *parts = _SPLIT_FULL.split(text)
    for joint, part in zip(parts[::2], parts[1::2], strict=True):
        if _is_full(_COMMA.split(whole)[-1]) and _is_full(_COMMA.split(part, maxsplit=1)[0]):
            yield whole
            whole = part
        else:
            whole += joint + part
    yield whole


def _is_full(name: str) -> bool:
    return len(name.split()) > 1


def _stripped(name: str) -> str:
    """The name without what parts it from its neighbours; the full stop of ``Jr.`` or of an initial stays."""
    name = name.strip(" ,:;-–—|/()").lstrip(".")
    return name if _ABBREVIATED.search(name) else name.rstrip(" .")


def _is_name(name: str) -> bool:
    if _ALONE.fullmatch(name):
        return False
    return 1 < len(name) <= MAX_NAME_LENGTH and len(name.split()) <= 7 and not _NO_NAME.search(name)
