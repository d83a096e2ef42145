"""The lock, its exports for pip and pyproject.toml say the same; the wheel holds what the program needs."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
PUBLIC_INDEX = "https://pypi.org/simple"
PUBLIC_FILES = "https://files.pythonhosted.org/"
OWN_NAME = "palmyra-news-archive"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> set[tuple[str, str]]:
    """Names and versions; a package has several where interpreters need different ones."""
    found = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (REQUIREMENTS / file).read_text("utf-8"), re.MULTILINE
    )
    return {(normalised(name), version) for name, version in found}


def names(file: str) -> set[str]:
    return {name for name, _ in pins(file)}


def locked() -> set[tuple[str, str]]:
    return {
        (package["name"], package["version"]) for package in LOCK["package"] if package["name"] != OWN_NAME
    }


def declared(entries: list[object]) -> set[str]:
    found = set()
    for entry in entries:
        if isinstance(entry, dict):
            found |= declared(PROJECT["dependency-groups"][entry["include-group"]])
        else:
            found.add(normalised(re.split(r"[<>=!~\[; ]", str(entry))[0]))
    return found


def own_package() -> dict:
    return next(package for package in LOCK["package"] if package["name"] == OWN_NAME)


@pytest.mark.parametrize("file", ["run.txt", "dev.txt"])
def test_requirements_pin_what_the_lock_pins(file: str) -> None:
    assert pins(file) <= locked()


def test_run_requirements_are_part_of_the_dev_requirements() -> None:
    assert pins("run.txt") <= pins("dev.txt")


def test_every_declared_dependency_is_locked_and_exported() -> None:
    dependencies = declared(PROJECT["project"]["dependencies"])
    groups = PROJECT["dependency-groups"]
    assert dependencies | declared(groups["build"]) <= names("run.txt")
    assert dependencies | declared(groups["dev"]) <= names("dev.txt")
    assert {entry["name"] for entry in own_package()["metadata"]["requires-dist"]} == dependencies


def test_what_the_packages_import_is_declared() -> None:
    """What comes only with another package may go with its next version."""
    imported = {
        name.split(".")[0]
        for package in ("archive", "crawler")
        for path in (ROOT / package).rglob("*.py")
        for name in imports(ast.parse(path.read_text("utf-8")))
    }
    owners = metadata.packages_distributions()
    foreign = imported - set(sys.stdlib_module_names) - {"archive", "crawler"}
    undeclared = foreign - {
        name
        for name in foreign
        if declared(PROJECT["project"]["dependencies"]) & set(map(normalised, owners[name]))
    }
    assert len(foreign) > 10
    assert undeclared == set()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_build_backend_is_in_the_build_group() -> None:
    assert declared(PROJECT["build-system"]["requires"]) <= declared(PROJECT["dependency-groups"]["build"])


def test_lock_names_the_public_registry_alone() -> None:
    sources = [package["source"] for package in LOCK["package"]]
    assert {tuple(source.items()) for source in sources} == {
        (("registry", PUBLIC_INDEX),),
        (("editable", "."),),
    }
    files = [file for package in LOCK["package"] for file in package.get("wheels", [])]
    assert all(file["url"].startswith(PUBLIC_FILES) for file in files)


@pytest.mark.parametrize("file", ["run.txt", "dev.txt", "pywb.txt"])
def test_each_requirement_has_hashes_and_names_no_place(file: str) -> None:
    text = (REQUIREMENTS / file).read_text("utf-8")
    requirements = text.replace("\\\n", " ").strip().splitlines()
    assert len(requirements) == len(pins(file)) > 10
    assert all(" --hash=sha256:" in line for line in requirements)
    assert not re.search(r"file:|://|--(extra-)?index-url|--find-links|^-e ", text, re.MULTILINE)


def test_hashes_are_those_of_the_lock() -> None:
    known = {
        file["hash"]
        for package in LOCK["package"]
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    }
    exported = set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", (REQUIREMENTS / "dev.txt").read_text("utf-8")))
    assert exported <= known


@pytest.mark.slow
def test_wheel_holds_both_packages_with_their_data(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True, timeout=PATIENCE_S
    )
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("archive", "crawler"):
        data = [
            path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
        assert {str(path.relative_to(ROOT)) for path in data} <= names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"archive", "crawler"}
