"""Sitemaps and feeds: well-formed, malformed, hostile."""

import gzip
import tracemalloc
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.extraction import feedxml, listing, regular
from archive.extraction.listed import Listed, clean_date, clean_title
from archive.extraction.listing import examine_listing
from archive.extraction.regular import read_regular
from archive.outcome import Kind, Link, Outcome, Relation
from tests.patience import steady

URL = "https://news.example.org/maps/sitemap.xml"
SITEMAP_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS_NS = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
XHTML_NS = 'xmlns:h="http://www.w3.org/1999/xhtml"'
ATOM_NS = 'xmlns="http://www.w3.org/2005/Atom"'


def read(payload: str | bytes, url: str = URL) -> Outcome:
    outcome = examine_listing(payload.encode() if isinstance(payload, str) else payload, url=url)
    assert outcome is not None
    assert outcome.kind is Kind.LISTING
    return outcome


def entries(payload: str | bytes, url: str = URL) -> list[tuple[str, str | None, str | None]]:
    return [
        (link.url, link.date, link.title)
        for link in read(payload, url).links
        if link.relation is Relation.LISTED
    ]


def urls(payload: str | bytes) -> list[str]:
    return [link.url for link in read(payload).links]


def sitemap(*locations: str) -> str:
    return (
        f"<urlset {SITEMAP_NS}>"
        + "".join(f"<url><loc>{location}</loc></url>" for location in locations)
        + "</urlset>"
    )


def rss(*items: str) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    )


def test_a_sitemap() -> None:
    outcome = read(f"""<?xml version="1.0" encoding="UTF-8"?>
      <urlset {SITEMAP_NS}>
        <url><loc> https://news.example.org/a </loc><lastmod>2026-11-22T10:00:00Z</lastmod><priority>0.5</priority></url>
        <url><lastmod>2026-11-21</lastmod><loc>/b?x=1&amp;y=2</loc></url>
        <url><loc>https://news.example.org/a#again</loc></url>
        <url><lastmod>2020</lastmod></url>
      </urlset>""")
    assert outcome.links == (
        Link("https://news.example.org/a", Relation.LISTED, "2026-11-22T10:00:00+00:00"),
        Link("https://news.example.org/b?x=1&y=2", Relation.LISTED, "2026-11-21"),
    )
    assert outcome.reason == "sitemap with 2 entries"


def test_a_sitemap_index() -> None:
    outcome = read(
        f"<sitemapindex {SITEMAP_NS}><sitemap><loc>/1.xml.gz</loc><lastmod>2026-01-02</lastmod></sitemap></sitemapindex>"
    )
    assert outcome.links == (Link("https://news.example.org/1.xml.gz", Relation.SITEMAP, "2026-01-02"),)
    assert outcome.reason == "sitemap index with 1 entry"


def test_a_news_sitemap_gives_publication_date_and_title() -> None:
    found = entries(f"""<urlset {SITEMAP_NS} xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
      <url><loc>https://news.example.org/a</loc><lastmod>2026-11-22</lastmod>
        <image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>Not it</image:title></image:image>
        <n:news><n:publication><n:name>News</n:name></n:publication>
          <n:publication_date>2026-11-20T08:00:00+01:00</n:publication_date><n:title>Rain &amp;amp; wind</n:title></n:news></url>
      </urlset>""")
    assert found == [("https://news.example.org/a", "2026-11-20T08:00:00+01:00", "Rain & wind")]


def test_other_languages_in_a_sitemap() -> None:
    outcome = read(f"""<urlset {SITEMAP_NS} xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://news.example.org/en</loc>
      <xhtml:link rel="alternate" hreflang="de" href="https://news.example.org/de"/></url></urlset>""")
    assert {(link.url, link.relation) for link in outcome.links} == {
        ("https://news.example.org/en", Relation.LISTED),
        ("https://news.example.org/de", Relation.ALTERNATE),
    }


