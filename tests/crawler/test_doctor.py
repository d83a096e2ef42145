"""``palmyra doctor``: each check finds what it is there for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.doctor import checks as doctor
from tests.patience import PATIENCE_S
from tests.site.command import palmyra

ROOT = Path(__file__).parent.parent.parent


def checks(folder: Path) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.examine(folder)}


def run_doctor(*prefix: str, cwd: Path, **environment: str) -> tuple[int, dict]:
    command = [*prefix, sys.executable, "-m", "crawler.cli", "doctor", "--json"]
    result = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return result.returncode, json.loads(result.stdout)


def test_this_installation_is_well(tmp_path: Path) -> None:
    result = palmyra("doctor", "--json", "--collection", tmp_path / "new")
    [report] = result.json()
    assert [check for check in report["checks"] if not check["ok"]] == []
    assert (result.code, report["ok"]) == (0, True)
    assert not (tmp_path / "new").exists()
    plain = palmyra("doctor", "--collection", tmp_path / "new")
    assert plain.lines[-1] == "Nothing is wrong."
    assert len(plain.lines) == len(report["checks"]) + 1


def test_every_dependency_is_looked_at(tmp_path: Path) -> None:
    names = set(checks(tmp_path))
    assert {
        "scrapy",
        "trafilatura",
        "lxml",
        "apsw",
        "sqlite (in apsw)",
        "package archive",
        "package crawler",
    } <= names


def test_python_alone_is_no_fault(tmp_path: Path) -> None:
    code, report = run_doctor(cwd=tmp_path, PALMYRA_NATIVE="0")
    [extraction] = [check for check in report["checks"] if check["name"] == "extraction"]
    assert (code, extraction["ok"]) == (0, True)
    assert extraction["found"].startswith("by Python alone, ")
    assert extraction["found"].endswith("left out (PALMYRA_NATIVE=0)")


def test_too_few_open_files(tmp_path: Path) -> None:
    code, report = run_doctor("sh", "-c", 'ulimit -n 100; exec "$@"', "sh", cwd=tmp_path)
    assert code == 1
    [wrong] = [check for check in report["checks"] if not check["ok"]]
    assert (wrong["name"], wrong["found"]) == ("open files", "100")
    assert "ulimit" in wrong["advice"]


def test_another_package_over_ours(tmp_path: Path) -> None:
    """A folder earlier on the path that also holds ``archive``: as a namespace of the same name would."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "__init__.py").write_text(
        f"from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__) + [{str(ROOT / 'archive')!r}]\n"
    )
    code, report = run_doctor(cwd=tmp_path)
    assert code == 1
    assert [check["name"] for check in report["checks"] if not check["ok"]] == ["package archive"]


def test_folder_that_cannot_be_written() -> None:
    found = checks(Path("/proc/palmyra"))
    assert not found["folder"].ok
    assert not found["file locks"].ok
    assert found["folder"].found.startswith("/proc: ")


def test_missing_and_old_dependencies_are_told_apart() -> None:
    missing = doctor._dependency("no-such-distribution>=1")
    assert (missing.ok, missing.found) == (False, "missing")
    old = doctor._dependency("lxml>=999.1")
    assert not old.ok
    assert old.advice == "pip install 'lxml>=999.1'"


@pytest.mark.parametrize(
    ("version", "expected"), [("3.54.1.0", (3, 54, 1, 0)), ("2.0rc1", (2, 0)), ("26", (26,)), ("x", ())]
)
def test_numbers(version: str, expected: tuple[int, ...]) -> None:
    assert doctor.numbers(version) == expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("trafilatura", {"trafilatura", "worker"}),
        ("apsw", {"apsw", "sqlite (in apsw)"}),
        ("isal", {"isal", "compression", "worker"}),
    ],
)
def test_dependency_that_does_not_import(tmp_path: Path, module: str, expected: set[str]) -> None:
    (tmp_path / f"{module}.py").write_text("raise ImportError('gone')")
    code, report = run_doctor(cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (code, {check["name"] for check in report["checks"] if not check["ok"]}) == (1, expected)
