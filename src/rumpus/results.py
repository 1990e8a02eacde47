"""Who came out how, at the end of a match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .game import PlayerInfo, Result
from .protocol import ResultView


class PlayerResult(ResultView, kw_only=True, omit_defaults=True):
    """A line of the results as it is kept.

    account: who it was, durably; None for bots and for people who did not say.
    rating_before, rating_after: in points; None until the match has been rated, and for whoever has no account.
    """

    account: str | None = None
    bot: bool = False
    rating_before: int | None = None
    rating_after: int | None = None


class MatchRecord(msgspec.Struct, kw_only=True):
    """A match that has ended.

    `duration` is game time in seconds. `started_at` and `ended_at` are seconds since 1970 (UTC), noted by the server;
    the start is the end less the duration. `match_id` is unique everywhere. `mode` is the game's setting of that name.
    """

    room_id: str
    game: str
    reason: str
    ticks: int
    duration: float
    settings: Any
    results: list[PlayerResult]
    match_id: str = ""
    mode: str = ""
    started_at: float = 0.0
    ended_at: float = 0.0


def rank_results(results: Iterable[Result], names: Mapping[str, str]) -> list[ResultView]:
    """The results of the players in `names`, best first.

    A player the game says nothing about has scored 0. Where a rank is missing, scores decide and equal scores share
    the better rank (1, 2, 2, 4).
    """
    by_id = {result.player_id: result for result in results if result.player_id in names}
    lines = [by_id.get(player_id) or Result(player_id=player_id) for player_id in names]
    scores = sorted((line.score for line in lines), reverse=True)
    views = [
        ResultView(
            player_id=line.player_id,
            name=names[line.player_id],
            score=line.score,
            rank=line.rank if line.rank is not None else scores.index(line.score) + 1,
            team=line.team,
        )
        for line in lines
    ]
    return sorted(views, key=lambda view: view.rank)


def kept_results(views: Iterable[ResultView], players: Mapping[str, PlayerInfo]) -> list[PlayerResult]:
    """The same lines with what is not everybody's business: accounts. `players`: by player id."""
    return [
        PlayerResult(
            **msgspec.structs.asdict(view), account=players[view.player_id].account, bot=players[view.player_id].bot
        )
        for view in views
    ]


def mode_of(settings: Any) -> str:
    """The setting `mode` of a match, of settings as plain data; "" if the game has none."""
    mode = settings.get("mode") if isinstance(settings, dict) else None
    return mode if isinstance(mode, str) else ""
