"""Seasons by the calendar: a new one begins by itself, in UTC, and its name says when."""

from __future__ import annotations

from datetime import UTC, datetime

from .options import SeasonLength


def season_at(seconds: float, length: SeasonLength) -> str:
    """The season of a moment (seconds since 1970): "2026-11", "2026-Q4" or "2026"."""
    moment = datetime.fromtimestamp(seconds, UTC)
    if length == "month":
        return f"{moment.year}-{moment.month:02}"
    if length == "quarter":
        return f"{moment.year}-Q{(moment.month + 2) // 3}"
    return str(moment.year)
