"""The URLs that a style sheet names, replaced."""

import re
from collections.abc import Callable

_URL = re.compile(
    r"""url\(\s*+(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s]*))\s*+\)|@import\s++(?:"([^"\n]*)"|'([^'\n]*)')""",
    re.IGNORECASE,
)


def rewrite_css(css: str, replace: Callable[[str], str | None]) -> str:
    """``css`` with each URL as ``replace`` gives it; one that gives None is taken out."""

    def put(match: re.Match[str]) -> str:
        written = next((group for group in match.groups() if group is not None), "")
        quoted = _quoted(replace(written) or "")
        return f"@import {quoted}" if match[0].startswith("@") else f"url({quoted})"

    return _URL.sub(put, css)


def _quoted(url: str) -> str:
    for character, code in (("\\", "%5C"), ('"', "%22"), ("\n", "%0A"), ("<", "%3C")):
        url = url.replace(character, code)
    return f'"{url}"'
