"""Tables, preformatted text and lists that are kept whole or not at all; what is taken out of a text again."""

import pytest

from archive.extraction.article import drop_copies, drop_hidden, drop_labels
from archive.extraction.layout import layout
from archive.extraction.lines import Line
from archive.extraction.tree import parse_html
from archive.extraction.units import keep_boxes_alike, keep_quotations, keep_units, looks_of_text

PROSE = "<p>The rain fell over the hills for hours, and nobody came back dry.</p>"
LONG = "The council met on Monday and voted for the plan by a margin that nobody had expected. " * 3


def lines_of(html: str) -> list[Line]:
    root = parse_html(html)
    assert root is not None
    return layout(root)


def marks(text: str) -> list[bool]:
    return [mark == "x" for mark in text]


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (f"{PROSE}<ul><li>Costs<li>Time</ul>{PROSE}", "x..x", "xxxx"),
        (f"{PROSE}<ol><li>Costs<ul><li>More</ul><li>Time</ol>{PROSE}", "x...x", "xxxxx"),
        (f"{PROSE}<div><ul><li>Costs<li>Time</ul></div>{PROSE}", "x..x", "xxxx"),  # in a wrapper of its own
        (
            f"{PROSE}<ol><li>Costs<li hidden>None<li>Time</ol>{PROSE}",
            "x...x",
            "xx.xx",
        ),  # what is not shown stays out
        (f"{PROSE}<dl><dt>Costs<dd>Time</dl>{PROSE}", "x..x", "xxxx"),
        (f"{PROSE}<table><tr><td>1<td>2<tr><td>3<td>4</table>{PROSE}", "x..x", "xxxx"),
        (f"{PROSE}<ul><li><a href=/>Costs</a><li>Time</ul>{PROSE}", "x..x", "x..x"),  # of links
        (f"{PROSE}<ul><li>Share this<li>Time</ul>{PROSE}", "x..x", "x..x"),  # of calls
        (f"{PROSE}<aside><div><ul><li>Costs<li>Time</ul></div></aside>{PROSE}", "x..x", "x..x"),  # elsewhere
        (f"{PROSE}<ul><li>Costs<li>Time</ul>", "x..", "x.."),  # after the text
        (f"<p>So:</p><ul><li>Costs of all<li>Time</ul>{PROSE}", "x...", "x..."),  # longer than what is kept
        (f"{PROSE}<p>These count:</p><ul><li>Costs<li>Time</ul>", "xx..", "xxxx"),  # announced
        (f"{PROSE}<p>これらです：</p><ul><li>Costs<li>Time</ul>", "xx..", "xxxx"),
        (f"{PROSE}<p>These count:</p><p>no list</p>", "xx.", "xx."),
        (
            f"{PROSE}<table class=a><tr><td>1</table><ul class=b><li>Costs<li>Time</ul>{PROSE}",
            "x...x",
            "xxxxx",
        ),
        (f"{PROSE}<ul><li>Costs</ul><ul><li><a href=/>Time</a></ul>{PROSE}", "x..x", "xx.x"),
        (
            f"{PROSE}<figure class=a><figcaption>Over</figcaption><table><tr><td>1</table><figcaption>Under</figcaption></figure>{PROSE}",
            "x...x",
            "xxxxx",
        ),  # with its captions
        (f"{PROSE}<figure class=a><img><figcaption>Under</figcaption></figure>{PROSE}", "x.x", "x.x"),
    ],
)
def test_units(html: str, kept: str, expected: str) -> None:
    lines, found = lines_of(html), marks(kept)
    keep_units(lines, found, 0)
    assert found == marks(expected)


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (f"<p>{LONG}</p><p hidden>Later</p><p>{LONG}</p>", "xxx", "x.x"),
        (f"<p>{LONG}</p><p>{LONG}</p><p hidden>The rest, folded</p>", "xxx", "xxx"),
        (f"<p>Short</p><p hidden>{LONG}</p><p>End</p>", "xxx", "xxx"),  # the text that scripts show
        (f"<p>{LONG}</p><p hidden>Later</p>", "x.", "x."),
    ],
)
def test_hidden_text(html: str, kept: str, expected: str) -> None:
    lines, found = lines_of(html), marks(kept)
    drop_hidden(lines, found)
    assert found == marks(expected)


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (f"<div>{PROSE}</div><section>{PROSE}</section>", "xx", "x."),
        (f"<div>{PROSE}</div><section>{PROSE}</section>", ".x", ".x"),
        (PROSE * 3, "xxx", "xxx"),  # beside each other: a refrain
        ("<div><p>Yes.</p></div><section><p>Yes.</p></section>", "xx", "xx"),  # short
    ],
)
def test_copies(html: str, kept: str, expected: str) -> None:
    lines, found = lines_of(html), marks(kept)
    drop_copies(lines, found)
    assert found == marks(expected)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *(
            (label, False)
            for label in ("Anzeige", "ADVERTISEMENT", "— Publicité —", "広告", "إعلان", "Реклама:")
        ),
        *((label, False) for label in ("Story continues below advertisement", "La suite après la publicité")),
        *(
            (text, True)
            for text in ("Anzeige wurde erstattet.", "Pr", "Advertisement sales fell.", "Реклама подорожала.")
        ),
    ],
)
def test_labels_of_advertisements(text: str, kept: bool) -> None:
    found = [True]
    drop_labels(lines_of(f"<p>{text}</p>"), found)
    assert found == [kept]


