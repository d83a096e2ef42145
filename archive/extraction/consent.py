"""Which lines ask for consent to cookies and tracking: told apart from prose in which somebody accepts something."""

from collections.abc import Iterator, Sequence

from archive.extraction.lines import weighed_length
from archive.extraction.phrases import CONSENT, CONSENT_OR_BUTTON
from archive.extraction.signs import CONSENTED

MAX_BUTTON = 60
"""Characters of a line that may be a button, those of dense scripts counted three times."""
MAX_SEARCHED = 1000
"""Characters of a line that are searched for phrases."""

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "”", "»", "“", "」")


def asks(text: str) -> bool:
    """Whether a line asks for consent: by a phrase that names its matter, or by a button's words.

    Those count in a line of a button's shape, or where it speaks of data or cookies as well.
    """
    text = text[:MAX_SEARCHED]
    return CONSENT_OR_BUTTON.search(text) is not None and _means_it(text)


def asking(texts: Sequence[str]) -> Iterator[int]:
    """Which of ``texts`` ask for consent, in their order."""
    cut = [text[:MAX_SEARCHED] for text in texts]
    return (i for i in CONSENT_OR_BUTTON.among(cut) if _means_it(cut[i]))


def _means_it(text: str) -> bool:
    return _is_button(text) or CONSENT.search(text) is not None or CONSENTED.search(text) is not None


def _is_button(text: str) -> bool:
    return weighed_length(text) <= MAX_BUTTON and not text.endswith(_SENTENCE_ENDS)
