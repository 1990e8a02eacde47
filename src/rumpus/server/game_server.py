"""The whole server: what connections, rooms, seats and the loop are made of meets here, behind a few methods.

Connections become sessions (`session`), which sit in rooms (`rooms`, `seating`) that one loop ticks (`main_loop`); how
newcomers find their room is in `rumpus.matchmaking`, what plain HTTP is answered in `rumpus.endpoints`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

from ..budget.held import HeldPlaces
from ..budget.ledger import Ledger
from ..budget.networks import Networks
from ..budget.toll import Toll
from ..clock import Clock, SystemClock
from ..config import Limits, RoomOptions
from ..connection import Connection
from ..endpoints.figures import Figures
from ..endpoints.routes import make_routes
from ..game.contract import ChatFilter, Game, PlayerInfo
from ..game.player_choices import PlayerChoices
from ..game.settings import build_settings
from ..matchmaking.join_service import JoinService
from ..net.batch.reader import batch_writer
from ..net.listener import Listener
from ..net.web_access import WebAccess, WebOptions
from ..protocol import GOING_AWAY, JoinOptions, Notice
from ..results.record import MatchRecord
from ..room.game_room import GameRoom
from ..sync.message_log import send_to
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .authenticator import Authenticator
from .dispatcher import Dispatcher
from .ended_matches import EndedMatches
from .event_loop import settle_memory
from .intake import Intake
from .load_shedding import LoadShedding
from .main_loop import MainLoop
from .opened_rooms import OpenedRooms
from .rating_lookup import RatingLookup, RatingSource
from .rooms import Rooms
from .seat_registry import Seat, SeatRegistry
from .seating import Seating
from .session import Session
from .sessions import Sessions
from .status import Status

if TYPE_CHECKING:
    import ssl

    from ..net.batch.reader import BatchReader
    from ..results.storage.recorder import Recorder
    from ..tickets import TicketVerifier

logger = logging.getLogger(__name__)

#: Connections for whose sake numba is loaded, which takes 50 MB, for a game that does not use it.
_LANE_PAYS = 64
#: Seconds that clients get, when the server stops, to answer its close frame.
_STOP_TIMEOUT = 2.0


class GameServer:
    """Serves one kind of game on one port.

    `game` is the Game class. The operator's settings are `options.settings`; they are checked here, so that a wrong
    one raises SettingsError before anything listens. `identity` checks the tickets of joins; with `guests` false nobody
    joins without one. `allowed_origins`, `trusted_proxies`, `unlimited` and `web` are what `--allow-origin`,
    `--trusted-proxy`, `--unlimited-from` and others take; ConfigurationError if they cannot be used.
    `log_lines_dropped` tells how many lines of the log nobody will read.
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
        unlimited: Iterable[str] = (),
        web: WebOptions = WebOptions(),  # noqa: B008  # it cannot be changed
        identity: TicketVerifier | None = None,
        guests: bool = True,
        on_result: Callable[[MatchRecord], None] | None = None,
        ratings: RatingSource | None = None,
        recorder: Recorder | None = None,
        chat_filter: ChatFilter | None = None,
        log_lines_dropped: Callable[[], int] = lambda: 0,
    ) -> None:
        self.game = game
        self.options = options or RoomOptions()
        self.limits = limits or Limits()
        self.clock = clock or SystemClock()
        self.counters = Counters()
        self.overload = LoadShedding(self.limits)
        held_places = HeldPlaces(self.limits.max_held_per_address)
        self.seats = SeatRegistry(held_places)
        #: Who may still do what, by address and by account.
        self.ledger = Ledger(self.limits, Networks("--unlimited-from", unlimited))
        self._sessions = Sessions(game, self.limits, self.clock, self.counters, self.ledger)
        #: Who is connected.
        self.sessions: Mapping[Connection, Session] = self._sessions.by_connection
        #: Keeps results in a database. Started and closed with the server.
        self.recorder = recorder
        new_player_id = map("p{}".format, count(1)).__next__
        operators = build_settings(game, self.options.settings)
        choices = PlayerChoices(game, operators, self.options.player_settings)
        random = random or SystemRandom()
        write_queue = WriteQueue(batch_writer)
        self._intake = Intake(self.overload)
        self._rooms = Rooms(
            game,
            self.options,
            choices,
            self.limits,
            clock=self.clock,
            random=random,
            counters=self.counters,
            load=self.overload,
            write_queue=write_queue,
            chat_filter=chat_filter,
            new_player_id=new_player_id,
            may_start=self._intake.may_start,
            opened=OpenedRooms(self.ledger, self.limits, self.clock),
        )
        self._seating = Seating(self._rooms, self.seats, self._intake, self._sessions.by_connection, self.clock)
        self.join_service = JoinService(
            choices,
            self.options,
            self.limits.max_party,
            rooms=self._rooms,
            seating=self._seating,
            intake=self._intake,
            look_up=RatingLookup(ratings or recorder, self._rooms, self.seats),
            clock=self.clock,
            random=random,
            new_player_id=new_player_id,
            held_places=held_places,
        )
        self.loop = MainLoop(
            self._rooms,
            self.seats,
            self._seating,
            self.overload,
            write_queue,
            self.clock,
            self.limits.overload_lateness,
            self._advance,
        )
        self.loop.on_stood_still = self.join_service.stood_still
        self.schedule = self.loop.schedule
        self.ended = EndedMatches(self._rooms.by_code, self.seats, recorder, on_result, self.options)
        self.authenticator = Authenticator(identity, guests, self.limits.max_name_length, chat_filter, new_player_id)
        self._dispatcher = Dispatcher(
            self.join_service,
            self._seating,
            self._rooms,
            self.authenticator,
            self.clock,
            self.counters,
            before_work=self.loop.let_ticks_go_first,
            on_disconnect=self._sessions.forget,
            signed_in=self._sessions.sign_in,
        )
        self._sessions.on_open = self.loop.add_session
        self._sessions.on_gone = self._session_gone
        self._rooms.on_open = self._room_opened
        self._rooms.on_change = self.join_service.room_changed
        self._rooms.on_close = self._room_closed
        self._rooms.on_result = self.ended.add
        self._rooms.dismiss = self._seating.remove
        self._seating.on_resume = self.join_service.resumed
        self._lane = self.loop.lane = self._make_lane()
        #: What plain HTTP is answered.
        access, toll = WebAccess(allowed_origins, trusted_proxies, web), Toll(self.ledger, self.clock.now)
        rooms = self.join_service.room_list.fullest
        self.routes = make_routes(game.name, self.figures, rooms, self.clock, recorder, access.metrics)
        self._listener = Listener(self.limits, self.routes, self.handle_client, access, toll, self._lane)
        self._listener.before_work = self.loop.let_ticks_go_first
        if self._lane is not None:
            self._lane.before_work = self.loop.let_ticks_go_first
        self.loop.on_accept_rate = self._listener.accept_at
        self._status = Status(
            game.name,
            self._intake,
            self._rooms,
            self.seats,
            self._sessions,
            self.join_service,
            self.ledger,
            self._listener,
            self.counters,
            self.overload,
            self.schedule,
            recorder,
            log_lines_dropped,
        )

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
        self.ended.start()
        if self._lane is not None and "numba" in sys.modules:
            self._lane.start()
        settle_memory()
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
        session = self._sessions.open(websocket, path, self._dispatcher)
        if self._lane is not None and len(self.sessions) >= _LANE_PAYS and self.loop.running:
            self._lane.start()
        if self._intake.stopping:
            websocket.close(GOING_AWAY, "the server is stopping")
        return session

    def _advance(self, now: float) -> None:
        """Several times a second."""
        self.join_service.advance(now)
        self.ledger.expire(now)

    def _session_gone(self, session: Session) -> None:
        """A connection has ended."""
        self._seating.forget(session)
        self.join_service.forget(session)
        self.loop.remove_session(session)

    # Rooms.

    @property
    def rooms(self) -> Mapping[str, GameRoom]:
        """All rooms, by code."""
        return self._rooms.by_code

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
        return self._rooms.create(
            None,
            max_players,
            settings=settings,
            private=private,
            title=title,
            language=language,
            bots=bots,
            hosted=hosted,
        )

    def close_room(self, room: GameRoom) -> None:
        """Take a room away; the people in it keep their connections and lose their seats."""
        self._rooms.close(room)

    def _room_opened(self, room: GameRoom) -> None:
        self.join_service.room_changed(room)
        self.loop.add_room(room)

    def _room_closed(self, room: GameRoom) -> None:
        with ExitStack() as stack:
            # Each is done whatever becomes of the others.
            stack.callback(self._seating.room_closed, room)
            stack.callback(self.loop.remove_room, room)
            self.join_service.room_closed(room)

    # Seats.

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
        return self.join_service.assign(player_info, room_id, options or JoinOptions(), address)

    def reserve_seats(
        self, count: int, room_id: str | None = None, options: JoinOptions | None = None
    ) -> tuple[GameRoom, list[str]]:
        """Keep seats for people who are on their way, for `RoomOptions.reservation_time`.

        The room is found as by `assign_player_to_room`. Returns it and a token for each seat, for `join.seat`.
        Raises what `assign_player_to_room` raises.
        """
        return self.join_service.reserve(count, room_id, options or JoinOptions())

    @property
    def players(self) -> Mapping[str, Seat]:
        """The seats of people, here or away, by player id."""
        return self.seats.by_player

    def remove_player_from_room(self, player_id: str, reason: str = "left") -> bool:
        """Free a player's seat; the connection stays. False if nobody of that id is seated."""
        return self._seating.remove(player_id, reason)

    # Everyone.

    def broadcast_global(self, message: Any) -> None:
        """Send a message to every connected client, seated or not."""
        send_to(list(self.sessions), message)

    # The main loop.

    def tick(self) -> float:
        """Tick every room that is due. Returns the seconds until the next is."""
        return self.loop.tick()

    async def stop(self, text: str = "The server is stopping.") -> None:
        """Tell everyone, end the running matches with their results, close every connection and stop listening."""
        self._intake.stopping = True
        self._listener.close()
        self.broadcast_global(Notice(level="warning", text=text))
        for room in list(self._rooms.by_code.values()):
            with self._rooms.guarding(room):
                room.end_game("server_stopped")
        self.loop.stop()
        if self._lane is not None:
            self._lane.close()
        await self._sessions.close(_STOP_TIMEOUT)
        for room in list(self._rooms.by_code.values()):
            self._rooms.close(room)
        if self._lane is not None:
            await self._lane.wait_closed()
        await self.ended.close()

    # How it is.

    def figures(self) -> Figures:
        """What monitoring wants to know, at this moment."""
        return self._status.figures()

    @property
    def preparing(self) -> bool:
        """Set while the game is not ready to be played (see `Game.is_prepared`): people can join, matches wait."""
        return self._intake.preparing

    @preparing.setter
    def preparing(self, preparing: bool) -> None:
        self._intake.preparing = preparing

    @property
    def results(self) -> Sequence[MatchRecord]:
        """The last matches that ended, newest last."""
        return self.ended.records

    @property
    def refused_connections(self) -> int:
        """Sockets that were turned away because of a limit on connections."""
        return self._listener.refused
