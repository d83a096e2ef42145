"""Hosts shared by all crawls on this machine: one file of due times, a byte of it locked while a host is asked."""

import fcntl
import logging
import math
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

logger = logging.getLogger(__name__)

SLOTS = 1 << 20
"""Hosts are told apart by so many slots of 16 bytes; two that share one wait for each other."""
POLL_S = 0.1
"""Least time until a host that another crawl is asking is looked at again."""
STALE_S = 600.0
"""A request under way for longer belongs to a process that was stopped: its host is free for others."""
BOOT_S = 60.0
"""What lies further in the future was written before the machine was started again."""
LONGEST_S = 86_400.0
"""No crawl is kept from a host for longer by what another was told."""

_SLOT = struct.Struct("=dd")


def hosts_file(given: str | None) -> Path | None:
    """The file as the setting names it: none for an empty text, by default ``$XDG_STATE_HOME/palmyra/hosts``.

    That is the same for a crontab and a login, as ``$XDG_RUNTIME_DIR`` would not be.
    """
    if given is not None:
        return Path(given).expanduser() if given else None
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    folder = state if state.is_absolute() else Path("~/.local/state").expanduser()
    return folder / "palmyra" / "hosts"


@dataclass(frozen=True, slots=True)
class Last:
    """When a host was last asked, and when it may be asked again: seconds of the system-wide monotonic clock."""

    asked: float = -math.inf
    due: float = -math.inf

    def free_at(self, delay: float) -> float:
        """When it may be asked by a crawl that leaves at least ``delay`` seconds between two requests."""
        return max(self.due, self.asked + delay)


class HostsFile:
    """The file itself. POSIX locks are a process's own, and freed when it dies: the file is to be opened once in each."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        os.close(self._descriptor)

    def lock(self, slot: int) -> bool:
        """Lock a slot; False where another process has it."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot * _SLOT.size)
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as the system likes
            return False
        return True

    def unlock(self, slot: int) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, slot * _SLOT.size)

    def read(self, slot: int, now: float) -> Last:
        """What a slot says; nothing where that is from an earlier boot, or no time at all."""
        found = os.pread(self._descriptor, _SLOT.size, slot * _SLOT.size)
        last = Last(*_SLOT.unpack(found)) if len(found) == _SLOT.size else Last()
        return last if 0 < last.asked <= now + BOOT_S and last.due <= last.asked + LONGEST_S else Last()

    def write(self, slot: int, last: Last) -> None:
        os.pwrite(self._descriptor, _SLOT.pack(last.asked, last.due), slot * _SLOT.size)


class SharedHosts:
    """What this crawl asks of hosts, held against all others that use the file at ``path``.

    Without a file (None, or it cannot be used: one warning) a crawl keeps its spacing alone.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._file: HostsFile | None = None
        self._held: dict[int, tuple[str, Last]] = {}
        self._refused: dict[int, tuple[float, float]] = {}
        if path is not None:
            try:
                self._file = HostsFile(path)
            except OSError as error:
                self._go_on_alone(error)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def take(self, host: str, delay: float, owed: float = 0.0) -> float | None:
        """Take ``host`` for a request that starts now: None. Where it has to wait: until when, as far as is known.

        ``delay``: least seconds since any crawl's last request to it, for this crawl. ``owed``: seconds that every
        crawl is to let pass after this request, should this process die with it.
        """
        if self._file is None:
            return None
        slot = _slot(host)
        if slot in self._held:
            return None if self._held[slot][0] == host else self._clock() + max(delay, POLL_S)
        try:
            return self._take(self._file, host, slot, delay, owed)
        except OSError as error:
            self._go_on_alone(error)
            return None

    def leave(self, host: str, asked: float, due: float) -> None:
        """``host``, if taken, is free: this crawl last asked it at ``asked``, and may ask it again from ``due`` on."""
        slot = _slot(host)
        if self._file is None or slot not in self._held or self._held[slot][0] != host:
            return
        _, before = self._held.pop(slot)
        try:
            asked = max(asked, before.asked)
            self._file.write(slot, Last(asked, max(before.due, min(due, asked + LONGEST_S))))
            self._file.unlock(slot)
        except OSError as error:
            self._go_on_alone(error)

    def _take(self, file: HostsFile, host: str, slot: int, delay: float, owed: float) -> float | None:
        now = self._clock()
        last = file.read(slot, now)
        if last.free_at(delay) > now:
            return last.free_at(delay)
        if file.lock(slot):
            last = file.read(slot, now)
            if last.free_at(delay) > now:  # another was faster
                file.unlock(slot)
                return last.free_at(delay)
        elif not self._is_stale(slot, last.asked, now):
            return now + max(delay, POLL_S)
        self._refused.pop(slot, None)
        file.write(slot, Last(now, now + min(owed, LONGEST_S)))
        self._held[slot] = (host, last)
        return None

    def _is_stale(self, slot: int, asked: float, now: float) -> bool:
        """Whether another process has had a slot since long, all the time with the same request."""
        before, since = self._refused.get(slot, (None, now))
        if before != asked:
            self._refused[slot] = (asked, now)
            return False
        return now - since >= STALE_S

    def _go_on_alone(self, error: OSError) -> None:
        logger.warning(
            "%s cannot be used (%s): other crawls on this machine may ask the same hosts meanwhile; see hosts_file",
            self._path,
            error.strerror or error,
        )
        self.close()
        self._held.clear()


def _slot(host: str) -> int:
    digest = blake2b(host.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % SLOTS
