"""How a crawl introduces itself, and whose robots.txt it ignores: by the sites' logs and the warcinfo record."""

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.site.crawling import crawl, run
from tests.site.newsroom import Newsroom, Page, article, front, robots

DRAFT = "/private/2026/03/15/a-draft-of-the-day"


def site() -> dict[str, Page]:
    rules = robots("User-agent: *", "Disallow: /private")
    return {"/": front([DRAFT]), DRAFT: article(1), "/robots.txt": rules}


def warcinfo(collection: Path) -> dict[str, str]:
    """The fields of the first record of the first WARC file, as warcio reads it."""
    with min(collection.glob("archive/*.warc.gz")).open("rb") as file:
        text = next(iter(ArchiveIterator(file))).content_stream().read().decode()
    return dict(line.split(": ", 1) for line in text.splitlines() if line)


def test_robots_txt_is_ignored_by_the_source_and_warcinfo_says_so(tmp_path: Path) -> None:
    with Newsroom(site()) as obeyed, Newsroom(site()) as ignored:
        (tmp_path / "palmyra.toml").write_text('contact = "crawl@library.example"\noperator = "A library"\n')
        (tmp_path / "sources.toml").write_text(
            f'[defaults]\ndelay = 0\n[[source]]\nname = "ours"\nurl = "{ignored.url()}"\nrobots = "ignore"\n'
            f'[[source]]\nname = "theirs"\nurl = "{obeyed.url()}"\n'
        )
        done = run("run-due", "--allow-private", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert DRAFT in ignored.paths()
        assert DRAFT not in obeyed.paths()
        assert not [path for path in ignored.paths() if path == "/robots.txt"]
        asked = [each.fields for each in (*obeyed.log, *ignored.log)]
    assert {fields["from"] for fields in asked} == {"crawl@library.example"}
    [agent] = {fields["user-agent"] for fields in asked}
    assert agent.startswith("palmyra/")
    assert agent.endswith(" (+crawl@library.example)")
    said = warcinfo(tmp_path / "collections" / "default")
    assert (said["robots"], said["operator"]) == ("ignore (ours)", "A library")
    assert (said["http-header-from"], said["http-header-user-agent"]) == ("crawl@library.example", agent)


@pytest.mark.parametrize(("flags", "robots"), [((), "obey"), (("--robots", "ignore"), "ignore (127.0.0.1")])
def test_the_sites_of_one_command_are_its_sources(
    tmp_path: Path, flags: tuple[str, ...], robots: str
) -> None:
    with Newsroom(site()) as server:
        crawl(tmp_path, server.url("/"), *flags)
    assert (DRAFT in server.paths()) is bool(flags)
    assert warcinfo(tmp_path / "news")["robots"].startswith(robots)


def test_robots_txt_cannot_be_ignored_for_all(tmp_path: Path) -> None:
    (tmp_path / "palmyra.toml").write_text('robots = "ignore"\n')
    done = run("crawl", "http://127.0.0.1:9/", folder=tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith("palmyra: palmyra.toml: unknown key 'robots'")
    (tmp_path / "palmyra.toml").unlink()
    done = run("crawl", "http://127.0.0.1:9/", "--robots", "sometimes", folder=tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith("palmyra: robots")
    assert "'obey' or 'ignore'" in done.stderr


def test_more_than_one_public_site_takes_a_contact(tmp_path: Path) -> None:
    done = run("crawl", "https://www.example.com/", "https://news.example.org/", folder=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "palmyra: crawling more than one public site needs a contact for their operators: --contact https://… or an "
        'e-mail address, or contact = "…" in palmyra.toml\n'
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_does_not_give_its_rules_is_left_with_one_warning(tmp_path: Path, status: int) -> None:
    (tmp_path / "palmyra.toml").write_text("tries = 1\n")
    pages = {"/": article(1), "/robots.txt": Page("busy", "text/plain", status)}
    with Newsroom(pages) as server:
        done = crawl(tmp_path, server.url("/"))
    assert server.paths() == ["/robots.txt"]
    assert done.stderr.count("is given up in this run: robotsUnreachable") == 1
