"""Who came out how, at the end of a match."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from ..game.contract import PlayerInfo, Result
from ..protocol import ResultView
from .presence import Circumstances, Presence

#: Of a match in which people come and go without end.
_LEAVERS_KEPT = 100


class PlayerResult(ResultView, kw_only=True, omit_defaults=True):
    """A line of the results as it is kept.

    account: who it was, durably; None for bots and for people who did not say.
    left: whether they went before the end; they rank after all who stayed.
    rating_before, rating_after: in points; None until the match has been rated, and for whoever has no account.
    unrated: why this player was left out of the rating, in one word; None for nobody in particular. See `rated`.
    """

    account: str | None = None
    bot: bool = False
    left: bool = False
    rating_before: int | None = None
    rating_after: int | None = None
    unrated: str | None = None


class MatchRecord(msgspec.Struct, kw_only=True):
    """A match that has ended.

    `duration` is game time in seconds. `started_at` and `ended_at` are seconds since 1970 (UTC), noted by the server;
    the start is the end less the duration. `match_id` is unique everywhere. `mode` is the game's setting of that name.
    `closed`: nobody could come in while it ran, so that whoever left has lost. `unrated`: why the match counts for no
    rating and no leaderboard, in one word (see `rated`); None if it does, or nobody has judged it. `secret_seed`: the
    game's, in hexadecimal digits: with it, the settings and everybody's inputs a match can be played again.
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
    closed: bool = False
    unrated: str | None = None
    secret_seed: str = ""


#: Told of each match that has ended, and of what is not in its record.
OnResult = Callable[[MatchRecord, Circumstances], None]


class Leavers:
    """People who left a running match before its end, with what they had scored."""

    def __init__(self) -> None:
        self._lines: deque[PlayerResult] = deque(maxlen=_LEAVERS_KEPT)
        self._presences: dict[str, Presence] = {}

    def begin(self) -> None:
        """Another match."""
        self._lines.clear()
        self._presences.clear()

    def note(self, info: PlayerInfo, presence: Presence, results: Iterable[Result]) -> None:
        """A person leaves; `results` are those of this moment."""
        score = next((result.score for result in results if result.player_id == info.player_id), 0.0)
        if len(self._lines) == _LEAVERS_KEPT:
            del self._presences[self._lines[0].player_id]
        self._presences[info.player_id] = presence
        self._lines.append(
            PlayerResult(
                player_id=info.player_id,
                name=info.name,
                score=score,
                rank=0,
                team=info.team,
                account=info.account,
                left=True,
            )
        )

    @property
    def presences(self) -> Mapping[str, Presence]:
        """By player id, of all whose lines there may be."""
        return self._presences

    def lines(self, stayed: Collection[PlayerResult]) -> list[PlayerResult]:
        """Their lines of the results, after those of everybody who stayed: who left last ranks first.

        Whoever came back, or left twice, has one line.
        """
        seen = {line.account for line in stayed if line.account is not None}
        lines: list[PlayerResult] = []
        for line in reversed(self._lines):
            if line.account is None or line.account not in seen:
                seen.add(line.account or "")
                lines.append(msgspec.structs.replace(line, rank=len(stayed) + len(lines) + 1))
        return lines


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


def match_record(
    results: Iterable[ResultView], players: Mapping[str, PlayerInfo], leavers: Leavers, *, settings: Any, **more: Any
) -> MatchRecord:
    """The record of a match at its end. settings: as plain data. more: the other fields of `MatchRecord`."""
    kept = kept_results(results, players)
    return MatchRecord(mode=mode_of(settings), settings=settings, results=kept + leavers.lines(kept), **more)


def mode_of(settings: Any) -> str:
    """The setting `mode` of a match, of settings as plain data; "" if the game has none."""
    mode = settings.get("mode") if isinstance(settings, dict) else None
    return mode if isinstance(mode, str) else ""
