"""The loops that take most of an extraction's time, in C, where they were built: ``parts``, else None.

They say what ``layout.py``, ``features.py`` (with ``boxes.py`` and ``cohesion.py``), ``forest.py`` and ``attributes.py``
say, to the last bit; a test holds them against each other. They read libxml2's tree behind lxml's elements, so they serve
the sources and the lxml that they were built from alone. ``hatch_build.py`` builds them; ``PALMYRA_NATIVE=0`` leaves them out.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from lxml.etree import _Element

from archive.extraction.native.sources import MODULES, built_from

if TYPE_CHECKING:
    from archive.extraction.features import Measures
    from archive.extraction.forest import Forest
    from archive.extraction.lines import Line


class Parts(NamedTuple):
    """What stands in for the Python of the same name."""

    lines_of: "Callable[[_Element], list[Line]]"
    Measures: "type[Measures]"
    Forest: "type[Forest]"
    having: "Callable[[_Element, tuple[str, ...], tuple[str, ...], int, str], list[_Element]]"


def _load() -> tuple[Parts | None, str]:
    """The parts, and why there are none."""
    if os.environ.get("PALMYRA_NATIVE") == "0":
        return None, "left out (PALMYRA_NATIVE=0)"
    try:
        built = {name: import_module(f"{__name__}.{name}") for name in MODULES}
    except (ImportError, ValueError) as error:  # Cython's ValueError: another lxml's elements
        return None, f"not built for this environment ({error})"
    if {module.BUILT_FROM for module in built.values()} != {built_from()}:
        return None, "built from other sources, or for another lxml"
    return Parts(
        built["layout"].lines_of,
        built["measures"].Measures,
        built["forest"].Forest,
        built["attributes"].having,
    ), ""


parts, missing = _load()
"""The parts that are used, and the reason where there are none."""
