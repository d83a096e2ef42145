"""Writes docs/cli.md, docs/settings.md, docs/modules.md and the README's sample output from the program itself.

``--check`` only says whether the pages still fit; the README's output is held by the demo's own test.
"""

import ast
import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer

from crawler.cli.main import EPILOG, build
from crawler.settings import VERSION, Options

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
SAMPLE = re.compile(r"```\n== Crawling.*?\n```", re.DOTALL)
MACHINE_DEFAULTS = {"workers": "the number of cores", "user_agent": "`palmyra/VERSION`"}
"""Defaults that differ between machines or versions, in words."""


def command_line() -> str:
    """docs/cli.md: every verb with its help, usage, arguments and options."""
    group = typer.main.get_command(build())
    parts = [
        "# The command line\n\nWritten by `make docs` from the program's own help; a test holds it against the program.\n",
        f"{inspect.cleandoc(group.help or '')}\n\n{EPILOG}\n",
        *(section for name, verb in verbs().items() for section in _sections(verb, f"palmyra {name}")),
    ]
    return "\n".join(parts)


def verbs() -> dict[str, Any]:
    """Every verb's command by its name, in the order of the help."""
    group: Any = typer.main.get_command(build())
    context = group.make_context("palmyra", [], resilient_parsing=True)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}


def _sections(command: Any, path: str) -> list[str]:
    """The verb's section, and one for each verb below it."""
    below = getattr(command, "commands", {})
    return [_verb(command, path), *(_verb(each, f"{path} {name}", "###") for name, each in below.items())]


def _verb(command: Any, path: str, level: str = "##") -> str:
    with command.make_context(path, [], resilient_parsing=True) as context:
        usage = " ".join([path, *command.collect_usage_pieces(context)])
    rows = [row for row in map(_parameter, command.params) if row]
    table = "\n".join(["| | |", "|---|---|", *rows])
    return (
        f"{level} {path}\n\n{inspect.cleandoc(command.help or '').strip()}\n\n```\n{usage}\n```\n\n{table}\n"
    )


def _parameter(parameter: Any) -> str:
    words = getattr(parameter, "help", None) or ""
    if parameter.param_type_name == "option":
        if parameter.hidden or "--help" in parameter.opts:
            return ""
        names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
        value = "" if parameter.is_flag else f" {_cell(parameter.metavar or 'TEXT')}"
        return f"| {names}{value} | {_cell(words)}{_default(parameter)} |"
    return f"| {parameter.metavar or parameter.human_readable_name} | {_cell(words)} |"


def _default(option: Any) -> str:
    if option.is_flag or option.default is None or callable(option.default) or option.default == ():
        return ""
    return f" Default: `{option.default}`."


def settings() -> str:
    """docs/settings.md: every option of palmyra.toml, with its type, default and reason."""
    schema = Options.model_json_schema()["properties"]
    rows = [f"| `{name}` | {_type(known)} | {_setting_default(name, known)} | {_cell(known['description'])} |"
            for name, known in schema.items()]  # fmt: skip
    head = (
        "# Settings\n\nWritten by `make docs` from `crawler/settings.py`; a test holds it against the program.\n\n"
        "Each can stand in `palmyra.toml` in the working directory, such as `delay = 2.5`; where a verb has a flag of "
        "that name, the flag wins. Under `scrapy crawl` each is a Scrapy setting too: `-s PALMYRA_DELAY=2.5`.\n"
    )
    return "\n".join([head, "| setting | type | default | what it does |", "|---|---|---|---|", *rows]) + "\n"


def _type(known: dict[str, Any]) -> str:
    if "anyOf" in known:
        return " or ".join(_type(option) for option in known["anyOf"] if option.get("type") != "null")
    if "enum" in known:
        return " or ".join(f"`{value}`" for value in known["enum"])
    return str(known["type"])


def _setting_default(name: str, known: dict[str, Any]) -> str:
    if name in MACHINE_DEFAULTS:
        return MACHINE_DEFAULTS[name]
    value = known.get("default")
    if value is None:
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`".replace(VERSION, "VERSION")


def modules() -> str:
    """docs/modules.md: what each module is for, in the words of its docstring."""
    root = DOCS.parent
    parts = [
        (
            "# Modules\n\nWritten by `make docs` from the modules' docstrings; a test holds it against them. "
            "How they work together stands in [ARCHITECTURE.md](../ARCHITECTURE.md).\n"
        )
    ]
    folders = sorted(
        {path.parent for package in ("archive", "crawler") for path in (root / package).rglob("*.py")}
    )
    for folder in folders:
        rows = [f"| `{path.name}` | {_cell(_purpose(path))} |" for path in sorted(folder.glob("*.py"))]
        parts.append(f"## {folder.relative_to(root)}/\n\n| | |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _purpose(path: Path) -> str:
    """The first paragraph of the module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n\n")[0]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def readme() -> str:
    """README.md with what ``palmyra demo`` prints now."""
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "crawler.cli", "demo"]
        output = subprocess.run(demo, cwd=folder, capture_output=True, text=True, check=True).stdout  # noqa: S603
    output = output.strip().replace("\n  palmyra ", "\n  .venv/bin/palmyra ")
    return SAMPLE.sub(lambda _: f"```\n{output}\n```", README.read_text("utf-8"), count=1)


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    return {
        DOCS / "cli.md": command_line(),
        DOCS / "settings.md": settings(),
        DOCS / "modules.md": modules(),
    }


def main(arguments: list[str]) -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    if arguments == ["--check"]:
        sys.stderr.writelines(f"{path.name} no longer fits the program: run `make docs`\n" for path in stale)
        return 1 if stale else 0
    for path, text in (pages() | {README: readme()}).items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
