"""The whole server: connections become sessions, sessions get seats in rooms, and one loop ticks every room.

What it does again and again is in `main_loop`, how newcomers find their room in `reception`, what plain HTTP is
answered in `routes`. Here all of it meets: rooms are opened and closed, seats given, held, taken over and freed.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

import msgspec

from ..clock import Clock, SystemClock
from ..config import Limits, RoomOptions
from ..connection import Connection
from ..endpoints.routes import make_routes
from ..errors import JoinError, MessageError, SettingsError
from ..game.contract import ChatFilter, Game, PlayerInfo
from ..game.settings import build_settings
from ..identity.codes import new_code
from ..identity.tokens import new_token
from ..matchmaking.join_service import JoinService
from ..matchmaking.matchmaker import RatingSource
from ..net.listener import Listener
from ..net.origin_policy import OriginPolicy
from ..net.trusted_proxies import TrustedProxies
from ..protocol import GOING_AWAY, JoinOptions, Notice, RoomMessage
from ..protocol.codec import Codec, Decode
from ..results.record import MatchRecord
from ..room.game_room import GameRoom
from ..room.player import Player
from ..room.spectators import room_to_watch
from ..sync.message_log import send_to
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .ended_matches import EndedMatches
from .main_loop import MainLoop
from .seat_registry import Seat, SeatRegistry
from .session import Session

if TYPE_CHECKING:
    import ssl

    from ..net.batch.reader import BatchReader
    from ..results.storage.recorder import Recorder
    from ..tickets import TicketVerifier

logger = logging.getLogger(__name__)

#: What those are told who come before the game is ready.
PREPARING = "This server starts for the first time and is getting ready. Your match begins in a moment."
#: Connections for whose sake numba is loaded, which takes 50 MB, for a game that does not use it.
_LANE_PAYS = 64
#: Seconds that clients get, when the server stops, to answer its close frame.
_STOP_TIMEOUT = 2.0
#: Seconds that the database gets, when the server stops, to take the last results; what it does not take waits.
_RECORD_TIMEOUT = 2.0


class GameServer:
    """Serves one kind of game on one port.

    `game` is the Game class. The operator's settings are `options.settings`; they are checked here, so that a wrong
    one raises SettingsError before anything listens. `identity` checks the tickets of joins; with `guests` false nobody
    joins without one. `allowed_origins` and `trusted_proxies` are as `--allow-origin` and `--trusted-proxy` take them;
    ConfigurationError if they cannot be used.
    """

    def __init__(
        self,
        game: type[Game],
        options: RoomOptions | None = None,
        limits: Limits | None = None,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        allowed_origins: frozenset[str] = frozenset(),
        trusted_proxies: Iterable[str] = (),
        identity: TicketVerifier | None = None,
        guests: bool = True,
        on_result: Callable[[MatchRecord], None] | None = None,
        ratings: RatingSource | None = None,
        recorder: Recorder | None = None,
        chat_filter: ChatFilter | None = None,
    ) -> None:
        self.game = game
        self.options = options or RoomOptions()
        self.limits = limits or Limits()
        self.clock = clock or SystemClock()
        self.rooms: dict[str, GameRoom] = {}
        self.outbox = WriteQueue()
        self.sessions: dict[Connection, Session] = {}
        self.seats = SeatRegistry(self.limits.max_held_per_address)
        self.counters = Counters()
        self.loop = MainLoop(self)
        self.schedule, self.overload = self.loop.schedule, self.loop.overload
        self.ended = EndedMatches(self, recorder, on_result)
        self.stopping = False
        #: Set while the game is not ready to be played (see `Game.is_prepared`): people can join, matches wait.
        self.preparing = False
        #: What checks tickets, and whether people may join without one.
        self.identity = identity
        self.guests = guests
        self._settings = build_settings(game, self.options.settings)
        self.random = random or SystemRandom()
        #: Keeps results in a database. Started and closed with the server.
        self.recorder = recorder
        #: What people write and are called goes through it; see `rumpus.room.chat`.
        self.chat_filter = chat_filter
        self._decoders: dict[Codec, Decode] = {}
        self._next_player = 0
        self.reception = JoinService(self, self._settings, ratings or recorder)
        self._all_gone = asyncio.Event()
        self._lane = self.loop.lane = self._make_lane()
        self._listener = Listener(
            self.limits,
            make_routes(self),
            self.handle_client,
            OriginPolicy(allowed_origins),
            TrustedProxies(trusted_proxies),
            self._lane,
        )
        self._listener.before_work = self.loop.let_ticks_go_first
        self.loop.on_accept_rate = self._listener.accept_at

    # Connections.

    async def start_server(
        self, host: str | None = "127.0.0.1", port: int = 8000, tls: ssl.SSLContext | None = None
    ) -> tuple[str, int]:
        """Listen and run the main loop. Returns the address; port 0 lets the system choose one.

        `host` None means every interface. With `tls` (see `rumpus.net.tls`) it speaks https and wss only. Raises
        OSError if the address cannot be had.
        """
        self._listener.tls = tls
        addresses = await self._listener.listen(host, port)
        if self.recorder is not None:
            loop = asyncio.get_running_loop()
            # The libraries of databases come after the freeze below, and would make each full collection 20 ms longer.
            self.recorder.start(lambda written: _call_soon(loop, lambda: self.ended.rated(written)), gc.freeze)
        if self._lane is not None and "numba" in sys.modules:
            self._lane.start()
        # What exists now lives as long as the server: the collector need not look at it again. The thresholds are
        # measured, see docs/architecture.md.
        gc.collect()
        gc.freeze()
        gc.set_threshold(2_000, 10, 100)
        self.loop.start()
        return addresses[0]

    def renew_certificate(self, tls: ssl.SSLContext) -> None:
        """Use another certificate for connections that come from now on; those that exist keep theirs."""
        self._listener.tls = tls

    def _make_lane(self) -> BatchReader | None:
        if not self.limits.fast_lane or sys.platform != "linux":
            return None
        from ..net.batch.reader import BatchReader  # needs epoll

        return BatchReader(self.limits.max_message_size, self.loop.wake)

    def handle_client(self, websocket: Connection, path: str = "/ws") -> Session:
        """Take a new connection. Its messages arrive at the session from now on."""
        codec = websocket.codec
        decode = self._decoders.get(codec)
        if decode is None:
            decode = self._decoders[codec] = codec.decoder(self.game.Input)
        session = Session(self, websocket, decode)
        websocket.receiver = session
        self.sessions[websocket] = session
        self.loop.add_session(session)
        if self._lane is not None and len(self.sessions) >= _LANE_PAYS and self.loop.running:
            self._lane.start()
        logger.debug("connected", extra={"address": websocket.address, "path": path})
        if self.stopping:
            websocket.close(GOING_AWAY, "the server is stopping")
        return session

    def forget(self, session: Session) -> None:
        """A connection has ended: hold its seat for a while, or free it."""
        if session.seat is not None:
            self._drop(session, session.seat)
        self.stop_watching(session, "lost")
        self.reception.forget(session)
        self.sessions.pop(session.connection, None)
        self.loop.remove_session(session)
        if not self.sessions:
            self._all_gone.set()

    # Rooms.

    def create_room(
        self,
        max_players: int | None = None,
        *,
        settings: Any = None,
        private: bool = False,
        title: str = "",
        language: str | None = None,
        bots: int | None = None,
        hosted: bool = False,
    ) -> GameRoom:
        """Open a room. Raises JoinError (`server_full`, `server_busy`) when there are as many as can be.

        hosted: whether the first who comes is its host.
        """
        self.overload.refuse_join(new_room=True)
        if len(self.rooms) >= self.limits.max_rooms:
            # Rooms that are kept for somebody who may come back give way.
            for empty in [room for room in self.rooms.values() if not room.people and not room.reservations][:1]:
                self.dispose(empty)
        if len(self.rooms) >= self.limits.max_rooms:
            raise JoinError("server_full", f"This server has {self.limits.max_rooms} rooms, and may not have more.")
        options = self.options
        if max_players is not None:
            options = msgspec.structs.replace(options, max_players=max_players)
        if bots is not None:
            options = msgspec.structs.replace(options, bots=bots)
        room = GameRoom(
            new_code(self.random, self.rooms),
            self.game(),
            options,
            self._settings if settings is None else settings,
            clock=self.clock,
            random=self.random,
            limits=self.limits,
            private=private,
            title=title,
            language=language,
            new_player_id=self.new_player_id,
            counters=self.counters,
            may_start=lambda: not self.preparing,
            on_result=self.ended.add,
            on_change=self.reception.room_changed,
            outbox=self.outbox,
            dismiss=self.remove_player_from_room,
            chat_filter=self.chat_filter,
            hosted=hosted,
            # Whoever made it may have asked for less than there could be.
            most_players=max(options.max_players or 0, self.options.max_players or self.game.max_players),
            most_bots=max(options.bots, self.options.bots),
        )
        self.rooms[room.room_id] = room
        self.reception.room_changed(room)
        self.loop.add_room(room)
        self.counters.rooms_created += 1
        room.log_event("room_created", {"private": private})
        return room

    def assign_player_to_room(
        self,
        player_info: PlayerInfo,
        room_id: str | None = None,
        options: JoinOptions | None = None,
        address: str = "",
    ) -> GameRoom:
        """The room for a player: the one named, a new one if `options.create`, else the best open one, whatever the
        skill, or a new one if none fits.

        `address` is where they come from, which may be banned. Raises JoinError (`room_not_found`, `room_full`,
        `room_in_progress`, `room_locked`, `banned`, `server_full`, `server_busy`) or SettingsError.
        """
        return self.reception.assign(player_info, room_id, options or JoinOptions(), address)

    def reserve_seats(
        self, count: int, room_id: str | None = None, options: JoinOptions | None = None
    ) -> tuple[GameRoom, list[str]]:
        """Keep seats for people who are on their way, for `RoomOptions.reservation_time`.

        The room is found as by `assign_player_to_room`. Returns it and a token for each seat, for `join.seat`.
        Raises what `assign_player_to_room` raises.
        """
        return self.reception.reserve(count, room_id, options or JoinOptions())

    def seat(
        self,
        session: Session,
        room: GameRoom,
        info: PlayerInfo,
        *,
        reserved: str | None = None,
        party: str | None = None,
    ) -> None:
        """Seat a session's player, see `GameRoom.add_player`. Raises JoinError if there is no seat."""
        if room.room_id not in self.rooms:
            # It was opened for several, and failed with the first of them.
            raise JoinError("game_error", "The game failed and its room was closed. You can join another.")
        token = new_token()
        with self._ending_on_fault(room):
            player = room.add_player(session.connection, info, token, reserved=reserved, party=party)
            session.sit(self.seats.take(room, player, session, token))
        self.reception.parties.seated(session)
        if self.preparing and session.player is not None:
            session.send(Notice(level="info", text=PREPARING))

    def resume(self, session: Session, token: str, serial: int) -> None:
        """Give a session the seat that it once had. Raises JoinError (`session_expired`)."""
        seat = self.seats.find(token)
        old = seat.session
        self.reception.resumed(seat.player.player_id, old, session)
        if old is not None:
            old.taken_over()
        new = self.seats.renew(seat, session, token)
        session.sit(seat, resumed=True)
        with self._ending_on_fault(seat.room):
            seat.room.return_player(seat.player, session.connection, new, serial)
        self.reception.parties.seated(session)

    def watch(self, session: Session, info: PlayerInfo, room_id: str | None) -> None:
        """Let a session watch.

        Raises JoinError (`room_not_found`, `spectators_full`, `banned`, `server_full`, `server_busy`).
        """
        if self.stopping:
            raise JoinError("server_full", "This server is stopping.")
        self.overload.refuse_join(new_room=False)
        room = room_to_watch(self.rooms, room_id)
        if room.is_banned(info, session.connection.address):
            raise JoinError("banned", "You were sent away from this room and cannot come back.")
        info.player_id = f"s{info.player_id[1:]}"
        with self._ending_on_fault(room):
            session.watch(room, room.watch(session.connection, info, new_token()))
        self.reception.parties.seated(session)

    def stop_watching(self, session: Session, reason: str) -> None:
        """Nothing happens for a session that watches nothing."""
        room, spectator = session.room, session.spectator
        if room is not None and spectator is not None:
            session.stand_up(self.clock.now())
            self.reception.parties.seated(session)
            room.stop_watching(spectator, reason)

    def _drop(self, session: Session, seat: Seat) -> None:
        """A connection is lost with a seat."""
        room, now = seat.room, self.clock.now()
        held = room.options.reconnect_time
        if held == 0 or self.stopping or not self.seats.hold(seat, now + held):
            self.remove_player_from_room(seat.player.player_id, "lost")
            return
        session.stand_up(now)
        with self._ending_on_fault(room):
            room.drop_player(session.connection)

    @property
    def players(self) -> Mapping[str, Seat]:
        """The seats of people, those who are away included, by player id."""
        return self.seats.by_player

    def remove_player_from_room(self, player_id: str, reason: str = "left") -> bool:
        """Free a player's seat; the connection stays. False if nobody of that id is seated."""
        seat = self.seats.by_player.get(player_id)
        if seat is None:
            return False
        self._unseat(seat)
        with self._ending_on_fault(seat.room):
            seat.room.release_seat(seat.player, reason)
        return True

    def tell_room(self, room: GameRoom, player: Player, message: RoomMessage) -> None:
        """A player wants something of their room. Raises MessageError, JoinError or SettingsError."""
        with self._ending_on_fault(room):
            room.handle(player, message)

    def _unseat(self, seat: Seat) -> None:
        self.seats.free(seat)
        if seat.session is not None:
            seat.session.stand_up(self.clock.now())
            self.reception.parties.seated(seat.session)

    def close_room(self, room: GameRoom) -> None:
        """Take a room away; the people in it keep their connections and lose their seats."""
        if self.rooms.pop(room.room_id, None) is None:
            return
        self.reception.room_closed(room)
        self.loop.remove_room(room)
        for player_id in room.players:
            seat = self.seats.by_player.get(player_id)
            if seat is not None:
                self._unseat(seat)
        for connection in room.close():
            session = self.sessions.get(connection)
            if session is not None:
                session.stand_up(self.clock.now())
                self.reception.parties.seated(session)

    def guard(self, room: GameRoom, call: Callable[[], None]) -> None:
        """Do something in which the room's game may raise; if it does, the room is closed."""
        with self._ending_on_fault(room):
            call()

    @contextmanager
    def _ending_on_fault(self, room: GameRoom) -> Iterator[None]:
        """A game that raises ends its own room and nothing else."""
        try:
            yield
        except (JoinError, MessageError, SettingsError):
            raise
        except Exception:
            self.end_failed(room)

    def end_failed(self, room: GameRoom) -> None:
        """Close a room whose game has just raised."""
        self.counters.failed_rooms += 1
        logger.exception("the game raised; its room is closed", extra={"room": room.room_id})
        if room.room_id not in self.rooms:
            return
        sessions = [self.sessions[connection] for connection in room.everybody() if connection in self.sessions]
        self.close_room(room)
        for session in sessions:
            session.send_error("game_error", "The game failed and its room was closed. You can join another.")

    # Everyone.

    def broadcast_global(self, message: Any) -> None:
        """Send a message to every connected client, seated or not."""
        send_to(list(self.sessions), message)

    # The main loop.

    def tick(self) -> float:
        """Tick every room that is due. Returns the seconds until the next is."""
        return self.loop.tick()

    def dispose(self, room: GameRoom) -> None:
        """Close a room in which nobody is."""
        with self._ending_on_fault(room):
            room.end_game("abandoned")
        if room.room_id in self.rooms:
            self.close_room(room)

    async def stop(self, text: str = "The server is stopping.") -> None:
        """Tell everyone, end the running matches with their results, close every connection and stop listening."""
        self.stopping = True
        self._listener.close()
        self.broadcast_global(Notice(level="warning", text=text))
        for room in list(self.rooms.values()):
            with self._ending_on_fault(room):
                room.end_game("server_stopped")
        self.loop.stop()
        for connection in list(self.sessions):
            connection.close(GOING_AWAY, "the server is stopping")
        if self._lane is not None:
            self._lane.close()
        if self.sessions:
            self._all_gone.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), _STOP_TIMEOUT)
        for room in list(self.rooms.values()):
            self.close_room(room)
        if self._lane is not None:
            await self._lane.wait_closed()
        if self.recorder is not None:
            await asyncio.to_thread(self.recorder.close, _RECORD_TIMEOUT)

    # HTTP.

    @property
    def results(self) -> Sequence[MatchRecord]:
        """The last matches that ended, newest last."""
        return self.ended.records

    @property
    def refused_connections(self) -> int:
        """Sockets that were turned away because of a limit on connections."""
        return self._listener.refused

    # Names.

    def new_player_id(self) -> str:
        self._next_player += 1
        return f"p{self._next_player}"


def _call_soon(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Have the event loop call a function, from another thread; nobody calls it once the loop is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function)
