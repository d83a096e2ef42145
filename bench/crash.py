"""Kills crawls at length and prints what came of it: the table in docs/crash.md.

Each series is a collection of its own: a crawl is killed with SIGKILL at random moments, by time or right after an
answer, and started again until one ends by itself. Then the server's log is held against the archive, and the
collection against a fresh extraction.

    python -m bench.crash [KILLS] [SEED]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.crash.killer import Killer, Verdict
from tests.crash.site import GeneratedSite

KILLS, KILLS_A_SERIES = 200, 10
ARTICLES, HOSTS = 60, 3


def series(kills: int, seed: int) -> Verdict:
    with tempfile.TemporaryDirectory() as folder, GeneratedSite(ARTICLES, HOSTS) as site:
        killer = Killer(site, Path(folder) / "news", kills=kills, seed=seed)
        killer.run()
        return killer.judge()


def table(verdicts: Sequence[Verdict], seconds: float) -> str:
    recoveries = sorted(second for verdict in verdicts for second in verdict.recoveries_s)
    last = recoveries[int(0.99 * (len(recoveries) - 1))]
    rows = {
        "collections": len(verdicts),
        "kills": sum(verdict.kills for verdict in verdicts),
        "answers sent whole": sum(verdict.answers for verdict in verdicts),
        "addresses or acknowledged captures lost": sum(len(verdict.lost) for verdict in verdicts),
        "acknowledged, and fetched again": sum(len(verdict.acknowledged_again) for verdict in verdicts),
        "in flight, and fetched again": sum(verdict.again for verdict in verdicts),
        "fetched again without having been in flight": sum(len(verdict.unexplained) for verdict in verdicts),
        "faults that `verify` finds": sum(len(verdict.findings) for verdict in verdicts),
        "differences from a fresh `extract`": sum(len(verdict.differences) for verdict in verdicts),
        "torn tails in quarantine": sum(verdict.torn_tails for verdict in verdicts),
        "start to first answer, median": f"{statistics.median(recoveries):.2f} s",
        "start to first answer, 99th percentile": f"{last:.2f} s",
        "duration": f"{seconds / 60:.0f} min",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def main(kills: int = KILLS, seed: int = 0) -> int:
    began, verdicts, left = time.monotonic(), list[Verdict](), kills
    while left > 0:
        verdicts.append(series(min(left, KILLS_A_SERIES), seed + len(verdicts)))
        left -= max(1, verdicts[-1].kills)
        print(f"{kills - left} of {kills} kills: {'kept' if verdicts[-1].kept else verdicts[-1]}", flush=True)
    print(table(verdicts, time.monotonic() - began))
    return 0 if all(verdict.kept for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
