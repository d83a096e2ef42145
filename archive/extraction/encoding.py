"""The character encoding of a page, and its text.

Order of evidence, as browsers have it (WHATWG Encoding, section 6; HTML Standard, section 13.2.3.2): byte order mark, the
transport's charset, a prescan for ``meta``, the XML declaration; then what the bytes themselves say. A label that
the bytes refute is passed over, since the aim is the page's words and not its errors.
"""

import codecs
import re

import chardet

PRESCAN_BYTES = 8192
"""How far a declaration inside the page is looked for (the standard's 1,024 miss many pages)."""
DETECTION_BYTES = 64 * 1024
"""How much of a page without a usable declaration is given to detection."""
PIECE_BYTES = 16 * 1024
"""Tested for UTF-8 at a time: what stays in a processor's cache goes through twice as fast."""
MAX_BROKEN_SHARE = 0.02
"""Share of undecodable sequences among the non-ASCII bytes above which a declared encoding counts as refuted."""
MIN_VALID = 20
"""Characters beyond ASCII from which bytes with a broken place may be UTF-8 that nothing declares."""
MIN_CONFIDENCE = 0.1
"""Of chardet, from 0 to 1; below it the guess is worse than the web's default."""

_ERAS = chardet.EncodingEra.MODERN_WEB | chardet.EncodingEra.LEGACY_ISO
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,>/]+)""", re.IGNORECASE)
_META = re.compile(rb"<meta[\s/][^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_XML = re.compile(rb"""\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B][\x21-\x7e]{2,}\x1b\([BJ]")
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_BROKEN = re.compile("\ufffd+")
_SUPERSETS = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
    "utf-8-sig": "utf-8",
    "cp819": "windows-1252",
}
_LABELS = {
    "ansi_x3.4-1968": "windows-1252",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "windows-1252",
    "x-user-defined": "windows-1252",
    "dos-874": "cp874",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "ks_c_5601-1989": "cp949",
    "windows-949": "cp949",
    "unicode": "utf-16-le",
    "ucs-2": "utf-16-le",
    "iso-10646-ucs-2": "utf-16-le",
    "unicode-1-1-utf-8": "utf-8",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ukrainian": "mac-cyrillic",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "sun_eu_greek": "iso8859-7",
    "csisolatin9": "iso8859-15",
    "cseucpkdfmtjapanese": "euc_jp",
    "ksc_5601": "cp949",
    "iso-ir-149": "cp949",
    "csksc56011987": "cp949",
    "unicodefeff": "utf-16-le",
    "csunicode": "utf-16-le",
    "unicodefffe": "utf-16-be",
}
_SIBLINGS = {"cp1250": "iso8859-2", "cp1253": "iso8859-7", "cp1257": "iso8859-13"}
"""Encodings that detection takes for each other: the one is right that makes more letters of the bytes."""
_DECODERS = frozenset(
    (
        *("utf-8", "utf-16-le", "utf-16-be", "windows-1252", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp"),
        *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874", "cp932", "cp949"),
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp{page}" for page in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)),
    )
)
_WINDOWS_1252 = {
    code: char for code in range(0x80, 0xA0) if (char := bytes((code,)).decode("cp1252", "ignore"))
}


def decode_html(payload: bytes, content_type: str | None) -> tuple[str, str]:
    """The text of a page and the name of the encoding that it was read with; U+0000 removed, never an error."""
    if _is_plain(payload, content_type):
        return payload.decode("utf-8").removeprefix("\ufeff"), "utf-8"
    return _decoded(payload, content_type)


def html_as_utf8(payload: bytes, content_type: str | None) -> bytes:
    """The text that ``decode_html`` reads, in UTF-8: the page's own bytes where they are that already."""
    if _is_plain(payload, content_type):
        return payload.removeprefix(codecs.BOM_UTF8)
    return _decoded(payload, content_type)[0].encode("utf-8", "replace")


def _is_plain(payload: bytes, content_type: str | None) -> bool:
    """Whether a page is whole in UTF-8, holds no zeros and no escapes, and declares nothing else before it."""
    return (
        (payload.startswith(codecs.BOM_UTF8) or (_transport(content_type) or _meta(payload)) == "utf-8")
        and b"\x00" not in payload
        and b"\x1b" not in payload
        and _utf8_length(payload) == len(payload)
    )


def _utf8_length(data: bytes) -> int | None:
    """How many bytes UTF-8 reads whole, all but a sequence that the end cuts off; None for what is not UTF-8."""
    length, rest = 0, memoryview(data)
    try:
        while read := codecs.utf_8_decode(rest[length : length + PIECE_BYTES], "strict", False)[1]:
            length += read
    except UnicodeDecodeError:
        return None
    return length


def _decoded(payload: bytes, content_type: str | None) -> tuple[str, str]:
    data = payload.lstrip(b"\x00") if not _unmarked_utf16(payload) else payload
    name = _encoding(data, content_type)
    text = _decode(data, name)
    return text.removeprefix("\ufeff").replace("\x00", ""), name


def encoding_for(label: str | None) -> str | None:
    """The decoder that browsers use for a label (WHATWG Encoding, section 4.2); None for an unknown one."""
    key = (label or "").strip().strip("\"'").lower()
    if key in _LABELS:
        return _LABELS[key]
    try:
        name = codecs.lookup(key.replace("windows-", "cp") if key.startswith("windows-") else key).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(name, name)
    return name if name in _DECODERS else None


def _encoding(data: bytes, content_type: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if unmarked := _unmarked_utf16(data):
        return unmarked
    declared = [name for name in (_transport(content_type), _meta(data), _xml(data)) if name]
    if _ISO_2022_JP.search(data) and (not declared or not _NON_ASCII.search(data)):
        return "iso2022_jp"
    if "utf-8" not in declared and (_is_utf8(data) or _is_damaged_utf8(data)):
        return "utf-8" if _NON_ASCII.search(data) or not declared else declared[0]
    fitting = next((name for name in declared if _fits(data, name)), None)
    return fitting or _detected(data) or _last_resort(data, declared)


def _last_resort(data: bytes, declared: list[str]) -> str:
    """The encoding of a page whose declarations the bytes refute, and of which detection knows none.

    A refuted UTF-8 would lose each character beyond ASCII, Windows-1252 reads something for all of them.
    """
    if not declared:
        return "windows-1252"
    if declared[0] != "utf-8":
        return declared[0]
    valid, broken = _utf8_counts(data)
    return "utf-8" if valid > broken else "windows-1252"


def _decode(data: bytes, name: str) -> str:
    if name == "windows-1252":
        return data.decode("latin-1").translate(_WINDOWS_1252)
    return data.decode(name, "replace")


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark, by where the zero bytes of the first markup lie."""
    head = data[:64]
    if len(head) < 8:
        return None
    zeros = [head[parity::2].count(0) for parity in (0, 1)]
    half = len(head) // 2
    if zeros[1] > 0.7 * half and zeros[0] < 0.2 * half:
        return "utf-16-le"
    if zeros[0] > 0.7 * half and zeros[1] < 0.2 * half:
        return "utf-16-be"
    return None


def _transport(content_type: str | None) -> str | None:
    match = _CHARSET.search(content_type or "")
    return encoding_for(match[1]) if match else None


def _meta(data: bytes) -> str | None:
    head = _COMMENT.sub(b"", data[:PRESCAN_BYTES])
    for tag in _META.finditer(head):
        name = encoding_for(_claimed(tag[0].decode("latin-1")))
        if name is not None:
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _claimed(tag: str) -> str | None:
    """The label that a ``meta`` element claims: its ``charset``, or that in the ``content`` of an ``http-equiv``."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag):
        found.setdefault(name.lower(), "".join(values))
    if "charset" in found:
        return found["charset"]
    match = _CHARSET.search(found.get("content", ""))
    return match[1] if match and found.get("http-equiv", "").strip().lower() == "content-type" else None


def _xml(data: bytes) -> str | None:
    match = _XML.match(data[:PRESCAN_BYTES])
    name = encoding_for(match[1].decode("ascii")) if match else None
    return "utf-8" if name is not None and name.startswith("utf-16") else name


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8; a sequence cut off by the end of a truncated page does not count."""
    return _utf8_length(data) is not None


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether so much of the bytes is UTF-8 that no other encoding wrote them, but for a few broken places."""
    valid, broken = _utf8_counts(data)
    return valid >= MIN_VALID and broken <= max(1, MAX_BROKEN_SHARE * valid)


def _utf8_counts(data: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII UTF-8 reads from the bytes, and at how many places it reads none."""
    text = data.decode("utf-8", "replace")
    valid = sum(map(len, _BEYOND_ASCII.findall(text))) - text.count("\ufffd")
    return valid, len(_BROKEN.findall(text))


def _fits(data: bytes, name: str) -> bool:
    if name == "windows-1252" or (name == "utf-8" and _is_utf8(data)):
        return True
    foreign = sum(len(run) for run in _NON_ASCII.findall(data))
    return not foreign or _decode(data, name).count("\ufffd") <= max(1, MAX_BROKEN_SHARE * foreign)


def _detected(data: bytes) -> str | None:
    start = next((run.start() for run in _NON_ASCII.finditer(data)), 0)
    start = max(0, start - DETECTION_BYTES // 4)
    found = chardet.detect(data[start : start + DETECTION_BYTES], encoding_era=_ERAS)
    name = encoding_for(found["encoding"]) if found["confidence"] >= MIN_CONFIDENCE else None
    if name is None or (name == "utf-8" and not _fits(data, name)):
        return None
    sibling = _SIBLINGS.get(name)
    read = data[start : start + DETECTION_BYTES]
    return sibling if sibling and _letters(read, sibling) > _letters(read, name) else name


def _letters(data: bytes, name: str) -> int:
    return sum(map(str.isalpha, _decode(b"".join(_NON_ASCII.findall(data)), name)))
