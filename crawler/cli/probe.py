"""What `palmyra sources probe` and `palmyra crawl --dry-run` print of a survey."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.catalog import Catalog
from archive.cli.terminal import on_one_line, printable
from archive.collection import Collection
from archive.outcome import Article
from crawler.discovery.discover import Rules
from crawler.discovery.scout import Scout, Seen
from crawler.discovery.survey import Looked, Survey, proposed, survey
from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Target
from crawler.settings import Options
from crawler.sources.declared import Source, toml_entry

SAMPLE_ARTICLES = 3
SHOWN_PAGES = 20
"""Pages that a dry run shows of each source; ``--json`` gives all."""
SHOWN_CHARACTERS = 1500
"""Shown of the sample article's text."""


async def probe_site(options: Options, source: Source, *, as_json: bool) -> int:
    """Look at a site, print what was found as comments and the entry as TOML. 1 where the site does not answer."""
    async with Scout(options) as scout:
        found = await survey(scout, source, Rules.of(source, options), pages=True)
        samples = [await scout.look(page.url) for page in found.likely_articles()[:SAMPLE_ARTICLES]]
    answered = any(looked.seen.examination for looked in found.looked if looked.target.kind == "seed")
    if as_json:
        lines: list[str] = [json.dumps(_as_object(found, samples), ensure_ascii=False)]
    else:
        lines = [*map(_comment, _probe_lines(found, samples)), toml_entry(proposed(found))]
    sys.stdout.write("\n".join(lines) + "\n" * as_json)
    return 0 if answered else 1


async def dry_run(options: Options, root: Path, sources: Sequence[Source], *, as_json: bool) -> int:
    """Print what a crawl of ``sources`` would fetch and why; robots.txt, sitemaps and feeds alone are fetched."""
    async with Scout(options) as scout:
        for source in sources:
            found = await survey(scout, source, Rules.of(source, options), pages=False)
            new, known = _new_pages(root, found.pages)
            limit = source.limit or options.limit
            now = _Plan(found, new[:limit], known, _pending(root), len(new) - len(new[:limit]))
            lines = _plan_objects(now) if as_json else _plan_lines(now)
            sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _probe_lines(found: Survey, samples: Sequence[Seen]) -> Iterator[str]:
    for looked in found.looked:
        yield f"{looked.target.kind}: {_answer(looked)}"
    if found.unread:
        yield f"{found.unread} more sitemaps and feeds were not looked at"
    for reason, count in Counter(skip.reason for skip in found.skips).most_common():
        yield f"a crawl would pass over {count} links: {reason}"
    yield f"pages listed or linked: {len(found.pages)}, likely articles: {len(found.likely_articles())}"
    articles = [article for article in map(_article, samples) if article]
    for sample in samples:
        yield f"sample: {sample.url}: {_sample_words(sample)}"
    if articles:
        text = articles[0].text
        yield from (
            "text of the first:",
            *(text[:SHOWN_CHARACTERS] + "…" * (len(text) > SHOWN_CHARACTERS)).split("\n"),
        )
    else:
        yield "no article was found: name a section page or a feed of the site instead"


def _comment(line: str) -> str:
    return f"# {printable(line)}".rstrip()


def _answer(looked: Looked) -> str:
    return f"{on_one_line(looked.seen.url)}: {_words(looked.seen)}"


def _words(seen: Seen) -> str:
    if seen.examination is None:
        return on_one_line(seen.problem or "no answer")
    outcome = seen.examination.outcome
    return on_one_line(f"{outcome.kind} {outcome.reason}".strip())


def _sample_words(sample: Seen) -> str:
    article = _article(sample)
    if article is None:
        return f"no article ({_words(sample)})"
    return on_one_line(f"{article.title} ({len(article.text)} characters, {article.published or 'no date'})")


def _article(seen: Seen) -> Article | None:
    return seen.examination.outcome.article if seen.examination else None


def _as_object(found: Survey, samples: Sequence[Seen]) -> dict[str, Any]:
    looked = [
        {"url": each.seen.url, "kind": each.target.kind, "found": _words(each.seen), "entries": each.entries}
        for each in found.looked
    ]
    articles = [(sample, article) for sample in samples if (article := _article(sample))]
    return {
        "source": proposed(found).model_dump(mode="json", exclude_defaults=True),
        "looked_at": looked,
        "pages": len(found.pages),
        "skipped": Counter(skip.reason for skip in found.skips),
        "samples": [
            {"url": each.url, "title": article.title, "text": article.text} for each, article in articles
        ],
    }


def _new_pages(root: Path, pages: Sequence[Target]) -> tuple[list[Target], int]:
    """The pages that a crawl would fetch (all that start, and what was never captured), and how many others there are."""
    path = Collection(root).catalog_path
    if not path.exists():
        return list(pages), 0
    with Catalog.open(path, readonly=True) as catalog:
        new = [page for page in pages if page.kind == "seed" or not catalog.captures_of(page.url)]
    return new, len(pages) - len(new)


def _pending(root: Path) -> int:
    path = Collection(root).state_path
    if not path.exists():
        return 0
    with Frontier(path) as frontier:
        return frontier.pending()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a crawl would fetch: ``new`` pages; others are ``known``, ``pending`` from earlier, or ``beyond`` the limit."""

    found: Survey
    new: Sequence[Target]
    known: int
    pending: int
    beyond: int


def _plan_lines(plan: _Plan) -> Iterator[str]:
    found, new = plan.found, plan.new
    yield f"{on_one_line(found.source.name)}: {len(new)} pages to fetch, {plan.known} known already"
    if plan.beyond:
        yield f"  {plan.beyond} more are beyond the limit of {len(new)} pages"
    if plan.pending:
        yield f"  {plan.pending} addresses wait in the collection from earlier crawls"
    for looked in found.looked:
        yield f"  looked at {looked.target.kind} {_answer(looked)}"
    for page in new[:SHOWN_PAGES]:
        yield f"  {on_one_line(page.url)}  ({_why(page)})"
    if len(new) > SHOWN_PAGES:
        yield f"  … and {len(new) - SHOWN_PAGES} more, then what these pages link to"
    for reason, count in Counter(skip.reason for skip in found.skips).most_common():
        yield f"  not: {count} {reason}"


def _why(page: Target) -> str:
    if page.kind == "seed":
        return "where to start"
    date = f", dated {page.discovery.listed}" if page.discovery.listed else ""
    return f"listed in {on_one_line(page.discovery.via)}{date}"


def _plan_objects(plan: _Plan) -> Iterator[str]:
    found = plan.found
    for page in plan.new:
        told = {"source": found.source.name, "url": page.url, "kind": page.kind, "why": _why(page)}
        yield json.dumps(told | {"listed": page.discovery.listed, "title": page.discovery.title})
    for skip in found.skips:
        yield json.dumps({"source": found.source.name, "url": skip.url, "skip": skip.reason, "via": skip.via})
