from lxml.includes.tree cimport const_xmlChar, xmlNode

cdef enum:
    LINE = 1
    BLANK = 2
    ANCHOR = 3
    CELL = 4
    BREAK = 5
    SKIPPED = 6
    STATEFUL = 7

cdef enum:
    IS_LIST = 1
    IS_ITEM = 2
    IS_PREFORMATTED = 4
    IS_BLOCK = 8
    IS_BLOCK_OF_CELL = 16
    IS_BREAK = 32

cdef enum:
    SLOTS = 512

cdef struct Role:
    const_xmlChar* name
    int role
    int flags


cdef class Elements:
    cdef Role roles[SLOTS]
    cdef int known

    cdef Role role_of(self, xmlNode* node) except *
    cdef bint is_inline(self, xmlNode* top) except -1
    cdef bint is_data_cell(self, xmlNode* cell) except -1


cdef bint may_be_unshown(xmlNode* node) noexcept nogil
