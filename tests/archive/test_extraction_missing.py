"""Pages that are not there, told from articles whose titles read like one of them."""

import pytest

from archive.extraction.page import examine_page
from archive.extraction.signs import MISSING
from archive.outcome import Kind

TEXT = "".join(
    f"<p>The council of the {name} district met on Tuesday and voted for the plan after a long debate.</p>"
    for name in ("northern", "southern", "eastern", "western")
)
OG = '<meta property="og:type" content="article">'
DATE = '<meta name="date" content="2026-03-10">'


def kind(title: str, text: str, head: str = "") -> Kind:
    html = (
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body><main><h1>{title}</h1><div>{text}</div></main></body></html>"
    )
    return examine_page(
        html.encode(), url="https://example.com/a/story-of-a-bridge-1", content_type=None
    ).kind


@pytest.mark.parametrize(
    "title",
    [
        "404 neue Wohnungen an der Ahle",
        "Flight 404 lands safely after engine fire",
        "Facebook-Seite des Bürgermeisters nicht mehr verfügbar",
        "Minister’s post about bridge has been removed",
        "Historic battle site is gone, say archaeologists",
        "Cet article du code n’existe plus, rappelle le maire",
    ],
)
def test_a_title_alone_makes_no_article_missing(title: str) -> None:
    assert kind(title, TEXT, OG) is Kind.ARTICLE
    assert kind(title, TEXT, DATE) is Kind.ARTICLE
    assert kind(title, TEXT) is Kind.ARTICLE


@pytest.mark.parametrize(
    ("title", "text", "head"),
    [
        ("Page not found", "", ""),
        ("Page not found", "<p>It has moved.</p>", OG),
        ("Page not found", "<p>The page you asked for could not be found.</p>" + TEXT, ""),
        ("Oops", "<p>The page you asked for could not be found.</p>", ""),
        ("404", "<p>It has moved.</p>", ""),
        ("Fehler 404", "<p>Bitte versuchen Sie es noch einmal.</p>", ""),
    ],
)
def test_a_page_that_says_that_it_is_missing(title: str, text: str, head: str) -> None:
    assert kind(title, text, head) is Kind.SOFT_404


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("404", True),
        ("404 | The Probe", True),
        ("The Probe – 404", True),
        ("404-Fehler", True),
        ("Ошибка 404 на сайте", True),
        ("HTTP error 404 again", True),
        ("Flight 404 lands safely", False),
        ("Room 404 is empty", False),
        ("Sie hat 404 Seiten", False),
    ],
)
def test_the_number_404(text: str, says: bool) -> None:
    assert (MISSING.search(text) is not None) is says
