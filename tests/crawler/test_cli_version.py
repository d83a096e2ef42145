"""`palmyra --version`."""

from importlib import metadata

import pytest

from crawler.cli.main import build, run


def test_the_version_needs_no_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(build(), ["--version"]) == 0
    assert capsys.readouterr().out == f"palmyra {metadata.version('palmyra-news-archive')}\n"
