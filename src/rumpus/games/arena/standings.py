"""Who comes out how at the end of a match: by points, or by who was the last one standing.

One rule for both: equal places share a rank, and the id decides who of them is named first, so that the same match
always has the same list.
"""

from __future__ import annotations

from collections.abc import Mapping

from rumpus.game import Result
from rumpus.games.arena.constants import BLUE_SCORE, RED_SCORE, RESPAWN, TEAM_NAMES
from rumpus.games.arena.tables import Tables
from rumpus.games.arena.world import Scores

#: Columns of the match, in the order of TEAM_NAMES.
TEAM_SCORES = (RED_SCORE, BLUE_SCORE)

_DEATHS = Scores.deaths.index


def rank_by_points(scores: Mapping[str, float], tables: Tables) -> list[Result]:
    """Best first. In teams the better team's players come first; equal scores share a rank."""
    players, match = tables.world.players, tables.match
    of_teams = {"": 0, **{name: int(match[column]) for name, column in zip(TEAM_NAMES, TEAM_SCORES, strict=True)}}
    lines: list[tuple[tuple[float, ...], str, str]] = []
    for row, player_id in enumerate(players.ids()):
        team = players.get(row, "team")
        lines.append(((-of_teams[team], -scores[player_id]), player_id, team))
    return _rank(lines, scores)


def rank_survivors(scores: Mapping[str, float], tables: Tables) -> list[Result]:
    """Best first: those who are in, by lives and then by points; then the others, the last to fall first."""
    players, deaths = tables.world.players, tables.world.scores.block[_DEATHS]
    lines: list[tuple[tuple[float, ...], str, str]] = []
    for row, player_id in enumerate(players.ids()):
        since = tables.players[RESPAWN, row]
        place = (1, since, -scores[player_id]) if since < 0.0 else (0, deaths[row], -scores[player_id])
        lines.append((place, player_id, ""))
    return _rank(lines, scores)


def _rank(lines: list[tuple[tuple[float, ...], str, str]], scores: Mapping[str, float]) -> list[Result]:
    """lines: place (lower is better), player, team."""
    lines.sort()
    results: list[Result] = []
    for number, (place, player_id, team) in enumerate(lines, 1):
        tied = number > 1 and lines[number - 2][0] == place
        rank = results[-1].rank if tied else number
        results.append(Result(player_id=player_id, score=scores[player_id], team=team or None, rank=rank))
    return results
