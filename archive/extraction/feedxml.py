"""XML sitemaps and feeds, streamed: the tree never holds more than some hundred entries.

Entries are told by order in the document rather than by nesting, so that a malformed one costs itself and not the
rest. Nothing outside the bytes is read: no DTD, no external entity, no network.
"""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from archive.extraction.listed import Listed, clean_date, clean_title
from archive.outcome import Relation

CHUNK_BYTES = 64 * 1024
"""Fed to the parser at a time: what bounds the tree."""
MAX_REFUTED_SHARE = 0.02
"""Share of broken sequences among the non-ASCII characters above which text is not taken for UTF-8."""

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
FEEDBURNER = "http://rssnamespace.org/feedburner/ext/1.0"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
FEED_NAMESPACES = (
    "",
    ATOM,
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://purl.org/net/rss1.1#",
    "http://backend.userland.com/rss2",
    "http://purl.org/rss/2.0/",
)
FEED_FIELDS = ("title", "link", "guid", "id", "pubDate", "published", "updated", "issued", "modified", "date")
DATES = ("pubDate", "published", "issued", "date", "updated", "modified")

FORMATS = {
    "urlset": "sitemap",
    "sitemapindex": "sitemap index",
    "rss": "RSS feed",
    "RDF": "RDF feed",
    "feed": "Atom feed",
}

