"""Consent dialogues told from prose in which somebody accepts something."""

import pytest

from archive.extraction import consent
from archive.extraction.page import examine_page
from archive.outcome import Kind

PROSE = [
    f"The council of the {name} district met on Tuesday evening and voted for the plan after a long and heated debate."
    for name in ("northern", "southern", "eastern", "western")
]
ACCEPTING = [
    "The union said on Friday that it would never accept all the conditions that the employers had set out in their letter.",
    "She asked the court to reject all the claims that her former business partners had made against her last year.",
    "“We and our partners in the region will rebuild every single house,” the aid minister told reporters in the capital.",
    "Der Oberbürgermeister hofft, dass am Ende alle akzeptieren, was der Stadtrat beschlossen hat, und der Streit endet.",
    "« On ne peut pas tout accepter », a lancé le maire devant les journalistes, avant de quitter la salle.",
    "Mieszkańcy nie akceptują tej decyzji i zapowiadają protest przed urzędem miasta w najbliższą sobotę o dwunastej.",
    "Глава города обещала принять все необходимые меры, чтобы движение по мосту не прерывалось даже во время ремонта.",
    "El portavoz aseguró que el sindicato no va a aceptar todo lo que proponga la empresa en la reunión del jueves.",
    "发言人表示，政府不会接受所有条件，谈判将在下周继续进行，各方都希望尽快达成一致意见。",
    "두 사람은 모두 동의했다고 시장은 전했다. 다음 회의는 오는 금요일 시청에서 열릴 예정이라고 한다.",
    "Sendika, işverenin önerilerinin tümünü kabul etmeyeceğini ve görüşmelerin gelecek hafta süreceğini açıkladı.",
    "警察は、男が店のクッキーを盗んだ疑いがあるとみて調べている。男は容疑を認めているという。",
]


def page(paragraphs: list[str], after: str = "") -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        "<html lang=en><head><meta charset=utf-8><title>A bridge</title>"
        '<meta property="og:type" content="article"></head>'
        f"<body><article><h1>A bridge</h1><div>{text}</div></article>{after}</body></html>"
    ).encode()


@pytest.mark.parametrize("sentence", ACCEPTING)
def test_prose_in_which_somebody_accepts_stays(sentence: str) -> None:
    for paragraphs in ([sentence, *PROSE], [*PROSE, sentence]):
        outcome = examine_page(page(paragraphs), url="https://example.com/a", content_type=None)
        assert outcome.article is not None
        assert sentence in outcome.article.text


def test_a_short_article_of_such_prose_is_no_consent_wall() -> None:
    outcome = examine_page(page(ACCEPTING[:3]), url="https://example.com/a", content_type=None)
    assert outcome.kind is Kind.ARTICLE


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Accept all", True),
        ("Alle akzeptieren und schließen", True),
        ("Tout refuser", True),
        ("Принять все", True),
        ("すべて同意する", True),
        ("全部接受", True),
        ("We will not accept all.", False),
        ("모두 동의", True),
        ("We and our 842 partners store and access personal data, like browsing data or unique identifiers.", True),
        ("We use cookies to make this better for you and for us. Accept all", True),
        ("Sie können alle akzeptieren oder Ihre Einwilligung in den Einstellungen anpassen, wann immer Sie wollen", True),
        ("Nous utilisons des cookies pour améliorer votre expérience.", True),
        ("当サイトではクッキーを使用しています。", True),
        ("The council met on Tuesday.", False),
    ],
)  # fmt: skip
def test_what_asks(text: str, asked: bool) -> None:
    assert consent.asks(text) is asked
    assert list(consent.asking(["Tuesday", text])) == [1] * asked


def test_a_dialogue_beside_an_article_goes() -> None:
    dialogue = "<div id=cc><p>We use cookies and our partners do. Accept all</p><p>Accept all</p></div>"
    outcome = examine_page(page(PROSE, dialogue), url="https://example.com/a", content_type=None)
    assert outcome.article is not None
    assert outcome.article.text.endswith(PROSE[-1])
