"""``palmyra demo``, as a newcomer calls it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.demo import DemoSite
from crawler.demo.articles import load_articles
from tests.patience import PATIENCE_S
from tests.site.command import palmyra


def demo(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.cli", "demo", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def readme_output() -> str:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text("utf-8")
    [output] = re.findall(r"```\n(== Crawling.*?)```", readme, re.DOTALL)
    return str(output)


def shape(output: str) -> set[str]:
    """The lines without what differs between runs: numbers, addresses, digests, and whatever the order of fetching sets."""
    lines = output.replace(".venv/bin/palmyra", "palmyra").splitlines()
    names = r"http://\S+( \(.*\))?|config/[0-9a-f]+|palmyra-\d+-\d+-\S+\.warc\.gz"
    varying = rf"{names}|\b[0-9a-f-]{{16,}}\b|\b[A-Z2-7]{{32}}\b|[\d.]+ ?[kM]?B\b|\d+"
    plain = (re.sub(varying, "#", line) for line in lines)
    return {" ".join(sorted(re.sub(r"[,.:]", " ", line).split())) for line in plain}


def test_demo_shows_what_was_kept_and_runs_twice(tmp_path: Path) -> None:
    with DemoSite() as in_the_way:
        port = in_the_way.url.rpartition(":")[2]
        first = demo(tmp_path, "--port", port)
    assert (first.returncode, first.stderr.count("Traceback")) == (0, 0), first.stderr
    for article in load_articles():
        assert article.title[:50] in first.stdout
    assert "- Avec Presse des Vallées" in first.stdout
    assert "all whole" in first.stdout
    collection = tmp_path / "demo-collection"
    assert len(list(collection.glob("documents/*/*.txt"))) == len(load_articles())
    assert shape(first.stdout) == shape(readme_output())
    second = demo(tmp_path, "--port", port)
    assert second.returncode == 0, second.stderr
    assert "all whole" in second.stdout


def test_commands_that_the_demo_recommends_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = demo(tmp_path, "--port", "0", "--collection", "my news")
    assert result.returncode == 0, result.stderr
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^  palmyra (.*?) +# ", result.stdout, re.MULTILINE)
    tried = [
        shlex.split(command) for command in commands if not command.startswith(("serve", "crawl", "extract"))
    ]
    assert len(tried) >= 4
    assert [(words, palmyra(*words).code) for words in tried] == [(words, 0) for words in tried]
