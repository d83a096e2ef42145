# cython: language_level=3, boundscheck=False, wraparound=False, annotation_typing=False
"""Boosted decision trees, walked: what ``archive.extraction.forest`` says."""

import numpy as np

from libc.stdlib cimport free

from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, Bytes, add

from archive.extraction import forest

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef int STEP = forest.STEP
cdef double SETTLED = forest.SETTLED

cdef struct Node:
    int index  # of the number that is asked for; -1 at a leaf
    float threshold
    int below, above
    double weight


cdef class Forest:
    cdef Bytes nodes, roots
    cdef int count

    def __dealloc__(self):
        free(self.nodes.at)
        free(self.roots.at)

    @staticmethod
    def of(trees):
        cdef Forest made = Forest()
        cdef int root
        for tree in trees:
            root = made.grow(tree)
            add(&made.roots, &root, sizeof(root))
            made.count += 1
        return made

    cdef int grow(self, tree) except -1:
        """Add a tree's nodes, and return the first one's place."""
        cdef int place = self.nodes.size // sizeof(Node), below, above
        cdef Node node
        node.index, node.threshold, node.below, node.above, node.weight = -1, 0, 0, 0, 0
        if isinstance(tree, list):
            node.index, node.threshold = tree[0], tree[1]
        else:
            node.weight = tree
        add(&self.nodes, &node, sizeof(node))
        if node.index >= 0:
            below, above = self.grow(tree[2]), self.grow(tree[3])
            (<Node*>self.nodes.at)[place].below, (<Node*>self.nodes.at)[place].above = below, above
        return place

    def odds(self, numbers):
        """The log-odds of each column, by as many trees as settle it."""
        rows = np.ascontiguousarray(numbers.T, np.float32)
        cdef const float* first = <const float*><size_t>rows.ctypes.data
        cdef Py_ssize_t k, width = rows.shape[1]
        return [self.odds_of(first + k * width) for k in range(rows.shape[0])]

    cdef double odds_of(self, const float* row) noexcept:
        cdef const Node* nodes = <const Node*>self.nodes.at
        cdef const Node* node
        cdef int n
        cdef double odds = 0.0
        for n in range(self.count):
            if n and n % STEP == 0 and not -SETTLED <= odds <= SETTLED:
                break
            node = nodes + (<int*>self.roots.at)[n]
            while node.index >= 0:
                node = nodes + (node.above if row[node.index] > node.threshold else node.below)
            odds += node.weight
        return odds
