"""Whose seat is whose: the secret names of sessions, and the seats that are held for people who lost their connection.

A seat outlives connections. It has one token at a time, told to its owner with `joined`; whoever shows it may sit down,
and with that the token changes. The one before stays good until the owner has been heard of on the new connection:
if that ends before `joined` arrives, the owner knows nothing newer. Sans-I/O: it is told the time.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..budget.held import HeldPlaces
from ..errors import JoinError
from ..identity.tokens import SessionNames
from ..matchmaking.ports import Client
from ..room.game_room import GameRoom
from ..room.player import Player


class Seat:
    """One person's place in a room. `client` is None while it is held for somebody who is away."""

    __slots__ = ("client", "expires_at", "network", "player", "room", "tokens")

    def __init__(self, room: GameRoom, player: Player, client: Client, token: str) -> None:
        self.room = room
        self.player = player
        self.client: Client | None = client
        #: The ones that are good, the newest last.
        self.tokens = [token]
        #: Where its owner was last connected from.
        self.network = client.connection.network
        #: When it is free, if nobody comes back by then, on the server's clock (s).
        self.expires_at = 0.0


class SeatRegistry:
    """All seats of people, in all rooms. held_places: how many may be held for one network."""

    def __init__(self, held_places: HeldPlaces) -> None:
        self._held_places = held_places
        self._names = SessionNames()
        self._by_token: dict[str, Seat] = {}
        #: By player id.
        self.by_player: dict[str, Seat] = {}
        # In the order in which they expire, as they are all held for the same time.
        self._held: dict[Seat, None] = {}

    def __len__(self) -> int:
        return len(self.by_player)

    @property
    def held(self) -> int:
        """How many wait for somebody who is away."""
        return len(self._held)

    def new_token(self) -> str:
        """A token for a place that somebody takes now."""
        return self._names.new()

    def take(self, room: GameRoom, player: Player, client: Client, token: str) -> Seat:
        """A person has sat down, and was told this token."""
        seat = self._by_token[token] = self.by_player[player.player_id] = Seat(room, player, client, token)
        return seat

    def hold(self, seat: Seat, until: float) -> bool:
        """The connection is lost: keep the seat. False if as many are held for this address as may be."""
        if not self._held_places.hold(seat.network):
            return False
        seat.client = None
        seat.expires_at = until
        self._held[seat] = None
        return True

    def find(self, token: str) -> Seat:
        """The seat of a token. Raises JoinError (`session_expired`, `server_restarted`)."""
        seat = self._by_token.get(token)
        if seat is None and self._names.is_of_another_run(token):
            raise JoinError("server_restarted", "The server was restarted, and its seats are gone. Join again.")
        if seat is None:
            raise JoinError("session_expired", "This session is over: its seat was given back. Join again.")
        return seat

    def renew(self, seat: Seat, client: Client, shown: str) -> str:
        """Somebody has come back with the token `shown`: the seat is theirs. Returns the new token."""
        self._let_go(seat)
        seat.client = client
        seat.network = client.connection.network
        for token in seat.tokens:
            if token != shown:
                del self._by_token[token]
        token = self.new_token()
        seat.tokens = [shown, token]
        self._by_token[token] = seat
        return token

    def confirm(self, seat: Seat) -> None:
        """The owner was heard of on the new connection, and so knows the newest token."""
        for token in seat.tokens[:-1]:
            del self._by_token[token]
        del seat.tokens[:-1]

    def free(self, seat: Seat) -> None:
        """Nobody sits here any more."""
        self._let_go(seat)
        for token in seat.tokens:
            del self._by_token[token]
        del self.by_player[seat.player.player_id]

    def expired(self, now: float) -> Iterator[Seat]:
        """Seats whose owners have not come back in time; each must be freed before the next is asked for."""
        while self._held:
            seat = next(iter(self._held))
            if seat.expires_at > now:
                return
            yield seat

    def stood_still(self, seconds: float) -> None:
        """Nobody could come back for so long: seats are held as much longer."""
        for seat in self._held:
            seat.expires_at += seconds

    def _let_go(self, seat: Seat) -> None:
        if seat in self._held:
            del self._held[seat]
            self._held_places.free(seat.network)
