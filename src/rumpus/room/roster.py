"""Who sits in a room, and on which side: the one owner of its players. Knows nothing of matches, messages or time."""

from __future__ import annotations

from collections.abc import Sequence

from ..connection import Connection
from ..errors import MessageError
from ..game.contract import PlayerInfo
from ..netcode.player_input import PlayerInput
from ..protocol.skeleton import skeletons
from ..results.rating import skill_of
from ..sync.subscriber import Subscriber
from .player import Player


class Roster:
    """The players of one room, in the order they came, spread over its teams (if it has any)."""

    def __init__(self, teams: Sequence[str], max_players: int) -> None:
        self.teams = list(teams)
        self.max_players = max_players
        #: Everyone with a seat, by player id.
        self.players: dict[str, Player] = {}
        #: What they send, in the same order: what a tick goes through.
        self.inputs: dict[str, PlayerInput] = {}
        #: Those who are people and connected.
        self.by_connection: dict[Connection, Player] = {}
        #: How many are people, away or not; and how many are not.
        self.people = 0
        self.bots = 0
        self._skills = 0.0

    @property
    def skill(self) -> float | None:
        """The mean of people's skill; None if there are none."""
        return self._skills / self.people if self.people else None

    def resize(self, max_players: int) -> None:
        """There are so many seats from now on."""
        self.max_players = max_players

    def seat(self, player: Player) -> None:
        self.players[player.player_id] = player
        self.inputs[player.player_id] = player.input
        if player.is_bot:
            self.bots += 1
        else:
            self.people += 1
            self._skills += skill_of(player.info)
        if player.connection is not None:
            self.by_connection[player.connection] = player
        self.assign_team(player.player_id)

    def find(self, player_id: str) -> Player:
        """The player of this id. Raises MessageError (`no_such_player`)."""
        player = self.players.get(player_id)
        if player is None:
            raise MessageError("no_such_player", "There is no such player in this room.")
        return player

    def present(self) -> list[Player]:
        """The people who are here: not those whose connection is lost."""
        return [player for player in self.players.values() if player.subscriber is not None]

    def everyone_ready(self) -> bool:
        """Whether all people who are here are ready."""
        present = self.present()
        return bool(present) and all(player.ready for player in present)

    def nobody_ready(self) -> None:
        """Who was ready was so for something else than what comes now."""
        for player in self.players.values():
            player.be_ready(False)

    def heir(self) -> Player | None:
        """The person who has been here longest; of those who are away only if nobody is here."""
        people = [player for player in self.players.values() if not player.is_bot]
        return next((player for player in people if not player.away), people[0] if people else None)

    @property
    def rating(self) -> int | None:
        """The mean of people's points, None if nobody's are known."""
        known = [player.info.rating for player in self.players.values() if player.info.rating is not None]
        return round(sum(known) / len(known)) if known else None

    def remove(self, player: Player) -> None:
        del self.players[player.player_id], self.inputs[player.player_id]
        if player.is_bot:
            self.bots -= 1
        else:
            self.people -= 1
            # From nothing anew: sums of fractions drift.
            self._skills = self._skills - skill_of(player.info) if self.people else 0.0
        self.disconnect(player)

    def disconnect(self, player: Player) -> None:
        """A player's connection is no longer theirs; the seat stays. Does nothing for those who have none."""
        if player.connection is not None:
            del self.by_connection[player.connection]
            player.disconnect()

    def connect(self, player: Player, subscriber: Subscriber) -> None:
        """A player is back in their seat."""
        player.connect(subscriber)
        self.by_connection[subscriber.connection] = player

    def rate(self, player: Player, rating: int, skill: float) -> None:
        """How good a person is has become known, or is not as it was."""
        self._skills -= skill_of(player.info)
        player.rate(rating, skill)
        self._skills += skill_of(player.info)

    def assign_team(self, player_id: str) -> str | None:
        """Put a player into the team of their party, if it has a seat, else into the smallest, the first of equals."""
        player = self.players[player_id]
        player.join_team(None)
        if self.teams:
            sizes = self._team_sizes()
            player.join_team(self._team_for(player.party) or min(self.teams, key=sizes.__getitem__))
        return player.info.team

    def in_the_way(self, party: str | None) -> list[Player]:
        """Bots that have to go before somebody of this party can sit down."""
        team = self._team_for(party)
        if len(self.players) >= self.max_players:
            return [self.least_needed_bot(team)]
        if team is not None and self._team_sizes()[team] >= self._team_seats():
            return [self.least_needed_bot(team)]
        return []

    def _team_for(self, party: str | None) -> str | None:
        """The first team in which somebody of this party is and people have left a seat."""
        if party is None or not self.teams:
            return None
        people = dict.fromkeys(self.teams, 0)
        friends = set()
        for player in self.players.values():
            if not player.is_bot and player.info.team is not None:
                people[player.info.team] += 1
                if player.party == party:
                    friends.add(player.info.team)
        return next((team for team in self.teams if team in friends and people[team] < self._team_seats()), None)

    def _team_seats(self) -> int:
        return -(-self.max_players // len(self.teams))

    def set_teams(self, teams: Sequence[str]) -> None:
        """Other teams than before: everybody is spread over them anew."""
        self.teams[:] = teams
        for player in self.players.values():
            player.join_team(None)
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
        before = player.info.team
        if before == team:
            player.join_team(team, chosen=True)
            return []
        moved = [player]
        if self._team_sizes()[team] >= self._team_seats():
            bot = next((p for p in reversed(self.players.values()) if p.is_bot and p.info.team == team), None)
            if bot is None:
                raise MessageError("bad_team", f"Team {team} is full.")
            bot.move_to(before)
            moved.append(bot)
        player.join_team(team, chosen=True)
        return moved

    def unique_name(self, name: str) -> str:
        """The name, with a number added if somebody has one that looks like it."""
        return _numbered(name, self._taken())

    def give_way(self, info: PlayerInfo) -> list[Player]:
        """Somebody is about to sit down: whoever has the name of their ticket without one gets a number. Returns who.

        Nobody does if the name is not signed, or if somebody else is here whose name is.
        """
        wanted = skeletons(info.name)
        alike = [player for player in self.players.values() if not wanted.isdisjoint(player.looks)]
        if not info.signed or any(player.info.signed for player in alike):
            return []
        for player in alike:
            player.rename(_numbered(player.info.name, self._taken() | wanted))
        return alike

    def names(self) -> set[str]:
        return {player.info.name for player in self.players.values()}

    def _taken(self) -> set[str]:
        """What the names of those who sit here look like."""
        return {look for player in self.players.values() for look in player.looks}

    def least_needed_bot(self, team: str | None) -> Player:
        """The newest bot of this team, or of the largest, so that teams stay even. There must be one."""
        sizes = self._team_sizes()
        bots = [player for player in reversed(self.players.values()) if player.is_bot]
        return max(bots, key=lambda bot: (bot.info.team == team, sizes.get(bot.info.team or "", 0)))

    def _team_sizes(self) -> dict[str, int]:
        sizes = dict.fromkeys(self.teams, 0)
        for player in self.players.values():
            if player.info.team is not None:
                sizes[player.info.team] += 1
        return sizes


def _numbered(name: str, taken: set[str]) -> str:
    """The name, with the first number, if any, by which it looks like none of those that are taken."""
    unique, number = name, 2
    while not taken.isdisjoint(skeletons(unique)):
        unique, number = f"{name} {number}", number + 1
    return unique