T = f"<div class=t>{LONG}</div>"


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        (f"<main><div class=t>{PROSE * 5}</div><div class=t>Costs and time.</div><div class=t>{PROSE}</div></main>", "xxxxx.x", "xxxxxxx"),
        (f"<main>{T}{T}<div class=t>Costs</div>{T}</main>", "xx.x", "xxxx"),
        (f"<main>{T}{T}<div class=t><h3>Costs</h3></div>{T}</main>", "xx.x", "xxxx"),
        (f"<main>{T}{T}<div class=t><h3>Costs</h3></div><p>Time</p>{T}</main>", "xx..x", "xx..x"),  # of what is left out
        (f"<main>{T}{T}<div class=t>Subscribe</div>{T}</main>", "xx.x", "xx.x"),
        (f"<main>{T}{T}<div class=t><a href=/>Costs</a></div>{T}</main>", "xx.x", "xx.x"),
        (f"<main>{T}{T}<div class=s>Costs</div>{T}</main>", "xx.x", "xx.x"),  # of another look
        (f"<main>{T}{T}<div class=t>Costs</div></main>", "xx.", "xx."),  # below the text
        (f"<main><div>{LONG}</div><div>Costs</div><div>{LONG}</div></main>", "x.x", "x.x"),  # of no look
    ],
)  # fmt: skip
def test_boxes_like_those_of_the_text(html: str, kept: str, expected: str) -> None:
    lines, found = lines_of(html), marks(kept)
    keep_boxes_alike(lines, found, 0, looks_of_text(lines, found))
    assert found == marks(expected)


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        ("<blockquote class=q><p>It rains.</p><footer>The mayor</footer></blockquote><p>Rain", "x..", "xx."),
        ("<blockquote>It rains.<br>It rains.<cite>The mayor</cite></blockquote>", "x.", "xx"),
        (
            "<blockquote><p>It rains.</p>— The mayor <a href=/>May 4</a></blockquote>",
            "x.",
            "x.",
        ),  # as of a post
        ("<blockquote><p>It rains.</p><footer>The mayor</footer></blockquote>", "..", ".."),
    ],
)
def test_quotations_are_whole(html: str, kept: str, expected: str) -> None:
    lines, found = lines_of(html), marks(kept)
    keep_quotations(lines, found)
    assert found == marks(expected)
