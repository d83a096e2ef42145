"""Articles on several pages: which address continues which, and the one text that their pages make together."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from archive.document import Block, parse, render
from archive.surt import surt

MAX_PARTS = 50
"""Pages of one article; more is a list without end."""
PARAMETERS = frozenset(("page", "pg", "p", "pagenum", "page_no", "seite", "pagina", "part", "teil"))
"""Query parameters that number the pages of an article."""

_PATH = re.compile(
    r"(?P<stem>.*?)(?:[/,_.-](?:page|seite|pagina|part|teil|p)[-_/]?|[/,_-])(?P<number>\d{1,2})(?P<suffix>/?|\.[a-z]{3,5})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """What an address says of itself: the page ``number`` of what lies at ``stem`` (a SURT key)."""

    stem: str
    number: int


def part_of(url: str) -> Part | None:
    """The page that ``url`` is by its look, as in ``?page=2``, ``/story/2``, ``/story/page/2`` or ``/story-2.html``.

    The look alone proves nothing: ``/apollo-13`` is no thirteenth page.
    """
    found = _numbered(url)
    return Part(_key(found[0]), found[1]) if found else None


def _numbered(url: str) -> tuple[SplitResult, int] | None:
    """The address without its page's number, and that."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return _by_query(parts) or _by_path(parts)


def _by_query(parts: SplitResult) -> tuple[SplitResult, int] | None:
    pairs = parts.query.split("&") if parts.query else []
    for at, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        if name.lower() in PARAMETERS and value.isascii() and value.isdigit() and len(value) <= 2:
            return parts._replace(query="&".join(pairs[:at] + pairs[at + 1 :])), int(value)
    return None


def _by_path(parts: SplitResult) -> tuple[SplitResult, int] | None:
    found = _PATH.fullmatch(parts.path)
    if not found or not found["stem"].strip("/"):
        return None
    return parts._replace(path=found["stem"] + found["suffix"].rstrip("/")), int(found["number"])


def _key(parts: SplitResult) -> str:
    return surt(parts._replace(path=parts.path.rstrip("/"), fragment="").geturl())


def _whole(url: str) -> str:
    try:
        return _key(urlsplit(url))
    except ValueError:
        return ""


def continues(later: str, earlier: str) -> bool:
    """Whether ``later`` looks like the page after ``earlier`` of the same article.

    Some sites count the pages from 0: there ``?page=1`` follows the bare address.
    """
    after, before = _numbered(later), _numbered(earlier)
    if after is None:
        return False
    is_next = before is not None and after[1] == before[1] + 1
    is_second = after[1] == 2 or (after[1] == 1 and "=" in later)
    if not is_next and not is_second:
        return False
    stem = _key(after[0])
    if before is not None and _key(before[0]) == stem:
        return is_next
    return is_second and stem == _whole(earlier)


def are_parts(url: str, other: str) -> bool:
    """Whether two addresses look like different pages of one article."""
    one, two = part_of(url), part_of(other)
    if one and two and one.stem == two.stem:
        return one.number != two.number
    return bool((one and one.stem == _whole(other)) or (two and two.stem == _whole(url)))


def continuation(url: str, canonical: str | None, candidates: Iterable[str]) -> str | None:
    """The first of the addresses that a page names as next which continues the page at ``url``."""
    own = [address for address in (url, canonical) if address]
    return next((each for each in candidates if any(continues(each, address) for address in own)), None)


def is_whole(canonical: str, url: str, following: str) -> bool:
    """Whether the canonical address of a page that has a ``following`` one is that of all pages on one.

    It is another address than either, and not that of another page: many name their first as canonical.
    """
    if surt(canonical) in (surt(url), surt(following)):
        return False
    return not are_parts(canonical, url) and not continues(following, canonical)


def joined(texts: Sequence[str]) -> str:
    """The documents of an article's pages, in their order, as one: title and bylines of the first, then all blocks.

    What a later page repeats at its top (headline, lead) or its end (notes) is left out. ValueError where a text breaks
    the document format.
    """
    first, *others = map(parse, texts)
    known = {first.title, *first.bylines}
    blocks: list[Block] = []
    for page in (first, *others):
        own = _without_repetition(page.blocks, known) if page is not first else page.blocks
        blocks += [*_heading(page.title, first.title), *own]
        known.update(block.text for block in own)
    return render(first.title, first.bylines, blocks)


def _heading(title: str, of_article: str) -> list[Block]:
    """The title of a later page where it is one of its own, and not the article's with a number behind."""
    return [] if not title or title.startswith(of_article) else [Block("heading", (title,))]


def _without_repetition(blocks: Sequence[Block], known: Container[str]) -> Sequence[Block]:
    start, end = 0, len(blocks)
    while start < end and blocks[start].text in known:
        start += 1
    while end > start and blocks[end - 1].text in known:
        end -= 1
    return blocks[start:end]
