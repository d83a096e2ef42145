"""The pages of the reading room."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

from archive.document import Block, ParsedDocument, parse
from archive.duplicates import Member
from archive.entries import CaptureRow, DocumentRow
from archive.replay.markup import Content, Markup, element, joined, page
from archive.replay.memento import RAW, path_of
from archive.versions import Version

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi"})
PAGE_SIZE = 30
"""Documents on one page of the list."""

Excerpt = tuple[DocumentRow, str]


def listing(rows: Sequence[DocumentRow], number: int, total: int) -> bytes:
    """Page ``number`` (from 1) of the documents."""
    if not total:
        body = element("p", "Nothing here yet: no article has been kept.", class_="notice")
    else:
        body = joined(_documents((row, "") for row in rows), _pager(number, -(-total // PAGE_SIZE)))
    return page("Reading room", _header(), element("main", element("h1", f"{total:,} articles"), body))


def found(query: str, excerpts: Sequence[Excerpt], limit: int) -> bytes:
    """What a search found."""
    count = f"The first {limit}" if len(excerpts) == limit else f"{len(excerpts):,}"
    heading = element("h1", f"{count} found for ", element("q", query))
    nothing = element("p", "No article holds all of these words.", class_="notice")
    return page(
        f"{query} · Reading room",
        _header(query),
        element("main", heading, _documents(excerpts) if excerpts else nothing),
    )


def document(
    row: DocumentRow,
    text: str,
    captures: Sequence[CaptureRow],
    rights: Sequence[str],
    archive: str,
    *,
    versions: Sequence[Version] = (),
    members: Sequence[Member] = (),
) -> bytes:
    """One document: its text, what is known of it, where it came from, and its captures.

    ``versions`` are those of its article, ``members`` the documents with the same text, each with itself.
    """
    article = element("article", *_text(text), lang=row.article.language, dir=direction(row.article.language))
    return page(
        row.article.title or row.final_url,
        _header(),
        element("main", article),
        element(
            "footer",
            element("h2", "About this article"),
            _described(_metadata(row, rights)),
            _versions(row, versions) if len(versions) > 1 else "",
            _members(row, members) if len(members) > 1 else "",
            element("h2", "Where the text comes from"),
            _described(_provenance(row)),
            element("h2", "Captures"),
            _captures(captures, archive),
        ),
    )


def captures(url: str, rows: Sequence[CaptureRow], archive: str) -> bytes:
    """Every capture of a URL; a form to ask for one where ``url`` is empty."""
    field = element(
        "input",
        type="text",
        inputmode="url",
        name="url",
        value=url,
        placeholder="https://…",
        aria_label="Address",
    )
    form = element("form", field, element("button", "Look up"), action="/captures")
    nothing = element("p", "The archive has no capture of it.", class_="notice") if url else None
    body = _captures(rows, archive) if rows else nothing
    return page("Captures", _header(), element("main", element("h1", "Captures of an address"), form, body))


def capture(row: CaptureRow, archive: str) -> bytes:
    """One capture: its record, and the page as it was in a frame of the archive's own origin."""
    entry = row.entry
    views = element(
        "p",
        element("a", "Open the page alone", href=f"{archive}{path_of(row)}"),
        " · ",
        element("a", "raw", href=f"{archive}{path_of(row, RAW)}"),
        " · ",
        element("a", "all captures", href=f"/captures?{urlencode({'url': entry.url})}"),
        joined(" · ", element("a", "its article", href=f"/documents/{row.document}"))
        if row.document is not None
        else "",
    )
    frame = element(
        "iframe",
        src=f"{archive}{path_of(row)}",
        sandbox="allow-same-origin",
        title=f"Archived page {entry.url}",
    )
    return page(
        row.title or entry.url,
        _header(),
        element("main", element("h1", row.title or "Capture"), _described(_record(row)), views, frame),
        class_="wide",
    )


def failure(status: int, words: str) -> bytes:
    return page(str(status), _header(), element("main", element("h1", words)))


def direction(language: str | None) -> str:
    """The base direction of a language's script; ``auto`` lets the browser decide by the first strong letter."""
    if not language:
        return "auto"
    primary, *subtags = language.lower().replace("_", "-").split("-")
    if "latn" in subtags or "cyrl" in subtags:
        return "ltr"
    return "rtl" if primary in RIGHT_TO_LEFT or "arab" in subtags or "hebr" in subtags else "ltr"


def _header(query: str = "") -> Markup:
    search = element(
        "form",
        element(
            "input",
            type="search",
            name="q",
            value=query,
            placeholder="Search the articles",
            aria_label="Search",
        ),
        element("button", "Search"),
        action="/",
        role="search",
    )
    return element(
        "header",
        element("a", "Reading room", href="/", class_="home"),
        search,
        element("a", "Captures", href="/captures"),
    )


def _documents(excerpts: Iterable[Excerpt]) -> Markup:
    return element("ol", *(_listed(row, excerpt) for row, excerpt in excerpts), class_="documents")


def _listed(row: DocumentRow, excerpt: str) -> Markup:
    article = row.article
    side = direction(article.language)
    title = element(
        "a", article.title or row.final_url, href=f"/documents/{row.id}", lang=article.language, dir=side
    )
    place = article.site_name or urlsplit(row.final_url).hostname or ""
    facts = " · ".join(filter(None, (place, _day(article.published or row.date), ", ".join(article.authors))))
    snippet = element("p", excerpt, lang=article.language, dir=side) if excerpt else None
    return element("li", title, snippet, element("p", facts, class_="faint", dir="auto"))


def _pager(number: int, last: int) -> Markup:
    newer = (
        element("a", "← newer", href=f"/?page={number - 1}", rel="prev") if number > 1 else element("span")
    )
    older = (
        element("a", "older →", href=f"/?page={number + 1}", rel="next") if number < last else element("span")
    )
    return element("nav", newer, element("span", f"{number} of {max(last, 1)}", class_="faint"), older)


