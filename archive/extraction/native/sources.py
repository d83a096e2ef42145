"""What the parts in C are made of: whoever builds them and whoever loads them must name the same."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = ("attributes", "boxes", "elements", "forest", "layout", "measures", "words")
"""Each is built from a ``.pyx`` of its name, and all from the ``.pxd`` files beside it."""


def built_from() -> str:
    """A digest of the sources, and the version of lxml."""
    digest = sha256()
    for path in sorted(path for path in FOLDER.iterdir() if path.suffix in (".pxd", ".pyx")):
        digest.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{digest.hexdigest()[:16]} lxml {version('lxml')}"
