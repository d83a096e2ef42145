"""pywb, in an environment of its own, serves a collection as it lies: the same pages, to the byte."""

from collections.abc import Iterator

import pytest

from crawler.demo.site import CONSENT_WALL, MOVED, build_site
from tests.site.collections import BASE, FIRST_CAPTURE, demo_exchanges, write_collection
from tests.site.wayback import fetch, serving

TIMESTAMP = f"{FIRST_CAPTURE:%Y%m%d%H%M%S}"


@pytest.fixture(scope="module")
def wayback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which pywb serves the demo's collection."""
    root = tmp_path_factory.mktemp("pywb")
    write_collection(root / "collections" / "demo", demo_exchanges())
    with serving(root) as address:
        yield f"{address}/demo"


def test_every_page_comes_back_as_it_was_captured(wayback: str) -> None:
    wrong = []
    for each, (path, answer) in zip(demo_exchanges(), sorted(build_site(BASE).items()), strict=True):
        if path == MOVED:
            continue
        status, body = fetch(f"{wayback}/{each.date:%Y%m%d%H%M%S}id_/{each.url}")
        if (status, body) != (int(answer.status), answer.body):
            wrong.append((path, status, len(body)))
    assert wrong == []


def test_redirect_is_replayed(wayback: str) -> None:
    status, _ = fetch(f"{wayback}/{TIMESTAMP}id_/{BASE}{MOVED}")
    assert status == 301


def test_page_for_a_reader_has_its_text(wayback: str) -> None:
    status, body = fetch(f"{wayback}/{TIMESTAMP}mp_/{BASE}{CONSENT_WALL}")
    assert status == 200
    assert b"Before you continue" in body


def test_what_was_never_captured_is_not_found(wayback: str) -> None:
    assert fetch(f"{wayback}/{TIMESTAMP}id_/{BASE}/never/")[0] == 404
