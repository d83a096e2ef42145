"""Who derived a document: named in the catalog with each. Light to import: the crawl's own process needs it too."""

from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

EXTRACTOR = "palmyra"
RULES = 1
"""Raised when the rules change so much that people should hear of it; ``config`` tells of any change."""
LIBRARIES = ("trafilatura", "lxml", "chardet", "htmldate", "justext", "tldextract", "py3langid")
"""What decides texts and metadata besides our own rules."""
CONFIG_DIGITS = 8

_RULES = frozenset((".py", ".json", ".pxd", ".pyx"))
_RUNNING = frozenset(("pool.py", "process.py", "preload.py", "version.py"))
"""How workers are run, which decides no text."""
_ARCHIVE = Path(__file__).parents[1]


def rule_files(archive: Path = _ARCHIVE) -> list[Path]:
    """The files of the package ``archive`` that decide what a payload's document is: rules, constants, line model."""
    folders = (archive / "extraction", archive / "extraction" / "native", archive / "http")
    found = [path for folder in folders for path in folder.iterdir() if path.suffix in _RULES]
    return sorted(path for path in (*found, archive / "document.py") if path.name not in _RUNNING)


def config_digest(files: Iterable[Path], libraries: Iterable[tuple[str, str]]) -> str:
    """The first hex digits of a SHA-256 over the bytes of ``files``, by name, and the versions of ``libraries``."""
    digest = sha256("".join(f"{name}/{number}\n" for name, number in libraries).encode())
    for path in files:
        digest.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:CONFIG_DIGITS]


_VERSIONS = {name: version(name) for name in LIBRARIES}
EXTRACTOR_VERSION = (
    f"{RULES} trafilatura/{_VERSIONS['trafilatura']} lxml/{_VERSIONS['lxml']} "
    f"config/{config_digest(rule_files(), _VERSIONS.items())}"
)
"""Rules, libraries, and a digest of all that decides a text: equal where the same payload gives the same document."""
