"""What a document says of how it was reached; what is left of documents that were never committed."""

import errno
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.capture import Discovery
from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import Derivation, examined_in_order
from archive.errors import StorageError
from archive.warc.disk import Disk
from tests.archive.stored import response
from tests.site.collections import (
    BASE,
    FIRST_CAPTURE,
    InlineExaminer,
    article_exchanges,
    exchange,
    write_collection,
)

MOVED = response(b"", None, "Location: /elsewhere", status="302 Found")


def test_the_address_asked_for_is_the_first_of_the_redirects_however_it_is_written(tmp_path: Path) -> None:
    first = exchange("/start", MOVED, FIRST_CAPTURE)
    second = replace(
        exchange("/start", MOVED, FIRST_CAPTURE + timedelta(seconds=1)),
        url=f"{BASE}/caf\u00e9 noir",
        discovery=Discovery(via=f"{BASE}/start", hops="LR"),
    )
    page = article_exchanges()[0]
    third = replace(
        page,
        date=FIRST_CAPTURE + timedelta(seconds=2),
        discovery=Discovery(via=f"{BASE}/caf\u00e9 noir", hops="LRR"),
    )
    collection = write_collection(tmp_path / "news", [first, second, third])
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        [row] = catalog.documents()
    assert (row.url, row.final_url) == (f"{BASE}/start", page.url)


class FailingOnce(Disk):
    """Fails the first time that something is to be made durable."""

    failed = False

    def sync(self, descriptor: int) -> None:
        if not self.failed:
            self.failed = True
            raise OSError(errno.EIO, "the disk fails")
        super().sync(descriptor)


def test_what_was_written_and_not_committed_is_gone_once_the_next_is_written(tmp_path: Path) -> None:
    source = write_collection(tmp_path / "source", article_exchanges()[:4])
    [warc] = source.warc_files()
    first, second, *rest = examined_in_order(warc, 0, InlineExaminer())
    collection = Collection.create(tmp_path / "news")
    other_file = collection.documents / "00000" / "notes.txt"
    other_file.parent.mkdir()
    other_file.write_text("not ours")
    with Catalog.open(collection.catalog_path) as catalog:
        derivation = Derivation(collection, catalog, FailingOnce())
        with pytest.raises(StorageError):
            derivation.keep([first, second])
        written = {path.name for path in other_file.parent.iterdir()}
        rows = derivation.keep([second]) + derivation.keep(rest)
    assert len(written) == 3
    names = {row.name.rpartition("/")[2] for row in rows if row}
    assert {path.name for path in other_file.parent.iterdir()} == names | {"notes.txt"}
