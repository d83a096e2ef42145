"""``palmyra sources``: what is declared in sources.toml, and help in declaring it."""

import asyncio
import json
import sys
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Annotated

import typer

from archive.cli.options import JsonOption
from archive.cli.terminal import on_one_line
from archive.errors import ArchiveError, ConfigurationError
from crawler.cli.probe import probe_site
from crawler.settings import Options
from crawler.sources.declared import Source, load_sources, source_for_seeds, toml_entry
from crawler.sources.opml import opml, read_opml, unused
from crawler.urls.identity import identity

app = typer.Typer(
    rich_markup_mode="markdown",
    add_completion=False,
    no_args_is_help=True,
    help="Check, list and extend what is declared in sources.toml.\n\nExample: `palmyra sources probe https://example.org`",
)
SourcesOption = Annotated[
    Path, typer.Option("--sources", metavar="FILE", help="Where the sources are declared.")
]
DEFAULT = Path("sources.toml")
STARTS = ("urls", "feeds", "sitemaps")


@app.command()
def check(sources: SourcesOption = DEFAULT) -> None:
    """Read the file and say whether it is sound; what is wrong is named with its line.

    Example: `palmyra sources check`
    """
    found = load_sources(sources)
    seeds = sum(len(source.seeds) for source in found)
    _write(
        f"{sources}: {len(found)} source{'s' * (len(found) != 1)}, {seeds} start{'s' * (seeds != 1)}, all well"
    )


@app.command("list")
def list_(sources: SourcesOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List the sources: name, interval, where each starts.

    Example: `palmyra sources list --json`
    """
    for source in load_sources(sources):
        if as_json:
            _write(json.dumps(source.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False))
        else:
            starts = " ".join(seed.url for seed in source.seeds)
            _write(f"{on_one_line(source.name):<30} every {source.every!s:<16} {on_one_line(starts)}")


@app.command()
def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Where the new source starts.")],
    sources: SourcesOption = DEFAULT,
    name: Annotated[str | None, typer.Option(help="How the source is called (default: its host).")] = None,
    every: Annotated[str, typer.Option(metavar="TIME", help="How often it is due.")] = "6h",
) -> None:
    """Add a source to the file, which is made if it is missing. What is there stays as it is written.

    Example: `palmyra sources add https://example.org --every 1h`
    """
    fields = {"every": every} | ({"name": name} if name else {})
    _append(sources, [source_for_seeds(urls, **fields)])


@app.command()
def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's address.")],
    contact: Annotated[
        str | None, typer.Option(help="A page or e-mail address for the site's operator.")
    ] = None,
    delay: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Least spacing of requests (default 1).")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses too.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Look at a site and print the entry that it would have in sources.toml.

    Fetches robots.txt, the page itself, its feeds and sitemaps and three articles, a second apart, and keeps nothing.

    Example: `palmyra sources probe https://example.org >> sources.toml`
    """
    options = Options.load(contact=contact, delay=delay, allow_private=allow_private or None)
    return asyncio.run(probe_site(options, source_for_seeds([url]), as_json=as_json))


@app.command("import-opml")
def import_opml(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A feed reader's subscription list.")],
    sources: SourcesOption = DEFAULT,
) -> None:
    """Add every feed of an OPML file as a source; those declared already are left out.

    Example: `palmyra sources import-opml subscriptions.opml`
    """
    _append(sources, read_opml(file), known_is_fine=True)


@app.command("export-opml")
def export_opml(sources: SourcesOption = DEFAULT) -> None:
    """Print the sources as OPML, for feed readers.

    Example: `palmyra sources export-opml > subscriptions.opml`
    """
    sys.stdout.write(opml(load_sources(sources)))


def _append(path: Path, new: Sequence[Source], *, known_is_fine: bool = False) -> None:
    declared = load_sources(path) if path.exists() and path.stat().st_size else ()
    added = _unknown_of(new, declared)
    if known_is_fine:
        taken = {source.name for source in declared}
        added = [source.model_copy(update={"name": unused(source.name, taken)}) for source in added]
    if not added and not known_is_fine:
        raise ConfigurationError(f"{path}: declares {new[0].seeds[0].url} already")
    _checked_append(path, "".join(f"\n{toml_entry(source)}" for source in added))
    left = len(new) - len(added)
    _write(f"{path}: {len(added)} added" + (f", {left} declared already" if left else ""))


def _unknown_of(new: Sequence[Source], declared: Sequence[Source]) -> list[Source]:
    """The new sources, without starts that are declared already; those left with none are left out."""
    known = {identity(seed.url) for other in declared for seed in other.seeds}
    return [source for each in new if (source := _without(each, known))]


def _without(source: Source, known: Container[str]) -> Source | None:
    if all(identity(seed.url) in known for seed in source.seeds):
        return None
    urls = {name: [url for url in getattr(source, name) if identity(url) not in known] for name in STARTS}
    url = None if source.url and identity(source.url) in known else source.url
    return source.model_copy(update={name: tuple(found) for name, found in urls.items()} | {"url": url})


def _checked_append(path: Path, text: str) -> None:
    """Append to the file; where the whole would not be sound, it stays as it was."""
    before = path.read_bytes() if path.exists() else b""
    lead = b"" if not before or before.endswith(b"\n") else b"\n"
    _replace(path, before + lead + (text.encode() if before else text.lstrip("\n").encode()))
    try:
        load_sources(path)
    except ArchiveError:
        _replace(path, before) if before else path.unlink()
        raise


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
