"""Boosted decision trees, of which each looks at all rows at once.

A tree needs no walk: where a row's number is above a node's threshold, none of the leaves below that node's left branch
is the row's, and its leaf is the first that no node rules out (QuickScorer: Lucchese et al., SIGIR 2015). So all rows
are held against all nodes, and the leaves that are ruled out are bits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

STEP = 10
"""Trees after which a row may be settled early."""
FIRST = 150
"""Trees that all rows are shown to; what these have not settled is shown to the rest."""
SETTLED = 2.0
"""Log-odds beyond which a row is settled early."""
MAX_LEAVES = 16
"""Leaves of a tree, one bit each."""
_NODES = MAX_LEAVES - 1

Tree = Any
"""A leaf's weight, or [index into the row, threshold, subtree for at most, subtree for above]."""
Numbers = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """Some trees as arrays.

    ``indexes`` (nodes x trees, flat) point into a row, ``thresholds`` (nodes x trees, 1) are what it is compared with there,
    ``ruled_out`` (nodes x trees, 1) the leaves that cannot be the row's where it is above, ``weights`` (trees x leaves,
    flat) what the leaves say, and ``first`` (trees, 1) is each tree's first leaf among these.
    """

    indexes: npt.NDArray[np.intp]
    thresholds: Numbers
    ruled_out: npt.NDArray[np.uint16]
    weights: Weights
    first: npt.NDArray[np.intp]

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> "Trees":
        """The arrays of trees; raises ``ValueError`` for one of more than ``MAX_LEAVES`` leaves."""
        indexes = np.zeros((_NODES, len(trees)), np.intp)
        thresholds = np.full((_NODES, len(trees)), np.inf, np.float32)
        ruled_out = np.zeros((_NODES, len(trees)), np.uint16)
        weights = np.zeros((len(trees), MAX_LEAVES))
        for t, tree in enumerate(trees):
            leaves: list[float] = []
            nodes = list(_nodes(tree, leaves))
            if len(leaves) > MAX_LEAVES:
                raise ValueError(f"a tree of more than {MAX_LEAVES} leaves")
            for n, node in enumerate(nodes):
                indexes[n, t], thresholds[n, t], ruled_out[n, t] = node
            weights[t, : len(leaves)] = leaves
        first = np.arange(0, weights.size, MAX_LEAVES)
        columns = thresholds.reshape(-1, 1), ruled_out.reshape(-1, 1)
        return cls(indexes.ravel(), *columns, weights.ravel(), first.reshape(-1, 1))

    def said(self, numbers: Numbers) -> Weights:
        """The weights (trees x rows) that the trees give to rows, of which ``numbers`` has each as a column."""
        above = numbers.take(self.indexes, axis=0) > self.thresholds
        gone = -above.view(np.uint8).astype(np.uint16) & self.ruled_out
        gone = np.bitwise_or.reduce(gone.reshape(_NODES, len(self.first), -1), axis=0)
        leaf = np.bitwise_count(
            gone & ~(gone + np.uint16(1))
        )  # as many as the bits set below the first that is not
        said: Weights = self.weights.take(leaf + self.first)
        return said


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose weights add up to log-odds, in the parts that rows are shown to."""

    parts: tuple[Trees, ...]

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> "Forest":
        return cls(tuple(Trees.of(part) for part in (trees[:FIRST], trees[FIRST:]) if part))

    def odds(self, numbers: Numbers) -> list[float]:
        """The log-odds of each column, by as many trees as settle it."""
        odds = np.zeros(numbers.shape[1])
        left = np.arange(len(odds))
        for part in self.parts:
            said = part.said(numbers.take(left, axis=1))
            said[0] += odds[left]
            so_far = said.cumsum(axis=0)[[*range(STEP - 1, len(said) - 1, STEP), -1]]
            settled = np.abs(so_far) > SETTLED
            settled[-1] = True
            odds[left] = so_far[settled.argmax(axis=0), np.arange(len(left))]
            left = left[np.abs(odds[left]) <= SETTLED]
        return [float(number) for number in odds]


def _nodes(tree: Tree, leaves: list[float]) -> Iterator[tuple[int, float, int]]:
    """Each node's index, threshold, and the leaves of its left branch as bits; the leaves' weights go to ``leaves``."""
    if not isinstance(tree, list):
        leaves.append(float(tree))
        return
    index, threshold, below, above = tree
    first = len(leaves)
    yield from _nodes(below, leaves)
    yield index, threshold, (1 << len(leaves)) - (1 << first)
    yield from _nodes(above, leaves)
