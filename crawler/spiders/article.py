"""The spider ``article``: seeds, their sitemaps and feeds, then links in scope."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.http import Response

from crawler.session.commit import Recorded
from crawler.sources.declared import Source, source_for_seeds

if TYPE_CHECKING:
    from crawler.session.session import Session


class ArticleSpider(Spider):
    """Yields an item for each new document. What to fetch next is the frontier's work, done durably before this
    sees the page: a crawl does not depend on what a callback does, and seeds go straight into the frontier.

    ``seeds`` are URLs, separated by commas or white space.
    """

    name = "article"

    def __init__(
        self,
        seeds: str = "",
        sources: Sequence[Source] = (),
        session: "Session | None" = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.session = session
        self.sources = (*sources, *(source_for_seeds([url]) for url in seeds.replace(",", " ").split()))

    async def start(self) -> AsyncIterator[Any]:
        if not self.sources and self.session is None:
            self.logger.warning("no seeds: nothing new is looked for; name some with -a seeds=https://…")
        requests: tuple[Any, ...] = ()  # the frontier has the seeds
        for request in requests:
            yield request

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[dict[str, Any]]:
        recorded: Recorded | None = response.meta.get("capture")
        if recorded is None:
            return
        kept = await recorded.kept
        document = kept.document if kept else None
        if document:
            article = document.article
            yield {
                "id": document.id,
                "url": document.final_url,
                "title": article.title,
                "authors": list(article.authors),
                "published": article.published,
                "language": article.language,
                "name": document.name,
                "text": article.text,
            }
