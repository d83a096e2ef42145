"""The space that a crawl leaves free, so that all that is open can be closed, and other programs go on."""

import os
from pathlib import Path

from rich.filesize import decimal

from archive.errors import DiskFull

DEFAULT_SHARE = 20
DEFAULT_MOST_BYTES = 200_000_000
"""Unless told otherwise: a twentieth of the disk, and no more than this."""


class Reserve:
    """``least`` bytes (None: the default) on the disk that holds ``root``."""

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
