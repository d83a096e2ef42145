"""Train the line model: labelled pages to ``archive/extraction/line_model.json``.

    python -m bench.train_line_model LABELLED_DIR [--output FILE]
    python -m bench.train_line_model LABELLED_DIR --hold-out FOLDS

LABELLED_DIR holds ``gold.jsonl`` (a line a page: id, html (path of a gzip file), url, text (accepted texts)). Needs
lightgbm, which the project itself does not: install it into an environment of its own. Pages are told
apart by registrable domain, so that no host is on both sides: ``--hold-out`` trains on all folds of the hosts but one,
examines the pages of that one, for each in turn, and prints the figures of all and the worst pages; it writes no model.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archive.extraction import model, vote
from archive.extraction.article import clues, heading_lines
from archive.extraction.encoding import decode_html
from archive.extraction.features import NAMES, Measures, Rows
from archive.extraction.forest import Numbers
from archive.extraction.layout import layout
from archive.extraction.metadata import read_metadata
from archive.extraction.opinions import KEPT, rows_with
from archive.extraction.opinions import NAMES as OPINION_NAMES
from archive.extraction.page import examine_page
from archive.extraction.tree import drop_unread, parse_html
from bench.labelled import LOW, Labelled, Score, figures, read, score
from bench.shingles import overlap, shingles, words

SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "verbose": -1,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
}
ROUNDS = 100
SEEDS = (1, 2, 3, 4, 5)
FOLDS = 5
MIN_PAGE_SCORE = 0.7
"""Pages that a model of other hosts scores below this have, mostly, a wrong label; they train nothing."""
OUTPUT = Path("archive/extraction/line_model.json")


@dataclass(frozen=True)
class Table:
    """The candidate lines of a page: their texts, numbers and labels."""

    texts: list[str]
    indexes: list[int]
    numbers: Numbers
    labels: list[float]

    def weights(self) -> list[float]:
        """By the square root of a line's words and the certainty of its label; each page counts the same."""
        lines = zip(self.texts, self.labels, strict=True)
        raw = [math.sqrt(max(len(words(text)), 1)) * abs(label - 0.5) for text, label in lines]
        total = sum(raw) or 1.0
        return [100 * weight / total for weight in raw]


class Ensemble:
    """Some boosted models that differ by their seed alone: their mean is steadier than any of them."""

    def __init__(self, models: list[Any]) -> None:
        self.models = models

    def predict(self, table: Table) -> list[float]:
        if not table.indexes:
            return []
        found = zip(*(model.predict(table.numbers.T, raw_score=True) for model in self.models), strict=True)
        return [1 / (1 + math.exp(-sum(odds) / len(odds))) for odds in found]

    def trees(self) -> list[Any]:
        """The trees of all, one of each in turn, so that the first ones tell most."""
        dumped = [model.dump_model()["tree_info"] for model in self.models]
        return [
            _node(tree["tree_structure"], len(dumped)) for step in zip(*dumped, strict=True) for tree in step
        ]


@dataclass(frozen=True)
class Page:
    labelled: Labelled
    measures: Measures
    labels: list[float]
    alone: Table

    def heard(self, likely: list[float]) -> Table:
        """The lines with both opinions, where ``likely`` is what a model of other hosts says alone."""
        return self.table(rows_with(self.measures, vote.chosen(self.measures.lines, likely), likely))

    def table(self, found: Rows) -> Table:
        return _table(self.measures, found, self.labels)

    def score(self, table: Table, trained: Ensemble) -> float:
        """F1 of the lines that a model would keep."""
        said = zip(table.texts, trained.predict(table), strict=True)
        text = "\n".join(t for t, p in said if p >= KEPT)
        return max(overlap(gold, text)[2] for gold in self.labelled.texts)

    def likely(self, trained: Ensemble) -> list[float]:
        """What a model says of each line alone."""
        found = [0.0] * len(self.labels)
        for i, p in zip(self.alone.indexes, trained.predict(self.alone), strict=True):
            found[i] = float(p)
        return found


def _table(measures: Measures, found: Rows, labels: list[float]) -> Table:
    texts = [measures.lines[i].text for i in found.indexes]
    return Table(texts, found.indexes, found.numbers, [labels[i] for i in found.indexes])


def read_pages(folder: Path) -> Iterator[Page]:
    for labelled in read(folder):
        text, _ = decode_html(labelled.payload, "text/html; charset=utf-8")
        root = parse_html(text)
        if root is None:
            continue
        metadata = read_metadata(root, labelled.url)
        drop_unread(root)
        lines = layout(root)
        labels = max((label_lines([line.text for line in lines], gold) for gold in labelled.texts), key=sum)
        measures = Measures(lines, clues(metadata, heading_lines(lines, metadata.heading)))
        yield Page(labelled, measures, labels, _table(measures, measures.rows(), labels))


