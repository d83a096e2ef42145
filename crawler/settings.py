"""Every setting of the crawler: `Options` for what users choose, and below it what Scrapy is told.

`Options` come from, in rising order: the defaults here, ``palmyra.toml`` in the working directory, the command's flags.
Under ``scrapy crawl`` each is also a Scrapy setting: ``-s PALMYRA_DELAY=2``.
"""

import difflib
import os
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.errors import ConfigurationError
from archive.rights import Policy
from crawler.sources.declared import Ages
from crawler.sources.when import When

OPTIONS_FILE = Path("palmyra.toml")
PREFIX = "PALMYRA_"
VERSION = version("palmyra-news-archive")

Seconds = Annotated[float, Field(ge=0, le=31_536_000)]
Count = Annotated[int, Field(ge=1)]


class Options(BaseModel):
    """What a user may set. Every field's description states its unit and the reason for its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: Seconds = Field(
        1.0, description="Least spacing of requests to one host, in seconds. One a second troubles no site."
    )
    allow_private: bool = Field(
        False,
        description="Fetch from private and loopback addresses too. Off: a page must not make the crawler read an intranet.",
    )
    user_agent: str = Field(
        f"palmyra/{VERSION}",
        description="The User-Agent sent; its first word is matched against robots.txt.",
        min_length=1,
    )
    contact: str | None = Field(
        None,
        description="A page or e-mail address for the sites' operators; sent with the User-Agent, an address also as From.",
    )
    verify_certificates: bool = Field(
        True, description="Refuse a server whose TLS certificate cannot be verified."
    )
    proxy: str | None = Field(None, description="URL of an HTTP proxy for all requests.")
    timeout: Seconds = Field(
        30.0, description="Longest time for one exchange, in seconds; what came by then is kept as truncated."
    )
    max_response_size: Count = Field(
        100_000_000,
        description="Most bytes kept of one response; longer ones are cut and marked. Article pages are under 5 MB.",
    )
    max_payload_size: Count = Field(
        50_000_000,
        description="Most bytes decoded of one payload; beyond it lies no article, only compression bombs.",
    )
    concurrency: Count = Field(32, description="Most requests in flight over all hosts; a host has one.")
    tries: Count = Field(3, description="How often a URL is tried that fails for a passing reason.")
    depth: Annotated[int, Field(ge=0)] = Field(
        3, description="Most links followed from a seed, feed or sitemap entry."
    )
    requisites: bool = Field(
        False,
        description="Fetch the images, styles, scripts, fonts and icons of article pages too, from whatever host; "
        "for archives that are to be browsed.",
    )
    conversion_records: bool = Field(
        False,
        description="Keep the texts of new documents as WARC conversion records too, in derived/.",
    )
    only_feeds: bool = Field(False, description="Fetch what feeds and sitemaps list, and follow no links.")
    host_budget: Count | None = Field(
        None, description="Most requests to one host in a run; what is left waits for the next."
    )
    host_day_requests: Count | None = Field(
        None,
        description="Most requests to one host in a day (UTC), over all runs; what is left waits for the next day.",
    )
    host_day_bytes: Count | None = Field(
        None,
        description="Most bytes received from one host in a day (UTC), over all runs, but for the last answer.",
    )
    hosts_file: str | None = Field(
        None,
        description="File by which all crawls on this machine keep a host's spacing and pauses together; empty: each alone. "
        "Default: $XDG_STATE_HOME/palmyra/hosts, in ~/.local/state where that is not set.",
    )
    path_budget: Count = Field(
        300,
        description=(
            "Pages of one address pattern that a run fetches while they bring under a tenth as many articles; ten times as "
            "many of those that a sitemap or feed names. Calendars and facets have no end."
        ),
    )
    respect: tuple[Policy, ...] = Field(
        (),
        description='Rights that are held, of "noarchive", "noai", "tdm" and "aiagents"; see docs/rights.md. robots.txt is '
        "held always.",
    )
    rights_files: bool = Field(
        True,
        description="Ask each site, once a day, for /.well-known/tdmrep.json and /ai.txt, so that what they say is recorded. "
        "Off: only where a policy respects them.",
    )
    recheck: Ages = Field(
        (),
        description='Ages at which articles are fetched again to catch edits, such as ["1h", "6h", "1d", "7d"]; none by default.',
    )
    since: When | None = Field(
        None,
        description='Fetch only what was published since: "2024-05-31", "2024-05", "2024", or counted back from now '
        '"7d", "24h", "yesterday"; see docs/sources.md.',
    )
    until: When | None = Field(
        None, description="Fetch only what was published until then; the day itself belongs to it."
    )
    limit: Count | None = Field(None, description="Stop after this many pages.")
    time_limit: Seconds | None = Field(None, description="Stop after this many seconds.")
    size_limit: Count | None = Field(None, description="Stop after this many bytes received.")
    min_free: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="Stop (exit code 3) once fewer bytes are free on the collection's disk, so that all that is open can be "
        "closed. Default: a twentieth of the disk, 200 MB at most.",
    )
    stop_grace: Seconds = Field(
        6.0,
        description="How long requests in flight may take to end after ^C or SIGTERM, in seconds. Under systemd's and our promise of 10.",
    )
    warc_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+$")] = Field(
        "palmyra", description="First part of WARC file names."
    )
    warc_max_size: Count = Field(
        1_000_000_000, description="A new WARC file is begun past this many bytes (1 GB by convention)."
    )
    warc_max_age: Seconds | None = Field(
        None, description="A new WARC file is begun after this many seconds."
    )
    digest: Literal["sha1", "sha256"] = Field(
        "sha1", description="Algorithm of WARC digests; sha1 is what indexes expect."
    )
    operator: str | None = Field(None, description="Who runs the crawl; written into warcinfo.")
    description: str | None = Field(None, description="What the crawl is for; written into warcinfo.")
    workers: Count = Field(os.cpu_count() or 1, description="Processes that examine pages; one a core.")
    worker_time_limit: Seconds = Field(
        10.0, description="Longest time for one page in a worker, in seconds; then it is killed."
    )
    worker_memory_limit: Count = Field(
        1_000_000_000, description="Most memory of a worker beyond its start, in bytes."
    )

    @classmethod
    def load(cls, path: Path = OPTIONS_FILE, **flags: Any) -> Self:
        """The options of the file at ``path`` (none is fine) under ``flags`` that are not None.

        Raises ConfigurationError naming the file or the flag, the key and the nearest known key.
        """
        in_file = read_toml(path)
        cls.checked(f"{path}: ", in_file)
        return cls.checked("--", in_file | {key: value for key, value in flags.items() if value is not None})

    @classmethod
    def checked(cls, origin: str, values: dict[str, Any]) -> Self:
        """The options of these values; ConfigurationError, which begins with ``origin``, for what is wrong with one."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise ConfigurationError(f"{origin}{explain(error, list(cls.model_fields))}") from None

    @classmethod
    def from_scrapy(cls, settings: Any) -> Self:
        """The options under Scrapy's settings: palmyra.toml, then every ``PALMYRA_…`` that is set."""
        flags = {name: settings.get(PREFIX + name.upper()) for name in cls.model_fields}
        return cls.load(**flags)

    def agent(self) -> str:
        """The User-Agent header: the product, and where its operator is to be found."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent

    def for_scrapy(self) -> dict[str, Any]:
        """The same values as Scrapy settings."""
        own = {PREFIX + name.upper(): value for name, value in self.model_dump().items()}
        headers = DEFAULT_REQUEST_HEADERS | (
            {"From": self.contact} if self.contact and "@" in self.contact else {}
        )
        known = {"USER_AGENT": self.agent(), "CONCURRENT_REQUESTS": self.concurrency}
        return own | known | {"DEFAULT_REQUEST_HEADERS": headers}


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; empty where there is none; ConfigurationError where it does not parse."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def explain(error: ValidationError, known: list[str]) -> str:
    """The first fault of a validation in one line; an unknown key with the nearest known one."""
    fault = error.errors()[0]
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] != "extra_forbidden":
        return f"{key}: {fault['msg'].lower()} (given: {fault['input']!r})"
    near = difflib.get_close_matches(key, known, n=1)
    return f"unknown key {key!r}" + (
        f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(known)}"
    )


PALMYRA_COLLECTION = "collections/default"
BOT_NAME = "palmyra"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = f"palmyra/{VERSION}"

SCHEDULER = "crawler.scheduling.scheduler.FrontierScheduler"
DOWNLOAD_HANDLERS = {
    "http": "crawler.handlers.ArchivingHandler",
    "https": "crawler.handlers.ArchivingHandler",
    "file": None,  # these would read outside the archive
    "data": None,
    "ftp": None,
    "s3": None,
}
EXTENSIONS = {"crawler.session.extension.Archiving": 0}
DOWNLOADER_MIDDLEWARES = {
    "crawler.session.window.WindowMiddleware": 45,
    "crawler.session.manners.SourceMiddleware": 50,
    "crawler.session.manners.ConditionalMiddleware": 60,
    "crawler.session.permission.PermissionMiddleware": 590,  # after Scrapy's own, which fill in the header fields
    "crawler.session.manners.BudgetMiddleware": 600,
    "crawler.session.extension.FailureMiddleware": 950,
    # The frontier does these: durable, in one place, each hop and each try a capture of its own.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    # The handler decodes with limits.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
}
HTTPERROR_ALLOW_ALL = True  # an error answer is a capture like any other
COOKIES_ENABLED = False  # an archive shows what any reader is shown
HTTPPROXY_ENABLED = False  # only PALMYRA_PROXY, never the environment
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # a server that runs Python code has no place in an archiver
AUTOTHROTTLE_ENABLED = False
ROBOTSTXT_OBEY = False  # the frontier obeys it: Scrapy's own leaks
DOWNLOAD_DELAY = 0  # the frontier spaces hosts
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 32  # the frontier leases one a host
CONCURRENT_ITEMS = 4  # tasks a response; the default of 100 costs time in each
DEPTH_LIMIT = 0  # the frontier counts depth durably
TWISTED_REACTOR_ENABLED = False  # all network input and output is the wire's, on asyncio
LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
}
