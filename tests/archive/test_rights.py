"""Rights signals of files, and the policies over them: tables of cases."""

import json

import pytest

from archive.extraction.site_rights import MAX_SIGNALS, robots_signals, site_signals
from archive.rights import POLICIES, refusal, site_refusal

TDM = ("tdm-reservation=1 /", "tdm-reservation=0 /free/", "tdm-reservation=1 /free/*/not$")
AI = ("ai.txt disallow /", "ai.txt allow /press/", "ai.txt disallow *.jpg")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/", "tdmReserved"),
        ("/news/story", "tdmReserved"),
        ("/free/story", None),
        ("/free/a/not", "tdmReserved"),
        ("/free/a/not/", None),
        ("/free", "tdmReserved"),
    ],
)
def test_the_longest_pattern_decides(path: str, reason: str | None) -> None:
    assert site_refusal(f"https://a.example{path}", TDM, ["tdm"]) == reason
    assert site_refusal(f"https://a.example{path}", TDM, ["noai"]) is None


@pytest.mark.parametrize(
    ("path", "reason"), [("/x", "noAi"), ("/press/x", None), ("/press/x?y=/", None), ("", "noAi")]
)
def test_ai_txt_is_read_as_robots_txt_is(path: str, reason: str | None) -> None:
    assert site_refusal(f"https://a.example{path}", AI, ["noai"]) == reason


@pytest.mark.parametrize(
    ("page", "site", "reason"),
    [
        ([], [], None),
        (["noarchive"], [], "noArchive"),
        (["nocache"], [], "noArchive"),
        (["googlebot:noarchive"], [], None),
        (["noai"], [], "noAi"),
        (["noimageai"], [], None),
        (["noindex", "nofollow"], [], None),
        (["tdm-reservation=1"], [], "tdmReserved"),
        (["tdm-reservation=0"], ["tdm-reservation=1 /"], None),
        (["tdm-reservation=0", "tdm-reservation=1"], [], "tdmReserved"),
        (["tdm-policy=https://a.example/"], [], None),
        ([], ["tdm-reservation=1 /other"], None),
        ([], ["robots gptbot disallow /"], "aiAgents"),
        ([], ["robots gptbot allow /", "robots ccbot disallow /st*y$"], "aiAgents"),
        ([], ["robots gptbot disallow /", "robots gptbot allow /story"], None),
        ([], ["robots gptbot disallow /other", "robots ccbot allow /"], None),
        ([], ["tdm-reservation=1", "ai.txt", "ai.txt disallow", "", "a b c d"], None),
    ],
)
def test_a_page_goes_before_its_site(page: list[str], site: list[str], reason: str | None) -> None:
    assert refusal("https://a.example/story", page, site, POLICIES) == reason
    assert refusal("https://a.example/story", page, site, []) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, null, []]",
        '{"location": 7}',
        '[{"location": "/", "tdm-reservation": 2}]',
        "[" * 100_000,
        "<html>",
        "\ufeff[]",
    ],
)
def test_a_broken_tdmrep_says_nothing_and_harms_nothing(text: str) -> None:
    assert site_signals("/.well-known/tdmrep.json", text.encode()) in (None, ())


def test_a_tdmrep_with_odd_locations_stays_one_signal_a_rule() -> None:
    rules = [{"location": " /a b\tc ", "tdm-reservation": 1}] + [
        {"location": f"/{n}", "tdm-reservation": 1} for n in range(999)
    ]
    found = site_signals("/.well-known/tdmrep.json", json.dumps(rules).encode())
    assert found
    assert found[0] == "tdm-reservation=1 /a%20b%20c"
    assert len(found) == MAX_SIGNALS


def test_other_addresses_are_no_such_files() -> None:
    assert site_signals("/ai.txt/", b"User-agent: *\nDisallow: /") is None
    assert site_signals("/ai.txt", b" <!doctype html><p>User-agent: *") is None
    assert site_signals("/ai.txt", b"User-agent: *\nDisallow: /a # why\n\nUser-agent: x\nDisallow: /b") == (
        "ai.txt disallow /a",
    )


def test_groups_of_a_robots_txt_that_address_gatherers_for_ai() -> None:
    text = b"User-agent: GPTBot\nUser-agent: Google-Extended\nDisallow: /\nAllow: /press\nUser-agent: *\nDisallow: /x\n"
    assert set(robots_signals(text)) == {
        "robots gptbot disallow /", "robots google-extended disallow /", "robots gptbot allow /press",
        "robots google-extended allow /press",
    }  # fmt: skip
