"""What a document says of how it was reached."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archive.capture import Discovery
from archive.catalog import Catalog
from tests.archive.stored import response
from tests.site.collections import BASE, FIRST_CAPTURE, article_exchanges, exchange, write_collection

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
