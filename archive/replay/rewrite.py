"""An archived page made readable where it lies: its own markup, with every URL that a browser fetches or follows
led into the archive, and without scripts, frames and forms.

What keeps an archived page from acting is the Content-Security-Policy that it is served under; this only makes it
show. One pass over the text, in time linear to its length, by the tokenizer of the HTML Standard (section 13.2.5).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from archive.replay.css import rewrite_css

Attributes = dict[str, str]
Place = Callable[[str], str]
"""Where the archive serves an absolute URL."""

_SPACE = " \t\n\f\r"
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)")
_GAP = re.compile(rf"[{_SPACE}/]*+")
_NAME = re.compile(rf"=?[^{_SPACE}/>=]*+")
_VALUE = re.compile(rf"[{_SPACE}]*+=[{_SPACE}]*+(?:\"([^\"]*+)\"|'([^']*+)'|((?![\"'])[^{_SPACE}>]*+))")
_VALUE_OPENS = re.compile(rf"[{_SPACE}]*+=[{_SPACE}]*+[\"']")
_COMMENT_END = re.compile(r"--!?>")
_SCRIPT_MARK = re.compile(rf"<!--|-->|</?script(?=[{_SPACE}/>])", re.IGNORECASE)
_SCRIPT_STATES = {
    ("script", "<!--"): "comment",
    ("comment", "-->"): "script",
    ("comment", "<script"): "nested",
    ("nested", "-->"): "script",
    ("nested", "</script"): "comment",
}
_REFERENCE = re.compile(
    r"&(?:#\d+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]*+;|(?:amp|lt|gt|quot)(?![=A-Za-z0-9]))"
)

_RAW_TEXT = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""Elements whose content is no markup (HTML Standard, section 13.2.6.2)."""
_DROPPED_WITH_CONTENT = frozenset({"script", "iframe", "noembed", "noframes"})
_DROPPED = frozenset({"base", "frame", "frameset", "object", "embed", "applet", "param", "portal"})
_DROPPED_ATTRIBUTES = frozenset(
    {
        "action",
        "attributionsrc",
        "crossorigin",
        "download",
        "formaction",
        "formtarget",
        "integrity",
        "manifest",
    }
    | {"nonce", "ping", "referrerpolicy", "srcdoc", "target"}
)
_LINKS_KEPT = frozenset({"stylesheet", "icon", "apple-touch-icon", "mask-icon"})
"""Others only fetch ahead, some of them (preconnect, dns-prefetch) past any Content-Security-Policy."""
_URL_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "a": ("href", "xlink:href"),
    "area": ("href",),
    "link": ("href",),
    "img": ("src", "longdesc"),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "feimage": ("href", "xlink:href"),
    "input": ("src",),
    "source": ("src",),
    "track": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
    **dict.fromkeys(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"), ("background",)),
}
_LAZY = (
    ("src", ("data-src", "data-original", "data-lazy-src", "data-lazy")),
    ("srcset", ("data-srcset", "data-lazy-srcset")),
)
"""Where pages keep an image's URL until their script has run."""
_FOLLOWED = frozenset({"http", "https"})
_HARMLESS = frozenset({"mailto", "tel", "data"})


def rewrite_html(html: str, url: str, place: Place) -> str:
    """The page ``html`` of ``url`` with its URLs as ``place`` has them."""
    return "".join(_Rewriter(html, url, place).pieces())


