"""robots.txt as RFC 9309 reads it: which answer sets which rules, and what the rules allow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scheduling.robots import SIZE_LIMIT, Pattern, origin_of, product_token, rules_of

SITE = "https://news.example"


def allowed(text: str, path: str, token: str = "palmyra") -> bool:
    return rules_of(200, text.encode()).allows(SITE + path, token)


@pytest.mark.parametrize(
    ("status", "allows"),
    [
        (200, False),
        (204, False),
        (301, True),
        (304, True),
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (429, False),
        (500, False),
        (503, False),
        (599, False),
        (None, False),
        (0, False),
    ],
)
def test_status_decides(status: int | None, allows: bool) -> None:
    """Section 2.3.1: only a successful answer's text counts; 4xx but 429 allows all, 5xx and no answer nothing."""
    assert rules_of(status, b"User-agent: *\nDisallow: /").allows(f"{SITE}/a", "palmyra") is allows


@pytest.mark.parametrize("status", [200, 404, 503, None])
def test_robots_txt_itself_is_always_allowed(status: int | None) -> None:
    assert rules_of(status, b"User-agent: *\nDisallow: /").allows(f"{SITE}/robots.txt", "palmyra")


@pytest.mark.parametrize(
    ("text", "path", "allows"),
    [
        ("", "/a", True),
        ("<!doctype html><p>Not found", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nDisallow: /a", "/ab", False),
        ("User-agent: *\nDisallow: /a", "/A", True),
        ("user-AGENT : *\ndisALLOW : /a # all of it", "/a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php?z", True),
        ("User-agent: *\nDisallow: /a*z", "/a/b/z", False),
        ("User-agent: *\nDisallow: /a?b=1", "/a?b=12", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("User-agent: *\nDisallow: /~joe", "/%7ejoe/x", False),
        ("User-agent: *\nDisallow: /ツ", "/%E3%83%84", False),
        ("User-agent: *\nDisallow: /%E3%83%84", "/ツ", False),
        ("User-agent: palmyra\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: palmyra\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: other\nUser-agent: PALMYRA\nDisallow: /a", "/a", False),
        (
            "User-agent: palmyra\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: Palmyra\nDisallow: /b",
            "/b",
            False,
        ),
        ("User-agent: palmyra/2.0\nDisallow: /a", "/a", False),
        ("User-agent: palm\nDisallow: /a", "/a", True),
        ("User-agent: palmyra-news\nDisallow: /a", "/a", True),
        ("User-agent: palmyra", "/a", True),
        ("User-agent: palmyra\n\nUser-agent: *\nDisallow: /a", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: *\nSitemap: https://news.example/s.xml\nDisallow: /a", "/a", False),
        ("User-agent: *\nCrawl-delay: 5\nDisallow: /a", "/a", False),
        ("User-agent: *\nUnknown: x\nDisallow: /a", "/a", False),
        ("User-agent: *\n\n\nDisallow: /a", "/a", False),
    ],
)
def test_rules(text: str, path: str, allows: bool) -> None:
    assert allowed(text, path) is allows


def group(*lines: str) -> str:
    return "\n".join(["User-agent: palmyra", *lines])


@pytest.mark.parametrize(
    ("text", "path", "allows"),
    [
        (group("Disallow: /x/page.html", "Allow: /x/"), "/x/page.html", False),
        (group("Allow: /x/page.html", "Disallow: /x/"), "/x/page.html", True),
        (group("Allow: /page", "Disallow: /*.html"), "/page.html", False),
        (group("Allow: /page", "Disallow: /*.ph"), "/page.php5", True),
        (group("Allow: /x/page.", "Disallow: /*.html"), "/x/page.html", True),
        (group("Allow: /x/page.", "Disallow: /*.html"), "/x/y.html", False),
        (group("Allow: /$", "Disallow: /"), "/", True),
        (group("Allow: /$", "Disallow: /"), "/page", False),
        (group("Disallow: /foo/bar$"), "/foo/bar", False),
        (group("Disallow: /foo/bar$"), "/foo/bar/", True),
        (group("Disallow: /fish*.php"), "/fishheads/catfish.php?id=1", False),
        (group("Disallow: /fish*.php"), "/Fish.PHP", True),
        (group("Disallow: /*.php$"), "/a.php/b.php", False),
        (group("Disallow: /*ab$"), "/ab", False),
        (group("Disallow: /ab*ab$"), "/ab", True),
        (group("Disallow: /a*****b"), "/axxb", False),
        (group("Disallow: *.php"), "/x.php", False),
        (group("Disallow: *"), "/x", False),
        (group("Disallow: $"), "/x", True),
        (group("Disallow: /a$b"), "/a$bc", False),
        (group("Disallow: /a?"), "/a?b", False),
        (group("Disallow: /a?"), "/a", True),
        (group("Disallow: /a;b", "Allow: /a;b/c"), "/a;b/c", True),
        (group("Disallow: /", "Allow: /b?q=t&z=http://f.b?t&p"), "/b?q=t&z=http://f.b?t&p", True),
        (group("Disallow: /a#b"), "/a", False),
        (group("Disallow: /foo/%62%61%7A"), "/foo/baz", False),
        (group("Disallow: /foo/baz"), "/foo/%62%61%7a", False),
        (group("Disallow: /a%2fb"), "/a%2Fb", False),
        (group("Disallow: /a%2fb"), "/a/b", True),
        (group("Disallow: /a%3cb"), "/a<b", False),
        (group("Disallow: /a-%2A.html"), "/a-*.html", False),
        (group("Disallow: /a-%2A.html"), "/a-x.html", True),
        (group("Disallow: /a-%24"), "/a-$b", False),
        (group("Disallow: /x y"), "/x%20y", False),
        (group("Disallow: /%"), "/%", False),
        (group("Disallow: /%FF"), "/%ff", False),
        (group("Disallow: /ä*ü"), "/%C3%A4x%C3%BC", False),
        (group("Disallow /a"), "/a", False),
        (group("disalow: /a", "Dissallow: /b"), "/b", False),
        ("Useragent: palmyra\nDisallow: /a", "/a", False),
        ("User-agent: palmyra # us\nDisallow: /a # not this", "/a", False),
        ("User-agent: *palmyra\nDisallow: /a", "/a", True),
        ("User-agent: Palmyra News\nDisallow: /a", "/a", False),
        ("User-agent: other\nSitemap: /s.xml\nUser-agent: palmyra\nDisallow: /a", "/a", False),
        ("User-agent: palmyra\nSitemap: /s.xml\nUser-agent: other\nDisallow: /a", "/a", False),
        ("User-agent: palmyra\nWhatever: x\n\nUser-agent: other\nDisallow: /a", "/a", False),
        ("User-agent: palmyra\nCrawl-delay: 3\n\nUser-agent: other\nDisallow: /a", "/a", True),
        ("Disallow: /a\nUser-agent: palmyra\nDisallow: /b", "/a", True),
        ("User-agent: *\nDisallow: /b\nUser-agent: palmyra", "/b", True),
        ("User-agent: palmyra\u2028Disallow: /a", "/a", True),
        (group("Disallow: /a\x0cb"), "/a", True),
        (group("Disallow: /\rDisallow: /b"), "/a", False),
    ],
)
def test_patterns_groups_and_lines(text: str, path: str, allows: bool) -> None:
    """Sections 2.2.1 to 2.2.4, with the misspellings that crawlers forgive."""
    assert allowed(text, path) is allows


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xef\xbb", b"\xef"])
def test_a_byte_order_mark_is_no_text(mark: bytes) -> None:
    assert not rules_of(200, mark + b"User-agent: *\nDisallow: /").allows(f"{SITE}/a", "palmyra")


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "%61", "$"]), max_size=8).map("".join),
    st.text("ab/", max_size=8),
)
def test_patterns_match_as_their_definition_says(value: str, path: str) -> None:
    """Against the definition as a regular expression."""
    body, ends = value.removesuffix("$"), value.endswith("$")
    parts = (re.escape(part.replace("%61", "a")) for part in body.split("*"))
    expected = re.compile(".*".join(parts) + ("$" if ends else "")).match(f"/{path}")
    assert Pattern.of(value).matches(f"/{path}") is (expected is not None)


