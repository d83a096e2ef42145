"""Other editions of a page: AMP pages, and translations as ``hreflang`` names them."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from archive.outcome import Link, Relation

ALTERNATE, OTHER_LANGUAGE = "alternate", "otherLanguage"
"""The reasons, in a word, for which an edition is passed over."""

_AMP = re.compile(r"\bamp\b", re.IGNORECASE)
_AMP_PATH = re.compile(r"/amp(?=/?$)|^/amp(?=/)|\.amp(?=\.html?$|$)", re.IGNORECASE)
_AMP_PARAMETER = re.compile(r"(?:^|&)(?:amp(?:=(?:1|true)?)?|output(?:type)?=amp)(?=&|$)", re.IGNORECASE)


def addresses_without_amp(url: str) -> Iterator[str]:
    """The addresses that the page behind an AMP address may have; none where it does not look like one."""
    if not _AMP.search(url):
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    path, query = _AMP_PATH.sub("", parts.path), _AMP_PARAMETER.sub("", parts.query).lstrip("&")
    hosts = [parts.netloc]
    if parts.netloc.startswith("amp."):
        rest = parts.netloc.removeprefix("amp.")
        hosts = [rest, f"www.{rest}"]
    elif (path, query) == (parts.path, parts.query):
        return
    slashed = path.rstrip("/")
    for host in hosts:
        for each in dict.fromkeys((path or "/", slashed or "/", f"{slashed}/")):
            yield parts._replace(netloc=host, path=each, query=query).geturl()


def same_language(one: str, other: str) -> bool:
    """Whether two language tags (BCP 47) are of one language, whatever the region; ``x-default`` is of every."""
    first, second = (tag.partition("-")[0].lower() for tag in (one, other))
    return first == second or "x" in (first, second)


def editions(links: Iterable[Link]) -> dict[str, str | None]:
    """The alternates among ``links`` with their languages; None for an AMP page."""
    return {link.url: link.language for link in links if link.relation is Relation.ALTERNATE}
