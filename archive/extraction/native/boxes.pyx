# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""The elements around a page's lines: what ``archive.extraction.boxes`` says."""

from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlNode

from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, name_of, value_of

from archive.extraction import boxes
from archive.extraction.boxes import ELEMENT_BIT, bits_of_names
from archive.extraction.features import HOLDERS

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef int FAR = boxes.FAR
cdef int MAX_NAMES = boxes.MAX_NAMES

if len(boxes.GROUPS) != GROUPS:
    raise ImportError("made for other groups")


cdef class Kin:
    pass


cdef class Box:
    cdef int level(self) except -1:
        """Find the levels up to the nearest container of each group, for the box and those above it."""
        cdef list todo = []
        cdef Box outer = self, box
        cdef int n, bits
        while outer is not None and not outer.is_levelled:
            todo.append(outer)
            outer = outer.above
        for box in reversed(todo):
            bits = 0
            if box.depth > 1:
                names = f"{box.signature[1]} {value_of(box.node, 'id')} {value_of(box.node, 'itemprop')}"
                bits = bits_of_names(names[:MAX_NAMES]) | ELEMENT_BIT.get(box.signature[0], 0)
            for n in range(GROUPS):
                box.levels[n] = 0 if bits >> n & 1 else min((FAR if outer is None else outer.levels[n]) + 1, FAR)
            box.is_levelled = True
            outer = box
        return 0


cdef class Boxes:
    """``of`` and ``parents`` have a line's own box and the one above it; ``known`` all, by their nodes' addresses."""

    def __cinit__(self):
        self.of, self.parents, self.known, self.owns, self.kins = {}, {}, {}, {}, {}

    cdef int add(self, int line, xmlNode* node, int size, int linked, int prose) except -1:
        cdef Box box = self.box_of(node)
        cdef Box parent = box if box.above is None else box.above
        cdef Kin own = box.own, kin = parent.kin
        self.of[line], self.parents[line] = box, parent
        own.size += size
        own.linked += linked
        own.count += 1
        own.prose += prose
        kin.size += size
        kin.linked += linked
        kin.count += 1
        kin.boxes += not parent.children
        parent.children += 1
        parent.size += size
        parent.linked += linked
        parent.count += 1
        parent.inside += prose
        return 0

    cdef Box box_of(self, xmlNode* node):
        """The box of an element, made after those of the elements around it."""
        cdef Box box, above = None
        cdef list todo = []
        while node is not NULL and node.type == XML_ELEMENT_NODE:
            above = self.known.get(<size_t>node)
            if above is not None:
                break
            todo.append(<size_t>node)
            node = node.parent
        for key in reversed(todo):
            box = Box()
            box.node, box.above, box.first = <xmlNode*><size_t>key, above, -1
            name = name_of(box.node)
            box.signature = (name, value_of(box.node, "class"))
            box.own = kin_of(self.owns, box.signature)
            box.kin = kin_of(self.kins, (box.signature, (box if above is None else above).signature))
            box.holder = HOLDERS.get(name, -1)
            if above is not None:
                box.depth, box.article = above.depth + 1, above.article
            if name == "article":
                box.article = box.node
            self.known[key] = above = box
        return above

    cdef int sum_up(self) except -1:
        cdef Box box
        for box in reversed(self.known.values()):  # what is inside before what is around it
            if box.above is not None:
                box.above.size += box.size
                box.above.linked += box.linked
                box.above.count += box.count
        return 0


cdef Kin kin_of(dict known, tuple signatures):
    cdef Kin found = known.get(signatures)
    if found is None:
        found = known[signatures] = Kin()
    return found
