"""What the parts in C read of libxml2's tree, and how they keep bytes."""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdlib cimport realloc
from libc.string cimport memcpy, strcmp, strlen
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_CDATA_SECTION_NODE, XML_ELEMENT_NODE, XML_TEXT_NODE, xmlAttr, xmlNode


cdef extern from *:
    """
    #ifndef PALMYRA_BUILT_FROM
    #define PALMYRA_BUILT_FROM ""
    #endif
    """
    const char* PALMYRA_BUILT_FROM


cdef struct Bytes:
    char* at
    size_t size
    size_t room


cdef inline int reserve(Bytes* of, size_t room) except -1:
    cdef char* moved
    if of.room < room:
        moved = <char*>realloc(of.at, room)
        if moved is NULL:
            raise MemoryError
        of.at, of.room = moved, room
    return 0


cdef inline int add(Bytes* to, const void* data, size_t size) except -1:
    if to.size + size > to.room:
        reserve(to, 2 * (to.size + size) + 64)
    memcpy(to.at + to.size, data, size)
    to.size += size
    return 0


cdef inline bint is_white(unsigned char c) noexcept nogil:
    """White space of HTML: it collapses."""
    return c == 32 or c == 9 or c == 10 or c == 12 or c == 13


cdef inline bint is_space(unsigned char c) noexcept nogil:
    """What ``str.strip`` takes off, of ASCII."""
    return c == 32 or 9 <= c <= 13 or 28 <= c <= 31


cdef inline bint begins_with(const char* text, const char* word) noexcept nogil:
    """Whether a text begins with a word that is in lower case."""
    cdef size_t n = 0
    while word[n] and (text[n] + 32 if 65 <= text[n] <= 90 else text[n]) == word[n]:
        n += 1
    return word[n] == 0


cdef inline bint is_text(xmlNode* node) noexcept nogil:
    return node.type == XML_TEXT_NODE or node.type == XML_CDATA_SECTION_NODE


cdef inline xmlNode* following(xmlNode* node, const xmlNode* top) noexcept nogil:
    """The next node inside ``top`` in the page's order; NULL after the last."""
    if node.type == XML_ELEMENT_NODE and node.children is not NULL:
        return node.children
    while node is not top and node.next is NULL:
        node = node.parent
    return NULL if node is top else node.next


cdef inline xmlNode* element_from(xmlNode* node) noexcept nogil:
    """The node, or the first element after it."""
    while node is not NULL and node.type != XML_ELEMENT_NODE:
        node = node.next
    return node


cdef inline str decoded(const void* at, size_t size):
    return PyUnicode_DecodeUTF8(<const char*>at, size, "replace")


cdef inline str name_of(xmlNode* node):
    """The element's name as lxml has it, with its namespace."""
    name = decoded(node.name, strlen(<const char*>node.name))
    if node.ns is NULL or node.ns.href is NULL:
        return name
    return f"{{{decoded(node.ns.href, strlen(<const char*>node.ns.href))}}}{name}"


cdef inline xmlAttr* attribute(xmlNode* node, const char* name) noexcept nogil:
    cdef xmlAttr* found = node.properties
    while found is not NULL:
        if found.ns is NULL and strcmp(<const char*>found.name, name) == 0:
            return found
        found = found.next
    return NULL


cdef inline str value_of(xmlNode* node, const char* name):
    """The attribute's value; an empty one where there is none."""
    cdef xmlAttr* found = attribute(node, name)
    if found is NULL or found.children is NULL:
        return ""
    if found.children.next is NULL and found.children.content is not NULL:
        return decoded(found.children.content, strlen(<const char*>found.children.content))
    return cetree.attributeValue(node, found)


cdef inline bint is_blank(xmlNode* node) except -1:
    """Whether the texts from ``node`` to the next element are white space."""
    cdef const unsigned char* at
    while node is not NULL and node.type != XML_ELEMENT_NODE:
        at = node.content
        if is_text(node) and at is not NULL:
            while at[0] and is_space(at[0]):
                at += 1
            if at[0] and (at[0] < 0x80 or decoded(at, strlen(<const char*>at)).strip()):
                return False
        node = node.next
    return True
