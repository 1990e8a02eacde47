"""What players may decide about their room: the host's controls, the ready check, votes and pauses.

A room that somebody made has a host. When the host leaves, whoever has been here longest is the next. Rooms that quick
play opened belong to nobody; there votes decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from ..clock import Clock
from ..config import Limits
from ..errors import JoinError, MessageError, sent_away
from ..game.contract import PlayerInfo
from ..game.settings import player_choice
from ..identity.identity import GUEST
from ..protocol import (
    CallVote,
    CastVote,
    Kick,
    PassHost,
    PlayerChanged,
    Ready,
    RoomChanged,
    RoomMessage,
    SetRoom,
    Start,
    Team,
    VoteView,
)
from ..protocol import Pause as PauseMessage
from .pause import Pause
from .player import Player
from .roster import Roster
from .voting import Voting

if TYPE_CHECKING:
    from .game_room import GameRoom

#: A player may save up this many seconds' worth of messages about the room.
_SAVED_SECONDS = 10
#: Accounts and addresses that a room remembers to keep out; the oldest are let in again.
_MOST_BANNED = 1000


class HostControls:
    """The say that players have in one room.

    dismiss: takes a player's seat away, by id and reason.
    """

    def __init__(
        self,
        room: GameRoom,
        roster: Roster,
        clock: Clock,
        limits: Limits,
        dismiss: Callable[[str, str], object],
        hosted: bool,
        most_players: int,
        most_bots: int | None,
    ) -> None:
        self._room = room
        self._roster = roster
        self._clock = clock
        self._dismiss = dismiss
        self._pace = 1 / limits.max_room_messages_per_second
        #: Whether somebody made this room, so that it has a host.
        self.hosted = hosted
        #: The host's player id.
        self.host: str | None = None
        #: Whether newcomers are kept out.
        self.locked = False
        #: What the host may ask for at most.
        self.most_players = most_players
        self.most_bots = room.options.bots if most_bots is None else most_bots
        self.pause = Pause(room)
        self.votes = Voting(room, self._vote_out, self._change_settings)
        #: Accounts, and addresses after an @, of those who may not come back.
        self._banned: dict[str, None] = {}

    # What players say.

    def handle(self, player: Player, message: RoomMessage) -> None:
        """Do what a message of a player asks for. Raises MessageError or SettingsError."""
        now = self._clock.now()
        player.said_until = max(player.said_until, now) + self._pace
        if player.said_until > now + _SAVED_SECONDS:
            player.said_until -= self._pace
            raise MessageError("rate_limited", "You are changing too much in this room; wait a moment.")
        match message:
            case Ready():
                self._set_ready(player, message.ready)
            case Team():
                self._room.change_team(player.player_id, message.team)
            case CastVote():
                self.votes.cast(player, message, now)
            case CallVote():
                self.votes.call(player, message, now)
            case PauseMessage():
                self.pause.take(player, message.paused, now)
                self.pause.advance(now)
            case _:
                self._handle_host(player, message)

    def _handle_host(self, player: Player, message: Start | SetRoom | Kick | PassHost) -> None:
        if player.player_id != self.host:
            why = "This room has no host; call a vote." if self.host is None else "Only the room's host can do this."
            raise MessageError("not_host", why)
        match message:
            case Start():
                self._start()
            case SetRoom():
                self._set_room(message)
            case Kick():
                self._kick(player, message)
            case PassHost():
                self._pass_host(player, message)

    # Coming and going.

    def refusal(self, info: PlayerInfo | None, address: str) -> JoinError | None:
        """Why somebody may not come in, or None. Without `info`: why nobody may."""
        if info is not None and self.is_banned(info, address):
            return sent_away()
        if self.locked:
            return JoinError("room_locked", "The host has locked this room.")
        return None

    def is_banned(self, info: PlayerInfo, address: str) -> bool:
        """Whether somebody was sent away for good. An address counts only for those who have no account."""
        return (info.account if info.account is not None else "@" + address) in self._banned

    def ban(self, player: Player) -> None:
        """Keep a player out for as long as the room exists.

        By account where there is one: at an address there may be a whole household. A guest's account is easily left
        behind, and so whoever has none at all is then kept out by address.
        """
        account = player.info.account
        if account is not None:
            self._banned[account] = None
        # A guest who throws the key away has another account.
        if player.address and (account is None or account.startswith(GUEST)):
            self._banned["@" + player.address] = None
        while len(self._banned) > _MOST_BANNED:
            # Who makes up accounts without end may push others out, and nothing else.
            del self._banned[next(iter(self._banned))]

    def seated(self, player: Player) -> None:
        """A person has a seat and has not been told yet."""
        if self.hosted and self.host is None:
            self.host = player.player_id

    def left(self, player: Player) -> None:
        """A player's seat is free."""
        if player.is_bot:
            return
        self.votes.left(player, self._clock.now())
        if player.player_id == self.host:
            people = [other for other in self._room.players.values() if not other.is_bot]
            here = [other for other in people if not other.away] or people
            self.host = here[0].player_id if here else None
            self._room.broadcast(RoomChanged(host=self.host))

    # Time and matches.

    def votes_running(self) -> list[VoteView]:
        """As newcomers are told."""
        return self.votes.views(self._clock.now())

    def advance(self) -> None:
        """Look at votes and pauses. Called at every tick while there are any."""
        now = self._clock.now()
        self.votes.advance(now)
        if self.pause.pending:
            self.pause.advance(now)

    def everyone_ready(self) -> bool:
        """Whether all people who are here are ready."""
        present = self._room.present()
        return bool(present) and all(player.ready for player in present)

    def match_begins(self) -> None:
        """A match is about to begin; `game_started` tells clients that nobody is ready any more."""
        self.votes.match_begins(self._clock.now())
        for player in self._room.players.values():
            player.ready = False

    def match_ended(self) -> None:
        """The results have been told."""
        self.pause.end()
        now = self._clock.now()
        self.votes.match_ended(now, now + self._room.options.results_time)

    def round_over(self) -> None:
        """The room waits again: what was voted for becomes so."""
        settings = self.votes.take_next(self._clock.now())
        if settings is not None:
            # Everybody knew of the vote: whoever is ready is ready for this.
            self._change_settings(settings, keep_ready=True)

    # The ready check.

    def _set_ready(self, player: Player, ready: bool) -> None:
        room = self._room
        if room.status == "in-progress":
            raise MessageError("not_possible", "The match is running; you can be ready for the next when it has ended.")
        if player.ready == ready:
            return
        player.ready = ready
        room.broadcast(PlayerChanged(player=player.view()))
        if ready and self.everyone_ready():
            if room.status == "ended":
                room.reset_room()
            else:
                room.start_if_ready()

    # The host.

    def _start(self) -> None:
        room = self._room
        self._require_waiting("The match can be started while the room waits.")
        if not room.may_start():
            raise MessageError("not_possible", "The server is still getting ready; try again in a moment.")
        room.start_game()

    def _set_room(self, message: SetRoom) -> None:
        room, changed = self._room, RoomChanged()
        settings, bots, max_players = message.settings, message.bots, message.max_players
        if settings is not None or bots is not None or max_players is not None:
            self._require_waiting("Settings, bots and seats can be changed while the room waits.")
        chosen = room.settings if settings is None else player_choice(type(room.game), room.settings, settings)
        bots = room.options.bots if bots is None else bots
        if bots > self.most_bots:
            raise MessageError("not_possible", f"This server allows at most {self.most_bots} bots in a room.")
        max_players = room.max_players if max_players is None else max_players
        if max_players > self.most_players:
            raise MessageError("not_possible", f"Rooms of this server have at most {self.most_players} seats.")
        taken = room.people + len(room.door.reserved)
        if max_players < taken:
            raise MessageError("not_possible", f"{taken} seats of this room are taken or reserved; it needs as many.")
        # Nothing is refused from here on.
        for name, value in (("private", message.private), ("locked", message.locked)):
            holder: Any = room if name == "private" else self
            if value is not None and value != getattr(holder, name):
                setattr(holder, name, value)
                setattr(changed, name, value)
        if (bots, max_players) != (room.options.bots, room.max_players):
            before = (room.options.bots, room.max_players, room.min_players)
            self._resize(max_players, bots)
            after = (bots, max_players, room.min_players)
            for name, old, new in zip(("bots", "max_players", "min_players"), before, after, strict=True):
                if old != new:
                    setattr(changed, name, new)
        if changed != RoomChanged():
            room.broadcast(changed)
        if not self.pause.possible:
            self.pause.go_on(self._clock.now())
        if chosen != room.settings:
            self._change_settings(chosen)
        room.changed()
        room.start_if_ready()

    def _resize(self, max_players: int, bots: int) -> None:
        room = self._room
        room.options = options = msgspec.structs.replace(room.options, max_players=max_players, bots=bots)
        room.max_players = self._roster.max_players = max_players
        room.min_players = min(options.min_players or room.game.min_players, max_players)
        while room.bots > min(bots, max_players - room.people):
            room.remove_bot()
        if options.start != "countdown":
            room.fill_with_bots()

    def _change_settings(self, settings: Any, keep_ready: bool = False) -> None:
        """The room has other settings, and with them perhaps other teams; who was ready was so for the old ones."""
        room = self._room
        before = {player_id: (player.info.team, player.ready) for player_id, player in room.players.items()}
        room.settings = settings
        teams = list(room.game.teams(settings))
        told: Any = {}
        if teams != room.teams:
            self._roster.set_teams(teams)
            told = {"teams": teams}
        if not keep_ready:
            for player in room.players.values():
                player.ready = False
        room.broadcast(RoomChanged(settings=settings, **told))
        for player_id, player in room.players.items():
            if before[player_id] != (player.info.team, player.ready):
                room.broadcast(PlayerChanged(player=player.view()))
        room.log_event("settings_changed", {"settings": msgspec.to_builtins(settings)})
        room.changed()

    def _kick(self, player: Player, message: Kick) -> None:
        other = self._person(message.player_id)
        if other is player:
            raise MessageError("not_possible", "You cannot send yourself away; leave instead.")
        if message.ban:
            self.ban(other)
        self._dismiss(other.player_id, "banned" if message.ban else "kicked")

    def _pass_host(self, player: Player, message: PassHost) -> None:
        other = self._person(message.player_id)
        if other.away:
            raise MessageError("not_possible", "This player's connection is lost; pass the room to somebody else.")
        if other is not player:
            self.host = other.player_id
            self._room.broadcast(RoomChanged(host=self.host))

    def _vote_out(self, player: Player) -> None:
        self.ban(player)
        self._dismiss(player.player_id, "voted_out")

    def _person(self, player_id: str) -> Player:
        player = self._room.players.get(player_id)
        if player is None:
            raise MessageError("no_such_player", "There is no such player in this room.")
        if player.is_bot:
            raise MessageError("not_possible", "This is a bot; set_room says how many there are.")
        return player

    def _require_waiting(self, what: str) -> None:
        if self._room.status != "waiting":
            raise MessageError("not_possible", what)
