"""What is wrong, as lines for a person or for a program. Shared by `verify` and `repair`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from archive.cli.terminal import on_one_line
from archive.warc.fields import storable
from archive.warc.verify import Finding


def write_findings(findings: Iterable[Finding], *, quiet: bool, as_json: bool) -> Counter[str]:
    """Print each; warnings are left out when ``quiet``. Returns how many there were of each severity."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.severity] += 1
        if as_json:
            sys.stdout.write(storable(json.dumps(asdict(finding), ensure_ascii=False, default=str)) + "\n")
        elif finding.severity == "error" or not quiet:
            sys.stdout.write(finding_line(finding) + "\n")
    return counts


def finding_line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.offset}"
    return storable(f"{finding.severity}: {place}: {on_one_line(finding.message)} [{finding.code}]")


def counted_findings(counts: Counter[str]) -> str:
    """``2 errors, 1 warning``; ``all whole`` where there are none."""
    words = [f"{count} {severity}{'s' * (count != 1)}" for severity, count in sorted(counts.items())]
    return ", ".join(words) or "all whole"
