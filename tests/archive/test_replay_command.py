"""``palmyra serve`` as a person runs it: begins, answers, ends."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.collection import Collection
from archive.outcome import Article
from tests.archive.made_collection import Answer, make_collection
from tests.patience import PATIENCE_S

PROGRAM = """
import sys, typer
from archive.cli.serve import command
from archive.errors import ArchiveError
app = typer.Typer()
app.command()(command)
try:
    app(standalone_mode=False)
except ArchiveError as error:
    sys.exit(f"palmyra: {error}")
"""


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    answer = Answer("https://n.example/1", b"<p>x", article=Article("Titel\n\nx", "Titel"))
    return make_collection(tmp_path_factory.mktemp("command") / "c", [answer])


@contextmanager
def serve(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_stopped(collection: Collection, number: signal.Signals) -> None:
    with serve("--collection", str(collection.root), "--port", "0", "--replay-port", "0") as process:
        assert process.stdout
        origin = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(origin, timeout=PATIENCE_S) as response:
            assert "Titel" in response.read().decode()
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("option", ["--port", "--replay-port"])
def test_a_port_in_use_is_one_line(collection: Collection, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--port": "0", "--replay-port": "0"} | {option: str(taken.getsockname()[1])}
        arguments = [part for pair in ports.items() for part in pair]
        with serve("--collection", str(collection.root), *arguments) as process:
            output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (1, "")
    assert errors == f"palmyra: port {ports[option]}: in use by another program; name another with {option}\n"


def test_no_collection_is_one_line(tmp_path: Path) -> None:
    with serve("--collection", str(tmp_path / "none")) as process:
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert errors.startswith(f"palmyra: {tmp_path / 'none'}: no such collection")
    assert errors.count("\n") == 1
