"""A catalog that shows the documents which a site's rights signals let go out, by stated policies."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from archive.catalog import Catalog
from archive.database import Database
from archive.entries import CaptureRow, DocumentRow
from archive.extraction.site_rights import AI_PATH, ROBOTS_PATH, TDMREP_PATH
from archive.rights import refusal


class PermittedCatalog(Catalog):
    """`documents` leaves out what ``respect`` forbids; ``refused`` counts them by reason.

    The site's files count as they were last captured before the document, else as they were first captured after it.
    """

    respect: Collection[str] = ()

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.refused: Counter[str] = Counter()
        self._files: dict[str, list[tuple[datetime, tuple[str, ...]]]] = {}

    def documents(
        self, *, start: int = 0, limit: int | None = None, newest_first: bool = False
    ) -> Iterator[DocumentRow]:
        """As `Catalog.documents`; ``start`` and ``limit`` count what is left out as well."""
        self.refused.clear()
        for row in super().documents(start=start, limit=limit, newest_first=newest_first):
            reason = self._refusal(row)
            if reason:
                self.refused[reason] += 1
            else:
                yield row

    def permits(self, row: DocumentRow) -> bool:
        return self._refusal(row) is None

    def _refusal(self, row: DocumentRow) -> str | None:
        return refusal(row.final_url, self.capture(row.capture).rights, self._site(row), self.respect)

    def _site(self, row: DocumentRow) -> tuple[str, ...]:
        parts = urlsplit(row.final_url)
        return tuple(
            signal
            for path in (TDMREP_PATH, AI_PATH, ROBOTS_PATH)
            for signal in self._signals(f"{parts.scheme}://{parts.netloc}{path}", row.date)
        )

    def _signals(self, url: str, date: datetime) -> tuple[str, ...]:
        if url not in self._files:
            self._files[url] = [
                (capture.entry.date, signals_of(self, capture))
                for capture in self.captures_of(url)
                if capture.entry.url == url
            ]
        known = self._files[url]
        before = [signals for captured, signals in known if captured <= date]
        return before[-1] if before else known[0][1] if known else ()


def signals_of(catalog: Catalog, capture: CaptureRow) -> tuple[str, ...]:
    """The rights signals of a capture, of a revisit those of its original."""
    entry = capture.entry
    if entry.type != "revisit" or not entry.refers_to_url or not entry.refers_to_date:
        return capture.rights
    original = catalog.response_at(entry.refers_to_url, entry.refers_to_date)
    return original.rights if original else ()