def label_lines(texts: list[str], gold: str) -> list[float]:
    """For each line the share of its shingles that the accepted text has; short lines by what stands beside them."""
    accepted, run = set(shingles(gold)), f" {' '.join(words(gold))} "
    split = [words(text) for text in texts]
    shares = [
        _share(shingles(text), accepted) if len(w) >= 4 else -1.0
        for text, w in zip(texts, split, strict=True)
    ]
    for index, (share, own) in enumerate(zip(shares, split, strict=True)):
        if share < 0:
            before = next(
                (split[i][-3:] for i in range(index - 1, max(-1, index - 4), -1) if shares[i] > 0.7), None
            )
            after = next(
                (split[i][:3] for i in range(index + 1, min(len(texts), index + 4)) if shares[i] > 0.7), None
            )
            beside = [w for w in (before and before + own, after and own + after) if w]
            shares[index] = float(bool(own) and any(f" {' '.join(w)} " in run for w in beside))
    return shares


def _share(found: Counter[tuple[str, ...]], accepted: set[tuple[str, ...]]) -> float:
    return sum(n for shingle, n in found.items() if shingle in accepted) / max(sum(found.values()), 1)


def fit(tables: list[Table]) -> Ensemble:
    import lightgbm  # noqa: PLC0415 - only for training

    numbers = np.hstack([table.numbers for table in tables]).T
    labels = np.array([label >= 0.5 for table in tables for label in table.labels], dtype=int)
    weights = np.array([weight for table in tables for weight in table.weights()])
    return Ensemble(
        [
            lightgbm.train(
                {**SETTINGS, "seed": seed}, lightgbm.Dataset(numbers, labels, weight=weights), ROUNDS
            )
            for seed in SEEDS
        ]
    )


def by_others(pages: list[Page], tables: list[Table]) -> Iterator[tuple[int, Ensemble]]:
    """Each page's number, and a model trained on the tables of other hosts' pages."""
    for fold in range(FOLDS):
        own = [page.labelled.fold(FOLDS) == fold for page in pages]
        trained = fit([table for table, inside in zip(tables, own, strict=True) if not inside])
        yield from ((i, trained) for i, inside in enumerate(own) if inside)


def heard_by_others(pages: list[Page]) -> list[Table]:
    """Each page's lines with both opinions, the model's one from pages of other hosts."""
    found = {
        i: pages[i].heard(pages[i].likely(trained))
        for i, trained in by_others(pages, [p.alone for p in pages])
    }
    return [found[i] for i in range(len(pages))]


def well_labelled(pages: list[Page]) -> list[Page]:
    tables = heard_by_others(pages)
    scores = {i: pages[i].score(tables[i], trained) for i, trained in by_others(pages, tables)}
    return [page for i, page in enumerate(pages) if scores[i] >= MIN_PAGE_SCORE]


def weights(pages: list[Page]) -> bytes:
    """The line model of these pages, as ``line_model.json`` has it."""
    kept = well_labelled(pages)
    print(f"trained on {len(kept)} of {len(pages)} pages")
    found = {
        "numbers": [*NAMES, *OPINION_NAMES],
        "alone": fit([page.alone for page in kept]).trees(),
        "with_votes": fit(heard_by_others(kept)).trees(),
    }
    return json.dumps(found, separators=(",", ":")).encode()


def held_out(pages: list[Page], folds: int) -> list[tuple[Labelled, Score]]:
    """Each page's score by the model of the other folds' hosts."""
    scores = []
    for fold in range(folds):
        model.use(weights([page for page in pages if page.labelled.fold(folds) != fold]))
        unseen = [page.labelled for page in pages if page.labelled.fold(folds) == fold]
        scores.extend((page, examined(page)) for page in unseen)
    return scores


def examined(page: Labelled) -> Score:
    outcome = examine_page(page.payload, url=page.url, content_type="text/html; charset=utf-8")
    return score(page, outcome.article.text.partition("\n")[2] if outcome.article else "")


def _node(node: dict[str, Any], count: int) -> Any:
    """A tree of one of ``count`` models."""
    if "leaf_value" in node:
        return round(node["leaf_value"] / count, 5)
    threshold = float(f"{node['threshold']:.6g}")
    below, above = _node(node["left_child"], count), _node(node["right_child"], count)
    return [node["split_feature"], threshold, below, above]


def print_low(scores: list[tuple[Labelled, Score]]) -> None:
    """A line for each page of which the text is of little use: its score, precision, recall and address."""
    for page, found in sorted(scores, key=lambda pair: pair[1].f1):
        if found.f1 < LOW:
            print(f"  {found.f1:.3f} P {found.precision:.2f} R {found.recall:.2f} {page.url[:100]}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--hold-out", type=int, metavar="FOLDS")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    pages = list(read_pages(options.labelled))
    if options.hold_out:
        scores = held_out(pages, options.hold_out)
        figures(f"held out, {options.hold_out} folds", scores)
        print_low(scores)
        return
    options.output.write_bytes(weights(pages))
    print(f"{options.output}: {options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
