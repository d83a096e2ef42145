# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""Elements by an attribute, over libxml2's own tree: what ``archive.extraction.attributes`` says."""

from libc.string cimport memset, strcmp
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlAttr, xmlNode

from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, begins_with, following

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()


cdef enum:
    MOST_NAMES = 16
    MOST_WORDS = 64

cdef struct Sought:
    const char* tag  # NULL for any
    const char* names[MOST_NAMES]
    int name_count
    const char* words[MOST_WORDS]
    int word_count
    bint begins[256]  # whether a word begins with it, in either case


def having(cetree._Element root not None, tuple names, tuple words, Py_ssize_t most, str tag):
    """The first so many elements that have one of the attributes, with one of the words in it where there are any."""
    cdef xmlNode* node = root._c_node
    cdef Sought sought
    cdef list kept = [name.encode() for name in names], asked = [word.encode() for word in words], found = []
    if len(kept) > MOST_NAMES or len(asked) > MOST_WORDS:
        raise ValueError("too many attributes or words")
    memset(&sought, 0, sizeof(sought))
    cdef bytes named = tag.encode()
    sought.tag = NULL if tag == "*" else <const char*>named
    for name in kept:
        sought.names[sought.name_count] = <bytes>name
        sought.name_count += 1
    for word in asked:
        sought.words[sought.word_count] = <bytes>word
        sought.word_count += 1
        sought.begins[<unsigned char>word[0]] = True
        sought.begins[<unsigned char>word.upper()[0]] = True
    while node is not NULL and len(found) < most:
        if node.type == XML_ELEMENT_NODE:
            if node.properties is not NULL and is_named(node, &sought) and has_one(node.properties, &sought):
                found.append(cetree.elementFactory(root._doc, node))
        node = following(node, root._c_node)
    return found


cdef inline bint is_named(xmlNode* node, const Sought* sought) noexcept nogil:
    return sought.tag is NULL or (node.ns is NULL and strcmp(<const char*>node.name, sought.tag) == 0)


cdef bint has_one(xmlAttr* attribute, const Sought* sought) noexcept nogil:
    cdef int n
    while attribute is not NULL:
        for n in range(sought.name_count):
            if attribute.ns is NULL and strcmp(<const char*>attribute.name, sought.names[n]) == 0:
                if not sought.word_count or has_word(attribute, sought):
                    return True
        attribute = attribute.next
    return False


cdef bint has_word(xmlAttr* attribute, const Sought* sought) noexcept nogil:
    cdef const char* at
    cdef int n
    if attribute.children is NULL or attribute.children.content is NULL:
        return False
    at = <const char*>attribute.children.content
    while at[0]:
        if sought.begins[<unsigned char>at[0]]:
            for n in range(sought.word_count):
                if begins_with(at, sought.words[n]):
                    return True
        at += 1
    return False

