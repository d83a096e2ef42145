"""The encoding of a page: what is declared, what is refuted, what the bytes say."""

import pytest

from archive.extraction.encoding import PIECE_BYTES, decode_html, encoding_for, html_as_utf8

FRENCH = "<p>L’été à Besançon — où ? « ça »</p>"
AGENCY = "<p>Le président a déclaré que les négociations reprendraient bientôt, selon l’agence. C’est l’été à Besançon.</p>"
GERMAN = "<h1>Die alte Brücke bleibt offen</h1><p>Der Stadtrat hat beschlossen, dass die Straße für Fußgänger geöffnet wird.</p>"
RUSSIAN = (
    "<p>Президент России заявил, что переговоры будут продолжены в ближайшее время, сообщает агентство.</p>"
)
JAPANESE = "<p>大統領は交渉が近く再開されると述べたと通信社が報じた。東京の記者がお伝えします。</p>"
META = '<meta charset="{}">'

CASES = {
    "utf-8 declared by the transport": (FRENCH.encode(), "text/html; charset=UTF-8", "utf-8", FRENCH),
    "utf-8 without any declaration": (FRENCH.encode(), None, "utf-8", FRENCH),
    "utf-8 mark": (b"\xef\xbb\xbf" + FRENCH.encode(), "text/html; charset=iso-8859-1", "utf-8", FRENCH),
    "utf-8 under a wrong label": (FRENCH.encode(), "text/html; charset=ISO-8859-1", "utf-8", FRENCH),
    "windows-1252 under latin-1's label": (
        FRENCH.encode("cp1252"),
        'text/html; charset="latin1"',
        "windows-1252",
        FRENCH,
    ),
    "windows-1252 under utf-8's label": (
        (META.format("utf-8") + AGENCY * 3).encode("cp1252"),
        None,
        "windows-1252",
        META.format("utf-8") + AGENCY * 3,
    ),
    "windows-1252 under utf-8's label, which detection does not know": (
        GERMAN.encode("cp1252"),
        "text/html; charset=utf-8",
        "windows-1252",
        GERMAN,
    ),
    "windows-1252 under utf-8's label in meta": (
        (META.format("utf-8") + GERMAN).encode("cp1252"),
        None,
        "windows-1252",
        META.format("utf-8") + GERMAN,
    ),
    "utf-8 under its label, with more broken than is usual": (
        "é ü ".encode() * 9 + b"\xe9 " * 4,
        "text/html; charset=utf-8",
        "utf-8",
        "é ü " * 9 + "\ufffd " * 4,
    ),
    "utf-8 without any declaration, a byte of it broken": (
        RUSSIAN.encode() + b"<p>\xff\xa9.",
        None,
        "utf-8",
        RUSSIAN + "<p>\ufffd\ufffd.",
    ),
    "utf-8 under a wrong label, a byte of it broken": (
        (AGENCY * 3).encode() + b"<p>\xe9.",
        "text/html; charset=iso-8859-1",
        "utf-8",
        AGENCY * 3 + "<p>\ufffd.",
    ),
    "windows-1252 with a single character that may be utf-8": (
        ("<p>Ã©" + AGENCY).encode("cp1252"),
        None,
        "windows-1252",
        "<p>Ã©" + AGENCY,
    ),
    "windows-1252 that quotes broken utf-8": (
        ("<p>" + "Ã©" * 30 + AGENCY).encode("cp1252"),
        "text/html; charset=windows-1252",
        "windows-1252",
        "<p>" + "Ã©" * 30 + AGENCY,
    ),
    "iso-2022-jp under utf-8's label": (
        JAPANESE.encode("iso2022_jp"),
        "text/html; charset=utf-8",
        "iso2022_jp",
        JAPANESE,
    ),
    "iso-2022-jp under utf-8's label in meta": (
        (META.format("utf-8") + JAPANESE).encode("iso2022_jp"),
        None,
        "iso2022_jp",
        META.format("utf-8") + JAPANESE,
    ),
    "an escape in utf-8": (
        (FRENCH + "\x1b[0m").encode(),
        "text/html; charset=utf-8",
        "utf-8",
        FRENCH + "\x1b[0m",
    ),
    "bytes undefined in windows-1252": (
        b"<p>\x81\x93x\x94",
        "text/html; charset=windows-1252",
        "windows-1252",
        "<p>\x81“x”",
    ),
    "transport before meta": (
        (META.format("koi8-r") + RUSSIAN).encode("cp1251"),
        "text/html; charset=windows-1251",
        "cp1251",
        META.format("koi8-r") + RUSSIAN,
    ),
    "meta": (
        (META.format("shift_jis") + JAPANESE).encode("cp932"),
        "text/html",
        "cp932",
        META.format("shift_jis") + JAPANESE,
    ),
    "meta http-equiv": (
        ('<meta http-equiv="Content-Type" content="text/html; charset=euc-jp">' + JAPANESE).encode("euc_jp"),
        None,
        "euc_jp",
        '<meta http-equiv="Content-Type" content="text/html; charset=euc-jp">' + JAPANESE,
    ),
    "meta in a comment is none": (
        b"<!-- " + META.format("koi8-r").encode() + b" -->" + FRENCH.encode(),
        None,
        "utf-8",
        "<!-- " + META.format("koi8-r") + " -->" + FRENCH,
    ),
    "meta that claims utf-16": (
        (META.format("utf-16") + FRENCH).encode(),
        None,
        "utf-8",
        META.format("utf-16") + FRENCH,
    ),
    "xml declaration": (
        ('<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
        '<?xml version="1.0" encoding="windows-1251"?>' + RUSSIAN,
    ),
    "unknown label": (FRENCH.encode(), "text/html; charset=foo", "utf-8", FRENCH),
    "a label that is no character encoding": (FRENCH.encode(), "text/html; charset=rot13", "utf-8", FRENCH),
    "utf-16 with its mark": (FRENCH.encode("utf-16"), None, "utf-16-le", FRENCH),
    "utf-16le without a mark": (FRENCH.encode("utf-16-le"), "text/html", "utf-16-le", FRENCH),
    "utf-16be without a mark": (FRENCH.encode("utf-16-be"), None, "utf-16-be", FRENCH),
    "leading NULs": (b"\x00" * 40 + FRENCH.encode(), None, "utf-8", FRENCH),
    "NULs inside": (b"<p>a\x00b", None, "utf-8", "<p>ab"),
    "detected: cyrillic": (RUSSIAN.encode("cp1251"), None, "cp1251", RUSSIAN),
    "detected: japanese": (JAPANESE.encode("euc_jp"), None, "euc_jp", JAPANESE),
    "detected: korean": (
        "<p>대통령은 협상이 곧 재개될 것이라고 밝혔다고 통신사가 보도했다.".encode("cp949"),
        None,
        "cp949",
        "<p>대통령은 협상이 곧 재개될 것이라고 밝혔다고 통신사가 보도했다.",
    ),
    "empty": (b"", None, "utf-8", ""),
    "cut inside a character": ("<p>été".encode()[:-1], "text/html; charset=utf-8", "utf-8", "<p>ét\ufffd"),
}


@pytest.mark.parametrize("case", CASES)
def test_decoding(case: str) -> None:
    payload, content_type, name, text = CASES[case]
    assert decode_html(payload, content_type) == (text, name)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf8", "utf-8"),
        (" UTF-8 ", "utf-8"),
        ("ascii", "windows-1252"),
        ("iso-8859-1", "windows-1252"),
        ("ISO8859-9", "cp1254"),
        ("gb2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("big5", "big5hkscs"),
        ("windows-874", "cp874"),
        ("tis-620", "cp874"),
        ("macintosh", "mac-roman"),
        ("utf-7", None),
        ("idna", None),
        ("unicode_escape", None),
        ("", None),
        ("\udcff", None),
    ],
)
def test_labels_name_what_browsers_read(label: str, name: str | None) -> None:
    assert encoding_for(label) == name


@pytest.mark.parametrize("length", range(0, 70, 3))
def test_no_bytes_raise(length: int) -> None:
    payload = bytes((index * 89 + 7) % 256 for index in range(length))
    text, _ = decode_html(payload, "text/html; charset=\xff")
    assert "\x00" not in text


@pytest.mark.parametrize("name", CASES)
def test_the_parser_gets_what_decoding_makes(name: str) -> None:
    payload, content_type, _, _ = CASES[name]
    for length in range(len(payload) + 1):
        for cut in (payload[:length], payload[:length] + b"\x00<p>"):
            text, _ = decode_html(cut, content_type)
            assert html_as_utf8(cut, content_type) == text.encode()


@pytest.mark.parametrize("shift", range(4))
def test_characters_of_utf8_lie_across_the_pieces_that_are_tested(shift: int) -> None:
    text = "x" * (PIECE_BYTES - shift) + "𝄞" * PIECE_BYTES
    assert decode_html(text.encode(), "text/html; charset=utf-8") == (text, "utf-8")
    assert html_as_utf8(text.encode(), "text/html; charset=utf-8") == text.encode()
    assert decode_html(text.encode()[:-1], "text/html; charset=utf-8") == (text[:-1] + "\ufffd", "utf-8")
