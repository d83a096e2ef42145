"""The title of an article: the heading that the page shows for it, told by what its metadata call it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, pairwise

from lxml.etree import _Element

from archive.extraction import inline
from archive.extraction.display import is_unshown
from archive.extraction.inline import on_one_line, shown_text
from archive.extraction.lines import SHOWN
from archive.extraction.structured import Structured, clean, names
from archive.outcome import Value

MIN_TITLE_MATCH = 0.5
"""How like the metadata's title a heading must be to be the page's title."""
MIN_SECOND_MATCH = 0.6
"""The same for an h2."""
MIN_SOLE_MATCH = 0.2
"""The same for a page's only h1."""
MAX_HEADINGS = 200
"""Headings among which the title is looked for."""
MAX_CLAIMS = 4
MAX_LETTERS = 150
"""Characters of a heading up to which it is compared letter by letter, and beyond which word by word."""
MAX_COMPARED = 400
"""Characters of a heading up to which it is compared at all, and beyond which it is only looked for."""
MIN_CONTAINED = 15
"""Characters from which a heading that stands inside the metadata's title is taken for it."""
MAX_TITLE = 1000
"""Characters; a longer heading is none, and what is longer in the metadata is cut."""
MAX_PIECES = 40
"""Pieces of a heading among which its kicker is looked for."""

