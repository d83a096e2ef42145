"""The links of a page: what it names, in its own order, absolute and without fragment.

Sources: WHATWG HTML (the base URL, ``a``, ``link``, ``meta`` refresh, ``srcset``), RFC 8288 (relation types),
RFC 3986 (resolution).
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag, urljoin

from lxml.etree import _Element

from archive.outcome import Link, Relation
from archive.parts import continues, part_of

MAX_LINKS = 20_000
"""Links taken from one page; what stands further down is left."""
MAX_URL_CHARACTERS = 4096
"""Longer addresses are dropped: no news site serves them, and they are mostly generated."""

FEED_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
)
FEED_TYPES_LOOSE = frozenset(("application/json", "application/xml", "text/xml"))
UNENDORSED = frozenset(("nofollow", "ugc", "sponsored"))
FOLLOWED_BY_LEAVE = frozenset((Relation.LINK, Relation.NEXT))
"""What a page may ask not to be followed."""
MAX_NUMBER_CHARACTERS = 40
PATH_NUMBER_CHARACTERS = 9
ARROWS = " \t\n\xa0<>«»‹›→⟩▶…."
NEXT_WORDS = frozenset(
    [
        "",
        "next",
        "next page",
        "continue",
        "continue reading",
        "weiter",
        "nächste seite",
        "weiterlesen",
        "suivant",
        "page suivante",
        "siguiente",
        "página siguiente",
        "successiva",
        "avanti",
        "pagina successiva",
        "volgende",
        "volgende pagina",
        "próxima",
        "seguinte",
        "dalej",
        "次へ",
        "次のページ",
    ]
)
"""Words of a link to the following page; none at all for an arrow."""
REQUISITE_RELS = frozenset(
    (
        "stylesheet",
        "icon",
        "apple-touch-icon",
        "apple-touch-icon-precomposed",
        "mask-icon",
        "preload",
        "manifest",
    )
)
LAZY_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "poster")
LAZY_SOURCE_SETS = ("srcset", "data-srcset", "data-lazy-srcset", "imagesrcset")

_EDGE = "".join(map(chr, range(0x21)))
_INNER_BREAKS = re.compile(r"[\t\n\r]+")
_PLAIN = re.compile(r"https?://[\w.:-]+(?:/[!\"$-\[\]-~]*)?", re.ASCII)
_DOTS = r"\.{1,2}(?:[/?#]|\Z)"
_ROOTED = re.compile(
    rf"/(?!/|{_DOTS})(?:[!\"$-.0-:<->@-\[\]-~]++|/(?!{_DOTS}))*+(?:\?[!\"$-:<-\[\]-~]+)?(?=#|\Z)", re.ASCII
)
"""A path from the root, before its fragment, that resolution leaves as it is: no dot segments, parameters or empty query."""
_STABLE = re.compile(r"(?:https?:)?//[\w.:-]+(?:/[!\"$-:<-\[\]-~]*)?(?<!\?)(?=#|\Z)", re.ASCII)
"""What stays as it is when its fragment goes or a scheme is put before it: no parameters or empty query."""
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+-]*:", re.IGNORECASE)
"""``mailto:``, ``javascript:`` and the like; of a host and port before a path, no browser makes an address either."""
_ORIGIN = re.compile(r"https?://[\w.:-]+(?=[/?#]|\Z)", re.ASCII)
_PATH_NUMBER = re.compile(r"[^\d]\d{1,2}(?:/?|\.[a-z]{3,5})\Z", re.IGNORECASE)
_QUERY_NUMBER = re.compile(r"(?:\A|&)[a-z_]+=\d{1,2}(?=&|\Z)", re.IGNORECASE)
"""What each address has that numbers a page of an article: at its path's end, in nine characters at most, or in its query."""
_WITH_HOST = re.compile(r"https?://[^\s\x00-\x20/?#<>\"^`{|}\\]+(?=[/?]|\Z)")
_REFRESH = re.compile(
    r"\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?(['\"]?)(.*?)(?:\1\s*$|$)", re.IGNORECASE | re.DOTALL
)
_CSS_URL = re.compile(
    r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^)'\"\s]*))\s*\)|@import\s+[\"']([^\"']+)[\"']", re.IGNORECASE
)


def absolute(reference: str | None, base: str) -> str | None:
    """Resolve ``reference`` against ``base`` as a browser does; None unless it becomes an http or https URL.

    The fragment goes; everything else stays as it was written.
    """
    if not reference:
        return None
    text = reference.strip(_EDGE)
    if _PLAIN.fullmatch(text):
        return text if len(text) <= MAX_URL_CHARACTERS else None
    if (rooted := _ROOTED.match(text)) and (origin := _ORIGIN.match(base)):
        url = origin[0] + rooted[0]
        return url if len(url) <= MAX_URL_CHARACTERS else None
    return _resolved(_INNER_BREAKS.sub("", text), base)


def _resolved(text: str, base: str) -> str | None:
    if not text or text.startswith("#") or _OTHER_SCHEME.match(text):
        return None
    if (stable := _STABLE.match(text)) and (origin := _ORIGIN.match(base)):
        scheme = origin[0].partition("//")[0] if text.startswith("//") else ""
        return scheme + stable[0] if len(scheme + stable[0]) <= MAX_URL_CHARACTERS else None
    path, mark, query = text.partition("?")
    try:
        url = urldefrag(urljoin(base, path.replace("\\", "/") + mark + query)).url.rstrip(_EDGE)
    except ValueError:
        return None
    return url if _WITH_HOST.match(url) and len(url) <= MAX_URL_CHARACTERS else None


def page_links(tree: _Element, url: str) -> tuple[Link, ...]:
    """Every http and https link of a page that was fetched from ``url``: each once a relation, in page order.

    Links that the page itself does not vouch for (``rel=nofollow``, ``ugc``, ``sponsored``; all of them under
    ``<meta name=robots content=nofollow>``) are left out. ``meta`` refresh gives ``Relation.REDIRECT``; ``rel=next``
    and the number of a following page of the same address give ``Relation.NEXT``.
    """
    base = base_url(tree, url)
    follow = not _robots_nofollow(tree)
    targets: dict[str, tuple[str | None, bool]] = {}
    found: dict[tuple[str, Relation], Link] = {}
    for element in tree.iter("a", "area", "link", "meta"):
        for relation, reference in _references(element):
            if not reference or (not follow and relation in FOLLOWED_BY_LEAVE):
                continue
            if (known := targets.get(reference)) is None:
                target = absolute(reference, base)
                known = targets[reference] = target, target is not None and _may_number(target, url)
            target, may_number = known
            if target and (target != url or relation is Relation.CANONICAL):
                if may_number:
                    relation = _numbered(element, target) or relation  # noqa: PLW2901
                if (target, relation) not in found:
                    language = element.get("hreflang") or None
                    found[target, relation] = Link(target, relation, language=language)
        if len(found) >= MAX_LINKS:
            break
    return tuple(found.values())


def base_url(tree: _Element, url: str) -> str:
    """The document's base URL: the first ``base`` with an href, resolved, else the page's own address."""
    for element in tree.iter("base"):
        if href := element.get("href"):
            return absolute(href, url) or url
    return url


def _references(element: _Element) -> Iterable[tuple[Relation, str | None]]:
    tag = element.tag
    if tag == "link":
        return _link_element(element)
    if tag == "meta":
        refreshes = (element.get("http-equiv") or "").strip().lower() == "refresh"
        return ((Relation.REDIRECT, refresh_target(element.get("content") or "")),) if refreshes else ()
    href = element.get("href")
    if not href:
        return ()
    if rel := tokens(element.get("rel")):
        if not UNENDORSED.isdisjoint(rel):
            return ()
        if "next" in rel:
            return ((Relation.NEXT, href),)
    return ((Relation.LINK, href),)


def _numbered(element: _Element, target: str) -> Relation | None:
    """``Relation.NEXT`` for a link whose text is the number of the page that its address continues this one with."""
    if element.tag != "a":
        return None
    part = part_of(target)
    text = "".join(map(str, element.itertext()))[:MAX_NUMBER_CHARACTERS].strip()
    is_number = part is not None and text in (str(part.number), str(part.number + 1))
    return Relation.NEXT if is_number or text.strip(ARROWS).lower() in NEXT_WORDS else None


def _may_number(address: str, url: str) -> bool:
    """Whether an address without fragment continues ``url``: few have what each has that numbers a page of an article."""
    path, mark, query = address.partition("?")
    numbered = _PATH_NUMBER.search(path[-PATH_NUMBER_CHARACTERS:]) or (mark and _QUERY_NUMBER.search(query))
    return bool(numbered) and continues(address, url)


def _link_element(element: _Element) -> Iterator[tuple[Relation, str | None]]:
    rel, href = tokens(element.get("rel")), element.get("href")
    if "canonical" in rel:
        yield Relation.CANONICAL, href
    if "amphtml" in rel:
        yield Relation.ALTERNATE, href
    if "sitemap" in rel:
        yield Relation.SITEMAP, href
    if "next" in rel:
        yield Relation.NEXT, href
    if "alternate" in rel and "stylesheet" not in rel:
        yield from _alternate(element, href)
    elif "feed" in rel:
        yield Relation.FEED, href


def _alternate(element: _Element, href: str | None) -> Iterator[tuple[Relation, str | None]]:
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    if media_type in FEED_TYPES or (media_type in FEED_TYPES_LOOSE and _names_feed(element)):
        yield Relation.FEED, href
    elif element.get("hreflang") and media_type in ("", "text/html", "application/xhtml+xml"):
        yield Relation.ALTERNATE, href


def _names_feed(element: _Element) -> bool:
    words = f"{element.get('href') or ''} {element.get('title') or ''}".lower()
    return any(word in words for word in ("feed", "rss", "atom"))


def tokens(value: str | None) -> frozenset[str]:
    """A space-separated attribute as a set of lower-case tokens."""
    return frozenset(value.lower().split()) if value else frozenset()


def refresh_target(content: str) -> str | None:
    """The address in a ``meta`` refresh's content; None where it only reloads the page itself."""
    matched = _REFRESH.match(content[:MAX_URL_CHARACTERS])
    return matched.group(2).strip() or None if matched else None


def _robots_nofollow(tree: _Element) -> bool:
    for element in tree.iter("meta"):
        if (element.get("name") or "").strip().lower() == "robots":
            directives = {part.strip() for part in (element.get("content") or "").lower().split(",")}
            if directives & {"nofollow", "none"}:
                return True
    return False


def page_requisites(tree: _Element, url: str) -> tuple[Link, ...]:
    """What a browser would load to show the page: images (lazy ones too), styles, scripts, fonts, icons.

    Frames are left out: they are pages of their own.
    """
    base = base_url(tree, url)
    found: dict[str, Link] = {}
    for element in tree.iter(
        "img", "source", "picture", "link", "script", "style", "video", "audio", "input"
    ):
        for reference in _requisite_references(element):
            target = absolute(reference, base)
            if target:
                found.setdefault(target, Link(target, Relation.REQUISITE))
        if len(found) >= MAX_LINKS:
            break
    return tuple(found.values())


def _requisite_references(element: _Element) -> Iterator[str]:
    if element.tag == "link":
        rel = tokens(element.get("rel"))
        if not REQUISITE_RELS.isdisjoint(rel):
            yield element.get("href") or ""
    elif element.tag == "style":
        yield from css_references(element.text or "")
    else:
        yield from filter(None, map(element.get, LAZY_SOURCES))
        yield from css_references(element.get("style") or "")
    for name in LAZY_SOURCE_SETS:
        yield from srcset_references(element.get(name) or "")


def srcset_references(value: str) -> Iterator[str]:
    """The addresses of a ``srcset`` attribute, without their descriptors (WHATWG HTML, 4.8.4.2.1)."""
    in_descriptors = False
    for token in value.split():
        if in_descriptors:
            _, comma, token = token.partition(",")  # noqa: PLW2901
            if not comma:
                continue
        if address := token.strip(","):
            yield address
        in_descriptors = bool(address) and not token.endswith(",")


def css_references(style: str) -> Iterable[str]:
    """What ``url(…)`` and ``@import`` name in a style sheet; ``data:`` is dropped when it is resolved."""
    return (next(filter(None, match.groups()), "") for match in _CSS_URL.finditer(style))
