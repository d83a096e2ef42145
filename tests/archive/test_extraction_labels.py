"""What kind of page it is, when it shows no article."""

import pytest

from archive.extraction.page import examine_page
from archive.http import parse_response_head
from archive.outcome import Kind

PROSE = "".join(
    f"<p>The council of the {name} district met on Tuesday evening and voted for the plan after a long and at times heated debate.</p>"
    for name in ("northern", "southern", "eastern", "western", "central")
)
TEASERS = "".join(
    f'<li><h3><a href="/news/2026/story-{i}">The council votes for plan number {i} after a long debate</a></h3></li>'
    for i in range(20)
)
LD = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"%s","headline":"Council votes",'
    '"name":"Council votes"%s}</script>'
)


def page(title: str, body: str, head: str = "") -> str:
    return f"<html lang=en><head><title>{title}</title>{head}</head><body>{body}</body></html>"


CASES: dict[str, tuple[str, str, Kind, str]] = {
    "article": (
        "/news/council-votes-for-plan-1",
        page("Council votes", f"<h1>Council votes</h1>{PROSE}"),
        Kind.ARTICLE,
        "",
    ),
    "article with a subscription box": (
        "/news/council-votes-for-plan-1",
        page(
            "Council votes",
            f"<h1>Council votes</h1>{PROSE}<div>Subscribe to continue reading our newsletter</div>",
        ),
        Kind.ARTICLE,
        "",
    ),
    "article about cookies": (
        "/news/a-law-on-cookies-passes",
        page(
            "A law on cookies passes",
            f"<h1>A law on cookies passes</h1><p>Sites may no longer say accept all cookies.</p>{PROSE}",
        ),
        Kind.ARTICLE,
        "",
    ),
    "article on a 404": (
        "/news/why-is-it-404-anyway",
        page("Why it is called 404", f"<h1>Why it is called 404</h1>{PROSE}{PROSE}{PROSE}"),
        Kind.ARTICLE,
        "",
    ),
    "an offer under a wall": (
        "/nyheter/skolan-stangs-efter-larm-1",
        page(
            "Skolan stängs efter larm",
            "<h1>Skolan stängs efter larm</h1><p>Mögel har hittats i tre klassrum.</p><div class=wall>"
            "<h2>Den här artikeln är för dig som är prenumerant</h2><p>Prova Bladet Plus – första månaden för 1 krona. Därefter "
            "129 kr/mån. Ingen bindningstid.</p><ul><li>Obegränsad läsning på sajten</li><li>E-tidningen varje dag</li>"
            "<li>Exklusiva nyhetsbrev</li></ul></div>",
            '<meta property="og:type" content="article">',
        ),
        Kind.PAYWALL,
        "prenumerant",
    ),
    "nothing": ("/x", "", Kind.EMPTY, "no "),
    "no text": ("/x", page("", "<script>render()</script>"), Kind.EMPTY, "no text"),
    "challenge": (
        "/news/a",
        page(
            "Just a moment...",
            "<h1>example.com</h1><p>Checking your browser before accessing the site. This process is automatic.</p>"
            "<script src='/cdn-cgi/challenge-platform/h/b.js'></script>",
        ),
        Kind.BLOCKED,
        "challenge",
    ),
    "access denied": (
        "/news/a",
        page(
            "Access Denied", "<h1>Access Denied</h1><p>You don't have permission to access this server.</p>"
        ),
        Kind.BLOCKED,
        "Access Denied",
    ),
    "block page in German": (
        "/a",
        page("Zugriff verweigert", "<p>Zugriff verweigert.</p>"),
        Kind.BLOCKED,
        "Zugriff verweigert",
    ),
    "soft 404": (
        "/news/gone-article",
        page(
            "Page not found | Probe",
            f"<h1>Page not found</h1><p>Sorry, we could not find it.</p><ul>{TEASERS}</ul>",
        ),
        Kind.SOFT_404,
        "not found",
    ),
    "soft 404 in French": (
        "/a",
        page("Page introuvable", "<h1>Page introuvable</h1>"),
        Kind.SOFT_404,
        "introuvable",
    ),
    "consent wall": (
        "/news/a-b-c-d",
        page(
            "Probe",
            "<h1>Before you continue</h1><p>We and our partners store cookies on your device. Accept all cookies to continue reading.</p>"
            "<p>We use cookies to measure our audience. You can change your settings.</p>"
            "<button>Accept all</button><button>Reject all</button>",
        ),
        Kind.CONSENT_WALL,
        "consent",
    ),
    "consent wall in German": (
        "/",
        page(
            "Probe",
            "<p>Wir verwenden Cookies.</p><button>Alle akzeptieren</button><button>Alle ablehnen</button>",
        ),
        Kind.CONSENT_WALL,
        "consent",
    ),
    "paywall": (
        "/news/council-votes-for-plan-1",
        page(
            "Council votes",
            "<h1>Council votes</h1><p>The council voted for the plan on Tuesday.</p>"
            "<div>Subscribe to continue reading</div><div>Already a subscriber? Sign in</div>",
            LD % ("NewsArticle", ',"isAccessibleForFree":false'),
        ),
        Kind.PAYWALL,
        "paywall",
    ),
    "front page": (
        "/",
        page("Probe", f"<h1>Probe</h1><ul>{TEASERS}</ul>", '<meta property="og:type" content="website">'),
        Kind.SECTION,
        "front page",
    ),
    "section with teaser texts": (
        "/politics/",
        page(
            "Politics",
            "<h1>Politics</h1>"
            + "".join(
                f'<div class=card><h2><a href="/s{i}">The council votes for plan {i} at last</a></h2>'
                f"<p>The council met on Tuesday and voted, "
                f"after a long debate, for plan number {i}, which costs two million.</p></div>"
                for i in range(15)
            ),
            '<meta property="og:type" content="website">',
        ),
        Kind.SECTION,
        "linked headlines",
    ),
    "video": (
        "/video/council-votes-1",
        page(
            "Council votes",
            "<h1>Council votes</h1><video src=/v.mp4></video><p>Watch the vote.</p>",
            LD % ("VideoObject", ""),
        ),
        Kind.MEDIA,
        "video",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_kind(case: str) -> None:
    path, html, kind, reason = CASES[case]
    outcome = examine_page(
        html.encode(), url=f"https://example.com{path}", content_type="text/html; charset=utf-8"
    )
    assert (outcome.kind, reason in outcome.reason) == (kind, True), outcome
    assert (outcome.article is not None) == (kind is Kind.ARTICLE)


def test_evidence_names_what_was_seen() -> None:
    path, html, _, _ = CASES["paywall"]
    outcome = examine_page(html.encode(), url=f"https://example.com{path}", content_type=None)
    assert "isAccessibleForFree=false" in outcome.evidence
    assert any(sign.startswith("wall=Subscribe") for sign in outcome.evidence)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "市议会周二晚间表决通过，旧桥将继续开放十年。辩论一直持续到午夜之后，许多居民到场旁听。",
            Kind.ARTICLE,
        ),
        ("市議会は火曜の夜、古い橋をさらに十年間使い続けると決めた。", Kind.ARTICLE),
        (
            "시의회는 화요일 밤 낡은 다리를 앞으로 십 년 더 개방하기로 의결했다. 토론은 자정을 넘겼다.",
            Kind.ARTICLE,
        ),
        ("1 2 3 4 5 6 7 8 9 " * 20, Kind.EMPTY),
        ("—　。　" * 60, Kind.EMPTY),
    ],
)
def test_flash_news_in_few_characters(text: str, kind: Kind) -> None:
    html = page(
        "旧桥将继续开放", f"<h1>旧桥将继续开放</h1><div><p>{text}</p></div>", LD % ("NewsArticle", "")
    )
    outcome = examine_page(
        html.encode(), url="https://example.com/news/1", content_type="text/html; charset=utf-8"
    )
    assert outcome.kind is kind


