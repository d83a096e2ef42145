"""Options: from defaults, palmyra.toml and flags; whatever is wrong is named in one line."""

from pathlib import Path

import pytest

from archive.errors import ConfigurationError
from crawler import settings
from crawler.settings import Options


def written(folder: Path, text: str) -> Path:
    path = folder / "palmyra.toml"
    path.write_text(text, "utf-8")
    return path


def test_flags_win_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    path = written(tmp_path, 'delay = 2.5\ncontact = "desk@example.org"\n')
    options = Options.load(path, delay=0.5, depth=None)
    assert (options.delay, options.contact, options.depth) == (0.5, "desk@example.org", 3)


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert Options.load(tmp_path / "palmyra.toml") == Options()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dely = 3", "palmyra.toml: unknown key 'dely'; did you mean 'delay'?"),
        ("zzz = 3", "palmyra.toml: unknown key 'zzz'; known keys: delay, "),
        ('delay = "x"', "palmyra.toml: delay: input should be a valid number"),
        ("delay = -1", "palmyra.toml: delay: input should be greater than or equal to 0"),
        ("delay = = 1", "palmyra.toml: Invalid value"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Options.load(written(tmp_path, text))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_wrong_flag_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^--digest: input should be 'sha1' or 'sha256'"):
        Options.load(tmp_path / "palmyra.toml", digest="md5")


def test_every_option_states_its_reason_and_reaches_scrapy() -> None:
    assert all(field.description for field in Options.model_fields.values())
    given = Options(contact="desk@example.org").for_scrapy()
    assert {f"PALMYRA_{name.upper()}" for name in Options.model_fields} <= given.keys()
    assert given["USER_AGENT"].endswith("(+desk@example.org)")
    assert given["DEFAULT_REQUEST_HEADERS"]["From"] == "desk@example.org"


def test_what_facts_warn_of_is_off() -> None:
    off = (
        "REMOTE_CONTROL_ENABLED",
        "TELNETCONSOLE_ENABLED",
        "COOKIES_ENABLED",
        "HTTPPROXY_ENABLED",
        "ROBOTSTXT_OBEY",
    )
    assert not any(getattr(settings, name) for name in off)
    assert {settings.DOWNLOAD_HANDLERS[scheme] for scheme in ("file", "data", "ftp", "s3")} == {None}
