"""Questions about who is how good: a page of a leaderboard, a player, a rating.

Places are those of points; equal points share the better place (1, 2, 2, 4), as in results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, or_, select

from ..rating import Rating
from .tables import accounts, boards, standings


class Standing(msgspec.Struct, kw_only=True):
    """One line of a leaderboard. `rating` is in points, after the last match that counted here."""

    rank: int
    account: str
    name: str
    rating: int
    matches: int
    wins: int
    score: float
    best: float


class Leaderboard(msgspec.Struct, kw_only=True):
    """A page of a leaderboard. `season` and `mode` are "" where it is that of all; `players`: lines in all."""

    game: str
    season: str
    mode: str
    players: int
    offset: int
    rows: list[Standing]
    #: What other boards there are.
    seasons: list[str]
    modes: list[str]


class Profile(msgspec.Struct, kw_only=True):
    """A player of a game. `rank` and the totals are None and 0 for one whose matches all were called off."""

    account: str
    game: str
    name: str
    rating: int
    rank: int | None
    matches: int
    wins: int
    score: float
    best: float


def rating_of(connection: Connection, game: str, account: str) -> Rating:
    """A newcomer's, for somebody who is not known."""
    row = connection.execute(
        select(accounts.c.mu, accounts.c.sigma).where(accounts.c.game == game, accounts.c.account == account)
    ).first()
    return Rating(row.mu, row.sigma) if row is not None else Rating()


def leaderboard(
    connection: Connection, game: str, *, season: str, mode: str, limit: int, offset: int = 0, around: str | None = None
) -> Leaderboard | None:
    """A page of `limit` lines from `offset` on, or with the account `around` in its middle; None if it has no line."""
    board = _board(game, season, mode)
    if around is not None:
        own = connection.execute(select(standings.c.points).where(board, standings.c.account == around)).first()
        if own is None:
            return None
        before = _count(connection, and_(board, _comes_before(own.points, around)))
        offset = max(0, before - limit // 2)
    # What is passed over is counted in the index alone; names are looked up for what is left.
    ranked = (standings.c.points.desc(), standings.c.account)
    page = select(standings).where(board).order_by(*ranked).limit(limit).offset(offset).subquery()
    rows = connection.execute(
        select(page, accounts.c.name)
        .join(accounts, and_(accounts.c.game == page.c.game, accounts.c.account == page.c.account))
        .order_by(page.c.points.desc(), page.c.account)
    ).all()
    return Leaderboard(
        game=game,
        season=season,
        mode=mode,
        players=_count(connection, board),
        offset=offset,
        rows=_ranked(rows, offset, _rank(connection, board, rows[0].points) if rows else 1),
        # The newest first.
        seasons=_names(connection, boards.c.season, boards.c.game == game, boards.c.mode == "")[::-1],
        modes=_names(connection, boards.c.mode, boards.c.game == game, boards.c.season == ""),
    )


def profile(connection: Connection, game: str, account: str) -> Profile | None:
    """A player, or None for somebody who has never played here to the end of a match."""
    who = connection.execute(select(accounts).where(accounts.c.game == game, accounts.c.account == account)).first()
    if who is None:
        return None
    board = _board(game, "", "")
    line = connection.execute(select(standings).where(board, standings.c.account == account)).first()
    return Profile(
        account=account,
        game=game,
        name=who.name,
        rating=Rating(who.mu, who.sigma).points,
        rank=_rank(connection, board, line.points) if line is not None else None,
        matches=line.matches if line is not None else 0,
        wins=line.wins if line is not None else 0,
        score=line.score if line is not None else 0.0,
        best=line.best if line is not None else 0.0,
    )


def _ranked(rows: Sequence[Row[Any]], offset: int, first: int) -> list[Standing]:
    """The lines with their places, of which the first's is known."""
    ranked: list[Standing] = []
    for number, row in enumerate(rows):
        tied = number == 0 or row.points == rows[number - 1].points
        rank = (ranked[-1].rank if ranked else first) if tied else offset + number + 1
        ranked.append(
            Standing(
                rank=rank, account=row.account, name=row.name, rating=row.points, matches=row.matches, wins=row.wins,
                score=row.score, best=row.best,
            )
        )  # fmt: skip
    return ranked


def _board(game: str, season: str, mode: str) -> Any:
    return and_(standings.c.game == game, standings.c.season == season, standings.c.mode == mode)


def _comes_before(points: int, account: str) -> Any:
    return or_(standings.c.points > points, and_(standings.c.points == points, standings.c.account < account))


def _rank(connection: Connection, board: Any, points: int) -> int:
    return 1 + _count(connection, and_(board, standings.c.points > points))


def _count(connection: Connection, where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(standings).where(where)) or 0


def _names(connection: Connection, column: Any, *where: Any) -> list[str]:
    return [name for (name,) in connection.execute(select(column).where(*where, column != "").order_by(column))]
