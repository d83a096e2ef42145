"""What newer extractors changed: ``palmyra diff --extractor``."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count

from archive.cli.changes import change_lines
from archive.cli.terminal import on_one_line, write_out
from archive.collection import Collection
from archive.difference import Change as TextChange
from archive.difference import differences
from archive.former import METADATA, Change, Extraction, Kind, extractions, present_text

SAMPLE = 3
"""Documents of each kind of change that are shown."""
WORDS = {
    Kind.TEXT: "text changed",
    Kind.METADATA: "metadata alone changed",
    Kind.GONE: "no document any more",
    Kind.NEW: "a document now, none before",
    Kind.SAME: "as before",
}


def report(store: Collection, sample: int, *, as_json: bool) -> None:
    """Print, for each extraction that followed another extractor's, what it changed: counts, and some of it."""
    found = extractions(store)
    for extraction in found:
        if as_json:
            sys.stdout.write(json.dumps(_known(store, extraction, sample), ensure_ascii=False) + "\n")
        else:
            lines = (*count_lines(store, extraction), "", *_sample_lines(store, extraction, sample))
            write_out("".join(f"{line}\n" for line in lines))
    if not found and not as_json:
        write_out("No other extractor's documents are kept: none was replaced by a different one.\n")


def count_lines(store: Collection, extraction: Extraction) -> Iterator[str]:
    """Which extractors, how many documents did what, and where the former ones are."""
    yield f"former extractor:  {'; '.join(extraction.former)}"
    yield f"present extractor: {extraction.present}"
    for kind, number in extraction.counts.items():
        yield f"{number:>7,}  {WORDS[kind]}"
    yield f"The former ones are in {extraction.path.relative_to(store.root)}."


def sampled(extraction: Extraction, sample: int) -> Iterator[Change]:
    """At most ``sample`` changes of each kind, evenly from all there are: the same whenever it is asked."""
    seen = {kind: count() for kind in Kind}
    for change in extraction.changes():
        total, number = max(extraction.counts[change.kind], 1), next(seen[change.kind])
        if number * sample // total != (number - 1) * sample // total:
            yield change


def _sample_lines(store: Collection, extraction: Extraction, sample: int) -> Iterator[str]:
    for change in sampled(extraction, sample):
        yield f"{WORDS[change.kind]}: {on_one_line(_name(change))}"
        if change.kind is Kind.METADATA:
            yield from (f"~ {name}: {was!r} -> {now!r}" for name, was, now in _fields(change))
        elif change.kind is Kind.TEXT:
            yield from change_lines(_texts(store, extraction, change))
        yield ""


def _name(change: Change) -> str:
    known = change.present or change.former or {}
    number = f"document {change.present['id']}, " if change.present else ""
    return f"{number}{known['title']} ({change.url})"


def _fields(change: Change) -> Iterator[tuple[str, object, object]]:
    former, present = change.former or {}, change.present or {}
    for name in METADATA:
        if former.get(name) != present.get(name):
            yield name, former.get(name), present.get(name)


def _texts(store: Collection, extraction: Extraction, change: Change) -> list[TextChange]:
    former, present = extraction.text(change), present_text(store, extraction, change)
    return [] if former is None or present is None else differences(former, present)


def _known(store: Collection, extraction: Extraction, sample: int) -> dict[str, object]:
    """The report of one extraction for programs."""
    samples = [
        {
            "kind": change.kind,
            "url": change.url,
            "record_id": change.record,
            "former": change.former,
            "present": change.present,
            "changes": [asdict(each) for each in _texts(store, extraction, change)]
            if change.kind is Kind.TEXT
            else [],
        }
        for change in sampled(extraction, sample)
    ]
    return {
        "former": extraction.former,
        "present": extraction.present,
        "path": str(extraction.path.relative_to(store.root)),
        "counts": extraction.counts,
        "samples": samples,
    }
