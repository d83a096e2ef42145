"""Encodings as browsers settle them: labels, order of evidence, and pages that declare nothing.

WHATWG Encoding, sections 4.2 and 6; HTML Standard, section 13.2.3.2. Where ours differs (a label that the bytes refute is
passed over, and more than the first 1,024 bytes are looked at) the name of the case says so.
"""

import codecs

import pytest

from archive.extraction.encoding import PRESCAN_BYTES, decode_html, encoding_for

TEXTS = {
    "ja": "<p>大統領は交渉が近く再開されると述べたと通信社が報じた。東京の記者がお伝えします。市議会は古い橋を残すことを決めた。</p>",
    "zh": "<p>市议会周二决定让这座老桥再开放十年，并承担全部维修费用。居民们说，他们对这一决定感到满意，因为桥对他们很重要。</p>",
    "zh-Hant": "<p>市議會週二決定讓這座老橋再開放十年，並承擔全部維修費用。居民們說，他們對這一決定感到滿意，因為橋對他們很重要。</p>",
    "ko": "<p>시의회는 화요일 낡은 다리를 앞으로 십 년 더 개방하고 수리 비용을 모두 부담하기로 결정했다. 주민들은 환영했다.</p>",
    "ru": "<p>Городской совет решил во вторник оставить старый мост открытым ещё на десять лет и оплатить его ремонт.</p>",
    "uk": "<p>Міська рада вирішила у вівторок залишити старий міст відкритим ще на десять років і оплатити його ремонт.</p>",
    "pl": "<p>Rada miasta zdecydowała we wtorek, że stary most pozostanie otwarty dziesięć lat. Żółte łodzie płynęły, są też źli.</p>",
    "el": "<p>Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κρατήσει ανοιχτή την παλιά γέφυρα για άλλα δέκα χρόνια.</p>",
    "tr": "<p>Belediye meclisi salı günü eski köprünün on yıl daha açık tutulmasına ve onarım masrafının ödenmesine karar verdi.</p>",
    "he": "<p>מועצת העיר החליטה ביום שלישי להשאיר את הגשר הישן פתוח לעוד עשר שנים ולשלם את מלוא עלות התיקון שלו.</p>",
    "ar": "<p>قرر المجلس البلدي يوم الثلاثاء إبقاء الجسر القديم مفتوحا لمدة عشر سنوات أخرى ودفع تكاليف إصلاحه بالكامل.</p>",
    "fr": "<p>Le conseil a décidé mardi de laisser le vieux pont ouvert pendant dix ans encore. C’était réclamé à grands cris.</p>",
    "th": "<p>สภาเมืองตัดสินใจเมื่อวันอังคารให้สะพานเก่าเปิดใช้ต่อไปอีกสิบปี และจ่ายค่าซ่อมแซมทั้งหมด</p>",
    "vi": "<p>Hội đồng thành phố quyết định giữ cây cầu cũ mở cửa thêm mười năm nữa.</p>",
}


@pytest.mark.parametrize(
    ("language", "encoding", "name"),
    [
        ("ja", "cp932", "cp932"),
        ("ja", "euc_jp", "euc_jp"),
        ("ja", "iso2022_jp", "iso2022_jp"),
        ("zh", "gb18030", "gb18030"),
        ("zh-Hant", "big5", "big5hkscs"),
        ("ko", "cp949", "cp949"),
        ("ru", "cp1251", "cp1251"),
        ("ru", "koi8-r", "koi8-r"),
        ("pl", "iso8859-2", "iso8859-2"),
        ("pl", "cp1250", "cp1250"),
        ("el", "cp1253", None),
        ("tr", "cp1254", "cp1254"),
        ("he", "cp1255", None),
        ("ar", "cp1256", "cp1256"),
        ("fr", "cp1252", "windows-1252"),
        ("th", "cp874", "cp874"),
    ],
)
def test_what_nothing_declares_is_detected(language: str, encoding: str, name: str | None) -> None:
    text = TEXTS[language] * 3
    found, used = decode_html(text.encode(encoding), None)
    assert found == text
    assert name is None or used == name


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", [None, "text/html", "text/html; charset=utf-8"])
def test_unicode_in_any_script_needs_no_declaration(
    language: str, encoding: str, declared: str | None
) -> None:
    page = f"<!doctype html><html><head><title>x</title></head><body>{TEXTS[language]}</body></html>"
    assert decode_html(page.encode(encoding), declared) == (page, encoding)


