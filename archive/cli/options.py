"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_COLLECTION = Path("collections/default")

CollectionOption = Annotated[
    Path,
    typer.Option("--collection", "-c", metavar="DIR", help="The collection's directory.", show_default=True),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line, for programs.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
