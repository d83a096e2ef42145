"""Two opinions on a page's lines, as further numbers of each: trafilatura's choice, and what the line model says without it."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from archive.extraction.boxes import Box, Kin, Signature
from archive.extraction.features import Measures, Rows, distances
from archive.extraction.lines import Line

KEPT = 0.5
"""Probability from which the model alone would keep a line."""
UNSURE = (0.2, 0.8)
"""Probabilities between which a line is in doubt."""
MAX_WEIGHT = 300
"""Characters, at most, by which a line counts in its box."""
NEAR = 5
"""Lines on either side of one of which the votes are counted."""

NAMES: tuple[str, ...] = (
    *("vote", "vote_before", "vote_after", "vote_near", "vote_parent", "since_vote", "until_vote"),
    *("vote_start", "class_votes", "kin_votes", "vote_share"),
    *("likely", "likely_before", "likely_after", "likely_box", "likely_kin"),
    *("kept_voted", "voted_kept", "voted_of_kept", "doubt"),
)
"""The names of the numbers that the opinions add to a row."""


def doubt(lines: Sequence[Line], likely: Sequence[float]) -> float:
    """The length of the lines that the model is unsure of, as a share of those that it would keep."""
    unsure = kept = 0
    for line, p in zip(lines, likely, strict=True):
        unsure += len(line.text) if UNSURE[0] < p < UNSURE[1] else 0
        kept += len(line.text) if p >= KEPT else 0
    return unsure / kept if kept else 1.0


def rows_with(page: Measures, votes: Sequence[bool], likely: Sequence[float]) -> Rows:
    """The numbers of each line near prose, as ``page`` has them and then ``NAMES``.

    ``votes`` has trafilatura's choice and ``likely`` the model's probability of each line.
    """
    opinions = _Opinions(page, votes, likely)
    indexes, numbers = page.rows(votes)
    further = np.array([opinions.row(i) for i in indexes], np.float32).reshape(len(indexes), len(NAMES))
    return Rows(indexes, np.vstack((numbers, further.T)))


class _Opinions:
    """What the two say of each line."""

    def __init__(self, page: Measures, votes: Sequence[bool], likely: Sequence[float]) -> None:
        self.page, self.votes, self.likely = page, votes, likely
        self.first = next((i for i, vote in enumerate(votes) if vote), None)
        self.since, self.until = distances(votes)
        self._count_votes()
        self._weigh_likely()
        self.agreement = self._agreement()

    def _count_votes(self) -> None:
        self.of_parent: Counter[Box] = Counter()
        self.of_class: Counter[Signature] = Counter()
        self.of_kin: Counter[Kin] = Counter()
        boxes, lengths = self.page.boxes, self.page.lengths
        for i, parent in boxes.parents.items():
            if self.votes[i]:
                self.of_parent[parent] += 1
                self.of_class[boxes.of[i].signature] += lengths[i]
                self.of_kin[parent.kin] += len(self.page.lines[i].text)
        self.total = sum(self.of_class.values())

    def _weigh_likely(self) -> None:
        """The mean probability of the lines right inside each box, and of those of its kin."""
        sums: defaultdict[Box | Kin, float] = defaultdict(float)
        weights: Counter[Box | Kin] = Counter()
        for i, parent in self.page.boxes.parents.items():
            if self.likely[i]:
                weight = min(len(self.page.lines[i].text), MAX_WEIGHT)
                for place in (parent, parent.kin):
                    sums[place] += self.likely[i] * weight
                    weights[place] += weight
        self.mean: defaultdict[Box | Kin, float] = defaultdict(float)
        self.mean.update({place: total / weights[place] for place, total in sums.items()})

    def _agreement(self) -> tuple[float, float, float, float]:
        """How much of what one would keep the other keeps as well, how much the votes keep, and the doubt."""
        lines = self.page.lines
        kept = voted = both = 0
        for line, vote, p in zip(lines, self.votes, self.likely, strict=True):
            size = len(line.text)
            kept += size if p >= KEPT else 0
            voted += size if vote else 0
            both += size if vote and p >= KEPT else 0
        return both / (kept or 1), both / (voted or 1), voted / (kept or 1), doubt(lines, self.likely)

    def row(self, i: int) -> tuple[float, ...]:
        votes, page, likely, last = self.votes, self.page, self.likely, len(self.votes) - 1
        near_by = votes[max(0, i - NEAR) : i + NEAR + 1]
        parent = page.boxes.parents[i]
        return (
            votes[i],
            votes[i - 1] if i else -1.0,
            votes[i + 1] if i < last else -1.0,
            sum(near_by) / len(near_by),
            self.of_parent[parent] / parent.children,
            self.since[i],
            self.until[i],
            i - self.first if self.first is not None else -99,
            self.of_class[page.boxes.of[i].signature] / (self.total or 1),
            self.of_kin[parent.kin] / (parent.kin.size or 1),
            self.total / page.total_prose,
            likely[i],
            likely[i - 1] if i else -1.0,
            likely[i + 1] if i < last else -1.0,
            self.mean[parent],
            self.mean[parent.kin],
            *self.agreement,
        )
