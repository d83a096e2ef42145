"""Train the line model: labelled pages to ``archive/extraction/line_model.json``.

    python -m bench.train_line_model LABELLED_DIR [--half A|B] [--output FILE]

LABELLED_DIR holds ``gold.jsonl`` (a line a page: id, html (path of a gzip file), url, text (accepted texts)). Needs
lightgbm and numpy, which the project itself does not: install them into an environment of their own. Pages are told
apart by registrable domain, so that no host is on both sides; ``--half A`` trains on one half of the hosts, for an
honest figure on the other with ``python -m bench.extraction --half B --model FILE``.
"""

import argparse
import gzip
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.extraction import vote
from archive.extraction.addresses import registrable_domain
from archive.extraction.article import clues, heading_lines
from archive.extraction.encoding import decode_html
from archive.extraction.features import NAMES, rows
from archive.extraction.metadata import read_metadata
from archive.extraction.tree import Line, drop_unread, layout, parse_html
from bench.shingles import overlap, shingles, words

SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.15,
    "num_leaves": 15,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "verbose": -1,
    "seed": 1,
    "deterministic": True,
    "force_col_wise": True,
}
ROUNDS = 80
FOLDS = 5
MIN_PAGE_SCORE = 0.7
"""Pages that a model of other hosts scores below this have, mostly, a wrong label; they train nothing."""
OUTPUT = Path("archive/extraction/line_model.json")


@dataclass(frozen=True)
class Table:
    """The candidate lines of a page: their texts, numbers and labels."""

    texts: list[str]
    rows: list[list[float]]
    labels: list[float]

    def weights(self) -> list[float]:
        """By the square root of a line's words and the certainty of its label; each page counts the same."""
        lines = zip(self.texts, self.labels, strict=True)
        raw = [math.sqrt(max(len(words(text)), 1)) * abs(label - 0.5) for text, label in lines]
        total = sum(raw) or 1.0
        return [100 * weight / total for weight in raw]


@dataclass(frozen=True)
class Page:
    host: str
    with_votes: Table
    without_votes: Table
    accepted: list[str]


def half(host: str) -> str:
    return "AB"[int(hashlib.md5(host.encode(), usedforsecurity=False).hexdigest(), 16) % 2]


def read_pages(folder: Path) -> Iterator[Page]:
    for line in (folder / "gold.jsonl").open(encoding="utf-8"):
        page = json.loads(line)
        text, _ = decode_html(
            gzip.decompress((folder / page["html"]).read_bytes()), "text/html; charset=utf-8"
        )
        root = parse_html(text)
        if root is None:
            continue
        metadata = read_metadata(root, page["url"])
        drop_unread(root)
        lines = layout(root)
        labels = max((label_lines([line.text for line in lines], gold) for gold in page["text"]), key=sum)
        known = clues(metadata, heading_lines(lines, metadata.heading))
        tables = [
            _table(lines, rows(lines, votes, known), labels)
            for votes in (vote.chosen(root, lines), [False] * len(lines))
        ]
        yield Page(registrable_domain(page["url"]), *tables, page["text"])


def _table(lines: list[Line], found: dict[int, list[float]], labels: list[float]) -> Table:
    return Table([lines[i].text for i in found], list(found.values()), [labels[i] for i in found])


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


def fit(tables: list[Table]) -> Any:
    import lightgbm  # noqa: PLC0415 - only for training
    import numpy as np  # noqa: PLC0415

    numbers = np.array([row for table in tables for row in table.rows], dtype=np.float32)
    labels = np.array([label >= 0.5 for table in tables for label in table.labels], dtype=int)
    weights = np.array([weight for table in tables for weight in table.weights()])
    return lightgbm.train(SETTINGS, lightgbm.Dataset(numbers, labels, weight=weights), ROUNDS)


def well_labelled(pages: list[Page]) -> list[Page]:
    kept = []
    for fold in range(FOLDS):
        model = fit([page.with_votes for page in pages if _fold(page.host) != fold])
        for page in pages:
            if _fold(page.host) != fold:
                continue
            table = page.with_votes
            chosen = model.predict(table.rows) if table.rows else []
            text = "\n".join(t for t, p in zip(table.texts, chosen, strict=True) if p >= 0.5)
            if max(overlap(gold, text)[2] for gold in page.accepted) >= MIN_PAGE_SCORE:
                kept.append(page)
    return kept


def _fold(host: str) -> int:
    return int(hashlib.sha256(host.encode()).hexdigest(), 16) % FOLDS


def trees(model: Any) -> list[Any]:
    return [_node(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]


def _node(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 5)
    threshold = float(f"{node['threshold']:.6g}")
    return [node["split_feature"], threshold, _node(node["left_child"]), _node(node["right_child"])]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--half", choices=["A", "B"])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    pages = [page for page in read_pages(options.labelled) if options.half in (None, half(page.host))]
    kept = well_labelled(pages)
    model = {
        "numbers": list(NAMES),
        "with_votes": trees(fit([page.with_votes for page in kept])),
        "without_votes": trees(fit([page.without_votes for page in kept])),
    }
    options.output.write_text(json.dumps(model, separators=(",", ":")))
    print(
        f"trained on {len(kept)} of {len(pages)} pages; {options.output}: {options.output.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
