"""The sitemap lines of a robots.txt (sitemaps.org protocol; RFC 9309, section 2.2.4, leaves them to others)."""

from archive.extraction.links import absolute
from archive.outcome import Link, Relation

MAX_ROBOTS_BYTES = 500 * 1024
"""What a crawler must read of a robots.txt (RFC 9309, section 2.5); the rest is ignored."""


def sitemap_links(payload: bytes, *, url: str) -> tuple[Link, ...]:
    """The sitemaps that the robots.txt at ``url`` names, each once, in its order; relative ones are resolved."""
    text = payload[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace")
    found: dict[str, Link] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and name.strip().lower() in ("sitemap", "site-map"):
            target = absolute(value.partition(" #")[0], url)
            if target:
                found.setdefault(target, Link(target, Relation.SITEMAP))
    return tuple(found.values())
