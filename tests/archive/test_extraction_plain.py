"""Blocks without names among the paragraphs of a text are its own, whatever the line model says of them."""

import pytest

from archive.extraction.page import examine_page
from archive.extraction.plain import keep_alone, keep_plain
from tests.archive.test_extraction_units import lines_of, marks

PROSE = "<p>The rain fell over the hills for hours, and nobody who had gone there that day came back dry, or in a good mood.</p>"
TABLE = "<table><tr><th>Costs<td>3<tr><th>Time<td>4</table>"
PICTURE = "<figure><img src=hill.jpg class=wide><figcaption>The hill, before the rain.</figcaption></figure>"


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        # between paragraphs
        (f"{PROSE}{PICTURE}{PROSE}", "x.x", "xxx"),
        (f"{PROSE}<blockquote><p>It rains.</p><footer>The mayor</footer></blockquote>{PROSE}", "xx.x", "xxxx"),
        (f"{PROSE}<pre class=code>x = 1\ny = 2</pre>{PROSE}", "x..x", "xxxx"),
        (f"{PROSE}<figure><pre><code class=python>x = 1</code></pre></figure>{PROSE}", "x.x", "xxx"),
        (f"{PROSE}{TABLE}<ol><li>One<li>Two</ol>{PROSE}", "x....x", "xxxxxx"),
        (f"{PROSE}<details open><summary>More</summary>Of it</details>{PROSE}", "x..x", "xxxx"),
        (f"{PROSE}<div>One<br>Two<div>Three</div></div>{PROSE}", "x...x", "xxxxx"),
        (f"{PROSE}<h3>Then</h3><ul><li>One<li>Two</ul>{PROSE}", "x...x", "xxxxx"),
        (f"{PROSE}<ul><li>The Commission<li>agreed<li>to it</ul>{PROSE}", "x...x", "xxxxx"),  # one line may call
        # what a page puts there
        (f"{PROSE}<table class=ad><tr><td>Costs</table>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<figure><img><figcaption data-gallery=1>A hill</figcaption></figure>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<div><div aria-label=box>Costs</div></div>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<div><p>Costs</p></div>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<aside>Costs</aside>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<div>Subscribe now</div>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<h3>Read more</h3>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}<ul><li><a href=/>Costs</a><li>of it</ul>{PROSE}", "x..x", "x..x"),
        (f"{PROSE}<figure hidden><figcaption>A hill</figcaption></figure>{PROSE}", "x.x", "x.x"),
        (f"<div>{PROSE}</div>{PICTURE}<div>{PROSE}</div>", "x.x", "x.x"),  # in no element that holds the text
        (f"<p>Short.</p>{PICTURE}<p>Too.</p>", "x.x", "x.x"),  # no text
        # beside the first and the last paragraph
        (f"{PICTURE}{PROSE}{PROSE}", ".xx", "xxx"),
        (f"{TABLE}<p>Short</p>{PROSE}{PROSE}", "...xx", "...xx"),
        (f"<ul><li>By A<li>By B</ul>{PROSE}{PROSE}", "..xx", "..xx"),
        (f"{PROSE}{PROSE}{TABLE}{PICTURE}", "xx...", "xxxxx"),
        (f"{PROSE}{PROSE}<ul><li>One<li>Two</ul>", "xx..", "xxxx"),
        (f"{PROSE}{PROSE}<ul><li>With a reporter</ul>", "xx.", "xx."),
        (f"{PROSE}{PROSE}<p>Share</p>{TABLE}", "xx...", "xx..."),
        (f"{PROSE}{PROSE}<p>It went on.</p><p>Nobody knows.</p>", "xx..", "xxxx"),
        (f"{PROSE}{PROSE}<p>वर्षा हुई।</p>", "xx.", "xxx"),
        (f"{PROSE}{PROSE}<p>With a reporter</p><p>Nobody knows.</p>", "xx..", "xx.."),
        (f"{PROSE}{PROSE}<p>It went <a href=/>on</a>.</p>", "xx.", "xx."),
        (f"{PROSE}{PROSE}<p class=note>It went on.</p>", "xx.", "xx."),
        (f"{PROSE}<p>It was still <a href=/>raining</a></p>{PROSE}", "x.x", "xxx"),
        (f"{PROSE}<p>Read more: <a href=/>raining</a></p>{PROSE}", "x.x", "x.x"),
        (f"{PROSE}{PROSE}<h3>Results</h3>{TABLE}", "xx...", "xxxxx"),
        (f"{PROSE}{PROSE}<h3>Results</h3><p>Soon</p>", "xx..", "xx.."),
        (f"{PROSE}{PROSE}<div>Tags: rain, hills</div>", "xx.", "xx."),
    ],
)  # fmt: skip
def test_plain_blocks(html: str, kept: str, expected: str) -> None:
    lines, found = (
        lines_of(f"<main>{html}</main><footer><table><tr><td>No text</table></footer>"),
        marks(kept + "."),
    )
    keep_plain(lines, found, 0)
    assert found == marks(expected + ".")


