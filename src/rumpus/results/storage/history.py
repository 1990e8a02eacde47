"""Questions about matches that were played: one of them, and those of a player."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, tuple_

from .tables import accounts, match_players, matches

#: Players of a match that a player's history names; the match itself has all.
NAMED = 16


class Seat(msgspec.Struct, kw_only=True):
    """Somebody in a match that was played. Ratings are in points; None without an account."""

    account: str | None
    name: str
    bot: bool
    team: str | None
    score: float
    rank: int
    left: bool
    rating_before: int | None
    rating_after: int | None


class PlayedMatch(msgspec.Struct, kw_only=True):
    """A match. Times are seconds since 1970 (UTC), `duration` is in seconds of the game's own time.

    unrated: why it counts for no rating, in one word (see `rumpus.results.rated`); None if it does.
    """

    match_id: str
    game: str
    mode: str
    season: str
    reason: str
    started_at: float
    ended_at: float
    duration: float
    unrated: str | None
    settings: Any
    #: Best first.
    players: list[Seat]


class OwnMatch(msgspec.Struct, kw_only=True):
    """A match as one of its players sees it: the own line, and the first of the others."""

    match_id: str
    mode: str
    season: str
    reason: str
    started_at: float
    ended_at: float
    duration: float
    unrated: str | None
    own: Seat
    players: int
    others: list[Seat]


class History(msgspec.Struct, kw_only=True):
    """Matches of a player, the latest first. `next`: what to say as `before` for those before them; None: no more."""

    account: str
    game: str
    matches: list[OwnMatch]
    next: str | None


def history(connection: Connection, game: str, account: str, limit: int, before: str | None = None) -> History | None:
    """Up to `limit` matches, those before the match `before` if it is given; None if there is no such player."""
    own, match = match_players.alias("own"), matches
    where = [own.c.account == account, own.c.game == game]
    if before is not None:
        place = select(match.c.ended_at, match.c.id).where(match.c.match_id == before)
        where.append(tuple_(own.c.ended_at, own.c.match) < place.scalar_subquery())
    rows = connection.execute(
        select(own.c.match, own.c.line)
        .where(*where)
        .order_by(own.c.ended_at.desc(), own.c.match.desc(), own.c.line)
        .limit(limit + 1)
    ).all()
    if not rows:
        known = select(accounts.c.account).where(accounts.c.game == game, accounts.c.account == account)
        if connection.execute(known).first() is None:
            return None
    shown = {row.match: row.line for row in reversed(rows[:limit])}
    played = {row.id: row for row in connection.execute(select(match).where(match.c.id.in_(shown)))}
    seats: dict[int, list[Row[Any]]] = {number: [] for number in shown}
    counts: dict[int, int] = {}
    for number in shown:
        lines = connection.execute(
            select(match_players)
            .where(match_players.c.match == number)
            .where((match_players.c.line <= NAMED) | (match_players.c.line == shown[number]))
            .order_by(match_players.c.line)
        ).all()
        seats[number] = list(lines)
        last = select(match_players.c.line).where(match_players.c.match == number)
        counts[number] = (connection.scalar(last.order_by(match_players.c.line.desc()).limit(1)) or 0) + 1
    found = [
        OwnMatch(
            **_when(played[number]),
            own=next(_seat(row) for row in seats[number] if row.line == shown[number]),
            players=counts[number],
            others=[_seat(row) for row in seats[number] if row.line != shown[number]][:NAMED],
        )
        for number in reversed(shown)
    ]
    more = len(rows) > limit
    return History(account=account, game=game, matches=found, next=found[-1].match_id if more else None)


def played_match(connection: Connection, game: str, match_id: str) -> PlayedMatch | None:
    """A match with everybody in it; None if there is none of that id."""
    row = connection.execute(select(matches).where(matches.c.match_id == match_id, matches.c.game == game)).first()
    if row is None:
        return None
    lines = connection.execute(
        select(match_players).where(match_players.c.match == row.id).order_by(match_players.c.line)
    )
    return PlayedMatch(
        **_when(row), game=row.game, settings=msgspec.json.decode(row.settings), players=[_seat(line) for line in lines]
    )


def _when(row: Row[Any]) -> dict[str, Any]:
    names = ("match_id", "mode", "season", "reason", "started_at", "ended_at", "duration", "unrated")
    return {name: getattr(row, name) for name in names}


def _seat(row: Row[Any]) -> Seat:
    return Seat(**{name: getattr(row, name) for name in Seat.__struct_fields__})
