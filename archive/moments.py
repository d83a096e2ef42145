"""Moments as pages state them: ISO 8601, as far as given."""

from datetime import UTC, datetime


def parse_moment(text: str | None) -> datetime | None:
    """The moment that an ISO 8601 date or time names, its start where it is partial; None where it names none.

    UTC where it names no offset.
    """
    for completed in (text or "", f"{text}-01", f"{text}-01-01"):
        try:
            moment = datetime.fromisoformat(completed)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
