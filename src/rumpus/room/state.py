"""What a room is like at this moment, as plain data, and the changes that there may be.

Its parts read it. Each change is a method, so that a search for its name finds whoever makes it: the life cycle changes
the status, `changes` what is played and by whom, `GameRoom` who decides and how many are known to watch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from ..config import RoomOptions
from ..game.contract import Game
from ..protocol import RoomStatus


@dataclass(slots=True, kw_only=True)
class RoomState:
    """One room. Rates in Hz, times in seconds."""

    room_id: str
    options: RoomOptions
    #: The game's settings for the next match, an instance of its `Settings`.
    settings: Any
    private: bool
    title: str
    language: str | None
    max_players: int
    min_players: int
    tick_rate: float
    send_rate: float
    #: Whether somebody made this room, so that it has a host; and what a host may ask for at most.
    hosted: bool
    most_players: int
    most_bots: int
    status: RoomStatus = "waiting"
    #: While a match is paused, its tick stands still.
    paused: bool = False
    #: The host's player id.
    host: str | None = None
    #: Whether newcomers are kept out.
    locked: bool = False
    #: How many people the running match began with, and whether strangers were kept out of it at any time.
    began_with: int = 0
    was_private: bool = False
    #: Spectators, as people were told last. Who comes now is told the same: what is different is told to all, soon.
    spectators: int = 0
    #: Seconds from one tick to the next.
    tick_interval: float = field(init=False)

    def __post_init__(self) -> None:
        self.tick_interval = 1 / self.tick_rate

    @classmethod
    def of(
        cls,
        room_id: str,
        game: Game,
        options: RoomOptions,
        settings: Any,
        *,
        most_players: int | None,
        most_bots: int | None,
        **given: Any,
    ) -> RoomState:
        """A new room: where the options say nothing, the game does."""
        max_players = options.max_players or game.max_players
        tick_rate = float(options.tick_rate or game.tick_rate)
        return cls(
            room_id=room_id,
            options=options,
            settings=settings,
            max_players=max_players,
            min_players=min(options.min_players or game.min_players, max_players),
            tick_rate=tick_rate,
            send_rate=min(float(options.send_rate or tick_rate), tick_rate),
            most_players=most_players or max_players,
            most_bots=options.bots if most_bots is None else most_bots,
            **given,
        )

    @property
    def running(self) -> bool:
        """Whether a match is in progress, paused or not."""
        return self.status == "in-progress"

    @property
    def pausable(self) -> bool:
        """Whether players may agree to a pause."""
        return self.private and self.options.pause_time > 0

    # The life cycle.

    def begin_match(self, people: int) -> None:
        """From waiting to in-progress, with so many people."""
        self.status, self.began_with = "in-progress", people
        self.was_private = self.private

    def end_match(self) -> None:
        """From in-progress to ended."""
        self.status = "ended"

    def wait(self) -> None:
        """From ended to waiting."""
        self.status = "waiting"

    def pause(self, paused: bool) -> None:
        """The tick stands still from now on, or goes on."""
        self.paused = paused

    # What may be decided about a room.

    def appoint(self, host: str | None) -> None:
        """Who is the host from now on, by player id."""
        self.host = host

    def change_access(self, private: bool, locked: bool) -> None:
        """Who may find the room, and who may come in."""
        self.private, self.locked = private, locked
        self.was_private |= private

    def resize(self, max_players: int, bots: int, least: int) -> None:
        """So many seats, and bots at most; `least` players make a match, if the operator says nothing else."""
        self.options = msgspec.structs.replace(self.options, max_players=max_players, bots=bots)
        self.max_players = max_players
        self.min_players = min(self.options.min_players or least, max_players)

    def change_settings(self, settings: Any) -> None:
        """What is played from the next match on."""
        self.settings = settings

    def told_of_spectators(self, count: int) -> None:
        """So many watch, as everybody is told now."""
        self.spectators = count
