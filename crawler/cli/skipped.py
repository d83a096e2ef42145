"""``palmyra status --skipped``: what was passed over, counted by reason, with examples."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from archive.cli.terminal import on_one_line
from archive.collection import Collection
from crawler.reports.skips import NAME, counted_and_sampled, words_of

SAMPLES = 5
"""Addresses shown of each reason."""
SAMPLES_JSON = 100


def write_skips(collection: Collection, counts: Mapping[str, int], *, as_json: bool) -> None:
    """Print every reason with its words, count (``counts`` since the collection began, by the frontier) and samples."""
    found = _skips(collection, counts, SAMPLES_JSON if as_json else SAMPLES)
    if as_json:
        lines: Iterator[str] = (json.dumps(each) for each in found)
    else:
        lines = iter([line for each in found for line in _lines(each)] or ["Nothing was passed over."])
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if found and not as_json:
        sys.stdout.write(f"\nEach address: {collection.reports / NAME}\n")


def _skips(collection: Collection, counts: Mapping[str, int], samples: int) -> list[dict[str, Any]]:
    reported, last = counted_and_sampled(collection.reports, samples)
    total = {
        reason: max(counts.get(reason, 0), reported[reason]) for reason in counts.keys() | reported.keys()
    }
    return [
        {
            "reason": reason,
            "words": words_of(reason),
            "count": count,
            "samples": list(last.get(reason, ())),
        }
        for reason, count in sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _lines(skip: Mapping[str, Any]) -> Iterator[str]:
    words = f": {skip['words']}" if skip["words"] else ""
    yield f"{skip['count']:>7,}  {on_one_line(skip['reason'])}{words}"
    for sample in skip["samples"]:
        via = f"  (on {on_one_line(sample['via'])})" if sample.get("via") else ""
        yield f"           {on_one_line(sample['url'])}{via}"