META = '<meta charset="{}">'
FRENCH = TEXTS["fr"]
RUSSIAN = TEXTS["ru"]
HTTP_EQUIV = '<meta http-equiv="content-type" content="text/html; charset={}">'

ORDER = {
    "the mark before the transport": (
        codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be"),
        "text/html; charset=windows-1251",
        "utf-16-be",
    ),
    "the mark before meta": (codecs.BOM_UTF8 + (META.format("koi8-r") + RUSSIAN).encode(), None, "utf-8"),
    "the transport before meta": (
        (META.format("koi8-r") + RUSSIAN).encode("cp1251"),
        "text/html; charset=windows-1251",
        "cp1251",
    ),
    "the first meta that names one": (
        (META.format("no-such") + META.format("windows-1251") + META.format("koi8-r") + RUSSIAN).encode(
            "cp1251"
        ),
        None,
        "cp1251",
    ),
    "meta before the XML declaration": (
        ("<?xml version='1.0' encoding='koi8-r'?>" + META.format("windows-1251") + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "the XML declaration in single quotes": (
        ("<?xml version='1.0' encoding='windows-1251'?>" + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "the XML declaration that claims utf-16 is utf-8's": (
        ("<?xml version='1.0' encoding='utf-16'?>" + RUSSIAN).encode(),
        None,
        "utf-8",
    ),
    "http-equiv without quotes": (
        ("<META HTTP-EQUIV=Content-Type CONTENT=text/html;charset=windows-1251>" + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "http-equiv with its attributes turned": (
        ('<meta content="text/html; charset=windows-1251" http-equiv="Content-Type"/>' + RUSSIAN).encode(
            "cp1251"
        ),
        None,
        "cp1251",
    ),
    "content without http-equiv is no declaration": (
        ('<meta name="description" content="set charset=koi8-r here">' + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "an attribute that only ends in charset": (
        ('<meta data-charset="koi8-r">' + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "meta in a comment": (
        ("<!-- " + META.format("koi8-r") + " -->" + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "meta right after the standard's 1,024 bytes (ours reads on)": (
        ("<style>" + " " * 1100 + "</style>" + META.format("windows-1251") + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "meta that claims utf-16 is utf-8's": ((META.format("utf-16be") + RUSSIAN).encode(), None, "utf-8"),
    "x-user-defined in meta is windows-1252": (
        (META.format("x-user-defined") + FRENCH).encode("cp1252"),
        None,
        "windows-1252",
    ),
    "iso-8859-1 is windows-1252": (
        (META.format("ISO-8859-1") + FRENCH).encode("cp1252"),
        None,
        "windows-1252",
    ),
    "us-ascii is windows-1252": (FRENCH.encode("cp1252"), "text/html; charset=us-ascii", "windows-1252"),
    "two charsets: the first": (
        RUSSIAN.encode("cp1251"),
        "text/html; charset=windows-1251; charset=utf-8",
        "cp1251",
    ),
    "a charset in capitals and quotes": (
        RUSSIAN.encode("cp1251"),
        'TEXT/HTML; CHARSET="Windows-1251"',
        "cp1251",
    ),
    "an empty charset": (RUSSIAN.encode(), "text/html; charset=", "utf-8"),
    "utf-8 under another label (ours believes the bytes)": (
        (META.format("windows-1251") + RUSSIAN).encode(),
        "text/html; charset=koi8-r",
        "utf-8",
    ),
    "windows-1251 under utf-8's label (ours believes the bytes)": (
        (META.format("utf-8") + RUSSIAN * 3).encode("cp1251"),
        "text/html; charset=utf-8",
        "cp1251",
    ),
    "leading NULs, then a mark": (b"\x00" * 7 + codecs.BOM_UTF8 + FRENCH.encode(), None, "utf-8"),
    "leading NULs, then meta": (
        b"\x00" * 7 + (META.format("windows-1251") + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "leading white space, then meta": (
        b"\r\n \t" * 50 + (META.format("windows-1251") + RUSSIAN).encode("cp1251"),
        None,
        "cp1251",
    ),
    "shift_jis declared": (
        (HTTP_EQUIV.format("Shift_JIS") + TEXTS["ja"]).encode("cp932"),
        None,
        "cp932",
    ),
    "iso-2022-jp declared": (
        (HTTP_EQUIV.format("iso-2022-jp") + TEXTS["ja"]).encode("iso2022_jp"),
        None,
        "iso2022_jp",
    ),
    "gb2312 declared, gb18030 written": (
        (META.format("gb2312") + TEXTS["zh"] + "\U00020000").encode("gb18030"),
        None,
        "gb18030",
    ),
    "euc-kr declared, cp949 written": (
        (META.format("euc-kr") + "<p>똠방각하").encode("cp949"),
        None,
        "cp949",
    ),
}


@pytest.mark.parametrize("case", ORDER)
def test_the_order_of_evidence(case: str) -> None:
    payload, content_type, name = ORDER[case]
    text, used = decode_html(payload, content_type)
    assert used == name
    assert "\ufffd" not in text
    assert not text.startswith("\ufeff")


def test_a_declaration_is_looked_for_so_far_and_no_further() -> None:
    near, far = (b" " * (PRESCAN_BYTES + more) + b"<meta charset=koi8-r>\xc1\xc2" for more in (-100, 100))
    assert decode_html(near, None)[1] == "koi8-r"
    assert decode_html(far, None)[1] != "koi8-r"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("unicode-1-1-utf-8", "utf-8"),
        ("x-cp1252", "windows-1252"),
        ("l1", "windows-1252"),
        ("cp819", "windows-1252"),
        ("iso_8859-1:1987", "windows-1252"),
        ("iso-ir-100", "windows-1252"),
        ("latin2", "iso8859-2"),
        ("l2", "iso8859-2"),
        ("csisolatin2", "iso8859-2"),
        ("iso-8859-8-i", "iso8859-8"),
        ("visual", "iso8859-8"),
        ("latin5", "cp1254"),
        ("iso-8859-9", "cp1254"),
        ("windows-1254", "cp1254"),
        ("iso-8859-11", "cp874"),
        ("dos-874", "cp874"),
        ("csisolatin9", "iso8859-15"),
        ("l9", "iso8859-15"),
        ("koi8_r", "koi8-r"),
        ("koi", "koi8-r"),
        ("koi8-ru", "koi8-u"),
        ("866", "cp866"),
        ("ibm866", "cp866"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("chinese", "gb18030"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("iso-ir-58", "gb18030"),
        ("big5-hkscs", "big5hkscs"),
        ("x-x-big5", "big5hkscs"),
        ("cseucpkdfmtjapanese", "euc_jp"),
        ("x-euc-jp", "euc_jp"),
        ("csiso2022jp", "iso2022_jp"),
        ("ms932", "cp932"),
        ("ms_kanji", "cp932"),
        ("sjis", "cp932"),
        ("windows-31j", "cp932"),
        ("korean", "cp949"),
        ("ksc5601", "cp949"),
        ("ksc_5601", "cp949"),
        ("windows-949", "cp949"),
        ("iso-ir-149", "cp949"),
        ("utf-16", "utf-16-le"),
        ("utf-16le", "utf-16-le"),
        ("utf-16be", "utf-16-be"),
        ("unicodefffe", "utf-16-be"),
        ("unicodefeff", "utf-16-le"),
        ("sun_eu_greek", "iso8859-7"),
        ("ecma-118", "iso8859-7"),
        ("elot_928", "iso8859-7"),
        ("greek8", "iso8859-7"),
        ("asmo-708", "iso8859-6"),
        ("arabic", "iso8859-6"),
        ("hebrew", "iso8859-8"),
        ("cyrillic", "iso8859-5"),
        ("utf-32", None),
        ("base64", None),
        ("hex", None),
        ("punycode", None),
        ("mbcs", None),
    ],
)
def test_labels_of_the_standard(label: str, name: str | None) -> None:
    assert encoding_for(label) == name
    assert encoding_for(f" {label.upper()}\t") == name
