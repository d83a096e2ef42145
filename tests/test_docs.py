"""Docs and program say the same: what is generated is current, what is named exists."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.cli.main import EPILOG, VERBS
from crawler.settings import Options
from crawler.sources.declared import load_sources
from docs.generate import verbs
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def texts() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def commands_in(text: str) -> Iterator[list[str]]:
    """Every ``palmyra …`` in a code span or at the start of a code block's line, as words."""
    code = re.findall(r"`([^`\n]+)`", text) + [
        line for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]
    for line in code:
        if found := re.match(r"(?:\$ )?(?:\.venv/bin/)?palmyra (.*)", line.strip()):
            yield shlex.split(found[1], comments=True)


def flags(verb: Any) -> set[str]:
    below = [each for command in getattr(verb, "commands", {}).values() for each in command.params]
    return {name for each in [*verb.params, *below] for name in [*each.opts, *each.secondary_opts]}


def test_generated_pages_are_current() -> None:
    check = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    result = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_every_verb_is_documented_and_mentioned() -> None:
    sections = set(re.findall(r"^## palmyra (\S+)", (ROOT / "docs/cli.md").read_text("utf-8"), re.MULTILINE))
    assert sections == verbs().keys() == VERBS.keys()
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in verbs() if f"palmyra {name}" not in readme] == []


@pytest.mark.parametrize("name", sorted(verbs()))
def test_every_verb_helps_with_an_example_that_fits(name: str) -> None:
    verb = verbs()[name]
    assert "Example: `" in verb.help
    examples = [words for words in commands_in(verb.help) if words[0] == name]
    assert examples or name == "run-due"
    undescribed = [p.name for p in verb.params if p.name != "help" and not getattr(p, "help", None)]
    assert undescribed == []


def test_commands_in_the_docs_exist_with_their_flags() -> None:
    unknown = []
    known_flags = {name: flags(verb) for name, verb in verbs().items()}
    for name, *words in commands_in(texts()):
        if name.startswith(("-", "[")):
            continue
        known = known_flags.get(name, set())
        used = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        unknown += [f"{name} {flag}" for flag in used - known - {"--help"}] + (
            [name] if name not in known_flags else []
        )
    assert unknown == []


def test_make_targets_in_the_docs_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)`", texts()))
    assert {"demo", "test"} <= named <= targets


def test_links_between_files_lead_somewhere() -> None:
    broken = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_exit_codes_in_the_readme_are_those_of_the_help() -> None:
    table = dict(
        re.findall(r"^\| (\d+) \| ([^|]+?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    stated = dict(re.findall(r"(\d+) ([a-z ]+?)(?=[,.])", EPILOG))
    assert table.keys() == stated.keys()
    assert all(table[code].startswith(words) for code, words in stated.items())


def test_settings_named_in_the_docs_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for block in re.findall(r"```toml\n# palmyra.toml\n(.*?)```", readme, re.DOTALL):
        assert set(re.findall(r"^(\w+) =", block, re.MULTILINE)) <= set(Options.model_fields)


def test_sources_in_the_readme_are_valid(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    [block] = re.findall(r"```toml\n# sources.toml\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / "sources.toml"
    file.write_text(block)
    [source] = load_sources(file)
    assert source.name == "example"
