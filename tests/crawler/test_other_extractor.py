"""Extraction by another version of the extractor: a copy of the program with other rules, run as a user runs it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import archive
from archive.catalog import Catalog
from archive.collection import Collection
from archive.entries import DocumentRow
from archive.former import Kind, extractions
from tests.patience import PATIENCE_S
from tests.site.collections import article_exchanges, write_collection
from tests.site.command import palmyra

PACKAGES = Path(archive.__path__[0]).parent
RULES = {
    "article_text(chosen, metadata.title)": "article_text(chosen, metadata.title.upper())",
    'section=metadata.get("section")': "section=None",
    "verdict.kind is Kind.ARTICLE": 'verdict.kind is Kind.ARTICLE and metadata.get("declared_language") != "ja"',
}
"""Of the page's extraction, and what the other program has instead: texts change, metadata, and what is an article."""


def other_program(folder: Path) -> Path:
    """A copy of the program with other rules."""
    for name in ("archive", "crawler"):
        shutil.copytree(PACKAGES / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    page = folder / "archive" / "extraction" / "page.py"
    source = page.read_text("utf-8")
    for rule, other in RULES.items():
        assert rule in source
        source = source.replace(rule, other)
    page.write_text(source, "utf-8")
    return folder


def extract(program: Path, collection: Collection) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PALMYRA")}
    command = [sys.executable, "-m", "crawler.cli", "extract", "--collection", str(collection.root)]
    done = subprocess.run(
        command,
        cwd=program,
        env=environment | {"PYTHONPATH": str(program)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    return done.stdout


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def documents(collection: Collection) -> list[DocumentRow]:
    with Catalog.open(collection.catalog_path, readonly=True) as catalog:
        return list(catalog.documents())


@dataclass(frozen=True)
class Replaced:
    """A collection extracted by this program, then by another, then by another again; what each left."""

    collection: Collection
    first: dict[str, bytes]
    second: dict[str, bytes]
    said: str
    said_again: str
    kept: dict[str, bytes]
    kept_again: dict[str, bytes]


@pytest.fixture(scope="module")
def replaced(tmp_path_factory: pytest.TempPathFactory) -> Replaced:
    folder = tmp_path_factory.mktemp("extractors")
    program = other_program(folder / "program")
    collection = write_collection(folder / "news", article_exchanges())
    first = tree(collection.documents)
    said = extract(program, collection)
    second, kept = tree(collection.documents), tree(collection.former)
    said_again = extract(program, collection)
    assert tree(collection.documents) == second
    return Replaced(collection, first, second, said, said_again, kept, tree(collection.former))


def test_documents_are_those_of_the_present_extractor_alone(replaced: Replaced, tmp_path: Path) -> None:
    fresh = Collection.create(tmp_path / "fresh")
    shutil.copytree(replaced.collection.archive, fresh.archive, dirs_exist_ok=True)
    extract(replaced.collection.root.parent / "program", fresh)
    assert tree(fresh.documents) == replaced.second != replaced.first
    assert not fresh.former.exists()
    assert documents(fresh) == documents(replaced.collection)


def test_each_former_text_that_changed_is_kept_and_no_other(replaced: Replaced) -> None:
    [extraction] = extractions(replaced.collection)
    kept = tree(extraction.path / "documents")
    changed = {name: data for name, data in replaced.first.items() if data not in replaced.second.values()}
    assert kept == changed != {}
    counts = extraction.counts
    assert counts[Kind.TEXT] + counts[Kind.GONE] == len(kept)
    assert counts[Kind.SAME] + counts[Kind.METADATA] == len(replaced.first) - len(kept)
    assert (counts[Kind.GONE], counts[Kind.NEW]) == (1, 0)
    assert min(counts[Kind.TEXT], counts[Kind.METADATA]) > 0


def test_extract_says_what_changed(replaced: Replaced) -> None:
    [extraction] = extractions(replaced.collection)
    assert f"{extraction.counts[Kind.TEXT]:>7,}  text changed" in replaced.said.splitlines()
    assert "palmyra diff --extractor" in replaced.said


def test_a_third_extraction_changes_nothing(replaced: Replaced) -> None:
    assert replaced.kept_again == replaced.kept
    assert "former" not in replaced.said_again


def test_diff_counts_and_samples(replaced: Replaced) -> None:
    [extraction] = extractions(replaced.collection)
    lines = palmyra("diff", "--extractor", "--collection", replaced.collection.root).lines
    assert f"former extractor:  {extraction.former[0]}" in lines
    assert sum(line.startswith("text changed: document ") for line in lines) == min(
        3, extraction.counts[Kind.TEXT]
    )
    assert sum(line.startswith("~ title: [-") for line in lines) == 3
    assert any(line.startswith("~ section: ") and line.endswith(" -> None") for line in lines)
    [known] = palmyra(
        "diff", "--extractor", "--json", "--sample", 1000, "--collection", replaced.collection.root
    ).json()
    assert known["counts"] == extraction.counts
    texts = [sample for sample in known["samples"] if sample["kind"] == "text"]
    assert len(texts) == extraction.counts[Kind.TEXT]
    assert all(sample["changes"] for sample in texts)
    assert {sample["former"]["extractor_version"] for sample in texts} != {
        sample["present"]["extractor_version"] for sample in texts
    }


def test_diff_of_one_document_between_extractors(replaced: Replaced) -> None:
    [extraction] = extractions(replaced.collection)
    change = next(change for change in extraction.changes() if change.kind is Kind.TEXT)
    assert change.present is not None
    root = replaced.collection.root
    lines = palmyra("diff", "--extractor", change.present["id"], "--collection", root).lines
    assert lines[0] == f"--- by {extraction.former[0]}"
    assert lines[1].endswith(extraction.present)
    assert len(lines) > 2


def test_verify_finds_it_all_whole(replaced: Replaced) -> None:
    assert palmyra("verify", "--collection", replaced.collection.root).code == 0


def test_this_program_then_finds_its_own_texts_again(replaced: Replaced, tmp_path: Path) -> None:
    copy = Collection(Path(shutil.copytree(replaced.collection.root, tmp_path / "copy")))
    [report] = palmyra("extract", "--json", "--collection", copy.root).json()
    assert tree(copy.documents) == replaced.first
    [name] = report["former"]
    assert name.startswith("0002-")
    before = extractions(copy)[0].counts
    assert report["former"][name] == before | {Kind.GONE: 0, Kind.NEW: 1}
    assert len(extractions(copy)) == 2
    shown = palmyra("diff", "--extractor", "--collection", copy.root).lines
    assert sum(line.startswith("former extractor:") for line in shown) == 2


def test_former_documents_of_a_catalog_that_this_program_cannot_read_are_not_kept(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "news", article_exchanges()[:2])
    collection.catalog_path.write_bytes(b"no database, " * 500)
    for side in ("-wal", "-shm"):
        collection.catalog_path.with_name(f"catalog.sqlite{side}").unlink(missing_ok=True)
    assert palmyra("extract", "--quiet", "--collection", collection.root).code == 0
    assert not collection.former.exists()


def test_nothing_is_kept_where_the_extractor_is_the_same(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "news", article_exchanges()[:2])
    [report] = palmyra("extract", "--json", "--collection", collection.root).json()
    assert report["former"] == {}
    assert not collection.former.exists()
    shown = palmyra("diff", "--extractor", "--collection", collection.root)
    assert shown.lines == ["No other extractor's documents are kept: none was replaced by a different one."]
    assert palmyra("diff", "--extractor", 0, "--collection", collection.root).error.startswith(
        "palmyra: document 0"
    )
    assert palmyra("diff", "--collection", collection.root).code == 2


def test_a_damaged_description_is_one_line(replaced: Replaced, tmp_path: Path) -> None:
    copy = Collection(Path(shutil.copytree(replaced.collection.root, tmp_path / "copy")))
    [extraction] = extractions(copy)
    (extraction.path / "extraction.json").write_text(json.dumps({"former": []}))
    result = palmyra("diff", "--extractor", "--collection", copy.root)
    assert (result.code, result.error.count("\n")) == (1, 1)
    assert "missing or damaged; delete" in result.error
