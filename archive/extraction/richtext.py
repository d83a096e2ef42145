"""Rich text in data to markup: trees of typed nodes, React elements, JsonML, strings of HTML, lists of paragraphs.

What a node is, is read off the words of its type's name (``ParagraphBlock``, ``core/list-item``, ``header-two``), as
editors and content systems name the same few things alike. What is no text is left out: pictures, embedded things,
advertisements, newsletters, pointers to other articles.
"""

import html
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from archive.extraction.states import State, is_element

MAX_NODES = 50_000
"""Nodes of one text that are turned into markup."""
MAX_DEPTH = 150
MAX_MARKUP = 2_000_000
"""Characters of markup that are made of one text."""
MIN_PARAGRAPH = 40
"""Characters from which a string may be a paragraph."""
MIN_PARAGRAPHS = 2
"""Paragraphs in a list that make it a text."""
MAX_NAME = 60
"""Characters of a type's name."""
MAX_ATTRIBUTE = 2000
"""Characters of an attribute's value."""
MAX_ENDING = 300
"""Characters of a string's end that are looked at for the end of a sentence."""
MAX_INSIDE = 200
"""Members of a list that are looked at for what it holds."""
MAX_WRAPPED = 4
"""Objects around what a node holds."""
MAX_BARE = 3
"""Names in an object that says no type and yet may be a paragraph."""

Json = Mapping[str, Any]

_TYPES = ("_type", "nodeType", "__typename", "type", "blockType", "blockName", "kind", "tagName", "tag")
_INNER = ("tagName", "tag", "name")
"""Where a node that only says that it is an element or a tag has its name."""
_CHILDREN = (
    *(
        "content",
        "children",
        "content_elements",
        "nodes",
        "blocks",
        "items",
        "elements",
        "paragraphs",
        "rows",
    ),
    *("cells", "text", "html", "value", "model", "data", "body"),
)
_PROPS = ("attrs", "attribs", "attributes", "properties", "props", "data", "fields")


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_DROPPED = _words(
    "ad ads advert advertisement advertising image img photo picture figure gallery slideshow video audio"
    " podcast player media asset embed embedded iframe newsletter signup related recirc recirculation promo"
    " promotion teaser script style svg button form social share tweet twitter instagram youtube facebook tiktok"
    " caption credit pull pullquote paywall outbrain taboola interstitial poll quiz comment comments metadata"
    " divider"
)
_KINDS: tuple[tuple[frozenset[str], str], ...] = (
    (_words("item li listitem"), "li"),
    (_words("heading header subheading subheader subhead crosshead intertitle"), "h"),
    (_words("p paragraph para unstyled"), "p"),
    (_words("quote blockquote"), "blockquote"),
    (_words("ol ul list bulletlist orderedlist"), "list"),
    (_words("a link hyperlink anchor"), "a"),
    (_words("br break linebreak hardbreak"), "br"),
    (_words("table"), "table"),
    (_words("row tr"), "tr"),
    (_words("cell td th"), "td"),
    (_words("text span leaf"), "text"),
    (_words("document doc root body section div main column columns group wrapper fragment block"), "div"),
)
"""The words of a type's name, and what they make it: the first that are among them."""
_PARTS = {"ul": "li", "ol": "li", "table": "tr", "tr": "td"}
_TAGS = _words(
    "a abbr article aside b blockquote body br center cite code dd div dl dt em figure figcaption footer h1 h2 h3"
    " h4 h5 h6 head header hr html i iframe img ins li main mark nav noscript ol p pre q s section small span"
    " strong sub sup svg script style table tbody td tfoot th thead time title tr u ul video audio"
)
_INLINE = _words("a abbr b br cite code em i ins mark q s small span strong sub sup time u")
_VOID = _words("br hr")
_UNSHOWN = _words("head img svg script style iframe video audio noscript title")
_ORDINALS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,20});")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BLOCKS = re.compile(r"<(?:p|div|br|li|h[2-6])\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»)」]{0,2}\s*\Z")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


_NAMED = _words("name property rel key")
"""What an object that pairs a name with a value has."""


class Markup(str):
    """A string that goes into the markup as it is."""


Pieces = Iterator[tuple[Any, bool]]
"""Markup and nodes, each with whether it stands in a line or an element that says what it is."""


