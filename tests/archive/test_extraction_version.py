"""Provenance: whatever can change a text changes the name of the extractor."""

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import archive
from archive.extraction.version import EXTRACTOR_VERSION, config_digest, rule_files

PACKAGE = Path(archive.__path__[0])
LIBRARIES = [("trafilatura", "2.3.1"), ("lxml", "6.1.3")]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, tmp_path / "archive", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_version_names_libraries_and_configuration() -> None:
    parts = dict(part.split("/") for part in EXTRACTOR_VERSION.split(" ")[1:])
    assert parts["trafilatura"] == version("trafilatura")
    assert parts["lxml"] == version("lxml")
    assert len(parts["config"]) == 8


def test_a_copy_of_the_rules_has_the_same_digest(copy: Path) -> None:
    assert config_digest(rule_files(copy), LIBRARIES) == config_digest(rule_files(), LIBRARIES)


@pytest.mark.parametrize("name", [str(path.relative_to(PACKAGE)) for path in rule_files()])
def test_any_change_of_a_rule_or_of_the_line_model_changes_the_digest(copy: Path, name: str) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data.replace(b"0", b"1", 1) if b"0" in data else data + b"\nLIMIT = 1\n")
    assert config_digest(rule_files(copy), LIBRARIES) != config_digest(rule_files(), LIBRARIES)


def test_a_further_file_of_rules_and_another_library_change_the_digest(copy: Path) -> None:
    known = config_digest(rule_files(), LIBRARIES)
    assert config_digest(rule_files(), [("trafilatura", "2.4.0"), LIBRARIES[1]]) != known
    (copy / "extraction" / "furtherrules.py").write_text("LIMIT = 1\n")
    assert config_digest(rule_files(copy), LIBRARIES) != known


def test_every_module_under_which_texts_are_made_is_counted() -> None:
    names = {path.name for path in rule_files()}
    assert {"article.py", "line_model.json", "features.py", "text.py", "vote.py", "document.py"} <= names
