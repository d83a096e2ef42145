"""What kind of page this is when it shows no article, with the evidence for it."""

from dataclasses import dataclass

from archive.outcome import Kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """A page's kind, the reason in words, and the evidence as short phrases."""

    kind: Kind
    reason: str = ""
    evidence: tuple[str, ...] = ()


MIN_TEXT = 200
"""Characters of article text below which a page is looked at as none."""


def judge(text_length: int) -> Verdict:
    if text_length < 1:
        return Verdict(Kind.EMPTY, "the page shows no article text")
    return Verdict(Kind.ARTICLE)
