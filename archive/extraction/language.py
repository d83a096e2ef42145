"""The language of a text: detected from its words, else as the page declares it."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from archive.extraction.lines import weighed_length
from archive.outcome import Value

READ_CHARACTERS = 1000
"""Of a text, that detection reads: more tell nothing new."""
OPENING_CHARACTERS = 300
"""Of these, that it reads first, and mostly alone."""
AGREEING_CHARACTERS = 150
"""Of these, that are enough where they are in the language that the page declares."""
SURE = 0.95
"""Confidence in what they tell, from 0 to 1, from which the others are not read."""
MIN_LENGTH = 80
"""Characters, those of dense scripts counted three times, below which a text is too short to tell its language by."""
MIN_CONFIDENCE = 0.5
"""From 0 to 1; below it the declaration is better."""

_NO_LANGUAGE = "zxx"
_ALIKE = (frozenset(("bs", "hr", "sh", "sr")), frozenset(("id", "ms")))
"""Languages that detection confuses: there the declaration tells which it is."""


def text_language(text: str, declared: Value | None) -> Value | None:
    """The text's language as an ISO 639 code, its source ``text`` or that of the declaration; None where neither tells.

    ``declared`` is a BCP 47 tag. Deterministic, offline, about a third of a millisecond.
    """
    claim = Value(declared.text.split("-")[0].lower(), declared.source) if declared else None
    found = claim.text if claim and _begins_in(claim.text, text) else detected(text)
    if found is None or (claim and any({found, claim.text} <= alike for alike in _ALIKE)):
        return claim
    return Value(found, "text")


def detected(text: str) -> str | None:
    """The ISO 639 code of the language that ``text`` is in; None where it is too short or too unlike any."""
    read = text[:READ_CHARACTERS]
    if weighed_length(read) < MIN_LENGTH:
        return None
    code, confidence = _identifier().classify(read[:OPENING_CHARACTERS])
    if confidence < SURE:
        code, confidence = _identifier().classify(read)
    return None if code == _NO_LANGUAGE or confidence < MIN_CONFIDENCE else str(code)


def _begins_in(code: str, text: str) -> bool:
    """Whether the first words are surely in the language that the page declares; two that agree need no more."""
    read = text[:AGREEING_CHARACTERS]
    if weighed_length(read) < MIN_LENGTH:
        return False
    found, confidence = _identifier().classify(read)
    return bool(found == code and confidence >= SURE)


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
