# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, annotation_typing=False
"""The numbers of a page's lines over libxml2's own tree: what ``archive.extraction.boxes``, ``cohesion`` and ``features`` say.

A word is its hash here (FNV-1a of 64 bits), and has a number of its own on the page.
"""

import numpy as np

from libc.math cimport log1p
from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free
from lxml.includes cimport etreepublic as cetree
from lxml.includes.tree cimport XML_ELEMENT_NODE, xmlNode

from archive.extraction.native.nodes cimport (
    PALMYRA_BUILT_FROM,
    Bytes,
    add,
    element_from,
    is_blank,
    name_of,
    value_of,
)

from archive.extraction import boxes, cohesion, features
from archive.extraction.boxes import ELEMENT_BIT, bits_of_names
from archive.extraction.cohesion import telling
from archive.extraction.features import HOLDERS, KINDS, NAMES, OTHER_STYLE, STYLES, Rows, packed
from archive.extraction.phrases import CALL_WORDS

cetree.import_lxml__etree()

BUILT_FROM = PALMYRA_BUILT_FROM.decode()

cdef enum:
    GROUPS = 11
    LEVELS = 4
    FIRST_SLOTS = 2048  # a power of two

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
cdef int FAR = boxes.FAR
cdef int MAX_NAMES = boxes.MAX_NAMES
cdef int MIN_WORD = cohesion.MIN_WORD
cdef int OPENING = cohesion.OPENING
cdef str ENDS = "".join(features.ENDS)
cdef uint64_t BASIS = 14695981039346656037u
cdef uint64_t PRIME = 1099511628211u

if (len(boxes.GROUPS), boxes.LEVELS, PROSE_LEVELS) != (GROUPS, LEVELS, 3):
    raise ImportError("made for other groups or levels")


cdef class Kin:
    cdef readonly long long size, linked, count, boxes
    cdef long long prose


cdef class Box:
    cdef readonly Kin own, kin
    cdef readonly tuple signature
    cdef readonly long long children
    cdef Box above, article
    cdef xmlNode* node
    cdef long long size, linked, count, prose, depth
    cdef long long inside  # prose of the lines right inside
    cdef int holder
    cdef int first  # of the lines right inside; -1
    cdef double of_subject, of_opening
    cdef bint is_levelled
    cdef unsigned char levels[GROUPS]


cdef class Boxes:
    cdef readonly dict of, parents


cdef struct Facts:
    int length, size, linked, links, prose
    double density
    long long before  # prose
    int above, level  # of the heading
    bint is_claimed
    int since, until  # a claimed line
    int start, words  # of its words: the first of all that are told, and how many
    int beside  # the next line right inside the same box; -1


cdef struct Word:
    uint64_t hash
    int last  # line or box that had it
    int index  # among the words of the opening, those of the subject first; -1
    bint calls


cdef inline bint is_cjk(Py_UCS4 letter):
    return 0x3040 <= letter <= 0x30FF or 0x3400 <= letter <= 0x9FFF or 0xAC00 <= letter <= 0xD7AF


cdef inline bint is_unspaced(Py_UCS4 letter):
    return 0x0E00 <= letter <= 0x0EFF or 0x1000 <= letter <= 0x109F or 0x1780 <= letter <= 0x17FF


cdef inline uint64_t hashed(uint64_t so_far, uint64_t letter) noexcept:
    return (so_far ^ letter) * PRIME


cdef uint64_t hash_of(str word):
    cdef uint64_t found = BASIS
    cdef Py_UCS4 letter
    for letter in word:
        found = hashed(found, letter)
    return found


cdef set CALLS = {hash_of(word) for word in CALL_WORDS}


