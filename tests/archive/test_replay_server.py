"""The two sites over real sockets: what they answer, to whom, and under which policy."""

import http.client
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.capture import Digest
from archive.collection import Collection
from archive.outcome import Article
from archive.replay.server import Addresses, ServeError, serving
from tests.archive.made_collection import Answer, chunked, make_collection, zipped
from tests.patience import PATIENCE_S

ARTICLE = "https://news.example/2026/a.html"
TEXT = "Ein Titel & <mehr>\n\n- Anna Müller\n\nErster Absatz\u00a0mit <b>Spitzen</b>.\n\n- eins\n- zwei"
HTML = b"<title>T</title><img src='/i.png'><script>document.title='run'</script><p>" + b"x" * 5000
ARABIC = "عنوان\n\nنص."
PNG = bytes(range(256)) * 40

GERMAN = Article(TEXT, "Ein Titel & <mehr>", authors=("Anna Müller",), language="de")
HOSTILE = Article(
    "<script>alert(1)</script>\n\nx",
    "<script>alert(1)</script>",
    site_name='"><img src=x onerror=alert(1)>',
    language='"x',
    image="javascript:alert(1)",
)
ANSWERS = (
    Answer("http://news.example/2026/a.html", status="301 Moved Permanently", fields=(("Location", ARTICLE),)),
    zipped(Answer(ARTICLE, HTML, hours=0.001, article=GERMAN, rights=("noai",))),
    chunked(Answer("https://news.example/s.css", b"b{background:url(/i.png)}", "text/css", hours=1)),
    Answer("https://news.example/i.png", PNG, "image/png", hours=1),
    Answer(ARTICLE, HTML + b"new", hours=5, fields=(("X-Odd", "a\xffb"), ("Set-Cookie", "a=1"))),
    Answer("https://news.example/i.png", PNG, "image/png", hours=6, revisit_of=1),
    Answer(ARTICLE, status="304 Not Modified", hours=7, revisit_of=5),
    Answer("https://news.example/gone", b"<h1>gone</h1>", status="410 Gone", hours=8),
    Answer("https://news.example/mute", b"<p>no type", None, hours=8),
    Answer("https://news.example/evil.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml", hours=8),
    Answer("https://news.example/out", status="302 Found", fields=(("Location", "javascript:alert(1)"),), hours=8),
    Answer("https://news.example/fields", b"x", "text/plain", fields=tuple((f"X-{n}", "y" * 500) for n in range(300)), hours=8),
    Answer("https://ar.example/1", b"<p>x", hours=9, article=Article(ARABIC, "عنوان", language="ar")),
    Answer("https://evil.example/", b"<p>x", hours=10, article=HOSTILE),
)  # fmt: skip


