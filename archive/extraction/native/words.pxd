from libc.stdint cimport uint64_t

from archive.extraction.native.nodes cimport Bytes


cdef struct Word:
    uint64_t hash
    int last  # line or box that had it
    int index  # among the words of the opening, those of the subject first; -1
    bint calls


cdef class Words:
    cdef Bytes found, tokens  # of Word; of the words' numbers, text by text
    cdef int* slots  # a word's number and one, or 0
    cdef int slot_count, count, token_count

    cdef int tell(self, str text, int line) except -1
    cdef int take(self, uint64_t hash, int line) except -1
    cdef int number(self, uint64_t hash) except -1
    cdef int slot_of(self, uint64_t hash) noexcept
    cdef int spread(self, int slot_count) except -1


cdef inline Word* word_at(Words words, int number) noexcept:
    return <Word*>words.found.at + number


cdef inline Word* token_at(Words words, int n) noexcept:
    """The word that the n-th token of all texts is."""
    return word_at(words, (<int*>words.tokens.at)[n])


cdef inline bint is_cjk(Py_UCS4 letter):
    return 0x3040 <= letter <= 0x30FF or 0x3400 <= letter <= 0x9FFF or 0xAC00 <= letter <= 0xD7AF
