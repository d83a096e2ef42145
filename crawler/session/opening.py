"""Opening a collection for a crawl: locked, put right after a dead process, brought up to what its archive holds."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from archive.catalog import Catalog
from archive.collection import Collection
from archive.derive import Derivation, catch_up, finish_swap
from archive.errors import CollectionLocked
from archive.extraction.pool import WorkerPool
from archive.history import History
from archive.recovery import close_leftovers, lost_captures, remove_orphans, set_aside
from crawler.discovery.discover import Rules
from crawler.frontier.frontier import Frontier
from crawler.frontier.targets import Target
from crawler.session import lanes
from crawler.session.adoption import Adoption, target_of
from crawler.session.reserve import Reserve
from crawler.session.revisits import Revisits
from crawler.settings import Options

logger = logging.getLogger(__name__)

RulesOf = Callable[[Target], Rules]


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection with all that its archive holds in catalog, index and frontier; ``adopted`` captures were not there before."""

    catalog: Catalog
    frontier: Frontier
    pool: WorkerPool
    history: History
    revisits: Revisits
    derivation: Derivation
    adopted: int


def open_collection(
    stack: ExitStack,
    options: Options,
    collection: Collection,
    rules_of: RulesOf,
    *,
    requisites: bool = False,
) -> Opened:
    """Open ``collection``, which is locked, until ``stack`` is closed. Raises ArchiveError: a damaged database, a full disk."""
    Reserve(collection.root, options.min_free).check()
    finish_swap(collection)
    catalog = stack.enter_context(Catalog.open(collection.catalog_path))
    frontier = stack.enter_context(Frontier(collection.state_path))
    frontier.claim()
    lanes.join(collection)
    catalog = _renew_lost(stack, collection, catalog, frontier)
    close_leftovers(collection, catalog)
    pool = stack.enter_context(
        WorkerPool(
            options.workers,
            time_limit_s=options.worker_time_limit,
            memory_limit_bytes=options.worker_memory_limit,
            with_requisites=requisites,
        )
    )
    history = stack.enter_context(History(collection.catalog_path))
    revisits = Revisits(collection, catalog, history, pool)
    adoption = Adoption(frontier, rules_of, revisits.recalled)
    catch_up(collection, catalog, pool, follower=adoption)
    remove_orphans(collection, catalog)
    derivation = Derivation(collection, catalog)
    derivation.update_index()
    return Opened(catalog, frontier, pool, history, revisits, derivation, adoption.count)


def join_lanes(options: Options, home: Collection, rules_of: RulesOf) -> bool:
    """Join the lanes of ``home`` whose crawls have ended; False if whoever holds ``home`` has to do it.

    To be called by a crawl that has let go of its locks: of two that end at the same time the last one finds both.
    """
    while lanes.ended(home):
        try:
            with home.lock(), ExitStack() as stack:
                open_collection(stack, options, home, rules_of)
        except CollectionLocked:
            return False
    return True


def _renew_lost(stack: ExitStack, collection: Collection, catalog: Catalog, frontier: Frontier) -> Catalog:
    """What the catalog has and a file that was cut has not is fetched again; another catalog is derived."""
    lost = lost_captures(collection, catalog)
    if lost is None:
        return catalog
    for row in lost:
        frontier.renew(target_of(row.entry, row.kind))
    catalog.close()
    aside = set_aside(collection, collection.catalog_path)
    logger.warning(
        "the archive was cut: %d captures are fetched again (the catalog that had them: %s)", len(lost), aside
    )
    return stack.enter_context(Catalog.open(collection.catalog_path))