class _Rewriter:
    def __init__(self, html: str, url: str, place: Place) -> None:
        self._html = html
        self._base = url
        self._base_seen = False
        self._place = place

    def pieces(self) -> Iterator[str]:
        """The page from one ``<`` to the next. A tag or comment that never ends takes the rest of the page with it."""
        html, at = self._html, 0
        while (opening := html.find("<", at)) >= 0:
            yield html[at:opening]
            piece, at = self._markup(opening)
            yield piece
        yield html[at:]

    def _markup(self, at: int) -> tuple[str, int]:
        html = self._html
        if tag := _TAG.match(html, at):
            return self._tag(tag)
        if html.startswith("<!--", at):
            end = _COMMENT_END.search(html, at + 2)
            return "", end.end() if end else len(html)
        if html.startswith(("<!", "<?", "</"), at):
            end_at = html.find(">", at)
            return (html[at : end_at + 1], end_at + 1) if end_at >= 0 else ("", len(html))
        return "&lt;", at + 1

    def _tag(self, tag: re.Match[str]) -> tuple[str, int]:
        name = tag[2].lower()
        attributes, at, end = _attributes(self._html, tag.end())
        if end is None:
            return "", len(self._html)
        if tag[1]:
            return ("" if name in _DROPPED | _DROPPED_WITH_CONTENT else f"</{name}>"), end
        start = self._start_tag(name, attributes, closed=self._html.endswith("/", at, end - 1))
        if name not in _RAW_TEXT:
            return start, end
        content, after = self._raw_text(name, end)
        return start + self._content(name, content), after

    def _raw_text(self, name: str, start: int) -> tuple[str, int]:
        if name == "script":
            end = _script_end(self._html, start)
        else:
            closing = re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE).search(self._html, start)
            end = closing.start() if closing else len(self._html)
        return self._html[start:end], end

    def _content(self, name: str, content: str) -> str:
        if name in _DROPPED_WITH_CONTENT:
            return ""
        return rewrite_css(content, self._resolved) if name == "style" else content

    def _start_tag(self, name: str, attributes: Attributes, *, closed: bool) -> str:
        if name == "base" and not self._base_seen and "href" in attributes:
            self._base, self._base_seen = _joined(self._base, attributes["href"]) or self._base, True
        if name in _DROPPED | _DROPPED_WITH_CONTENT or not _kept(name, attributes):
            return ""
        return _written(name, dict(self._rewritten(name, _awake(name, attributes))), closed=closed)

    def _rewritten(self, name: str, attributes: Attributes) -> Iterator[tuple[str, str]]:
        targets = _URL_ATTRIBUTES.get(name, ())
        for attribute, value in attributes.items():
            if attribute in _DROPPED_ATTRIBUTES or attribute.startswith("on"):
                continue
            if attribute in targets:
                replaced = self._resolved(value)
                if replaced is not None:
                    yield attribute, replaced
            elif attribute == "srcset":
                yield attribute, self._source_set(value)
            else:
                yield attribute, rewrite_css(value, self._resolved) if attribute == "style" else value

    def _source_set(self, value: str) -> str:
        candidates = ((self._resolved(url), descriptor) for url, descriptor in source_set(value))
        return ", ".join(f"{url} {descriptor}".strip() for url, descriptor in candidates if url)

    def _resolved(self, written: str) -> str | None:
        """Where the archive has what the page calls ``written``; None where nothing may be fetched or followed."""
        trimmed = written.strip(_SPACE)
        if not trimmed or trimmed.startswith("#"):
            return trimmed
        absolute = _joined(self._base, trimmed)
        scheme = urlsplit(absolute).scheme if absolute else ""
        if absolute and scheme in _FOLLOWED:
            return self._place(absolute)
        return trimmed if scheme in _HARMLESS else None


def source_set(value: str) -> Iterator[tuple[str, str]]:
    """The candidates of a ``srcset``: URL and descriptor (HTML Standard, section 4.8.4.2.1)."""
    at = 0
    while match := _CANDIDATE.match(value, at):
        url, descriptor = match[1], match[2] or ""
        if url.endswith(","):
            yield url.rstrip(","), ""
            at = match.end(1)
        else:
            yield url, descriptor.strip(_SPACE)
            at = match.end()


_CANDIDATE = re.compile(rf"[{_SPACE},]*+([^{_SPACE},][^{_SPACE}]*+)([^,]*+),?")


def _script_end(html: str, at: int) -> int:
    """Where a script's content ends: not at the end tag of a script within a comment in it (section 13.2.5.26)."""
    state = "script"
    while match := _SCRIPT_MARK.search(html, at):
        mark, at = match[0].lower(), match.end()
        if mark == "<!--":
            at -= 2
        elif mark == "</script" and state != "nested":
            return match.start()
        state = _SCRIPT_STATES.get((state, mark), state)
    return len(html)


def _attributes(html: str, at: int) -> tuple[Attributes, int, int | None]:
    """The attributes of a tag, the first of each name; where they end, and where the tag does: None if nowhere."""
    found: Attributes = {}
    while True:
        last, at = at, _end(_GAP, html, at)
        if at >= len(html) or html[at] == ">":
            return found, last, at + 1 if at < len(html) else None
        name_end = _end(_NAME, html, at)
        name = html[at:name_end].lower()
        if value := _VALUE.match(html, name_end):
            text = next(group for group in value.groups() if group is not None)
            found.setdefault(name, _unescaped(text))
            at = value.end()
        elif _VALUE_OPENS.match(html, name_end):
            return found, at, None
        else:
            found.setdefault(name, "")
            at = name_end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _unescaped(value: str) -> str:
    """An attribute's value without character references; ``&sect=`` in a URL is none (section 13.2.5.73)."""
    return _REFERENCE.sub(lambda match: unescape(match[0]), value) if "&" in value else value


def _kept(name: str, attributes: Attributes) -> bool:
    if name == "meta":
        return "http-equiv" not in attributes and "charset" not in attributes
    if name == "link":
        return not _LINKS_KEPT.isdisjoint(attributes.get("rel", "").lower().split())
    return True


def _awake(name: str, attributes: Attributes) -> Attributes:
    """An image that waits for a script gets the URL that the script would give it."""
    if name not in {"img", "source"}:
        return attributes
    woken = dict(attributes)
    for attribute, sleeping in _LAZY:
        waiting = next((attributes[key] for key in sleeping if attributes.get(key)), None)
        if waiting and woken.get(attribute, "data:").startswith("data:"):
            woken[attribute] = waiting
    return woken


def _written(name: str, attributes: Attributes, *, closed: bool) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}{' /' if closed else ''}>"


def _joined(base: str, url: str) -> str | None:
    try:
        joined = urljoin(base, url.translate(_LINE_ENDS))
        urlsplit(joined)
    except ValueError:
        return None
    return joined


_LINE_ENDS = {ord(character): None for character in "\t\n\r"}
