"""Seating those who go together: all of a group get a seat in one room, or none of them does."""

from __future__ import annotations

from typing import NamedTuple

from ..clock import Clock
from ..errors import JoinError, game_failed
from ..game.contract import PlayerInfo
from ..room.game_room import GameRoom
from ..room.reservations import room_of_token, seat_expired
from .kept_seats import KeptSeats
from .parties import Member, Party
from .ports import Client, RatingLookup, Rooms, Seating


class Comer(NamedTuple):
    """Somebody who is to be seated. `client` is None for those of a party who have lost their connection."""

    client: Client | None
    info: PlayerInfo
    member: Member | None

    @property
    def address(self) -> str:
        """Where they come from, as far as that is known."""
        return self.client.connection.address if self.client is not None else ""

    def is_in(self, room: GameRoom) -> bool:
        """Whether they have a seat in this room, be they away or not."""
        if self.client is not None:
            return self.client.player is not None and self.client.room is room
        return self.member is not None and self.member.player_id in room.players


class GroupSeating:
    """How a player, or the members of a party, come to sit in a room that was found for them.

    held: seconds that the seat of a lost connection is held.
    """

    def __init__(
        self, rooms: Rooms, seating: Seating, kept: KeptSeats, look_up: RatingLookup, clock: Clock, held: float
    ) -> None:
        self._rooms = rooms
        self._seating = seating
        self._kept = kept
        self._look_up = look_up
        self._clock = clock
        self._held = held

    def seat(self, group: list[Comer], room: GameRoom, party: Party | None) -> None:
        """Seat all of a group, or raise JoinError and seat none."""
        if party is None:
            client, info, _ = group[0]
            assert client is not None
            self._look_up(info, None)
            self._seating.seat(client, room, info)
            return
        comers = [comer for comer in group if not comer.is_in(room)]
        for comer in comers:
            refusal = room.refusal(comer.info, comer.address)
            if refusal is not None:
                raise refusal
        if room.free_seats < len(comers):
            raise JoinError(
                "room_full",
                f"Room {room.room_id} has {room.free_seats} free seats, too few for the {len(comers)} of you.",
            )
        now = self._clock.now()
        # All seats are kept before the first is taken: whatever happens meanwhile (bots that fill the room, a match
        # that begins because it is full), there is one for each of them.
        here = [comer for comer in comers if comer.client is not None]
        tokens = self._kept.keep(room, len(here), now + self._held)
        for client, _, member in comers:
            if client is None and member is not None:
                self._keep_seat(member, room, max(now + 1.0, member.gone_at + self._held))
        try:
            for (client, info, _), token in zip(here, tokens, strict=True):
                assert client is not None
                self._seating.stop_watching(client, "moved")
                if client.player is not None:
                    self._seating.remove(client.player.player_id, "moved")
                self._look_up(info, None)
                if room.room_id in self._rooms.by_code:
                    self._seating.seat(client, room, info, reserved=token, party=party.code)
                else:
                    client.send_error(game_failed())
        finally:
            self._kept.give_back(room, tokens)

    def _keep_seat(self, member: Member, room: GameRoom, until: float) -> None:
        """The others move on without somebody who has lost the connection, and may come after them."""
        before = self._rooms.by_code.get(room_of_token(member.seat)) if member.seat is not None else None
        if before is not None and member.seat is not None:
            self._kept.give_back(before, [member.seat])
        member.seat = self._kept.keep(room, 1, until)[0]

    def take(self, client: Client, info: PlayerInfo, token: str) -> None:
        """Seat somebody on a seat that was kept for them. Raises JoinError (`seat_expired`)."""
        room = self._rooms.by_code.get(room_of_token(token))
        if room is None:
            raise seat_expired()
        self._look_up(info, None)
        self._seating.seat(client, room, info, reserved=token)

    def follow(self, client: Client, info: PlayerInfo, token: str, party: Party) -> None:
        """Seat somebody where the others of a party have moved on to, if the seat is still kept."""
        room = self._rooms.by_code.get(room_of_token(token))
        if room is not None and token in room.reservations:
            self._seating.stop_watching(client, "moved")
            self._seating.seat(client, room, info, reserved=token, party=party.code)