cdef class Words:
    """The telling words of a page, numbered as they come, and which of them each text has."""

    cdef Bytes found, tokens  # of Word; of the words' numbers, text by text
    cdef int* slots  # a word's number and one, or 0
    cdef int slot_count, count, token_count

    def __dealloc__(self):
        free(self.found.at)
        free(self.tokens.at)
        free(self.slots)

    cdef inline Word* at(self, int number) noexcept:
        return <Word*>self.found.at + number

    cdef inline Word* token(self, int n) noexcept:
        return self.at((<int*>self.tokens.at)[n])

    cdef int tell(self, str text, int line) except -1:
        """Take the words of a line, each once."""
        cdef uint64_t found = BASIS, code
        cdef int length = 0
        cdef Py_UCS4 letter
        cdef bint is_ascii = text.isascii()
        if not is_ascii:
            for letter in text:
                if letter >= 0x0E00 and (is_cjk(letter) or is_unspaced(letter)):
                    for word in telling(text):
                        self.take(hash_of(word), line)
                    return 0
            text = text.casefold()
        for letter in text:
            code = letter
            if is_ascii and 65 <= code <= 90:
                code += 32
            if 97 <= code <= 122 or 48 <= code <= 57 or code == 95 or (code > 127 and letter.isalnum()):
                found = hashed(found, code)
                length += 1
            elif length:
                if length >= MIN_WORD:
                    self.take(found, line)
                found, length = BASIS, 0
        if length >= MIN_WORD:
            self.take(found, line)
        return 0

    cdef int take(self, uint64_t hash, int line) except -1:
        cdef int number = self.number(hash)
        if self.at(number).last != line:
            self.at(number).last = line
            add(&self.tokens, &number, sizeof(number))
            self.token_count += 1
        return 0

    cdef int number(self, uint64_t hash) except -1:
        """The word's number; a new word's is the next."""
        cdef int slot
        cdef Word new
        if 2 * self.count >= self.slot_count:
            self.spread(max(2 * self.slot_count, <int>FIRST_SLOTS))
        slot = self.slot_of(hash)
        if not self.slots[slot]:
            new.hash, new.last, new.index, new.calls = hash, -1, -1, hash in CALLS
            add(&self.found, &new, sizeof(new))
            self.count += 1
            self.slots[slot] = self.count
        return self.slots[slot] - 1

    cdef int slot_of(self, uint64_t hash) noexcept:
        cdef int slot = <int>(hash >> 32) & self.slot_count - 1
        while self.slots[slot] and self.at(self.slots[slot] - 1).hash != hash:
            slot = slot + 1 & self.slot_count - 1
        return slot

    cdef int spread(self, int slot_count) except -1:
        cdef int* slots = <int*>calloc(slot_count, sizeof(int))
        cdef int number
        if slots is NULL:
            raise MemoryError
        free(self.slots)
        self.slots, self.slot_count = slots, slot_count
        for number in range(self.count):
            slots[self.slot_of(self.at(number).hash)] = number + 1
        return 0