def test_lines_above_the_start_stay_out() -> None:
    lines, found = lines_of(f"<main>{PICTURE}{PROSE}{PROSE}</main>"), marks(".xx")
    keep_plain(lines, found, 1)
    assert found == marks(".xx")


def test_a_block_of_very_many_elements_is_none() -> None:
    rows = "<tr><td>1" * 1500
    lines = lines_of(f"<main>{PROSE}<table>{rows}</table>{PROSE}</main>")
    found = [True, *[False] * 1500, True]
    keep_plain(lines, found, 0)
    assert sum(found) == 2


def test_a_text_of_few_words_is_whole() -> None:
    """Of a page of three short paragraphs the model knows little; what stands between them is its own all the same."""
    html = f"""<!DOCTYPE html><title>Rain</title><main><h1>Rain over the hills</h1>
        {PROSE}<h2>Costs</h2>{TABLE}<ol><li>One<ul><li>Half</ul><li>Two</ol>{PICTURE}{PROSE}
        <blockquote>It rains.<footer>— <cite>The mayor</cite></footer></blockquote><pre>a  b</pre></main>"""
    outcome = examine_page(
        html.encode(), url="https://www.example.com/news/rain-1.html", content_type="text/html; charset=utf-8"
    )
    assert outcome.article is not None
    assert outcome.article.text.partition("\n\n")[2] == (
        "The rain fell over the hills for hours, and nobody who had gone there that day came back dry, or in a good mood.\n\n"
        "Costs\n\nCosts 3\nTime 4\n\n1. One\n  - Half\n2. Two\n\nThe hill, before the rain.\n\n"
        "The rain fell over the hills for hours, and nobody who had gone there that day came back dry, or in a good mood.\n\n"
        "It rains.\n\n— The mayor\n\na  b"
    )


STANZA = "<p>The rain it rains all day,<br>all day upon the hill,<br>and who has lost the way<br>is looking for it still.</p>"


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        (f"<main><h1>Rain</h1>{STANZA}{STANZA}</main>", ".xxxxxxxx"),
        (f"<main><header><h1>Rain</h1></header>{STANZA}</main>", ".xxxx"),
        (
            f"<main><h1>Rain</h1><p class=by>May</p>{STANZA}<p class=share>Rain</p><p>More</p></main>",
            "..xxxx..",
        ),
        (f"<main><h1>Rain</h1>{STANZA}<p hidden>No more</p><p>The end.</p></main>", ".xxxx.x"),
        (f"<main><h1>Rain</h1>{STANZA}<p>Share this</p></main>", ".xxxx."),
        (f"<main><h1>Rain</h1>{STANZA}</main><footer>Rain</footer>", ".xxxx."),
        ("<main><h1>Rain</h1><p>It rains.</p><p>It still rains.</p></main>", "..."),  # too short
        (
            "<main><h1>Rain</h1>" + "<p><a href=/>It still rains upon the hill.</a></p>" * 5 + "</main>",
            "......",
        ),
        (f"<main><h1>Rain</h1><section class=box>{STANZA}</section></main>", "....."),
    ],
)
def test_a_text_without_prose_is_what_stands_under_the_heading(html: str, kept: str) -> None:
    lines = lines_of(html)
    found = [False] * len(lines)
    keep_alone(lines, found, lines[0].element, 1)
    assert found == marks(kept)


def test_a_poem_is_an_article() -> None:
    html = f"<!DOCTYPE html><title>Rain</title><main><h1>Rain</h1><p>By May Field</p>{STANZA}{STANZA}</main>"
    outcome = examine_page(
        html.encode(),
        url="https://www.example.com/poems/rain-1234.html",
        content_type="text/html; charset=utf-8",
    )
    stanza = "The rain it rains all day,\nall day upon the hill,\nand who has lost the way\nis looking for it still."
    assert outcome.article is not None
    assert outcome.article.text == f"Rain\n\n- By May Field\n\n{stanza}\n\n{stanza}"
