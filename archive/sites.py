"""Which site a URL belongs to."""

from functools import cache
from urllib.parse import urlsplit

import tldextract


def site_of(url: str) -> str:
    """The registrable domain of a URL's host by the Public Suffix List, its private part included; else the host.

    The list is the one packed with tldextract: the network is never asked for a newer one.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _suffixes()(host).top_domain_under_public_suffix or host


@cache
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
