"""What the archive has near a URL that it does not have."""

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from archive.catalog import Catalog
from archive.entries import CaptureRow
from archive.replay.markup import Markup, element, page
from archive.replay.memento import path_of

NEAR_LIMIT = 8
"""Most neighbours looked up."""


def near(catalog: Catalog, url: str) -> list[CaptureRow]:
    """The newest capture of each neighbour: without query, with or without the last slash, folders up to the host."""
    found: dict[str, CaptureRow] = {}
    for neighbour in list(dict.fromkeys(_neighbours(url)))[:NEAR_LIMIT]:
        for row in catalog.captures_of(neighbour)[-1:]:
            found.setdefault(row.entry.url, row)
    return list(found.values())


def _neighbours(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if not parts.netloc:
        return
    path = parts.path
    yield _with_path(parts, path)
    yield _with_path(parts, path.removesuffix("/") if path.endswith("/") else f"{path}/")
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        yield _with_path(parts, path)
        yield _with_path(parts, path.rstrip("/"))


def _with_path(parts: SplitResult, path: str) -> str:
    return parts._replace(path=path, query="", fragment="").geturl()


def not_captured(url: str, rows: list[CaptureRow], room: str) -> bytes:
    """The page that says so."""
    neighbours = [_neighbour(row) for row in rows]
    return page(
        "Not in the archive",
        element("h1", "Not in the archive"),
        element("p", "No capture of ", element("code", url), "."),
        element("p", "Near it there is:") if rows else None,
        element("ul", *neighbours) if rows else None,
        element("p", element("a", "To the reading room", href=f"{room}/")),
    )


def _neighbour(row: CaptureRow) -> Markup:
    when = f" ({row.entry.date:%Y-%m-%d %H:%M} UTC)"
    return element("li", element("a", row.entry.url, href=path_of(row)), when)
