"""Who came out how, at the end of a match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .game import Result
from .protocol import ResultView


class MatchRecord(msgspec.Struct, kw_only=True):
    """A match that has ended. `duration` is game time in seconds."""

    room_id: str
    game: str
    reason: str
    ticks: int
    duration: float
    settings: Any
    results: list[ResultView]


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
