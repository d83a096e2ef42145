"""The reading room's site: documents, search and captures, for people."""

import re
from dataclasses import dataclass

from archive.catalog import Catalog, snippet
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.errors import ArchiveError, CaptureNotFound
from archive.replay import pages, policy
from archive.replay.exchange import Reply, Request, redirect, reply
from archive.replay.memento import asked_url

SEARCH_LIMIT = 100
"""Most results of one search."""

_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_DOCUMENT = re.compile(r"/documents/([0-9]{1,15})(\.txt)?")
_CAPTURE = re.compile(r"/captures/([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class ReadingRoom:
    """Answers requests for documents. ``archive`` is the origin of archived pages."""

    archive: str

    def answer(self, request: Request, collection: Collection, catalog: Catalog) -> Reply:
        """The reply to one request, under the reading room's policy."""
        try:
            answered = self._answer(request, collection, catalog)
        except CaptureNotFound as error:
            answered = reply(404, _HTML, pages.failure(404, str(error)))
        except ArchiveError as error:
            answered = reply(500, _HTML, pages.failure(500, str(error)))
        return answered.adding(*policy.room(self.archive))

    def _answer(self, request: Request, collection: Collection, catalog: Catalog) -> Reply:
        if request.path == "/":
            return self._front(request, collection, catalog)
        if request.path == "/captures":
            return self._captures(request, catalog)
        if match := _DOCUMENT.fullmatch(request.path):
            row = catalog.document(int(match[1]))
            return self._text(row, collection) if match[2] else self._document(row, collection, catalog)
        if match := _CAPTURE.fullmatch(request.path):
            return reply(200, _HTML, pages.capture(catalog.capture(int(match[1])), self.archive))
        return reply(404, _HTML, pages.failure(404, "There is no such page."))

    def _front(self, request: Request, collection: Collection, catalog: Catalog) -> Reply:
        query = request.query("q").strip()
        return self._search(query, collection, catalog) if query else self._list(request, catalog)

    def _list(self, request: Request, catalog: Catalog) -> Reply:
        number = _page_number(request.query("page"))
        total = catalog.document_count()
        start = (number - 1) * pages.PAGE_SIZE
        if number > 1 and start >= total:
            return redirect("/")
        rows = list(catalog.documents(start=start, limit=pages.PAGE_SIZE, newest_first=True))
        return reply(200, _HTML, pages.listing(rows, number, total))

    def _search(self, query: str, collection: Collection, catalog: Catalog) -> Reply:
        rows = catalog.search(query, SEARCH_LIMIT)
        excerpts = [(row, snippet(collection.document_text(row), query)) for row in rows]
        return reply(200, _HTML, pages.found(query, excerpts, SEARCH_LIMIT))

    def _document(self, row: DocumentRow, collection: Collection, catalog: Catalog) -> Reply:
        text = collection.document_text(row)
        rights = catalog.capture(row.capture).rights
        shown = pages.document(
            row,
            text,
            catalog.captures_of(row.final_url),
            rights,
            self.archive,
            versions=catalog.versions.of(catalog.versions.article_of(row.id)),
            members=catalog.duplicates.members(catalog.duplicates.cluster_of(row.id)),
        )
        return reply(200, _HTML, shown)

    def _text(self, row: DocumentRow, collection: Collection) -> Reply:
        return reply(200, _TEXT, collection.document_text(row).encode())

    def _captures(self, request: Request, catalog: Catalog) -> Reply:
        url = request.query("url").strip()
        rows = catalog.captures_of(asked_url(url)) if url else []
        return reply(200, _HTML, pages.captures(url, rows, self.archive))


def _page_number(text: str) -> int:
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,9}", text) else 1
