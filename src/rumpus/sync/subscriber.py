"""Somebody who is sent the state of a match: a player's client, or a recording. Of the player it knows only the id."""

from __future__ import annotations

from typing import Any, Protocol

from ..connection import Connection


class Source(Protocol):
    """Where inputs come from that are acknowledged with each state."""

    #: The number of the newest input that the game has seen, or -1.
    ack: int
    #: How long before its tick it came (s), if it was for one.
    margin: float | None

    def note_at(self, slot: int) -> None:
        """In which slot both are to be noted as soon as they change; -1: in none."""


class NoInputs:
    """The source of those who only watch."""

    ack = -1
    margin: float | None = None

    def note_at(self, slot: int) -> None:
        pass


class Subscriber:
    """One client of a room. player_id: whose view it gets; empty for a recording, which sees everything."""

    __slots__ = ("connection", "holds", "in_sync", "news_from", "player_id", "slot", "source", "watching")

    def __init__(self, connection: Connection, source: Source, player_id: str = "") -> None:
        self.connection = connection
        self.source = source
        self.player_id = player_id
        #: Whether it is shown a recording, as spectators are, and gets no state of its own.
        self.watching = False
        #: Whether it holds the state that was sent last, so that a delta is enough.
        self.in_sync = False
        #: Where it is told in plain data only what it may know: what it holds, as whoever sends that keeps it.
        self.holds: Any = None
        #: Its number in the room's `TableSender`, or -1.
        self.slot = -1
        #: Which of the room's waiting news are news to it; the first of them.
        self.news_from = 0

    def enter(self, slot: int) -> None:
        """It has this number among those who get tables; -1: it gets none any more."""
        self.slot = slot
        self.source.note_at(slot)

    def forget(self) -> None:
        """Another match begins: it holds nothing."""
        self.in_sync = False
