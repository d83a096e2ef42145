"""What the figures of a source say of its health: flags for a person to look at, each with its evidence in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from crawler.reports.figures import RunFigures, SourceFigures

RECENT_RUNS = 3
"""Runs over which a source without a single article is judged."""
DAY = timedelta(days=1)
"""Articles are counted by the day, back from the last run: at night there are none, which is no sign."""
MIN_FORMER_DAYS = 3
"""Days before the last that a fall is measured against."""
MIN_MEDIAN_ARTICLES = 4
"""Below that many articles a day, a day with few is no sign."""
MIN_PAGES = 5
"""Fewer listed pages tell nothing of extraction."""
FALL = 0.5
"""What is below this share of what it was has fallen; for the yield, which varies more, half of that."""
FOREIGN_SHARE = 0.2
MIN_LISTED = 3


@dataclass(frozen=True, slots=True)
class Flag:
    """``name``: feedAliveNoArticles, yieldFell, extractionFell, foreignHosts, sitemapDead or feedDead."""

    name: str
    words: str


def flags(source: SourceFigures) -> tuple[Flag, ...]:
    """What is wrong with a source, as far as its figures show."""
    if not source.runs:
        return ()
    *former, last = source.runs
    found = [*_no_articles(source.runs), *_yield(source.runs), *_extraction(former, last), *_foreign(last)]
    dead = [Flag(f"{kind}Dead", f"{kind} dead: {url} ({outcome})") for url, kind, outcome in source.dead]
    return (*found, *dead)


def _no_articles(runs: Sequence[RunFigures]) -> Iterator[Flag]:
    """Judged by the last runs where they fetched enough, else by all."""
    recent = runs[-RECENT_RUNS:]
    if sum(run.candidates for run in recent) < MIN_PAGES:
        recent = runs
    listed, candidates = sum(run.listed for run in recent), sum(run.candidates for run in recent)
    if listed and candidates and not any(run.articles for run in recent):
        words = f"feed alive, no articles: {listed} entries listed, {candidates} pages fetched in the last "
        yield Flag("feedAliveNoArticles", words + ("run" if len(recent) == 1 else f"{len(recent)} runs"))


def _yield(runs: Sequence[RunFigures]) -> Iterator[Flag]:
    days = Counter[int]()
    for run in runs:
        days[(runs[-1].started - run.started) // DAY] += run.articles
    last = days.pop(0)
    if len(days) < MIN_FORMER_DAYS:
        return
    usual = median(days.values())
    if usual >= MIN_MEDIAN_ARTICLES and last < usual * FALL / 2:
        yield Flag(
            "yieldFell", f"yield fell: {last} articles in the last day of runs, {usual:g} before (median)"
        )


def _extraction(former: Sequence[RunFigures], last: RunFigures) -> Iterator[Flag]:
    pages, articles = sum(run.candidates for run in former), sum(run.articles for run in former)
    if min(pages, last.candidates) >= MIN_PAGES and last.articles / last.candidates < FALL * articles / pages:
        words = (
            f"{last.articles} of {last.candidates} listed pages were articles, {articles} of {pages} before"
        )
        yield Flag("extractionFell", f"extraction fell: {words}")
    elif min(articles, last.articles) >= MIN_PAGES:
        usual = sum(run.characters for run in former) / articles
        if last.mean_characters < FALL * usual:
            words = f"articles have {last.mean_characters} characters, {usual:.0f} before (means)"
            yield Flag("extractionFell", f"extraction fell: {words}")


def _foreign(last: RunFigures) -> Iterator[Flag]:
    if last.listed >= MIN_LISTED and last.elsewhere >= FOREIGN_SHARE * last.listed:
        words = f"{last.elsewhere} of {last.listed} entries lie outside its scope"
        yield Flag(
            "foreignHosts", f"feed names foreign hosts: {words}; add them to `hosts` if they belong to it"
        )
