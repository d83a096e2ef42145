"""The command line in this process, as a user calls it."""

import contextlib
import io
import json
from dataclasses import dataclass
from typing import Any

from crawler.cli.main import main


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left: exit code and the bytes of its two outputs."""

    code: int
    out: bytes
    error: str

    @property
    def lines(self) -> list[str]:
        return self.out.decode().splitlines()

    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


def palmyra(*arguments: object) -> Result:
    """Run ``palmyra`` with these arguments; its outputs are no terminal."""
    out, error = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out.flush()
        error.flush()
    return Result(code, out.buffer.getvalue(), error.buffer.getvalue().decode())
