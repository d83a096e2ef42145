"""OPML 2.0 subscription lists, which feed readers export and import, as sources."""

from collections.abc import Container, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree
from pydantic import ValidationError

from archive.errors import ConfigurationError
from crawler.sources.declared import Source
from crawler.sources.faults import fault_in_words
from crawler.urls.identity import identity

MAX_OPML_BYTES = 20_000_000


def read_opml(path: Path) -> tuple[Source, ...]:
    """The web sites whose feeds the OPML file at ``path`` lists, each a source, and feeds without one as their own.

    Outlines of ``type="link"`` without a feed are sources by their web site, as `opml` writes them. ConfigurationError
    where it is no OPML, or names what cannot be a source, with the line. A feed listed twice (in two folders) counts
    once; names that several have are numbered.
    """
    names: set[str] = set()
    feeds: set[str] = set()
    found: dict[str, Source] = {}
    for outline in _outlines(path):
        feed, site = _address(outline, "xmlUrl"), _address(outline, "htmlUrl")
        start = feed or (site if outline.get("type") == "link" else "")
        if not start or identity(feed) in feeds:
            continue
        feeds.update({identity(feed)} if feed else ())
        key = identity(site or feed)
        if key in found:
            found[key] = _with_feed(found[key], feed)
        else:
            found[key] = _source(path, outline, feed, site, names)
    if not found:
        raise ConfigurationError(f"{path}: lists no feed (no outline with xmlUrl)")
    return tuple(found.values())


def _address(outline: etree._Element, name: str) -> str:
    """An address in it; ``feed:`` stands for http or is put before it (draft-obasanjo-feed-URI-scheme)."""
    text = (outline.get(name) or "").strip()
    if text.lower().startswith("feed:"):
        rest = text[len("feed:") :]
        return f"http:{rest}" if rest.startswith("//") else rest
    return text


def _with_feed(source: Source, feed: str) -> Source:
    return source.model_copy(update={"feeds": (*source.feeds, feed)}) if feed else source


def _outlines(path: Path) -> Iterator[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        with path.open("rb") as file:
            root = etree.parse(BytesIO(file.read(MAX_OPML_BYTES)), parser).getroot()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except etree.XMLSyntaxError as error:
        raise ConfigurationError(f"{path}:{error.lineno}: is no OPML: {error.msg}") from None
    if root.tag != "opml":
        raise ConfigurationError(f"{path}: is no OPML: its root is {root.tag}")
    return root.iter("outline")


def _source(path: Path, outline: etree._Element, feed: str, site: str, names: set[str]) -> Source:
    title = " ".join((outline.get("title") or outline.get("text") or "").split())[:80]
    fields: dict[str, Any] = {"feeds": [feed] if feed else []}
    if site:
        fields["url"] = site
    if title:
        fields["name"] = title
    try:
        source = Source.model_validate(fields)
        source = source.model_copy(update={"name": unused(source.name, names)})
    except ValidationError as error:
        words = fault_in_words(error, tuple(Source.model_fields))[1]
        raise ConfigurationError(f"{path}:{outline.sourceline}: {words}") from None
    names.add(source.name)
    return source


def unused(name: str, names: Container[str]) -> str:
    """``name``, with a number where it is among ``names``."""
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name} ({number})"
    return free


def opml(sources: Iterable[Source], title: str = "palmyra sources") -> str:
    """An OPML document that lists the sources' feeds; sources without one are listed by their web site."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{_text(title)}</title></head>", "  <body>"]
    lines += [f"    <outline {attributes}/>" for source in sources for attributes in _attributes(source)]
    return "\n".join((*lines, "  </body>", "</opml>", ""))


def _attributes(source: Source) -> Iterator[str]:
    site = f" htmlUrl={quoteattr(source.url)}" if source.url else ""
    name = f"text={quoteattr(source.name)} title={quoteattr(source.name)}"
    for feed in source.feeds:
        yield f'type="rss" {name} xmlUrl={quoteattr(feed)}{site}'
    if not source.feeds:
        yield f'type="link" {name}{site}'


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
