"""Changes between two documents, for people."""

from collections.abc import Iterator, Sequence

from archive.difference import Change, marked

SIGNS = {"added": "+ ", "removed": "- ", "changed": "~ "}


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """The changes, a sign before every line."""
    if not changes:
        yield "No difference."
    for change in changes:
        name = "" if change.part == "block" else f"{change.part}: "
        for line in _words(change).split("\n"):
            yield SIGNS[change.operation] + name + line


def _words(change: Change) -> str:
    if change.former is None or change.present is None:
        return change.former or change.present or ""
    return marked(change.former, change.present)
