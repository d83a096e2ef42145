"""Random pages as Chromium shows them and as our layout reads them: the same words, and the same lines where tags are in order."""

import html
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.extraction.layout import layout
from archive.extraction.tree import drop_unread, parse_html
from tests.patience import PATIENCE_S

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--virtual-time-budget=100000", "--dump-dom",
]  # fmt: skip
PAGES = 100
# Each page in a frame of its own; what it shows goes, as JSON, into the one element that is left.
SCRIPT = """
const shown = [];
(async () => {
  for (const page of PAGES) {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const loaded = new Promise(done => frame.onload = done);
    frame.srcdoc = page;
    await loaded;
    shown.push(frame.contentDocument.body.innerText);
    frame.remove();
  }
  document.body.innerHTML = '';
  const result = document.createElement('pre');
  result.textContent = JSON.stringify(shown);
  document.body.append(result);
})();
"""
STACKS = [
    "div", "p", "section", "article", "main", "aside", "blockquote", "h1", "h2", "h3", "figure",
    "figcaption", "header", "footer", "address", "center",
]  # fmt: skip
LISTS = [
    "ul", "ol", "dl", "menu",
]  # fmt: skip
INLINE = [
    "span", "b", "i", "em", "strong", "a", "u", "small", "sub", "sup", "code", "q", "cite", "abbr",
    "mark", "kbd", "ruby", "x-y", "nobr", "bdi", "ins", "del",
]  # fmt: skip
STRAY = [
    "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "caption", "table", "fieldset", "legend",
    "summary", "pre", "rt", "button", "wbr", "form",
]  # fmt: skip
ODD = [
    "<br>", "<br/>", "<wbr>", "<!-- c -->", "<!-->", "<?pi?>", "<>", "< b", "<![CDATA[x]]>",
    "<img src=x alt=q>", "<embed src=x>", "<source>", "<track>", "<template>x</template>",
    "<b style='display:none'>x</b>", "<svg><title>x</title></svg>", "<video>x</video>", "<script>x</script>",
]  # fmt: skip
WILD = [
    *ODD, "</br>", "</p>", "</div>", "</b>", "<hr>", "<p hidden>x</p>", "<dialog>x</dialog>", "<select><option>x</select>",
    "<progress>x</progress>", "<textarea>x</textarea>",
]  # fmt: skip
ENTITIES = [
    "&amp;", "&lt;", "&hellip;", "&apos;", "&comma;", "&nbsp;", "&#x2019;", "&#146;", "&notit;", "&copy",
    "&amp", "&shy;", "&#0;", "&bogus;",
]  # fmt: skip

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")


@dataclass
class Maker:
    """Makes pages of numbered words; ``wild`` ones with tags that are unclosed, misnested, or out of their place."""

    chance: random.Random
    wild: bool
    words: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def text(self) -> str:
        text = f"w{next(self.words)}"
        if self.chance.random() < 0.15:
            text += f"{self.chance.choice(ENTITIES)}w{next(self.words)}"
        if self.chance.random() < 0.15:
            odd = self.chance.choice(WILD if self.wild else ODD)
            text += f"{odd}w{next(self.words)}"
        return text + self.chance.choice(["", " ", "\n"])

    def several(self, depth: int, *, inline: bool) -> str:
        return "".join(self.node(depth - 1, inline=inline) for _ in range(self.chance.randint(1, 3)))

    def node(self, depth: int, *, inline: bool = False) -> str:
        kind = self.chance.random()
        if depth <= 0 or kind < 0.3:
            return self.text()
        if self.wild:
            return self.wild_node(depth)
        if inline or kind < 0.5:
            tag = self.chance.choice(INLINE)
            return f"<{tag}>{self.several(depth, inline=True)}</{tag}>"
        if kind < 0.6:
            tag = self.chance.choice(LISTS)
            item = "dd" if tag == "dl" else "li"
            items = (f"<{item}>{self.several(depth, inline=False)}</{item}>" for _ in range(2))
            return f"<{tag}>{''.join(items)}</{tag}>"
        tag = self.chance.choice(STACKS)
        is_line = tag in ("p", "h1", "h2", "h3")
        return f"<{tag}>{self.several(depth, inline=is_line)}</{tag}>"

    def wild_node(self, depth: int) -> str:
        tag = self.chance.choice(STACKS + LISTS + INLINE + STRAY)
        inner, kind = self.several(depth, inline=False), self.chance.random()
        if kind < 0.08:
            return f"<{tag}>{inner}"
        return f"<{tag}>{inner}</{self.chance.choice(STACKS + INLINE) if kind < 0.14 else tag}>"

    def page(self) -> str:
        body = self.several(5, inline=False)
        before = [
            "<!DOCTYPE html><title>T</title>",
            "<!DOCTYPE html><html><head><title>T</title></head><body>",
        ]
        return self.chance.choice(before) + body


def shown_by_browser(pages: list[str], folder: Path) -> list[str]:
    assert BROWSER is not None
    data = json.dumps(pages).replace("<", "\\u003c")
    (folder / "pages.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body><script>const PAGES = {data};{SCRIPT}</script>"
    )
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", (folder / "pages.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    found = re.search(r"<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    assert found is not None, done.stdout[-500:] + done.stderr[-500:]
    return list(json.loads(html.unescape(found[1])))


def read(page: str) -> str:
    root = parse_html(page)
    assert root is not None
    drop_unread(root)
    return "\n".join(line.text for line in layout(root) if not line.unshown)


def lines(text: str) -> list[str]:
    """The lines that show anything, their inner white space as one space."""
    return [" ".join(re.split(r"[ \t]+", line.strip(" \t"))) for line in text.split("\n") if "w" in line]


def made(seed: int, *, wild: bool) -> list[str]:
    maker = Maker(random.Random(seed), wild)
    return [maker.page() for _ in range(PAGES)]


def test_no_word_of_any_page_is_lost_or_added(tmp_path: Path) -> None:
    pages = made(1, wild=True)
    for page, shown in zip(pages, shown_by_browser(pages, tmp_path), strict=True):
        assert sorted(re.findall(r"w\d+", read(page))) == sorted(re.findall(r"w\d+", shown)), page


def test_lines_are_those_of_the_browser(tmp_path: Path) -> None:
    pages = made(2, wild=False)
    for page, shown in zip(pages, shown_by_browser(pages, tmp_path), strict=True):
        assert lines(read(page)) == lines(shown), page
