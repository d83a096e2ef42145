"""How alike texts are: normalised words, a digest of them, and a MinHash signature of their shingles.

The signature estimates the resemblance of two texts, which is the share of shingles they have in common (Broder, "On
the resemblance and containment of documents", 1997). Its bands find texts that may resemble without comparing all.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from operator import eq
from typing import Self
from unicodedata import normalize

from rensa import RMinHash

from archive.document import parse

SHINGLE_WORDS = 4
MAX_WORDS = 50_000
"""Of a text; what follows is not looked at."""
VALUES = 128
"""Of a signature: resemblance is estimated with a standard error of at most 0.044."""
BAND_VALUES = 4
"""Of a band: of texts that resemble by 0.5, 87 % share one of the 32 bands, by 0.6, 99 %, by 0.1, 0.3 %."""
SEED = 1997

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han. A character counts as a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_SIGNATURE = struct.Struct(f"<{VALUES}I")
_BAND = struct.Struct(f"<{1 + BAND_VALUES}I")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is kept of a text to find those like it. ``words`` is the hex digest of its normalised words."""

    words: str
    count: int
    signature: tuple[int, ...]

    @classmethod
    def of(cls, document: str) -> Self:
        """The likeness of a document's body: its title and bylines left out, unless it has nothing else."""
        words = normal_words(body(document))
        minhash = RMinHash(num_perm=VALUES, seed=SEED)
        minhash.update(shingles(words))
        return cls(_digest("\n".join(words).encode()).hex(), len(words), tuple(minhash.digest()))

    def resemblance(self, signature: Sequence[int]) -> float:
        """The estimated share of shingles in common with the text of that signature: 0 to 1."""
        same: int = sum(map(eq, self.signature, signature))
        return same / VALUES

    def bands(self) -> list[int]:
        """A number of 64 bits for each band; texts that share one may resemble."""
        starts = range(0, VALUES, BAND_VALUES)
        parts = (_BAND.pack(start, *self.signature[start : start + BAND_VALUES]) for start in starts)
        return [int.from_bytes(_digest(part)[:8], "little", signed=True) for part in parts]

    def packed(self) -> bytes:
        return _SIGNATURE.pack(*self.signature)


def unpacked(signature: bytes) -> tuple[int, ...]:
    """A signature as `Likeness.packed` wrote it."""
    return _SIGNATURE.unpack(signature)


def body(document: str) -> str:
    """The text below title and bylines."""
    try:
        return "\n\n".join(block.text for block in parse(document).blocks) or document
    except ValueError:
        return document


def normal_words(text: str) -> list[str]:
    """The words of a text: compatibility forms and case folded, punctuation left out."""
    found = _WORD.finditer(normalize("NFKC", text).casefold())
    return [match[0] for match in islice(found, MAX_WORDS)]


def shingles(words: Sequence[str]) -> list[str]:
    """Every run of SHINGLE_WORDS words; all of a shorter text in one."""
    last = max(len(words) - SHINGLE_WORDS, 0)
    return [" ".join(words[start : start + SHINGLE_WORDS]) for start in range(last + 1)]


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
