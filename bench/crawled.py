"""A crawl in a process of its own, watched while it runs."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_EVERY_S = 1.0


@dataclass
class Watched:
    """How a crawl went: seconds, exit code, and the resident memory of its main process over time, in bytes."""

    seconds: float = 0.0
    code: int = 0
    resident: list[int] = field(default_factory=list)

    def memory(self) -> str:
        """Memory at a fifth, at half and at the end of the crawl, and its peak."""
        if not self.resident:
            return "not measured"
        at = [self.resident[int((len(self.resident) - 1) * share)] for share in (0.2, 0.5, 1.0)]
        return ", ".join(f"{size / 1e6:.0f} MB" for size in at) + f"; peak {max(self.resident) / 1e6:.0f} MB"


def crawl(folder: Path, *arguments: object) -> Watched:
    """``palmyra crawl`` with these arguments into ``folder/news``."""
    command = [sys.executable, "-m", "crawler.cli", "crawl", *map(str, arguments)]
    command += ["--collection", str(folder / "news"), "--allow-private", "--quiet"]
    started, watched = time.monotonic(), Watched()
    process = subprocess.Popen(command, cwd=folder)
    while process.poll() is None:
        watched.resident.append(_resident(process.pid))
        time.sleep(SAMPLE_EVERY_S)
    watched.seconds, watched.code = time.monotonic() - started, process.returncode
    return watched


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