Field = str
_ENTRY = "entry"
_PREAMBLE = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ERROR_MARKUP = re.compile(rb"</?(?:br|b|i|p|div|font|pre|span)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|RDF|feed)(?=[\s/>])")
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)(#?[A-Za-z0-9]{1,32};)?")

_STRAY_LESS_THAN = re.compile(rb"<(?![A-Za-z_:/!?\x80-\xff])")
_NUMBERED = (
    (b"&amp;", b"&#38;"),
    (b"&lt;", b"&#60;"),
    (b"&gt;", b"&#62;"),
    (b"&quot;", b"&#34;"),
    (b"&apos;", b"&#39;"),
)


def root_name(head: bytes) -> str | None:
    """The root element among FORMATS that ``head``, the start of a document in any encoding, opens; None otherwise.

    Error messages that a server printed before the document are passed over.
    """
    found = _find_root(_as_utf8(head))
    return found.group(1).decode() if found else None


def _find_root(head: bytes) -> re.Match[bytes] | None:
    found = _ROOT.search(head)
    if found and b"<" in _ERROR_MARKUP.sub(b"", _PREAMBLE.sub(b"", head[: found.start()])):
        return None
    return found


def read_xml(data: bytes, listed: Listed) -> str:
    """Read the document into ``listed`` as far as it goes; returns the format's name."""
    text = _as_utf8(data)
    found = _find_root(text)
    if not found:
        return "empty listing"
    text = _repaired(text[found.start() :])
    name = found.group(1).decode()
    reader = SitemapReader(listed) if name in ("urlset", "sitemapindex") else FeedReader(listed, text)
    _stream(text, name, reader)
    return FORMATS[name]


def _as_utf8(data: bytes) -> bytes:
    """The same document in UTF-8, by byte order mark, declaration and the bytes themselves, in that order."""
    encoding = _encoding(data)
    if encoding == "utf-8":
        return data.removeprefix(b"\xef\xbb\xbf")
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def _encoding(data: bytes) -> str:
    for mark, name in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if data.startswith(mark):
            return name
    declared = _DECLARED.match(data.lstrip()[:200])
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name not in ("utf-8", "utf8") and not name.startswith(("utf-16", "ucs", "utf-32")) and _known(name):
        return {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(name, name)
    return "utf-8" if _is_utf8(data) else "cp1252"


def _known(name: str) -> bool:
    try:
        return bool(b"<".decode(name) == "<")
    except (LookupError, UnicodeError):
        return False


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        other = sum(1 for character in text if character > "\x7f")
        return text.count("\ufffd") <= MAX_REFUTED_SHARE * other or text.rstrip("\ufffd").isascii()
    return True


def _repaired(data: bytes) -> bytes:
    """Escape stray ``&`` and ``<``, resolve HTML's entities, and write references as numbers.

    libxml2 stops at a stray ``<``, and after its first error it drops every named reference, ``&amp;`` too.
    """
    if b"<![CDATA[" not in data:
        return _repaired_markup(data)
    pieces = (piece.partition(b"<![CDATA[") for piece in data.split(b"]]>"))
    return b"]]>".join(_repaired_markup(markup) + opening + verbatim for markup, opening, verbatim in pieces)


def _repaired_markup(markup: bytes) -> bytes:
    markup = _STRAY_LESS_THAN.sub(b"&#60;", markup)
    if b"&" not in markup:
        return markup
    markup = _REFERENCE.sub(_resolved_reference, markup)
    for name, number in _NUMBERED:
        markup = markup.replace(name, number)
    return markup


def _resolved_reference(match: re.Match[bytes]) -> bytes:
    written = match.group().decode("ascii")
    resolved = html.unescape(written) if written.endswith(";") else written
    return html.escape(resolved).encode("utf-8", "replace")


class SitemapReader:
    """Reads ``url`` and ``sitemap`` entries: location, dates, the news extension, alternates in other languages."""

    markers = ("url", "sitemap")

    def __init__(self, listed: Listed) -> None:
        self._listed = listed

    def tags(self, root: etree._Element) -> Mapping[str, Field]:
        """The elements to look at, by their full names, and what each is."""
        own = _prefix(etree.QName(root).namespace or "")
        return {
            f"{own}url": _ENTRY,
            f"{own}sitemap": _ENTRY,
            f"{own}loc": "loc",
            f"{own}lastmod": "lastmod",
            f"{_prefix(NEWS)}publication_date": "published",
            f"{_prefix(NEWS)}title": "title",
            f"{_prefix(XHTML)}link": "alternate",
        }

    def before_entries(self, element: etree._Element, field: Field) -> None:
        """Nothing stands before the entries that matters."""

    def take(self, entry: "Entry", element: etree._Element, field: Field) -> None:
        if field == "alternate":
            if "alternate" in (element.get("rel") or "").split():
                entry.alternates.append(element.get("href") or "")
        elif field not in entry.values:
            entry.values[field] = element.text or ""

    def emit(self, entry: "Entry") -> bool:
        values = entry.values
        if "loc" not in values:
            return True
        is_child = entry.element.tag.endswith("sitemap")
        date, title = values.get("published") or values.get("lastmod"), values.get("title")
        added = self._listed.add(
            values["loc"],
            relation=Relation.SITEMAP if is_child else Relation.LISTED,
            date=clean_date(date) if date else None,
            title=clean_title(title) if title else None,
        )
        for alternate in entry.alternates:
            self._listed.add(alternate, relation=Relation.ALTERNATE)
        return added


class FeedReader:
    """Reads RSS, RDF and Atom entries; fields count only where they are the entry's own children."""

    def __init__(self, listed: Listed, text: bytes) -> None:
        self._listed = listed
        self._has_base = b"xml:base" in text

    def tags(self, root: etree._Element) -> Mapping[str, Field]:
        """The elements to look at, by their full names, and what each is."""
        spaces = dict.fromkeys((*FEED_NAMESPACES, etree.QName(root).namespace or ""))
        own = {f"{_prefix(space)}{name}": name for space in spaces for name in FEED_FIELDS}
        entries = {f"{_prefix(space)}{name}": _ENTRY for space in spaces for name in ("item", "entry")}
        original = {f"{_prefix(FEEDBURNER)}origLink": "original"}
        return {**own, **entries, **original, f"{_prefix(DC)}date": "date"}

    def before_entries(self, element: etree._Element, field: Field) -> None:
        """The feed's own title and the address of its next page (RFC 5005, section 3)."""
        parent = element.getparent()
        if parent is None or etree.QName(parent).localname not in ("channel", "rss", "feed", "RDF"):
            return
        if field == "title" and self._listed.title is None:
            self._listed.title = clean_title(_text(element))
        elif field == "link" and element.get("rel") in ("next", "prev-archive"):
            self._listed.add(element.get("href") or "", relation=Relation.FEED, base=self._base(element))

    def take(self, entry: "Entry", element: etree._Element, field: Field) -> None:
        if element.getparent() is not entry.element:
            self.before_entries(element, field)
        elif field == "link":
            self._take_link(entry, element)
        elif field == "guid":
            if (element.get("isPermaLink") or "true").strip().lower() != "false":
                entry.values.setdefault("guid", _text(element))
        else:
            entry.values.setdefault(field, _text(element))

    def _take_link(self, entry: "Entry", element: etree._Element) -> None:
        href = element.get("href")
        address = href if href is not None else _text(element)
        if element.get("rel", "alternate") == "alternate" and address.strip() and "link" not in entry.values:
            entry.values["link"] = address
            entry.base = self._base(element)

    def _base(self, element: etree._Element) -> str | None:
        return urljoin(self._listed.base, element.base) if self._has_base and element.base else None

    def emit(self, entry: "Entry") -> bool:
        values = entry.values
        address = (
            values.get("original") or values.get("link") or values.get("guid") or entry.element.get(RDF_ABOUT)
        )
        if not address and values.get("id", "").strip().lower().startswith(("http://", "https://")):
            address = values["id"]
        dates = (clean_date(values[name]) for name in DATES if values.get(name))
        return self._listed.add(
            address or "",
            date=next(filter(None, dates), None),
            title=clean_title(values.get("title", "")),
            base=entry.base,
        )


@dataclass(slots=True)
class Entry:
    """One entry while it is being read."""

    element: etree._Element
    values: dict[Field, str]
    alternates: list[str]
    base: str | None = None


Reader = SitemapReader | FeedReader


def _stream(text: bytes, root_tag: str, reader: Reader) -> None:
    parser = etree.XMLPullParser(
        events=("start",),
        tag=f"{{*}}{root_tag}",
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        collect_ids=False,
    )
    walk: Walk | None = None
    for chunk in _chunks(text):
        parser.feed(chunk)
        if walk is None:
            walk = next(
                (Walk(root, reader) for _, root in parser.read_events() if isinstance(root, etree._Element)),
                None,
            )
        if walk and not walk.advance():
            return
    with suppress(etree.XMLSyntaxError):
        parser.close()
    if walk:
        walk.finish()


class Walk:
    """Goes over the tree while it grows: hands on what is complete and cuts it off."""

    def __init__(self, root: etree._Element, reader: Reader) -> None:
        self._root, self._reader = root, reader
        self._fields = reader.tags(root)

    def advance(self) -> bool:
        """Read all entries but the last, which may still grow. False when the listing takes no more."""
        last = None
        for entry in self._entries():
            if last is not None and not self._reader.emit(last):
                return False
            last = entry
        if last is not None:
            _cut_before(last.element)
        return True

    def finish(self) -> None:
        """Read what is left, the last entry included."""
        for entry in self._entries():
            if not self._reader.emit(entry):
                break

    def _entries(self) -> Iterator["Entry"]:
        fields, take, entry = self._fields, self._reader.take, None
        for element in self._root.iter(*fields):
            field = fields[element.tag]
            if field is _ENTRY:
                if entry is not None:
                    yield entry
                entry = Entry(element, {}, [])
            elif entry is None:
                self._reader.before_entries(element, field)
            else:
                take(entry, element, field)
        if entry is not None:
            yield entry


def _cut_before(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        del parent[: parent.index(element)]


def _chunks(text: bytes) -> Iterator[bytes]:
    return (text[at : at + CHUNK_BYTES] for at in range(0, len(text), CHUNK_BYTES))


def _prefix(namespace: str) -> str:
    return f"{{{namespace}}}" if namespace else ""


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""
