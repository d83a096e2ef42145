"""Commands in processes of their own, forked from one that has the program loaded already.

To start Python, the crawler and the libraries of extraction takes longer than most crawls here; and those that are
forked share one fork server of workers. Starts from nothing are tested in tests/crash, with the demo, and elsewhere.
"""

import atexit
import gc
import importlib
import json
import multiprocessing.forkserver
import os
import runpy
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryFile

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
LOADED = (
    "archive",
    "crawler",
    "scrapy.downloadermiddlewares",
    "scrapy.extensions",
    "scrapy.spidermiddlewares",
)
"""Packages whose modules are all loaded."""
NOT_LOADED = ("__main__", "archive.extraction.preload", "scrapy.extensions.statsmailer")
"""What acts when it is loaded, or warns of its end."""
ALSO = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.scraper",
    "scrapy.logformatter",
    "scrapy.statscollectors",
)


def run_module(
    module: str, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`python -m module arguments` in ``folder``, to its end."""
    with (
        TemporaryFile() as out,
        TemporaryFile() as error,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        connection.settimeout(PATIENCE_S)
        connection.connect(_address())
        asked = json.dumps([module, [*arguments], str(folder), dict(environment)]).encode()
        socket.send_fds(connection, [asked], [out.fileno(), error.fileno()])
        connection.shutdown(socket.SHUT_WR)
        code = int(connection.recv(20))
        out.seek(0)
        error.seek(0)
        return subprocess.CompletedProcess(
            [module, *arguments], code, out.read().decode(), error.read().decode()
        )


@cache
def _address() -> str:
    """Where the process listens that this one has for its commands; it ends with this one."""
    address = f"\0palmyra-tests-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(listener.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    atexit.register(process.communicate)
    return address


def _serve(listener: socket.socket) -> None:
    """Fork for each connection, until standard input ends."""
    _load()
    multiprocessing.set_forkserver_preload(["archive.extraction.preload"])
    multiprocessing.forkserver.ensure_running()
    while sys.stdin not in (ready := select.select([listener, sys.stdin], [], [])[0]):
        if listener in ready:
            connection, _ = listener.accept()
            if os.fork() == 0:
                return _answer(connection)
            connection.close()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return None


def _load() -> None:
    packages = [(name, importlib.import_module(name)) for name in LOADED]
    below = [each.name for name, package in packages for each in walk_packages(package.__path__, f"{name}.")]
    for name in (*below, *ALSO):
        if not name.endswith(NOT_LOADED):
            importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("a reactor cannot be shared")
    gc.freeze()


def _answer(connection: socket.socket) -> None:
    """Run what is asked for in one more process, and tell its exit code; in that process, run it and return."""
    asked, outputs, _, _ = socket.recv_fds(connection, 1 << 20, 2)
    if (command := os.fork()) == 0:
        module, arguments, folder, environment = json.loads(asked)
        _run(module, arguments, folder, environment, outputs)
        return
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    connection.send(str(code).encode())
    os._exit(0)


def _run(
    module: str, arguments: list[str], folder: str, environment: dict[str, str], outputs: list[int]
) -> None:
    with Path(os.devnull).open() as nothing:
        for number, file in enumerate((nothing.fileno(), *outputs)):
            os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    sys.path[0] = folder
    multiprocessing.forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
