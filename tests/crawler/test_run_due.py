"""`palmyra run-due` over a declared source: due, not due, interrupted, and two at once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.demo import DemoSite
from tests.patience import PATIENCE_S
from tests.site.crawling import run
from tests.site.newsroom import Newsroom, article, front, robots
from tests.site.raw import RawServer, Reply


def run_due(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("run-due", "--allow-private", *arguments, folder=folder)


def declare(folder: Path, url: str, **fields: object) -> None:
    lines = ["[[source]]", f'name = "demo"\nurl = "{url}/"', "delay = 0"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    (folder / "sources.toml").write_text("\n".join([*lines, 'headers = {"X-Reader" = "yes"}']))


def test_a_source_is_crawled_when_due_and_left_alone_when_not(tmp_path: Path) -> None:
    with DemoSite() as site:
        declare(tmp_path, site.url, every="6h")
        assert run_due(tmp_path, "--dry-run").stdout == "due: demo\n"
        first = run_due(tmp_path)
        seen = len(site.log)
        second = run_due(tmp_path)
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert (second.stdout, len(site.log)) == ("Nothing is due.\n", seen)
        assert run_due(tmp_path, "--quiet").stdout == ""
        assert json.loads(run_due(tmp_path, "--json").stdout) == {"due": []}


def test_what_a_source_asks_for_is_held(tmp_path: Path) -> None:
    with DemoSite() as site:
        declare(
            tmp_path,
            site.url,
            user_agent="palmyra-lab/1",
            limit=3,
            only_feeds=True,
        )
        assert run_due(tmp_path).returncode == 0
        pages = [
            each
            for each in site.log
            if each.path != "/robots.txt" and not each.path.endswith((".xml", ".gz"))
        ]
        assert all(
            b"User-Agent: palmyra-lab/1\r\n" in each.request
            for each in site.log
            if each.path != "/robots.txt"
        )
        assert all(b"X-Reader: yes\r\n" in each.request for each in pages)
        beside = ("/feeds/", "/.well-known/", "/ai.txt")
        assert len([each for each in pages if not each.path.startswith(beside)]) == 3


@pytest.mark.parametrize(("agent", "read"), [("lab/1", ["/open", "/held"]), (None, ["/open"])])
def test_robots_rules_are_those_for_the_agent_of_the_source(
    tmp_path: Path, agent: str | None, read: list[str]
) -> None:
    rules = robots("User-agent: palmyra", "Disallow: /held", "", "User-agent: lab", "Disallow: /closed")
    pages = {f"/{name}": article(at) for at, name in enumerate(["open", "held"])}
    with Newsroom({"/robots.txt": rules, "/": front(list(pages)), **pages}) as site:
        declare(tmp_path, site.url("").rstrip("/"), **({"user_agent": agent} if agent else {}))
        assert run_due(tmp_path).returncode == 0
        assert [path for path in site.paths() if path in pages] == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[[source]]\nulr = "https://a.example/"\n',
            "sources.toml:2: unknown key 'ulr'; did you mean 'url'?",
        ),
        ('[[source]]\nurl = "a.example"\n', "write https://a.example"),
        (
            '[[source]]\nurl = "https://a.example/"\nevery = "soon"\n',
            'a duration is a number and a unit, as in "90s"',
        ),
        ("", "declares no source"),
        ("[[source\n", "sources.toml"),
    ],
)
def test_a_wrong_declaration_is_named_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "sources.toml").write_text(text)
    result = run_due(tmp_path)
    assert result.returncode == 4
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "collections").exists()


def test_the_second_of_two_leaves_and_an_interrupted_source_is_due_again(tmp_path: Path) -> None:
    page = b'<html><body><a href="/held">held</a></body></html>'
    script = {
        "/robots.txt": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "/": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b"
        % (len(page), page),
        "/sitemap.xml": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "/held": Reply([b"HTTP/1.1 200 OK\r\n"], after="stall"),
    }
    with RawServer(script) as site:
        declare(tmp_path, site.url("").rstrip("/"))
        (tmp_path / "palmyra.toml").write_text("stop_grace = 0.5\n")
        command = [sys.executable, "-m", "crawler.cli", "run-due", "--allow-private"]
        first = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert site.stalling.wait(PATIENCE_S)
        second = run_due(tmp_path)
        os.kill(first.pid, signal.SIGTERM)
        os.kill(first.pid, signal.SIGTERM)
        out, error = first.communicate(timeout=PATIENCE_S)
    assert (second.returncode, second.stderr) == (0, "")
    assert f"process {first.pid} since" in second.stdout
    assert first.returncode == 11, error
    assert "Stopped early (interrupted)" in out
    assert run_due(tmp_path, "--dry-run").stdout == "due: demo\n"
