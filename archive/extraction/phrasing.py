"""Many phrases as one pattern, which is only tried on texts that hold a word without which none of them can stand.

``re`` tries each phrase at each character, as it cannot look ahead for letters in any case; to look for a word is some
hundred times as fast.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ENOUGH = 5
"""Letters of a word from which a longer one is no better to look for than fewer ones."""

_TOKEN = re.compile(
    r"(?:(?P<nothing>\\[bAZ]|\(\?![^()]*\))|(?P<open>\(\?:)|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<any>\.|\\[wWsSdD]|\[[^\]]+\])|\\?(?P<letter>[^\\\[({]))(?P<times>[?*+]|\{\d+(?:,\d*)?\})?"
)
_MAY_BE_NONE = ("?", "*", "{0")
_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """A pattern that ignores case, and folded words of which one stands in whatever it finds."""

    pattern: re.Pattern[str]
    words: _Words

    @classmethod
    def of(cls, pattern: str) -> "Phrases":
        return cls(re.compile(pattern, re.IGNORECASE), required_words(pattern))

    def may_stand_in(self, text: str) -> bool:
        return any(map(folded(text).__contains__, self.words))

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self.may_stand_in(text) else None

    def match(self, text: str) -> re.Match[str] | None:
        return self.pattern.match(text) if self.may_stand_in(text) else None

    def findall(self, text: str) -> list[str]:
        return self.pattern.findall(text) if self.may_stand_in(text) else []

    def among(self, texts: Sequence[str]) -> Iterator[int]:
        """Which of ``texts`` hold a phrase, in their order. The words are looked for in all of them at once."""
        whole = folded("\n".join(texts))
        words = [word for word in self.words if word in whole]
        for index, text in enumerate(texts if words else ()):
            if any(map(folded(text).__contains__, words)) and self.pattern.search(text):
                yield index


def folded(text: str) -> str:
    """The text such that letters are equal that a pattern without regard to case takes for the same."""
    return text.lower() if text.isascii() else text.replace("İ", "i").casefold().replace("ı", "i")


def required_words(pattern: str) -> _Words:
    """Folded words of which one stands in whatever ``pattern`` finds. Of the syntax of ``re`` what phrases need."""
    levels = [_Level()]
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise ValueError(f"no phrase: {pattern[at:]!r}")
        at = token.end()
        _take(levels, token)
    words = sorted(dict.fromkeys(map(folded, levels[0].all())), key=len)
    if not words or not words[0]:
        raise ValueError(f"matches without any word: {pattern!r}")
    return tuple(w for i, w in enumerate(words) if not any(shorter in w for shorter in words[:i]))


def _take(levels: list["_Level"], token: re.Match[str]) -> None:
    level = levels[-1]
    times = token["times"] or ""
    surely = not times.startswith(_MAY_BE_NONE)
    if token["letter"]:
        level.word += token["letter"] if surely else ""
        if times:
            level.end_word()
    elif token["bar"]:
        level.end_branch()
    elif token["open"]:
        level.end_word()
        levels.append(_Level())
    elif token["close"]:
        levels.pop()
        if surely:
            levels[-1].offer(level.all())
    elif token["any"]:
        level.end_word()


class _Level:
    """What a group requires: words of each branch that is complete, and the best of the one that is read."""

    def __init__(self) -> None:
        self.ended: _Words = ()
        self.best: _Words = ("",)
        self.word = ""

    def offer(self, words: _Words) -> None:
        if _worth(words) > _worth(self.best):
            self.best = words

    def end_word(self) -> None:
        self.offer((self.word,))
        self.word = ""

    def end_branch(self) -> None:
        self.end_word()
        self.ended += self.best
        self.best = ("",)

    def all(self) -> _Words:
        self.end_branch()
        return self.ended


def _worth(words: _Words) -> tuple[int, int]:
    return min(ENOUGH, *map(len, words)), -len(words)
