"""Coming and going: people take seats, lose the connection, come back and leave; bots fill what is free.

What follows for the match and for who decides is for the room to say; here everybody is told of everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ..config import Limits
from ..connection import Connection
from ..game.contract import Game, PlayerInfo
from ..netcode.input_timing import InputTiming
from ..netcode.player_input import PlayerInput
from ..protocol import PlayerChanged, PlayerJoined, PlayerLeft
from ..sync.broadcaster import Broadcaster
from ..sync.subscriber import Subscriber
from .admission import Admission
from .bots import make_bot
from .encodings import Encodings
from .joined import Introduction
from .match import Match
from .messenger import Messenger
from .player import Player
from .reservations import seat_expired
from .roster import Roster
from .spectators import Spectators
from .state import RoomState


class Seats:
    """The seats of one room."""

    def __init__(
        self,
        game: Game,
        state: RoomState,
        roster: Roster,
        admission: Admission,
        encodings: Encodings,
        messenger: Messenger,
        broadcaster: Broadcaster,
        spectators: Spectators,
        match: Match,
        introduction: Introduction,
        timing: InputTiming,
        limits: Limits,
        new_player_id: Callable[[], str],
        random: Random,
    ) -> None:
        self._game = game
        self._state = state
        self._roster = roster
        self._admission = admission
        self._encodings = encodings
        self._messenger = messenger
        self._broadcaster = broadcaster
        self._spectators = spectators
        self._match = match
        self._introduction = introduction
        self._timing = timing
        self._limits = limits
        self._new_player_id = new_player_id
        self._random = random

    # People.

    def admit(self, ws: Connection, info: PlayerInfo, reserved: str | None, party: str | None) -> Player:
        """Seat a person, who has not been told yet. Raises JoinError; see `GameRoom.add_player`."""
        reservations = self._admission.reservations
        if reserved is not None and reserved not in reservations:
            raise seat_expired()
        refusal = self._admission.refusal(info, ws.address, reserved is not None) or self._encodings.refusal(ws)
        if refusal is not None:
            raise refusal
        if reserved is not None:
            reservations.redeem(reserved)
        for bot in self._roster.in_the_way(party):
            self.free(bot, "replaced")
        sent = PlayerInput(info.player_id, self._timing, self._limits.max_inputs_per_tick)
        player = Player(
            info,
            sent,
            subscriber=Subscriber(ws, sent, info.player_id),
            party=party,
            since=self._messenger.message_log.serial,
        )
        self._messenger.tell_of(self._roster.give_way(info))
        player.rename(self._roster.unique_name(info.name))
        self._seat(player)
        return player

    def introduce(self, player: Player, ws: Connection, session: str) -> None:
        """Tell somebody who has just come of the room, and the others of them."""
        self._messenger.send(ws, self._introduction.for_player(player, ws.codec, session))
        self._messenger.announce(PlayerJoined(player=player.view()), ws)
        self._welcomed(player)
        if player.player_id in self._game.out:
            self._spectators.put_out([player.player_id])

    def free(self, player: Player, reason: str) -> None:
        """A player leaves for good."""
        connection = player.connection
        if player.subscriber is not None:
            # First: it may write what waits, and a recording then notes who is here.
            self._broadcaster.leave(player.subscriber)
        self._roster.remove(player)
        self._spectators.lose(player)
        self._messenger.message_log.forget(player.player_id)
        if self._state.running:
            self._match.leave(player, reason)
        left = PlayerLeft(player_id=player.player_id, reason=reason)
        self._messenger.announce(left)
        if connection is not None:
            self._messenger.send(connection, left)
        self._messenger.log("player_left", {"player_id": player.player_id, "reason": reason})

    def hold(self, player: Player) -> None:
        """A person's connection is lost; they may come back."""
        self._disconnect(player)
        self._messenger.announce(PlayerChanged(player=player.view()))
        if self._state.running:
            self._match.drop(player)
        player.input.forget()
        self._messenger.log("player_dropped", {"player_id": player.player_id})

    def resume(self, player: Player, ws: Connection, session: str, serial: int) -> None:
        """A person is back on another connection; `serial` is the highest that they have received."""
        was_away, messenger, status = player.away, self._messenger, self._state.status
        self._disconnect(player)
        subscriber = Subscriber(ws, player.input, player.player_id)
        self._roster.connect(player, subscriber)
        self._broadcaster.join(subscriber)
        if player.out:
            self._spectators.keep_out(player)
        player.input.reconnected()
        if was_away and self._state.running:
            self._game.player_returned(player.player_id)
        messenger.send(ws, self._introduction.for_player(player, ws.codec, session, serial))
        after = max(serial, player.since)
        for message in messenger.message_log.missed(player.player_id, after, status == "ended"):
            messenger.send(ws, message)
        self._welcomed(player)
        if was_away:
            messenger.announce(PlayerChanged(player=player.view()), ws)
        messenger.log("player_returned", {"player_id": player.player_id, "was_away": was_away})

    def _disconnect(self, player: Player) -> None:
        """Whatever goes through a player's connection ends; before it is another, or none."""
        if player.subscriber is not None:
            self._broadcaster.leave(player.subscriber)
        self._spectators.lose(player)
        self._roster.disconnect(player)
        self._game.view_lag.pop(player.player_id, None)

    def _welcomed(self, player: Player) -> None:
        if player.subscriber is not None:
            self._broadcaster.welcomed(player.subscriber)

    def _seat(self, player: Player) -> None:
        self._roster.seat(player)
        if player.subscriber is not None:
            self._broadcaster.join(player.subscriber)
        if self._state.running:
            self._match.enter(player)
        info = player.info
        self._messenger.log("player_joined", {"player_id": info.player_id, "name": info.name, "bot": info.bot})

    # Bots.

    def fill_with_bots(self) -> None:
        """Put bots into empty seats, as many as the options allow and the game can make."""
        roster, options = self._roster, self._state.options
        left = self._state.max_players - self._admission.taken
        wanted = min(options.bots, left) if roster.people else 0
        for _ in range(wanted - roster.bots):
            sent = PlayerInput(self._new_player_id(), self._timing, 1)
            player = make_bot(self._game, sent, roster, options.bot_skill, self._random)
            if player is None:
                return
            self._seat(player)
            self._messenger.broadcast(PlayerJoined(player=player.view()))

    def send_surplus_bots_away(self) -> None:
        """Fewer bots or seats are wanted than there were."""
        state, roster = self._state, self._roster
        while roster.bots > min(state.options.bots, state.max_players - roster.people):
            self.free(roster.least_needed_bot(None), "replaced")
