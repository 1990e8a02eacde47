"""The rooms of a server: opened, found by their codes, and closed.

Whatever a game raises ends its own room and nothing else: whoever calls into a game does so through `guard` or
`guarding`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any

import msgspec

from ..budget.purse import Purse
from ..clock import Clock
from ..config import Limits, RoomOptions
from ..errors import JoinError, MessageError, SettingsError, game_failed
from ..game.contract import ChatFilter, Game
from ..game.faults import hook_of
from ..game.player_choices import PlayerChoices
from ..identity.codes import new_code
from ..protocol import Error
from ..results.record import OnResult
from ..room.game_room import GameRoom
from ..sync.message_log import send_to
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .load_shedding import LoadShedding
from .opened_rooms import OpenedRooms

logger = logging.getLogger(__name__)


class Rooms:
    """All of them. choices: what players may choose, and what rooms are like for which nobody has."""

    def __init__(
        self,
        game: type[Game],
        options: RoomOptions,
        choices: PlayerChoices,
        limits: Limits,
        *,
        clock: Clock,
        random: Random,
        counters: Counters,
        load: LoadShedding,
        write_queue: WriteQueue,
        chat_filter: ChatFilter | None,
        new_player_id: Callable[[], str],
        may_start: Callable[[], bool],
        opened: OpenedRooms,
    ) -> None:
        self._game = game
        self._options = options
        self._choices = choices
        self._limits = limits
        self._clock = clock
        self._random = random
        self._counters = counters
        self._load = load
        self._write_queue = write_queue
        self._chat_filter = chat_filter
        self._new_player_id = new_player_id
        self._may_start = may_start
        self._opened = opened
        self.by_code: dict[str, GameRoom] = {}
        #: How many rooms have failed in which of the game's methods.
        self.faults: Counter[str] = Counter()
        #: Told of a room that was opened, of one that may have opened or closed to newcomers, and of one that is not
        #: found any more and about to end.
        self.on_open: Callable[[GameRoom], None] = lambda room: None
        self.on_change: Callable[[GameRoom], None] = lambda room: None
        self.on_close: Callable[[GameRoom], None] = lambda room: None
        #: Told of a match that has ended.
        self.on_result: OnResult = lambda record, circumstances: None
        #: Takes a player's seat away, by id and reason.
        self.dismiss: Callable[[str, str], object] = lambda player_id, reason: None

    def create(
        self,
        purse: Purse | None,
        max_players: int | None = None,
        *,
        settings: Any = None,
        private: bool = False,
        title: str = "",
        language: str | None = None,
        bots: int | None = None,
        hosted: bool = False,
        code: str | None = None,
    ) -> GameRoom:
        """Open a room.

        purse: of whoever wants it, and pays for it.  hosted: whether the first who comes is its host.  code: one that
        no room has; left out, a new one.  Raises JoinError (`server_full`, `server_busy`) when there are as many as can
        be, MessageError (`rate_limited`) when there are as many from one address.
        """
        self._load.refuse_join(new_room=True)
        if purse is not None:
            self._opened.check(purse)
        if len(self.by_code) >= self._limits.max_rooms:
            # Rooms that are kept for somebody who may come back give way.
            for empty in [room for room in self.by_code.values() if not room.people and not room.reservations][:1]:
                self.dispose(empty)
        if len(self.by_code) >= self._limits.max_rooms:
            raise JoinError("server_full", f"This server has {self._limits.max_rooms} rooms, and may not have more.")
        options = self._options
        if max_players is not None:
            options = msgspec.structs.replace(options, max_players=max_players)
        if bots is not None:
            options = msgspec.structs.replace(options, bots=bots)
        room = GameRoom(
            new_code(self._random, self.by_code) if code is None else code,
            self._game(),
            options,
            self._choices.operators if settings is None else settings,
            self._choices,
            clock=self._clock,
            random=self._random,
            limits=self._limits,
            private=private,
            title=title,
            language=language,
            new_player_id=self._new_player_id,
            counters=self._counters,
            may_start=self._may_start,
            on_result=self.on_result,
            on_change=self.on_change,
            write_queue=self._write_queue,
            dismiss=self.dismiss,
            chat_filter=self._chat_filter,
            hosted=hosted,
            # Whoever made it may have asked for less than there could be.
            most_players=max(options.max_players or 0, self._options.max_players or self._game.max_players),
            most_bots=max(options.bots, self._options.bots),
        )
        self.by_code[room.room_id] = room
        try:
            self.on_open(room)
        except Exception:
            self.close(room)
            raise
        self._counters.rooms_created += 1
        if purse is not None:
            self._opened.add(purse, room)
        room.log_event("room_created", {"private": private})
        return room

    def dispose(self, room: GameRoom) -> None:
        """Close a room in which nobody is."""
        with self.guarding(room):
            room.end_game("abandoned")
        if room.room_id in self.by_code:
            self.close(room)

    def close(self, room: GameRoom) -> None:
        """Take a room away; the people in it keep their connections and lose their seats.

        Whatever raises meanwhile is logged, and nothing of the room is left all the same.
        """
        if self.by_code.pop(room.room_id, None) is None:
            return
        self._opened.closed(room)
        try:
            with ExitStack() as stack:
                stack.callback(room.close)
                self.on_close(room)
        except Exception:
            logger.exception("something failed while a room was closed", extra={"room": room.room_id})

    # What games do wrong.

    def guard(self, room: GameRoom, call: Callable[[], None]) -> None:
        """Do something in which the room's game may raise; if it does, the room is closed."""
        with self.guarding(room):
            call()

    @contextmanager
    def guarding(self, room: GameRoom) -> Iterator[None]:
        """The same, around a block. What is a client's mistake is raised to the caller."""
        try:
            yield
        except (JoinError, MessageError, SettingsError):
            raise
        except BaseException as error:
            self.end_failed(room, error)

    def end_failed(self, room: GameRoom, error: BaseException) -> None:
        """Close a room whose game has just raised, whatever that was: a game is not to end the server by `SystemExit`,
        nor to stop its loop by `CancelledError`, which are no `Exception`s.
        """
        hook = hook_of(error, room.game)
        self._counters.failed_rooms += 1
        self.faults[hook] += 1
        details = {"game": room.game.name, "hook": hook}
        extra = {"room": room.room_id, "tick": room.current_tick, "details": details}
        logger.error("the game raised; its room is closed", exc_info=error, extra=extra)
        if room.room_id not in self.by_code:
            return
        people = room.everybody()
        self.close(room)
        failed = game_failed()
        send_to(people, Error(code=failed.code, message=failed.message))
