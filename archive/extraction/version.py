"""Who derived a document: named in the catalog with each. Light to import: the crawl's own process needs it too."""

from importlib.metadata import version

EXTRACTOR = "palmyra"
RULES = 1
"""Raised with every change of the rules that changes a text."""
EXTRACTOR_VERSION = f"{RULES} trafilatura/{version('trafilatura')} lxml/{version('lxml')}"
