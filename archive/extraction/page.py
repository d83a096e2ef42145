"""One stored HTML page to what it is: its links, its metadata, its rights, and its article or why it has none."""

from archive.extraction import vote
from archive.extraction.encoding import decode_html
from archive.extraction.labels import judge
from archive.extraction.links import page_links
from archive.extraction.metadata import Metadata, read_metadata
from archive.extraction.rights import rights_signals
from archive.extraction.text import article_text
from archive.extraction.tree import drop_unread, layout, parse_html
from archive.http import ResponseHead
from archive.outcome import Article, Kind, Outcome

EXTRACTOR = "palmyra"
EXTRACTOR_VERSION = f"1 trafilatura/{vote.TRAFILATURA_VERSION}"


def examine_page(
    payload: bytes, *, url: str, content_type: str | None, head: ResponseHead | None = None
) -> Outcome:
    """Parse a page once and say what it holds. The same bytes give the same outcome; no input raises."""
    try:
        return _examine(payload, url, content_type, head)
    except Exception as error:
        return Outcome(Kind.FAILED, f"extraction failed: {type(error).__name__}: {error}")


def _examine(payload: bytes, url: str, content_type: str | None, head: ResponseHead | None) -> Outcome:
    text, _ = decode_html(payload, content_type)
    root = parse_html(text)
    if root is None:
        return Outcome(Kind.EMPTY, "the page holds no element")
    links = page_links(root, url)
    metadata = read_metadata(root, url)
    rights = rights_signals(metadata.structured, head)
    drop_unread(root)
    lines = layout(root)
    document = article_text(root, lines, metadata)
    verdict = judge(len(document))
    return Outcome(
        verdict.kind,
        verdict.reason,
        links,
        _article(document, metadata) if verdict.kind is Kind.ARTICLE else None,
        metadata.title or None,
        metadata.canonical_url,
        rights,
        verdict.evidence,
    )


def _article(text: str, metadata: Metadata) -> Article:
    return Article(
        text=text,
        title=metadata.title,
        authors=metadata.authors,
        published=metadata.get("published"),
        modified=metadata.get("modified"),
        language=(metadata.get("declared_language") or "").split("-")[0].lower() or None,
        declared_language=metadata.get("declared_language"),
        site_name=metadata.get("site_name"),
        section=metadata.get("section"),
        tags=metadata.tags,
        description=metadata.get("description"),
        image=metadata.get("image"),
        licence=metadata.get("licence"),
        free=metadata.free,
        sources=metadata.sources,
    )
