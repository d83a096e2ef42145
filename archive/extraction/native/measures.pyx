# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, annotation_typing=False
"""The numbers of a page's lines over libxml2's own tree: what ``archive.extraction.features`` says."""

import numpy as np

from libc.math cimport log1p
from libc.stdlib cimport calloc, free
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport xmlNode

from archive.extraction.native.boxes cimport GROUPS, Box, Boxes, Kin
from archive.extraction.native.nodes cimport PALMYRA_BUILT_FROM, element_from, is_blank, name_of
from archive.extraction.native.words cimport Word, Words, is_cjk, token_at, word_at

from archive.extraction import boxes, cohesion, features
from archive.extraction.features import KINDS, NAMES, OTHER_STYLE, STYLES, Rows, packed

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef enum:
    LEVELS = 4

cdef int PROSE_LENGTH = features.PROSE_LENGTH
cdef int PROSE_LEVELS = features.PROSE_LEVELS
cdef int MIN_CLAIMED = features.MIN_CLAIMED
cdef int REACH = features.REACH
cdef int NEAR = features.NEAR
cdef int SPACELESS_WORD = features.SPACELESS_WORD
cdef double LINK_DENSITY = features.LINK_DENSITY
cdef int FURTHEST = features.FURTHEST
cdef int MAX_DISTANCE = features.MAX_DISTANCE
cdef int AND_MORE = features.AND_MORE
cdef int OPENING = cohesion.OPENING
cdef int COUNT = len(NAMES)
cdef str ENDS = "".join(features.ENDS)

if (boxes.LEVELS, PROSE_LEVELS) != (LEVELS, 3):
    raise ImportError("made for other levels")


cdef struct Facts:
    int length, size, linked, links, prose
    double density
    long long before  # prose
    int above, level  # of the heading
    bint is_claimed
    int since, until  # a claimed line
    int start, words  # of its words: the first of all that are told, and how many
    int beside  # the next line right inside the same box; -1


