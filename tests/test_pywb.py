"""pywb, in an environment of its own, serves a collection as it lies: the same pages, to the byte."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.demo.site import CONSENT_WALL, MOVED, build_site
from tests.site.collections import BASE, FIRST_CAPTURE, demo_exchanges, write_collection

PYWB = Path(__file__).parent.parent / ".venv-pywb"
START_SECONDS = 60
TIMESTAMP = f"{FIRST_CAPTURE:%Y%m%d%H%M%S}"


def skip_or_fail(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("pywb did not start")


@pytest.fixture(scope="module")
def wayback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which pywb serves the demo's collection."""
    program = PYWB / "bin" / "wayback"
    if not program.exists():
        reason = PYWB / "unavailable"
        skip_or_fail(
            reason.read_text().strip() if reason.exists() else "pywb is not installed: `make test` does it"
        )
    root = tmp_path_factory.mktemp("pywb")
    write_collection(root / "collections" / "demo", demo_exchanges())
    port = free_port()
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(program), "-b", "127.0.0.1", "-p", str(port)], cwd=root, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_up(server, port)
            yield f"http://127.0.0.1:{port}/demo"
        finally:
            server.terminate()
            server.wait(timeout=30)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(url: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_every_page_comes_back_as_it_was_captured(wayback: str) -> None:
    wrong = []
    for each, (path, answer) in zip(demo_exchanges(), sorted(build_site(BASE).items()), strict=True):
        if path == MOVED:
            continue
        status, body = fetch(f"{wayback}/{each.date:%Y%m%d%H%M%S}id_/{each.url}")
        if (status, body) != (int(answer.status), answer.body):
            wrong.append((path, status, len(body)))
    assert wrong == []


def test_redirect_is_replayed(wayback: str) -> None:
    status, _ = fetch(f"{wayback}/{TIMESTAMP}id_/{BASE}{MOVED}")
    assert status == 301


def test_page_for_a_reader_has_its_text(wayback: str) -> None:
    status, body = fetch(f"{wayback}/{TIMESTAMP}mp_/{BASE}{CONSENT_WALL}")
    assert status == 200
    assert b"Before you continue" in body


def test_what_was_never_captured_is_not_found(wayback: str) -> None:
    assert fetch(f"{wayback}/{TIMESTAMP}id_/{BASE}/never/")[0] == 404
