"""Every benchmark of the project, and what it measures. ``python -m bench``

Each is a command of its own, ``python -m bench.NAME``; those with a target print it beside what was reached, and exit
with 1 where it was missed. docs/benchmarks.md has the figures.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def commands() -> Iterator[tuple[str, str]]:
    """The name of each benchmark, and the first paragraph of its docstring; modules that are no command are left out."""
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        source = path.read_text("utf-8")
        if "__main__" in source:
            described = ast.get_docstring(ast.parse(source)) or ""
            yield path.stem, " ".join(described.partition("\n\n")[0].split())


def main() -> None:
    """Print the list."""
    found = dict(commands())
    width = max(map(len, found))
    for name, text in found.items():
        print(f"{name:{width}}  {text}")


if __name__ == "__main__":
    main()