@pytest.mark.parametrize(
    "payload",
    [
        sitemap("https://a.example/1"),
        sitemap("https://a.example/1").replace(f" {SITEMAP_NS}", ""),
        sitemap("https://a.example/1").replace("sitemaps.org/schemas", "google.com/schemas"),
        '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>https://a.example/1</s:loc></s:url></s:urlset>',
        "\n\n  " + '<?xml version="1.0"?>' + sitemap("https://a.example/1"),
        "\ufeff" + sitemap("https://a.example/1"),
        "<!-- made by a <urlset> plugin --><?xml-stylesheet href='x.xsl'?>" + sitemap("https://a.example/1"),
        '<!DOCTYPE urlset [<!ENTITY x "y">]>' + sitemap("https://a.example/1"),
        "<br />\n<b>Warning</b>: foreach() in <b>/x.php</b><br />" + sitemap("https://a.example/1"),
        sitemap("<![CDATA[https://a.example/1]]>"),
        sitemap("https://a.example/1").replace("</url></urlset>", ""),
        sitemap("https://a.example/1")[:-20],
        sitemap("https://a.example/1") + "trailing <garbage> & more",
        "https://a.example/1\n",
        "\ufeffhttps://a.example/1\r\n\r\n# no URL\r\n",
        "https://a.example/1",
    ],
)
def test_one_entry_however_it_is_wrapped(payload: str) -> None:
    assert urls(payload) == ["https://a.example/1"]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1251", "shift_jis"]
)
def test_declared_encodings(encoding: str) -> None:
    title = {"windows-1251": "Дождь", "shift_jis": "雨と風"}.get(encoding, "Regen über")
    document = rss(f"<title>{title}</title><link>/a</link>").replace(
        '"1.0"?', f'"1.0" encoding="{encoding}"?'
    )
    assert entries(document.encode(encoding))[0][2] == title


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("utf-16", "utf-8"),
        ("utf-8", "windows-1252"),
        ("x-unknown", "utf-8"),
        ("iso-8859-1", "windows-1252"),
        ("base64", "utf-8"),
    ],
)
def test_wrongly_declared_encodings(declared: str, actual: str) -> None:
    document = rss("<title>“Größe”</title><link>/a</link>").replace('"1.0"?', f'"1.0" encoding="{declared}"?')
    assert entries(document.encode(actual)) == [("https://news.example.org/a", None, "“Größe”")]


def test_one_broken_character_does_not_change_the_encoding() -> None:
    document = rss(f"<title>{'Größe ' * 60}!</title><link>/a</link>").encode().replace(b"!", b"\xff")
    assert str(entries(document)[0][2]).startswith("Größe Größe")


def test_gzip_in_gzip_and_members() -> None:
    first, second = sitemap("https://a.example/1", "https://a.example/2").encode()[:150], b""
    whole = sitemap("https://a.example/1", "https://a.example/2").encode()
    first, second = whole[:150], whole[150:]
    for payload in (
        gzip.compress(whole),
        gzip.compress(gzip.compress(whole)),
        gzip.compress(first) + gzip.compress(second),
    ):
        assert urls(payload) == ["https://a.example/1", "https://a.example/2"]
    assert urls(gzip.compress(whole) + b"\0\0padding") == ["https://a.example/1", "https://a.example/2"]


