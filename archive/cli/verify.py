"""``palmyra verify``."""

import json
import sys
from collections import Counter
from dataclasses import asdict

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from archive.collection import Collection
from archive.verify import verify_collection

FAILED = 1


def command(
    collection: CollectionOption = DEFAULT_COLLECTION, quiet: QuietOption = False, as_json: JsonOption = False
) -> int:
    """Check every byte that the collection keeps: WARC files, index, documents and catalog against each other.

    Gzip members, lengths, digests, record ids and fields; every index line against its record and every record
    against its line; every document against its name and its record. Exit code 1 when something is wrong.

    Example: `palmyra verify --collection news`
    """
    store = Collection.open_existing(collection)
    counts: Counter[str] = Counter()
    for finding in verify_collection(store):
        counts[finding.severity] += 1
        if as_json:
            sys.stdout.write(json.dumps(asdict(finding), ensure_ascii=False, default=str) + "\n")
        elif finding.severity == "error" or not quiet:
            sys.stdout.write(
                f"{finding.severity}: {finding.file}:{finding.offset}: {finding.message} [{finding.code}]\n"
            )
    if not as_json and not quiet:
        sys.stdout.write(_verdict(store, counts) + "\n")
    return FAILED if counts["error"] else 0


def _verdict(store: Collection, counts: Counter[str]) -> str:
    files = len(store.warc_files())
    checked = f"Checked {files} WARC {'file' if files == 1 else 'files'}, index, documents and catalog of {store.root}"
    if not counts:
        return f"{checked}: all whole."
    return (
        f"{checked}: " + ", ".join(f"{count} {severity}s" for severity, count in sorted(counts.items())) + "."
    )
