"""What users declare: read, checked, explained."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ConfigurationError
from crawler.sources.declared import (
    Seed,
    Source,
    duration,
    load_sources,
    read_url_list,
    source_for_seeds,
    toml_entry,
)
from crawler.sources.opml import opml, read_opml
from crawler.urls.identity import Scope

FULL = """
[defaults]
every = "1d"
delay = 2

[[source]]
url = "https://www.example.org/news/"

[[source]]
name = "Wire"
urls = ["https://wire.example.net/", "https://wire.example.com/en/"]
feeds = ["https://feeds.example.net/wire.xml"]
sitemaps = ["https://wire.example.net/news.xml"]
every = "30m"
hosts = ["Wire.example.net", "cdn.example.com:8443"]
include = ["/en/"]
exclude = ["/en/live/", "*?print="]
language = "en-GB"
limit = 500
depth = 1
delay = 0.5
only_feeds = true
requisites = true
robots = "ignore"
user_agent = "wirebot/1.0"

[source.headers]
Accept-Language = "en"
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "sources.toml"
    path.write_text(text, "utf-8")
    return path


def test_sources_are_read_with_defaults(tmp_path: Path) -> None:
    plain, wire = load_sources(write(tmp_path, FULL))
    assert (plain.name, plain.every, plain.delay) == ("www.example.org", timedelta(days=1), 2)
    assert plain.seeds == (Seed("https://www.example.org/news/", "seed", "www.example.org"),)
    assert plain.scope() == Scope(("example.org",))
    assert (wire.every, wire.delay, wire.limit, wire.depth) == (timedelta(minutes=30), 0.5, 500, 1)
    assert wire.seeds == (
        Seed("https://wire.example.net/", "seed", "Wire"),
        Seed("https://wire.example.com/en/", "seed", "Wire"),
        Seed("https://wire.example.net/news.xml", "sitemap", "Wire"),
        Seed("https://feeds.example.net/wire.xml", "feed", "Wire"),
    )
    assert wire.scope() == Scope(
        ("wire.example.net", "cdn.example.com:8443"), ("/en/",), ("/en/live/", "*?print=")
    )
    assert wire.headers == {"Accept-Language": "en"}
    assert (wire.only_feeds, wire.requisites, wire.robots, wire.language) == (True, True, "ignore", "en-GB")


def test_a_url_is_enough(tmp_path: Path) -> None:
    [source] = load_sources(write(tmp_path, '\ufeff[[source]]\nurl = "https://example.org/"\n'))
    assert source == Source(name="example.org", url="https://example.org/")
    assert source.every == timedelta(hours=6)


def test_a_source_may_have_feeds_alone() -> None:
    source = Source(name="x", feeds=("https://feeds.example.org/a.xml",))
    assert source.seeds == (Seed("https://feeds.example.org/a.xml", "feed", "x"),)
    assert source.scope() == Scope(("example.org",))


def test_an_address_given_twice_is_one_seed() -> None:
    source = Source(
        name="x",
        url="https://example.org/",
        urls=("https://EXAMPLE.org/#a",),
        feeds=("https://example.org/?utm_source=x",),
    )
    assert [seed.url for seed in source.seeds] == ["https://example.org/"]