def test_damaged_gzip_is_read_as_far_as_it_goes() -> None:
    locations = [f"https://a.example/{number}-{number * 7919 % 10007}" for number in range(3000)]
    packed = gzip.compress(sitemap(*locations).encode())
    cut = read(packed[: len(packed) // 2])
    assert cut.evidence == ("gzip ends early",)
    assert 500 < len(cut.links) < 3000
    broken = bytearray(packed)
    broken[len(packed) // 2] ^= 0xFF
    damaged = read(bytes(broken))
    assert damaged.evidence[0] == "broken gzip"
    assert len(damaged.links) > 500
    assert [link.url for link in cut.links[:-1]] == locations[: len(cut.links) - 1]


def test_gzip_bombs_stop_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_LISTING_BYTES", 100_000)
    packed = gzip.compress(sitemap("https://a.example/1").encode() + b" " * 10_000_000)
    outcome = read(packed)
    assert [link.url for link in outcome.links] == ["https://a.example/1"]
    assert outcome.evidence == ("read up to 100000 bytes",)


def test_rss() -> None:
    outcome = read(
        rss(
            "<title>One &amp;amp; &lt;b&gt;two&lt;/b&gt;</title><link>https://a.example/1</link>"
            "<pubDate>Sun, 22 Nov 2026 10:00:00 +0100</pubDate>",
            "<title><![CDATA[Three & <em>four</em>]]></title><guid>https://a.example/2</guid>",
            "<title>No address</title><guid isPermaLink='false'>https://a.example/no</guid>",
            "<link/><atom:link xmlns:atom='http://www.w3.org/2005/Atom' href='https://a.example/3'/><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2026-11-22</dc:date>",
            "<link>http://proxy.example/x</link><o:origLink xmlns:o='http://rssnamespace.org/feedburner/ext/1.0'>https://a.example/4</o:origLink>",
            "<link>https://a.example/5</link><m:content xmlns:m='http://search.yahoo.com/mrss/' url='x'>"
            "<m:title>Media</m:title></m:content><title>Five</title>",
        )
    )
    assert outcome.title == "News"
    assert [(link.url, link.date, link.title) for link in outcome.links] == [
        ("https://a.example/1", "2026-11-22T10:00:00+01:00", "One & two"),
        ("https://a.example/2", None, "Three & four"),
        ("https://a.example/3", "2026-11-22", None),
        ("https://a.example/4", None, None),
        ("https://a.example/5", None, "Five"),
    ]


def test_the_channels_own_link_and_image_are_no_entries() -> None:
    document = rss("<link>https://a.example/1</link>").replace(
        "<item>",
        "<link>https://a.example/</link><image><title>Logo</title><link>https://a.example/logo</link></image><item>",
    )
    assert urls(document) == ["https://a.example/1"]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
    ],
)
def test_rdf(namespace: str) -> None:
    document = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}" xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel><title>News</title><link>https://a.example/</link></channel>
      <item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link><dc:date>2026-11-22T01:02:03Z</dc:date></item>
      <item rdf:about="https://a.example/2"><title>Two</title></item></rdf:RDF>"""
    assert entries(document) == [
        ("https://a.example/1", "2026-11-22T01:02:03+00:00", "One"),
        ("https://a.example/2", None, "Two"),
    ]
    assert read(document).title == "News"


@pytest.mark.parametrize("namespace", [ATOM_NS, 'xmlns="http://purl.org/atom/ns#"', ""])
def test_atom(namespace: str) -> None:
    document = f"""<feed {namespace} xml:base="https://a.example/blog/"><title>News</title>
      <link rel="self" href="self"/><link rel="next" href="?page=2"/>
      <entry><source><title>Elsewhere</title><link href="https://b.example/"/></source>
        <title type="xhtml"><div>One <b>bold</b></div></title><link rel="edit" href="edit/1"/><link href="1"/><link href="1-again"/>
        <updated>2026-11-22T00:00:00Z</updated><published>2026-11-21T00:00:00Z</published></entry>
      <entry xml:base="sub/"><id>https://a.example/id</id><title>Two</title><link rel="alternate" href="2"/></entry>
      <entry><id>https://a.example/3</id></entry><entry><id>urn:uuid:1</id></entry></feed>"""
    outcome = read(document)
    assert [(link.url, link.relation, link.date, link.title) for link in outcome.links] == [
        ("https://a.example/blog/?page=2", Relation.FEED, None, None),
        ("https://a.example/blog/1", Relation.LISTED, "2026-11-21T00:00:00+00:00", "One bold"),
        ("https://a.example/blog/sub/2", Relation.LISTED, None, "Two"),
        ("https://a.example/3", Relation.LISTED, None, None),
    ]
    assert outcome.title == "News"


def test_json_feed() -> None:
    document = """{"version": "https:\\/\\/jsonfeed.org/version/1.1", "title": "News", "next_url": "?p=2", "items": [
      {"id": "1", "url": "/1", "title": "One", "date_published": "2026-11-22T10:00:00-05:00"},
      {"id": "https://a.example/2", "date_modified": "2026-11-22"}, {"id": 3}, null, "x", {"url": ["/no"]}]}"""
    assert [(link.url, link.relation, link.date, link.title) for link in read(document).links] == [
        ("https://news.example.org/maps/sitemap.xml?p=2", Relation.FEED, None, None),
        ("https://news.example.org/1", Relation.LISTED, "2026-11-22T10:00:00-05:00", "One"),
        ("https://a.example/2", Relation.LISTED, "2026-11-22", None),
    ]


