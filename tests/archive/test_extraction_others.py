"""Further articles and comments on an article's page, and lists that end its text."""

import pytest

from archive.extraction.layout import layout
from archive.extraction.others import MIN_TEXT, drop_others
from archive.extraction.page import examine_page
from archive.extraction.tree import parse_html

PROSE = "The council met on Monday and voted for the plan by a margin that nobody had expected, they say. "
TEXT = f"<p>{PROSE * 2}</p><p>{PROSE * 2}</p>"
OTHER = f"<article><h1>Another</h1><p>{PROSE}</p></article>"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (f"<article><h1 id=t>T</h1>{TEXT}</article>{OTHER}", ".xx.."),
        (f"<h1 id=t>T</h1>{TEXT}{OTHER}", ".xx.."),
        (f"<article><h1 id=t>T</h1>{TEXT}{OTHER}</article>", ".xx.."),  # inside the article that it follows
        (f"<article><h1 id=t>T</h1>{TEXT}<article><p>{PROSE}</p></article></article>", ".xxx"),  # no heading
        (f"<h1 id=t>T</h1><p>Short.</p>{OTHER}", ".xxx"),  # a teaser above the article, or a part of it
        (f"<article><h1 id=t>T</h1></article><article><h1>Part 1</h1>{TEXT}</article>", ".xxx"),
        (f"<h1>T</h1>{TEXT}{OTHER}", ".xxxx"),  # which heading is the title's is not known
        (f"<h1 id=t>T</h1>{TEXT}<div class=comments><ul><li>{PROSE}</ul></div>", ".xx."),
        (f"<h1>T</h1>{TEXT}<div id=disqus_thread><p>{PROSE}</div>", ".xx."),
        (f"<h1 id=t>T</h1>{TEXT}<ol class='wp-comment-list x'><li><div>{PROSE}</div></ol>", ".xx."),
        (f"<h1 id=t>T</h1>{TEXT}<section class=CommentsList><p>{PROSE}</section>", ".xx."),
        (f"<div class=comments-open><h1 id=t>T</h1>{TEXT}<p>{PROSE}</div>", ".xxx"),  # around the title
        (f"<body class=has-comments><h1 id=t>T</h1>{TEXT}", ".xx"),
        (f"<h1 id=t>T</h1>{TEXT}<div class=commentary><p>{PROSE}</div>", ".xxx"),  # another word
        (f"<h1 id=t>T</h1><div class=comments>{TEXT}</div>", ".xx"),  # nothing above it
        (f"<h1 id=t>T</h1>{TEXT}<div class='x auteur-box'><h4>On</h4><p>{PROSE}</div>", ".xx.."),
        (f"<h1 id=t>T</h1>{TEXT}<aside id=aboutTheAuthor><p>{PROSE}</aside>", ".xx."),
        (f"<h1 id=t>T</h1>{TEXT}<div class=article__author-bio><p>{PROSE}</div>", ".xx."),
        (f"<h1 id=t>T</h1><div class=author-card><p>{PROSE}</div>{TEXT}", ".xxx"),  # above the text
        (f"<div class=author-profile><h1 id=t>T</h1>{TEXT}</div>", ".xx"),
        (f"<h1 id=t>T</h1>{TEXT}<div class=authorized-box><p>{PROSE}</div>", ".xxx"),
    ],
)
def test_other_texts_below_the_article_are_left_out(html: str, left: str) -> None:
    root = parse_html(html)
    assert root is not None
    lines = layout(root)
    kept = [line.element.get("id") != "t" and line.text != "T" for line in lines]
    assert len(PROSE) * 4 > MIN_TEXT > len("Short.")
    drop_others(lines, kept, next((e for e in root.iter("h1") if e.get("id")), None))
    assert "".join("x" if wanted else "." for wanted in kept) == left


def text_of(html: str) -> str:
    outcome = examine_page(html.encode(), url="https://news.example.org/a/plan", content_type="text/html")
    assert outcome.article is not None
    return outcome.article.text


SENTENCES = (
    "The jury met in the old town hall for the third time this year and heard what the writers had to say.",
    "“It was never a question of taste,” said Maria Kern, who has led it since 2014 and will leave this season.",
    "The prize, founded by a bookseller after the war, is worth 20,000 euros and has gone to novels and one opera.",
    "Last year it went to nobody, as three of the seven judges had stayed away and the others could not agree.",
    "The next one will be given in April, when the hall has been repaired and the river has left its cellar.",
)


def paragraphs(*numbers: int) -> str:
    return "".join(f"<p>{SENTENCES[n]} {PROSE}</p>" for n in numbers)


def test_an_endless_page_gives_its_first_article() -> None:
    head = "<title>The prize of the town</title><main>"
    first = f"<article><h1>The prize of the town</h1>{paragraphs(0, 1, 2)}</article>"
    second = f"<article><h1>River in the cellar</h1>{paragraphs(3, 4)}</article>"
    assert text_of(head + first + second) == text_of(head + first)
    assert "river" not in text_of(head + first + second)


def part(html: str, name: str = "part text") -> str:
    return f"<div class=col><div class='{name}'>{html}</div></div>"


def page_that_ends(ending: str) -> str:
    text = part(paragraphs(0, 1, 2)) + part(paragraphs(3, 4))
    table = "<div class=col><div class=table>" + "<p>42 %</p>" * 12 + "</div></div>"
    return f"<title>The prize</title><article><h1>The prize</h1>{text}{table}{ending}</article>"


HEADING = "<h2>Winners</h2>"
ITEMS = "".join(f"<li>{year}: Winner {year - 1990}</li>" for year in range(2023, 2003, -1))


@pytest.mark.parametrize(
    "ending", [part(f"{HEADING}<ul>{ITEMS}</ul>"), part(HEADING) + part(f"<ul>{ITEMS}</ul>")]
)
def test_a_list_in_one_more_box_of_the_text_is_part_of_it(ending: str) -> None:
    assert text_of(page_that_ends(ending)).endswith(
        "\n\nWinners\n\n" + "\n".join(f"- {year}: Winner {year - 1990}" for year in range(2023, 2003, -1))
    )


@pytest.mark.parametrize(
    "ending",
    [
        part(f"{HEADING}<ul>{ITEMS}</ul>", "part links"),  # a box of another look
        part(f"{HEADING}<ul>{ITEMS}</ul><p>More</p>"),  # which holds more
        part(f"{HEADING}<ul>{ITEMS.replace('2022', '<a href=/2022>2022</a>')}</ul>"),
        part(f"{HEADING}<ul>{ITEMS.replace('2022', 'Share this: 2022')}</ul>"),
        part(f"{HEADING}<ul><li>2023: Winner 33<li>2022: Winner 32</ul>"),  # too short for a list by itself
    ],
)
def test_another_list_below_the_text_is_none_of_it(ending: str) -> None:
    assert "Winner" not in text_of(page_that_ends(ending))