A = '[[source]]\nurl = "https://a.example/"\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[source]]\nurl = "example.org"\n', 2, "url: 'example.org' is no URL: write https://example.org"),
        ('[[source]]\nurl = "ftp://example.org/"\n', 2, "url: 'ftp://example.org/': only http and https are fetched, not ftp"),
        (A + '\n[[source]]\nurl = "https://b.example/"\nevrey = "6h"\n', 6, "unknown key 'evrey'; did you mean 'every'?"),
        (A + "xyzzy = 1\n", 3, "unknown key 'xyzzy'; known keys: name, url, urls"),
        ('[[sources]]\nurl = "https://a.example/"\n', 1, "unknown key 'sources'; did you mean 'source'?"),
        ('[defaults]\ndealy = 1\n' + A, 2, "unknown key 'dealy'; did you mean 'delay'?"),
        ('[defaults]\ndelay = "x"\n' + A, 2, "delay is a number"),
        (A + "every = 6\n", 3, 'every: a duration is a number and a unit, as in "90s"'),
        (A + 'every = "6 hours"\n', 3, "every: a duration"),
        (A + 'every = "5s"\n', 3, "every: no source is crawled more often than once a minute"),
        (A + "limit = 0\n", 3, "limit is 1 at least"),
        (A + "depth = -1\n", 3, "depth is 0 at least"),
        (A + 'include = ["en/"]\n', 3, "include: a pattern is a path from its start"),
        (A + 'hosts = ["https://a.example/"]\n', 3, "hosts: 'https://a.example/' is no host name"),
        (A + 'language = "English!"\n', 3, "language is a language tag"),
        (A + 'robots = "maybe"\n', 3, "robots is one of 'obey' or 'ignore'"),
        (A + 'headers = { "A B" = "x" }\n', 3, "headers has names and values"),
        (A + 'headers = { A = "x\\r\\nB: y" }\n', 3, "headers has names and values"),
        (A + 'user_agent = "x\\ny"\n', 3, "user_agent is a header field's value"),
        ('[[source]]\nname = "x"\n', 1, "needs a place to start"),
        (A + '[source.headers]\nX = 5\n', 4, 'headers is a text in quotes: "…" (given: 5)'),
        (A + '[source.headers]\n"X Y" = "5"\n', 4, "headers has names and values"),
        (A + 'feeds = "https://a.example/feed"\n', 3, 'feeds is a list, as in ["…", "…"] (given: '),
        (A + 'feeds = [\n  "https://a.example/feed",\n  7,\n]\n', 3, "feeds is a text in quotes"),
        (A + 'only_feeds = "perhaps"\n', 3, "only_feeds is true or false"),
        (A + 'since = "2024-99"\n', 3, 'since: a date is "2024-05-31"'),
        (A + "since = 2024-05-01\nuntil = 2023-05-01\n", 1, "no date is both since 2024-05-01 and until 2023-05-01"),
        ('url = "https://a.example/"\n', 1, "url stands outside of a source: begin one with [[source]]"),
        ('\ufeff[[source]]\nurl = "https://a.example/"\ndepth = "x"\n', 3, "depth is a whole number"),
        ('[[source]]\r\nurl = "https://a.example/"\r\nevry = "1h"\r\n', 3, "did you mean 'every'?"),
        (A + A, 4, None),
        (A + 'name = "one"\n[[source]]\nname = "one"\nurl = "https://b.example/"\n', 5, "the name 'one' is taken: "),
        (A + '[[source]]\nname = "two"\nurl = "https://A.example/?utm_source=x"\n', 3, "is declared twice: "),
        ('[[source]]\nname = ""\nurl = "https://a.example/"\n', 2, "name: a name is one line of text"),
        ('[[source]]\nname = "a\\nb"\nurl = "https://a.example/"\n', 2, "name: a name is one line of text"),
    ],
)  # fmt: skip
def test_faults_name_file_line_and_key(tmp_path: Path, text: str, line: int, words: str | None) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_sources(path)
    message = str(caught.value)
    if words is None:
        assert message.startswith(f"{path}:3: the name 'a.example' is taken: {path}:1")
    else:
        assert message.startswith(f"{path}:{line}: ")
        assert words in message
    assert "\n" not in message
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "declares no source"),
        ("[defaults]\n", "declares no source"),
        ('source = "https://a.example/"\n', "declares no source"),
        ("source = [1]\n", "a source is a table"),
        ("= 1\n", r"toml:1: is no TOML"),
        ('[[source]]\nurl = "https://a.example/\n', r"toml:2: is no TOML"),
        ('[[source]]\nurl = "https://a.example/"\nurl = "https://b.example/"\n', r"toml:3: is no TOML"),
    ],
)
def test_what_is_no_list_of_sources(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_sources(path)
    assert str(path) in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: no such file"):
        load_sources(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_sources(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[[source]]\nname = "\xe9"\n')
    with pytest.raises(ConfigurationError, match=r"latin\.toml:2: cannot be read as UTF-8 \(byte 0xe9\)"):
        load_sources(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("6h", 21600),
        ("1d", 86400),
        ("2w", 1209600),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1d 12h", 129600),
        ("6H", 21600),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "6", "h", "6 hours", "-1h", "1e3s", 6, 6.5, True, None, "PT6H", "6h6"])
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="a duration is"):
        duration(value)


def test_sources_of_the_command_line() -> None:
    source = source_for_seeds(["https://www.example.org/a", "https://example.net/"], limit=3)
    assert (source.name, source.limit) == ("www.example.org", 3)
    assert source.scope() == Scope(("example.org", "example.net"))
    assert source_for_seeds(["http://127.0.0.1:8000/"]).scope() == Scope(("127.0.0.1:8000",))
    with pytest.raises(ConfigurationError, match=r"write https://example\.org"):
        source_for_seeds(["example.org"])
    with pytest.raises(ConfigurationError, match="limit"):
        source_for_seeds(["https://example.org/"], limit=0)


def test_lists_of_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeff# ours\nhttps://a.example/\r\n\n  https://b.example/x#y  \n"
    path = tmp_path / "urls.txt"
    path.write_text(text, "utf-8")
    assert read_url_list(path) == ["https://a.example/", "https://b.example/x#y"]
    monkeypatch.setattr("sys.stdin", io.StringIO("https://c.example/\nc.example\n"))
    with pytest.raises(
        ConfigurationError, match=r"^standard input:2: 'c.example' is no URL: write https://c.example$"
    ):
        read_url_list(Path("-"))
    with pytest.raises(ConfigurationError, match="no such file"):
        read_url_list(tmp_path / "none.txt")


def test_an_entry_can_be_written_and_read_back(tmp_path: Path) -> None:
    for source in load_sources(write(tmp_path, FULL)):
        text = toml_entry(source)
        assert load_sources(write(tmp_path, text)) == (source,)
    assert (
        toml_entry(Source(name="a", url="https://a.example/"))
        == '[[source]]\nname = "a"\nurl = "https://a.example/"\n'
    )


@given(st.integers(60, 10**9))
def test_intervals_are_written_back(seconds: int) -> None:
    source = Source(name="a", url="https://a.example/", every=timedelta(seconds=seconds))
    [line] = [line for line in toml_entry(source).splitlines() if line.startswith("every")] or [
        'every = "6h"'
    ]
    assert duration(line.split('"')[1]) == source.every


OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Feeds</title></head><body>
  <outline text="News">
    <outline type="rss" text="Paper &amp; Ink" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
    <outline type="rss" text="Paper &amp; Ink" xmlUrl="https://b.example/feed"/>
    <outline type="rss" xmlUrl="https://c.example/feed.xml"/>
  </outline>
  <outline text="Again"><outline text="Twice" xmlUrl="https://a.example/feed#x"/></outline>
</body></opml>
"""


def test_opml(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(OPML, "utf-8")
    sources = read_opml(path)
    assert sources == (
        Source(name="Paper & Ink", url="https://a.example/", feeds=("https://a.example/feed",)),
        Source(name="Paper & Ink (2)", feeds=("https://b.example/feed",)),
        Source(name="c.example", feeds=("https://c.example/feed.xml",)),
    )
    path.write_text(opml(sources), "utf-8")
    assert read_opml(path) == sources


def test_opml_escapes_what_it_writes(tmp_path: Path) -> None:
    source = Source(
        name='A "quoted" <name> & more', url="https://a.example/?a=1&b=2", feeds=('https://a.example/"f"',)
    )
    path = tmp_path / "feeds.opml"
    alone = Source(name="b", url="https://b.example/")
    path.write_text(opml([source, alone], "<Ours>"), "utf-8")
    assert read_opml(path) == (source, alone)


def test_feeds_of_one_web_site_are_one_source(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    outlines = [
        ("All", "feed://a.example/all"),
        ("Politics", "feed:https://a.example/politics"),
        ("All", "http://a.example/all"),
    ]
    lines = [
        f'<outline text="{name}" xmlUrl="{feed}" htmlUrl="https://a.example/"/>' for name, feed in outlines
    ]
    path.write_text(f'<opml version="2.0"><body>{"".join(lines)}</body></opml>', "utf-8")
    paper = Source(
        name="All", url="https://a.example/", feeds=("http://a.example/all", "https://a.example/politics")
    )
    assert read_opml(path) == (paper,)
    path.write_text(opml([paper]), "utf-8")
    assert read_opml(path) == (paper,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no OPML"),
        ("<opml>", r"feeds\.opml:1: is no OPML"),
        ("<rss/>", "its root is rss"),
        ("<opml><body><outline text='x'/></body></opml>", "lists no feed"),
        (
            "<opml><body>\n\n<outline xmlUrl='a.example/feed'/></body></opml>",
            r"feeds\.opml:3: .*write https://a.example/feed",
        ),
        (
            "<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><opml><body><outline text='&x;'/></body></opml>",
            "OPML|lists no feed",
        ),
    ],
)
def test_what_is_no_opml(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_opml(path)
    assert "\n" not in str(caught.value)


def test_no_opml_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_opml(tmp_path / "none.opml")