def test_every_cut_of_a_json_feed_gives_its_whole_items() -> None:
    document = '{"version":"https://jsonfeed.org/version/1","items":[{"url":"https://a.example/1"} , {"url":"https://a.example/2"}]}'
    whole = [document.index("}") + 1, document.rindex("}]") + 1]
    for end in range(document.index("items"), len(document)):
        expected = [f"https://a.example/{number}" for number, at in enumerate(whole, 1) if end >= at]
        assert urls(document[:end]) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"   ",
        b"\0\0\0",
        b"<html><body><a href='https://a.example/'>x</a></body></html>",
        b"<!doctype html><html><head><script>var s='<rss>'</script></head></html>",
        b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><feed/></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<opml><body><outline xmlUrl='https://a.example/feed'/></body></opml>",
        b'{"version": "1.0", "items": [{"url": "https://a.example/1"}]}',
        b'{"a": "jsonfeed"}',
        b"[1, 2]",
        b"See https://a.example/ for more",
        b"https://a.example/\nis our address\nand this is prose\n",
        b"User-agent: *\nSitemap: https://a.example/s.xml\n",
        b"\x1f\x8b",
        b"\x1f\x8bgarbage",
        b"%PDF-1.7",
        "<feeding>x</feeding>".encode("utf-16"),
    ],
)
def test_what_is_no_listing(payload: bytes) -> None:
    assert examine_listing(payload, url=URL) is None


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            "<title>R&D & more</title><link>https://a.example/?a=1&b=2&amp;c=3</link>",
            ("https://a.example/?a=1&b=2&c=3", "R&D & more"),
        ),
        (
            "<title>caf&eacute;&nbsp;&#8217; &hellip;</title><link>https://a.example/1</link>",
            ("https://a.example/1", "café ’ …"),
        ),
        (
            "<title>a < b &amp; c > d</title><link>https://a.example/1</link>",
            ("https://a.example/1", "a < b & c > d"),
        ),
        ("<title>a <3 b</title><link>https://a.example/1</link>", ("https://a.example/1", "a <3 b")),
        (
            "<title>x\x0b\x00y</title><link>https://a.example/1?a&amp;b</link>",
            ("https://a.example/1?a&b", "x y"),
        ),
        (
            "<title>&#0;&#x1F;&#xD800;x</title><link>https://a.example/1?a&amp;b</link>",
            ("https://a.example/1?a&b", "x"),
        ),
        (
            "<media:x/><title>No prefix</title><link>https://a.example/1?a&amp;b</link>",
            ("https://a.example/1?a&b", "No prefix"),
        ),
        ("<title>Unclosed <b></title><link>https://a.example/1</link>", None),
    ],
)
def test_malformed_items_cost_themselves_at_most(item: str, expected: tuple[str, str] | None) -> None:
    found = entries(rss(item, "<title>Next</title><link>https://a.example/next?a&amp;b</link>"))
    assert found[-1] == ("https://a.example/next?a&b", None, "Next")
    if expected:
        url, _, title = found[0]
        assert (url, (title or "").replace("\ufffd", "")) == expected


def test_cutting_anywhere_keeps_the_whole_entries_before() -> None:
    document = rss(
        *(f"<title>T{number} &amp; co</title><link>https://a.example/{number}</link>" for number in range(3))
    )
    ends = [document.index(f"/{number}</link>") + len("/0</link>") for number in range(3)]
    for end in range(document.index("<rss "), len(document)):
        outcome = examine_listing(document[:end].encode(), url=URL)
        found = [link.url for link in outcome.links] if outcome else []
        whole = [f"https://a.example/{number}" for number, at in enumerate(ends) if end >= at]
        assert found[: len(whole)] == whole


