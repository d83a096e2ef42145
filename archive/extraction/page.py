"""One stored HTML page to what it is: its links, its metadata, its rights, and its article or why it has none."""

from dataclasses import replace

from archive.extraction.article import Selection, select
from archive.extraction.encoding import html_as_utf8
from archive.extraction.labels import Sight, Verdict, judge
from archive.extraction.language import text_language
from archive.extraction.layout import layout
from archive.extraction.links import page_links
from archive.extraction.metadata import Metadata, read_metadata, with_bylines
from archive.extraction.rights import rights_signals
from archive.extraction.scripted import HeldArticle, held_article
from archive.extraction.text import article_text
from archive.extraction.traces import marks
from archive.extraction.tree import drop_unread, parse_html
from archive.http import ResponseHead
from archive.outcome import Article, Kind, Outcome


def examine_page(
    payload: bytes, *, url: str, content_type: str | None, head: ResponseHead | None = None
) -> Outcome:
    """Parse a page once and say what it holds. The same bytes give the same outcome; no input raises, but
    for MemoryError."""
    try:
        return _examine(payload, url, content_type, head)
    except MemoryError:
        raise  # the process is short of it, not only this page
    except Exception as error:
        return Outcome(Kind.FAILED, f"extraction failed: {type(error).__name__}: {error}")


def _examine(payload: bytes, url: str, content_type: str | None, head: ResponseHead | None) -> Outcome:
    root = parse_html(html_as_utf8(payload, content_type))
    if root is None:
        return Outcome(Kind.EMPTY, "the page holds no element")
    links = page_links(root, url)
    metadata = read_metadata(root, url)
    rights = rights_signals(metadata.structured, head)
    traces, scripts = marks(root), list(root.iter("script"))
    drop_unread(root)
    lines = layout(root)
    chosen = select(lines, metadata)
    sight = Sight(url, lines, chosen.body, metadata, traces, scripts)
    verdict = judge(sight)
    if _may_be_held(verdict) and (held := held_article(scripts, chosen, metadata)) is not None:
        verdict, chosen, metadata = _with_held(held, verdict, sight, chosen)
    article = (
        _article(article_text(chosen, metadata.title), with_bylines(metadata, chosen.bylines, root))
        if verdict.kind is Kind.ARTICLE
        else None
    )
    return Outcome(
        verdict.kind,
        verdict.reason,
        links,
        article,
        metadata.title or None,
        metadata.canonical_url,
        rights,
        verdict.evidence,
    )


def _may_be_held(verdict: Verdict) -> bool:
    """Whether a page may have its article in a script: it shows one, or nothing, or is one by its own words.

    Where it shows a wall, the text behind it is not for its readers.
    """
    if any(sign.startswith("wall=") for sign in verdict.evidence):
        return False
    if verdict.kind in (Kind.ARTICLE, Kind.EMPTY, Kind.PAYWALL):
        return True
    claims = any(sign.startswith("claims=") for sign in verdict.evidence)
    return claims and verdict.kind in (Kind.SECTION, Kind.CONSENT_WALL)


def _with_held(
    held: HeldArticle, shown: Verdict, sight: Sight, chosen: Selection
) -> tuple[Verdict, Selection, Metadata]:
    """The held text in place of the shown one, where it makes an article."""
    metadata = sight.metadata
    verdict = judge(replace(sight, lines=held.lines, body=held.chosen.body, scripts=()))
    if verdict.kind is not Kind.ARTICLE:
        return shown, chosen, metadata
    evidence = (*verdict.evidence, f"text={held.source}")
    sources = tuple(sorted((*metadata.sources, ("text", held.source))))
    return replace(verdict, evidence=evidence), held.chosen, replace(metadata, sources=sources)


def _article(text: str, metadata: Metadata) -> Article:
    language = text_language(text.partition("\n")[2], metadata.values.get("declared_language"))
    source = (("language", language.source),) if language else ()
    return Article(
        text=text,
        title=metadata.title,
        authors=metadata.authors,
        published=metadata.get("published"),
        modified=metadata.get("modified"),
        language=language.text if language else None,
        declared_language=metadata.get("declared_language"),
        site_name=metadata.get("site_name"),
        section=metadata.get("section"),
        tags=metadata.tags,
        description=metadata.get("description"),
        image=metadata.get("image"),
        licence=metadata.get("licence"),
        free=metadata.free,
        sources=tuple(sorted((*metadata.sources, *source))),
    )