_HEADINGS = ("h1", "h2")
_STATED = frozenset(("opengraph", "json-ld", "microdata"))
"""Where a page states its headline; what its ``title`` says is for search engines and tabs."""
_SEPARATOR = re.compile(r"\s+[|–—·•»/-]\s+|\s*\|\s*|\s+::\s+")
_SITE_SEPARATOR = re.compile(r"\s*[|ㅣ·•»]\s*|\s+[-–—/]\s+|\s+::\s+|-(?=[^-\s]{1,12}[|ㅣ])")
_TRAIL = re.compile(r"breadcrumb|(?:^|[\s_-])crumbs?(?:$|[\s_-])", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_Heading = tuple[_Element, str]
_PARTING = ":|/–—·-"
_PARTED_END = re.compile(rf"(?<![\s{_PARTING}])[\s{_PARTING}]*\Z")
_PARTED_START = re.compile(rf"[\s{_PARTING}]*")


def find_title(root: _Element, data: Structured) -> tuple[Value, _Element | None]:
    """The heading that the page shows for its article: the h1 (else h2) most like what its metadata call it.

    Without such a heading the metadata's title, less the site's name; the element is None then.
    """
    claimed = [
        Value(claim.text[:MAX_TITLE], claim.source)
        for claim in _claimed_titles(root, data)
        if SHOWN.search(claim.text[:MAX_TITLE])
    ]
    sites = _site_names(data)
    heading = _heading(list(islice(root.iter(*_HEADINGS), MAX_HEADINGS)), claimed, sites)
    if heading is not None:
        return Value(_title(heading, claimed), heading.tag), heading
    if claimed:
        return Value(_without_site(claimed, sites), claimed[0].source), None
    return Value("", ""), None


def _shown(headings: Iterable[_Element]) -> Iterator[_Heading]:
    known: dict[_Element, bool] = {}
    for heading in headings:
        if _is_unshown_within(heading, known):
            continue
        text = shown_text(heading, MAX_TITLE + 1)
        if len(text) <= MAX_TITLE and SHOWN.search(text):
            yield heading, text


def _is_unshown_within(element: _Element, known: dict[_Element, bool]) -> bool:
    """Whether the element or one around it is not shown; of those that are ``known``, nothing is looked up again."""
    passed = []
    unshown = False
    for one in (element, *element.iterancestors()):
        if one in known:
            unshown = known[one]
            break
        passed.append(one)
        if unshown := is_unshown(one):
            break
    known.update(dict.fromkeys(passed, unshown))
    return unshown


def _is_in_trail(element: _Element) -> bool:
    """Whether a heading is the end of a breadcrumb trail, or one of a list."""
    above = islice(element.iterancestors(), 4)
    return any(e.tag in ("li", "nav") or _is_trail(e) for e in (element, *above))


def _is_trail(element: _Element) -> bool:
    called = " ".join(element.get(name) or "" for name in ("class", "id", "itemtype", "aria-label"))
    return "crumb" in called.lower() and _TRAIL.search(called) is not None


def _claimed_titles(root: _Element, data: Structured) -> Iterator[Value]:
    if found := data.first("og:title"):
        yield Value(found[0], "opengraph")
    for source, article in data.articles():
        if headline := clean(article.get("headline")):
            yield Value(headline, source)
    if found := data.first("twitter:title", "dc.title", "title", "headline"):
        yield Value(found[0], "meta")
    element = root.find(".//title")
    if element is not None and (text := clean((element.text or "")[: 4 * MAX_TITLE])):
        opening = _SEPARATOR.split(text)[0]
        yield Value(opening if len(opening) > MIN_CONTAINED else text, "title")


def _heading(headings: Sequence[_Element], claimed: Sequence[Value], sites: set[str]) -> _Element | None:
    """The heading that opens the article. That of a breadcrumb trail, or a logo's, only where there is no other."""
    main = [pair for pair in _shown(h for h in headings if h.tag == "h1") if not _is_in_trail(pair[0])]
    named = [pair for pair in main if _packed(pair[1]) in sites]
    main = [pair for pair in main if pair not in named]
    best, likeness = _most_alike(main, claimed)
    if likeness >= MIN_TITLE_MATCH:
        return best
    shown = list(_shown(headings))
    in_trail = {heading for heading, _ in shown if _is_in_trail(heading)}
    second = [pair for pair in shown if pair[0].tag == "h2" and pair[0] not in in_trail]
    sole = best if len(main) == 1 and likeness > MIN_SOLE_MATCH else None
    if sole is not None and not in_trail:
        same = _same(second, claimed)
        return sole if same is None else same
    best, likeness = _most_alike(second, claimed)
    if likeness >= MIN_SECOND_MATCH:
        return best
    best, likeness = _most_alike([*(pair for pair in shown if pair[0] in in_trail), *named], claimed)
    return best if likeness >= MIN_TITLE_MATCH else sole


def _same(candidates: Iterable[_Heading], claimed: Sequence[Value]) -> _Element | None:
    """The first of ``candidates`` that says what the page states its headline to be."""
    stated = {_folded(claim.text) for claim in claimed[:MAX_CLAIMS] if claim.source in _STATED}
    return next((heading for heading, text in candidates if _folded(text) in stated), None)


def _most_alike(candidates: Iterable[_Heading], claimed: Sequence[Value]) -> tuple[_Element | None, float]:
    best: _Element | None = None
    likeness = 0.0
    claims = dict.fromkeys(_folded(claim.text) for claim in claimed[:MAX_CLAIMS])
    for heading, text in candidates:
        if not claims:
            return heading, 1.0
        folded = _folded(text)
        if folded and folded in claims:
            return heading, 1.0
        for claim in claims:
            score = _likeness(folded, claim, likeness)
            if score > likeness + 1e-9:
                best, likeness = heading, score
    return best, likeness


def _likeness(a: str, b: str, least: float) -> float:
    """Of a heading and a claim, folded: from 0 to 1; what cannot be above ``least`` may come out as 0."""
    if not a or not b:
        return 0.0
    if len(a) > MAX_COMPARED or len(b) > MAX_COMPARED:
        return float(a in b or b in a)
    contained = 0.9 if len(a) > MIN_CONTAINED and a in b else 0.0
    by_letter = max(len(a), len(b)) <= MAX_LETTERS
    one, other = (a, b) if by_letter else (a.split(), b.split())
    if max(contained, 2 * min(len(one), len(other)) / (len(one) + len(other))) <= least:
        return contained
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return contained if matcher.quick_ratio() <= least else max(contained, matcher.ratio())


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _title(heading: _Element, claimed: Sequence[Value]) -> str:
    """The heading's text, less a kicker in an element of its own where the page states its headline without it."""
    pieces = list(islice(inline.pieces(heading), MAX_PIECES + 1))
    if len(pieces) > MAX_PIECES:
        return shown_text(heading)
    whole = on_one_line("".join(pieces))
    stated = [claim.text for claim in claimed if claim.source in _STATED]
    for cut in range(len(pieces) - 1, 0, -1):
        rest = on_one_line("".join(pieces[cut:]))
        if _packed(rest) != _packed(whole) and any(_packed(rest) == _packed(claim) for claim in stated):
            return rest
    same = next((claim.text for claim in claimed if _packed(claim.text) == _packed(whole)), None)
    return _parted(pieces, same) if same and len(pieces) > 1 else whole


def _packed(text: str) -> str:
    """The letters and digits of a title, in lower case."""
    return "".join(_WORD.findall(text.casefold()))


def _parted(pieces: Sequence[str], claim: str) -> str:
    """The pieces with what the page writes between them elsewhere: style sheets part what has no space here."""
    words = list(_WORD.finditer(claim))
    between = [
        "".join(c for c in claim[a.end() : b.start()] if c.isspace() or c in _PARTING)
        for a, b in pairwise(words)
    ]
    text, count = "", 0
    for piece in pieces:
        own = _WORD.findall(piece)
        if own and 0 < count <= len(between) and _packed(text) == _packed(claim[: words[count - 1].end()]):
            text = _joined(text, piece, between[count - 1])
        else:
            text += piece
        count += len(own)
    return on_one_line(text)


def _joined(left: str, right: str, parting: str) -> str:
    ending, opening = _PARTED_END.search(left), _PARTED_START.match(right)
    own = (ending[0] if ending else "") + (opening[0] if opening else "")
    if (parting.strip() and not own.strip()) or (parting != parting.strip() and own == own.strip()):
        return f"{left[: ending.start()] if ending else left}{parting}{right[opening.end() :] if opening else right}"
    return left + right


def _site_names(data: Structured) -> set[str]:
    stated = [*data.meta.get("og:site_name", ()), *data.meta.get("application-name", ())]
    return {_packed(name) for name in (*stated, *names(data.article.get("publisher"))) if name} - {""}


def _without_site(claimed: Sequence[Value], sites: set[str]) -> str:
    """The first claim, less what another claim does without, and less the site's name before or after it."""
    title = claimed[0].text
    shorter = (claim.text for claim in claimed[1:] if claim.source in _STATED and claim.text != title)
    for claim in shorter:
        if len(claim) > MIN_CONTAINED and title.startswith(claim) and not title[len(claim)].isalnum():
            return claim
    cuts = list(_SITE_SEPARATOR.finditer(title))
    if cuts and _packed(title[cuts[-1].end() :]) in sites:
        title = title[: cuts[-1].start()]
    elif cuts and _packed(title[: cuts[0].start()]) in sites:
        title = title[cuts[0].end() :]
    return title
