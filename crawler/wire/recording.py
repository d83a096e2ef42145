"""A response as it arrives: its bytes spooled untouched, while its framing is followed."""

import errno
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from archive.capture import Truncation
from archive.errors import ArchiveError, DiskFull
from archive.http import ResponseFraming

SPOOL_MEMORY_BYTES = 1024 * 1024
"""A response is held in memory up to this size and in a temporary file beyond it."""

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


class Recording:
    """The bytes of one final response, at most ``max_size`` of them; interim responses are kept apart.

    ``excess`` is true when the connection gave bytes beyond the message. Must be closed, unless ``file`` is handed on.
    """

    def __init__(self, method: str, max_size: int, directory: Path | None = None) -> None:
        self.framing = ResponseFraming(method)
        self.length = 0
        self.excess = False
        self.truncated: Truncation | None = None
        self.file = _spool(directory)
        self._max_size = max_size
        self._before_head = bytearray()

    @property
    def interim(self) -> bytes:
        return self.framing.interim

    @property
    def started(self) -> bool:
        """Whether any byte of a response, an interim one included, has come."""
        return bool(self.length or self._before_head or self.interim)

    @property
    def done(self) -> bool:
        return self.framing.complete or self.truncated is not None

    @property
    def reusable(self) -> bool:
        return self.framing.keep_alive and not (self.excess or self.truncated)

    def receive(self, data: bytes) -> None:
        """Keep what belongs to the message. DiskFull or ArchiveError where it cannot be spooled."""
        had_head = self._knows_start()
        taken = self.framing.receive(data)
        self.excess = taken < len(data)
        if had_head:
            self._keep(data[:taken])
            return
        self._before_head += data[:taken]
        if self._knows_start():
            self._keep_before_head()

    def end(self, *, clean: bool) -> None:
        """The connection has ended; not ``clean`` when it was reset."""
        promised = self.framing.delimited
        self.framing.end()
        self._keep_before_head()
        if not self.framing.complete:
            self.truncated = "disconnect" if promised else "unspecified"
        elif not clean:
            self.truncated = "disconnect"

    def cut(self, reason: Truncation) -> None:
        """Give up waiting for the rest."""
        self._keep_before_head()
        self.truncated = reason

    def close(self) -> None:
        self.file.close()

    def _knows_start(self) -> bool:
        """Whether the final response's first byte is known: before that, all may prove to be interim."""
        return self.framing.head is not None or not self.framing.delimited

    def _keep_before_head(self) -> None:
        held, self._before_head = bytes(self._before_head), bytearray()
        self._keep(held[len(self.interim) :])

    def _keep(self, data: bytes) -> None:
        room = self._max_size - self.length
        try:
            self.file.write(data[:room])
        except OSError as error:
            kind = DiskFull if error.errno in _NO_SPACE else ArchiveError
            raise kind(f"cannot spool a response: {error.strerror}") from None
        self.length += min(len(data), room)
        if len(data) > room:
            self.truncated = "length"


def _spool(directory: Path | None) -> BinaryIO:
    spool = tempfile.SpooledTemporaryFile(SPOOL_MEMORY_BYTES, dir=str(directory) if directory else None)  # noqa: SIM115
    return cast(BinaryIO, spool)