cdef class Measures:
    cdef readonly list lines
    cdef readonly Boxes boxes
    cdef readonly long long total_prose
    cdef Facts* facts
    cdef int* near
    cdef int count, near_count, heading_at
    cdef list known
    cdef Box main_article
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
        cdef dict nodes = {}, owns = {}, kins = {}
        cdef int n, i
        cdef Box box, parent
        cdef cetree._Element element
        self.known, self.boxes = [], Boxes()
        self.boxes.of, self.boxes.parents = {}, {}
        for n in range(self.near_count):
            i = self.near[n]
            element = self.lines[i].element
            box = self.box_of(element._c_node, nodes, owns, kins)
            parent = box if box.above is None else box.above
            self.boxes.of[i], self.boxes.parents[i] = box, parent
            self.add_line(&self.facts[i], box, parent)
        for box in reversed(self.known):  # what is inside before what is around it
            parent = box.above
            if parent is not None:
                parent.size += box.size
                parent.linked += box.linked
                parent.count += box.count
        return 0

    cdef Box box_of(self, xmlNode* node, dict nodes, dict owns, dict kins):
        """The box of an element, made after those of the elements around it."""
        cdef Box box, above = None
        cdef list todo = []
        while node is not NULL and node.type == XML_ELEMENT_NODE:
            above = nodes.get(<size_t>node)
            if above is not None:
                break
            todo.append(<size_t>node)
            node = node.parent
        for key in reversed(todo):
            box = Box()
            box.node, box.above, box.first = <xmlNode*><size_t>key, above, -1
            name = name_of(box.node)
            box.signature = (name, value_of(box.node, "class"))
            box.own = kin_of(owns, box.signature)
            box.kin = kin_of(kins, (box.signature, (box if above is None else above).signature))
            box.holder = HOLDERS.get(name, -1)
            if above is not None:
                box.depth, box.article = above.depth + 1, above.article
            if name == "article":
                box.article = box
            nodes[key] = above = box
            self.known.append(box)
        return above

    cdef void add_line(self, Facts* fact, Box box, Box parent) noexcept:
        cdef Kin own = box.own, kin = parent.kin
        own.size += fact.size
        own.linked += fact.linked
        own.count += 1
        own.prose += fact.prose
        kin.size += fact.size
        kin.linked += fact.linked
        kin.count += 1
        kin.boxes += not parent.children
        parent.children += 1
        parent.size += fact.size
        parent.linked += fact.linked
        parent.count += 1
        parent.inside += fact.prose

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
                if parent.article is not None:
                    articles[parent.article] = articles.get(parent.article, 0) + self.facts[i].prose
                if best is None or parent.inside > best.inside:
                    best = parent
        self.main_article = max(articles, key=articles.__getitem__, default=None)
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
            words.at(k).index = k
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
            words.at(k).last = -1
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
            if self.words.token(k).index < 0:
                self.words.token(k).index = self.opening_count
                self.opening_count += 1

    cdef void weigh(self, Box parent) noexcept:
        """How much of the words of the subject, and of the opening, is said right inside a box."""
        cdef int i = parent.first, k, of_subject = 0, of_opening = 0
        cdef Word* word
        while i >= 0:
            for k in range(self.facts[i].start, self.facts[i].start + self.facts[i].words):
                word = self.words.token(k)
                if word.index >= 0 and word.last != parent.first:
                    word.last = parent.first
                    of_opening += 1
                    of_subject += word.index < self.subject_count
            i = self.facts[i].beside
        parent.of_subject = <double>of_subject / max(self.subject_count, 1)
        parent.of_opening = <double>of_opening / max(self.opening_count, 1)

    def rows(self, wanted=()):
        cdef int i, k
        cdef float[:, ::1] table
        kept = [i for i in self.near[: self.near_count] if (wanted and wanted[i]) or not self.is_remote(i)]
        table = numbers = np.empty((len(NAMES), len(kept)), np.float32)
        for k in range(len(kept)):
            self.fill(table, k, kept[k])
        return Rows(kept, numbers)

    cdef bint is_remote(self, int i) except -1:
        cdef Box parent = self.boxes.parents[i], box = parent
        cdef int level
        for level in range(2):
            box = box if box.above is None else box.above
        if box.prose == 0:
            return True
        return self.facts[i].density >= LINK_DENSITY and 2 * parent.kin.linked > parent.kin.size

    cdef int fill(self, float[:, ::1] table, int k, int i) except -1:
        """A line's column, in the order of ``NAMES``."""
        cdef Box parent = self.boxes.parents[i]
        cdef int at = 0
        at = self.fill_shape(table, k, i, at)
        at = self.fill_place(table, k, i, at)
        at = self.fill_box(table, k, self.boxes.of[i], at)
        self.fill_containers(table, k, parent, at)
        return 0

    cdef int fill_shape(self, float[:, ::1] table, int k, int i, int at) except -1:
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
            calls += self.words.token(n).calls
            on_subject += 0 <= self.words.token(n).index < self.subject_count
        while end and text[end - 1] in " \u00a0":
            end -= 1
        table[at, k] = log1p(fact.length)
        table[at + 1, k] = max(spaces + 1, fact.length // SPACELESS_WORD)
        table[at + 2, k] = fact.density
        table[at + 3, k] = end > 0 and text[end - 1] in ENDS
        table[at + 4, k] = KINDS[line.kind]
        table[at + 5, k] = style(element._c_node)
        table[at + 6, k] = calls
        table[at + 7, k] = fact.links
        table[at + 8, k] = fact.is_claimed
        table[at + 9, k] = fact.since
        table[at + 10, k] = fact.until
        table[at + 11, k] = <double>on_subject / max(fact.words, 1)
        return at + 12

    cdef int fill_place(self, float[:, ::1] table, int k, int i, int at) except -1:
        cdef Facts* fact = &self.facts[i]
        cdef int n, first = max(0, i - NEAR), stop = min(i + NEAR + 1, self.count), prose = 0
        for n in range(first, stop):
            prose += self.facts[n].prose > 0
        table[at, k] = min(i - self.heading_at, 200) if self.heading_at >= 0 else -1
        for n in range(4):
            table[at + 1 + n, k] = max(-FURTHEST, min(FURTHEST, i - self.edges[n]))
        table[at + 5, k] = log1p(self.facts[i + 1].length) if i + 1 < self.count else 0.0
        table[at + 6, k] = <double>prose / (stop - first)
        table[at + 7, k] = fact.above
        table[at + 8, k] = fact.level
        table[at + 9, k] = <double>fact.before / self.total_prose
        table[at + 10, k] = <double>(self.total_prose - self.facts[i + 1].before) / self.total_prose
        return at + 11

    cdef int fill_box(self, float[:, ::1] table, int k, Box box, int at) except -1:
        cdef int n
        table[at, k] = box.holder
        table[at + 1, k] = box.depth
        table[at + 2, k] = <double>box.own.prose / self.total_prose
        table[at + 3, k] = share(box.own.linked, box.own.size)
        table[at + 4, k] = min(box.own.count, 99)
        table[at + 5, k] = <double>box.own.size / box.own.count
        level(box)
        for n in range(GROUPS):
            table[at + 6 + n, k] = box.levels[n]
        return at + 6 + GROUPS

    cdef int fill_containers(self, float[:, ::1] table, int k, Box parent, int at) except -1:
        cdef Kin kin = parent.kin
        cdef Box box = parent
        cdef int n
        table[at, k] = min(parent.children, 60)
        table[at + 1, k] = parent.of_subject
        table[at + 2, k] = parent.of_opening
        table[at + 3, k] = -1 if self.main_article is None else parent.article is self.main_article
        at += 4
        for n in range(LEVELS):
            if n < PROSE_LEVELS:
                table[at + n, k] = 0.0 if box is None else <double>box.prose / self.total_prose
            table[at + PROSE_LEVELS + 2 * n, k] = 0.0 if box is None else share(box.linked, box.size)
            table[at + PROSE_LEVELS + 2 * n + 1, k] = 0 if box is None else min(box.count, 200)
            box = None if box is None else box.above
        at += PROSE_LEVELS + 2 * LEVELS
        table[at, k] = share(kin.linked, kin.size)
        table[at + 1, k] = min(kin.count, 99)
        table[at + 2, k] = min(kin.boxes, 50)
        table[at + 3, k] = <double>kin.size / kin.count
        return 0


cdef inline double share(long long part, long long whole) noexcept:
    return <double>part / (whole if whole else 1)


cdef Kin kin_of(dict known, tuple signatures):
    cdef Kin found = known.get(signatures)
    if found is None:
        found = known[signatures] = Kin()
    return found


cdef int level(Box box) except -1:
    """Find the levels up to the nearest container of each group, for the box and those above it."""
    cdef list todo = []
    cdef Box outer = box
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


cdef int style(xmlNode* node) except -1:
    """What inline element a line begins with, and whether more follows it."""
    cdef xmlNode* first = element_from(node.children)
    if first is NULL or not is_blank(node.children):
        return 0
    more = element_from(first.next) is not NULL or not is_blank(first.next)
    return STYLES.get(name_of(first), OTHER_STYLE) + (AND_MORE if more else 0)
