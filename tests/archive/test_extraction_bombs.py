"""The made bombs of the benchmark that end soon, through the pool: none costs its text, nor a good page anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.extraction.pool import WorkerPool
from archive.outcome import Kind, Outcome
from bench.bombs import BOMBS, GOOD, PROSE
from tests.archive.stored import response, store

PROSE_TEXT = "The rain fell over the hills for hours, and nobody who had been out came back dry."
SOON = (
    *("a comment of 30 MB", "300,000 open comments", "JSON-LD nested 100,000 deep"),
    *("JSON-LD arrays nested 100,000 deep", "JSON-LD graph nested 900 deep", "JSON-LD with a huge number"),
    *("JSON-LD full of trailing commas", "JSON-LD full of white space"),
    *("a meta with a million names", "a title of 5 MB", "an author of 2 MB of parentheses", "a date of 2 MB"),
    *(
        "20 MB of NUL",
        "NUL between all letters",
        "20 MB of spaces",
        "an endless script",
        "an endless attribute",
    ),
    *("a list from a huge number", "a style attribute of 5 MB", "a class of 5 MB", "frames and plaintext"),
    *("data address of 20 MB", "bytes of no encoding", "ISO-2022-JP escapes", "misnested formatting"),
)
"""Bombs around an article that is to be kept."""


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, time_limit_s=60, memory_limit_bytes=1_000_000_000) as pool:
        yield pool


def examine(pool: WorkerPool, folder: Path, bodies: dict[str, bytes]) -> dict[str, Outcome]:
    stored = store(
        folder,
        [
            (f"https://news.example.org/2026/{n}-rain", response(body))
            for n, body in enumerate(bodies.values())
        ],
    )
    futures = [pool.submit(*capture) for capture in stored]
    return dict(zip(bodies, (future.result().outcome for future in futures), strict=True))


def test_an_article_outlives_what_is_put_around_it(pool: WorkerPool, tmp_path: Path) -> None:
    outcomes = examine(pool, tmp_path, {name: BOMBS[name]() for name in SOON})
    lost = {
        name: outcome.reason
        for name, outcome in outcomes.items()
        if outcome.article is None or PROSE_TEXT not in outcome.article.text
    }
    assert lost == {}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("depth beyond the parser's", "<div>" * 5000 + PROSE),
        ("lists beyond it", "<ul><li>" * 3000 + PROSE),
        ("a text of 11 MB", PROSE + "<p>" + "word " * 2_200_000 + "</p>"),
    ],
)
def test_text_beyond_the_parsers_limits_is_not_lost_in_silence(
    pool: WorkerPool, tmp_path: Path, name: str, body: str
) -> None:
    page = f"<html lang=en><head><title>Rain</title></head><body><h1>Rain</h1>{body}".encode()
    outcomes = examine(pool, tmp_path, {name: page, "good": GOOD.encode()})
    assert outcomes["good"].kind is Kind.ARTICLE
    outcome = outcomes[name]
    assert outcome.article is None or PROSE_TEXT in outcome.article.text
    assert outcome.article is not None or outcome.reason
