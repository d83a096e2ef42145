"""Dates of a window as users declare them in a setting or a source."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from archive.window import FORMS, stated_span


def _stated(value: object) -> object:
    if isinstance(value, date):  # TOML has dates, and datetimes are dates
        return value.isoformat()
    if isinstance(value, str):
        text = value.strip().lower() if not value.strip()[:4].isdigit() else value.strip()
        stated_span(text, datetime.now(UTC))
        return text
    raise ValueError(FORMS)


When = Annotated[str, BeforeValidator(_stated)]
"""A date as a user writes it; kept as it is written, so that "7d" counts from each crawl anew."""
