"""What a damaged disk took from the archive, the next crawl brings back."""

from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.collection import Collection
from archive.warc.reader import iter_captures, read_capture
from tests.site.command import palmyra
from tests.site.crawling import crawl
from tests.site.newsroom import Newsroom, article, front

STORIES = [f"/2026/03/1{n}/story-number-{n}-of-the-day" for n in range(3)]


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_what_is_lost_is_fetched_again(tmp_path: Path, damage: str) -> None:
    pages = {"/": front(STORIES)} | {path: article(n) for n, path in enumerate(STORIES)}
    collection = Collection(tmp_path / "news")
    with Newsroom(pages) as server:
        crawl(tmp_path, server.url("/"))
        [path] = collection.warc_files()
        before = documents(collection)
        lost = next(
            span for span in iter_captures(path) if url_at(path, span.offset) == server.url(STORIES[1])
        )
        data = bytearray(path.read_bytes())
        data[lost.offset + 40] ^= 0xFF
        path.write_bytes(data[: lost.offset] if damage == "cut" else data)
        repaired = palmyra("repair", "--collection", collection.root)
        assert (repaired.code, repaired.error) == (0, "")
        assert any(line.endswith("the next crawl asks for their addresses again.") for line in repaired.lines)
        assert set(documents(collection)) < set(before)
        asked = len(server.log)
        crawl(tmp_path, server.url("/"))
        assert server.statuses(asked)[STORIES[1]] == 200
    assert sorted(documents(collection)) == sorted(before)
    assert palmyra("verify", "--collection", collection.root).code == 0


def url_at(path: Path, offset: int) -> str | None:
    return read_capture(path, offset).record.target_uri


def documents(collection: Collection) -> list[tuple[str, str]]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return [(row.final_url, row.text_digest) for row in catalog.documents()]
