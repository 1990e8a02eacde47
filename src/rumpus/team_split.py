"""Who plays in which team when a match begins: even in numbers and in skill, friends together, wishes kept.

Bots are placed last, where the teams are smallest. Where nothing is known of anybody and nobody came in a party, all
stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .matchmaking import DEFAULT_SKILL
from .player import Player


def split_teams(players: Mapping[str, Player], teams: Sequence[str]) -> list[Player]:
    """Put everybody into a team for the next match. Returns whose team is another than before.

    Who chose a team by hand keeps it. Does nothing without teams, without parties and known skill.
    """
    people = [player for player in players.values() if not player.is_bot]
    if not teams or not any(player.party is not None or player.info.skill is not None for player in people):
        return []
    before = {player.player_id: player.info.team for player in players.values()}
    sums = dict.fromkeys(teams, (0, 0.0))

    def put(unit: Iterable[Player], team: str) -> None:
        for player in unit:
            size, skill = sums[team]
            sums[team] = size + 1, skill + _skill_of(player)
            player.info.team = team

    seats = -(-len(players) // len(teams))
    loose = []
    for player in people:
        if player.chose_team and player.info.team in sums:
            put([player], player.info.team)
        else:
            loose.append(player)
    # The largest parties first, then the best players: what comes last evens out what came before.
    for unit in sorted(_units(loose), key=lambda unit: (-len(unit), -sum(map(_skill_of, unit)))):
        friends = {player.info.team for player in people if player.chose_team and player.party == unit[0].party}
        roomy = [team for team in teams if sums[team][0] + len(unit) <= seats]
        joined = [team for team in roomy if team in friends] if unit[0].party is not None else []
        put(unit, min(joined or roomy or teams, key=sums.__getitem__))
    for player in players.values():
        if player.is_bot:
            put([player], min(teams, key=sums.__getitem__))
    return [player for player in players.values() if player.info.team != before[player.player_id]]


def _units(players: Iterable[Player]) -> list[list[Player]]:
    """Parties and single players."""
    units: dict[str, list[Player]] = {}
    for player in players:
        units.setdefault(player.party or f"alone {player.player_id}", []).append(player)
    return list(units.values())


def _skill_of(player: Player) -> float:
    return DEFAULT_SKILL if player.info.skill is None else player.info.skill