@dataclass(frozen=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def fetch(origin: str, target: str, *, method: str = "GET", **headers: str) -> Got:
    """One request over a connection of its own to 127.0.0.1, for the host that ``origin`` names."""
    authority = origin.removeprefix("http://")
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(authority.rpartition(":")[2]), timeout=PATIENCE_S
    )
    fields = {"Host": authority} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, target, headers=fields)
        response = connection.getresponse()
        return Got(response.status, response.headers, response.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return make_collection(tmp_path_factory.mktemp("served") / "c", ANSWERS, a_file=5)


@pytest.fixture(scope="module")
def site(collection: Collection) -> Iterator[Addresses]:
    with serving(collection, port=0, replay_port=0) as addresses:
        yield addresses


class TestOrigins:
    def test_the_two_differ_in_host_name_and_port(self, site: Addresses) -> None:
        room, archive = (origin.removeprefix("http://").split(":") for origin in (site.room, site.archive))
        assert (room[0], archive[0]) == ("127.0.0.1", "localhost")
        assert room[1] != archive[1]

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1", "[::1]"]
    )
    def test_another_name_is_refused(self, site: Addresses, host: str) -> None:
        for origin in (site.room, site.archive):
            answer = fetch(origin, "/", Host=host)
            assert answer.status == 421
            assert "Ein Titel" not in answer.text

    def test_the_other_name_of_this_machine_leads_to_the_right_one(self, site: Addresses) -> None:
        port = site.archive.rpartition(":")[2]
        answer = fetch(site.archive, "/web/2026/https://x/?a=1", Host=f"127.0.0.1:{port}")
        assert (answer.status, answer.headers["Location"]) == (307, f"{site.archive}/web/2026/https://x/?a=1")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    def test_only_get_and_head(self, site: Addresses, method: str) -> None:
        for origin in (site.room, site.archive):
            assert fetch(origin, "/", method=method).status == 405

    def test_head_is_get_without_the_body(self, site: Addresses) -> None:
        for origin, target in ((site.room, "/"), (site.archive, f"/web/20260501130000id_/{ANSWERS[3].url}")):
            get, head = fetch(origin, target), fetch(origin, target, method="HEAD")
            assert head.body == b""
            assert head.headers["Content-Length"] == str(len(get.body)) == get.headers["Content-Length"]

    @pytest.mark.parametrize(
        "target", ["/", "/nothing", "/style.css", "/documents/0", f"/web/2026/{ARTICLE}", "/web/2026id_/x"]
    )
    def test_every_answer_keeps_to_itself(self, site: Addresses, target: str) -> None:
        for origin in (site.room, site.archive):
            headers = fetch(origin, target).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "Access-Control-Allow-Origin" not in headers
            assert "Set-Cookie" not in headers

    def test_both_listen_on_loopback_alone(self, collection: Collection) -> None:
        with serving(collection, port=0, replay_port=0) as addresses:
            for origin in (addresses.room, addresses.archive):
                port = int(origin.rpartition(":")[2])
                with socket.socket() as other, pytest.raises(OSError):  # noqa: PT011
                    other.bind(("127.0.0.1", port))
                with socket.socket() as other:
                    other.bind(("127.0.0.2", port))

    def test_a_port_in_use_is_one_line(self, collection: Collection) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            refused = pytest.raises(ServeError, match=f"port {port}: in use .*--replay-port")
            with refused, serving(collection, port=0, replay_port=port):
                pass

    def test_a_broken_request_breaks_nothing(self, site: Addresses) -> None:
        port = int(site.room.rpartition(":")[2])
        for data in (
            b"",
            b"\x16\x03\x01\x02\x00",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200,
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
                connection.sendall(data)
        assert fetch(site.room, "/").status == 200


class TestRaw:
    def raw(self, site: Addresses, number: int, **headers: str) -> Got:
        answer = ANSWERS[number]
        return fetch(site.archive, f"/web/{answer.date:%Y%m%d%H%M%S}id_/{answer.url}", **headers)

    def test_the_payload_as_it_was_sent(self, site: Addresses) -> None:
        assert self.raw(site, 1).body == HTML
        assert self.raw(site, 2).body == b"b{background:url(/i.png)}"
        assert self.raw(site, 3).body == PNG
        assert self.raw(site, 4).body == HTML + b"new"

    def test_its_type_and_fields_but_no_cookie(self, site: Addresses) -> None:
        headers = self.raw(site, 4).headers
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["X-Archive-Orig-Set-Cookie"] == "a=1"
        assert headers["Memento-Datetime"] == "Fri, 01 May 2026 17:00:00 GMT"

    def test_an_opaque_origin_that_can_fetch_nothing(self, site: Addresses) -> None:
        policy = self.raw(site, 4).headers["Content-Security-Policy"].split("; ")
        assert {"sandbox", "default-src 'none'", "frame-ancestors 'none'"} <= set(policy)

    @pytest.mark.parametrize("dest", ["document", "iframe", "embed"])
    def test_a_browser_that_opens_it_gets_the_source(self, site: Addresses, dest: str) -> None:
        answer = self.raw(site, 4, Sec_Fetch_Dest=dest)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Vary"] == "Sec-Fetch-Dest"
        assert answer.body == HTML + b"new"
        assert self.raw(site, 9, Sec_Fetch_Dest=dest).headers["Content-Type"] == "text/plain"
        assert self.raw(site, 9, Sec_Fetch_Dest="image").headers["Content-Type"] == "image/svg+xml"
        assert self.raw(site, 3, Sec_Fetch_Dest=dest).headers["Content-Type"] == "image/png"

    def test_ranges(self, site: Addresses) -> None:
        part = self.raw(site, 3, Range="bytes=100-199")
        assert (part.status, part.body) == (206, PNG[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(PNG)}"
        assert self.raw(site, 1, Range="bytes=-4").body == HTML[-4:]
        assert self.raw(site, 2, Range="bytes=999-").status == 416

    def test_unchanged_since(self, site: Addresses) -> None:
        etag = self.raw(site, 3).headers["ETag"]
        assert etag == f'"{Digest.of(PNG)}"'
        again = self.raw(site, 3, If_None_Match=etag)
        assert (again.status, again.body) == (304, b"")

    def test_an_identical_revisit_has_its_original_s_payload(self, site: Addresses) -> None:
        answer = self.raw(site, 5)
        assert (answer.status, answer.body) == (200, PNG)
        assert answer.headers["Memento-Datetime"] == "Fri, 01 May 2026 18:00:00 GMT"

    def test_a_not_modified_revisit_shows_its_original(self, site: Addresses) -> None:
        answer = self.raw(site, 6)
        assert (answer.status, answer.body) == (200, HTML + b"new")
        assert answer.headers["Memento-Datetime"] == "Fri, 01 May 2026 19:00:00 GMT"

    def test_an_archived_status_stays(self, site: Addresses) -> None:
        assert self.raw(site, 7).status == 410

    def test_a_page_without_a_type_is_html_if_it_begins_so(self, site: Addresses) -> None:
        assert self.raw(site, 8).headers["Content-Type"] == "text/html"

    def test_a_redirect_stays_raw_and_inside(self, site: Addresses) -> None:
        answer = self.raw(site, 0)
        assert (answer.status, answer.headers["Location"]) == (301, f"/web/20260501120000id_/{ARTICLE}")
        assert answer.headers["X-Archive-Orig-Location"] == ARTICLE

    def test_a_redirect_to_a_script_leads_nowhere(self, site: Addresses) -> None:
        assert self.raw(site, 10).headers["Location"] is None


class TestReadable:
    def test_html_shows_without_scripts(self, site: Addresses) -> None:
        answer = fetch(site.archive, f"/web/20260501170000/{ARTICLE}")
        assert answer.status == 200
        assert b"<script" not in answer.body
        assert b'<img src="/web/20260501170000/https://news.example/i.png">' in answer.body
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"

    @pytest.mark.parametrize("number", range(len(ANSWERS)))
    def test_no_script_may_run(self, site: Addresses, number: int) -> None:
        answer = ANSWERS[number]
        for modifier in ("", "id_", "im_"):
            target = f"/web/{answer.date:%Y%m%d%H%M%S}{modifier}/{answer.url}"
            policy = fetch(site.archive, target).headers["Content-Security-Policy"]
            assert "sandbox" in policy
            assert "allow-scripts" not in policy
            assert "script-src" not in policy
            assert "default-src 'none'" in policy

    def test_only_the_reading_room_may_frame_it(self, site: Addresses) -> None:
        policy = fetch(site.archive, f"/web/20260501170000/{ARTICLE}").headers["Content-Security-Policy"]
        assert f"frame-ancestors {site.room}" in policy

    def test_a_style_sheet_names_the_archive(self, site: Addresses) -> None:
        answer = fetch(site.archive, "/web/20260501130000/https://news.example/s.css")
        assert answer.text == 'b{background:url("/web/20260501130000/https://news.example/i.png")}'
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"

    def test_the_nearest_capture_is_named_by_its_own_time(self, site: Addresses) -> None:
        answer = fetch(site.archive, f"/web/202605011650/{ARTICLE}")
        assert (answer.status, answer.headers["Location"]) == (302, f"/web/20260501170000/{ARTICLE}")
        assert answer.headers["Memento-Datetime"] is None

    def test_http_and_https_do_not_go_round_in_circles(self, site: Addresses) -> None:
        target, seen = "/web/20260501120000/http://news.example/2026/a.html", []
        while True:
            answer = fetch(site.archive, target)
            if not 300 <= answer.status < 400:
                break
            assert target not in seen
            seen.append(target)
            target = answer.headers["Location"]
        assert b"<title>T</title>" in answer.body

    @pytest.mark.parametrize(
        "written",
        [
            "https:/news.example/gone",
            "HTTPS://news.example/gone",
            "news.example/gone",
            "https://NEWS.example:443/gone",
        ],
    )
    def test_a_url_may_come_maimed(self, site: Addresses, written: str) -> None:
        answer = fetch(site.archive, f"/web/20260501200000/{written}")
        assert (
            answer.status == 410
            or answer.headers["Location"] == "/web/20260501200000/https://news.example/gone"
        )

    @pytest.mark.parametrize("prefix", ["/web/", "/web//", "/web/im_/"])
    def test_without_a_time_the_newest(self, site: Addresses, prefix: str) -> None:
        answer = fetch(site.archive, f"{prefix}{ARTICLE}")
        assert answer.headers["Location"].endswith(f"/{ARTICLE}")
        assert "/web/20260501190000" in answer.headers["Location"]

    def test_a_star_asks_for_all_captures(self, site: Addresses) -> None:
        location = fetch(site.archive, f"/web/*/{ARTICLE}?a=1&b=2").headers["Location"]
        assert (
            location == f"{site.room}/captures?url=https%3A%2F%2Fnews.example%2F2026%2Fa.html%3Fa%3D1%26b%3D2"
        )

    def test_a_head_too_large_for_clients_is_cut(self, site: Addresses) -> None:
        answer = fetch(site.archive, "/web/20260501200000/https://news.example/fields")
        assert answer.body == b"x"
        assert len(answer.headers.items()) < 100
        assert answer.headers["X-Archive-Orig-X-0"] == "y" * 500

    def test_what_is_not_there_says_what_is_near(self, site: Addresses) -> None:
        answer = fetch(site.archive, "/web/2026/https://news.example/gone/deeper?x=%3Cscript%3E")
        assert answer.status == 404
        assert 'href="/web/20260501200000/https://news.example/gone"' in answer.text
        assert "<script" not in answer.text

    @pytest.mark.parametrize(
        "target",
        [
            "/web/2026",
            "/web/",
            "/web/2026/",
            "/web/abc/x",
            "/timegate/",
            "/../../etc/passwd",
            "/web/2026/http://[bad",
            "/web/2026/http://",
            "/web/20269999/https://news.example/gone",
            "/web/2026/%00",
            "/timemap/json/x",
        ],
    )
    def test_odd_targets_get_a_plain_answer(self, site: Addresses, target: str) -> None:
        assert fetch(site.archive, target).status in (400, 404)


class TestMemento:
    def test_a_memento_says_what_and_when(self, site: Addresses) -> None:
        headers = fetch(site.archive, f"/web/20260501170000/{ARTICLE}").headers
        assert headers["Memento-Datetime"] == "Fri, 01 May 2026 17:00:00 GMT"
        assert f'<{ARTICLE}>; rel="original"' in headers["Link"]
        assert f'<{site.archive}/timegate/{ARTICLE}>; rel="timegate"' in headers["Link"]
        assert f'<{site.archive}/timemap/link/{ARTICLE}>; rel="timemap"' in headers["Link"]

    @pytest.mark.parametrize(
        ("asked", "stamp"),
        [
            ("Fri, 01 May 2026 12:30:00 GMT", "20260501120003"),
            ("Fri, 01 May 2026 17:30:00 GMT", "20260501170000"),
            ("Tue, 01 Jan 2030 00:00:00 GMT", "20260501190000"),
            ("Sat, 01 Jan 2000 00:00:00 GMT", "20260501120003"),
            (None, "20260501190000"),
        ],
    )
    def test_the_time_gate_leads_to_the_nearest(self, site: Addresses, asked: str | None, stamp: str) -> None:
        answer = fetch(site.archive, f"/timegate/{ARTICLE}", **({"Accept_Datetime": asked} if asked else {}))
        assert (answer.status, answer.headers["Location"]) == (302, f"{site.archive}/web/{stamp}/{ARTICLE}")
        assert "accept-datetime" in answer.headers["Vary"].lower()
        assert 'rel="original"' in answer.headers["Link"]
        assert answer.headers["Memento-Datetime"] is None

    def test_the_time_gate_refuses_what_is_no_date(self, site: Addresses) -> None:
        assert fetch(site.archive, f"/timegate/{ARTICLE}", Accept_Datetime="noon").status == 400

    def test_the_time_map_lists_them_all(self, site: Addresses) -> None:
        answer = fetch(site.archive, f"/timemap/link/{ARTICLE}")
        assert answer.headers["Content-Type"] == "application/link-format"
        stamps = [
            answer.text.find(f"/web/{stamp}/")
            for stamp in ("20260501120003", "20260501170000", "20260501190000")
        ]
        assert -1 not in stamps
        assert stamps == sorted(stamps)

    def test_unknown_urls_have_neither(self, site: Addresses) -> None:
        for target in ("/timegate/https://unknown.example/", "/timemap/link/https://unknown.example/"):
            assert fetch(site.archive, target).status == 404


class TestReadingRoom:
    def test_the_list_begins_with_the_newest(self, site: Addresses) -> None:
        text = fetch(site.room, "/").text
        order = [text.find(f'href="/documents/{number}"') for number in (2, 1, 0)]
        assert -1 not in order
        assert order == sorted(order)

    def test_a_document_shows_its_text_to_the_letter(self, site: Addresses) -> None:
        text = fetch(site.room, "/documents/0").text
        assert "<h1>Ein Titel &amp; &lt;mehr&gt;</h1>" in text
        assert "<p>Erster Absatz\u00a0mit &lt;b&gt;Spitzen&lt;/b&gt;.</p>" in text
        assert "<li>eins</li><li>zwei</li>" in text
        assert fetch(site.room, "/documents/0.txt").text == TEXT

    def test_a_document_says_where_it_comes_from(self, site: Addresses, collection: Collection) -> None:
        text = fetch(site.room, "/documents/0").text
        for fact in (
            "urn:uuid:",
            "sha1:",
            "trafilatura 2.3.1",
            "noai",
            "Anna Müller",
            collection.warc_files()[0].name,
        ):
            assert fact in text
        assert f"{site.archive}/web/20260501120003/{ARTICLE}" in text

    def test_the_language_sets_the_direction(self, site: Addresses) -> None:
        assert '<article lang="de" dir="ltr">' in fetch(site.room, "/documents/0").text
        assert '<article lang="ar" dir="rtl">' in fetch(site.room, "/documents/1").text

    @pytest.mark.parametrize(
        "target",
        [
            "/",
            "/documents/2",
            "/captures/12",
            "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
            "/captures?url=%22%3E%3Cscript%3E",
        ],
    )
    def test_nothing_an_archived_page_says_is_markup(self, site: Addresses, target: str) -> None:
        text = fetch(site.room, target).text
        assert "<script" not in text
        assert "<img" not in text
        assert 'href="javascript' not in text

    def test_search(self, site: Addresses) -> None:
        text = fetch(site.room, "/?q=absatz").text
        assert 'href="/documents/0"' in text
        assert 'href="/documents/1"' not in text
        assert "Erster Absatz" in text

    @pytest.mark.parametrize("query", ["%22", "a+AND", "col:", "*", "NEAR(", "%00", "-", "''"])
    def test_no_query_is_an_error(self, site: Addresses, query: str) -> None:
        assert fetch(site.room, f"/?q={query}").status == 200

    def test_captures_of_a_url(self, site: Addresses) -> None:
        text = fetch(site.room, f"/captures?url={ARTICLE}").text
        assert text.count('href="/captures/') == 4

    def test_a_capture_is_shown_in_a_sandboxed_frame(self, site: Addresses) -> None:
        answer = fetch(site.room, "/captures/4")
        assert (
            f'<iframe src="{site.archive}/web/20260501170000/{ARTICLE}" sandbox="allow-same-origin"'
            in answer.text
        )
        assert f"frame-src {site.archive};" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "target", ["/documents/99", "/captures/99", "/documents/x", "/nothing", "/documents/99.txt"]
    )
    def test_what_is_not_there_is_not_found(self, site: Addresses, target: str) -> None:
        assert fetch(site.room, target).status == 404

    @pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "2"])
    def test_odd_page_numbers_show_the_first_page(self, site: Addresses, number: str) -> None:
        answer = fetch(site.room, f"/?page={number}")
        assert answer.status == 200 or answer.headers["Location"] == "/"

    def test_no_resource_comes_from_elsewhere(self, site: Addresses) -> None:
        policy = fetch(site.room, "/").headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy
        for target in ("/style.css", "/icon.svg"):
            assert fetch(site.room, target).status == 200