LOCATION = st.sampled_from(
    [
        "https://a.example/1",
        " https://a.example/2 ",
        "https://a.example/?a=1&amp;b=2",
        "https://a.example/ü",
        "/relative",
        "",
        "x y",
        "https://a.example/#f",
        "https://a.example/%20",
        "<![CDATA[https://a.example/3]]>",
        "https://a.example/?a&b",
        "http://a.example:81/",
        "https://a.example",
        "HTTPS://A.example/q",
        "https://a.example/é&eacute;",
        "javascript:x",
        "https://a.example/a<!-- c -->b",
        "https://u@a.example/x",
    ]
)
EXTRA = st.sampled_from(
    [
        "",
        "<lastmod>2026-11-22</lastmod>",
        "<lastmod> 2026-11-22T01:02Z\n</lastmod>",
        "<lastmod/>",
        "<lastmod>&lt;</lastmod>",
        "<priority>1</priority>",
        "<changefreq>daily</changefreq><priority>0.5</priority>",
        "<!-- <url><loc>https://no.example/</loc></url> -->",
        "<other>x</other>",
        "\n\t",
        "<lastmod>yesterday</lastmod>",
    ]
)


ROOT_ATTRIBUTES = f"{SITEMAP_NS} {NEWS_NS} {XHTML_NS} xmlns:i='urn:i' xmlns:v='urn:v'"
ODD_ROOTS = (
    SITEMAP_NS,
    f"{NEWS_NS} {XHTML_NS} xmlns:i='urn:i'",
    f"{SITEMAP_NS} {XHTML_NS}",
    f'{SITEMAP_NS} xmlns:n="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="urn:i"',
    f"{SITEMAP_NS} {NEWS_NS} {NEWS_NS}",
    'xmlns:i="urn:i" xmlns:n=""',
    "xmlns:i=urn:i",
)
TITLES = (
    "Rain",
    " Rain &amp;amp; wind\n",
    "<![CDATA[Rain & <b>wind</b>]]>",
    "a &amp; <![CDATA[b]]> c <![CDATA[]]> &lt;d&gt;",
    "&#8217;&nbsp;&eacute;&unknown; & &amp",
    "<![CDATA[</url>]]>",
    "ü — 雨",
)
ODD_TITLES = ("&#12;", "", " ", "]]>", "<b>bold</b>", "<!-- no --> x", "<![CDATA[open", "<", "\ufffe")
NEWS_PARTS = (
    "<n:publication><n:name>News</n:name><n:language>en</n:language></n:publication>",
    "<n:publication>\n<n:name><![CDATA[x]]></n:name>\n</n:publication>\n",
    "<n:publication_date>2026-11-20T08:00:00+01:00</n:publication_date>",
    "<n:publication_date> 2026-11-20 </n:publication_date>",
    "<n:keywords>a, b &amp; c</n:keywords>",
    "<n:genres/>",
    *(f"<n:title>{title}</n:title>" for title in TITLES),
)
ODD_NEWS_PARTS = (
    "<n:publication><n:name>x</n:language></n:publication>",
    "<n:publication_date></n:publication_date>",
    "<n:publication_date> </n:publication_date>",
    "<n:title lang='en'>x</n:title>",
    "<n:title/>",
    "junk",
    "</n:news>",
    *(f"<n:title>{title}</n:title>" for title in ODD_TITLES),
)
EXTENSIONS = (
    "<i:image><i:loc>https://cdn.example/a.jpg</i:loc></i:image>",
    "<i:image>\n<i:loc>https://cdn.example/a.jpg?x=1&y=2</i:loc>\n<i:title><![CDATA[<url>]]></i:title>\n</i:image>\n",
    '<i:image/><v:video><v:loc allow="yes" x="1">u</v:loc></v:video>',
    "<i:url>x</i:url>",
    '<h:link rel="alternate" hreflang="de" href="https://a.example/de?x=1&amp;y=2"/>',
    '<h:link rel="alternate" hreflang="fr" href="https://a.example/fr" />\n',
    "<lastmod>2026-11-22</lastmod>",
    "<lastmod>2026-11-23T01:02:03Z</lastmod><changefreq>daily</changefreq>",
    "<lastmod></lastmod>",
    "<priority>0.5</priority>",
    "\n  ",
)
ODD_EXTENSIONS = (
    "<i:image><i:a><i:b/></i:a></i:image>",
    "<i:image><n:title>not the image's</n:title></i:image>",
    "<i:image><i:loc>a</i:image></i:loc>",
    '<i:x xmlns:i="http://www.google.com/schemas/sitemap-news/0.9"><i:title>t</i:title></i:x>',
    '<h:link hreflang="fr" href="/fr" rel="alternate"/>',
    '<h:link rel="alternate" hreflang="x-default" href="https://a.example/?a&b"/>',
    "<n:title>outside</n:title>",
    "<lastmod>2026-11-22<!-- c --></lastmod>",
    "<url>",
    "</url>",
    "<loc>https://a.example/second</loc>",
    "<sitemap><loc>https://a.example/map</loc></sitemap>",
)


