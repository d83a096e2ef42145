"""The language of a text, from its words and from what its page declares."""

import pytest

from archive.extraction.language import READ_CHARACTERS, detected, text_language
from archive.outcome import Value

TEXTS = {
    "en": "The council voted on Tuesday to keep the old bridge open for another ten years, and to pay for its repair.",
    "de": "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke noch zehn Jahre lang für den Verkehr offen zu halten.",
    "fr": "Le conseil municipal a décidé mardi de laisser le vieux pont ouvert pendant dix ans encore, et d'en payer la réparation.",
    "es": "El ayuntamiento decidió el martes mantener abierto el viejo puente durante diez años más y pagar su reparación.",
    "pt": "A câmara municipal decidiu na terça-feira manter a velha ponte aberta por mais dez anos e pagar a reparação.",
    "it": "Il consiglio comunale ha deciso martedì di tenere aperto il vecchio ponte per altri dieci anni e di pagarne la riparazione.",
    "nl": "De gemeenteraad heeft dinsdag besloten de oude brug nog tien jaar open te houden en de reparatie ervan te betalen.",
    "sv": "Kommunfullmäktige beslutade i tisdags att hålla den gamla bron öppen i tio år till och att betala för reparationen.",
    "pl": "Rada miasta zdecydowała we wtorek, że stary most pozostanie otwarty przez kolejne dziesięć lat, i zapłaci za jego remont.",
    "fi": "Kaupunginvaltuusto päätti tiistaina pitää vanhan sillan auki vielä kymmenen vuotta ja maksaa sen korjauksen.",
    "tr": "Belediye meclisi salı günü eski köprünün on yıl daha açık tutulmasına ve onarım masrafının ödenmesine karar verdi.",
    "ru": "Городской совет решил во вторник оставить старый мост открытым ещё на десять лет и оплатить его ремонт.",
    "uk": "Міська рада вирішила у вівторок залишити старий міст відкритим ще на десять років і оплатити його ремонт.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κρατήσει ανοιχτή την παλιά γέφυρα για άλλα δέκα χρόνια.",
    "ar": "قرر المجلس البلدي يوم الثلاثاء إبقاء الجسر القديم مفتوحا لمدة عشر سنوات أخرى ودفع تكاليف إصلاحه بالكامل.",
    "he": "מועצת העיר החליטה ביום שלישי להשאיר את הגשר הישן פתוח לעוד עשר שנים ולשלם את מלוא עלות התיקון שלו.",
    "hi": "नगर परिषद ने मंगलवार को पुराने पुल को और दस साल तक खुला रखने और उसकी मरम्मत का खर्च उठाने का फैसला किया।",
    "zh": "市议会周二决定让这座老桥再开放十年,并承担全部维修费用。居民们说,他们对这一决定感到满意,因为桥对他们很重要。",
    "ja": "市議会は火曜日、古い橋をさらに十年間開放し、その修理費を負担することを決めた。住民たちは決定を歓迎している。",
    "ko": "시의회는 화요일 낡은 다리를 앞으로 십 년 더 개방하고 수리 비용을 모두 부담하기로 결정했다. 주민들은 환영했다.",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items(), ids=TEXTS)
def test_the_words_tell_the_language(code: str, text: str) -> None:
    assert detected(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "Short", "12 345 678 " * 40, "----- ***** " * 40, "\n" * 500, "\udcff" * 500],
    ids=["none", "short", "numbers", "rules", "line ends", "lone surrogates"],
)
def test_what_is_no_language_is_told_by_nothing(text: str) -> None:
    assert detected(text) is None


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        (TEXTS["de"], Value("en-US", "html"), Value("de", "text")),
        (TEXTS["de"], None, Value("de", "text")),
        ("Kurz", Value("de-AT", "html"), Value("de", "html")),
        ("Kurz", None, None),
        ("", Value("PT-BR", "meta"), Value("pt", "meta")),
    ],
)
def test_the_words_count_before_the_declaration(
    text: str, declared: Value | None, expected: Value | None
) -> None:
    assert text_language(text, declared) == expected


@pytest.mark.parametrize("code", ["hr", "sr", "bs"])
def test_the_declaration_tells_languages_apart_that_are_too_alike(code: str) -> None:
    text = "Ovo je vijest o vladi koja je danas donijela odluku o proračunu za sljedeću godinu, nakon duge rasprave."
    assert text_language(text, Value(f"{code}-Latn", "html")) == Value(code, "html")


def test_no_more_is_read_than_is_needed() -> None:
    opening = TEXTS["fr"] * (READ_CHARACTERS // len(TEXTS["fr"]) + 1)
    assert detected(opening + TEXTS["ru"] * 100_000) == "fr"
