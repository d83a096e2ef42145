"""pywb, in an environment of its own, serving collections as they lie."""

import http.client
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

PYWB = Path(__file__).parents[2] / ".venv-pywb"
START_SECONDS = 60


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """The address of a pywb over the collections in ``root/collections``; skips, in CI fails, where there is none."""
    program = PYWB / "bin" / "wayback"
    if not program.exists():
        reason = PYWB / "unavailable"
        _skip_or_fail(
            reason.read_text().strip() if reason.exists() else "pywb is not installed: `make test` does it"
        )
    port = _free_port()
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(program), "-b", "127.0.0.1", "-p", str(port)], cwd=root, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_up(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_S)


def _skip_or_fail(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("pywb did not start")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(url: str) -> tuple[int, bytes]:
    """Status and body of what pywb answers, redirects not followed; of a body shorter than announced, what came."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=PATIENCE_S) as response:
            return response.status, _read(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read()
    except http.client.IncompleteRead as short:
        return short.partial
