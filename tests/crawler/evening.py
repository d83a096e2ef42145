"""A crawl by a clock that shows the time given when it is first looked at, just before the first request."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from crawler.crawl import run_crawl
from crawler.session import extension
from crawler.session.tally import Tally
from crawler.settings import Options
from crawler.sources.declared import load_sources

began: list[datetime] = []
start = datetime.fromisoformat(sys.argv[1])


def clock() -> datetime:
    began.append(datetime.now(UTC))
    return start + (began[-1] - began[0])


extension.Rest = partial(extension.Rest, now=clock)
options, tally = Options(allow_private=True, delay=0.1), Tally()
end = run_crawl(options, Path("news"), load_sources(Path("sources.toml")), tally)
sys.stdout.write(f"{end.reason} {end.exit_code} {tally.pending} {tally.waiting['quietHours']}\n")
