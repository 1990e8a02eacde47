"""How people who are connected come to their seats: by a room's code, by quick play, with their party, or on a seat
that was kept for them; and what they are told until then.

One `JoinService` for a server. The searching, the parties and the list are in modules of their own, which know nothing
of each other; here they meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import JoinError, MessageError, SettingsError
from ..game.contract import PlayerInfo
from ..protocol import Cancel, EnterParty, Join, JoinOptions, LeaveParty, PartyLeft, Reserve, Reserved, WatchRooms
from ..protocol.text import clean_text
from ..results.rating import NEWCOMER, skill_of
from ..room.reservations import room_of_token, seat_expired
from .criteria import Criteria
from .matchmaker import RatingSource, Ticket
from .parties import Member, Parties, Party
from .quick_play import Comer, QuickPlay, language_of
from .rating_lookup import RatingLookup
from .room_list import RoomList

if TYPE_CHECKING:
    from ..room.game_room import GameRoom
    from ..server.game_server import GameServer
    from ..server.session import Session

#: Characters in a room's title.
_TITLE_LENGTH = 40

#: What `JoinService.handle` takes.
LOBBY_MESSAGES = (Cancel, WatchRooms, Reserve, EnterParty, LeaveParty)


class JoinService:
    """What stands between the connections of a server and its rooms."""

    def __init__(self, server: GameServer, operators: Any, ratings: RatingSource | None) -> None:
        options = server.options
        self._server = server
        self._operators = operators
        self._seats = options.max_players or server.game.max_players
        self._anything = Criteria(server.game, operators, JoinOptions())
        self._look_up = RatingLookup(server, ratings)
        self.quick_play = QuickPlay(server, self._seats, self._look_up, self._seat)
        self.parties = Parties(server.random, server.limits.max_party, options.reconnect_time)
        self.feed = RoomList(server.rooms)
        #: Rooms with seats that are kept for somebody.
        self._reserving: dict[GameRoom, None] = {}
        #: What each session has reserved: one lot at a time.
        self._lots: dict[Session, tuple[GameRoom, list[str]]] = {}

    # Called by the server.

    def room_changed(self, room: GameRoom) -> None:
        """Who is in a room, what may be played there or who may come is not as it was."""
        if room.room_id in self._server.rooms:
            self.quick_play.matchmaker.changed(room)
            self.feed.changed(room)

    def room_closed(self, room: GameRoom) -> None:
        self.quick_play.matchmaker.closed(room)
        self.feed.changed(room)
        self._reserving.pop(room, None)
        for session in [session for session, (reserved, _) in self._lots.items() if reserved is room]:
            del self._lots[session]

    def forget(self, session: Session) -> None:
        """A connection has ended."""
        self.quick_play.stop(session, "cancelled")
        self.feed.remove(session)
        lot = self._lots.pop(session, None)
        if lot is not None:
            self._give_back(*lot)
        found = self.parties.of(session)
        self.parties.lost(session, self._server.clock.now())
        if found is not None:
            self._tell_party(found[0])

    def resumed(self, player_id: str, old: Session | None, session: Session) -> None:
        """A session has the seat of this player now. old: whose it was until now, if they were connected."""
        self.quick_play.stop(session, "cancelled")
        if session not in self.parties:
            self.parties.resumed(player_id, old, session)

    def stays(self, session: Session) -> bool:
        """Whether a session without a seat has something to wait for."""
        return session in self.feed or session in self.parties or session in self.quick_play.searches

    def advance(self, now: float) -> None:
        """Several times a second: end what has expired, and place whoever can be placed."""
        for room in list(self._reserving):
            if room.reservations.expire(now):
                self._server.guard(room, room.seats_given_back)
            if not room.reservations:
                self._reserving.pop(room, None)
        for party in self.parties.advance(now):
            self.quick_play.party_changed(party)
        self.quick_play.advance(now)
        for party in list(self.parties.changed):
            self._tell_party(party)
        self.feed.advance(now)

    # What clients ask for.

    def join(self, session: Session, info: PlayerInfo, message: Join, options: JoinOptions) -> None:
        """Seat a session's player, and the party that they lead; or have them wait for a seat.

        Raises RumpusError if there is no seat for them and will not be.
        """
        try:
            self._join(session, info, message, options)
        except JoinError as error:
            self._server.counters.joins_refused_busy += error.code == "server_busy"
            raise

    def _join(self, session: Session, info: PlayerInfo, message: Join, options: JoinOptions) -> None:
        server = self._server
        if server.stopping:
            raise JoinError("server_full", "This server is stopping.")
        server.overload.refuse_join(new_room=False)
        if session in self.quick_play.searches:
            raise MessageError("not_possible", "You are waiting for a match already; cancel that first.")
        party, member = self.parties.of(session) or (None, None)
        if party is not None and member is not None:
            if party.leader != member.member_id:
                raise MessageError("not_leader", "The leader of your party joins for all; leave the party to go alone.")
            if member.info.name != info.name:
                member.info.name = info.name
                self.parties.changed[party] = None
        if message.seat is not None:
            if party is not None and len(party.members) > 1:
                raise MessageError("not_possible", "A reserved seat is for one; leave your party to take it.")
            return self._take_reserved(session, info, message.seat)
        if message.room is not None:
            return self._seat(self.quick_play.group(session, info, party), self._find(message.room), party)
        group = self.quick_play.group(session, info, party)
        if options.create:
            if len(group) > (options.max_players or self._seats):
                raise JoinError("room_full", f"This room would be too small for the {len(group)} of your party.")
            return self._seat(group, self.create(options), party)
        self.quick_play.begin(session, info, party, self._wish(options), options)

    def handle(self, session: Session, message: Any, info: PlayerInfo | None) -> None:
        """What else a session may say before it has a seat. info: who says it, of those who enter a party."""
        kind = type(message)
        if kind is Cancel:
            self.quick_play.cancel(session)
        elif kind is WatchRooms:
            if message.on:
                self.feed.add(session)
            else:
                self.feed.remove(session)
        elif kind is Reserve:
            self._reserve(session, message)
        elif kind is LeaveParty:
            self._leave_party(session)
        elif info is not None:
            self._enter_party(session, message, info)

    def assign(self, info: PlayerInfo, room_id: str | None, options: JoinOptions, address: str) -> GameRoom:
        """The room for one player at this moment, whatever the skill; see `GameServer.assign_player_to_room`."""
        if room_id is not None:
            room = self._find(room_id)
            refusal = room.refusal(info, address)
            if refusal is not None:
                raise refusal
            return room
        if options.create:
            return self.create(options)
        return self._best_or_new(info, 1, options, address)

    def create(self, options: JoinOptions) -> GameRoom:
        """A room as its creator wants it. Raises SettingsError and JoinError."""
        server = self._server
        title = clean_text(options.title, _TITLE_LENGTH, "bad_message", "A room's title")
        if options.max_players is not None and options.max_players > self._seats:
            raise SettingsError(f"Rooms of this server have at most {self._seats} seats.")
        if options.bots is not None and options.bots > server.options.bots:
            raise SettingsError(f"Rooms of this server have at most {server.options.bots} bots.")
        wish = self._wish(options)
        return server.create_room(
            options.max_players,
            settings=wish.settings,
            private=options.private,
            title=title,
            language=language_of(options),
            bots=options.bots,
            hosted=True,
        )

    def reserve(self, count: int, room_id: str | None, options: JoinOptions) -> tuple[GameRoom, list[str]]:
        """Keep seats in the room named, a new one, or the one that quick play would choose. Raises RumpusError."""
        room = self._room_to_reserve(room_id, count, options)
        return room, self._keep(room, count)

    def _room_to_reserve(self, room_id: str | None, count: int, options: JoinOptions) -> GameRoom:
        if room_id is not None:
            room = self._find(room_id)
            refusal = room.refusal()
            if refusal is not None:
                raise refusal
            return room
        return self.create(options) if options.create else self._best_or_new(None, count, options)

    def _keep(self, room: GameRoom, count: int) -> list[str]:
        """Keep seats for a while. Returns their tokens. Raises JoinError if there are too few."""
        server = self._server
        tokens = room.reserve(count, server.clock.now() + server.options.reservation_time)
        self._reserving[room] = None
        return tokens

    # Quick play.

    def _wish(self, options: JoinOptions) -> Criteria:
        if not options.settings and not options.filter:
            return self._anything
        return Criteria(self._server.game, self._operators, options)

    def _best_or_new(self, info: PlayerInfo | None, size: int, options: JoinOptions, address: str = "") -> GameRoom:
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
        return room or self._server.create_room(settings=wish.settings, language=ticket.language)

    # Seats.

    def _find(self, room_id: str) -> GameRoom:
        room = self._server.rooms.get(room_id.upper())
        if room is None:
            raise JoinError("room_not_found", "There is no such room; it may have closed after everyone left.")
        return room

    def _seat(self, group: list[Comer], room: GameRoom, party: Party | None) -> None:
        """Seat all of a group, or raise JoinError and seat none."""
        server = self._server
        if party is None:
            session, info, _ = group[0]
            assert session is not None
            self._look_up(info)
            server.seat(session, room, info)
            return
        comers = [comer for comer in group if not _is_in(comer, room)]
        for comer in comers:
            refusal = room.refusal(comer.info, comer.address)
            if refusal is not None:
                raise refusal
        if room.free_seats < len(comers):
            raise JoinError(
                "room_full",
                f"Room {room.room_id} has {room.free_seats} free seats, too few for the {len(comers)} of you.",
            )
        now, kept = server.clock.now(), server.options.reconnect_time
        # All seats are kept before the first is taken: whatever happens meanwhile (bots that fill the room, a match
        # that begins because it is full), there is one for each of them.
        here = [comer for comer in comers if comer.session is not None]
        tokens = room.reserve(len(here), now + kept)
        self._reserving[room] = None
        for session, _, member in comers:
            if session is None and member is not None:
                self._keep_seat(member, room, max(now + 1.0, member.gone_at + kept))
        try:
            for (session, info, _), token in zip(here, tokens, strict=True):
                assert session is not None
                server.stop_watching(session, "moved")
                if session.player is not None:
                    server.remove_player_from_room(session.player.player_id, "moved")
                self._look_up(info)
                if room.room_id in server.rooms:
                    server.seat(session, room, info, reserved=token, party=party.code)
                else:
                    session.send_error("game_error", "The game failed and its room was closed. You can join another.")
        finally:
            self._give_back(room, tokens)

    def _keep_seat(self, member: Member, room: GameRoom, until: float) -> None:
        """The others move on without somebody who has lost the connection, and may come after them."""
        before = self._server.rooms.get(room_of_token(member.seat)) if member.seat is not None else None
        if before is not None and member.seat is not None:
            self._give_back(before, [member.seat])
        member.seat = room.reserve(1, until)[0]

    def _take_reserved(self, session: Session, info: PlayerInfo, token: str) -> None:
        room = self._server.rooms.get(room_of_token(token))
        if room is None:
            raise seat_expired()
        self._look_up(info)
        self._server.seat(session, room, info, reserved=token)

    def _reserve(self, session: Session, message: Reserve) -> None:
        server = self._server
        options = read_options(message.options)
        lot = self._lots.pop(session, None)
        if lot is not None:
            self._give_back(*lot)
        room = self._room_to_reserve(message.room, message.seats, options)
        # Who is in a room may keep all of it for friends, as may who opens it; others at most half.
        stranger = room.people > 0 and (session.player is None or session.room is not room)
        if stranger and len(room.reservations) + message.seats > max(1, room.max_players // 2):
            raise JoinError("room_full", "At most half of a room's seats may be reserved by those who are not in it.")
        tokens = self._keep(room, message.seats)
        self._lots[session] = room, tokens
        session.send(Reserved(room_id=room.room_id, seats=tokens, expires_in=server.options.reservation_time))

    def _give_back(self, room: GameRoom, tokens: Iterable[str]) -> None:
        if room.room_id in self._server.rooms and room.reservations.give_back(tokens):
            self._server.guard(room, room.seats_given_back)

    # Parties.

    def _enter_party(self, session: Session, message: EnterParty, info: PlayerInfo) -> None:
        if session in self.parties:
            raise MessageError("not_possible", "You are in a party already; leave it first.")
        if session in self.quick_play.searches:
            raise MessageError("not_possible", "You are waiting for a match; cancel that first.")
        member = self.parties.enter(session, message.code, info)
        found = self.parties.of(session)
        assert found is not None
        party = found[0]
        self._look_up(member.info, lambda: self.quick_play.party_changed(party))
        self.parties.seated(session)
        self._tell_party(party)
        token, member.seat = member.seat, None
        if token is not None and session.player is None:
            # The others have moved on meanwhile, and kept a seat.
            room = self._server.rooms.get(room_of_token(token))
            if room is not None and token in room.reservations:
                self._server.stop_watching(session, "moved")
                with suppress(JoinError):
                    self._server.seat(
                        session, room, self.quick_play.player_for(member), reserved=token, party=party.code
                    )
        self.quick_play.party_changed(party)

    def _leave_party(self, session: Session) -> None:
        self.quick_play.stop(session, "cancelled")
        party = self.parties.leave(session)
        if party is None:
            raise MessageError("not_possible", "You are in no party.")
        session.connected_at = self._server.clock.now()
        session.send(PartyLeft(reason="left"))
        self._tell_party(party)
        self.quick_play.party_changed(party)

    def _tell_party(self, party: Party) -> None:
        self.parties.changed.pop(party, None)
        for member in party.here:
            if member.session is not None:
                member.session.send(party.view(member))


def read_options(values: Any) -> JoinOptions:
    """What `options` of a message say. Raises MessageError (`bad_message`)."""
    try:
        return msgspec.convert(values, JoinOptions)
    except msgspec.ValidationError as error:
        raise MessageError("bad_message", f"These join options cannot be used: {error}.") from None


def _is_in(comer: Comer, room: GameRoom) -> bool:
    """Whether somebody has a seat in this room, be they away or not."""
    if comer.session is not None:
        return comer.session.player is not None and comer.session.room is room
    return comer.member is not None and comer.member.player_id in room.players
