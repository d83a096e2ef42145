"""A crawl in a process of its own, watched while it runs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_EVERY_S = 0.5
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """How a crawl went: seconds, exit code, and its main process over time.

    ``resident`` has its memory in bytes after so many requests; ``processor`` its CPU time in seconds.
    """

    seconds: float = 0.0
    code: int = 0
    processor: float = 0.0
    resident: list[tuple[int, int]] = field(default_factory=list)

    def memory(self) -> str:
        """Memory at a fifth, at half and at the end of the requests, and its peak."""
        if not self.resident:
            return "not measured"
        last = self.resident[-1][0]
        at = [self.after(last * share) for share in (0.2, 0.5, 1.0)]
        return ", ".join(f"{size / 1e6:.0f} MB" for size in at) + f"; peak {self.peak() / 1e6:.0f} MB"

    def after(self, requests: float) -> int:
        """The memory once there were so many requests, in bytes."""
        return next((size for count, size in self.resident if count >= requests), self.resident[-1][1])

    def peak(self) -> int:
        return max(size for _, size in self.resident)

    def growth(self, warm: float) -> float:
        """Bytes a request that memory grew by after the first ``warm`` requests: the slope of the straight line
        nearest to all measurements (least squares)."""
        late = [(count, size) for count, size in self.resident if count >= warm]
        if len(late) < 2:
            return 0.0
        mean_count = sum(count for count, _ in late) / len(late)
        mean_size = sum(size for _, size in late) / len(late)
        spread = sum((count - mean_count) ** 2 for count, _ in late)
        return sum((count - mean_count) * (size - mean_size) for count, size in late) / max(spread, 1.0)


def crawl(folder: Path, *arguments: object, requests: Callable[[], int] = lambda: 0) -> Watched:
    """``palmyra crawl`` with these arguments into ``folder/news``; ``requests`` tells how many there were so far."""
    command = [sys.executable, "-m", "crawler.cli", "crawl", *map(str, arguments)]
    command += ["--collection", str(folder / "news"), "--allow-private", "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    started, watched = time.monotonic(), Watched()
    process = subprocess.Popen(command, cwd=folder, env=environment)
    while process.poll() is None:
        if resident := _resident(process.pid):
            watched.resident.append((requests(), resident))
            watched.processor = _processor(process.pid) or watched.processor
        time.sleep(SAMPLE_EVERY_S)
    watched.seconds, watched.code = time.monotonic() - started, process.returncode
    return watched


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def _processor(pid: int) -> float:
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11:13]
    except OSError:
        return 0.0
    return sum(map(int, times)) / TICKS_A_SECOND