def test_paging(tmp_path: Path) -> None:
    answers = [
        Answer(f"https://n.example/{n}", b"x", hours=n, article=Article(f"T{n}\n\nx", f"T{n}"))
        for n in range(65)
    ]
    with serving(make_collection(tmp_path, answers), port=0, replay_port=0) as site:
        pages = [fetch(site.room, f"/?page={number}").text for number in (1, 2, 3)]
    assert [page.count('href="/documents/') for page in pages] == [30, 30, 5]
    assert ['rel="next"' in page for page in pages] == [True, True, False]
    assert ['rel="prev"' in page for page in pages] == [False, True, True]


def test_it_reads_while_a_crawl_writes(tmp_path: Path) -> None:
    collection = make_collection(tmp_path, ANSWERS)
    writer = sqlite3.connect(collection.catalog_path, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        with serving(collection, port=0, replay_port=0) as site:
            assert fetch(site.room, "/").status == 200
            assert fetch(site.archive, f"/web/20260501170000/{ARTICLE}").status == 200
    finally:
        writer.close()


def test_a_file_that_a_crawl_still_writes_is_read(tmp_path: Path) -> None:
    collection = make_collection(tmp_path, ANSWERS)
    for path in collection.warc_files():
        path.rename(path.with_name(f"{path.name}.open"))
    with serving(collection, port=0, replay_port=0) as site:
        assert fetch(site.archive, f"/web/20260501170000id_/{ARTICLE}").body == HTML + b"new"


def test_a_revisit_without_its_original_says_so(tmp_path: Path) -> None:
    collection = make_collection(tmp_path, ANSWERS)
    with sqlite3.connect(collection.catalog_path) as catalog:
        catalog.execute("DELETE FROM captures WHERE url LIKE '%i.png' AND type = 'response'")
    catalog.close()
    with serving(collection, port=0, replay_port=0) as site:
        answer = fetch(site.archive, "/web/20260501180000/https://news.example/i.png")
    assert answer.status == 404
    assert (
        answer.text
        == "https://news.example/i.png: unchanged since a capture that this collection does not hold\n"
    )


def test_a_damaged_record_is_told_in_words(tmp_path: Path) -> None:
    collection = make_collection(tmp_path, ANSWERS)
    (path,) = collection.warc_files()
    path.write_bytes(path.read_bytes()[:700] + bytes(100) + path.read_bytes()[800:])
    with serving(collection, port=0, replay_port=0) as site:
        answers = [fetch(site.archive, f"/web/{each.date:%Y%m%d%H%M%S}id_/{each.url}") for each in ANSWERS]
    broken = [answer.text for answer in answers if answer.status == 500]
    assert 1 <= len(broken) <= 3
    assert all("at byte" in text and text.count("\n") == 1 for text in broken)


def test_a_collection_in_trouble_is_told_in_words(tmp_path: Path) -> None:
    collection = make_collection(tmp_path, ANSWERS)
    with serving(collection, port=0, replay_port=0) as site:
        for path in collection.warc_files():
            path.unlink()
        gone = fetch(site.archive, f"/web/20260501170000/{ARTICLE}")
        for path in collection.root.glob("catalog.sqlite*"):
            path.unlink()
        underivable = fetch(site.room, "/")
    assert (gone.status, underivable.status) == (404, 503)
    assert "no such WARC file" in gone.text
    assert "palmyra extract" in underivable.text
