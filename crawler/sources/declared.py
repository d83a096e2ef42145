"""Sources: what users declare to be crawled, in ``sources.toml``, in a list of URLs or on the command line.

    [[source]]
    url = "https://news.example.org/"

is enough. A table ``[defaults]`` holds what shall go for every source that does not say otherwise.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from archive.errors import ConfigurationError
from archive.rights import Policy
from archive.window import UNITS, Window, duration
from crawler.sources.faults import Places, encoding_fault, fault_in_words, syntax_fault, unknown
from crawler.sources.quiet import checked_hours, checked_zone, is_quiet
from crawler.sources.when import When
from crawler.urls.identity import Scope, checked_seed, host_key, identity, site_of

STDIN = Path("-")
SHORTEST_INTERVAL = timedelta(minutes=1)


def _interval(value: timedelta) -> timedelta:
    if value < SHORTEST_INTERVAL:
        raise ValueError("no source is crawled more often than once a minute")
    return value


def _ages(value: object) -> object:
    return [age for age in value.split(",") if age.strip()] if isinstance(value, str) else value


def _url(value: str) -> str:
    try:
        return checked_seed(value)
    except ConfigurationError as error:
        raise ValueError(str(error)) from None


def _pattern(value: str) -> str:
    if not value.startswith(("/", "*")):
        raise ValueError('a pattern is a path from its start, as in "/politics/" or "*.html$"')
    return value


def _host(value: str) -> str:
    key = host_key(f"https://{value}/")
    if not key or "/" in value or " " in value:
        raise ValueError(f"{value!r} is no host name")
    return key


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("a name is one line of text")
    return value.strip()


Url = Annotated[str, AfterValidator(_url)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Interval = Annotated[timedelta, BeforeValidator(duration), AfterValidator(_interval)]
Ages = Annotated[tuple[Annotated[timedelta, BeforeValidator(duration)], ...], BeforeValidator(_ages)]
"""Ages of an article: a list of durations, or one text with commas between."""
Name = Annotated[str, AfterValidator(_name), Field(max_length=100)]
FieldName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
FieldValue = Annotated[str, Field(pattern=r"^[\t\x20-\x7e\x80-\xff]*$")]


@dataclass(frozen=True, slots=True)
class Seed:
    """A URL to start at. ``kind`` says what is expected there: ``seed`` (a page), ``feed`` or ``sitemap``."""

    url: str
    kind: Literal["seed", "feed", "sitemap"]
    source: str


class Source(BaseModel):
    """A publisher as a user declares it. What is None is taken from the crawl's options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(
        description="How it is called in reports and in the schedule (default: its first host)."
    )
    url: Url | None = Field(None, description="Where to start.")
    urls: tuple[Url, ...] = Field((), description="Where else to start.")
    feeds: tuple[Url, ...] = Field((), description="Its RSS, Atom or JSON feeds, beside those found.")
    sitemaps: tuple[Url, ...] = Field((), description="Its sitemaps, beside those found.")
    every: Interval = Field(timedelta(hours=6), description='How often it is due: "30m", "6h", "1d".')
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(
        (), description="Hosts in scope, with their subdomains (default: the seeds' registrable domains)."
    )
    include: tuple[Pattern, ...] = Field(
        (), description="Only paths that fit one of these, as in robots.txt."
    )
    exclude: tuple[Pattern, ...] = Field((), description="No path that fits one of these.")
    language: str | None = Field(
        None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="BCP 47, such as `en`."
    )
    limit: Annotated[int, Field(ge=1)] | None = Field(None, description="Most pages of one run.")
    depth: Annotated[int, Field(ge=0)] | None = Field(None, description="Most links followed from a seed.")
    delay: Annotated[float, Field(ge=0, le=86400)] | None = Field(
        None, description="Least spacing of its hosts, in seconds."
    )
    quiet_hours: tuple[Annotated[str, AfterValidator(checked_hours)], ...] = Field(
        (), description='When it is not asked: ["22:00-06:00"].'
    )
    time_zone: Annotated[str, AfterValidator(checked_zone)] = Field(
        "UTC", description='Of its quiet hours: "Europe/Paris".'
    )
    only_feeds: bool = Field(False, description="Fetch what feeds and sitemaps list, and follow no links.")
    since: When | None = Field(
        None,
        description='Only what was published since: "2024-05-31", "2024-05", "2024", "7d", "24h", "yesterday".',
    )
    until: When | None = Field(
        None, description="Only what was published until then; the day itself belongs to it."
    )
    recheck: Ages | None = Field(
        None, description='Ages at which its articles are fetched again: ["1h", "6h", "1d", "7d"].'
    )
    respect: tuple[Policy, ...] | None = Field(
        None, description='Rights that are held: "noarchive", "noai", "tdm", "aiagents".'
    )
    requisites: bool = Field(False, description="Fetch images, styles and scripts of article pages too.")
    robots: Literal["obey", "ignore"] = Field("obey", description="Whether robots.txt is obeyed.")
    user_agent: FieldValue | None = Field(
        None, description="The User-Agent sent to it; its first word is matched against robots.txt."
    )
    headers: dict[FieldName, FieldValue] = Field({}, description="Further request header fields.")

    @model_validator(mode="before")
    @classmethod
    def _named_by_host(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "name" in values:
            return values
        starts = [
            values.get("url"),
            *_listed(values, "urls"),
            *_listed(values, "feeds"),
            *_listed(values, "sitemaps"),
        ]
        first = next((start for start in starts if isinstance(start, str)), "")
        return {**values, "name": host_key(first) or first or "?"}

    @model_validator(mode="after")
    def _starts_somewhere(self) -> Self:
        if not self.seeds:
            raise ValueError('needs a place to start: url = "https://…", or feeds, or sitemaps')
        return self

    @model_validator(mode="after")
    def _spans_something(self) -> Self:
        try:
            Window.stated(self.since, self.until, datetime.now(UTC))
        except ConfigurationError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """Where to start, each address once: pages, then sitemaps, then feeds."""
        pages = [self.url, *self.urls] if self.url else list(self.urls)
        found: dict[str, Seed] = {}
        for kind, urls in (("seed", pages), ("sitemap", self.sitemaps), ("feed", self.feeds)):
            for url in urls:
                found.setdefault(identity(url), Seed(url, kind, self.name))  # type: ignore[arg-type]
        return tuple(found.values())

    def is_quiet(self, at: datetime) -> bool:
        """Whether ``at`` (aware) lies in its quiet hours."""
        return is_quiet(self.quiet_hours, self.time_zone, at)

    def scope(self) -> Scope:
        """What belongs to it: ``hosts`` where given, else the whole sites of its seeds."""
        hosts = self.hosts or tuple(dict.fromkeys(site_of(seed.url) for seed in self.seeds))
        return Scope(hosts, self.include, self.exclude)


def _listed(values: dict[str, Any], key: str) -> Sequence[object]:
    value = values.get(key)
    return value if isinstance(value, list | tuple) else ()


def source_for_seeds(urls: Sequence[str], **fields: Any) -> Source:
    """A source made of URLs given on a command line or in a list; ConfigurationError for what is no URL."""
    seeds = [checked_seed(url) for url in urls]
    try:
        return Source(url=seeds[0], urls=tuple(seeds[1:]), **({"name": host_key(seeds[0])} | fields))
    except ValidationError as error:
        raise ConfigurationError(fault_in_words(error, tuple(Source.model_fields))[1]) from None


def load_sources(path: Path) -> tuple[Source, ...]:
    """The sources that the TOML file at ``path`` declares, in its order.

    ConfigurationError names file, line and key; for an unknown key the nearest known one.
    """
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(syntax_fault(path, error)) from None
    place = Places(path, text)
    for key in tables.keys() - {"source", "defaults"}:
        raise ConfigurationError(f"{place.of_top(key)}: {_out_of_place(key)}")
    defaults, entries = tables.get("defaults", {}), tables.get("source", [])
    if not isinstance(defaults, dict) or not isinstance(entries, list) or not entries:
        raise ConfigurationError(
            f'{path}: declares no source; begin one with [[source]] and url = "https://…"'
        )
    sources = tuple(_source(place, at, defaults, entry) for at, entry in enumerate(entries))
    _refuse_duplicates(place, sources)
    return sources


def _out_of_place(key: str) -> str:
    if key in Source.model_fields:
        return f"{key} stands outside of a source: begin one with [[source]] above it"
    return unknown(key, ("source", "defaults"))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: no such file; declare sources there, or name another file"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(encoding_fault(path, error)) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None


def _source(place: Places, at: int, defaults: dict[str, Any], entry: object) -> Source:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{place.of(at)}: a source is a table: [[source]]")
    try:
        return Source.model_validate({**defaults, **entry})
    except ValidationError as error:
        keys, words = fault_in_words(error, tuple(Source.model_fields))
        in_defaults = keys and keys[0] in defaults and keys[0] not in entry
        where = place.of_top(*keys) if in_defaults else place.of(at, *keys)
        raise ConfigurationError(f"{where}: {words}") from None


def _refuse_duplicates(place: Places, sources: Iterable[Source]) -> None:
    names: dict[str, int] = {}
    starts: dict[str, int] = {}
    for at, source in enumerate(sources):
        if names.setdefault(source.name, at) != at:
            first = place.of(names[source.name])
            raise ConfigurationError(
                f'{place.of(at, "name")}: the name {source.name!r} is taken: {first}; give another with name = "…"'
            )
        for seed in source.seeds:
            if starts.setdefault(identity(seed.url), at) != at:
                raise ConfigurationError(
                    f"{place.of(at)}: {seed.url} is declared twice: {place.of(starts[identity(seed.url)])}"
                )


BOM = "\ufeff"
"""What some editors begin a file with."""


def read_url_list(path: Path) -> list[str]:
    """The URLs in the file at ``path``, one a line, ``-`` for standard input; empty lines and ``#`` lines are passed over.

    ConfigurationError names the line of what is no URL.
    """
    text = sys.stdin.read() if path == STDIN else _read(path)
    return list(_numbered_urls("standard input" if path == STDIN else str(path), text))


def _numbered_urls(origin: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.removeprefix(BOM).splitlines(), 1):
        address = line.strip()
        if address and not address.startswith("#"):
            try:
                yield checked_seed(address)
            except ConfigurationError as error:
                raise ConfigurationError(f"{origin}:{number}: {error}") from None


def toml_entry(source: Source) -> str:
    """``source`` as it would stand in ``sources.toml``, with nothing that is a default."""
    lines = ["[[source]]"]
    for key, value in source.model_dump(mode="json", exclude_defaults=True).items():
        written = _written(getattr(source, key)) if key in ("every", "recheck") else value
        if key != "headers":
            lines.append(f"{key} = {json.dumps(written, ensure_ascii=False)}")
    if source.headers:
        lines += [
            "[source.headers]",
            *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in source.headers.items()),
        ]
    return "\n".join(lines) + "\n"


def _written(value: timedelta | Sequence[timedelta]) -> str | list[str]:
    return _written_duration(value) if isinstance(value, timedelta) else [*map(_written_duration, value)]


def _written_duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    unit = next((unit for unit in ("d", "h", "m") if seconds % UNITS[unit] == 0), "s")
    count = seconds / UNITS[unit]
    return f"{int(count) if count.is_integer() else count}{unit}"
