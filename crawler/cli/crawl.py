"""``palmyra crawl``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.options import DEFAULT_COLLECTION, CollectionOption, JsonOption, QuietOption
from crawler.cli.crawling import crawl_and_report
from crawler.cli.probe import dry_run as plan
from crawler.settings import Options
from crawler.sources.declared import read_url_list, source_for_seeds


def command(  # noqa: PLR0917 - a flag each
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL...", help="Where to start: the sites' addresses.")
    ] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input-file",
            "-i",
            metavar="FILE",
            help="Read more URLs from FILE, one a line; `-` is standard input.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Stop after N pages.")] = None,
    depth: Annotated[int | None, typer.Option(metavar="N", help="Follow links at most N deep.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Only what was published since: 2024-05-31, 2024-05, 7d, 24h, yesterday."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was published until then, that day included."),
    ] = None,
    only_feeds: Annotated[
        bool, typer.Option("--only-feeds", help="Fetch what feeds and sitemaps list, and follow no links.")
    ] = False,
    requisites: Annotated[
        bool,
        typer.Option(
            "--requisites",
            help="Fetch images, styles, scripts, fonts and icons of articles too, from any host.",
        ),
    ] = False,
    conversion_records: Annotated[
        bool,
        typer.Option(
            "--conversion-records", help="Keep new texts as WARC conversion records too, in DIR/derived."
        ),
    ] = False,
    robots: Annotated[
        str,
        typer.Option(
            metavar="obey|ignore",
            help="Whether robots.txt of the sites named is obeyed; written into the WARC.",
        ),
    ] = "obey",
    delay: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Least spacing of requests to one host (default 1)."),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop after this time (exit code 15).")
    ] = None,
    size_limit: Annotated[
        int | None, typer.Option(metavar="BYTES", help="Stop after this much (exit code 14).")
    ] = None,
    min_free: Annotated[
        int | None,
        typer.Option(
            metavar="BYTES",
            help="Stop once less is free on the disk (exit code 3; default a twentieth, 200 MB at most).",
        ),
    ] = None,
    contact: Annotated[
        str | None, typer.Option(help="A page or e-mail address for the sites' operators.")
    ] = None,
    operator: Annotated[str | None, typer.Option(help="Who runs the crawl; written into the WARC.")] = None,
    warc_prefix: Annotated[
        str | None, typer.Option(metavar="NAME", help="First part of WARC file names.")
    ] = None,
    warc_max_size: Annotated[
        int | None, typer.Option(metavar="BYTES", help="Begin a new WARC past this size (default 1 GB).")
    ] = None,
    digest: Annotated[
        str | None, typer.Option(metavar="sha1|sha256", help="Algorithm of the WARC digests.")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses too.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only look at robots.txt, sitemaps and feeds, and say what would be fetched and why.",
        ),
    ] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Crawl news sites: their sitemaps, their feeds, then links in scope.

    Everything that goes over the wire is kept in DIR/archive; each article found becomes a text in DIR/documents.
    Run again, it adds what is new and never overwrites. `^C` stops within ten seconds; the same command goes on.

    Example: `palmyra crawl https://example.org --collection news --limit 500`
    """
    options = Options.load(
        limit=limit, depth=depth, since=since, until=until, delay=delay, time_limit=time_limit, size_limit=size_limit, contact=contact,
        operator=operator, warc_prefix=warc_prefix, warc_max_size=warc_max_size, digest=digest,
        allow_private=allow_private or None,
        only_feeds=only_feeds or None, min_free=min_free, requisites=requisites or None,
        conversion_records=conversion_records or None,
    )  # fmt: skip
    seeds = [*(urls or []), *(read_url_list(input_file) if input_file else [])]
    if not seeds:
        raise typer.BadParameter("name at least one URL, or a file of URLs with -i")
    sources = tuple(source_for_seeds([seed], robots=robots) for seed in seeds)
    if dry_run:
        return asyncio.run(plan(options, collection, sources, as_json=as_json))
    return crawl_and_report(options, collection, sources, quiet=quiet, as_json=as_json)
