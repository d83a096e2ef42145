# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""The layout over libxml2's own tree: what ``archive.extraction.layout`` says, without an object an element."""

import re

from libc.stdlib cimport free
from libc.string cimport memcpy, strlen
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlNode

from archive.extraction.native.elements cimport (
    ANCHOR,
    BLANK,
    BREAK,
    CELL,
    IS_ITEM,
    IS_LIST,
    IS_PREFORMATTED,
    LINE,
    SKIPPED,
    STATEFUL,
    Elements,
    Role,
    may_be_unshown,
)
from archive.extraction.native.nodes cimport (
    PALMYRA_BUILT_FROM,
    Bytes,
    add,
    attribute,
    decoded,
    is_space,
    is_text,
    is_white,
    reserve,
)

from archive.extraction.display import is_unshown
from archive.extraction.lines import C1, SHOWN, Line
from archive.extraction.numbering import number_in
from archive.extraction.roles import KINDS

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef struct Numbering:
    long long number
    int step
    bint numbered
    bint within

cdef object _ROWS = re.compile(r"\r\n?|\n")
cdef list _C1 = [C1[0x80 + low].encode() for low in range(32)]


def lines_of(cetree._Element root not None):
    """The lines of ``root`` in reading order."""
    return Layout().run(root)


cdef class Layout:
    cdef cetree._Document document
    cdef xmlNode* root
    cdef list lines
    cdef Bytes text, shown, holders, lists
    cdef int gap, depth, cells, preformatted, anchors, links
    cdef size_t linked
    cdef bint marked, numbered
    cdef long long number
    cdef xmlNode* unshown
    cdef Elements elements

    def __dealloc__(self):
        free(self.text.at)
        free(self.shown.at)
        free(self.holders.at)
        free(self.lists.at)

    cdef list run(self, cetree._Element root):
        cdef xmlNode* node = root._c_node
        cdef xmlNode* last
        cdef bint inside
        self.document, self.root, self.lines, self.elements = root._doc, node, [], Elements()
        self.hold(node)
        inside = self.enter(node)
        while True:
            if inside and node.children is not NULL:
                node = node.children
            else:
                while node is not self.root and node.next is NULL:
                    node = node.parent
                    if node is not self.root:
                        self.leave(node)
                if node is self.root:
                    break
                node = node.next
            inside = False
            if node.type == XML_ELEMENT_NODE:
                inside = self.enter(node) and node.children is not NULL
                if not inside:
                    self.leave(node)
            elif is_text(node):
                last = node
                while last.next is not NULL and is_text(last.next):
                    last = last.next
                self.take(node, last)
                node = last
        self.flush()
        return self.lines

    cdef object element(self, xmlNode* node):
        return cetree.elementFactory(self.document, node)

    cdef int hold(self, xmlNode* node) except -1:
        return add(&self.holders, &node, sizeof(node))

    cdef void release(self) noexcept:
        self.holders.size -= sizeof(xmlNode*)

    cdef Numbering* innermost(self) noexcept:
        return <Numbering*>(self.lists.at + self.lists.size - sizeof(Numbering))

    cdef bint enter(self, xmlNode* node) except -1:
        """Begin an element; whether what is inside it shows."""
        cdef Role role = self.elements.role_of(node)
        if role.role == SKIPPED:
            return False
        if node.properties is not NULL and self.is_unshown(node):
            if self.elements.is_inline(node):
                self.anchors += role.role == ANCHOR  # taken off where it ends
                return False
            if self.unshown is NULL:
                self.flush()
                self.unshown = node
        if role.role == 0:
            pass
        elif role.role <= BLANK:
            self.end_line(role.role)
            self.hold(node)
        elif role.role == ANCHOR:
            self.anchors += 1
            self.links += 1
        elif role.role == CELL:
            self.open_cell(node)
        elif role.role == BREAK:
            self.line_break()
        else:
            self.end_line(role.role - STATEFUL)
            self.hold(node)
            self.open_block(node, role.flags)
        return True

    cdef int leave(self, xmlNode* node) except -1:
        cdef Role role = self.elements.role_of(node)
        if role.role == 0:
            pass
        elif role.role <= BLANK:
            self.end_line(role.role)
            self.release()
        elif role.role == ANCHOR:
            self.anchors -= 1
        elif role.role == CELL:
            self.close_cell()
        elif role.role > STATEFUL:
            self.close_block(role.flags)
            self.end_line(role.role - STATEFUL)
            self.release()
        if node is self.unshown:
            self.flush()
            self.unshown = NULL
        return 0

    cdef bint is_unshown(self, xmlNode* node) except -1:
        return may_be_unshown(node) and is_unshown(self.element(node))

    cdef int take(self, xmlNode* node, xmlNode* last) except -1:
        """Add the text of some neighbours to the line; white space begins one in preformatted text alone."""
        cdef size_t start = self.text.size, i
        cdef bint is_shown = start > 0 or self.preformatted > 0
        while True:
            if node.content is not NULL:
                add(&self.text, node.content, strlen(<const char*>node.content))
            if node is last:
                break
            node = node.next
        i = start
        while not is_shown and i < self.text.size:
            is_shown = not is_white(<unsigned char>self.text.at[i])
            i += 1
        if not is_shown:
            self.text.size = start
        elif self.anchors:
            self.linked += self.stripped_length(start)
        return 0

    cdef size_t stripped_length(self, size_t start) except? 0:
        """Characters of the text from byte ``start`` on, without white space around them."""
        cdef size_t end = self.text.size, i
        for i in range(start, end):
            if <unsigned char>self.text.at[i] >= 0x80:
                return len(decoded(self.text.at + start, end - start).strip())
        while start < end and is_space(<unsigned char>self.text.at[start]):
            start += 1
        while start < end and is_space(<unsigned char>self.text.at[end - 1]):
            end -= 1
        return end - start

    cdef int open_block(self, xmlNode* node, int flags) except -1:
        cdef Numbering opened
        if flags & IS_LIST:
            element = self.element(node)
            is_reversed = element.get("reversed") is not None
            first = sum(1 for _ in element.iterchildren("li")) if is_reversed else 1
            opened.number = number_in(element.get("start"), first)
            opened.step = -1 if is_reversed else 1
            opened.numbered = element.tag == "ol"
            opened.within = False
            add(&self.lists, &opened, sizeof(opened))
            self.depth += 1
        elif flags & IS_ITEM:
            self.marked, self.numbered = True, False
            if self.depth:
                self.innermost().within = True
                self.number_item(node)
        elif flags & IS_PREFORMATTED:
            self.preformatted += 1
        return 0

    cdef int number_item(self, xmlNode* item) except -1:
        cdef Numbering* count = self.innermost()
        if item.properties is not NULL:
            if self.is_unshown(item):
                return 0
            if attribute(item, "value") is not NULL:
                count.number = number_in(self.element(item).get("value"), count.number)
        self.number, self.numbered = count.number, count.numbered
        count.number += count.step
        return 0

    cdef int close_block(self, int flags) except -1:
        if not self.cells:
            self.flush()
        if flags & IS_LIST:
            self.lists.size -= sizeof(Numbering)
            self.depth -= 1
        elif flags & IS_ITEM:
            self.marked = False
            if self.depth:
                self.innermost().within = False
        elif flags & IS_PREFORMATTED:
            self.preformatted -= 1
        return 0

    cdef int open_cell(self, xmlNode* node) except -1:
        if self.cells or self.elements.is_data_cell(node):
            self.cells += 1
            return add(&self.text, " ", 1)
        self.end_line(LINE)
        return self.hold(node)

    cdef int close_cell(self) except -1:
        if self.cells:
            self.cells -= 1
            return add(&self.text, " ", 1)
        self.end_line(LINE)
        self.release()
        return 0

    cdef int end_line(self, int gap) except -1:
        """The boundary of a block: inside a data cell a space, inside a list item a line end."""
        if self.cells:
            return add(&self.text, " ", 1)
        if self.text.size:
            self.flush()
        if self.gap < gap:
            self.gap = LINE if self.depth else gap
        return 0

    cdef int line_break(self) except -1:
        if self.cells:
            return add(&self.text, " ", 1)
        if self.flush():
            self.gap = max(self.gap, <int>LINE)
        else:
            self.gap = LINE if self.depth else BLANK
        return 0

    cdef bint flush(self) except -1:
        """Make lines of the text so far; False where it shows nothing."""
        cdef bint shown
        if not self.text.size:
            return False
        shown = self.preformatted_lines() if self.preformatted else self.line()
        self.text.size = self.linked = self.links = 0
        return shown

    cdef bint line(self) except -1:
        """A line of the text with its white space collapsed, and C1 controls as browsers show them."""
        cdef size_t i = 0, end = self.text.size, kept = 0, size
        cdef const unsigned char* at = <const unsigned char*>self.text.at
        cdef char* to
        cdef bint is_apart = False
        cdef bytes repaired
        reserve(&self.shown, 2 * end)  # two bytes of a control become three at most
        to = self.shown.at
        while i < end:
            if is_white(at[i]):
                is_apart = kept > 0
                i += 1
                continue
            repaired, size = None, 1
            if at[i] == 0xC2 and i + 1 < end and at[i + 1] < 0xA0:
                repaired = _C1[at[i + 1] - 0x80]
                size = len(repaired)
                i += 1
                if not size:
                    i += 1
                    continue
            if is_apart:
                to[kept] = 32
                kept += 1
                is_apart = False
            if repaired is None:
                to[kept] = at[i]
            else:
                memcpy(to + kept, <const char*>repaired, size)
            kept += size
            i += 1
        if not kept:
            return False
        text = decoded(to, kept)
        # nearly all begin with a visible character of ASCII: the expression need not be asked
        if not 33 <= to[0] <= 126 and SHOWN.search(text) is None:
            return False
        self.append(text)
        return True

    cdef bint preformatted_lines(self) except -1:
        cdef Py_ssize_t before = len(self.lines)
        text = decoded(self.text.at, self.text.size)
        for row in _ROWS.split(text if text.isascii() else text.translate(C1)):
            if SHOWN.search(row):
                self.append(row.rstrip(" \t\f"))
                self.gap = LINE
            elif len(self.lines) > before:
                self.gap = BLANK
        return len(self.lines) > before

    cdef int append(self, str text) except -1:
        cdef xmlNode** holders = <xmlNode**>self.holders.at
        cdef bint continued = self.depth > 0 and self.innermost().within and not self.marked
        holder = self.element(holders[self.holders.size // sizeof(xmlNode*) - 1])
        self.lines.append(
            Line(
                text,
                self.gap,
                holder,
                "list" if self.depth else KINDS.get(holder.tag, "lines"),
                2 * (self.depth if continued else max(self.depth - 1, 0)),
                "" if not self.marked else f"{self.number}. " if self.numbered else "- ",
                min(self.linked, <size_t>len(text)),
                self.links,
                self.unshown is not NULL,
            )
        )
        self.gap = 0
        self.marked = False
        return 0
