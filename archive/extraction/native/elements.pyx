# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""What the layout asks of elements: what there is to do about them, and what they hold."""

from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlAttr, xmlNode

from archive.extraction.native.nodes cimport (
    PALMYRA_BUILT_FROM,
    attribute,
    begins_with,
    element_from,
    following,
    is_blank,
    name_of,
)

from archive.extraction.roles import LISTS, PREFORMATTED, ROLES
from archive.extraction.tags import BLOCKS, CELLS, SPACED

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()


cdef bint may_be_unshown(xmlNode* node) noexcept nogil:
    """Whether ``is_unshown`` need be asked: a style sheet hides nothing without one of two words."""
    cdef xmlAttr* style = attribute(node, "style")
    cdef const char* at
    if attribute(node, "hidden") is not NULL:
        return True
    if style is NULL or style.children is NULL or style.children.content is NULL:
        return False
    at = <const char*>style.children.content
    while at[0]:
        if at[0] in b"nNhH" and (begins_with(at, "none") or begins_with(at, "hidden")):
            return True
        at += 1
    return False


cdef class Elements:
    """``roles`` has those of the names that came, by their addresses."""

    cdef Role role_of(self, xmlNode* node) except *:
        """What there is to do about an element. libxml2 keeps each name once, so that its address tells it."""
        cdef size_t slot = (<size_t>node.name >> 3) % SLOTS
        cdef Role found
        while self.roles[slot].name is not NULL:
            if self.roles[slot].name is node.name and node.ns is NULL:
                return self.roles[slot]
            slot = (slot + 1) % SLOTS
        name = name_of(node)
        found.name = node.name
        found.role = ROLES.get(name, 0)
        found.flags = (
            (IS_LIST if name in LISTS else 0)
            | (IS_ITEM if name == "li" else 0)
            | (IS_PREFORMATTED if name in PREFORMATTED else 0)
            | (IS_BLOCK if name in BLOCKS else 0)
            | (IS_BLOCK_OF_CELL if name in SPACED or name in CELLS else 0)
            | (IS_BREAK if name == "br" else 0)
        )
        if node.ns is NULL and self.known < SLOTS // 2:
            self.known += 1
            self.roles[slot] = found
        return found

    cdef bint is_inline(self, xmlNode* top) except -1:
        """Whether an element is part of a line: no block, and without one."""
        cdef xmlNode* node = top
        while node is not NULL:
            if node.type == XML_ELEMENT_NODE and self.role_of(node).flags & IS_BLOCK:
                return False
            node = following(node, top)
        return True

    cdef bint is_data_cell(self, xmlNode* cell) except -1:
        """Whether a cell holds a value: no blocks that stack, and no two breaks on end."""
        cdef xmlNode* node = following(cell, cell)
        cdef xmlNode* after
        cdef int blocks = 0, flags
        cdef bint has_blank_line = False
        while node is not NULL:
            if node.type == XML_ELEMENT_NODE:
                flags = self.role_of(node).flags
                blocks += flags & IS_BLOCK_OF_CELL != 0
                if blocks > 1:
                    return False
                if flags & IS_BREAK and not has_blank_line:
                    after = element_from(node.next)
                    has_blank_line = (
                        after is not NULL and self.role_of(after).flags & IS_BREAK and is_blank(node.next)
                    )
            node = following(node, cell)
        return not has_blank_line
