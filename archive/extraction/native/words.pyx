# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""The telling words of a page's texts: what ``archive.extraction.cohesion`` says.

A word is its hash here (FNV-1a of 64 bits), and has a number of its own on the page.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free

from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, add

from archive.extraction import cohesion
from archive.extraction.cohesion import telling
from archive.extraction.phrases import CALL_WORDS

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef enum:
    FIRST_SLOTS = 2048  # a power of two

cdef int MIN_WORD = cohesion.MIN_WORD
cdef uint64_t BASIS = 14695981039346656037u
cdef uint64_t PRIME = 1099511628211u


cdef inline bint is_unspaced(Py_UCS4 letter):
    return 0x0E00 <= letter <= 0x0EFF or 0x1000 <= letter <= 0x109F or 0x1780 <= letter <= 0x17FF


cdef inline uint64_t hashed(uint64_t so_far, uint64_t letter) noexcept:
    return (so_far ^ letter) * PRIME


cdef uint64_t hash_of(str word):
    cdef uint64_t found = BASIS
    cdef Py_UCS4 letter
    for letter in word:
        found = hashed(found, letter)
    return found


cdef set CALLS = {hash_of(word) for word in CALL_WORDS}


cdef class Words:
    """The telling words of a page, numbered as they come, and which of them each text has."""

    def __dealloc__(self):
        free(self.found.at)
        free(self.tokens.at)
        free(self.slots)

    cdef int tell(self, str text, int line) except -1:
        """Take the words of a line, each once."""
        cdef uint64_t found = BASIS, code
        cdef int length = 0
        cdef Py_UCS4 letter
        cdef bint is_ascii = text.isascii()
        if not is_ascii:
            for letter in text:
                if letter >= 0x0E00 and (is_cjk(letter) or is_unspaced(letter)):
                    for word in telling(text):
                        self.take(hash_of(word), line)
                    return 0
            text = text.casefold()
        for letter in text:
            code = letter
            if is_ascii and 65 <= code <= 90:
                code += 32
            if 97 <= code <= 122 or 48 <= code <= 57 or code == 95 or (code > 127 and letter.isalnum()):
                found = hashed(found, code)
                length += 1
            elif length:
                if length >= MIN_WORD:
                    self.take(found, line)
                found, length = BASIS, 0
        if length >= MIN_WORD:
            self.take(found, line)
        return 0

    cdef int take(self, uint64_t hash, int line) except -1:
        cdef int number = self.number(hash)
        if word_at(self, number).last != line:
            word_at(self, number).last = line
            add(&self.tokens, &number, sizeof(number))
            self.token_count += 1
        return 0

    cdef int number(self, uint64_t hash) except -1:
        """The word's number; a new word's is the next."""
        cdef int slot
        cdef Word new
        if 2 * self.count >= self.slot_count:
            self.spread(max(2 * self.slot_count, <int>FIRST_SLOTS))
        slot = self.slot_of(hash)
        if not self.slots[slot]:
            new.hash, new.last, new.index, new.calls = hash, -1, -1, hash in CALLS
            add(&self.found, &new, sizeof(new))
            self.count += 1
            self.slots[slot] = self.count
        return self.slots[slot] - 1

    cdef int slot_of(self, uint64_t hash) noexcept:
        cdef int slot = <int>(hash >> 32) & self.slot_count - 1
        while self.slots[slot] and word_at(self, self.slots[slot] - 1).hash != hash:
            slot = slot + 1 & self.slot_count - 1
        return slot

    cdef int spread(self, int slot_count) except -1:
        cdef int* slots = <int*>calloc(slot_count, sizeof(int))
        cdef int number
        if slots is NULL:
            raise MemoryError
        free(self.slots)
        self.slots, self.slot_count = slots, slot_count
        for number in range(self.count):
            slots[self.slot_of(word_at(self, number).hash)] = number + 1
        return 0
