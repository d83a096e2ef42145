"""XML sitemaps and feeds, streamed: the tree never holds more than some hundred entries.

Entries are told by order in the document rather than by nesting, so that a malformed one costs itself and not the
rest. Nothing outside the bytes is read: no DTD, no external entity, no network.
"""

import html
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from archive.extraction.entrygrammar import NEWS, XHTML
from archive.extraction.listed import Listed, clean_date, clean_title
from archive.extraction.regular import read_regular
from archive.outcome import Relation

CHUNK_BYTES = 64 * 1024
"""Fed to the parser at a time: what bounds the tree."""
MAX_REFUTED_SHARE = 0.02
"""Share of broken sequences among the non-ASCII characters above which text is not taken for UTF-8."""

DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
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

SITEMAP_ROOTS = ("urlset", "sitemapindex")
FORMATS = {
    "urlset": "sitemap",
    "sitemapindex": "sitemap index",
    "rss": "RSS feed",
    "RDF": "RDF feed",
    "feed": "Atom feed",
}

_ENTRY = "entry"
_ROOT = re.compile(
    rb"(?>(?:[^<]++|<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>"
    rb"|</?(?:br|b|i|p|div|font|pre|span)(?:\s[^<>]*)?/?>)*)"  # `(…)*+` matches nothing here before Python 3.11.5 (gh-106052)
    rb"(?P<root><(?:[\w.-]+:)?(?P<name>(?-i:urlset|sitemapindex|rss|RDF|feed))(?=[\s/>]))",
    re.DOTALL | re.IGNORECASE,
)
"""Up to the root: comments, instructions, DOCTYPE, and the error messages that some servers print before."""
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)(#?[A-Za-z0-9]{1,32};)?")

_STRAY_LESS_THAN = re.compile(rb"<(?=[^A-Za-z_:/!?\x80-\xff])")
_CONTROLS_BLANKED = bytes(byte if byte > 0x1F or byte in b"\t\n\r" else 0x20 for byte in range(256))
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
    found = _ROOT.match(_as_utf8(head))
    return found["name"].decode() if found else None


def read_xml(data: bytes, listed: Listed) -> str:
    """Read the document into ``listed`` as far as it goes; returns the format's name."""
    text = _as_utf8(data)
    found = _ROOT.match(text)
    if not found:
        return "empty listing"
    name = found["name"].decode()
    document = text[found.start("root") :].translate(_CONTROLS_BLANKED)
    stream(repaired(read_regular(document, listed)), name, listed)
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


def repaired(data: bytes) -> bytes:
    """Escape stray ``&`` and ``<``, resolve HTML's entities, and write references as numbers.

    Control characters must have been blanked. libxml2 stops at a stray ``<``, and after its first error it drops every
    named reference, ``&amp;`` too.
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

    def __init__(self, listed: Listed, root: etree._Element) -> None:
        own = _prefix(etree.QName(root).namespace or "")
        self._listed, self._root = listed, root
        self._child = f"{own}sitemap"
        self._fields = {
            f"{own}url": _ENTRY,
            self._child: _ENTRY,
            f"{own}loc": "loc",
            f"{own}lastmod": "lastmod",
            f"{_prefix(NEWS)}publication_date": "published",
            f"{_prefix(NEWS)}title": "title",
            f"{_prefix(XHTML)}link": "alternate",
        }

    def read(self, *, final: bool) -> etree._Element | None:
        """Take every entry but the last, which may still grow, and that too when ``final``; returns the last.

        The one loop in which a sitemap of 50,000 entries spends its time.
        """
        fields, take = self._fields, self._take
        last: etree._Element | None = None
        values: dict[str, str | None] = {}
        for element in self._root.iter(*fields):
            field = fields[element.tag]
            if field is _ENTRY:
                if last is not None:
                    take(last, values)
                last, values = element, {}
            elif field == "alternate":
                self._take_alternate(element)
            elif field not in values:
                values[field] = element.text
        if final and last is not None:
            take(last, values)
        return last

    def _take(self, entry: etree._Element, values: dict[str, str | None]) -> None:
        location = values.get("loc")
        if location:
            relation = Relation.SITEMAP if entry.tag == self._child else Relation.LISTED
            date, title = values.get("published") or values.get("lastmod"), values.get("title")
            self._listed.add(
                location, relation, clean_date(date) if date else None, clean_title(title) if title else None
            )

    def _take_alternate(self, element: etree._Element) -> None:
        if "alternate" in (element.get("rel") or "").split():
            self._listed.add_alternate(element.get("href") or "", element.get("hreflang"))


class FeedReader:
    """Reads RSS, RDF and Atom entries; fields count only where they are the entry's own children."""

    def __init__(self, listed: Listed, root: etree._Element) -> None:
        spaces = dict.fromkeys((*FEED_NAMESPACES, etree.QName(root).namespace or ""))
        self._listed, self._root = listed, root
        self._fields = {
            **{f"{_prefix(space)}{name}": name for space in spaces for name in FEED_FIELDS},
            **{f"{_prefix(space)}{name}": _ENTRY for space in spaces for name in ("item", "entry")},
            f"{_prefix(FEEDBURNER)}origLink": "original",
            f"{_prefix(DC)}date": "date",
            f"{_prefix(DCTERMS)}issued": "issued",
            f"{_prefix(DCTERMS)}created": "date",
            f"{_prefix(DCTERMS)}modified": "modified",
        }

    def read(self, *, final: bool) -> etree._Element | None:
        """Take every entry but the last, which may still grow, and that too when ``final``; returns the last."""
        entry: _Entry | None = None
        for element in self._root.iter(*self._fields):
            field = self._fields[element.tag]
            if field is _ENTRY:
                if entry is not None:
                    self._take(entry)
                entry = _Entry(element, {})
            elif entry is not None and element.getparent() is entry.element:
                self._take_field(entry, element, field)
            else:
                self._take_of_feed(element, field)
        if final and entry is not None:
            self._take(entry)
        return entry.element if entry else None

    def _take_of_feed(self, element: etree._Element, field: str) -> None:
        """The feed's own title and the address of its next page (RFC 5005, section 3)."""
        parent = element.getparent()
        if parent is None or etree.QName(parent).localname not in ("channel", "rss", "feed", "RDF"):
            return
        if field == "title" and self._listed.title is None:
            self._listed.title = clean_title(_text(element))
        elif field == "link" and element.get("rel") in ("next", "prev-archive"):
            self._listed.add(element.get("href") or "", Relation.FEED, base=self._base(element))

    def _take_field(self, entry: "_Entry", element: etree._Element, field: str) -> None:
        if field == "link":
            self._take_link(entry, element)
        elif field == "guid":
            if (element.get("isPermaLink") or "true").strip().lower() != "false":
                entry.values.setdefault("guid", _text(element))
        else:
            entry.values.setdefault(field, _text(element))

    def _take_link(self, entry: "_Entry", element: etree._Element) -> None:
        href = element.get("href")
        address = href if href is not None else _text(element)
        if element.get("rel", "alternate") == "alternate" and address.strip() and "link" not in entry.values:
            entry.values["link"] = address
            entry.base = self._base(element)

    def _base(self, element: etree._Element) -> str:
        return urljoin(self._listed.base, element.base or "")

    def _take(self, entry: "_Entry") -> None:
        values = entry.values
        address = (
            values.get("original") or values.get("link") or values.get("guid") or entry.element.get(RDF_ABOUT)
        )
        if not address and values.get("id", "").strip().lower().startswith(("http://", "https://")):
            address = values["id"]
        dates = (clean_date(values[name]) for name in DATES if values.get(name))
        title = clean_title(values.get("title", ""))
        self._listed.add(
            address or "", Relation.LISTED, next(filter(None, dates), None), title, base=entry.base
        )


@dataclass(slots=True)
class _Entry:
    """An entry of a feed while it is being read."""

    element: etree._Element
    values: dict[str, str]
    base: str | None = None


def stream(text: bytes, root_tag: str, listed: Listed) -> None:
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
    kind = SitemapReader if root_tag in SITEMAP_ROOTS else FeedReader
    reader: SitemapReader | FeedReader | None = None
    for at in range(0, len(text), CHUNK_BYTES):
        parser.feed(text[at : at + CHUNK_BYTES])
        if reader is None:
            reader = next(
                (kind(listed, root) for _, root in parser.read_events() if isinstance(root, etree._Element)),
                None,
            )
        if reader:
            _cut_before(reader.read(final=False))
        if listed.full:
            return
    with suppress(etree.XMLSyntaxError):
        parser.close()
    if reader:
        reader.read(final=True)


def _cut_before(element: etree._Element | None) -> None:
    parent = element.getparent() if element is not None else None
    if element is not None and parent is not None:
        del parent[: parent.index(element)]


def _prefix(namespace: str) -> str:
    return f"{{{namespace}}}" if namespace else ""


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""
