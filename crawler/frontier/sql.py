"""The frontier's statements. Conditions repeat the words of the partial indexes: only then does SQLite use them."""

from collections.abc import Collection, Iterator

RECURRING_KINDS = frozenset({"seed", "robots", "sitemap", "feed"})
RECURRING = RECURRING_KINDS | {"section", "failed", "robotsTxt"}
"""What a new run asks for again: kinds of target, section pages near a seed, failures, and what robots.txt refused."""
REFUSALS = ("robotsTxt", "tdmReserved", "noAi", "aiAgents", "beforeSince", "afterUntil")
"""Reasons of refusals that another run may see otherwise."""
SECTION_DEPTH = 1
"""Section pages at most this far from a seed are asked for again."""

SELECTED = """
CREATE TABLE temp.selected(source TEXT UNIQUE, completing INTEGER NOT NULL);
"""
IS_SELECTED = """
(NOT EXISTS(SELECT 1 FROM temp.selected) OR EXISTS(
    SELECT 1 FROM temp.selected AS s WHERE s.source IS target.source AND (
        NOT s.completing OR target.kind = 'requisite' OR target.kind = 'robots' AND EXISTS(
            SELECT 1 FROM target AS r WHERE r.host = target.host AND r.state = 'pending' AND r.kind = 'requisite'
        )
    )
))
"""
"""Whether a target is of a source that this process crawls, or needed to complete its pages; without a selection all are."""

_COLUMNS = "id, url, kind, depth, priority, source, via, hops, listed, title, request, failures"

INSERT = """
INSERT INTO target(identity, url, host, kind, depth, priority, source, via, hops, listed, title, request, state)
VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')
ON CONFLICT(identity) DO UPDATE SET
    kind = iif(kind IN ('page', 'requisite'), excluded.kind, kind), source = excluded.source, priority = excluded.priority,
    depth = min(depth, excluded.depth),
    via = excluded.via, hops = excluded.hops, listed = excluded.listed, title = excluded.title
WHERE excluded.kind <> 'requisite' AND (
    excluded.priority > priority AND state IN ('pending', 'waiting')
    OR kind = 'page' AND excluded.kind <> 'page' OR kind = 'requisite')
"""
KNOWN = "SELECT 1 FROM target WHERE identity = ?"
BY_IDENTITY = f"SELECT {_COLUMNS} FROM target WHERE identity = ?"
STANDING = f"""
SELECT id, state IN ('pending', 'waiting') AND {IS_SELECTED} FROM target WHERE identity = ?
"""
BY_ID = f"SELECT {_COLUMNS} FROM target WHERE id = ?"
BEST = f"""
SELECT {_COLUMNS} FROM target
WHERE host = ? AND state = 'pending' AND priority >= ? AND {IS_SELECTED} AND NOT EXISTS(SELECT 1 FROM lease WHERE target = target.id)
ORDER BY priority DESC, id LIMIT 1
"""
HOSTS = f"""
SELECT name FROM host WHERE EXISTS(
    SELECT 1 FROM target WHERE host = host.id AND state = 'pending' AND {IS_SELECTED}
    AND NOT EXISTS(SELECT 1 FROM lease WHERE target = target.id))
"""
OPEN = f"""
SELECT (SELECT count(*) FROM target WHERE state = 'pending' AND {IS_SELECTED})
    + (SELECT count(*) FROM target WHERE state = 'waiting' AND {IS_SELECTED})
"""
FIRST_DUE = f"SELECT min(due) FROM target WHERE state = 'waiting' AND {IS_SELECTED}"
FIRST_LEASE = "INSERT INTO lease VALUES(?, ?, 1)"
LEASE = """
INSERT INTO lease VALUES(?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times
"""
UNLEASE = "DELETE FROM lease WHERE target = ?"
LEFT_BEHIND = f"""
SELECT target.id, times FROM lease JOIN target ON target.id = lease.target
WHERE lease.host = ? AND {IS_SELECTED} ORDER BY times, target.id
"""
SUSPECTS = f"""
SELECT target.id, lease.host FROM lease JOIN target ON target.id = lease.target WHERE {IS_SELECTED}
"""
SETTLE = """
UPDATE target SET state = ?, reason = ?, outcome = ?, due = ?, failures = failures + ?
WHERE id = ? AND state IN ('pending', 'waiting')
"""
RENEW = """
UPDATE target SET state = 'pending', failures = 0, due = NULL, reason = NULL, outcome = NULL,
    kind = ?, source = ?, priority = max(priority, ?)
WHERE id = ?
"""
MOVED = """
UPDATE target SET state = 'pending', outcome = NULL, url = ?, via = ?, hops = ?
WHERE id = ? AND identity = ? AND url <> ? AND state = 'done'
"""
FURTHER = """
UPDATE target SET state = 'pending', failures = 0, due = NULL, reason = NULL, outcome = NULL, via = ?, listed = ?
WHERE identity = ? AND hops = ? AND state IN ('done', 'failed', 'skipped')
"""
REPEAT = f"""
UPDATE target SET state = 'pending', failures = 0, due = NULL, reason = NULL, outcome = NULL
WHERE identity = ? AND state = 'done' AND {IS_SELECTED}
"""
WAITING_IN_VAIN = f"""
SELECT url, source, via, given_up FROM target JOIN host ON host.id = target.host
WHERE given_up IS NOT NULL AND state IN ('pending', 'waiting') AND {IS_SELECTED} LIMIT ?
"""
COUNTS = """
SELECT state, outcome, reason, count(*) FROM target
    WHERE state IN ('done', 'failed', 'skipped', 'quarantined') GROUP BY state, outcome, reason
UNION ALL SELECT 'pending', NULL, NULL, count(*) FROM target WHERE state = 'pending' HAVING count(*) > 0
UNION ALL SELECT 'waiting', NULL, NULL, count(*) FROM target WHERE state = 'waiting' HAVING count(*) > 0
"""

_ENDED = "state IN ('done', 'failed', 'skipped', 'quarantined')"
_SECTIONS = f"{_ENDED} AND state = 'done' AND outcome IN ('section', 'empty') AND depth <= {SECTION_DEPTH}"
_FAILED = f"{_ENDED} AND state = 'failed'"
_REFUSED = (
    f"{_ENDED} AND state = 'skipped' AND outcome IS NULL AND reason IN ({', '.join(map(repr, REFUSALS))})"
)
_IN_VAIN = "hops LIKE '%I' AND state = 'done' AND outcome NOT IN ('listing', 'redirect', 'not-modified')"
"""Usual addresses of lists that were tried once and are none."""
_KIND = f"""
kind <> 'page' AND kind = ? AND state IN ('done', 'failed', 'skipped') AND hops NOT LIKE '%N' AND NOT ({_IN_VAIN})
"""


def recurring(refetch: Collection[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """For each part of ``refetch``: a query for its hosts, a statement that makes it pending, and their values."""
    for kind in sorted(RECURRING_KINDS.intersection(refetch)):
        yield _repeat(_KIND, (kind,))
    conditions = {"section": _SECTIONS, "failed": _FAILED, "robotsTxt": _REFUSED}
    for name, condition in conditions.items():
        if name in refetch:
            yield _repeat(condition, ())


def _repeat(condition: str, values: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    reset = "state = 'pending', failures = 0, reason = NULL, outcome = NULL"
    condition = f"{condition} AND {IS_SELECTED}"
    hosts = f"SELECT DISTINCT host FROM target WHERE {condition}"
    return hosts, f"UPDATE target SET {reset} WHERE {condition}", values
