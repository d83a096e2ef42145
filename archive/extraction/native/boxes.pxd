from lxml.includes.tree cimport xmlNode

cdef enum:
    GROUPS = 11


cdef class Kin:
    cdef readonly long long size, linked, count, boxes
    cdef long long prose


cdef class Box:
    cdef readonly Kin own, kin
    cdef readonly tuple signature
    cdef readonly long long children
    cdef Box above
    cdef xmlNode* node
    cdef xmlNode* article  # the nearest, itself included; NULL
    cdef long long size, linked, count, prose, depth
    cdef long long inside  # prose of the lines right inside
    cdef int holder
    cdef int first  # of the lines right inside; -1
    cdef double of_subject, of_opening
    cdef bint is_levelled
    cdef unsigned char levels[GROUPS]

    cdef int level(self) except -1


cdef class Boxes:
    cdef readonly dict of, parents
    cdef dict known, owns, kins

    cdef int add(self, int line, xmlNode* node, int size, int linked, int prose) except -1
    cdef Box box_of(self, xmlNode* node)
    cdef int sum_up(self) except -1