@st.composite
def sitemaps(draw: st.DrawFn) -> str:
    """Entries of a few layouts, each several times in a row; one thing in ten is odd."""

    def one_of(usual: Sequence[str], odd: Sequence[str]) -> str:
        return draw(st.sampled_from(odd if draw(st.integers(0, 9)) == 0 else usual))

    def many(usual: Sequence[str], odd: Sequence[str], most: int) -> str:
        return "".join(one_of(usual, odd) for _ in range(draw(st.integers(0, most))))

    entries = []
    for group in range(draw(st.integers(1, 3))):
        location = one_of(["https://a.example/a?x=1&amp;y="], [draw(LOCATION)])
        before = many(EXTENSIONS, ODD_EXTENSIONS, 3)
        news = f"<n:news>{many(NEWS_PARTS, ODD_NEWS_PARTS, 4)}</n:news>" if draw(st.booleans()) else ""
        last = before + news + many(EXTENSIONS, ODD_EXTENSIONS, 3) + one_of([""], [draw(EXTRA)])
        numbers = range(draw(st.integers(1, 3)))
        entries += [f"<url><loc>{location}{group}{number}</loc>{last}</url>" for number in numbers]
    between = one_of(["", "\n"], ["<!-- </url> -->", "junk"])
    return f"<urlset {one_of([ROOT_ATTRIBUTES], ODD_ROOTS)}>{between.join(entries)}</urlset>"


def read_both_ways(document: bytes) -> tuple[Listed, Listed]:
    with_parser_alone, with_both = Listed(URL, 6), Listed(URL, 6)
    feedxml.stream(feedxml.repaired(document), "urlset", with_parser_alone)
    rest = read_regular(document, with_both)
    feedxml.stream(feedxml.repaired(rest), "urlset", with_both)
    return with_parser_alone, with_both


@given(sitemaps(), st.integers(0, 12))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reading_extensions_without_a_parser_changes_nothing(written: str, cut: int) -> None:
    document = written.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regular, "LEARNED_AFTER", 1)
        with_parser_alone, with_both = read_both_ways(document[: len(document) - cut])
    assert with_both.links() == with_parser_alone.links()
    assert with_both.notes == with_parser_alone.notes


@given(
    st.lists(st.tuples(LOCATION, EXTRA, EXTRA), max_size=8),
    st.sampled_from(["", " ", "<!-- </url> -->", "junk"]),
    st.integers(0, 40),
)
@settings(max_examples=300, deadline=None)
def test_reading_without_a_parser_changes_nothing(
    parts: list[tuple[str, str, str]], between: str, cut: int
) -> None:
    body = between.join(f"<url>{first}<loc>{location}</loc>{last}</url>" for location, first, last in parts)
    document = f"<urlset {SITEMAP_NS}>{body}</urlset>".encode()
    with_parser_alone, with_both = read_both_ways(document[: len(document) - cut])
    assert with_both.links() == with_parser_alone.links()
    assert with_both.notes == with_parser_alone.notes


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    for payload in (
        data,
        b"<rss>" + data,
        b"<urlset><url><loc>" + data,
        b"\x1f\x8b\x08" + data,
        b'{"version":"https://jsonfeed.org/version/1",' + data,
    ):
        examine_listing(payload, url=URL)