def is_text(value: Any) -> bool:
    """Whether a value is a rich text: a string of several paragraphs, or a list that holds some."""
    if isinstance(value, str):
        return _is_long_text(value)
    if not isinstance(value, list) or is_element(value):
        return False
    found = 0
    for member in islice(value, MAX_NODES):
        found += _paragraphs_in(member)
        if found >= MIN_PARAGRAPHS:
            return True
    return False


def _is_long_text(text: str) -> bool:
    blocks = sum(1 for _ in islice(_BLOCKS.finditer(text), MIN_PARAGRAPHS))
    return blocks >= MIN_PARAGRAPHS or sum(map(is_prose, text.split("\n", 100))) >= MIN_PARAGRAPHS


def is_prose(text: str) -> bool:
    """Whether a line is a sentence or more."""
    if len(text) < (MIN_PARAGRAPH if text.isascii() else MIN_PARAGRAPH // 2):
        return False
    return _SENTENCE.search(_TAG.sub("", text[-MAX_ENDING:])) is not None


def _paragraphs_in(member: Any) -> int:
    """How many paragraphs a member of a list is or, as a container, has."""
    if _is_paragraph(member):
        return 1
    if (
        isinstance(member, dict)
        and _kind(member) in ("div", "text")
        and isinstance(inner := _content(member), list)
    ):
        return sum(map(_is_paragraph, islice(inner, MAX_INSIDE)))
    return 0


def _is_paragraph(member: Any) -> bool:
    if isinstance(member, str):
        return is_prose(member)
    if isinstance(member, list):
        return _element_name(member) == "p"
    if not isinstance(member, dict):
        return False
    kind = _kind(member)
    return kind == "p" or (kind == "text" and isinstance(text := _content(member), str) and is_prose(text))


def markup(value: Any, state: State) -> str:
    """A rich text as HTML; as much of it as fits within the limits."""
    parts: list[str] = []
    todo: list[Pieces] = [iter([(value, False)])]
    size = 0
    for _ in range(MAX_NODES):
        item = next(todo[-1], None)
        if item is None:
            todo.pop()
        elif isinstance(item[0], Markup):
            parts.append(item[0])
            size += len(item[0])
        elif len(todo) < MAX_DEPTH:
            todo.append(_pieces(state.resolve(item[0]), item[1]))
        if not todo or size > MAX_MARKUP:
            break
    return "".join(parts)


def _pieces(node: Any, inline: bool) -> Pieces:
    if isinstance(node, str):
        return _string(node, inline)
    if isinstance(node, list):
        return _list(node, inline)
    return _typed(node, inline) if isinstance(node, dict) else iter(())


def _string(text: str, inline: bool) -> Pieces:
    text = _CONTROLS.sub("", text)
    if text[:2] in ('{"', "[{") and text.rstrip()[-1:] in ("}", "]"):  # data in a string
        return
    made = text if _MARKUP.search(text) else html.escape(text, quote=False)
    if inline or _BLOCKS.search(made):
        yield Markup(made), True
        return
    for line in made.split("\n"):
        if line.strip():
            yield Markup(f"<p>{line}</p>"), True


def _list(node: list[Any], inline: bool) -> Pieces:
    if is_element(node):
        return _react(node)
    if _element_name(node):
        props, children = (node[1], node[2:]) if isinstance(node[1], dict) else ({}, node[1:])
        return _tagged(node[0], props, children)
    inline = inline or any(map(_is_inline, islice(node, MAX_INSIDE)))
    return ((member, inline) for member in node)


def _element_name(node: list[Any]) -> str:
    """The tag of a React element or of JsonML; ``""`` for any other list."""
    if is_element(node):
        return str(node[1])
    jsonml = len(node) > 1 and isinstance(node[0], str) and node[0] in _TAGS
    return str(node[0]) if jsonml else ""


def _is_inline(member: Any) -> bool:
    if isinstance(member, dict):
        return _kind(member) in ("a", "br") or _kind(member) in _INLINE
    return isinstance(member, list) and _element_name(member) in _INLINE


def _react(node: list[Any]) -> Pieces:
    name, props = node[1], node[3]
    inserted = props.get("dangerouslySetInnerHTML")
    children = inserted.get("__html") if isinstance(inserted, dict) else props.get("children")
    if name in _TAGS:
        yield from _tagged(name, props, children)
        return
    yield children, True
    for key, prop in props.items():
        if (
            key != "children"
            and isinstance(prop, list)
            and (is_element(prop) or any(map(_is_react, prop[:3])))
        ):
            yield prop, True


def _is_react(value: Any) -> bool:
    return isinstance(value, list) and is_element(value)


def _tagged(name: str, props: Json, children: Any) -> Pieces:
    if name in _UNSHOWN:
        return
    yield Markup(f"<{name}{_attributes(props)}>"), True
    if name not in _VOID:
        yield children, True
        yield Markup(f"</{name}>"), True


def _attributes(props: Json) -> str:
    made = " hidden" if props.get("hidden") is True else ""
    for name, keys in (("class", ("className", "class")), ("href", ("href", "url", "uri")), ("id", ("id",))):
        if found := next((v for key in keys if isinstance(v := _said(props, key), str)), None):
            made += f' {name}="{html.escape(_CONTROLS.sub("", found[:MAX_ATTRIBUTE]))}"'
    return made


def _typed(node: Json, inline: bool) -> Pieces:
    kind, content = _kind(node), _content(node)
    if kind in ("", "text") or (kind == "div" and (inline or isinstance(content, str))):
        if kind or inline or not isinstance(content, str):
            yield content, inline
        return
    if kind is None or kind in _UNSHOWN:
        return
    yield Markup(f"<{kind}{_attributes(node) if kind == 'a' else ''}>"), True
    if kind in _VOID:
        return
    if kind in _PARTS and isinstance(content, list):
        yield from ((_part(_PARTS[kind], each), True) for each in content)
    else:
        yield content, kind != "div"
    yield Markup(f"</{kind}>"), True


def _part(kind: str, node: Any) -> Any:
    """A list's item or a table's row or cell, which data may have without saying what it is."""
    named = isinstance(node, dict) and _kind(node) not in ("", "text", "p")
    return node if named or _is_react(node) else {"type": kind, "content": node}


def _said(node: Json, name: str) -> Any:
    """What a node, or an object of its attributes, has by a name."""
    found = (props[name] for key in _PROPS if isinstance(props := node.get(key), dict) and name in props)
    return node[name] if name in node else next(found, None)


def _content(node: Json) -> Any:
    """What a node holds: the first list of its usual names, else the first string, else what the first object holds."""
    for _ in range(MAX_WRAPPED):
        values = [value for key in _CHILDREN if (value := node.get(key))]
        for wanted in (list, str):
            if (found := next((v for v in values if isinstance(v, wanted)), None)) is not None:
                return found
        inner = next((value for value in values if isinstance(value, dict)), None)
        if inner is None or _name(inner):
            return inner
        node = inner
    return None


def _kind(node: Json) -> str | None:
    """What a node is: the tag to make of it, ``text``, ``""`` where it does not say, None where it is no text."""
    name = _name(node)
    if not name:
        return "text" if len(node) <= MAX_BARE and _NAMED.isdisjoint(node) else ""
    if name in ("element", "tag"):
        name = next((v for key in _INNER if isinstance(v := node.get(key), str)), "").lower()
        return name if name in _TAGS else "div"
    if name == "block" and isinstance(style := node.get("style"), str):
        name = "li" if node.get("listItem") else "p" if style == "normal" else style
    if re.fullmatch(r"h[1-6]", name):
        return name
    return _kind_named(frozenset(word.lower() for word in _WORD.findall(name)), node)


def _kind_named(words: frozenset[str], node: Json) -> str | None:
    if words & _DROPPED:
        return None
    kind = next((kind for known, kind in _KINDS if words & known), "")
    if kind == "h":
        return f"h{_level(words, node)}"
    return _list_kind(words, node) if kind == "list" else kind


def _name(node: Json) -> str:
    return next((v for key in _TYPES if isinstance(v := node.get(key), str) and v), "")[:MAX_NAME]


def _level(words: frozenset[str], node: Json) -> int:
    said = [_said(node, "level"), *(int(word) for word in words if word.isdigit())]
    said += [number for word, number in _ORDINALS.items() if word in words]
    return next((n for n in said if isinstance(n, int) and 1 <= n <= 6), 2)


def _list_kind(words: frozenset[str], node: Json) -> str:
    styles = (_said(node, key) for key in ("style", "list_type", "listType"))
    said = {style.lower() for style in styles if isinstance(style, str)}
    ordered = words & {"ordered", "ol", "orderedlist"} or said & {"ordered", "ol", "number"}
    return "ol" if ordered or _said(node, "ordered") is True else "ul"
