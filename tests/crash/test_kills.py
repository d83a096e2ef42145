"""kill -9 at random moments: what was acknowledged stays, and at most what was in flight is fetched again."""

from pathlib import Path

import pytest

from tests.crash.killer import Killer
from tests.crash.site import GeneratedSite

KILLS = 5
ARTICLES = 50
"""Of each host: enough that the crawl is at work for longer than KILLS starts take."""


@pytest.mark.parametrize("seed", range(2))
def test_killed_crawls_keep_what_they_acknowledged(tmp_path: Path, seed: int) -> None:
    with GeneratedSite(ARTICLES) as site:
        killer = Killer(site, tmp_path / "news", kills=KILLS, seed=seed)
        killer.run()
        verdict = killer.judge()
    assert verdict.kills, "no crawl was killed: nothing was tested"
    assert verdict.kept, verdict
