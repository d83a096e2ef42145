"""Phrases are found where their patterns find them, and looked for by words that must be there."""

import re

import pytest

from archive.extraction import phrases, signs
from archive.extraction.phrasing import Phrases, folded, required_words

PHRASES = {
    name: value
    for module in (phrases, signs)
    for name, value in vars(module).items()
    if isinstance(value, Phrases)
}
EVERY_LETTER = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("read more", ("read more",)),
        ("log ?in\\b", ("log",)),
        ("comments?|commentaires", ("comment",)),
        ("s[ií]guenos", ("guenos",)),
        ("(?:keep|continue) reading", (" reading",)),
        ("(?:page|site)\\b.{0,20}(?:gone|lost)?", ("page", "site")),
        ("(?:at )?(?:b|nothing)", ("b", "nothing")),
        ("lire la suite\\b(?!\\s*:)", ("lire la suite",)),
        ("\\bfree\\+ly?", ("free+l",)),
        ("x{0,3}\\d+ left", (" left",)),
        ("Größe|KAYDIR|yapı", ("yapi", "grösse", "kaydir")),
    ],
)
def test_the_words_of_a_pattern(pattern: str, words: tuple[str, ...]) -> None:
    assert required_words(pattern) == words


@pytest.mark.parametrize(
    "pattern", ["", "a|", "\\w+", "(?:the )?", "read more|(?:the )?", "(?P<name>a)", "(?=a)"]
)
def test_a_pattern_without_words_or_of_another_syntax_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"phrase|word"):
        required_words(pattern)


@pytest.mark.parametrize("phrasing", PHRASES.values(), ids=PHRASES)
def test_letters_that_a_pattern_takes_for_the_same_are_folded_to_the_same(phrasing: Phrases) -> None:
    for letter in set(phrasing.pattern.pattern):
        alike = re.findall(re.escape(letter), EVERY_LETTER, re.IGNORECASE)
        assert {folded(other) for other in alike} <= {folded(letter)}


TEXTS = (
    "Subscribe to continue reading",
    "",
    "The council met on Tuesday.",
    "SUBSCRIBE TO CONTİNUE READING",
    "ſubſcribe to continue reading",
    "ROBOT OLMADIĞINIZI",
    "wir verwenden Cookies",
    "Η ΣΕΛΊΔΑ ΔΕΝ ΒΡΈΘΗΚΕ",
    "Lire aussi : un autre article",
    "関連記事：もっと",
    "access denied",
    "404",
)


@pytest.mark.parametrize("phrasing", PHRASES.values(), ids=PHRASES)
def test_what_a_pattern_finds_is_found(phrasing: Phrases) -> None:
    pattern = phrasing.pattern
    assert list(phrasing.among(TEXTS)) == [i for i, text in enumerate(TEXTS) if pattern.search(text)]
    for text in TEXTS:
        assert str(phrasing.search(text)) == str(pattern.search(text))
        assert str(phrasing.match(text)) == str(pattern.match(text))
        assert phrasing.findall(text) == pattern.findall(text)
