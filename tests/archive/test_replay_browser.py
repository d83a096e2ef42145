"""A hostile archived page in a real browser: nothing runs, nothing leaves the machine's archive."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from archive.outcome import Article
from archive.replay.server import Addresses, serving
from tests.archive.made_collection import START, Answer, make_collection
from tests.patience import PATIENCE_S

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--virtual-time-budget=4000", "--dump-dom",
]  # fmt: skip
PAGE, PICTURE, FEED = (f"https://hostile.example/{name}" for name in ("page", "picture.svg", "feed.xml"))
STAMP = f"{START:%Y%m%d%H%M%S}"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")


class Beacon:
    """Listens on loopback and counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            with connection:
                if connection.recv(10) == b"stop":
                    return
                self.calls += 1

    def close(self) -> None:
        with socket.create_connection(self.socket.getsockname()) as connection:
            connection.sendall(b"stop")
        self.thread.join()
        self.socket.close()


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    listening = Beacon()
    yield listening
    listening.close()


def hostile(origin: str) -> bytes:
    ran = f"document.title='RAN'; document.documentElement.className='RAN'; new Image().src='{origin}/ran'"
    return f"""<!doctype html><title>Quiet</title>
<link rel=preconnect href={origin}><link rel=prefetch href={origin}/1><link rel=stylesheet href={origin}/2>
<link rel=preload as=image href={origin}/3><link rel=icon href={origin}/4>
<meta http-equiv=refresh content="1;url={origin}/5">
<style>@import "{origin}/6"; body {{ background: url({origin}/7) }}</style>
<body onload="{ran}" background="{origin}/8">
<script>{ran}</script><script src="{origin}/9"></script>
<img src=x onerror="{ran}"><img src="{origin}/10"><img srcset="{origin}/11 2x">
<svg onload="{ran}"><image href="{origin}/12"/></svg>
<iframe srcdoc="<script>parent.document.title='RAN'</script>"></iframe><iframe src="{origin}/13"></iframe>
<object data="{origin}/14"></object><embed src="{origin}/15"><video autoplay src="{origin}/16"></video>
<form action="{origin}/17"><input autofocus onfocus="{ran}"></form><a href="javascript:{ran}" id=a>x</a>
<details open ontoggle="{ran}"><p style="background:url({origin}/18)">Shown</p></details>""".encode()


def hostile_xml(origin: str) -> bytes:
    ran = f"document.documentElement.setAttribute('class', 'RAN'); fetch('{origin}/ran')"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml" onload="{ran}">
<h:link rel="preconnect" href="{origin}"/><h:link rel="stylesheet" href="{origin}/1"/><script>{ran}</script>
<h:script>{ran}</h:script><image href="{origin}/2" width="9" height="9"/><text>Shown</text>
<foreignObject><h:iframe src="{origin}/3"/><h:img src="{origin}/4"/></foreignObject></svg>""".encode()


@pytest.fixture
def site(tmp_path: Path, beacon: Beacon) -> Iterator[Addresses]:
    page, xml = hostile(beacon.origin), hostile_xml(beacon.origin)
    answers = [
        Answer(PAGE, page, article=Article("T\n\nx", "T")),
        Answer(PICTURE, xml, "image/svg+xml"),
        Answer(FEED, xml, "application/xml"),
    ]
    with serving(make_collection(tmp_path / "c", answers), port=0, replay_port=0) as addresses:
        yield addresses


def seen_in_browser(url: str, profile: Path) -> str:
    """The DOM after the page has loaded and four virtual seconds have passed."""
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={profile}", url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout


@pytest.mark.parametrize(("made", "media_type"), [(hostile, "text/html"), (hostile_xml, "image/svg+xml")])
def test_the_pages_are_hostile_indeed(
    made: Callable[[str], bytes], media_type: str, beacon: Beacon, tmp_path: Path
) -> None:
    """Served without a policy they do run and do call: so the tests below can fail."""
    page = made(beacon.origin)

    class Plain(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Plain) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        seen_in_browser(f"http://127.0.0.1:{server.server_address[1]}/", tmp_path / "profile")
        server.shutdown()
        thread.join()
    assert beacon.calls > 3


@pytest.mark.parametrize("modifier", ["", "id_"])
@pytest.mark.parametrize("url", [PAGE, PICTURE, FEED])
def test_archived_scripts_do_not_run_and_nothing_calls_out(
    site: Addresses, beacon: Beacon, tmp_path: Path, url: str, modifier: str
) -> None:
    dom = seen_in_browser(f"{site.archive}/web/{STAMP}{modifier}/{url}", tmp_path / "profile")
    assert "Shown" in dom
    assert 'class="RAN"' not in dom
    assert "<title>RAN" not in dom
    assert beacon.calls == 0


def test_the_reading_room_shows_it_in_a_frame_that_runs_nothing(
    site: Addresses, beacon: Beacon, tmp_path: Path
) -> None:
    dom = seen_in_browser(f"{site.room}/captures/0", tmp_path / "profile")
    assert "<iframe" in dom
    assert "RAN" not in dom
    assert beacon.calls == 0
