"""Addresses that a page claims for itself, held against the one that it was fetched from."""

from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit

import tldextract
from lxml.etree import _Element

from archive.extraction.structured import Structured

_SAFE = "%/:?#[]@!$&'()*+,;=~|"
"""Characters of a path or query that stay as they are: those of RFC 3986, and the bar, which browsers leave."""
_EXTRACT_DOMAIN = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def canonical_url(root: _Element, data: Structured, url: str) -> str | None:
    """The page's own claim of its address, kept only when it shares the page's registrable domain."""
    claims = [e.get("href") for e in root.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    if found := data.first("og:url"):
        claims.append(found[0])
    for claim in claims:
        absolute = _absolute(claim, url)
        if absolute and _is_same_site(absolute, url):
            return absolute
    return None


def _absolute(claim: str | None, url: str) -> str | None:
    if not claim or not claim.strip():
        return None
    try:
        absolute = urldefrag(urljoin(url, claim.strip()))[0]
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return _encoded(parts) if parts.scheme in ("http", "https") and parts.hostname else None


def _encoded(parts: SplitResult) -> str:
    """The address with what may not stand in one as UTF-8 in percent signs; the host as it is written."""
    path, query = (quote(text, safe=_SAFE, errors="replace") for text in (parts.path, parts.query))
    return parts._replace(path=path, query=query).geturl()


def registrable_domain(url: str) -> str:
    """The registrable domain of a URL's host by the Public Suffix List (pinned snapshot), else the host itself."""
    host = _host(url)
    return _EXTRACT_DOMAIN(host).top_domain_under_public_suffix or host


def _is_same_site(url: str, other: str) -> bool:
    return _host(url) == _host(other) or registrable_domain(url) == registrable_domain(other)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