def _text(text: str) -> Iterable[Markup]:
    try:
        parsed = parse(text)
    except ValueError:
        parsed = ParsedDocument("", (), (Block("lines", tuple(line for line in text.split("\n") if line)),))
    yield element("h1", parsed.title)
    if parsed.bylines:
        yield element("ul", *(element("li", line) for line in parsed.bylines), class_="bylines")
    yield from (_block(block) for block in parsed.blocks)


def _block(block: Block) -> Markup:
    """A flat list as a list; whatever else to the letter, its lines under each other."""
    if block.kind == "list" and all(line.startswith("- ") for line in block.lines):
        return element("ul", *(element("li", line[2:]) for line in block.lines))
    return element("p", block.text)


def _described(pairs: Iterable[tuple[str, Content]]) -> Markup:
    """A description list; pairs without a value are left out."""
    return element(
        "dl",
        *(joined(element("dt", name), element("dd", value, dir="auto")) for name, value in pairs if value),
    )


def _metadata(row: DocumentRow, rights: Sequence[str]) -> Iterable[tuple[str, Content]]:
    article = row.article
    yield "Address", _outside(row.final_url)
    yield "First asked for", _outside(row.url) if row.url != row.final_url else None
    yield "Canonical", _outside(row.canonical_url) if row.canonical_url not in (None, row.final_url) else None
    yield "Publication", article.site_name
    yield "Authors", ", ".join(article.authors)
    yield "Published", article.published
    yield "Modified", article.modified
    yield "Language", article.language
    yield (
        "Declared language",
        article.declared_language if article.declared_language != article.language else None,
    )
    yield "Section", article.section
    yield "Tags", ", ".join(article.tags)
    yield "Description", article.description
    yield "Lead image", _outside(article.image)
    yield "Licence", article.licence
    yield "Free to read", {True: "yes", False: "no"}.get(article.free) if article.free is not None else None
    yield "Rights signals", ", ".join(rights)
    yield "Length", f"{row.characters:,} characters"


def _provenance(row: DocumentRow) -> Iterable[tuple[str, Content]]:
    yield "Captured", _moment(row.date)
    yield "WARC file", _code(row.ref.file)
    yield "Offset", _code(str(row.ref.offset))
    yield "Record", _code(row.ref.record_id)
    yield "Payload digest", _code(row.payload_digest)
    yield "Document", element("a", row.name, href=f"/documents/{row.id}.txt", class_="mono")
    yield "Text digest", _code(f"sha256:{row.text_digest}")
    yield "Extractor", f"{row.extractor} {row.extractor_version}"


def _record(row: CaptureRow) -> Iterable[tuple[str, Content]]:
    entry = row.entry
    yield "Address", _outside(entry.url)
    yield "Captured", _moment(entry.date)
    yield "Answer", " ".join(filter(None, (str(entry.status or ""), entry.mime, entry.type)))
    yield "Found to be", " – ".join(filter(None, (row.kind.value, row.reason)))
    yield "Cut short", entry.truncated
    yield "Found by way of", _outside(entry.discovery.via)
    yield "Record", _code(f"{entry.ref.file} at {entry.ref.offset}, {entry.ref.record_id}")


def _versions(row: DocumentRow, versions: Sequence[Version]) -> Markup:
    lines = (
        _linked(
            row,
            version.document,
            f"{version.number}. {version.title}",
            _moment(version.first) + (" · headline edited" if version.headline else ""),
        )
        for version in versions
    )
    return joined(element("h2", "Versions"), element("ul", *lines, class_="versions"))


def _members(row: DocumentRow, members: Sequence[Member]) -> Markup:
    lines = (
        _linked(row, member.document, urlsplit(member.url).netloc, f"{member.relation} · {member.url}")
        for member in members
    )
    return joined(element("h2", "The same text"), element("ul", *lines, class_="members"))


def _linked(row: DocumentRow, document: int, words: str, facts: str) -> Markup:
    """A line that leads to a document, unless that is the one shown."""
    shown = element("a", words, href=f"/documents/{document}") if document != row.id else element("b", words)
    return element("li", shown, " ", element("span", facts, class_="faint", dir="auto"))


def _captures(rows: Sequence[CaptureRow], archive: str) -> Markup:
    head = element(
        "tr", *(element("th", words, scope="col") for words in ("Captured", "Answer", "Found to be", ""))
    )
    return element(
        "table", element("thead", head), element("tbody", *(_capture_line(row, archive) for row in rows))
    )


def _capture_line(row: CaptureRow, archive: str) -> Markup:
    entry = row.entry
    answer = " ".join(filter(None, (str(entry.status or ""), "unchanged" if entry.type == "revisit" else "")))
    raw = element("a", "raw", href=f"{archive}{path_of(row, RAW)}")
    return element(
        "tr",
        element("td", element("a", _moment(entry.date), href=f"/captures/{row.id}")),
        element("td", answer),
        element("td", row.kind.value),
        element("td", element("a", "page", href=f"{archive}{path_of(row)}"), " · ", raw),
    )


def _outside(url: str | None) -> Content:
    """A link to the live web where the URL leads there; its text otherwise."""
    if not url or not url.lower().startswith(("http://", "https://")):
        return url
    return element(
        "a", url, href=quote(url, safe="%/:?#[]@!$&'()*+,;=~"), rel="noreferrer noopener nofollow external"
    )


def _code(text: str | None) -> Content:
    return element("code", text) if text else None


def _day(when: str | datetime) -> str:
    return when[:10] if isinstance(when, str) else when.strftime("%Y-%m-%d")


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
