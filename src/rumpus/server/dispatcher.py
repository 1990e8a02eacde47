"""What each message of a client leads to, except inputs, which are many and go straight to their room.

One `Dispatcher` for a server: what one client has said and may say is in its session. All that is raised here is
somebody's mistake (RumpusError), whose sentence the session sends back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, get_args

from ..budget.ledger import SECOND
from ..clock import Clock
from ..errors import JoinError, MessageError, RumpusError, game_failed, no_room_made
from ..game.contract import PlayerInfo
from ..matchmaking.join_service import JoinService, guessing, read_options
from ..protocol import (
    Cancel,
    Chat,
    EnterParty,
    Join,
    JoinOptions,
    Leave,
    LeaveParty,
    Mute,
    Ping,
    Pong,
    Reserve,
    Resume,
    RoomMessage,
    WatchRooms,
)
from ..room.reservations import room_of_token
from ..telemetry.counters import Counters
from . import prices
from .authenticator import Authenticator
from .rooms import Rooms
from .seating import Seating
from .session import Session

logger = logging.getLogger(__name__)


class Dispatcher:
    """The handler of all sessions of a server.

    before_work: called before what takes time, so that ticks which are due go first. on_disconnect: told of a session
    whose connection has ended. open_account: who pays besides their address, for those who have signed in.
    """

    def __init__(
        self,
        join_service: JoinService,
        seating: Seating,
        rooms: Rooms,
        authenticator: Authenticator,
        clock: Clock,
        counters: Counters,
        before_work: Callable[[], None],
        on_disconnect: Callable[[Session], None],
        signed_in: Callable[[Session, PlayerInfo], None],
    ) -> None:
        self._join_service = join_service
        self._seating = seating
        self._rooms = rooms
        self._authenticator = authenticator
        self._clock = clock
        self._counters = counters
        self._signed_in = signed_in
        # What sessions ask for besides.
        self.before_work = before_work
        self.may_wait = join_service.stays
        self.on_place_changed = join_service.parties.on_place_changed
        self.confirm = seating.confirm
        self.on_disconnect = on_disconnect
        self._handlers: Mapping[type, Callable[[Session, Any], None]] = {
            Ping: self._ping,
            Join: self._join,
            Resume: self._resume,
            Leave: self._leave,
            Chat: self._chat,
            Mute: self._say_in_room,
            Cancel: self._cancel,
            WatchRooms: self._watch_rooms,
            Reserve: self._reserve,
            EnterParty: self._enter_party,
            LeaveParty: self._leave_party,
            **dict.fromkeys(get_args(RoomMessage), self._tell_room),
        }

    def handle(self, session: Session, message: Any) -> None:
        """Do what a message says, and have its sender pay. Raises RumpusError."""
        self.before_work()
        if session.connection.closed:
            return
        base, each, listed = prices.price_of(message)
        known = base + listed * self._join_service.room_list.shown
        session.purse.spend(known)
        before, began = session.room, self._clock.now()
        try:
            self._handlers[type(message)](session, message)
        finally:
            room = session.room or before
            price = known if room is None else known + each * room.people
            # Where a game takes long to begin a match, that is what it costs.
            took = (self._clock.now() - began) * SECOND
            session.purse.take(max(price, took) - known)

    # Coming and going.

    def _ping(self, session: Session, message: Ping) -> None:
        tick = session.room.current_tick if session.room is not None else 0
        session.send(Pong(time=message.time, server_time=self._clock.now(), tick=tick))

    def _join(self, session: Session, message: Join) -> None:
        _require_no_room(session)
        if message.role == "spectator":
            return self._watch(session, message)
        options = _read_options(session, message)
        room = room_of_token(message.seat) if message.seat is not None else message.room
        info = self._introduce(session, message, room)
        info.options = message.options
        with _making_rooms():
            try:
                self._join_service.join(session, info, message, options)
            except JoinError as error:
                self._counters.joins_refused_busy += error.code == "server_busy"
                raise

    def _watch(self, session: Session, message: Join) -> None:
        if session in self._join_service.quick_play.searches:
            raise MessageError("not_possible", "You are waiting for a match; cancel that first.")
        info = self._introduce(session, message, message.room)
        with nullcontext() if message.room is None else guessing(session):
            self._seating.watch(session, info, message.room)

    def _introduce(self, session: Session, message: Join | EnterParty, room: str | None) -> PlayerInfo:
        """Who this is. Whoever has signed in pays too, on whatever address they are."""
        info = self._authenticator.introduce(message, room, session.purse.take)
        self._signed_in(session, info)
        return info

    def _resume(self, session: Session, message: Resume) -> None:
        _require_no_room(session)
        self._seating.resume(session, message.session, message.serial)

    def _leave(self, session: Session, message: Leave) -> None:
        if session in self._join_service.quick_play.searches:
            self._join_service.quick_play.cancel(session)
        elif session.spectator is not None:
            self._seating.stop_watching(session, "left")
        elif session.player is None or session.room is None:
            raise session.seatless()
        else:
            room = session.room
            self._seating.remove(session.player.player_id, "left")
            if room.room_id not in self._rooms.by_code:
                # The game raised and its room was closed; the others were told, but this player had left it already.
                session.send_error(game_failed())

    # In a room.

    def _chat(self, session: Session, message: Chat) -> None:
        if session.spectator is not None and session.room is not None:
            session.room.take_spectator_chat(session.spectator, message.text, session.purse.spend_chat)
        else:
            self._say_in_room(session, message)

    def _say_in_room(self, session: Session, message: Chat | Mute) -> None:
        if session.player is None or session.room is None:
            raise session.seatless()
        session.room.take_chat(session.player, message, session.purse.spend_chat)

    def _tell_room(self, session: Session, message: RoomMessage) -> None:
        if session.player is None or session.room is None:
            raise session.seatless()
        with self._rooms.guarding(session.room):
            session.room.handle(session.player, message)

    # With and without a seat.

    def _cancel(self, session: Session, message: Cancel) -> None:
        self._join_service.quick_play.cancel(session)

    def _watch_rooms(self, session: Session, message: WatchRooms) -> None:
        with _making_rooms():
            self._join_service.watch_rooms(session, message.on)

    def _reserve(self, session: Session, message: Reserve) -> None:
        if not self._authenticator.guests and session.player is None:
            raise MessageError("token_required", "This server takes no guests; join with a ticket, then reserve seats.")
        options = _read_options(session, message)
        with _making_rooms():
            self._join_service.reserve_for(session, message, options)

    def _enter_party(self, session: Session, message: EnterParty) -> None:
        # A party goes anywhere, so nobody is in one whose ticket is for certain rooms.
        info = self._introduce(session, message, None)
        with _making_rooms():
            self._join_service.enter_party(session, message, info)

    def _leave_party(self, session: Session, message: LeaveParty) -> None:
        with _making_rooms():
            self._join_service.leave_party(session)


def _require_no_room(session: Session) -> None:
    if session.room is not None:
        raise MessageError("already_joined", "This connection has joined a room; leave it first.")


def _read_options(session: Session, message: Join | Reserve) -> JoinOptions:
    """What the options say, which may cost more than one message. Raises MessageError (`bad_message`)."""
    options = read_options(message.options)
    values = sum(len(value) if isinstance(value, list) else 1 for value in options.filter.values())
    session.purse.take(values * prices.VALUE)
    return options


@contextmanager
def _making_rooms() -> Iterator[None]:
    """Around what runs the game's code before there is a room that could be closed. Raises JoinError (`game_error`)."""
    try:
        yield
    except RumpusError:
        raise
    except BaseException:  # see `Rooms.end_failed`
        logger.exception("the game raised; no room was made")
        raise no_room_made() from None
