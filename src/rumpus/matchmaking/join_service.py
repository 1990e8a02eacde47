"""How people who are connected come to their seats: by a room's code, by quick play, with their party, or on a seat
that was kept for them; and what they are told until then.

One `JoinService` for a server. The searching, the parties and the list are in modules of their own, which know nothing
of each other; here they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from random import Random
from typing import Any

import msgspec

from ..budget.held import HeldPlaces
from ..budget.purse import Purse
from ..clock import Clock
from ..config import RoomOptions
from ..errors import JoinError, MessageError, SettingsError
from ..game.contract import PlayerInfo
from ..game.player_choices import PlayerChoices
from ..protocol import EnterParty, Join, JoinOptions, PartyLeft, Reserve, Reserved
from ..protocol.text import clean_name
from ..results.rating import NEWCOMER, skill_of
from ..room.game_room import GameRoom
from .criteria import Criteria
from .group_seating import GroupSeating
from .kept_seats import KeptSeats
from .parties import Parties, Party
from .ports import Client, Intake, RatingLookup, Rooms, Seating
from .quick_play import QuickPlay, language_of
from .reopening import Reopening
from .room_list import RoomList
from .room_search import find_room
from .ticket import Ticket

#: Characters in a room's title.
_TITLE_LENGTH = 40


class JoinService:
    """What stands between the connections of a server and its rooms.

    choices: what players may choose, and what the operator has chosen. max_party: members of a party.
    """

    def __init__(
        self,
        choices: PlayerChoices,
        options: RoomOptions,
        max_party: int,
        *,
        rooms: Rooms,
        seating: Seating,
        intake: Intake,
        look_up: RatingLookup,
        clock: Clock,
        random: Random,
        new_player_id: Callable[[], str],
        held_places: HeldPlaces,
    ) -> None:
        self._choices = choices
        self._options = options
        self._rooms = rooms
        self._intake = intake
        self._look_up = look_up
        self._clock = clock
        self._seats = options.max_players or choices.game.max_players
        self._anything = Criteria(choices, JoinOptions())
        self._kept = KeptSeats(rooms)
        self._seating = GroupSeating(rooms, seating, self._kept, look_up, clock, options.reconnect_time)
        self.quick_play = QuickPlay(
            options,
            self._seats,
            self._seating.seat,
            rooms=rooms,
            intake=intake,
            look_up=look_up,
            clock=clock,
            new_player_id=new_player_id,
        )
        self._reopening = Reopening(rooms, clock, options.reopen_time, self._open_again)
        self.parties = Parties(random, max_party, options.reconnect_time, held_places)
        self.room_list = RoomList(rooms.by_code)

    # Called by the server.

    def room_changed(self, room: GameRoom) -> None:
        """Who is in a room, what may be played there or who may come is not as it was."""
        if room.room_id in self._rooms.by_code:
            self.quick_play.matchmaker.changed(room)
            self.room_list.changed(room)

    def room_closed(self, room: GameRoom) -> None:
        self.quick_play.matchmaker.closed(room)
        self.room_list.changed(room)
        self._kept.room_closed(room)
        self._reopening.closed(room)

    def forget(self, client: Client) -> None:
        """A connection has ended."""
        self.quick_play.stop(client, "cancelled")
        self.room_list.remove(client)
        self._kept.give_back_lot(client)
        found = self.parties.of(client)
        self.parties.lost(client, self._clock.now())
        if found is not None:
            self._tell_party(found[0])

    def resumed(self, player_id: str, old: Client | None, client: Client) -> None:
        """A client has the seat of this player now. old: whose it was until now, if they were connected."""
        self.quick_play.stop(client, "cancelled")
        if client not in self.parties:
            self.parties.resumed(player_id, old, client)

    def stays(self, client: Client) -> bool:
        """Whether a client without a seat has something to wait for."""
        return client in self.room_list or client in self.parties or client in self.quick_play.searches

    def advance(self, now: float) -> None:
        """Several times a second: end what has expired, and place whoever can be placed."""
        self._kept.expire(now)
        for party in self.parties.advance(now):
            self.quick_play.party_changed(party)
        self.quick_play.advance(now)
        for party in list(self.parties.changed):
            self._tell_party(party)
        self.room_list.advance(now)

    def stood_still(self, seconds: float) -> None:
        """Nobody was served for so long, and so nobody could come: what is kept for them is kept as much longer."""
        self._kept.stood_still(seconds)
        self.parties.stood_still(seconds)

    # What clients ask for.

    def join(self, client: Client, info: PlayerInfo, message: Join, options: JoinOptions) -> None:
        """Seat a client's player, and the party that they lead; or have them wait for a seat.

        Raises RumpusError if there is no seat for them and will not be.
        """
        self._intake.refuse_newcomers()
        if client in self.quick_play.searches:
            raise MessageError("not_possible", "You are waiting for a match already; cancel that first.")
        party, member = self.parties.of(client) or (None, None)
        if party is not None and member is not None:
            if party.leader != member.member_id:
                raise MessageError("not_leader", "The leader of your party joins for all; leave the party to go alone.")
            if (member.info.name, member.info.signed) != (info.name, info.signed):
                member.info.name, member.info.signed = info.name, info.signed
                self.parties.changed[party] = None
        if message.seat is not None:
            if party is not None and len(party.members) > 1:
                raise MessageError("not_possible", "A reserved seat is for one; leave your party to take it.")
            return self._seating.take(client, info, message.seat)
        if message.room is not None:
            group = self.quick_play.group(client, info, party)
            if not options.reopen:
                return self._seating.seat(group, self._find(client, message.room), party)
            with guessing(client):
                room = self._reopening.room(client, message.room, options)
            self._seating.seat(group, room, party)
            return self._reopening.seated(client, options)
        group = self.quick_play.group(client, info, party)
        if options.create:
            if len(group) > (options.max_players or self._seats):
                raise JoinError("room_full", f"This room would be too small for the {len(group)} of your party.")
            return self._seating.seat(group, self._create(options, client.purse), party)
        self.quick_play.begin(client, info, party, self._wish(options), options)

    def _find(self, client: Client, code: str) -> GameRoom:
        """The room with this code. Raises JoinError (`room_not_found`), and MessageError for those who only guess."""
        with guessing(client):
            return find_room(self._rooms.by_code, code)

    def assign(self, info: PlayerInfo, room_id: str | None, options: JoinOptions, address: str) -> GameRoom:
        """The room for one player at this moment, whatever the skill; see `GameServer.assign_player_to_room`."""
        if room_id is not None:
            room = find_room(self._rooms.by_code, room_id)
            refusal = room.refusal(info, address)
            if refusal is not None:
                raise refusal
            return room
        if options.create:
            return self._create(options, None)
        return self._best_or_new(info, 1, options, None, address)

    def _open_again(self, options: JoinOptions, client: Client, code: str) -> GameRoom:
        """A room of before the server was restarted: as its creator wants it, or as quick play opens one."""
        if options.create:
            return self._create(options, client.purse, code)
        settings, language = self._wish(options).settings, language_of(options)
        return self._rooms.create(client.purse, settings=settings, language=language, code=code)

    def _create(self, options: JoinOptions, purse: Purse | None, code: str | None = None) -> GameRoom:
        """A room as its creator wants it, under this code or a new one. Raises SettingsError and JoinError."""
        title = clean_name(options.title, _TITLE_LENGTH, "bad_message", "A room's title")
        if options.max_players is not None and options.max_players > self._seats:
            raise SettingsError(f"Rooms of this server have at most {self._seats} seats.")
        if options.bots is not None and options.bots > self._options.bots:
            raise SettingsError(f"Rooms of this server have at most {self._options.bots} bots.")
        wish = self._wish(options)
        return self._rooms.create(
            purse,
            options.max_players,
            settings=wish.settings,
            private=options.private,
            title=title,
            language=language_of(options),
            bots=options.bots,
            hosted=True,
            code=code,
        )

    def reserve(self, count: int, room_id: str | None, options: JoinOptions) -> tuple[GameRoom, list[str]]:
        """Keep seats in the room named, a new one, or the one that quick play would choose. Raises RumpusError."""
        room = self._room_to_reserve(room_id, count, options, None)
        return room, self._keep(room, count)

    def _room_to_reserve(self, room_id: str | None, count: int, options: JoinOptions, purse: Purse | None) -> GameRoom:
        if room_id is not None:
            room = find_room(self._rooms.by_code, room_id)
            refusal = room.refusal()
            if refusal is not None:
                raise refusal
            return room
        if options.create:
            return self._create(options, purse)
        return self._best_or_new(None, count, options, purse)

    def _keep(self, room: GameRoom, count: int) -> list[str]:
        """Keep seats for a while. Returns their tokens. Raises JoinError if there are too few."""
        return self._kept.keep(room, count, self._clock.now() + self._options.reservation_time)

    # Quick play.

    def _wish(self, options: JoinOptions) -> Criteria:
        if not options.settings and not options.filter:
            return self._anything
        return Criteria(self._choices, options)

    def _best_or_new(
        self,
        info: PlayerInfo | None,
        size: int,
        options: JoinOptions,
        purse: Purse | None,
        address: str = "",
    ) -> GameRoom:
        wish = self._wish(options)
        if size > self._seats:
            raise JoinError("room_full", f"Rooms have {self._seats} seats.")
        skill = NEWCOMER if info is None else skill_of(info)
        ticket: Ticket[GameRoom] = Ticket(
            None,
            wish,
            skill,
            size=size,
            language=language_of(options),
            admits=lambda room: room.refusal(info, address) is None,
        )
        room = self.quick_play.matchmaker.best_room(ticket, float("inf"))
        return room or self._rooms.create(purse, settings=wish.settings, language=ticket.language)

    # What else a client may say before it has a seat.

    def watch_rooms(self, client: Client, on: bool) -> None:
        """A client begins to watch the list of rooms, or does so no more."""
        if on:
            self.room_list.add(client)
        else:
            self.room_list.remove(client)

    def reserve_for(self, client: Client, message: Reserve, options: JoinOptions) -> None:
        """Keep seats for a client's friends. Raises RumpusError."""
        self._kept.give_back_lot(client)
        if message.room is not None:
            self._find(client, message.room)
        room = self._room_to_reserve(message.room, message.seats, options, client.purse)
        # Who is in a room may keep all of it for friends, as may who opens it; others at most half.
        stranger = room.people > 0 and (client.player is None or client.room is not room)
        if stranger and len(room.reservations) + message.seats > max(1, room.max_players // 2):
            raise JoinError("room_full", "At most half of a room's seats may be reserved by those who are not in it.")
        tokens = self._keep(room, message.seats)
        self._kept.note_lot(client, room, tokens)
        client.send(Reserved(room_id=room.room_id, seats=tokens, expires_in=self._options.reservation_time))

    def enter_party(self, client: Client, message: EnterParty, info: PlayerInfo) -> None:
        """Found a party, or enter one by its code. Raises MessageError."""
        if client in self.parties:
            raise MessageError("not_possible", "You are in a party already; leave it first.")
        if client in self.quick_play.searches:
            raise MessageError("not_possible", "You are waiting for a match; cancel that first.")
        with guessing(client) if message.code is not None else nullcontext():
            member = self.parties.enter(client, message.code, info)
        found = self.parties.of(client)
        assert found is not None
        party = found[0]
        self._look_up(member.info, lambda: self.quick_play.party_changed(party))
        self._tell_party(party)
        token, member.seat = member.seat, None
        if token is not None and client.player is None:
            # The others have moved on meanwhile, and kept a seat.
            with suppress(JoinError):
                self._seating.follow(client, self.quick_play.player_for(member), token, party)
        self.quick_play.party_changed(party)

    def leave_party(self, client: Client) -> None:
        """Raises MessageError (`not_possible`) for a client that is in no party."""
        self.quick_play.stop(client, "cancelled")
        party = self.parties.leave(client)
        if party is None:
            raise MessageError("not_possible", "You are in no party.")
        client.wait_from(self._clock.now())
        client.send(PartyLeft(reason="left"))
        self._tell_party(party)
        self.quick_play.party_changed(party)

    def _tell_party(self, party: Party) -> None:
        self.parties.changed.pop(party, None)
        for member in party.here:
            if member.client is not None:
                member.client.send(party.view(member))


def read_options(values: Any) -> JoinOptions:
    """What `options` of a message say. Raises MessageError (`bad_message`)."""
    try:
        return msgspec.convert(values, JoinOptions)
    except msgspec.ValidationError as error:
        raise MessageError("bad_message", f"These join options cannot be used: {error}.") from None


@contextmanager
def guessing(client: Client) -> Iterator[None]:
    """Around what looks something up by a code. Raises MessageError (`rate_limited`) for those who only guess."""
    client.purse.check_codes()
    try:
        yield
    except (JoinError, MessageError) as error:
        if error.code in ("room_not_found", "party_not_found"):
            client.purse.wrong_code()
        raise