def test_many_rules_and_stars_cost_little() -> None:
    text = group(*(f"Disallow: /x{number}*y{number}*z" for number in range(15_000)))
    assert allowed(text, "/x/y/z" * 50)
    assert allowed(group("Disallow: /" + "*a" * 2000), "/" + "b" + "a" * 1500)


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: palmyra\nCrawl-delay: 9\n\nUser-agent: *\nCrawl-delay: 1", 9.0),
        ("User-agent: other\nCrawl-delay: 9", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: inf", None),
    ],
)
def test_crawl_delay(text: str, delay: float | None) -> None:
    assert rules_of(200, text.encode()).crawl_delay("palmyra") == delay


@pytest.mark.parametrize("status", [404, 503])
def test_no_text_no_crawl_delay(status: int) -> None:
    assert rules_of(status, b"User-agent: *\nCrawl-delay: 2").crawl_delay("palmyra") is None


def test_at_least_500_kib_are_read_and_no_rule_is_cut_in_half() -> None:
    filler = b"# " + b"x" * 1021 + b"\n"
    head = b"User-agent: *\n" + filler * 499
    last = b"Disallow: /last\n"
    padding = b"#" * (SIZE_LIMIT - len(head) - len(last) - 1) + b"\n"
    whole = head + padding + last
    assert len(whole) == SIZE_LIMIT
    beyond = rules_of(200, whole + b"Disallow: /\n")
    assert not beyond.allows(f"{SITE}/last", "palmyra")
    assert beyond.allows(f"{SITE}/a", "palmyra")
    cut = rules_of(200, head + padding + b"Disallow: /last-of-all\n")
    assert cut.allows(f"{SITE}/last", "palmyra")


@given(st.binary(max_size=300), st.sampled_from(["/", "/a?b#c", "/%zz", "/\ud800", "//x"]))
def test_no_text_breaks_the_reading(payload: bytes, path: str) -> None:
    assert rules_of(200, payload).allows(SITE + path, "palmyra") in (True, False)
    assert rules_of(200, b"User-agent: *\nDisallow: " + payload).allows(SITE + path, "palmyra") in (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("palmyra/0.1", "palmyra"),
        ("Palmyra-News (+https://library.example/crawl)", "palmyra-news"),
        ("", "*"),
    ],
)
def test_product_token(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


def test_origin_has_scheme_and_port() -> None:
    assert origin_of("HTTPS://news.example/a", "news.example") == "https://news.example"
    assert origin_of("http://127.0.0.1:8080/a", "127.0.0.1:8080") == "http://127.0.0.1:8080"
