"""Which articles are fetched again, and when: at stated ages, to catch what was edited after it was published."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from archive.history import ArticleHistory, History
from crawler.sources.declared import Source

Ages = Sequence[timedelta]


def due_again(history: History, sources: Sequence[Source], ages: Ages, now: datetime) -> Iterator[str]:
    """The addresses of articles that have reached an age since they were last captured, the newest first.

    ``ages`` are those of sources that state none. An age counts from the first capture. Ages that passed while nothing
    was crawled are made up for by one fetch. Nothing is kept of it: what the catalog knows decides anew at each start,
    so a crawl that was killed loses nothing.
    """
    stated = {source.name: source.recheck for source in sources if source.recheck is not None}
    if not ages and not any(stated.values()):
        return
    for article in history.articles():
        if is_due(article, stated.get(article.source or "", ages), now):
            yield article.url


def is_due(article: ArticleHistory, ages: Ages, now: datetime) -> bool:
    """Whether an age has passed since the article was last captured."""
    return any(article.last < article.first + age <= now for age in ages)
