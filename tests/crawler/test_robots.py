"""robots.txt as RFC 9309 reads it: which answer sets which rules, and what the rules allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scheduling.robots import SIZE_LIMIT, origin_of, product_token, rules_of

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
        (429, True),
        (500, False),
        (503, False),
        (599, False),
        (None, False),
        (0, False),
    ],
)
def test_status_decides(status: int | None, allows: bool) -> None:
    """Section 2.3.1: only a successful answer's text counts; 4xx allows all, 5xx and no answer nothing."""
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
