"""What a crawl needs of the system before it begins: open files, and space that it leaves free."""

import os
import resource
from pathlib import Path

from rich.filesize import decimal

from archive.errors import DiskFull, StorageError

DEFAULT_SHARE = 20
DEFAULT_MOST_BYTES = 200_000_000
"""Unless told otherwise: a twentieth of the disk, and no more than this."""


LEAST_FILES = 128
"""Workers, databases and the archive keep some 40 open; the rest is for connections."""
WANTED_FILES = 4096


def require_files() -> None:
    """Allow this process as many open files as the system lets it; StorageError where that is too few to begin."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    if soft != resource.RLIM_INFINITY and soft < LEAST_FILES:
        raise StorageError(
            f"only {soft} open files are allowed, a crawl needs {LEAST_FILES}: see `ulimit -n`"
        )


class Reserve:
    """The space that a crawl leaves free, so that all that is open can be closed, and other programs go on.

    ``least`` bytes (None: the default) on the disk that holds ``root``.
    """

    def __init__(self, root: Path, least: int | None) -> None:
        self._root, self._least = root, least

    def check(self) -> None:
        """DiskFull where less is left."""
        disk = os.statvfs(self._root)
        free = disk.f_bavail * disk.f_frsize
        least = self._least
        if least is None:
            least = min(disk.f_blocks * disk.f_frsize // DEFAULT_SHARE, DEFAULT_MOST_BYTES)
        if free < least:
            raise DiskFull(
                f"{self._root}: {decimal(free)} left on its disk, under the reserve of {decimal(least)} (--min-free); "
                f"free at least {decimal(least - free)}, then the same command goes on"
            )