def test_a_whole_article_behind_a_paywall_flag_stays_an_article() -> None:
    html = page(
        "Council votes",
        f"<h1>Council votes</h1>{PROSE}",
        LD % ("NewsArticle", ',"isAccessibleForFree":"False"'),
    )
    outcome = examine_page(html.encode(), url="https://example.com/news/council-votes", content_type=None)
    assert outcome.kind is Kind.ARTICLE
    assert outcome.article is not None
    assert outcome.article.free is False


def test_rights_come_from_page_and_response() -> None:
    head = parse_response_head(
        b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai, noimageai\r\nX-Robots-Tag: googlebot: noarchive\r\nTDM-Reservation: 1\r\n\r\n"
    )
    html = page(
        "T",
        PROSE,
        '<meta name="robots" content="NOINDEX, max-snippet:5"><meta name="tdm-policy" content="https://e.com/p">',
    )
    outcome = examine_page(html.encode(), url="https://example.com/", content_type=None, head=head)
    assert outcome.rights == (
        "googlebot:noarchive",
        "noai",
        "noimageai",
        "noindex",
        "tdm-policy=https://e.com/p",
        "tdm-reservation=1",
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00" * 100,
        b"<" * 5000,
        b"<a href='http://[::1'>x</a><base href='//['>",
        b"<h1>" + b"<b>" * 3000 + b"x",
        b'<script type="application/ld+json">' + b"[" * 5000 + b"</script><p>x",
        (
            b'<script type="application/ld+json">{"@type":["Article",5],"author":{"name":{"name":[]}},'
            b'"headline":7,"datePublished":9e999}</script><p>x'
        ),
        b"<ol start=99999999999999999999999999><li>x</ol>",
        b"<p " + b" ".join(b"a%d=b" % i for i in range(3000)) + b">x</p>",
        "<html><body><p>\ud7ff\ufffe</p>".encode("utf-8", "surrogatepass"),
        b"<meta property=article:published_time content='9999-99-99T99:99:99+99:99'><p>x",
    ],
)
def test_no_page_raises(payload: bytes) -> None:
    outcome = examine_page(payload, url="https://example.com/a", content_type="text/html")
    assert outcome.kind is not Kind.FAILED, outcome.reason
    assert outcome.kind is not Kind.ARTICLE
