"""Builds the parts in C (archive/extraction/native) where there is a C compiler, for wheels and editable installations.

Without one, or with ``PALMYRA_NATIVE=0``, the program is Python alone: it gives the same documents, more slowly. With
``PALMYRA_NATIVE=1`` a build that cannot make them fails.
"""

import os
import runpy
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "archive/extraction/native"
SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))
OPTIONS = ("-O2", "-fno-strict-aliasing", "-DNDEBUG")
FAILURES = (ImportError, OSError, subprocess.CalledProcessError)


class NativeHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.made = tempfile.TemporaryDirectory(dir=self.root, prefix=".native-")
        wanted = os.environ.get("PALMYRA_NATIVE")
        try:
            built = [] if wanted == "0" else build(Path(self.root), Path(self.made.name))
        except FAILURES as error:
            said = getattr(error, "stderr", "") or str(error)
            if wanted == "1":
                error.add_note(said)
                raise
            self.app.display_warning(
                f"The parts in C were not built; Python does their work, more slowly. {said}"
            )
            built = []
        if version == "editable":
            self._put_into_the_tree(built)
        elif built:
            build_data["force_include"].update({str(path): f"{PLACE}/{path.name}" for path in built})
        if built:
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        self.made.cleanup()

    def _put_into_the_tree(self, built: list[Path]) -> None:
        """In one step each, as a program that runs may load them."""
        folder = Path(self.root, PLACE)
        for path in built:
            path.replace(folder / path.name)
        for stale in {*folder.glob(f"*{SUFFIX}")} - {folder / path.name for path in built}:
            stale.unlink()


def build(root: Path, to: Path) -> list[Path]:
    """Build each module into the folder ``to``.

    Raises ImportError where Cython or lxml, OSError where a compiler is missing, CalledProcessError where either fails.
    """
    import lxml  # noqa: PLC0415

    sources = runpy.run_path(str(root / PLACE / "sources.py"))
    folder = to / PLACE
    shutil.copytree(root / PLACE, folder, ignore=shutil.ignore_patterns(f"*{SUFFIX}", "__pycache__"))
    for above in (folder.parent, folder.parents[1]):
        (above / "__init__.py").touch()  # Cython tells by these what a module is called
    site = Path(lxml.__file__).parents[1]
    paths = [folder / f"{name}.pyx" for name in sources["MODULES"]]
    _run([sys.executable, "-m", "cython", "-3", f"-I{to}", f"-I{site}", *map(str, paths)])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(partial(_compiled, sources["built_from"](), lxml.get_include()), paths))


def _compiled(mark: str, includes: list[str], path: Path) -> Path:
    made = path.with_name(path.stem + SUFFIX)
    linker, flags = (shlex.split(sysconfig.get_config_var(which) or "") for which in ("LDSHARED", "CCSHARED"))
    places = [f"-I{place}" for place in (sysconfig.get_paths()["include"], *includes)]
    source = str(path.with_suffix(".c"))
    _run([*linker, *OPTIONS, *flags, f'-DPALMYRA_BUILT_FROM="{mark}"', *places, source, "-o", str(made)])
    return made


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
