"""A news site of any number of articles, made as it is asked for: nested gzip sitemaps, feeds, sections, and traps.

A third of the articles stands in sitemaps alone, a third in sections alone, a third in both and in feeds.
"""

from collections.abc import Callable

from tests.site.newsroom import Page, article, feed, front, robots, sitemap, sitemap_index

SITEMAP_ENTRIES = 1000
TEASERS = 100
FEED_ENTRIES = 50
TRAPS = ("/calendar/", "/search", "/deeper/", "/facets/", "/session/")
FORBIDDEN = "/private/"
FEED = '<link rel="alternate" type="application/rss+xml" href="/feed">'


def article_path(number: int) -> str:
    return f"/2026/{number % 12 + 1:02}/{number % 28 + 1:02}/report-on-the-matter-numbered-{number}"


class LargeSite:
    """``find`` is for `tests.site.newsroom.Newsroom`; ``base`` is its address once it is served."""

    def __init__(self, articles: int, teasers: int = TEASERS) -> None:
        self.articles, self.teasers = articles, teasers
        self.base = ""

    def find(self, _host: str, path: str) -> Page | None:
        name, _, rest = path.lstrip("/").partition("/")
        lists: dict[str, Callable[[], Page | None]] = {
            "": lambda: front([f"/sections/{n}/" for n in range(self._sections)], FEED),
            "robots.txt": lambda: robots(
                "User-agent: *", f"Disallow: {FORBIDDEN}", f"Sitemap: {self.base}/sitemap.xml"
            ),
            "sitemap.xml": lambda: sitemap_index([f"{self.base}/maps/{n}.xml" for n in range(3)]),
            "maps": lambda: self._map(rest),
            "feed": lambda: feed(
                [self.base + article_path(n) for n in range(0, self.articles, 3)][:FEED_ENTRIES]
            ),
            "sections": lambda: self._section(int(rest.strip("/"))),
            "2026": lambda: self._article(path),
        }
        if name in lists:
            return lists[name]()
        return self._trap(path) if path.startswith(TRAPS) else None

    @property
    def _sections(self) -> int:
        return -(-self.articles // self.teasers)

    def _map(self, name: str) -> Page | None:
        """Three indexes, each with every third of the sitemaps."""
        number, _, kind = name.partition(".")
        count = -(-self.articles // SITEMAP_ENTRIES)
        if kind == "xml":
            return sitemap_index([f"{self.base}/maps/{n}.xml.gz" for n in range(int(number), count, 3)])
        first = int(number) * SITEMAP_ENTRIES
        listed = range(first, min(first + SITEMAP_ENTRIES, self.articles))
        return sitemap([self.base + article_path(n) for n in listed if n % 3 != 1], zipped=True)

    def _section(self, number: int) -> Page:
        listed = range(number * self.teasers, min((number + 1) * self.teasers, self.articles))
        links = [article_path(n) for n in listed if n % 3 != 2]
        traps = [
            f"/calendar/2026/{number % 12}",
            "/search?q=a&page=1",
            "/deeper/a/",
            f"/facets/red-{number}",
            "/session/1/x",
        ]
        return front([*links, *traps, f"{FORBIDDEN}{number}"])

    def _article(self, path: str) -> Page | None:
        number = int(path.rpartition("-")[2])
        return article(number) if path == article_path(number) else None

    def _trap(self, path: str) -> Page:
        """A page that leads to ten more of its kind."""
        seed = sum(path.encode())
        if path.startswith("/search"):
            return front([f"/search?q={chr(97 + (seed + n) % 26)}&page={seed + n}" for n in range(10)])
        return front([f"{path.rstrip('/')}/{seed % 7}{n}" for n in range(10)])
