"""pywb, in an environment of its own, serves a collection as it lies: the same pages, to the byte."""

from collections.abc import Iterator

import pytest

from crawler.demo.site import CONSENT_WALL, MOVED, build_site
from tests.archive.made_collection import Answer, chunked, make_collection, zipped
from tests.site.collections import BASE, FIRST_CAPTURE, demo_exchanges, write_collection
from tests.site.wayback import fetch, serving

TIMESTAMP = f"{FIRST_CAPTURE:%Y%m%d%H%M%S}"


PAGE, PICTURE = "https://n.example/page", "https://n.example/picture"
ANSWERS = (
    chunked(Answer(PAGE, b"<p>as it was")),
    zipped(Answer(PICTURE, bytes(range(256)), "image/x-icon", hours=1)),
    chunked(Answer(PAGE, b"<p>as it was", fields=(("X-Second", "yes"),), hours=2, revisit_of=0)),
    Answer(PAGE, status="304 Not Modified", hours=3, revisit_of=0),
    Answer(PAGE, b"<p>as it is", hours=4),
    Answer(PICTURE, status="304 Not Modified", hours=5, revisit_of=1),
)
"""Captures, each in a file of its own, with revisits by both profiles."""


@pytest.fixture(scope="module")
def wayback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which pywb serves the demo's collection."""
    root = tmp_path_factory.mktemp("pywb")
    write_collection(root / "collections" / "demo", demo_exchanges())
    make_collection(root / "collections" / "again", ANSWERS, a_file=1)
    with serving(root) as address:
        yield address


def test_every_page_comes_back_as_it_was_captured(wayback: str) -> None:
    wrong = []
    for each, (path, answer) in zip(demo_exchanges(), sorted(build_site(BASE).items()), strict=True):
        if path == MOVED:
            continue
        status, body = fetch(f"{wayback}/demo/{each.date:%Y%m%d%H%M%S}id_/{each.url}")
        if (status, body) != (int(answer.status), answer.body):
            wrong.append((path, status, len(body)))
    assert wrong == []


def test_redirect_is_replayed(wayback: str) -> None:
    status, _ = fetch(f"{wayback}/demo/{TIMESTAMP}id_/{BASE}{MOVED}")
    assert status == 301


def test_page_for_a_reader_has_its_text(wayback: str) -> None:
    status, body = fetch(f"{wayback}/demo/{TIMESTAMP}mp_/{BASE}{CONSENT_WALL}")
    assert status == 200
    assert b"Before you continue" in body


def test_revisits_show_what_they_are_revisits_of_across_files(wayback: str) -> None:
    bodies = [
        b"<p>as it was",
        bytes(range(256)),
        b"<p>as it was",
        b"<p>as it was",
        b"<p>as it is",
        bytes(range(256)),
    ]
    for answer, body in zip(ANSWERS, bodies, strict=True):
        assert fetch(f"{wayback}/again/{answer.date:%Y%m%d%H%M%S}id_/{answer.url}") == (200, body), answer


def test_what_was_never_captured_is_not_found(wayback: str) -> None:
    assert fetch(f"{wayback}/demo/{TIMESTAMP}id_/{BASE}/never/")[0] == 404
