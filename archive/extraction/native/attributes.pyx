# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""Elements by an attribute, over libxml2's own tree: what ``archive.extraction.attributes`` says."""

from libc.string cimport strstr
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlAttr, xmlNode

from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, attribute

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()


def having(cetree._Element root not None, str name, tuple words, Py_ssize_t most):
    """The first so many elements that have the attribute, with one of the words in it where there are any."""
    cdef xmlNode* node = root._c_node
    cdef xmlAttr* stated
    cdef bytes named = name.encode()
    cdef const char* wanted = named
    cdef list asked = [word.encode() for word in words], found = []
    while len(found) < most:
        if node.type == XML_ELEMENT_NODE:
            stated = attribute(node, wanted)
            if stated is not NULL and (not asked or has_word(stated, asked)):
                found.append(cetree.elementFactory(root._doc, node))
            if node.children is not NULL:
                node = node.children
                continue
        while node is not root._c_node and node.next is NULL:
            node = node.parent
        if node is root._c_node:
            break
        node = node.next
    return found


cdef bint has_word(xmlAttr* stated, list words) except -1:
    cdef const char* value
    if stated.children is NULL or stated.children.content is NULL:
        return False
    value = <const char*>stated.children.content
    for word in words:
        if strstr(value, <bytes>word) is not NULL:
            return True
    return False
