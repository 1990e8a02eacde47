"""Who plays in which team when a match begins: even in numbers and in skill, friends together, wishes kept.

Bots are placed last, where the teams are smallest. Where nothing is known of anybody and nobody came in a party, all
stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..results.rating import balanced_teams, skill_of
from .player import Player


def split_teams(players: Mapping[str, Player], teams: Sequence[str]) -> list[Player]:
    """Put everybody into a team for the next match. Returns whose team is another than before.

    Who chose a team by hand keeps it. Does nothing without teams, without parties and known skill.
    """
    people = [player for player in players.values() if not player.is_bot]
    if not teams or not any(player.party is not None or player.info.skill is not None for player in people):
        return []
    before = {player.player_id: player.info.team for player in players.values()}
    held = {player: str(player.info.team) for player in people if player.chose_team and player.info.team in teams}
    # Friends follow the one who chose.
    chosen = {player.party: team for player, team in held.items() if player.party is not None}
    held |= {player: chosen[player.party] for player in people if player.party in chosen and player not in held}
    parties: dict[str, list[Player]] = {}
    for player in people:
        if player.party is not None and player not in held:
            parties.setdefault(player.party, []).append(player)
    placed = balanced_teams({player: skill_of(player.info) for player in people}, teams, parties.values(), held)
    sizes = dict.fromkeys(teams, 0)
    for player, team in placed.items():
        player.move_to(team)
        sizes[team] += 1
    for player in players.values():
        if player.is_bot:
            smallest = min(teams, key=sizes.__getitem__)
            player.move_to(smallest)
            sizes[smallest] += 1
    return [player for player in players.values() if player.info.team != before[player.player_id]]
