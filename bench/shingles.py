"""How alike two texts are: overlap of 4-gram shingles of words, as public article-extraction benchmarks measure it."""

import re
from collections import Counter

_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"\w+")
SIZE = 4


def words(text: str) -> list[str]:
    """Words; each character of Chinese, Japanese and Korean is one."""
    return _WORD.findall(_ALONE.sub(r" \g<0> ", text))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    found = words(text)
    return (
        Counter(tuple(found[i : i + SIZE]) for i in range(max(len(found) - SIZE + 1, 1)))
        if found
        else Counter()
    )


def overlap(accepted: str, text: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of ``text`` against ``accepted``."""
    gold, found = shingles(accepted), shingles(text)
    both = sum((gold & found).values())
    precision = both / sum(found.values()) if found else float(not gold)
    recall = both / sum(gold.values()) if gold else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0
