"""``palmyra status --sources``: what each source brought, and what seems wrong with it."""

import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence

from archive.cli.terminal import on_one_line
from archive.collection import Collection
from crawler.reports.figures import RunFigures, SourceFigures, source_figures
from crawler.reports.health import flags

HEADINGS = ("runs", "last run", "listed", "new", "fetched", "articles", "length", "failures")
WIDTHS = (4, 16, 8, 8, 8, 8, 8, 8)
NAME_WIDTH = 30


def write_sources(collection: Collection, *, as_json: bool) -> None:
    """Print a line of figures for each source's last run, and its flags below it."""
    found = source_figures(collection)
    lines = map(_as_json, found) if as_json else iter(_table(found))
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _table(sources: Sequence[SourceFigures]) -> list[str]:
    if not sources:
        return ["No source has been crawled into this collection."]
    heading = " ".join(word.rjust(width) for word, width in zip(HEADINGS, WIDTHS, strict=True))
    return [f"{'source':<{NAME_WIDTH}} {heading}", *(line for source in sources for line in _lines(source))]


def _lines(source: SourceFigures) -> Iterator[str]:
    last = source.runs[-1]
    cells = (
        len(source.runs), f"{last.started:%Y-%m-%d %H:%M}", last.listed, last.new, last.fetched, last.articles,
        last.mean_characters, last.failures,
    )  # fmt: skip
    figures = " ".join(str(cell).rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    yield f"{on_one_line(source.name)[:NAME_WIDTH]:<{NAME_WIDTH}} {figures}"
    for flag in flags(source):
        yield f"  ! {on_one_line(flag.words)}"


def _as_json(source: SourceFigures) -> str:
    found = [dataclasses.asdict(flag) for flag in flags(source)]
    return json.dumps({"source": source.name, "flags": found, "runs": [*map(_run, source.runs)]})


def _run(run: RunFigures) -> dict[str, object]:
    return dataclasses.asdict(run) | {
        "started": run.started.isoformat(),
        "mean_characters": run.mean_characters,
    }