cdef class Measures:
    cdef readonly list lines
    cdef readonly Boxes boxes
    cdef readonly long long total_prose
    cdef Facts* facts
    cdef int* near
    cdef int count, near_count, heading_at
    cdef xmlNode* main_article
    cdef int edges[4]
    cdef Words words
    cdef int subject_count, opening_count

    def __cinit__(self, lines, clues):
        self.lines = list(lines)
        self.count = len(self.lines)
        self.heading_at = clues.heading_at
        self.facts = <Facts*>calloc(self.count + 1, sizeof(Facts))
        self.near = <int*>calloc(self.count + 1, sizeof(int))
        if self.facts is NULL or self.near is NULL:
            raise MemoryError
        self.measure_lines()
        self.find_near()
        self.make_boxes()
        self.measure_prose()
        self.measure_main()
        self.measure_claims(clues.body)
        self.measure_sequence()
        self.measure_subject(str(clues.title), str(clues.description))

    def __dealloc__(self):
        free(self.facts)
        free(self.near)

    @property
    def lengths(self):
        return [self.facts[i].length for i in range(self.count)]

    cdef int measure_lines(self) except -1:
        cdef Facts* fact
        cdef str text
        cdef Py_UCS4 letter
        cdef int i
        cdef long long total = 0
        for i in range(self.count):
            fact = &self.facts[i]
            line = self.lines[i]
            text = line.text
            fact.size = fact.length = len(text)
            if not text.isascii():
                for letter in text:
                    fact.length += 2 * is_cjk(letter)
            fact.linked, fact.links = line.linked, line.links
            fact.density = <double>fact.linked / fact.size if fact.linked else 0.0
            if i > self.heading_at and fact.length >= PROSE_LENGTH and fact.density < 0.5:
                fact.prose = fact.length
                total += fact.prose
        self.total_prose = max(total, 1)
        return 0

    cdef void find_near(self) noexcept:
        cdef int mark, i, stop = 0
        for mark in range(self.count):
            if self.facts[mark].prose:
                for i in range(max(stop, mark - REACH), min(mark + REACH + 1, self.count)):
                    self.near[self.near_count] = i
                    self.near_count += 1
                stop = min(mark + REACH + 1, self.count)

    cdef int make_boxes(self) except -1:
        cdef Facts* fact
        cdef cetree._Element element
        cdef int n
        self.boxes = Boxes()
        for n in range(self.near_count):
            fact, element = &self.facts[self.near[n]], self.lines[self.near[n]].element
            self.boxes.add(self.near[n], element._c_node, fact.size, fact.linked, fact.prose)
        self.boxes.sum_up()
        return 0

    cdef int measure_prose(self) except -1:
        """Prose under the nearest containers of each line."""
        cdef int n, level
        cdef Box box
        for n in range(self.near_count):
            box = self.boxes.parents[self.near[n]]
            for level in range(PROSE_LEVELS):
                if box is not None:
                    box.prose += self.facts[self.near[n]].prose
                    box = box.above
        return 0

    cdef int measure_main(self) except -1:
        """The container with the most prose right inside it, and where its lines begin and end."""
        cdef int n, i
        cdef Box parent, best = None
        cdef dict articles = {}
        self.edges[:] = [-1, -1, -1, -1]
        for n in range(self.near_count):
            i = self.near[n]
            if self.facts[i].prose:
                parent = self.boxes.parents[i]
                if parent.article is not NULL:
                    key = <size_t>parent.article
                    articles[key] = articles.get(key, 0) + self.facts[i].prose
                if best is None or parent.inside > best.inside:
                    best = parent
        self.main_article = <xmlNode*><size_t>max(articles, key=articles.__getitem__, default=0)
        for n in range(self.near_count):
            i = self.near[n]
            if best is None or self.boxes.parents[i] is not best:
                continue
            self.edges[2] = i if self.edges[2] < 0 else self.edges[2]
            self.edges[3] = i
            if self.facts[i].prose:
                self.edges[0] = i if self.edges[0] < 0 else self.edges[0]
                self.edges[1] = i
        return 0

    cdef int measure_claims(self, body) except -1:
        """Which lines stand in the page's own ``articleBody``."""
        cdef int i, last = -1
        cdef str whole = packed(body)
        for i in range(self.count):
            if whole:
                key = packed(self.lines[i].text)
                self.facts[i].is_claimed = len(key) >= MIN_CLAIMED and key in whole
            last = i if self.facts[i].is_claimed else last
            self.facts[i].since = MAX_DISTANCE if last < 0 else min(i - last, MAX_DISTANCE)
        last = -1
        for i in range(self.count - 1, -1, -1):
            last = i if self.facts[i].is_claimed else last
            self.facts[i].until = MAX_DISTANCE if last < 0 else min(last - i, MAX_DISTANCE)
        return 0

    cdef int measure_sequence(self) except -1:
        """The prose before each line, and the lines since the heading above it, with its level."""
        cdef int i, above = -1, level = -1
        cdef cetree._Element element
        for i in range(self.count):
            self.facts[i + 1].before = self.facts[i].before + self.facts[i].prose
            self.facts[i].above = min(i - above, FURTHEST) if above >= 0 else MAX_DISTANCE
            self.facts[i].level = level
            line = self.lines[i]
            if line.kind == "heading":
                element = line.element
                above, level = i, element._c_node.name[1] - 48
        return 0

    cdef int measure_subject(self, str title, str description) except -1:
        """The words of the lines near prose, and how much each box says of those that the page is on."""
        cdef int n, i, k, opened = 0
        cdef Words words = Words()
        cdef Box parent
        self.words = words
        words.tell(title, self.count)
        words.tell(description, self.count)
        for k in range(words.count):
            word_at(words, k).index = k
        self.subject_count = self.opening_count = words.count
        for n in range(self.near_count):
            i = self.near[n]
            self.facts[i].start = words.token_count
            words.tell(self.lines[i].text, i)
            self.facts[i].words = words.token_count - self.facts[i].start
            if self.facts[i].prose and opened < OPENING:
                opened += 1
                self.open_with(i)
        for k in range(words.count):
            word_at(words, k).last = -1
        for n in range(self.near_count - 1, -1, -1):
            parent = self.boxes.parents[self.near[n]]
            self.facts[self.near[n]].beside = parent.first
            parent.first = self.near[n]
        for n in range(self.near_count):
            parent = self.boxes.parents[self.near[n]]
            if parent.first == self.near[n]:
                self.weigh(parent)
        return 0

    cdef void open_with(self, int i) noexcept:
        """Count the line's words among those that open the text."""
        cdef int k
        for k in range(self.facts[i].start, self.facts[i].start + self.facts[i].words):
            if token_at(self.words, k).index < 0:
                token_at(self.words, k).index = self.opening_count
                self.opening_count += 1

    cdef void weigh(self, Box parent) noexcept:
        """How much of the words of the subject, and of the opening, is said right inside a box."""
        cdef int i = parent.first, k, of_subject = 0, of_opening = 0
        cdef Word* word
        while i >= 0:
            for k in range(self.facts[i].start, self.facts[i].start + self.facts[i].words):
                word = token_at(self.words, k)
                if word.index >= 0 and word.last != parent.first:
                    word.last = parent.first
                    of_opening += 1
                    of_subject += word.index < self.subject_count
            i = self.facts[i].beside
        parent.of_subject = <double>of_subject / max(self.subject_count, 1)
        parent.of_opening = <double>of_opening / max(self.opening_count, 1)

    def rows(self, wanted=()):
        cdef int k
        cdef float* first
        kept = [i for i in self.near[: self.near_count] if (wanted and wanted[i]) or not self.is_remote(i)]
        table = np.empty((len(kept), COUNT), np.float32)
        first = <float*><size_t>table.ctypes.data
        for k in range(len(kept)):
            self.fill(first + k * COUNT, kept[k])
        return Rows(kept, table.T)

    cdef bint is_remote(self, int i) except -1:
        cdef Box parent = self.boxes.parents[i], box = parent
        cdef int level
        for level in range(2):
            box = box if box.above is None else box.above
        if box.prose == 0:
            return True
        return self.facts[i].density >= LINK_DENSITY and 2 * parent.kin.linked > parent.kin.size

    cdef int fill(self, float* row, int i) except -1:
        """A line's numbers, in the order of ``NAMES``."""
        cdef Box parent = self.boxes.parents[i]
        cdef int at = 0
        at = self.fill_shape(row, i, at)
        at = self.fill_place(row, i, at)
        at = self.fill_box(row, self.boxes.of[i], at)
        self.fill_containers(row, parent, at)
        return 0

    cdef int fill_shape(self, float* row, int i, int at) except -1:
        cdef Facts* fact = &self.facts[i]
        cdef str text
        cdef Py_UCS4 letter
        cdef int n, spaces = 0, calls = 0, on_subject = 0, end = fact.size
        cdef cetree._Element element
        line = self.lines[i]
        text, element = line.text, line.element
        for letter in text:
            spaces += letter == 32
        for n in range(fact.start, fact.start + fact.words):
            calls += token_at(self.words, n).calls
            on_subject += 0 <= token_at(self.words, n).index < self.subject_count
        while end and text[end - 1] in " \u00a0":
            end -= 1
        row[at] = log1p(fact.length)
        row[at + 1] = max(spaces + 1, fact.length // SPACELESS_WORD)
        row[at + 2] = fact.density
        row[at + 3] = end > 0 and text[end - 1] in ENDS
        row[at + 4] = KINDS[line.kind]
        row[at + 5] = style(element._c_node)
        row[at + 6] = calls
        row[at + 7] = fact.links
        row[at + 8] = fact.is_claimed
        row[at + 9] = fact.since
        row[at + 10] = fact.until
        row[at + 11] = <double>on_subject / max(fact.words, 1)
        return at + 12

    cdef int fill_place(self, float* row, int i, int at) except -1:
        cdef Facts* fact = &self.facts[i]
        cdef int n, first = max(0, i - NEAR), stop = min(i + NEAR + 1, self.count), prose = 0
        for n in range(first, stop):
            prose += self.facts[n].prose > 0
        row[at] = min(i - self.heading_at, 200) if self.heading_at >= 0 else -1
        for n in range(4):
            row[at + 1 + n] = max(-FURTHEST, min(FURTHEST, i - self.edges[n]))
        row[at + 5] = log1p(self.facts[i + 1].length) if i + 1 < self.count else 0.0
        row[at + 6] = <double>prose / (stop - first)
        row[at + 7] = fact.above
        row[at + 8] = fact.level
        row[at + 9] = <double>fact.before / self.total_prose
        row[at + 10] = <double>(self.total_prose - self.facts[i + 1].before) / self.total_prose
        return at + 11

    cdef int fill_box(self, float* row, Box box, int at) except -1:
        cdef int n
        row[at] = box.holder
        row[at + 1] = box.depth
        row[at + 2] = <double>box.own.prose / self.total_prose
        row[at + 3] = share(box.own.linked, box.own.size)
        row[at + 4] = min(box.own.count, 99)
        row[at + 5] = <double>box.own.size / box.own.count
        box.level()
        for n in range(GROUPS):
            row[at + 6 + n] = box.levels[n]
        return at + 6 + GROUPS

    cdef int fill_containers(self, float* row, Box parent, int at) except -1:
        cdef Kin kin = parent.kin
        cdef Box box = parent
        cdef int n
        row[at] = min(parent.children, 60)
        row[at + 1] = parent.of_subject
        row[at + 2] = parent.of_opening
        row[at + 3] = -1 if self.main_article is NULL else parent.article is self.main_article
        at += 4
        for n in range(LEVELS):
            if n < PROSE_LEVELS:
                row[at + n] = 0.0 if box is None else <double>box.prose / self.total_prose
            row[at + PROSE_LEVELS + 2 * n] = 0.0 if box is None else share(box.linked, box.size)
            row[at + PROSE_LEVELS + 2 * n + 1] = 0 if box is None else min(box.count, 200)
            box = None if box is None else box.above
        at += PROSE_LEVELS + 2 * LEVELS
        row[at] = share(kin.linked, kin.size)
        row[at + 1] = min(kin.count, 99)
        row[at + 2] = min(kin.boxes, 50)
        row[at + 3] = <double>kin.size / kin.count
        return 0


cdef inline double share(long long part, long long whole) noexcept:
    return <double>part / (whole if whole else 1)


cdef int style(xmlNode* node) except -1:
    """What inline element a line begins with, and whether more follows it."""
    cdef xmlNode* first = element_from(node.children)
    if first is NULL or not is_blank(node.children):
        return 0
    more = element_from(first.next) is not NULL or not is_blank(first.next)
    return STYLES.get(name_of(first), OTHER_STYLE) + (AND_MORE if more else 0)
