"""What every WARC file of a crawl says of it: the fields of its warcinfo record (WARC 1.1, section 6.2)."""

from collections.abc import Sequence

from crawler.settings import VERSION, Options
from crawler.sources.declared import Source


def warcinfo(options: Options, sources: Sequence[Source], collection: str) -> dict[str, str]:
    """The fields, by name; ``robots`` names the sources for which robots.txt is ignored."""
    unruly = ", ".join(source.name for source in sources if source.robots == "ignore")
    known = {
        "software": f"palmyra/{VERSION}",
        "operator": options.operator,
        "description": options.description,
        "robots": f"ignore ({unruly})" if unruly else "obey",
        "isPartOf": collection,
        "http-header-user-agent": options.agent(),
        "http-header-from": options.contact if options.contact and "@" in options.contact else None,
    }
    return {key: value for key, value in known.items() if value}
