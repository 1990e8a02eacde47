"""Who sits in a room, and on which side. Knows nothing of matches, messages or time."""

from __future__ import annotations

from collections.abc import Sequence

from .connection import Connection
from .errors import MessageError
from .player import Player


class Roster:
    """The players of one room, in the order they came, spread over its teams (if it has any)."""

    def __init__(self, teams: Sequence[str], max_players: int) -> None:
        self.teams = list(teams)
        self.max_players = max_players
        #: Everyone with a seat, by player id.
        self.players: dict[str, Player] = {}
        #: Those who are people and connected.
        self.by_connection: dict[Connection, Player] = {}
        #: How many are people, away or not.
        self.people = 0

    @property
    def bots(self) -> int:
        return len(self.players) - self.people

    def seat(self, player: Player) -> None:
        self.players[player.player_id] = player
        self.people += not player.is_bot
        if player.connection is not None:
            self.by_connection[player.connection] = player
        self.assign_team(player.player_id)

    def remove(self, player: Player) -> None:
        del self.players[player.player_id]
        self.people -= not player.is_bot
        self.disconnect(player)

    def disconnect(self, player: Player) -> None:
        """A player's connection is no longer theirs; the seat stays. Does nothing for those who have none."""
        if player.connection is not None:
            del self.by_connection[player.connection]

    def connect(self, player: Player, connection: Connection) -> None:
        player.connection = connection
        self.by_connection[connection] = player

    def assign_team(self, player_id: str) -> str | None:
        """Put a player into the smallest team, the first of equals."""
        info = self.players[player_id].info
        info.team = None
        if self.teams:
            sizes = self._team_sizes()
            info.team = min(self.teams, key=sizes.__getitem__)
        return info.team

    def set_teams(self, teams: Sequence[str]) -> None:
        """Other teams than before: everybody is spread over them anew."""
        self.teams[:] = teams
        for player in self.players.values():
            player.info.team = None
        for player_id in self.players:
            self.assign_team(player_id)

    def change_team(self, player_id: str, team: str) -> list[Player]:
        """Move a player, and a bot the other way if the team is full. Returns who moved.

        Raises MessageError (`bad_team`) if there is no such team or no seat in it.
        """
        player = self.players[player_id]
        if team not in self.teams:
            have = " and ".join(self.teams) or "none"
            raise MessageError("bad_team", f"There is no such team in this room; its teams: {have}.")
        if player.info.team == team:
            return []
        moved = [player]
        if self._team_sizes()[team] >= -(-self.max_players // len(self.teams)):
            bot = next((p for p in reversed(self.players.values()) if p.is_bot and p.info.team == team), None)
            if bot is None:
                raise MessageError("bad_team", f"Team {team} is full.")
            bot.info.team = player.info.team
            moved.append(bot)
        player.info.team = team
        return moved

    def unique_name(self, name: str) -> str:
        """The name, with a number added if somebody has it."""
        taken = self.names()
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name} {number}", number + 1
        return unique

    def names(self) -> set[str]:
        return {player.info.name for player in self.players.values()}

    def least_needed_bot(self) -> Player:
        """The newest bot of the largest team, so that teams stay even. There must be one."""
        sizes = self._team_sizes()
        bots = [player for player in reversed(self.players.values()) if player.is_bot]
        return max(bots, key=lambda bot: sizes.get(bot.info.team or "", 0))

    def _team_sizes(self) -> dict[str, int]:
        sizes = dict.fromkeys(self.teams, 0)
        for player in self.players.values():
            if player.info.team is not None:
                sizes[player.info.team] += 1
        return sizes