def test_entries_are_limited_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_ENTRIES", 3)
    locations = [f"https://a.example/{number}" for number in range(9)]
    for payload in (
        sitemap(*locations),
        "\n".join(locations),
        rss(*(f"<link>{location}</link>" for location in locations)),
    ):
        outcome = read(payload)
        assert [link.url for link in outcome.links] == locations[:3]
        assert outcome.evidence == ("more than 3 entries",)


def irregular(locations: list[str]) -> str:
    return sitemap(*locations).replace("<url>", "<url><x/>")


def feed(locations: list[str]) -> str:
    return rss(
        *(f"<link>{location}</link><description>{'text ' * 40}</description>" for location in locations)
    )


@pytest.mark.parametrize("write", [irregular, feed])
def test_the_tree_does_not_grow_with_the_listing(write: Callable[[list[str]], str]) -> None:
    """Only one entry is listed, many times: what is kept stays small, and so must what is read."""
    small, large = (write(["https://a.example/1"] * count).encode() for count in (2_000, 40_000))
    peaks = []
    for payload in (small, large):
        tracemalloc.start()
        read(payload)
        peaks.append(tracemalloc.get_traced_memory()[1] - 2 * len(payload))
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 3 * len(large)


@pytest.mark.parametrize(
    "payload",
    [
        b"<rss>" + b"<item>" * 100_000,
        b"<rss>" + b"<![CDATA[" * 200_000,
        b"<urlset>" + b"&" * 250_000,
        b"<urlset><url><loc>" + b" " * 2_000_000,
        b"<urlset>" + b"<url>" * 200_000 + b" " * 500_000,
        b"<rss><channel><item><title>" + b"<" * 250_000,
        b"<rss " + b" ".join(b"a%d='1'" % number for number in range(200_000)) + b">",
        b"<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY %c '&%c;&%c;'>" % (n + 1, n, n) for n in range(97, 120))
        + b"]><rss><item><title>&x;</title></item></rss>",
        b"<?xml version='1.0'?><!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'><rss><item><link>/a</link></item></rss>",
        b"<!--" * 100_000 + b"<rss>",
        b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000,
        b"https://a.example/\n" + b"https://" * 200_000,
    ],
    ids=lambda payload: payload[:24].decode(),
)
def test_traps_are_left_quickly(payload: bytes) -> None:
    with steady():
        examine_listing(payload, url=URL)


def test_no_file_is_read_for_an_entity() -> None:
    document = "<!DOCTYPE rss [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>" + rss(
        "<title>[&f;]</title><link>/a</link>"
    )
    assert entries(document) == [("https://news.example.org/a", None, "[&f;]")]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-11-22", "2026-11-22"),
        ("2026-11", "2026-11"),
        ("2026", "2026"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22T10:00Z", "2026-11-22T10:00+00:00"),
        ("2026-11-22T10:00:00.123+0200", "2026-11-22T10:00:00.123+02:00"),
        ("2026-11-22 10:00:00", "2026-11-22T10:00:00"),
        (" 2026-11-22T10:00:00+02:00\n", "2026-11-22T10:00:00+02:00"),
        ("Sun, 22 Nov 2026 10:00:00 GMT", "2026-11-22T10:00:00+00:00"),
        ("Sun, 22 Nov 2026 10:00:00 EST", "2026-11-22T10:00:00-05:00"),
        ("22 Nov 2026 10:00 +0530", "2026-11-22T10:00:00+05:30"),
        ("Sun, 22 Nov 2026 10:00:00", "2026-11-22T10:00:00"),
        ("2026-13-45", None),
        ("2026-11-22T25:00:00Z", None),
        ("yesterday", None),
        ("", None),
        ("Sun, 99 Foo 2026", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert clean_date(text) == date


@given(st.text(max_size=40))
def test_dates_never_raise(text: str) -> None:
    clean_date(text)


def test_titles() -> None:
    assert clean_title(" A\n\tB ") == "A B"
    assert clean_title("<p>A&amp;amp;B</p>") == "A&amp;B"
    assert clean_title("3 < 4 and 5 > 4") == "3 < 4 and 5 > 4"
    assert clean_title("\n") is None
    assert len(clean_title("x" * 10_000) or "") == 500
